"""Two models on one task where each score is the mean of several runs: how the difference varies with them."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import special

from ..pairwise.replicates import replicate_intervals
from .comparison import Comparison
from .on_request import TaskIntervals

#: Where runs are kept, and what they are in words: training runs before the experiments that one run consists of.
_RUNS = {"seed_scores": "training runs", "replicates": "repeated experiments"}


def replicate_differences(comparison: Comparison, most: int = 20) -> TaskIntervals | None:
    """Compare the best models, every pair on every task of which both have several runs; None where no two have.

    Parameters
    ----------
    comparison : Comparison
    most : int
        At most so many models.

    Returns
    -------
    TaskIntervals or None
        Welch's t intervals of the difference of means, uncorrected; ``n_samples`` is the smaller number of runs. The runs of two models
        are taken as independent of each other: where they share their seeds the intervals are rather too wide.

    References
    ----------
    Welch, B. L. (1947). The generalization of "Student's" problem when several different population variances are involved.
    Biometrika 34, 28-35.
    """
    cells = comparison.scores.cells
    column = next((c for c in _RUNS if cells is not None and c in cells and cells[c].map(_several).any()), None)
    if cells is None or column is None:
        return None
    own = cells.drop(columns="replicates", errors="ignore") if column != "replicates" else cells
    names = [str(m) for m in comparison.ranks["model"]][:most]
    own = own[own["model"].isin(names) & own["task"].isin(comparison.scores.task_names)]
    level = comparison.method.confidence_level
    known = replicate_intervals(
        replace(comparison.scores, cells=own.rename(columns={column: "replicates"})), confidence_level=level
    )
    found = [_of_task(task, rows, names, level) for task, rows in known.groupby("task", sort=False)]
    found = [rows for rows in found if len(rows)]
    if not found:
        return None
    return TaskIntervals(
        pd.concat(found, ignore_index=True), level, f"over the {_RUNS[column]} of each model (Welch's t)"
    )


def _several(runs: object) -> bool:
    return isinstance(runs, list | tuple | np.ndarray) and len(runs) > 1


def _of_task(task: object, rows: pd.DataFrame, names: list[str], level: float) -> pd.DataFrame:
    """Every pair of the models that have runs of this task, in rank order."""
    rows = rows.set_index("model").reindex([m for m in names if m in set(rows["model"])])
    first, second = np.triu_indices(len(rows), 1)
    mean, error, n = (rows[c].to_numpy(np.float64) for c in ("mean", "standard_error", "n"))
    squared = error**2
    both = squared[first] + squared[second]
    terms = squared**2 / (n - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        df = both**2 / (terms[first] + terms[second])
    # Runs that never differ have no spread, and no degrees of freedom.
    half = np.where(both > 0, special.stdtrit(np.where(both > 0, df, 1.0), (1 + level) / 2) * np.sqrt(both), 0.0)
    difference = mean[first] - mean[second]
    models = rows.index.to_numpy()
    return pd.DataFrame(
        {
            "model_a": models[first],
            "model_b": models[second],
            "task": task,
            "n_samples": np.minimum(n[first], n[second]).astype(int),
            "difference": difference,
            "low": difference - half,
            "high": difference + half,
        }
    )
