"""Quade's test: tasks count more where the models differ more."""

from dataclasses import dataclass
from math import lgamma

import numpy as np
import pandas as pd
from scipy import special

from ..scores import Scores
from ..ties import doubled_midranks, rank_rows
from ._table import complete_table


@dataclass(frozen=True)
class QuadeResult:
    """Quade's test.

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
    method: str = "Quade test, F"

    def _repr_html_(self) -> str:
        from ..notebook import show_fields

        return show_fields(self)


def quade(scores: Scores | pd.DataFrame) -> QuadeResult:
    """Quade's test that all models perform equally; tasks are weighted by the rank of their range of scores.

    It presumes that scores of different tasks can be compared in size, and has then more power than Friedman's test
    with few models; Friedman's has more from about five models on.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; tasks that a model lacks are left out.

    Returns
    -------
    QuadeResult
        F is infinite when all tasks order the models alike and have equal ranges; p is then (1 / k!)^(N - 1). If all models are equal on
        every task the statistic is 0 and p = 1; with a single task both are NaN.

    Raises
    ------
    InputError
        With fewer than two models, or no task that all of them have.

    References
    ----------
    Quade, D. (1979). Using weighted rankings in the analysis of complete blocks. JASA 74, 680-683.
    Conover, W. J. (1999). Practical Nonparametric Statistics, 3rd ed., 5.8, equations 8-10.

    Examples
    --------
    Ranges .3, .1, .2 weigh 3, 1, 2. Weighted deviations a: 1.5 + .5 - 1 = 1, b: -1. A = 2 (2.25 + .25 + 1) = 7,
    B = (1 + 1) / 3, F = 2 B / (A - B) = .2105.

    >>> frame = pd.DataFrame({"a": [.5, .5, .5], "b": [.2, .4, .7]}, index=list("xyz"))
    >>> round(quade(frame).statistic, 4)
    0.2105
    """
    values, higher = complete_table(scores)
    n, k = values.shape
    ranks = rank_rows(values, higher_is_better=higher)
    ranges = (values.max(axis=1) - values.min(axis=1))[None, :]
    weights = doubled_midranks(ranges, np.abs(values).max(axis=1)[None, :])[0] / 2
    weighted = weights[:, None] * (ranks - (k + 1) / 2)
    total = float((weighted**2).sum())
    between = float((weighted.sum(axis=0) ** 2).sum()) / n
    df1, df2 = k - 1, (k - 1) * (n - 1)
    if df2 == 0:
        return QuadeResult(float("nan"), float("nan"), df1, df2, n, k)
    if total == 0:
        return QuadeResult(0.0, 1.0, df1, df2, n, k)
    if total - between <= 1e-9 * total:
        return QuadeResult(float("inf"), float(np.exp(-(n - 1) * lgamma(k + 1))), df1, df2, n, k)
    statistic = (n - 1) * between / (total - between)
    return QuadeResult(statistic, float(special.fdtrc(df1, df2, statistic)), df1, df2, n, k)
