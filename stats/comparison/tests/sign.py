"""The sign test."""

from ...decisions.marginal import exact_ends
from ...decisions.statistics import Sign
from ...decisions.units import Units
from ...pairwise import sign_test
from ...planning.simulation import sign_pvalues
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Ends, Test, all_signs_alike


def _run(scores: Scores, options: Options) -> PairwiseResult:
    return sign_test(scores, alternative=options.alternative, control=options.control)


def _ends(scores: Scores, options: Options, found: PairwiseResult, alpha: float) -> Ends:
    """Clopper and Pearson's."""
    return exact_ends(Units.of(scores, False, options.control), Sign(), alpha, options.side)


SIGN = Test(
    name="sign",
    title="sign test",
    symbol="positive signs",
    estimand="win rate",
    run=_run,
    smallest_pvalue=all_signs_alike,
    ends=_ends,
    flips="sign",
    assumes="tasks are independent",
    references=(
        "Dixon, W. J. and Mood, A. M. (1946). The statistical sign test. Journal of the American Statistical Association 41, 557–566.",
    ),
    of_symmetry=True,
    simulate=sign_pvalues,
)
