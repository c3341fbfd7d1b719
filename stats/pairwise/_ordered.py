"""Rows of draws that are sorted once and then asked for quantiles and shares; NaN stands last and is left out."""

import numpy as np
import numpy.typing as npt

from ..results import Floats

Counts = npt.NDArray[np.intp]


def valid_counts(ordered: Floats) -> Counts:
    """How many numbers of every row are not NaN."""
    m, n = ordered.shape
    if not np.isnan(ordered[:, -1]).any():
        return np.full(m, n, dtype=np.intp)
    return np.asarray(n - np.isnan(ordered).sum(axis=1), dtype=np.intp)


def select(rows: Floats, *shares: float) -> None:
    """Bring rows without NaN, in place, into an order in which `quantile` finds these shares: half the time of sorting."""
    last = rows.shape[1] - 1
    places = {int(q * last) for q in shares}
    rows.partition(sorted(places | {min(p + 1, last) for p in places}), axis=1)


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
    share = (under + up_to) / np.maximum(2 * valid, 1)
    return np.asarray(np.where(valid > 0, np.clip(share, 1 / (valid + 1), valid / (valid + 1)), np.nan))


def quantiles(ordered: Floats, level: float) -> tuple[Floats, Floats]:
    """Both ends of the central interval of every row, interpolated linearly."""
    valid = valid_counts(ordered)
    low, high = (quantile(ordered, np.full(len(ordered), q), valid) for q in ((1 - level) / 2, (1 + level) / 2))
    return low, high


def quantile(ordered: Floats, q: Floats, valid: Counts) -> Floats:
    """Quantile q of the first `valid` numbers of every row, interpolated linearly, unbounded beside infinity."""
    last = np.maximum(valid - 1, 0)
    at = np.clip(np.nan_to_num(q), 0, 1) * last
    i = at.astype(np.intp)
    j = np.minimum(i + 1, last)
    rows = np.arange(len(ordered))
    lower, upper = ordered[rows, i], ordered[rows, j]
    step = at - i
    with np.errstate(invalid="ignore"):
        found = np.where((lower == upper) | (step == 0), lower, lower + step * (upper - lower))
    # From minus infinity on there is no interpolation: the interval is unbounded on that side.
    return np.asarray(np.where(np.isnan(found), np.where((q > 0.5) & np.isposinf(upper), upper, lower), found))
