"""Decisions of a test of single pairs under a correction: the intervals invert the same test, at the level that the correction leaves.

Single-step corrections have intervals of their own. A step-down or step-up correction (Holm, Shaffer, Hommel, Romano and Wolf ...) rejects
all that its single-step counterpart does, and sometimes more; no interval of finite width holds at that level. What is shown is the
single-step interval, and where the correction decides more than it shows, the side beyond 0 is cut off: that much, the direction, is what
the step says and no more (Strassburger and Bretz 2008, whose compatible intervals do the same). So a pair differs exactly where its
interval excludes 0, under every correction. False discovery rates have the intervals of Benjamini and Yekutieli (2005): 1 - R alpha / m,
with R the number of pairs that are decided.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..pairs import Indices
from ..results import Floats
from .table import Decisions, Flags, Whole, cohere

#: Estimate, low and high of every pair at one level alpha of a test of single pairs; all of the size of the pairs.
Ends = tuple[Floats, Floats, Floats]


@dataclass(frozen=True, eq=False)
class Tested:
    """What a test said of every pair before the correction; arrays have shape (n_pairs,).

    Attributes
    ----------
    models : tuple of str
    first, second : ndarray of int
    n : ndarray of int
        Tasks.
    mean_difference : ndarray
    statistic, pvalue : ndarray
    direction : ndarray
        Of the sign of a minus b in the test's estimand.
    least : ndarray
        The least positive difference of the estimand that is none by rounding.
    estimand, method : str
    """

    models: tuple[str, ...]
    first: Indices
    second: Indices
    n: Whole
    mean_difference: Floats
    statistic: Floats
    pvalue: Floats
    direction: Floats
    least: Floats
    estimand: str
    method: str


def decide(
    tested: Tested,
    adjusted: Floats,
    ends: Callable[[float], Ends],
    *,
    alpha: float,
    single_step: float,
    significant: Flags | None = None,
    joint: Ends | None = None,
    **described: object,
) -> Decisions:
    """The table of a test under a correction.

    Parameters
    ----------
    tested : Tested
    adjusted : ndarray, shape (n_pairs,)
        Adjusted p-values; NaN where there are none.
    ends : callable
        Level of one pair -> the intervals that invert the test at it.
    alpha : float
    single_step : float
        The level of one pair in the single-step counterpart of the correction (`level_of_a_pair`).
    significant : ndarray of bool, optional
        Which pairs are told apart, of a test without p-values.
    joint : (estimate, low, high), optional
        Simultaneous intervals that are not those of a single pair at another level.
    **described
        Further fields of `Decisions`.
    """
    with np.errstate(invalid="ignore"):
        sure = adjusted <= alpha if significant is None else significant
        alone = tested.pvalue <= alpha if significant is None else significant
    direction = np.sign(np.nan_to_num(tested.direction))
    estimate, low, high = ends(single_step) if joint is None else joint
    _, low_marginal, high_marginal = ends(alpha)
    low_marginal, high_marginal = cohere(
        low_marginal, high_marginal, np.where(alone, direction, 0).astype(np.int8), tested.least
    )
    low, high = cohere(low, high, np.where(sure, direction, 0).astype(np.int8), tested.least)
    low, high = np.fmin(low, low_marginal), np.fmax(high, high_marginal)
    unknown = np.isnan(estimate) | (tested.n == 0)
    low, high, low_marginal, high_marginal = (
        np.where(unknown, np.nan, end) for end in (low, high, low_marginal, high_marginal)
    )
    return Decisions(
        models=tested.models,
        first=tested.first,
        second=tested.second,
        n=tested.n,
        estimate=np.where(unknown, np.nan, np.clip(estimate, low, high)),
        mean_difference=tested.mean_difference,
        low=low,
        high=high,
        low_marginal=low_marginal,
        high_marginal=high_marginal,
        statistic=tested.statistic,
        pvalue=tested.pvalue,
        pvalue_adjusted=adjusted,
        alpha=alpha,
        estimand=tested.estimand,
        method=tested.method,
        **described,  # type: ignore[arg-type]  # fields of Decisions by name
    )


def level_of_a_pair(correction: str, kind: str, pvalue: Floats, adjusted: Floats, alpha: float) -> float:
    """The level of one pair's interval so that all hold together, or, of false discovery rates, those of the pairs that are decided.

    Parameters
    ----------
    correction : str
        By name.
    kind : str
        Of the correction: ``none, single-step, step-down, step-up, false discovery rate``.
    pvalue, adjusted : ndarray
    alpha : float

    Examples
    --------
    Ten pairs under Holm: Bonferroni's .005 each. Benjamini and Hochberg with two of ten decided: .01.

    >>> p = np.array([.001, .002] + [.5] * 8)
    >>> level_of_a_pair("holm", "step-down", p, p, .05), level_of_a_pair("bh", "false discovery rate", p, p, .05)
    (0.005, 0.01)
    """
    m = int((~np.isnan(pvalue)).sum())
    if kind == "none" or not m:
        return alpha
    if kind != "false discovery rate":
        return alpha / m
    with np.errstate(invalid="ignore"):
        decided = max(1, int((adjusted <= alpha).sum()))
    dependence = float((1 / np.arange(1, m + 1)).sum()) if correction == "by" else 1.0
    return alpha * decided / m / dependence
