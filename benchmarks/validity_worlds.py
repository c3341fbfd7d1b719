"""The simulated worlds of `validity.py`, and what every method says about one of them."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from stats import (
    Scores,
    adjust,
    aligned_ranks,
    bayes_signed_rank,
    bootstrap,
    bradley_terry,
    conover,
    effects,
    friedman,
    iman_davenport,
    model_confidence_set,
    nemenyi,
    paired_t,
    quade,
    rank_confidence,
    romano_wolf,
    sign_flip,
    sign_test,
    wilcoxon,
)
from stats.effect_sizes.skewness import skewness_bound
from stats.ties import rank_rows

ALPHA = 0.05
Noise = Callable[[np.random.Generator, int, int, int], np.ndarray]
#: Per (table, method): in which replications it happened.
Seen = dict[tuple[str, str], np.ndarray]


# -- the worlds --------------------------------------------------------------------------------------------------
# Each makes noise of shape (replications, n tasks, k models): mean zero for every model, so that all models are equal.


def normal(rng: np.random.Generator, r: int, n: int, k: int) -> np.ndarray:
    """Normal noise of equal variance."""
    return rng.normal(size=(r, n, k))


def skewed(rng: np.random.Generator, r: int, n: int, k: int) -> np.ndarray:
    """Exponential noise, turned round for every other model: the differences are skewed, their means equal."""
    return (rng.exponential(size=(r, n, k)) - 1) * np.where(np.arange(k) % 2, -1, 1)


def heavy(rng: np.random.Generator, r: int, n: int, k: int) -> np.ndarray:
    """Student t with 3 degrees of freedom."""
    return rng.standard_t(3, size=(r, n, k))


def rounded(rng: np.random.Generator, r: int, n: int, k: int) -> np.ndarray:
    """Normal noise in steps of a standard deviation: many ties and zeros."""
    return np.rint(rng.normal(size=(r, n, k)))


def unequal(rng: np.random.Generator, r: int, n: int, k: int) -> np.ndarray:
    """Normal noise, of models with standard deviations from 1 to 5."""
    return rng.normal(size=(r, n, k)) * np.linspace(1, 5, k)


def grouped(rng: np.random.Generator, r: int, n: int, k: int) -> np.ndarray:
    """Tasks in groups of three that share half of their noise, as tasks cut from one source do."""
    group = np.arange(n) // 3
    return (rng.normal(size=(r, group.max() + 1, k))[:, group] + rng.normal(size=(r, n, k))) / np.sqrt(2)


def twins(rng: np.random.Generator, r: int, n: int, k: int) -> np.ndarray:
    """Normal noise; the last model is a copy of the first."""
    noise = normal(rng, r, n, k)
    noise[:, :, -1] = noise[:, :, 0]
    return noise


WORLDS: dict[str, Noise] = {f.__name__: f for f in (normal, skewed, heavy, rounded, unequal, grouped, twins)}


# -- what the methods say ----------------------------------------------------------------------------------------


@cache
def _template(n: int, k: int) -> Scores:
    names = [f"m{i:04}" for i in range(k)]
    return Scores.from_frame(pd.DataFrame(np.zeros((n, k)), [f"t{i:02}" for i in range(n)], names), rows="tasks")


def table(values: np.ndarray) -> Scores:
    """Scores of shape (n tasks, k models); what never changes is made once, which is most of the time."""
    empty = _template(*values.shape)
    frame = pd.DataFrame(np.ascontiguousarray(values), index=empty.table.index, columns=empty.table.columns)
    return replace(empty, table=frame)


def beside_zero(differences: np.ndarray) -> tuple[Scores, str]:
    """Independent columns of differences beside a model of zeros, so that one call tests them all."""
    scores = table(np.column_stack([differences, np.zeros(len(differences))]))
    return scores, scores.models[-1]


def _bootstrapped(method: str) -> str:
    return f"bootstrap, {method}{' (default)' if method == 'symmetric' else ''}"


def single_pairs(rng: np.random.Generator, world: str, n: int, r: int, resamples: int) -> Seen:
    """False positives and power of the tests of one pair, and coverage of the intervals."""
    x = WORLDS[world](rng, r, n, 2)
    d = (x[:, :, 0] - x[:, :, 1]).T
    seen: Seen = {}
    for shift, found in ((0.0, "false"), (0.8 * float(d.std()), "power")):
        if shift and world not in ("normal", "heavy"):
            continue
        scores, zero = beside_zero(d + shift)
        drawn = {"n_resamples": resamples, "control": zero}
        tests = {
            "Wilcoxon signed-rank (default)": wilcoxon(scores, control=zero),
            "Wilcoxon, Pratt zeros": wilcoxon(scores, control=zero, zero_method="pratt"),
            "sign test": sign_test(scores, control=zero),
            "sign-flip": sign_flip(scores, rng=int(rng.integers(2**31)), **drawn),
            "paired t": paired_t(scores, control=zero),
        }
        boots = {
            _bootstrapped(method): bootstrap(scores, method=method, rng=int(rng.integers(2**31)), **drawn)
            for method in ("percentile", "basic", "bca", "studentized", "symmetric")
        }
        if world == "grouped":
            given = {"groups": np.arange(n) // 3, "rng": int(rng.integers(2**31)), **drawn}
            tests["sign-flip, groups given"] = sign_flip(scores, **given)
            for method in ("studentized", "symmetric"):
                boots[f"bootstrap, {method}, groups given"] = bootstrap(scores, method=method, **given)
        bayes = bayes_signed_rank(scores, rng=int(rng.integers(2**31)), **drawn)
        seen |= {(found, name): test.pvalue <= ALPHA for name, test in (tests | boots).items()}
        sure = np.maximum(bayes.extra["p_better"], bayes.extra["p_worse"]) >= 1 - ALPHA
        seen[found, "Bayesian signed-rank, P >= .95"] = sure
        if not shift:
            intervals = {**boots, "t interval": tests["paired t"], "Bayesian credible interval": bayes}
            seen |= {("cover", name): (i.low <= 0) & (i.high >= 0) for name, i in intervals.items()}
    return seen


CORRECTIONS = ("none", "holm", "hochberg", "hommel", "shaffer", "bonferroni", "bh", "by")
OMNIBUS = {
    "Friedman chi-square": friedman, "Iman-Davenport": iman_davenport, "Quade": quade, "aligned ranks": aligned_ranks,
}  # fmt: skip


def all_pairs(rng: np.random.Generator, world: str, n: int, r: int, resamples: int, k: int) -> Seen:
    """Family-wise error of tests with corrections, all models being equal; false positives of omnibus tests."""
    first, second = np.triu_indices(k, 1)
    x = WORLDS[world](rng, r, n, k)
    d = np.moveaxis(x[:, :, first] - x[:, :, second], 1, 0).reshape(n, -1)
    scores, zero = beside_zero(d)
    raw = np.asarray(wilcoxon(scores, control=zero).pvalue).reshape(r, -1)
    adjusted = {name: np.array([adjust(p, name) for p in raw]) for name in CORRECTIONS}
    seen: Seen = {}
    for name, p in adjusted.items():
        seen["wise", f"Wilcoxon, {name}"] = p.min(axis=1) <= ALPHA
    skew = np.abs(effects(scores, control=zero).extra["skewness"]).reshape(r, -1)
    silent = (adjusted["holm"] <= ALPHA) & ~(skew > skewness_bound(n))
    seen["wise", "Wilcoxon, holm, without a warning of skewness"] = silent.any(axis=1)
    rows: dict[tuple[str, str], list[bool]] = {}
    for values in x:
        one, seed = table(values), int(rng.integers(2**31))
        joint = {"n_resamples": resamples, "rng": seed}
        found = {f"Romano-Wolf, {null}": romano_wolf(one, null=null, **joint) for null in ("bootstrap", "sign-flip")}
        if world == "grouped":
            given = romano_wolf(one, null="sign-flip", groups=np.arange(n) // 3, **joint)
            found["Romano-Wolf, sign-flip, groups given"] = given
        found |= {"Nemenyi": nemenyi(one), "Conover, holm": conover(one)}
        for name, result in found.items():
            p = result.pvalue if result.pvalue_adjusted is None else result.pvalue_adjusted
            rows.setdefault(("wise", name), []).append(bool(np.nanmin(p) <= ALPHA))
        for name, test in OMNIBUS.items():
            rows.setdefault(("omnibus", name), []).append(bool(test(one).pvalue <= ALPHA))
    return seen | {key: np.array(hits) for key, hits in rows.items()}


@cache
def truth(world: str, k: int, *, equal: bool) -> tuple[float, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """How much better the first half of the models is, and every model's true ranks, best and worst, by either target.

    Ranks by mean are known; those by expected rank within a task come from many simulated tasks. They are not the
    same where models of one mean differ in the shape or the spread of their noise.
    """
    noise = WORLDS[world](np.random.default_rng(7), 1, 1_000_000, k)[0]
    shift = 0.0 if equal else float(noise.std())
    good = (np.arange(k) < k // 2) & (not equal)
    expected = rank_rows(noise + shift * good).mean(axis=0)
    found = {}
    for by, badness, near in (("mean", -shift * good, 1e-9), ("mean_rank", expected, 0.01)):
        gap = badness[None, :] - badness[:, None]
        found[by] = 1 + (gap < -near).sum(axis=1), k - (gap > near).sum(axis=1)
    return shift, found


def rank_sets(rng: np.random.Generator, world: str, n: int, r: int, resamples: int, k: int, *, equal: bool) -> Seen:
    """Coverage of sets of ranks and of the best models."""
    shift, true = truth(world, k, equal=equal)
    good = (np.arange(k) < k // 2) & (not equal)
    part = "equal" if equal else "ranks"
    held: dict[tuple[str, str], list[bool]] = {}
    for values in WORLDS[world](rng, r, n, k) + shift * good:
        one, seed = table(values), int(rng.integers(2**31))
        for method in ("sign-flip", "bootstrap-t"):
            for by in ("mean_rank", "mean"):
                sets = rank_confidence(one, by=by, method=method, n_resamples=resamples, rng=seed)
                name = f"by {by.replace('_', ' ')}, {method}"
                name += " (default)" if (method, by) == ("sign-flip", "mean_rank") else ""
                lowest, highest = true[by]
                held.setdefault((part, f"rank sets {name}"), []).append(
                    bool(np.all((sets.low <= lowest) & (sets.high >= highest)))
                )
                held.setdefault((part, f"top set {name}"), []).append(bool(np.all(sets.low[lowest == 1] == 1)))
        if equal:
            continue
        kept = set(model_confidence_set(one, n_resamples=resamples, rng=seed).models)
        best = {one.models[i] for i in np.flatnonzero(true["mean"][0] == 1)}
        held.setdefault((part, "model confidence set, by mean"), []).append(best <= kept)
        ties = bradley_terry(one, prior=0.1, n_resamples=resamples, rng=seed).ranks
        lowest, highest = true["mean_rank"]  # abilities are in the order of expected ranks
        held.setdefault((part, "rank sets by Bradley-Terry ability"), []).append(
            bool(np.all((ties.low <= lowest) & (ties.high >= highest)))
        )
    return {key: np.array(hits) for key, hits in held.items()}


@cache
def true_effects(world: str, *, shifted: bool) -> tuple[float, dict[str, float]]:
    """How much the first of two models is shifted by, and their true effect sizes, from many simulated tasks."""
    x = WORLDS[world](np.random.default_rng(11), 1, 1_000_000, 2)[0]
    shift = 0.8 * float((x[:, 0] - x[:, 1]).std()) if shifted else 0.0
    a, b = x[:, 0] + shift, x[:, 1]
    d, other = a - b, np.roll(b, 1)
    averages = (d + np.roll(d, 1)) / 2
    return shift, {
        "hodges_lehmann": float(np.median(averages)),
        "rank_biserial": float(np.sign(averages).mean()),
        "cliffs_delta": float(np.sign(a - other).mean()),
        "d_z": float(d.mean() / d.std()),
        "common_language": float((d > 0).mean() + (d == 0).mean() / 2),
    }


def effect_sizes(rng: np.random.Generator, world: str, n: int, r: int, resamples: int) -> Seen:
    """Coverage of the intervals of effect sizes, without and with a difference."""
    seen: Seen = {}
    for shifted in (False, True):
        shift, true = true_effects(world, shifted=shifted)
        x = WORLDS[world](rng, r, n, 2)
        scores = table(np.concatenate([x[:, :, 0] + shift, x[:, :, 1]]).T)
        found = _beside(scores, r)
        for name, value in true.items():
            label = f"{name.replace('_', ' ')}{', .8 sd apart' if shifted else ''}"
            seen["effects", label] = (found[f"{name}_low"] <= value + 1e-9) & (found[f"{name}_high"] >= value - 1e-9)
    return seen


def _beside(scores: Scores, r: int) -> dict[str, np.ndarray]:
    """Effects of model i against model r + i, for each i."""
    values = scores.values
    parts = [effects(table(values[:, [i, r + i]])).extra for i in range(r)]
    return {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
