"""One table: on a thousand random tables every reading of it agrees with every other."""

import numpy as np
import pandas as pd
import pytest

from stats.decisions import Decisions, max_t

KINDS = ("signed-rank", "mean", "sign")


def random_table(seed: int) -> pd.DataFrame:
    """Of 2 to 7 models on 2 to 18 tasks: plain, rounded, with twins, zeros, one-sided or missing scores."""
    rng = np.random.default_rng(seed)
    k, n = int(rng.integers(2, 8)), int(rng.integers(2, 19))
    values = rng.normal(size=(n, k)) + rng.choice([0, 0.5, 2]) * rng.normal(size=k)
    kind = seed % 5
    if kind == 1:
        values = values.round(0)
    if kind == 2:
        values[:, -1] = values[:, 0]
    if kind == 3:
        values = np.where(rng.random((n, k)) < 0.6, 0.0, np.abs(values)).round(1)
    if kind == 4:
        values[rng.random((n, k)) < 0.15] = np.nan
    return pd.DataFrame(values, [f"t{i:02}" for i in range(n)], [f"m{i}" for i in range(k)])


def check(found: Decisions) -> None:
    """Every statement about the pairs is read off the intervals, and p-values, intervals and sets agree."""
    sure = found.decided
    shared = (found.n > 0) & ~np.isnan(found.estimate)
    known = shared & ~np.isnan(found.pvalue_adjusted)  # probabilities are no p-values
    with np.errstate(invalid="ignore"):
        assert (sure == ((found.low > 0) | (found.high < 0))).all()
        assert (sure == (found.pvalue_adjusted <= found.alpha))[known].all()
        assert ((found.pvalue_adjusted >= found.pvalue - 1e-12) | ~known).all()
        assert (((found.low_marginal > 0) | (found.high_marginal < 0)) == (found.pvalue <= found.alpha))[known].all()
        assert ((found.low <= found.estimate) & (found.estimate <= found.high))[shared].all()
        assert ((found.low <= found.low_marginal) & (found.high_marginal <= found.high))[shared].all()
    if not found.margin:
        assert (np.isin(found.verdict, ["a", "b"]) == sure).all()
    low, high = found.rank_sets()
    k = len(found.models)
    better, worse = np.zeros(k, int), np.zeros(k, int)
    for a, b, least, most in zip(found.first, found.second, found.low, found.high, strict=True):
        if least > 0 or most < 0:
            winner, loser = (a, b) if (least > 0) == found.higher_is_better else (b, a)
            better[loser], worse[winner] = better[loser] + 1, worse[winner] + 1
    assert (low == 1 + better).all()
    assert (high == k - worse).all()
    assert found.top_set() == [m for m, count in zip(found.models, better, strict=True) if count == 0]
    differ = {
        frozenset((found.models[a], found.models[b]))
        for a, b in zip(found.first[sure], found.second[sure], strict=True)
    }
    together = set()
    for clique in found.cliques():
        pairs = {frozenset((a, b)) for a in clique for b in clique if a != b}
        assert not pairs & differ
        together |= pairs
    open_pairs = {
        frozenset((found.models[a], found.models[b])) for a, b in zip(found.first, found.second, strict=True)
    } - differ
    if found.control is None:
        assert open_pairs == together | {frozenset(p) for p in found.uncovered_pairs()}
    assert sum(found.counts().values()) == len(found.first)


@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_random_tables(kind):
    for seed in range(1000):
        frame = random_table(seed)
        control = frame.columns[seed % frame.shape[1]] if seed % 7 == 0 else None
        side = ("two-sided", "greater", "less")[seed % 3] if control else "two-sided"
        zeros = ("wilcox", "pratt", "zsplit")[seed % 3]
        check(
            max_t(
                frame,
                statistic=kind,
                control=control,
                alternative=side,
                zero_method=zeros,
                n_resamples=199,
                alpha=(0.05, 0.3)[seed % 2],
                rng=seed,
            )
        )
