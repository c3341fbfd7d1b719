"""The Wilcoxon signed-rank test for every pair of models at once."""

from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import bdtr, ndtr, ndtri

from ..common.errors import unknown
from ..pairs import Alternative, Pairs, check_alternative
from ..resampling.blocks import for_each
from ..results import Floats, PairwiseResult
from ..scores import Scores
from ..ties import doubled_midranks

ZeroMethod = Literal["wilcox", "pratt", "zsplit"]
Counts = npt.NDArray[np.int64]

#: The null distribution is exact for up to this many nonzero differences.
EXACT_LIMIT = 50


def wilcoxon(
    scores: Scores | pd.DataFrame,
    *,
    zero_method: ZeroMethod = "wilcox",
    alternative: Alternative = "two-sided",
    control: str | None = None,
) -> PairwiseResult:
    """Wilcoxon signed-rank test of every pair of models over the tasks they share.

    Up to 50 nonzero differences the null distribution is exact, also with ties: it is the distribution of the sum
    of those of the observed midranks that get a plus when every sign is a fair coin's. Beyond, it is
    normal, with the variance corrected for ties and a correction for continuity. Where all nonzero differences are of
    one size, as between scores that are 0 or 1, it is exact for any number of them: the sign test, and McNemar's
    exact test. Every pair is treated by its own data, whatever else is in the table.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models. Tasks that either model of a pair lacks are left out of that pair; a pair that
        shares none has NaN.
    zero_method : {"wilcox", "pratt", "zsplit"}
        ``"wilcox"`` drops zero differences, ``"pratt"`` ranks them and then drops them, ``"zsplit"`` ranks them
        and gives half of their ranks to each side. The signs of zeros are not random, so the exact p of the
        last two is the same.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"``: a scores higher than b.
    control : str, optional
        Compare only with this model, which is then b of every pair.

    Returns
    -------
    PairwiseResult
        ``statistic`` is the smaller of the two rank sums (two-sided) or the sum of the positive ranks, as in
        scipy. The extra columns are ``n_nonzero`` and ``exact``. Models that are equal on every task have p = 1.

    Raises
    ------
    InputError
        If there are fewer than two models, or an option is unknown.

    References
    ----------
    Wilcoxon, F. (1945). Individual comparisons by ranking methods. Biometrics Bulletin 1(6), 80-83.
    Pratt, J. W. (1959). Remarks on zeros and ties in the Wilcoxon signed rank procedures. JASA 54, 655-667.
    Demsar, J. (2006). Statistical comparisons of classifiers over multiple data sets. JMLR 7, section 3.1.3.

    Examples
    --------
    Four tasks, a better on all of them by different amounts: the smallest of 2^4 equally likely rank sums, on
    two sides, is 2/16.

    >>> frame = pd.DataFrame({"a": [.5, .6, .7, .8], "b": [.4, .4, .4, .4]}, index=list("wxyz"))
    >>> wilcoxon(frame).pvalue.tolist()
    [0.125]
    """
    check_alternative(alternative)
    if zero_method not in ("wilcox", "pratt", "zsplit"):
        raise unknown("zero_method", zero_method, ("wilcox", "pratt", "zsplit"))
    pairs = Pairs.of(scores, control)
    statistic, pvalue = np.empty(len(pairs)), np.empty(len(pairs))
    nonzero, exact = np.empty(len(pairs), dtype=np.int64), np.empty(len(pairs), dtype=bool)

    def work(block: slice) -> None:
        statistic[block], pvalue[block], nonzero[block], exact[block] = _signed_rank(
            *pairs.differences_and_sizes(block), zero_method, alternative
        )

    for_each(pairs.slices(), work)
    n, difference = pairs.summary()
    statistic[n == 0] = pvalue[n == 0] = np.nan
    null = "exact" if exact.all() else "normal approximation" if not exact.any() else "exact up to 50, normal beyond"
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        difference,
        f"Wilcoxon signed-rank, {null}",
        statistic=statistic,
        pvalue=pvalue,
        alternative=alternative,
        extra={"n_nonzero": nonzero, "exact": exact},
    )


def _signed_rank(
    d: Floats, size: Floats, zero_method: str, alternative: str
) -> tuple[Floats, Floats, Counts, npt.NDArray[np.bool_]]:
    """Statistic, p-value, number of nonzero differences, and whether the p-value is exact, of every row of differences."""
    present = ~np.isnan(d)
    signed = present & (d != 0)
    zeros = (present & ~signed).sum(axis=1)
    ranks = doubled_midranks(np.abs(d), size)  # zeros come first, missing ones last
    if zero_method == "wilcox":
        ranks -= 2 * zeros[:, None]
    zero_ranks = np.where(present & ~signed, ranks, 0)
    ranks[~signed] = 0
    m = signed.sum(axis=1)
    plus = np.where(d > 0, ranks, 0).sum(axis=1)
    total = ranks.sum(axis=1)
    statistic = np.minimum(plus, total - plus) if alternative == "two-sided" else plus
    split = zero_ranks.sum(axis=1) / 2 if zero_method == "zsplit" else 0
    pvalue = np.empty(len(d))
    exact = m <= EXACT_LIMIT
    pvalue[exact] = _exact(np.sort(ranks[exact], axis=1), plus[exact], total[exact], alternative)
    # Following scipy, a split zero adds to the variance of the normal approximation as any other rank does.
    squares = (ranks**2).sum(axis=1) + ((zero_ranks**2).sum(axis=1) if zero_method == "zsplit" else 0)
    pvalue[~exact] = _normal(plus[~exact] / 2, total[~exact] / 2, squares[~exact] / 4, alternative)
    # Ranks that are all one rank count the plus signs, and counts are binomial: the normal approximation is not needed.
    counted = ~exact & (ranks.max(axis=1, initial=0) * m == total)
    pvalue[counted] = _binomial((d[counted] > 0).sum(axis=1), m[counted], alternative)
    return (statistic + split) / 2, pvalue, m, exact | counted


def _exact(ranks: Counts, plus: Counts, total: Counts, alternative: str) -> Floats:
    pvalue = np.empty(len(ranks))
    if not len(ranks):
        return pvalue
    multisets, inverse = np.unique(ranks, axis=0, return_inverse=True)
    order = np.argsort(inverse.ravel(), kind="stable")
    bounds = np.searchsorted(inverse.ravel()[order], np.arange(len(multisets) + 1))
    for g, multiset in enumerate(multisets):
        rows = order[bounds[g] : bounds[g + 1]]
        below = null_distribution(multiset[multiset > 0].astype("<i4").tobytes())
        if alternative == "greater":
            pvalue[rows] = below[total[rows] - plus[rows]]
        elif alternative == "less":
            pvalue[rows] = below[plus[rows]]
        else:
            pvalue[rows] = np.minimum(1.0, 2 * below[np.minimum(plus[rows], total[rows] - plus[rows])])
    return pvalue


@lru_cache(maxsize=1024)
def null_distribution(doubled_ranks: bytes) -> Floats:
    """P(W <= w/2) for w = 0, 1, ..., sum of the doubled ranks, under fair random signs.

    Counted in integers: at most 2^50 sign vectors, so the counts are exact.

    Parameters
    ----------
    doubled_ranks : bytes
        Twice the midranks as little-endian int32 (hashable, so that pairs with the same ranks share the work).
    """
    ranks = np.frombuffer(doubled_ranks, dtype="<i4")
    ways = np.zeros(int(ranks.sum()) + 1, dtype=np.int64)
    ways[0] = 1
    top = 0
    for rank in ranks.tolist():
        top += rank
        ways[rank : top + 1] += ways[: top + 1 - rank].copy()
    return np.asarray(np.cumsum(ways) / 2.0 ** len(ranks))


@lru_cache(maxsize=256)
def hodges_lehmann_place(n: int, level: float) -> int:
    """C: Hodges and Lehmann's interval of n differences goes from the C-th smallest to the C-th largest Walsh average.

    C - 1 is the largest w that has P(W <= w) <= (1 - level) / 2, exactly up to 50, beyond by the normal distribution; 0 where no interval
    of n tasks has the level (Hollander and Wolfe 1999, section 3.3).
    """
    tail = (1 - level) / 2
    if n <= EXACT_LIMIT:
        below = null_distribution((2 * np.arange(1, n + 1)).astype("<i4").tobytes())[::2]
        return int(np.searchsorted(below, tail * (1 + 1e-9), side="right"))
    mean, deviation = n * (n + 1) / 4, np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return max(0, int(np.floor(mean + ndtri(tail) * deviation + 0.5)))


def _binomial(plus: Counts, n: Counts, alternative: str) -> Floats:
    tail = {"greater": n - plus, "less": plus}.get(alternative, np.minimum(plus, n - plus))
    sides = 2 if alternative == "two-sided" else 1
    return np.asarray(np.minimum(1.0, sides * bdtr(tail, n.astype(np.intp), 0.5)))


def _normal(plus: Floats, total: Floats, squares: Floats, alternative: str) -> Floats:
    """Normal approximation; given the midranks, the sum of the positive ones has variance sum(r^2)/4."""
    shift = plus - total / 2
    sides = {"greater": np.ones_like(shift), "less": -np.ones_like(shift)}
    z = (shift - sides.get(alternative, np.sign(shift)) / 2) / np.sqrt(squares / 4)
    if alternative == "greater":
        return np.asarray(ndtr(-z))
    if alternative == "less":
        return np.asarray(ndtr(z))
    return np.asarray(np.minimum(1.0, 2 * ndtr(-np.abs(z))))
