"""Spearman's rank correlation of similarity and gold (STS)."""

import numpy as np

from ..results import Floats
from ._cells import Cell, Indices, tie_groups


def weighted_spearman(cell: Cell, weights: Floats, column: str = "similarity") -> Floats:
    """Spearman's correlation under every row of weights, from one sort of each variable.

    With integer weights it is exactly the correlation of the data in which every sample is repeated as often as its
    weight says: tied samples share a midrank, repetitions of one sample are ties.

    Parameters
    ----------
    cell : Cell
        With the columns `column` and ``gold``.
    weights : ndarray, shape (n_resamples, n_units)
        How often every sample is drawn.
    column : str
        The predictions.

    Returns
    -------
    ndarray, shape (n_resamples,)
        NaN where a variable is constant.

    References
    ----------
    Spearman, C. (1904). Am. J. Psychol. 15, 72-101. Midranks: Conover (1999), Practical Nonparametric Statistics, 5.4.

    Examples
    --------
    Ranks 1 2 3 and 1 3 2: 1 - 6 (0 + 1 + 1) / (3 * 8) = .5

    >>> cell = Cell(np.arange(3), {"similarity": np.array([.1, .2, .3]), "gold": np.array([1., 3, 2])})
    >>> weighted_spearman(cell, np.ones((1, 3))).round(12).tolist()
    [0.5]
    """
    drawn = cell.weigh(weights)
    total = drawn.sum(axis=1)
    x = _midranks(drawn, *_sorted(cell, column))
    y = _midranks(drawn, *_sorted(cell, "gold"))
    middle = ((total + 1) / 2)[:, None]
    x -= middle
    y -= middle
    sxy = np.einsum("ij,ij,ij->i", drawn, x, y)
    sxx = np.einsum("ij,ij,ij->i", drawn, x, x)
    syy = np.einsum("ij,ij,ij->i", drawn, y, y)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = sxy / np.sqrt(sxx * syy)
    # A constant variable has no spread but rounding.
    r[(sxx <= 1e-9 * total) | (syy <= 1e-9 * total)] = np.nan
    return np.asarray(r)


def _sorted(cell: Cell, column: str) -> tuple[Indices, Indices]:
    if column not in cell.prepared:
        cell.prepared[column] = tie_groups(np.asarray(cell.columns[column], dtype=np.float64))
    order, ends = cell.prepared[column]
    return order, ends


def _midranks(drawn: Floats, order: Indices, ends: Indices) -> Floats:
    """Midrank of every row in the repeated data, shape (n_resamples, n_rows)."""
    upto = np.cumsum(drawn[:, order], axis=1)
    last = upto[:, ends]
    before = np.concatenate([np.zeros((len(drawn), 1)), last[:, :-1]], axis=1)
    # A run of ties fills the places before + 1 .. last; its members share the middle one.
    shared = (before + last + 1) / 2
    ranks = np.empty_like(upto)
    ranks[:, order] = np.repeat(shared, np.diff(ends, prepend=-1), axis=1)
    return ranks
