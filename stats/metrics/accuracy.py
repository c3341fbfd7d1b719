"""Best accuracy over thresholds of similarity (pair classification)."""

import numpy as np

from ..results import Floats
from ._cells import Cell, tie_groups


def weighted_best_accuracy(cell: Cell, weights: Floats, column: str = "similarity") -> Floats:
    """Accuracy at the best threshold between two distinct similarities, under every row of weights.

    Parameters
    ----------
    cell : Cell
        With the columns `column` (more is more alike) and ``gold`` (0 or 1).
    weights : ndarray, shape (n_resamples, n_units)
        How often every sample is drawn.
    column : str
        The predictions.

    Returns
    -------
    ndarray, shape (n_resamples,)
        A threshold beyond the last sample is not tried, as in mteb; 0 where there is none between two samples.

    Examples
    --------
    Below .9 and above .8: one hit, and one of the two others rightly refused: 2/3.

    >>> cell = Cell(np.arange(3), {"similarity": np.array([.9, .8, .7]), "gold": np.array([1, 0, 1])})
    >>> weighted_best_accuracy(cell, np.ones((1, 3))).round(4).tolist()
    [0.6667]
    """
    order, ends = tie_groups(np.asarray(cell.columns[column], dtype=np.float64), descending=True)
    positive = np.asarray(cell.columns["gold"], dtype=np.float64)[order]
    drawn = weights[:, cell.unit[order]]
    total = drawn.sum(axis=1, keepdims=True)
    hits = np.cumsum(drawn * positive, axis=1)[:, ends]
    false_alarms = np.cumsum(drawn * (1 - positive), axis=1)[:, ends]
    right = (hits + (drawn * (1 - positive)).sum(axis=1, keepdims=True) - false_alarms) / total
    passed = np.cumsum(drawn, axis=1)[:, ends]
    # A threshold stands between two samples that were both drawn.
    allowed = (passed > 0) & (passed < total)
    return np.asarray(np.where(allowed, right, 0.0).max(axis=1, initial=0.0))
