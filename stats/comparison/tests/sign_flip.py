"""The sign-flip permutation test of the mean difference."""

from types import MappingProxyType

from ...decisions._max_t import flip_ends, max_t
from ...decisions.units import Units
from ...pairwise import sign_flip
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Ends, Test, all_signs_alike
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


def _ends(scores: Scores, options: Options, found: PairwiseResult, alpha: float) -> Ends:
    """Mean plus and minus the critical value of the pair's own sign vectors."""
    return flip_ends(
        Units.of(scores, options.groups, options.control), options.n_resamples, options.seed, alpha, options.side
    )


def _step_ends(scores: Scores, options: Options, found: PairwiseResult, alpha: float) -> Ends:
    """The same with the critical value of all pairs at once."""
    joint = max_t(
        scores,
        statistic="mean",
        alpha=alpha,
        n_resamples=options.n_resamples,
        groups=options.groups,
        alternative=options.alternative,
        control=options.control,
        rng=options.seed,
    )
    return joint.estimate, joint.low, joint.high


def _smallest(n_units: int, n_models: int, options: Options) -> float:
    return max(all_signs_alike(n_units, n_models, options), 1 / (options.n_resamples + 1))


SIGN_FLIP = Test(
    name="sign-flip",
    title="sign-flip permutation test",
    symbol="mean difference",
    estimand="mean",
    run=_run,
    smallest_pvalue=_smallest,
    ends=_ends,
    flips="mean",
    joint_ends=MappingProxyType({"romano-wolf": _step_ends}),
    assumes="differences are symmetric about their mean",
    references=("Fisher, R. A. (1935). The Design of Experiments. Oliver & Boyd, section 21.",),
    joint=MappingProxyType({"romano-wolf": step_down("sign-flip")}),
    of_symmetry=True,
    takes_groups=True,
)
