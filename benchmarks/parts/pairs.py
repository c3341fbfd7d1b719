"""All pairs of 183 models on 41 tasks: bootstrap, Wilcoxon, sign flips, the Bayesian test."""

import warnings
from collections.abc import Callable
from functools import partial
from itertools import combinations, islice
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats as scipy_stats

from benchmarks.harness import Options, Row, against, peer
from stats import Scores, adjust, as_scores, bayes_signed_rank, bootstrap, max_t, rank_confidence, sign_flip, wilcoxon

Floats = npt.NDArray[np.float64]


def table(options: Options) -> Scores:
    """MTEB(eng, v2) where it is at hand, else a drawn table of its size."""
    if options.data is not None and not options.tiny:
        return Scores.from_csv(options.data / "eng_v2_models_by_tasks.csv").complete()
    n, k = (9, 5) if options.tiny else (41, 183)
    rng = np.random.default_rng(0)
    drawn = rng.normal(0.6, 0.1, (n, 1)) + rng.normal(0, 0.03, (n, k)) + np.linspace(0, 0.2, k)
    return as_scores(pd.DataFrame(drawn, [f"task {i}" for i in range(n)], [f"model {j}" for j in range(k)]))


def over_pairs(values: Floats, run: Callable[[Floats, Floats], object], at_most: int) -> tuple[Any, float, str]:
    """A loop over some of the pairs; by what its time is multiplied for all; and that in words."""
    k = values.shape[1]
    total = k * (k - 1) // 2
    some = list(islice(combinations(range(k), 2), min(at_most, total)))
    step = max(1, total // len(some))
    some = list(islice(combinations(range(k), 2), 0, None, step))[: len(some)]

    def loop() -> None:
        for i, j in some:
            run(values[:, i], values[:, j])

    note = "" if len(some) == total else f"{len(some):,} of {total:,} pairs timed"
    return loop, total / len(some), note


def plain_gemm(values: Floats, n_resamples: int, seed: int) -> tuple[Floats, ...]:
    """The script one would write: counts times scores, then every pair's differences, sorted, counted; and mean ranks."""
    rng = np.random.default_rng(seed)
    n, k = values.shape
    counts = rng.multinomial(n, np.full(n, 1 / n), size=n_resamples).astype(float)
    means = counts @ values / n
    first, second = np.triu_indices(k, 1)
    low, high, pvalue = (np.empty(len(first)) for _ in range(3))
    for start in range(0, len(first), 100):
        block = slice(start, start + 100)
        d = means[:, first[block]] - means[:, second[block]]
        low[block], high[block] = np.quantile(d, [0.025, 0.975], axis=0)
        rare = np.minimum((d <= 0).sum(axis=0), (d >= 0).sum(axis=0))
        pvalue[block] = np.minimum(1, 2 * (rare + 1) / (n_resamples + 1))
    ranks = scipy_stats.rankdata(-means, axis=1)
    rank_low, rank_high = np.quantile(ranks, [0.025, 0.975], axis=0)
    return low, high, pvalue, rank_low, rank_high


def former(scores: Scores, n_resamples: int) -> None:
    """What `compare` did by default before its decisions were one table."""
    adjust(wilcoxon(scores).pvalue, "holm")
    bootstrap(scores, method="symmetric", n_resamples=n_resamples, rng=0)
    rank_confidence(scores, n_resamples=n_resamples, rng=0)


def run(options: Options) -> list[Row]:
    """Six comparisons; a loop that would take minutes is timed on some of the pairs."""
    warnings.simplefilter("ignore")
    scores = table(options)
    values = scores.values
    b = 200 if options.tiny else 10_000
    size = f"{scores.n_models} x {scores.n_tasks}"
    rounds = 1 if options.tiny else options.rounds
    few = (lambda n: 2) if options.tiny else (lambda n: n)
    rows = []

    def boot() -> None:
        bootstrap(scores, n_resamples=b, rng=0)

    def one(a: Floats, c: Floats) -> object:
        return scipy_stats.bootstrap((a - c,), np.mean, n_resamples=b, method="percentile")

    loop, scale, note = over_pairs(values, one, few(60))
    what = f"all-pairs paired bootstrap, {size}, {b:,} resamples: difference, interval, p"
    rows.append(against(what, "scipy.stats.bootstrap, pair by pair", boot, loop, at_least=80, scale=scale, rounds=rounds, note=note))  # fmt: skip

    def ours() -> None:
        bootstrap(scores, n_resamples=b, rng=0)

    rows.append(against(f"{what}; the script has marginal rank intervals too", "a plain numpy script: one product of counts and scores", ours, lambda: plain_gemm(values, b, 0), at_least=1, rounds=rounds))  # fmt: skip
    rows.append(against("the same with simultaneous rank intervals (the script has none)", "the plain script", lambda: (boot(), rank_confidence(scores, n_resamples=b, rng=0)), lambda: plain_gemm(values, b, 0), rounds=rounds))  # fmt: skip

    rows.append(against(f"the default: all pairs {size} by joint sign flips (max-t), {b:,} flips, simultaneous intervals, rank sets", "the former default: Wilcoxon-Holm, studentized bootstrap intervals, rank sets", lambda: max_t(scores, n_resamples=b, rng=0).rank_sets(), lambda: former(scores, b), at_least=1, rounds=rounds))  # fmt: skip

    posthocs = peer("scikit_posthocs")
    melted = pd.DataFrame(values).melt(var_name="model", value_name="score")
    theirs = None
    if posthocs is not None:
        theirs = partial(posthocs.posthoc_wilcoxon, melted, val_col="score", group_col="model", p_adjust="holm")
    rows.append(against(f"all-pairs Wilcoxon, exact, Holm, {size}", "scikit_posthocs.posthoc_wilcoxon", lambda: adjust(wilcoxon(scores).pvalue), theirs, at_least=15, rounds=rounds, missing=absent("scikit-posthocs", posthocs)))  # fmt: skip

    def flip(a: Floats, c: Floats) -> object:
        return scipy_stats.permutation_test((a - c,), np.mean, permutation_type="samples", n_resamples=b)

    loop, scale, note = over_pairs(values, flip, few(25))
    rows.append(against(f"sign-flip test, {size}, {b:,} flips", "scipy.stats.permutation_test, pair by pair", lambda: sign_flip(scores, n_resamples=b, rng=0), loop, at_least=400, scale=scale, rounds=rounds, note=note))  # fmt: skip

    baycomp = peer("baycomp")
    bayes = None
    if baycomp is not None:

        def bayes_pair(a: Floats, c: Floats) -> object:
            return baycomp.SignedRankTest.probs(a, c, rope=0.01, nsamples=b, random_state=1)

        bayes, scale, note = over_pairs(values, bayes_pair, few(20))
    rows.append(against(f"Bayesian signed rank, {size}, {b:,} draws", "baycomp, pair by pair", lambda: bayes_signed_rank(scores, rope=0.01, n_resamples=b, rng=0), bayes, at_least=500, scale=scale, rounds=rounds, note=note, missing=absent("baycomp", baycomp)))  # fmt: skip
    return rows


def absent(name: str, module: object) -> str:
    """What the table says where a peer is not installed."""
    return f"{name} is not installed" if module is None else ""
