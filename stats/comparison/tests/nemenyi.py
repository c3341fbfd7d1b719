"""Nemenyi's test of mean ranks."""

import numpy as np

from ...common.errors import InputError
from ...posthoc._nemenyi import nemenyi, nemenyi_critical_difference, range_pvalues
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Ends, Test


def _check(options: Options) -> None:
    if options.control is not None:
        raise InputError(
            "test='nemenyi' is for all pairs: with a control use test='bonferroni-dunn', by mean ranks too"
        )


def _run(scores: Scores, options: Options) -> PairwiseResult:
    return nemenyi(scores)


def _ends(scores: Scores, options: Options, found: PairwiseResult, alpha: float) -> Ends:
    """Difference of mean ranks plus and minus the critical difference, positive where a scores higher."""
    gap = np.asarray(found.statistic) * (-1 if scores.higher_is_better else 1)
    half = nemenyi_critical_difference(scores.n_models, scores.complete("tasks").n_tasks, alpha)
    return gap, gap - half, gap + half


def _smallest(n_units: int, n_models: int, options: Options) -> float:
    """The two models that are first and last on every task."""
    error = np.sqrt(n_models * (n_models + 1) / (12 * n_units))
    return float(range_pvalues(np.array([(n_models - 1) / error]), n_models)[0])


NEMENYI = Test(
    name="nemenyi",
    title="Nemenyi test",
    symbol="difference of mean ranks",
    estimand="mean rank",
    run=_run,
    smallest_pvalue=_smallest,
    ends=_ends,
    assumes="all models are equal under the null hypothesis",
    references=("Nemenyi, P. (1963). Distribution-free multiple comparisons. PhD thesis, Princeton University.",),
    own_correction="studentized range",
    of_symmetry=True,
    check=_check,
)
