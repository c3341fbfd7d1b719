"""Metrics that are means over samples: nDCG@10 per query, correct or not per text, ..."""

import numpy as np

from ..results import Floats
from ._cells import Cell


def weighted_mean(cell: Cell, weights: Floats, column: str = "score") -> Floats:
    """Mean of a column under every row of weights.

    Parameters
    ----------
    cell : Cell
    weights : ndarray, shape (n_resamples, n_units)
        How often every sample is drawn.
    column : str
        ``score`` (nDCG@10 of a query, ...) or ``correct`` (0 or 1).

    Returns
    -------
    ndarray, shape (n_resamples,)
        NaN where no sample of the cell is drawn.

    Examples
    --------
    >>> cell = Cell(np.arange(3), {"score": np.array([.2, .5, .8])})
    >>> weighted_mean(cell, np.array([[1., 1, 1], [2, 0, 1]])).round(6).tolist()  # (.2 + .2 + .8) / 3 = .4
    [0.5, 0.4]
    """
    values = np.asarray(cell.columns[column], dtype=np.float64)
    n_units = weights.shape[1]
    # Summing per sample first makes both sums a product of the weights with one vector.
    sums = np.bincount(cell.unit, weights=values, minlength=n_units)
    sizes = np.bincount(cell.unit, minlength=n_units).astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray((weights @ sums) / (weights @ sizes))
