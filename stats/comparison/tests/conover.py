"""Conover's test of rank sums after Friedman's."""

from dataclasses import replace
from math import exp, lgamma

from ...common.errors import InputError
from ...posthoc._conover import conover
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Test


def _check(options: Options) -> None:
    if options.control is not None or options.alternative != "two-sided":
        raise InputError("test='conover' is for all pairs, two-sided: use test='wilcoxon' with a control")


def _run(scores: Scores, options: Options) -> PairwiseResult:
    found = conover(scores, correction="none")
    return replace(found, method=found.method.removesuffix(", none"), pvalue_adjusted=None)


def _smallest(n_units: int, n_models: int, options: Options) -> float:
    """All tasks rank the models alike: (1 / k!)^(n - 1) of equal models."""
    return exp(-(n_units - 1) * lgamma(n_models + 1))


CONOVER = Test(
    name="conover",
    title="Conover test",
    symbol="t",
    estimand="mean rank",
    run=_run,
    smallest_pvalue=_smallest,
    assumes="all models are equal under the null hypothesis",
    references=("Conover, W. J. (1999). Practical Nonparametric Statistics, 3rd ed. Wiley, 5.8.",),
    of_symmetry=True,
    check=_check,
)
