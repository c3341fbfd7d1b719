"""The paired t test."""

import numpy as np

from ...pairwise import paired_t
from ...planning.simulation import t_pvalues
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Ends, Test, no_bound


def _run(scores: Scores, options: Options) -> PairwiseResult:
    return paired_t(
        scores,
        confidence_level=options.confidence_level,
        alternative=options.alternative,
        control=options.control,
    )


def _ends(scores: Scores, options: Options, found: PairwiseResult, alpha: float) -> Ends:
    """Student's t interval; one-sided, one end of the interval at twice the level."""
    level = 1 - (alpha if options.side == 0 else min(2 * alpha, 0.999))
    t = paired_t(scores, confidence_level=level, control=options.control)
    return t.difference, *options.one_sided(np.asarray(t.low), np.asarray(t.high))


PAIRED_T = Test(
    name="paired-t",
    title="paired t test",
    symbol="t",
    estimand="mean",
    run=_run,
    smallest_pvalue=no_bound,
    ends=_ends,
    assumes="differences are normal",
    references=("Student (1908). The probable error of a mean. Biometrika 6, 1–25.",),
    simulate=t_pvalues,
)
