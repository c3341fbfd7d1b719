"""Conover's test of rank sums after Friedman's."""

from dataclasses import replace

from ...common.errors import InputError
from ...posthoc._conover import conover
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Test, no_bound


def _check(options: Options) -> None:
    if options.control is not None or options.alternative != "two-sided":
        raise InputError("test='conover' is for all pairs, two-sided: use test='wilcoxon' with a control")


def _run(scores: Scores, options: Options) -> PairwiseResult:
    found = conover(scores, correction="none")
    return replace(found, method=found.method.removesuffix(", none"), pvalue_adjusted=None)


CONOVER = Test(
    name="conover",
    title="Conover test",
    symbol="t",
    estimand="mean rank",
    run=_run,
    smallest_pvalue=no_bound,
    assumes="all models are equal under the null hypothesis",
    references=("Conover, W. J. (1999). Practical Nonparametric Statistics, 3rd ed. Wiley, 5.8.",),
    of_symmetry=True,
    check=_check,
)
