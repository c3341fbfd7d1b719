"""What the definitions say of tasks, as the table of tasks that `Scores` has."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bench.task_families import metric_range

from .definitions import TaskDefinition


def task_table(asked: Sequence[TaskDefinition]) -> pd.DataFrame:
    """Return the task table of `Scores` (with more columns, see `embsig.read_scores`) from definitions."""
    ranges = [metric_range(t.metric) if t.metric else (np.nan, np.nan) for t in asked]
    return pd.DataFrame(
        {
            "family": [t.family or None for t in asked],
            "group": [t.group for t in asked],
            "metric": [t.metric or None for t in asked],
            "n_samples": [t.n_samples for t in asked],
            "languages": [" ".join(t.all_languages) or None for t in asked],
            "low": [low for low, _ in ranges],
            "high": [high for _, high in ranges],
            "current_revision": [t.revision for t in asked],
            "parts": [" ".join(t.parts) or None for t in asked],
        },
        index=pd.Index([t.name for t in asked], name="task"),
    )
