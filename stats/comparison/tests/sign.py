"""The sign test."""

from ...pairwise import sign_test
from ...planning.simulation import sign_pvalues
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Test, all_signs_alike


def _run(scores: Scores, options: Options) -> PairwiseResult:
    return sign_test(scores, alternative=options.alternative, control=options.control)


SIGN = Test(
    name="sign",
    title="sign test",
    symbol="positive signs",
    estimand="win rate",
    run=_run,
    smallest_pvalue=all_signs_alike,
    assumes="tasks are independent",
    references=(
        "Dixon, W. J. and Mood, A. M. (1946). The statistical sign test. Journal of the American Statistical Association 41, 557–566.",
    ),
    of_symmetry=True,
    simulate=sign_pvalues,
)
