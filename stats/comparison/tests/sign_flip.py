"""The sign-flip permutation test of the mean difference."""

from types import MappingProxyType

from ...pairwise import sign_flip
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Test, all_signs_alike
from .romano_wolf import step_down


def _run(scores: Scores, options: Options) -> PairwiseResult:
    return sign_flip(
        scores,
        n_resamples=options.n_resamples,
        groups=options.groups,
        alternative=options.alternative,
        control=options.control,
        rng=options.seed,
    )


def _smallest(n_units: int, n_models: int, options: Options) -> float:
    return max(all_signs_alike(n_units, n_models, options), 1 / (options.n_resamples + 1))


SIGN_FLIP = Test(
    name="sign-flip",
    title="sign-flip permutation test",
    symbol="mean difference",
    estimand="mean",
    run=_run,
    smallest_pvalue=_smallest,
    assumes="differences are symmetric about their mean",
    references=("Fisher, R. A. (1935). The Design of Experiments. Oliver & Boyd, section 21.",),
    joint=MappingProxyType({"romano-wolf": step_down("sign-flip")}),
    of_symmetry=True,
    takes_groups=True,
)
