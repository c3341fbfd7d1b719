"""Metrics that are means over samples: nDCG@10 per query, correct or not per text, ..."""

from collections.abc import Sequence

import numpy as np

from ..results import Floats
from ._cells import Cell

#: Metrics that are means, and the column that they are the mean of.
MEANS = {"mean": "score", "accuracy": "correct"}

#: About how many numbers per sample and cell are held at once.
_BLOCK = 4_000_000


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
    sums, sizes = _per_sample(cell, column, weights.shape[1])
    with np.errstate(invalid="ignore"):
        return np.asarray((weights @ sums) / (weights @ sizes))


def weighted_means(models: Sequence[Sequence[Sequence[Cell]]], weights: Floats, column: str) -> Floats:
    """`weighted_mean` of many models at once: one product of matrices in place of two products per cell.

    Equal to it but for the order in which the products are summed (a relative 1e-15).

    Parameters
    ----------
    models : sequence
        Of every model its blocks (split, subset), and of every block its cells.
    weights : ndarray, shape (n_resamples, n_units)
    column : str

    Returns
    -------
    ndarray, shape (n_resamples, n_models)
        The mean over blocks of the mean over their cells.
    """
    n_units = weights.shape[1]
    out = np.empty((len(weights), len(models)))
    pending: list[int] = []
    columns: list[Floats] = []
    denominators: dict[bytes, Floats] = {}
    of_column: list[Floats] = []

    def flush() -> None:
        totals = weights @ np.stack(columns, axis=1)
        with np.errstate(invalid="ignore"):
            ratios = iter([totals[:, i] / size for i, size in enumerate(of_column)])
        for m in pending:
            out[:, m] = np.mean([np.mean([next(ratios) for _ in cells], axis=0) for cells in models[m]], axis=0)
        for held in (pending, columns, of_column):
            held.clear()

    for m, blocks in enumerate(models):
        for cell in (cell for cells in blocks for cell in cells):
            sums, sizes = _per_sample(cell, column, n_units)
            key = sizes.tobytes()
            if key not in denominators:
                denominators[key] = weights @ sizes
            columns.append(sums)
            of_column.append(denominators[key])
        pending.append(m)
        if len(columns) * n_units > _BLOCK:
            flush()
    if pending:
        flush()
    return out


def _per_sample(cell: Cell, column: str, n_units: int) -> tuple[Floats, Floats]:
    """Sum of a column and number of rows, per sample: both sums of a mean are then products of weights with a vector."""
    values = np.asarray(cell.columns[column], dtype=np.float64)
    sums = np.bincount(cell.unit, weights=values, minlength=n_units).astype(np.float64)
    return sums, np.bincount(cell.unit, minlength=n_units).astype(np.float64)
