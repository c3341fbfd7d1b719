"""The paired t test."""

from ...pairwise import paired_t
from ...planning.simulation import t_pvalues
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Test, no_bound


def _run(scores: Scores, options: Options) -> PairwiseResult:
    return paired_t(
        scores,
        confidence_level=options.confidence_level,
        alternative=options.alternative,
        control=options.control,
    )


PAIRED_T = Test(
    name="paired-t",
    title="paired t test",
    symbol="t",
    estimand="mean",
    run=_run,
    smallest_pvalue=no_bound,
    assumes="differences are normal",
    references=("Student (1908). The probable error of a mean. Biometrika 6, 1–25.",),
    simulate=t_pvalues,
)
