"""Near ties: scores that differ only by rounding are one score.

``0.1 + 0.2`` and ``0.3`` are the same score. Two numbers are equal here when they differ by no more than
`RELATIVE` times their size, and two absolute differences are equal when they differ by no more than `RELATIVE`
times the size of the scores they come from.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .results import Floats

Places = npt.NDArray[np.intp]

#: How far apart, relative to their size, two equal scores may be.
RELATIVE = 1e-12


def sizes(a: Floats, b: Floats) -> Floats:
    """The larger of |a| and |b|, elementwise: the size that rounding is measured against."""
    return np.asarray(np.maximum(np.abs(a), np.abs(b)))


def differences(a: Floats, b: Floats) -> Floats:
    """``a - b``, with exactly 0 where the two are equal within rounding; NaN stays NaN.

    Examples
    --------
    >>> differences(np.array([.1 + .2, .4]), np.array([.3, .3])).round(3).tolist()
    [0.0, 0.1]
    """
    difference = a - b
    difference[np.abs(difference) <= RELATIVE * sizes(a, b)] = 0.0
    return np.asarray(difference)


def zeroed(values: Floats, tolerance: Floats) -> Floats:
    """Put 0, in place, for what is no larger than its tolerance: a mean that its scores' rounding could have made.

    Examples
    --------
    >>> zeroed(np.array([1e-17, .1]), np.array([1e-12, 1e-12])).tolist()
    [0.0, 0.1]
    """
    values[np.abs(values) <= tolerance] = 0.0
    return values


def deviations(d: Floats, mean: Floats, size: Floats) -> Floats:
    """Differences less their mean, all exactly 0 in a row whose differences are one within rounding.

    A row in which some differences are 0 and others are not is never constant, however small those are.

    Parameters
    ----------
    d, size : ndarray, shape (m, n)
        Differences, and the size of the scores behind each; NaN is a missing score, whose deviation is 0.
    mean : ndarray, shape (m,)

    Examples
    --------
    >>> deviations(np.array([[.1, .1 + 1e-17], [0, 1e-17]]), np.array([.1, 5e-18]), np.ones((2, 2))).tolist()
    [[0.0, 0.0], [-5e-18, 5e-18]]
    """
    missing = np.isnan(d)
    found = np.where(missing, 0.0, d - mean[:, None])
    # Few rows are alike in their first difference, and only those can be so in all.
    some = np.flatnonzero(_alike(found[:, :1], d[:, :1], size[:, :1]))
    found[some[_alike(found[some], d[some], size[some])]] = 0.0
    return np.asarray(found)


def _alike(deviation: Floats, d: Floats, size: Floats) -> npt.NDArray[np.bool_]:
    """In which rows all differences are missing, or the mean within rounding and not 0."""
    return np.asarray((np.isnan(d) | ((np.abs(deviation) <= RELATIVE * size) & (d != 0))).all(axis=1))


def lengths(rows: Floats) -> Floats:
    """Square root of the sum of squares of every row, also where the squares themselves would leave the numbers.

    Examples
    --------
    >>> lengths(np.array([[3.0, 4.0], [3e-200, 4e-200]])).tolist()
    [5.0, 5e-200]
    """
    # In units of a power of two, so that no other bit changes.
    unit = np.ldexp(1.0, np.frexp(np.abs(rows).max(axis=1, initial=0.0))[1])
    return np.asarray(unit * np.sqrt(((rows / unit[:, None]) ** 2).sum(axis=1)))


def doubled_midranks(values: Floats, size: Floats) -> npt.NDArray[np.int64]:
    """Twice the ascending midrank of every value within its row, so that all ranks are integers.

    Parameters
    ----------
    values : ndarray, shape (m, n)
        Rows to rank. NaN ranks last.
    size : ndarray, shape (m, n)
        What rounding is measured against: neighbours within `RELATIVE` of the larger size share a rank. A value of
        exactly 0 has no rounding of its own.

    Returns
    -------
    ndarray of int, shape (m, n)

    Examples
    --------
    >>> doubled_midranks(np.array([[.5, .1, .5, .7]]), np.ones((1, 4))).tolist()
    [[5, 2, 5, 8]]
    """
    m, n = values.shape
    if n == 0:
        return np.zeros((m, 0), dtype=np.int64)
    order = np.argsort(values, axis=1)
    order += (np.arange(m) * n)[:, None]
    ordered = values.ravel()[order]
    ranks = np.empty((m, n), dtype=np.int64)
    ranks.ravel()[order] = np.arange(2, 2 * n + 2, 2)
    first, last = _runs(ordered, order, size)
    if len(first):
        length = last - first + 1
        members = np.arange(length.sum()) + np.repeat(first - (np.cumsum(length) - length), length)
        ranks.ravel()[order.ravel()[members]] = np.repeat(first % n + last % n + 2, length)
    return ranks


def _runs(ordered: Floats, order: Places, size: Floats) -> tuple[Places, Places]:
    """Where runs of neighbours within rounding begin and end, counted through all rows, which are in order; `order` says where each value stood."""
    n = ordered.shape[1]
    gap = ordered[:, 1:] - ordered[:, :-1]
    # Few neighbours are so close that any size of their row could make them one: only those are looked at by their own.
    some = np.flatnonzero(gap <= RELATIVE * np.fmax.reduce(size, axis=1)[:, None])
    if not len(some):
        return some, some
    left = some + some // (n - 1)
    values, sizes = ordered.ravel(), size.ravel()[order.ravel()[[left, left + 1]]]
    sizes[values[[left, left + 1]] == 0] = 0.0
    left = left[gap.ravel()[some] <= RELATIVE * np.maximum(*sizes)]
    begins = np.flatnonzero(np.diff(left, prepend=-2) != 1)
    return left[begins], left[np.append(begins[1:], len(left)) - 1] + 1 if len(left) else left


def squared_midranks(values: Floats, size: Floats) -> npt.NDArray[np.int64]:
    """Sum of the squares of every row's `doubled_midranks`, for which most rows need not be ranked; nothing is missing.

    Parameters
    ----------
    values, size : ndarray, shape (m, n)

    Examples
    --------
    2^2 + 5^2 + 5^2 + 8^2, and 2^2 + 4^2 + 6^2 + 8^2:

    >>> squared_midranks(np.array([[.5, .1, .5, .7], [.5, .1, .6, .7]]), np.ones((2, 4))).tolist()
    [118, 120]
    """
    m, n = values.shape
    ordered = np.sort(values, axis=1)
    near = np.flatnonzero((ordered[:, 1:] - ordered[:, :-1] <= RELATIVE * size.max(axis=1)[:, None]).any(axis=1))
    found = np.full(m, 2 * n * (n + 1) * (2 * n + 1) // 3)
    if len(near):
        order = np.argsort(values[near], axis=1) + (np.arange(len(near)) * n)[:, None]
        first, last = _runs(ordered[near], order, size[near])
        tied = last - first + 1
        # A run of t values takes (t^3 - t) / 12 from the sum of the squares, four times as much from that of the doubled ones.
        np.subtract.at(found, near[first // n], (tied**3 - tied) // 3)
    return found


def rank_rows(values: npt.NDArray[Any], *, higher_is_better: bool = True) -> Floats:
    """Ranks within every row, 1 for the best; equal scores share the mean of their ranks; NaN stays NaN.

    Parameters
    ----------
    values : ndarray, shape (n_tasks, n_models)
        Scores.
    higher_is_better : bool
        The direction of the scores.

    Returns
    -------
    ndarray, shape (n_tasks, n_models)

    Examples
    --------
    >>> rank_rows(np.array([[.9, .5, .5, .1]])).tolist()
    [[1.0, 2.5, 2.5, 4.0]]
    """
    values = np.asarray(values, dtype=np.float64)
    ranks = doubled_midranks(-values if higher_is_better else values, np.abs(values)) / 2
    ranks[np.isnan(values)] = np.nan
    return np.asarray(ranks)


def midranks(values: npt.NDArray[Any]) -> Floats:
    """Ranks within every row, 1 for the smallest; only values that are equal to the last bit share a rank; NaN stays NaN.

    Examples
    --------
    >>> midranks(np.array([[0.1, 0.5, 0.5, np.nan]])).tolist()
    [[1.0, 2.5, 2.5, nan]]
    """
    return pd.DataFrame(values).rank(axis=1).to_numpy(dtype=np.float64)
