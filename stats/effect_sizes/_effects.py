"""Effect sizes for every pair of models at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..pairs import Pairs, check_level, shared
from ..pairwise._wilcoxon import hodges_lehmann_place
from ..resampling.blocks import for_each
from ..results import Floats, PairwiseResult
from ..scores import Scores, as_scores
from ..ties import RELATIVE, deviations, doubled_midranks, lengths
from ..walsh_averages import order_statistics
from .intervals import d_z_interval, jackknife_error, share_interval, signed_interval
from .skewness import skewness_of


def effects(
    scores: Scores | pd.DataFrame, *, confidence_level: float = 0.95, control: str | None = None
) -> PairwiseResult:
    """How large the differences are, in the terms in use.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models. Tasks that either model of a pair lacks are left out of that pair.
    confidence_level : float
        Of every interval, each by itself.
    control : str, optional
        Compare only with this model, which is then b of every pair.

    Returns
    -------
    PairwiseResult
        ``difference`` is the mean difference. The extra columns, all positive when a scores higher:

        - ``hodges_lehmann``: median of all means of two differences (Walsh averages, each difference with itself
          too), with its exact distribution-free interval ``hodges_lehmann_low``, ``hodges_lehmann_high``; the
          whole line where no n tasks reach the level;
        - ``rank_biserial``: matched-pairs rank-biserial correlation, (R+ - R-) / (R+ + R-);
        - ``cliffs_delta``: P(a > b) - P(a < b) over all n x n pairs of tasks, which ignores the pairing (its interval
          does not);
        - ``d_z``: mean difference over the standard deviation of the differences;
        - ``common_language``: share of tasks on which a scores higher, ties by half;
        - ``skewness`` of the differences, m3 / m2^1.5 (`skewness_bound` says how large is strong);
        - ``win``, ``tie``, ``loss``: numbers of tasks on which a is better, equal, worse.

        Each of the four before the skewness has its interval, ``..._low`` and ``..._high``: of the shares Clopper and
        Pearson's, of d_z the noncentral t's (exact for normal differences, too narrow for heavy tails), of the two correlations Feng and
        Cliff's with a jackknife standard error over tasks. What they cover was measured: docs/validity.md.

    Raises
    ------
    InputError
        If there are fewer than two models, or the level is not between 0 and 1.

    References
    ----------
    Hodges, J. L. and Lehmann, E. L. (1963). Ann. Math. Statist. 34, 598-611. Kerby, D. S. (2014). The simple difference
    formula. Comprehensive Psychology 3. Cliff, N. (1993). Psychological Bulletin 114, 494-509. McGraw, K. O.
    and Wong, S. P. (1992). Psychological Bulletin 111, 361-365. Cohen, J. (1988). Statistical Power Analysis, 2.3.5.
    Feng, D. and Cliff, N. (2004). J. Modern Applied Statistical Methods 3, 322-332. Cumming, G. and Finch, S. (2001).
    Educational and Psychological Measurement 61, 532-574 (noncentral t). Clopper, C. and Pearson, E. S. (1934). Biometrika 26.

    Examples
    --------
    Differences 1, 2 and -1: ranks 1.5, 3 and 1.5, so (4.5 - 1.5) / 6 = .5.

    >>> frame = pd.DataFrame({"a": [1., 2, 0], "b": [0., 0, 1]}, index=list("xyz"))
    >>> effects(frame).extra["rank_biserial"].tolist()
    [0.5]
    """
    level = check_level(confidence_level, "confidence_level")
    scores = as_scores(scores)
    pairs = Pairs.of(scores, control)
    columns = paired_effects(pairs, level, higher_is_better=scores.higher_is_better)
    n, difference = pairs.summary()
    columns["cliffs_delta"] = np.full(len(pairs), np.nan)
    bounds: dict[str, tuple[Floats, Floats]] = {
        "d_z": d_z_interval(columns["d_z"], n, level),
        "common_language": share_interval(columns["common_language"], n, level),
        "rank_biserial": (np.empty(len(pairs)), np.empty(len(pairs))),
        "cliffs_delta": (np.empty(len(pairs)), np.empty(len(pairs))),
    }
    for block in pairs.slices(scores.n_tasks**2):
        d, size = pairs.differences(block), np.nan_to_num(pairs.sizes(block)).max(axis=1, initial=0.0)
        x, y = pairs.rows[pairs.first[block]], pairs.rows[pairs.second[block]]
        delta, error = _cliff(x, y, size)
        columns["cliffs_delta"][block] = delta
        used = (~np.isnan(d) & (d != 0)).sum(axis=1)
        for name, found in (
            ("rank_biserial", signed_interval(columns["rank_biserial"][block], _walsh_error(d, size), used, level)),
            ("cliffs_delta", signed_interval(delta, error, n[block], level)),
        ):
            bounds[name][0][block], bounds[name][1][block] = found
    for name, (low, high) in bounds.items():
        columns |= {f"{name}_low": low, f"{name}_high": high}
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        difference,
        "effect sizes",
        confidence_level=level,
        extra=columns,
    )


def paired_effects(
    pairs: Pairs, level: float, *, higher_is_better: bool, known: Mapping[str, Floats] | None = None
) -> dict[str, npt.NDArray[Any]]:
    """The columns of `effects` that rest on the paired differences, but for those that are known."""
    known = dict(known or {})
    columns: dict[str, npt.NDArray[Any]] = {name: np.full(len(pairs), np.nan) for name in _FLOATS}
    columns |= {name: np.zeros(len(pairs), dtype=np.int64) for name in ("win", "tie", "loss")}

    def work(block: slice) -> None:
        d, size = pairs.differences_and_sizes(block)
        if "hodges_lehmann" not in known:
            for name, value in zip(_FLOATS[:3], hodges_lehmann(d, level), strict=True):
                columns[name][block] = value
        if "rank_biserial" not in known:
            columns["rank_biserial"][block] = rank_biserial(d, size)
        n, mean = shared(d)
        deviation = deviations(d, mean, size)
        columns["d_z"][block] = _standardised(deviation, mean, n)
        columns["skewness"][block] = skewness_of(deviation, n)
        higher, equal = (d > 0).sum(axis=1), (d == 0).sum(axis=1)
        lower = n - higher - equal
        with np.errstate(invalid="ignore", divide="ignore"):
            columns["common_language"][block] = (higher + equal / 2) / (higher + equal + lower)
        better, worse = (higher, lower) if higher_is_better else (lower, higher)
        columns["win"][block], columns["tie"][block], columns["loss"][block] = better, equal, worse

    for_each(pairs.slices(10 * pairs.rows.shape[1]), work)
    return columns | known


_FLOATS = (
    "hodges_lehmann",
    "hodges_lehmann_low",
    "hodges_lehmann_high",
    "rank_biserial",
    "d_z",
    "common_language",
    "skewness",
)


def rank_biserial(d: Floats, size: Floats) -> Floats:
    """Matched-pairs rank-biserial correlation of rows of differences; zeros are dropped, 0 if all are zero."""
    ranks = doubled_midranks(np.abs(d), size) - 2 * (d == 0).sum(axis=1)[:, None]
    plus = np.where(d > 0, ranks, 0).sum(axis=1)
    minus = np.where(d < 0, ranks, 0).sum(axis=1)
    present = (~np.isnan(d)).any(axis=1)
    return np.asarray(np.where(present, (plus - minus) / np.maximum(plus + minus, 1), np.nan))


def hodges_lehmann(d: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    """Median of the Walsh averages of rows of differences, and its distribution-free interval.

    The interval's ends are the C-th smallest and largest of the n(n+1)/2 averages, with C - 1 the largest w that has
    P(W <= w) <= (1 - level)/2 under the exact signed-rank distribution (Hollander and Wolfe 1999, section 3.3);
    beyond 50 tasks under the normal one.

    Parameters
    ----------
    d : ndarray, shape (m, n)
        Differences; NaN is left out.
    level : float

    Returns
    -------
    estimate, low, high : ndarray, shape (m,)
    """
    out = np.full((3, len(d)), np.nan)
    present = ~np.isnan(d)
    sizes = present.sum(axis=1)
    for n in np.unique(sizes[sizes > 0]):
        rows = np.flatnonzero(sizes == n)
        values = d[rows] if n == d.shape[1] else d[rows][present[rows]].reshape(len(rows), n)
        m = int(n) * (int(n) + 1) // 2
        c = hodges_lehmann_place(int(n), level)
        places = [(m - 1) // 2, m // 2, max(c, 1) - 1, m - max(c, 1)]
        averages = order_statistics(values, np.tile(places, (len(rows), 1)))
        out[0, rows] = (averages[:, 0] + averages[:, 1]) / 2
        out[1, rows] = averages[:, 2] if c > 0 else -np.inf
        out[2, rows] = averages[:, 3] if c > 0 else np.inf
    return out[0], out[1], out[2]


def _standardised(deviation: Floats, mean: Floats, n: npt.NDArray[np.int64]) -> Floats:
    """Cohen's d_z: 0 if all differences are 0, infinite if they are constant, NaN for fewer than two tasks."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = mean / (lengths(deviation) / np.sqrt(n - 1.0))
    return np.asarray(np.where(n < 2, np.nan, np.where(mean == 0, 0.0, ratio)))


def _cliff(x: Floats, y: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """Cliff's delta of rows of two models' scores on the tasks both have, and its jackknife error over tasks.

    `scale` says what counts as equal.
    """
    both = ~(np.isnan(x) | np.isnan(y))
    gap = np.where(both, x, np.nan)[:, :, None] - np.where(both, y, np.nan)[:, None, :]
    slack = RELATIVE * scale[:, None, None]
    signs = (gap > slack).astype(np.int8) - (gap < -slack)
    n, total = both.sum(axis=1), signs.sum(axis=(1, 2), dtype=np.float64)
    own = signs.sum(axis=2) + signs.sum(axis=1) - signs.diagonal(axis1=1, axis2=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / n**2), jackknife_error(total, own, both, (n - 1.0) ** 2)


def _walsh_error(d: Floats, scale: Floats) -> Floats:
    """Jackknife error over tasks of the rank-biserial correlation, which is the mean sign of all Walsh averages."""
    used = ~np.isnan(d) & (d != 0)
    filled = np.where(used, d, np.nan)
    sums = filled[:, :, None] + filled[:, None, :]
    slack = 2 * RELATIVE * scale[:, None, None]
    signs = (sums > slack).astype(np.int8) - (sums < -slack)
    own = signs.sum(axis=2)
    diagonal = signs.diagonal(axis1=1, axis2=2)
    total = (own.sum(axis=1) + diagonal.sum(axis=1)) / 2
    n = used.sum(axis=1)
    return jackknife_error(total, own, used, np.maximum(n - 1.0, 0.0) * n / 2)
