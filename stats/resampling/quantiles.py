"""Quantiles and shares of rows of draws: of sorted rows, where NaN stands last and is left out, and of rows in any order."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..results import Floats
from .blocks import Memory

Counts = npt.NDArray[np.intp]

#: One draw of so many says about where a quantile lies.
_EVERY = 16
#: Rows of fewer draws are put in order as a whole.
_FEW = 2_000


def valid_counts(ordered: Floats) -> Counts:
    """How many numbers of every row are not NaN."""
    m, n = ordered.shape
    if not np.isnan(ordered[:, -1]).any():
        return np.full(m, n, dtype=np.intp)
    return np.asarray(n - np.isnan(ordered).sum(axis=1), dtype=np.intp)


def count(rows: Floats, compare: np.ufunc, points: Floats, memory: Memory) -> Counts:
    """How many numbers of every row, in any order, compare so with its point."""
    found = compare(rows, points[:, None], out=memory.flags("count", *rows.shape))
    return np.asarray([np.count_nonzero(row) for row in found], dtype=np.intp)  # four times as fast as with an axis


def count_below(ordered: Floats, point: Floats, valid: Counts, *, or_equal: bool) -> Counts:
    """How many of the first `valid` numbers of every row are below its point, by bisection."""
    rows = np.arange(len(ordered))
    low, high = np.zeros(len(ordered), dtype=np.intp), valid.copy()
    while (low < high).any():
        middle = (low + high) // 2
        value = ordered[rows, np.minimum(middle, ordered.shape[1] - 1)]
        below = value <= point if or_equal else value < point
        open_ = low < high
        low, high = np.where(open_ & below, middle + 1, low), np.where(open_ & ~below, middle, high)
    return low


def share_below(ordered: Floats, point: Floats, tolerance: Floats, valid: Counts) -> Floats:
    """Share of every row below a point, ties by half, kept off 0 and 1."""
    under = count_below(ordered, point - tolerance, valid, or_equal=False)
    up_to = count_below(ordered, point + tolerance, valid, or_equal=True)
    return kept_off_ends((under + up_to) / np.maximum(2 * valid, 1), valid)


def kept_off_ends(share: Floats, valid: Counts) -> Floats:
    """Shares of so many draws, no nearer to 0 or 1 than one draw more could bring them; NaN of none."""
    return np.asarray(np.where(valid > 0, np.clip(share, 1 / (valid + 1), valid / (valid + 1)), np.nan))


def quantiles_of(
    rows: Floats, *shares: float, of: Callable[[Floats], Floats] | None = None, memory: Memory | None = None
) -> tuple[Floats, ...]:
    """Quantiles of rows in any order, which may change: to the last bit what `quantile` finds in the sorted rows.

    Parameters
    ----------
    rows : ndarray, shape (m, n)
    *shares : float
    of : callable, optional
        An increasing function: the quantiles of its values are found, but only those that are needed are taken.
    memory : Memory, optional

    Notes
    -----
    Only the tails are sorted: every 16th draw says about where a quantile lies, and few draws lie beyond that place (Floyd, R. W.
    and Rivest, R. L. (1975). Expected time bounds for selection. CACM 18, 165-172). It takes a quarter of the time of sorting.
    """
    if np.isnan(rows.max(axis=1, initial=-np.inf)).any():
        rows = np.sort(rows if of is None else of(rows), axis=1)
        valid = valid_counts(rows)
        return tuple(quantile(rows, np.full(len(rows), q), valid) for q in shares)
    n = rows.shape[1]
    at = [q * (n - 1) for q in shares]
    places = [i if q < 0.5 else i - n for q, i in zip(shares, map(int, at), strict=True)]
    # A place counts from the near end; its neighbour is the next draw, the last one has none.
    pairs = [(i, i if i == -1 or n == 1 else i + 1) for i in places]
    found = _order_statistics(rows, [i for pair in pairs for i in pair], memory or Memory())
    found = found if of is None else of(found)
    return tuple(
        _between(found[:, 2 * s], found[:, 2 * s + 1], at[s] - int(at[s]), np.full(len(rows), q))
        for s, q in enumerate(shares)
    )


def _order_statistics(rows: Floats, places: list[int], memory: Memory) -> Floats:
    """What stands at these places of the sorted rows, which have no NaN; negative places count from the end."""
    m, n = rows.shape
    left = max((i + 1 for i in places if i >= 0), default=0)
    right = max((-i for i in places if i < 0), default=0)
    if n < _FEW or 4 * (left + right) > n:
        rows.partition(sorted({i % n for i in places}), axis=1)
        return rows[:, places]
    sample = np.sort(rows[:, ::_EVERY], axis=1)
    low, high = np.full(m, -np.inf), np.full(m, np.inf)
    beyond = memory.flags("beyond", m, n)
    if left:
        low = sample[:, _margin(left / n * sample.shape[1])]
        np.less_equal(rows, low[:, None], out=beyond)
    if right:
        high = sample[:, -1 - _margin(right / n * sample.shape[1])]
        above = np.greater_equal(rows, high[:, None], out=memory.flags("above", m, n) if left else beyond)
        if left:
            beyond |= above
    at = np.flatnonzero(beyond)
    sizes = np.diff(np.searchsorted(at, np.arange(m + 1) * n))
    tails = memory.floats("tails", m, int(sizes.max(initial=0)))
    tails.fill(np.inf)
    tails[np.arange(tails.shape[1]) < sizes[:, None]] = rows.ravel()[at]
    tails.sort(axis=1)
    missed = sizes < left + right
    every, kept = np.arange(m), np.where(missed, 1, sizes)
    if left:
        missed |= tails[:, min(left, tails.shape[1]) - 1] > low
    if right:
        missed |= tails[every, np.maximum(kept - right, 0)] < high
    columns = [np.full(m, i) if i >= 0 else np.maximum(kept + i, 0) for i in places]
    found = np.stack([tails[every, np.minimum(c, tails.shape[1] - 1)] for c in columns], axis=1)
    for r in np.flatnonzero(missed):
        found[r] = np.sort(rows[r])[places]
    return found


def _margin(expected: float) -> int:
    """So far into a sample that one of hundreds of rows has fewer draws beyond than it needs."""
    return int(expected + 3 * np.sqrt(expected)) + 1


def quantile(ordered: Floats, q: Floats, valid: Counts) -> Floats:
    """Quantile q of the first `valid` numbers of every row, interpolated linearly, unbounded beside infinity."""
    last = np.maximum(valid - 1, 0)
    at = np.clip(np.nan_to_num(q), 0, 1) * last
    i = at.astype(np.intp)
    j = np.minimum(i + 1, last)
    rows = np.arange(len(ordered))
    lower, upper = ordered[rows, i], ordered[rows, j]
    return _between(lower, upper, at - i, q)


def _between(lower: Floats, upper: Floats, step: Floats | float, q: Floats) -> Floats:
    """The point `step` of the way from a draw to the next."""
    with np.errstate(invalid="ignore"):
        found = np.where((lower == upper) | (step == 0), lower, lower + step * (upper - lower))
    # From minus infinity on there is no interpolation: the interval is unbounded on that side.
    return np.asarray(np.where(np.isnan(found), np.where((q > 0.5) & np.isposinf(upper), upper, lower), found))
