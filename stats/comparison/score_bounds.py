"""What a mean score can be at all."""

import numpy as np

from ..scores import Scores


def possible_means(scores: Scores) -> tuple[float, float]:
    """Smallest and largest mean over tasks that the metrics allow; unbounded where their ranges are not known or not kept."""
    if not {"low", "high"} <= set(scores.tasks.columns):
        return -np.inf, np.inf
    low, high = (scores.tasks[c].to_numpy(dtype=np.float64, na_value=np.nan)[:, None] for c in ("low", "high"))
    values = scores.values
    kept = np.isnan(values) | ((values >= low) & (values <= high))
    return (
        (float(low.mean()), float(high.mean())) if kept.all() and not np.isnan(low + high).any() else (-np.inf, np.inf)
    )
