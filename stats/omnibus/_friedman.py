"""Friedman's test and Iman and Davenport's refinement."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd
from scipy import special

from ..common.errors import InputError, UndefinedWarning, warn
from ..results import Floats
from ..scores import Scores, as_scores
from ..ties import rank_rows
from ._exact import exact_pvalue
from .chance import chance_of_agreement


@dataclass(frozen=True)
class FriedmanResult:
    """Friedman's test.

    Attributes
    ----------
    statistic : float
        Chi-square, corrected for ties.
    pvalue : float
    df : int
        k - 1.
    n_tasks, n_models : int
    method : str
    """

    statistic: float
    pvalue: float
    df: int
    n_tasks: int
    n_models: int
    method: str = "Friedman rank sum test, tie-corrected, chi-square"

    def _repr_html_(self) -> str:
        from ..notebook import show_fields

        return show_fields(self)


@dataclass(frozen=True)
class ImanDavenportResult:
    """Iman and Davenport's F test.

    Attributes
    ----------
    statistic : float
        F.
    pvalue : float
    df1, df2 : int
        k - 1 and (k - 1)(N - 1).
    n_tasks, n_models : int
    method : str
    """

    statistic: float
    pvalue: float
    df1: int
    df2: int
    n_tasks: int
    n_models: int
    method: str = "Iman-Davenport F test"

    def _repr_html_(self) -> str:
        from ..notebook import show_fields

        return show_fields(self)


def friedman(scores: Scores | pd.DataFrame, *, method: Literal["chi-square", "exact"] = "chi-square") -> FriedmanResult:
    """Friedman's test that all models perform equally, by ranks within tasks, corrected for ties.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; tasks that a model lacks are left out.
    method : {"chi-square", "exact"}
        Where the p-value comes from: the chi-square distribution, or all orders of the ranks within tasks, ties included
        (small tables: 3 models on any number of tasks, 4 on about 25, 5 on 10, 6 on 5).

    Returns
    -------
    FriedmanResult
        If all models are equal on every task the statistic is 0 and p = 1.

    Raises
    ------
    InputError
        With fewer than two models, no task that all of them have, or a table too large for the exact distribution.

    References
    ----------
    Friedman, M. (1937). JASA 32, 675-701. Conover, W. J. (1999). Practical Nonparametric Statistics, 3rd ed., 5.8.

    Examples
    --------
    Three tasks that all rank three models alike: rank sums 3, 6, 9 and 12/(3*3*4) * (9 + 36 + 81) - 3*3*4 = 6.

    >>> frame = pd.DataFrame({"a": [3., 3, 3], "b": [2., 2, 2], "c": [1., 1, 1]}, index=list("xyz"))
    >>> round(friedman(frame).statistic, 12)
    6.0
    """
    ranks = _ranks(scores)
    n, k = ranks.shape
    statistic = _chi_square(ranks)
    if method == "exact":
        words = "Friedman rank sum test, tie-corrected, exact"
        return FriedmanResult(statistic, exact_pvalue(ranks), k - 1, n, k, words)
    if method != "chi-square":
        raise InputError(f"method={method!r}: expected 'chi-square' or 'exact'")
    return FriedmanResult(statistic, float(special.chdtrc(k - 1, statistic)), k - 1, n, k)


def iman_davenport(scores: Scores | pd.DataFrame) -> ImanDavenportResult:
    """Iman and Davenport's F, less conservative than Friedman's chi-square.

    ``F = (N - 1) chi2 / (N (k - 1) - chi2)`` with k - 1 and (k - 1)(N - 1) degrees of freedom.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; tasks that a model lacks are left out.

    Returns
    -------
    ImanDavenportResult
        F is infinite when all tasks rank the models alike, and NaN with a single task. No p is smaller than the chance that
        equal models are ranked alike by all tasks, (1 / k!)^(N - 1) without ties.

    Raises
    ------
    InputError
        With fewer than two models, or no task that all of them have.

    References
    ----------
    Iman, R. L. and Davenport, J. M. (1980). Commun. Statist. A 9, 571-595. Demsar (2006), JMLR 7, section 3.2.2.

    Examples
    --------
    Demsar's 14 data sets and 4 classifiers, chi2 = 9.28: 13 * 9.28 / (14 * 3 - 9.28) = 3.69. Here three tasks, two of which
    rank a, b, c alike and one b, a, c: chi2 = 14/3, so F = 2 * 14/3 / (3 * 2 - 14/3) = 7.

    >>> frame = pd.DataFrame({"a": [3., 3, 2], "b": [2., 2, 3], "c": [1., 1, 1]}, index=list("xyz"))
    >>> round(iman_davenport(frame).statistic, 9)
    7.0
    """
    ranks = _ranks(scores)
    n, k = ranks.shape
    chi2 = _chi_square(ranks)
    df1, df2 = k - 1, (k - 1) * (n - 1)
    if df2 == 0:
        warn("a single task leaves no degrees of freedom: Iman and Davenport's F is undefined", UndefinedWarning)
        return ImanDavenportResult(float("nan"), float("nan"), df1, df2, n, k)
    left = n * (k - 1) - chi2
    if left <= 1e-9 * n * (k - 1):  # perfect agreement, up to rounding
        return ImanDavenportResult(float("inf"), chance_of_agreement(ranks), df1, df2, n, k)
    statistic = (n - 1) * chi2 / left
    pvalue = max(float(special.fdtrc(df1, df2, statistic)), chance_of_agreement(ranks) if statistic > 0 else 0.0)
    return ImanDavenportResult(statistic, pvalue, df1, df2, n, k)


def _ranks(scores: Scores | pd.DataFrame) -> Floats:
    scores = as_scores(scores).complete("tasks")
    if scores.n_models < 2:
        raise InputError(f"got {scores.n_models} model(s): expected at least two to compare; add a model")
    return rank_rows(scores.values, higher_is_better=scores.higher_is_better)


def _chi_square(ranks: Floats) -> float:
    """(k - 1) times the sum of squares between models over the mean square within tasks (Conover 1999, eq. 5.8.2)."""
    n, k = ranks.shape
    spread = float(((ranks - (k + 1) / 2) ** 2).sum())
    if spread == 0:
        return 0.0
    sums = ranks.sum(axis=0)
    return float((k - 1) * ((sums - n * (k + 1) / 2) ** 2).sum() / spread)
