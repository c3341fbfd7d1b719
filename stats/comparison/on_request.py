"""What figures and pages show beside a comparison's own numbers: computed here, once for a comparison, when it is asked for.

`reports` tests and draws nothing itself: were a page and a figure to simulate the same quantity each by itself, the two
would disagree by their Monte Carlo error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from ..levels import POPULATIONS, deciding_samples, sample_level
from ..pairwise.bayes import bayes_signed_rank
from ..planning import Plan, minimum_detectable_effect, power_by_effect, spread_neighbours
from ..resampling.resampler import Resampler, by_task_name
from ..results import Floats
from ..samples import Samples
from ..scores import Scores
from .comparison import Comparison
from .details import detectable, planned
from .finding import Finding
from .sentences.conclusions import pool_pairs
from .tests import TESTS, Test
from .tests.registry import simulated_as

#: Simulated experiments per pair, difference and number of tasks of a power curve.
EXPERIMENTS = 400
#: Differences at which a power curve is simulated.
_POINTS = 17
_GRID = 400
#: Differences that vary by less than this share of the scores' range are constant but for rounding.
_ROUNDING = 1e-12

_P = ParamSpec("_P")
_R = TypeVar("_R")
_kept: "WeakKeyDictionary[Comparison, dict[Any, Any]]" = WeakKeyDictionary()


def _once(
    compute: Callable[Concatenate[Comparison, _P], _R],
) -> Callable[Concatenate[Comparison, _P], _R]:
    """Keep what was computed for a comparison as long as the comparison lives."""

    @wraps(compute)
    def found(comparison: Comparison, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        held = _kept.setdefault(comparison, {})
        key = (compute.__name__, args, tuple(sorted(kwargs.items())))
        if key not in held:
            held[key] = compute(comparison, *args, **kwargs)
        result: _R = held[key]
        return result

    return found


@_once
def smallest_difference(comparison: Comparison) -> Finding:
    """The difference of means that these tasks show four times out of five: the comparison's own, else simulated likewise.

    Raises
    ------
    InputError
        If there are fewer than three tasks.
    """
    known = comparison.further["planning"].get("minimum_detectable_effect")
    method = comparison.method
    plan = planned(comparison.scores, method.facts, method.alpha, comparison.control, method.seed)
    return known or detectable(comparison.scores, {**plan, "n_comparisons": pool_pairs(comparison)})


@dataclass(frozen=True, eq=False)
class PowerCurves:
    """Power against the size of a difference.

    Attributes
    ----------
    test : Test
        What was simulated; Wilcoxon's where the comparison's own test cannot be.
    effects : ndarray of shape (n_effects,)
        Differences of mean scores.
    curves : ndarray of shape (n_curves, n_effects)
        The median power over the pairs.
    kinds : tuple of (int, int)
        Number of tasks and of comparisons that share the level, per curve.
    n_pairs : int
    """

    test: Test
    effects: Floats
    curves: Floats
    kinds: tuple[tuple[int, int], ...]
    n_pairs: int


@_once
def power_curves(comparison: Comparison, n_resamples: int = EXPERIMENTS) -> PowerCurves:
    """Power for half, all and twice the tasks with the level shared by all comparisons, and for all tasks with one.

    The differences are taken as symmetric about the true one, so that every curve starts at its level: were their skewness kept, a
    test of symmetry would reject at a mean difference of 0, which a reader takes for power.

    Parameters
    ----------
    comparison : Comparison
    n_resamples : int
        Simulated experiments per pair, difference and number of tasks.

    Raises
    ------
    InputError
        If there are fewer than three tasks.
    """
    scores, method = comparison.scores, comparison.method
    pairs = spread_neighbours(scores, comparison.control)
    test = simulated_as(method.facts)
    n, m, alpha = comparison.n_tasks, pool_pairs(comparison), method.alpha
    plan = minimum_detectable_effect(
        scores, n_comparisons=1, rng=method.seed, alpha=alpha, test=test, pairs=pairs, n_resamples=n_resamples
    )
    effects = np.linspace(0, _reach(scores, plan), _POINTS)
    kinds = [*([(n // 2, m)] if n >= 6 else []), (n, m), (2 * n, m), *([(n, 1)] if m > 1 else [])]
    curves = np.empty((len(kinds), _POINTS))
    for n_tasks in {tasks for tasks, _ in kinds}:
        rows = [i for i, (tasks, _) in enumerate(kinds) if tasks == n_tasks]
        levels = [alpha / kinds[i][1] for i in rows]
        power = power_by_effect(
            scores, effects, n_tasks=n_tasks, levels=levels, test=test, pairs=pairs, n_resamples=n_resamples, rng=method.seed
        )  # fmt: skip
        curves[rows] = np.median(power, axis=2)
    return PowerCurves(TESTS[test], effects, curves, tuple(kinds), len(pairs))


def _reach(scores: Scores, plan: Plan) -> float:
    """Up to which difference power is shown: four times what is found, or the range of the scores where their differences are constant."""
    spread = float(np.median(plan.frame["sd"]))
    values = scores.table.to_numpy(dtype=np.float64)
    extent = float(np.nanmax(values) - np.nanmin(values)) or 1.0
    if spread <= _ROUNDING * extent:
        return extent
    return 4.0 * (plan.typical if np.isfinite(plan.typical) else spread)


@dataclass(frozen=True, eq=False)
class Densities:
    """How differences of mean scores vary when tasks are drawn again.

    Attributes
    ----------
    grid : ndarray of shape (n_points,)
    density : ndarray of shape (n_models, n_points)
        Gaussian kernel, Scott's rule; NaN where every draw is the same.
    n_resamples : int
    """

    grid: Floats
    density: Floats
    n_resamples: int


@_once
def bootstrap_densities(comparison: Comparison, reference: str, models: tuple[str, ...]) -> Densities:
    """Paired bootstrap over tasks of each model's difference to the reference, with the comparison's own seed."""
    from scipy.stats import gaussian_kde

    method = comparison.method
    scores, groups = by_task_name(comparison.scores, method.groups)
    values = np.asarray([(scores.table[m] - scores.table[reference]).to_numpy(float) for m in models])
    draws = Resampler.make(comparison.n_tasks, method.resamples, method.seed, groups=groups).replicates(values)
    grid = np.linspace(float(draws.min()), float(draws.max()), _GRID)
    density = np.full((len(models), _GRID), np.nan)
    for i, row in enumerate(draws):
        if float(np.std(row)) > 1e-12:
            density[i] = gaussian_kde(row)(grid)
    return Densities(grid, density, method.resamples)


@_once
def equivalence(comparison: Comparison, reference: str, models: tuple[str, ...], rope: float) -> pd.DataFrame:
    """Posterior probabilities ``p_better, p_equivalent, p_worse`` of each model (the index) against the reference."""
    chosen = [m for m in comparison.scores.models if m in models or m == reference]
    found = bayes_signed_rank(
        comparison.scores.select(models=chosen), rope=rope, control=reference, rng=comparison.method.seed
    ).to_frame()
    table = found.assign(model_a=found["model_a"].astype(str)).set_index("model_a")
    return table.loc[list(models), ["p_better", "p_equivalent", "p_worse"]]


@dataclass(frozen=True, eq=False)
class WithinTasks:
    """Two models on the samples of each task.

    Attributes
    ----------
    model_a, model_b : str
    tasks : DataFrame
        ``task, n_samples, difference, low, high, pvalue`` (a minus b), then ``needed``, the number of samples that have to go
        before the difference turns its sign (NaN: no number does), and ``first``, the samples that go first.
    confidence_level : float
    method, population : str
    """

    model_a: str
    model_b: str
    tasks: pd.DataFrame
    confidence_level: float
    method: str
    population: str


def within_tasks(comparison: Comparison, samples: Samples) -> WithinTasks | None:
    """Compare the two best models that have samples of a common task, task by task; None where there are no such two.

    Raises
    ------
    InputError
        If the samples cannot be used.
    """
    pair = _pair_with_samples(comparison, samples)
    if pair is None:
        return None
    model_a, model_b, tasks = pair
    level = comparison.method.confidence_level
    found = sample_level(
        samples, models=[model_a, model_b], tasks=tasks, rng=comparison.method.seed, confidence_level=level
    )  # fmt: skip
    rows = []
    for row in found.task_pairs.to_dict("records"):
        sign = 1 if row["model_a"] == model_a else -1
        low, high = sorted((sign * row["low"], sign * row["high"]))
        difference = sign * row["difference"]
        deciding = deciding_samples(samples, row["task"], model_a, model_b)
        kept = {name: row[name] for name in ("task", "n_samples", "pvalue")}
        needed = _needed(deciding["cumulative"].to_numpy(float), difference)
        rows.append(
            {**kept, "difference": difference, "low": low, "high": high, "needed": needed, "first": deciding["sample"]}
        )
    return WithinTasks(
        model_a,
        model_b,
        pd.DataFrame(rows),
        found.confidence_level,
        "t tests over the samples of each task, uncorrected",
        POPULATIONS["samples"],
    )


@dataclass(frozen=True, eq=False)
class TaskIntervals:
    """Pairs of models on the samples of each task.

    Attributes
    ----------
    tasks : DataFrame
        ``model_a, model_b, task, n_samples, difference, low, high`` (a minus b).
    confidence_level : float
    method : str
        Over what, and how, such as "over the samples of the task (t)".
    """

    tasks: pd.DataFrame
    confidence_level: float
    method: str


def task_intervals(comparison: Comparison, samples: Samples, most: int = 20) -> TaskIntervals | None:
    """Compare the best models that have samples, every pair on every task of which all of them have; None where no two have.

    Parameters
    ----------
    comparison : Comparison
    samples : Samples
    most : int
        At most so many models.

    Raises
    ------
    InputError
        If the samples cannot be used.
    """
    names = [str(m) for m in comparison.ranks["model"] if str(m) in samples.models][:most]
    known = set(comparison.scores.task_names)
    tasks = [t for t in samples.tasks if t in known and set(names) <= set(samples.files[t])]
    if len(names) < 2 or not tasks:
        return None
    method = comparison.method
    found = sample_level(
        samples, models=names, tasks=tasks, rng=method.seed, confidence_level=method.confidence_level
    )  # fmt: skip
    kept = ["model_a", "model_b", "task", "n_samples", "difference", "low", "high"]
    return TaskIntervals(found.task_pairs[kept], found.confidence_level, "over the samples of the task (t)")


def _pair_with_samples(comparison: Comparison, samples: Samples) -> tuple[str, str, Sequence[str]] | None:
    """The two best models (or the control and the best other) with samples of a common task, and those tasks."""
    control = comparison.control
    ranked = [str(m) for m in comparison.ranks["model"] if str(m) in samples.models]
    if control is not None and control in ranked:
        ranked = [*[m for m in ranked if m != control][:1], control]
    names = set(comparison.scores.task_names)
    for i, a in enumerate(ranked):
        for b in ranked[i + 1 :]:
            tasks = [t for t in samples.tasks if t in names and {a, b} <= set(samples.files[t])]
            if tasks:
                return a, b, tasks
    return None


def _needed(cumulative: Floats, difference: float) -> float:
    """How many samples have to go before the difference turns its sign; NaN if none do."""
    turned = np.flatnonzero(cumulative <= 0 if difference >= 0 else cumulative >= 0)
    return float(turned[0] + 1) if difference != 0 and turned.size else float("nan")
