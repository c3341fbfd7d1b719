"""The z test of mean ranks against a control, with Bonferroni's and Dunn's correction."""

import numpy as np
from scipy.special import ndtr, ndtri

from ...posthoc import bonferroni_dunn
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Ends, Test


def _run(scores: Scores, options: Options) -> PairwiseResult:
    return bonferroni_dunn(scores, control=str(options.control), alternative=options.alternative)


def _ends(scores: Scores, options: Options, found: PairwiseResult, alpha: float) -> Ends:
    """Difference of mean ranks plus and minus z times its standard error, positive where a scores higher."""
    k, n = scores.n_models, scores.complete("tasks").n_tasks
    error = np.sqrt(k * (k + 1) / (6 * n))
    gap = np.asarray(found.statistic) * error * (-1 if scores.higher_is_better else 1)
    half = -ndtri(alpha / options.sides) * error
    # Greater means a smaller mean rank of a, whatever the direction of the scores.
    low, high = options.one_sided(gap - half, gap + half, better_is_positive=scores.higher_is_better)
    return gap, low, high


def _smallest(n_units: int, n_models: int, options: Options) -> float:
    error = np.sqrt(n_models * (n_models + 1) / (6 * n_units))
    return float(min(1.0, (n_models - 1) * options.sides * ndtr(-(n_models - 1) / error)))


BONFERRONI_DUNN = Test(
    name="bonferroni-dunn",
    title="z test of mean ranks",
    symbol="z",
    estimand="mean rank",
    run=_run,
    smallest_pvalue=_smallest,
    ends=_ends,
    assumes="all models are equal under the null hypothesis",
    own_correction="bonferroni-dunn",
    of_symmetry=True,
    needs_control=True,
)
