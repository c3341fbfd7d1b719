"""Average precision of similarity for binary gold (pair classification)."""

import numpy as np

from ..results import Floats
from ._cells import Cell, tie_groups


def weighted_average_precision(cell: Cell, weights: Floats, column: str = "similarity") -> Floats:
    """Average precision under every row of weights: sum over thresholds of the gain in recall times precision.

    Samples of equal similarity pass a threshold together, as in scikit-learn's ``average_precision_score``.

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
        NaN where no positive sample is drawn.

    Examples
    --------
    Positives at places 1 and 3: (1/1 + 2/3) / 2 = .8333

    >>> cell = Cell(np.arange(3), {"similarity": np.array([.9, .8, .7]), "gold": np.array([1, 0, 1])})
    >>> weighted_average_precision(cell, np.ones((1, 3))).round(4).tolist()
    [0.8333]
    """
    if column not in cell.prepared:
        order, ends = tie_groups(np.asarray(cell.columns[column], dtype=np.float64), descending=True)
        cell.prepared[column] = order, ends, np.asarray(cell.columns["gold"], dtype=np.float64)[order]
    order, ends, positive = cell.prepared[column]
    drawn = weights[:, cell.unit[order]]
    passed = np.cumsum(drawn, axis=1)[:, ends]
    hits = np.cumsum(drawn * positive, axis=1)[:, ends]
    gained = np.diff(hits, axis=1, prepend=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(passed > 0, hits / passed, 0.0)
        return np.asarray((gained * precision).sum(axis=1) / hits[:, -1])
