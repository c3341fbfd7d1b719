"""Kendall's rank correlation of prediction and gold (regression)."""

import numpy as np

from ..results import Floats
from ._cells import Cell

#: Entries of the pair matrices that are held at once.
_BLOCK = 1 << 22


def weighted_kendall(cell: Cell, weights: Floats, column: str = "prediction") -> Floats:
    """Kendall's tau-b under every row of weights.

    With integer weights it is exactly tau-b of the data in which every sample is repeated as often as its weight says:
    tau-b is a ratio of quadratic forms in the weights, and repetitions of one sample are ties in both variables.

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
    Kendall, M. G. (1945). The treatment of ties in ranking problems. Biometrika 33, 239-251.

    Examples
    --------
    Of three pairs two agree and one does not: (2 - 1) / 3 = .3333

    >>> cell = Cell(np.arange(3), {"prediction": np.array([.1, .2, .3]), "gold": np.array([1., 3, 2])})
    >>> weighted_kendall(cell, np.ones((1, 3))).round(4).tolist()
    [0.3333]
    """
    drawn = cell.weigh(weights)
    x, y = (np.asarray(cell.columns[name], dtype=np.float64) for name in (column, "gold"))
    agreement, in_x, in_y = np.zeros((3, len(drawn)))
    step = max(1, _BLOCK // max(1, len(x)))
    for start in range(0, len(x), step):
        rows = slice(start, start + step)
        dx = np.sign(x[rows, None] - x[None, :])
        dy = np.sign(y[rows, None] - y[None, :])
        for total, signs in ((agreement, dx * dy), (in_x, np.abs(dx)), (in_y, np.abs(dy))):
            total += np.einsum("ij,ij->i", drawn[:, rows] @ signs, drawn)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(agreement / np.sqrt(in_x * in_y))
