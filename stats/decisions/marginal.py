"""One pair by itself: its exact p-value, and the critical value that goes with it, on the scale of the flip statistics."""

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, ndtr, ndtri

from ..pairwise._wilcoxon import EXACT_LIMIT, null_distribution
from ..results import Floats
from .statistics import Sign, Statistic
from .units import Units

Whole = npt.NDArray[np.int64]


def signed_rank_marginal(weights: Floats, norm: Floats, alpha: float, sign: int) -> tuple[Floats, Floats]:
    """Wilcoxon's exact p-value (normal beyond 50 nonzero differences, as `wilcoxon`), and the statistic it takes at alpha.

    Parameters
    ----------
    weights : ndarray, shape (m, n)
        Signed doubled midranks.
    norm : ndarray, shape (m,)
        Root of the sum of their squares.
    alpha : float
    sign : int
        0 two-sided, 1 where positive sums are striking, -1 where negative ones are.

    Returns
    -------
    pvalue, critical : ndarray, shape (m,)
        P is at most alpha exactly where the standardised statistic exceeds the critical value; 1 and infinity without a nonzero rank.
    """
    pvalue, critical = np.ones(len(weights)), np.full(len(weights), np.inf)
    nonzero = (weights != 0).sum(axis=1)
    many = np.flatnonzero(nonzero > EXACT_LIMIT)
    if len(many):
        pvalue[many], critical[many] = _normal(weights.sum(axis=1)[many], norm[many], alpha, sign)
    exact = np.flatnonzero((nonzero <= EXACT_LIMIT) & (nonzero > 0))
    if not len(exact):
        return pvalue, critical
    signed = weights.astype(np.int64)
    ranks = np.abs(signed)
    total, plus = ranks.sum(axis=1), np.where(signed > 0, signed, 0).sum(axis=1)
    multisets, inverse = np.unique(np.sort(ranks[exact], axis=1), axis=0, return_inverse=True)
    order = np.argsort(inverse.ravel(), kind="stable")
    bounds = np.searchsorted(inverse.ravel()[order], np.arange(len(multisets) + 1))
    for g, multiset in enumerate(multisets):
        rows = exact[order[bounds[g] : bounds[g + 1]]]
        below = null_distribution(multiset[multiset > 0].astype("<i4").tobytes())
        if sign == 0:
            pvalue[rows] = np.minimum(1.0, 2 * below[np.minimum(plus[rows], total[rows] - plus[rows])])
        else:
            pvalue[rows] = below[total[rows] - plus[rows] if sign > 0 else plus[rows]]
        # Doubled sums are whole: the smaller one may be at most `count` - 1, the signed one must exceed total - 2 count + 1.
        count = int(np.searchsorted(below, alpha * (1 + 1e-12) / (1 if sign else 2), side="right"))
        if count:
            critical[rows] = (total[rows[0]] - 2 * count + 1) / norm[rows]
    return pvalue, critical


def _normal(total: Floats, norm: Floats, alpha: float, sign: int) -> tuple[Floats, Floats]:
    """Normal approximation with the correction for continuity: half a rank, two in a doubled signed sum."""
    shift = np.abs(total) if sign == 0 else sign * total
    z = (shift - 2.0 * np.sign(shift) if sign == 0 else shift - 2.0) / norm
    sides = 1 if sign else 2
    pvalue = np.minimum(1.0, sides * ndtr(-z))
    return np.asarray(pvalue), np.asarray((-ndtri(alpha / sides)) + 2 / norm)


def sign_marginal(weights: Floats, alpha: float, sign: int) -> tuple[Floats, Floats]:
    """The same of the sign test, by the binomial distribution; weights are 1, 0 and -1."""
    plus, minus = (weights > 0).sum(axis=1), (weights < 0).sum(axis=1)
    n, sides = plus + minus, 1 if sign else 2
    tail = np.minimum(plus, minus) if sign == 0 else minus if sign > 0 else plus
    pvalue = np.where(n > 0, np.minimum(1.0, sides * bdtr(tail, np.maximum(n, 1), 0.5)), 1.0)
    critical = np.full(len(n), np.inf)
    for size in np.unique(n[n > 0]):
        below = bdtr(np.arange(size + 1), size, 0.5)
        count = int(np.searchsorted(below, alpha * (1 + 1e-12) / sides, side="right"))
        if count:
            critical[n == size] = (size - 2 * count + 1) / np.sqrt(size)
    return np.asarray(pvalue), critical


def exact_marginal(
    statistic: Statistic, d: Floats, weighed: tuple[Floats, Floats], alpha: float, sign: int
) -> tuple[Floats, Floats]:
    """P-value and critical value of every row of differences, of the signed ranks or the signs, from the statistic's weights of them."""
    weights, norm = weighed
    if isinstance(statistic, Sign):
        return sign_marginal(weights, alpha, sign)
    pvalue, critical = signed_rank_marginal(weights, norm, alpha, sign)
    same = norm == 0
    if same.any():
        # Identical models: shifted by anything, all differences are equal, and the signed ranks are the sign test's.
        _, critical[same] = sign_marginal((~np.isnan(d[same])).astype(np.float64), alpha, sign)
    return pvalue, critical


def exact_ends(units: Units, statistic: Statistic, alpha: float, sign: int) -> tuple[Floats, Floats, Floats]:
    """Estimate, low and high of every pair by itself: the exact test inverted at this level.

    Parameters
    ----------
    units : Units
    statistic : SignedRank or Sign
    alpha : float
        Level of one pair.
    sign : int
        0 two-sided, 1 greater, -1 less.
    """
    found = np.full((3, len(units)), np.nan)
    for block in units.slices(units.n_units * (units.n_units + 1) // 2):
        d, size = units.differences(block)
        _, critical = exact_marginal(statistic, d, statistic.weights(d, size), alpha, sign)
        inverted = statistic.invert(d, size, [critical])
        found[0, block] = inverted.estimate
        found[1, block], found[2, block] = one_sided(inverted.low[0], inverted.high[0], sign, statistic)
    return found[0], found[1], found[2]


def one_sided(low: Floats, high: Floats, sign: int, statistic: Statistic) -> tuple[Floats, Floats]:
    """A one-sided test says nothing of the other end."""
    least, most = statistic.bounds
    if sign > 0:
        return low, np.full_like(high, most)
    return (np.full_like(low, least), high) if sign < 0 else (low, high)
