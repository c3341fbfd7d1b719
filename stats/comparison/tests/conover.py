"""Conover's test of rank sums after Friedman's."""

from dataclasses import replace
from math import exp, lgamma

import numpy as np
from scipy.special import stdtrit

from ...common.errors import InputError
from ...posthoc import conover
from ...results import PairwiseResult
from ...scores import Scores
from ...ties import rank_rows
from ..options import Options
from .base import Ends, Test


def _check(options: Options) -> None:
    if options.control is not None or options.alternative != "two-sided":
        raise InputError("test='conover' is for all pairs, two-sided: use test='wilcoxon' with a control")


def _run(scores: Scores, options: Options) -> PairwiseResult:
    found = conover(scores, correction="none")
    return replace(found, method=found.method.removesuffix(", none"), pvalue_adjusted=None)


def _smallest(n_units: int, n_models: int, options: Options) -> float:
    """All tasks rank the models alike: (1 / k!)^(n - 1) of equal models."""
    return exp(-(n_units - 1) * lgamma(n_models + 1))


def _ends(scores: Scores, options: Options, found: PairwiseResult, alpha: float) -> Ends:
    """Difference of mean ranks plus and minus t times its standard error, positive where a scores higher."""
    ranks = rank_rows(scores.complete("tasks").values, higher_is_better=scores.higher_is_better)
    n, k = ranks.shape
    gap = ranks.mean(axis=0)[found.second] - ranks.mean(axis=0)[found.first]
    t = np.asarray(found.statistic)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.nanmax(
            np.where(t != 0, np.abs(gap / t), 0.0), initial=0.0
        )  # one for all pairs; 0 where t is infinite
    half = stdtrit(max((n - 1) * (k - 1), 1), 1 - alpha / 2) * error if n > 1 else np.inf
    gap = gap if scores.higher_is_better else -gap
    return gap, gap - half, gap + half


CONOVER = Test(
    name="conover",
    title="Conover test",
    symbol="t",
    estimand="mean rank",
    run=_run,
    smallest_pvalue=_smallest,
    ends=_ends,
    assumes="all models are equal under the null hypothesis",
    references=("Conover, W. J. (1999). Practical Nonparametric Statistics, 3rd ed. Wiley, 5.8.",),
    of_symmetry=True,
    check=_check,
)
