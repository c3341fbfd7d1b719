"""The paired bootstrap test of the mean difference."""

from types import MappingProxyType

from ...pairwise import bootstrap
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Test
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
    assumes="tasks are a sample of those one cares about",
    references=("Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall.",),
    joint=MappingProxyType({"romano-wolf": step_down("bootstrap")}),
    takes_groups=True,
)
