"""The paired bootstrap test of the mean difference."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from ...common.threads import one_blas_thread
from ...decisions.joint_draws import reach, single_step
from ...pairs import Pairs
from ...pairwise import bootstrap
from ...resampling.nulls import LEAST_NONZERO, BootstrapNull
from ...resampling.resampler import Resampler, by_task_name
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Ends, Test
from .romano_wolf import step_down


def _run(scores: Scores, options: Options) -> PairwiseResult:
    return bootstrap(
        scores,
        n_resamples=options.n_resamples,
        confidence_level=options.confidence_level,
        method=options.interval,
        statistic=options.statistic,
        groups=options.groups,
        alternative=options.alternative,
        control=options.control,
        rng=options.seed,
    )


def _ends(scores: Scores, options: Options, found: PairwiseResult, alpha: float) -> Ends:
    """The bootstrap's interval; unbounded at a level that so many resamples cannot show."""
    level = alpha if options.side == 0 else min(2 * alpha, 0.999)
    drawn = _run(scores, replace(options, confidence_level=1 - level, alternative="two-sided"))
    low, high = np.asarray(drawn.low), np.asarray(drawn.high)
    if _smallest(0, 0, options) > alpha:
        low, high = np.full_like(low, -np.inf), np.full_like(high, np.inf)
    return drawn.difference, *options.one_sided(low, high)


def _step_ends(scores: Scores, options: Options, found: PairwiseResult, alpha: float) -> Ends:
    """Mean plus and minus its standard error times the critical value of all pairs at once."""
    ordered, numbers = by_task_name(scores, options.groups)
    pairs = Pairs.of(ordered, options.control)
    drawn = Resampler.make(ordered.n_tasks, options.n_resamples, options.seed, groups=numbers)
    null = BootstrapNull(pairs.rows, drawn)
    with one_blas_thread():
        critical = single_step(null, pairs.first, pairs.second, alpha, options.side)
    d = pairs.differences()
    mean = drawn.estimates(d)
    half = reach(critical, drawn.observed_error(d))
    testable = (np.nan_to_num(d) != 0).sum(axis=1) >= LEAST_NONZERO
    half = np.where(testable, half, np.inf)
    return mean, *options.one_sided(mean - half, mean + half)


def _smallest(n_units: int, n_models: int, options: Options) -> float:
    # The symmetric interval counts both tails in one.
    sides = 1 if options.interval == "symmetric" and options.level == "tasks" else options.sides
    return sides / (options.n_resamples + 1)


BOOTSTRAP = Test(
    name="bootstrap",
    title="paired bootstrap test",
    symbol="difference / SE",
    estimand="mean",
    run=_run,
    smallest_pvalue=_smallest,
    ends=_ends,
    joint_ends=MappingProxyType({"romano-wolf": _step_ends}),
    assumes="tasks are a sample of those one cares about",
    references=("Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall.",),
    joint=MappingProxyType({"romano-wolf": step_down("bootstrap")}),
    takes_groups=True,
)
