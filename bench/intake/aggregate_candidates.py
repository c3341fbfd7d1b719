"""Which rows of a table may be made of the others: told by one cell a row, for all rows at once."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: How many rows before or after one a block is looked for that it is the mean of.
BLOCK = 60


def rounding(row: Floats, digits: int, others: int) -> float:
    """How far a row may be from what it is made of: it was rounded after it was made of numbers that may have been rounded, too.

    A cell of few decimals by luck does not widen this: `digits` are those of the whole row.

    Examples
    --------
    >>> round(rounding(np.array([0.5, 0.25]), 2, 3), 6)
    0.005501
    """
    size = max(1.0, float(np.nanmax(np.abs(row), initial=0.0)))
    return 0.5001 * 10.0**-digits + 0.5001 * 10.0**-others + 1e-12 * size


def candidates(
    values: Floats,
    base: list[int],
    suspects: list[int],
    digits: npt.NDArray[np.int64],
    families: npt.NDArray[np.object_] | None,
) -> list[int]:
    """Return the suspects whose first score is a mean or sum of the same column's other scores; nearly no row of a plain table is.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
    base : list of int
        Rows of which the others may be made, in their order; the suspects are among them.
    suspects : list of int
    digits : ndarray, shape (rows,)
        How many decimals each row is written with.
    families : ndarray or None
        Each row's family.

    Returns
    -------
    list of int
        Never without one that is made of the others; some that are not.
    """
    if len(base) < 3 or not suspects:
        return []
    at = np.isfinite(values).argmax(axis=1)
    # Wider than `rounding` of any row, so that what prefix sums lose does not count.
    wide = (
        0.5002 * 10.0 ** -digits.astype(float)
        + 0.5002 * 10.0 ** -float(digits[base].min())
        + 1e-9 * (1 + np.nanmax(np.abs(values), initial=0.0))
    )
    here = np.zeros(len(values), dtype=bool)
    for column in np.unique(at[suspects]):
        mine = [i for i in base if at[i] == column]
        where = np.searchsorted(base, mine)
        scores = values[base, column]
        made = list(_made(scores, where, None if families is None else families[base]))
        close = np.abs(np.asarray(made) - scores[where]) <= wide[mine]
        here[np.asarray(mine)[close.any(axis=0)]] = True
    return [i for i in suspects if here[i]]


def _made(scores: Floats, where: npt.NDArray[np.intp], families: npt.NDArray[np.object_] | None) -> Iterator[Floats]:
    """Every mean and sum that the other scores of a column may come to, for the scores at `where`."""
    there = np.isfinite(scores)
    filled = np.where(there, scores, 0.0)
    rest = filled.sum() - filled[where]
    yield rest / np.maximum(there.sum() - there[where], 1)
    yield rest
    if families is not None and not any(f is None for f in families):
        yield _mean_of_families(filled, where, families)
    sums = np.concatenate([[0.0], np.cumsum(filled)])
    for n in range(2, min(BLOCK, len(scores) - 1) + 1):
        before = where - n
        yield np.where(before >= 0, sums[where] - sums[np.maximum(before, 0)], np.inf) / n
        after = where + n + 1
        yield np.where(after < len(sums), sums[np.minimum(after, len(scores))] - sums[where + 1], np.inf) / n


def _mean_of_families(filled: Floats, where: npt.NDArray[np.intp], families: npt.NDArray[np.object_]) -> Floats:
    """The mean of the families' means, without the score itself."""
    names, of = np.unique(families.astype(str), return_inverse=True)
    sums, sizes = np.bincount(of, filled), np.bincount(of)
    means = np.where(sizes > 0, sums / sizes, 0.0)
    mine = of[where]
    left = sizes[mine] - 1
    own = np.where(left > 0, (sums[mine] - filled[where]) / np.maximum(left, 1), 0.0)
    return np.asarray((means.sum() - means[mine] + own) / np.maximum(len(names) - (left == 0), 1))
