"""Conover's post hoc test: all pairs of rank sums after a Friedman test, with a t distribution."""

import numpy as np
import pandas as pd
from scipy import special

from ..common.errors import UndefinedWarning, warn
from ..omnibus.chance import chance_of_agreement
from ..pairs import Pairs
from ..results import PairwiseResult
from ..scores import Scores, as_scores
from ..ties import rank_rows
from ._adjust import adjust


def conover(scores: Scores | pd.DataFrame, *, correction: str = "holm") -> PairwiseResult:
    """Conover's test of every pair of models by their rank sums, after Friedman's test.

    More powerful than Nemenyi's because the spread is estimated from the ranks themselves; it is protected by the
    omnibus test and does not control the family-wise error by itself, hence `correction`.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; tasks that a model lacks are left out.
    correction : str
        As in `adjust`.

    Returns
    -------
    PairwiseResult
        ``difference`` is the difference of mean scores; ``statistic`` is t, positive where a ranks better, with
        (N - 1)(k - 1) degrees of freedom. It is infinite where all tasks rank the models alike; no p-value is smaller than
        the chance of that among equal models, (1 / k!)^(N - 1) without ties. A single task gives NaN.

    Raises
    ------
    InputError
        If there are fewer than two models, or no task that all of them have.

    References
    ----------
    Conover, W. J. (1999). Practical Nonparametric Statistics, 3rd ed., 5.8, equation 12. Conover, W. J. and Iman, R. L.
    (1979). On multiple-comparisons procedures. Los Alamos LA-7677-MS.

    Examples
    --------
    Ranks (1, 2), (1, 2), (2, 1): sums 4 and 5, A = 15, B = (16 + 25)/3 = 13.667, t = 1 / sqrt(2 * 3 (15 - 13.667) / 2) = .5.

    >>> frame = pd.DataFrame({"a": [.9, .8, .3], "b": [.5, .4, .6]}, index=list("xyz"))
    >>> conover(frame).statistic.round(12).tolist()
    [0.5]
    """
    scores = as_scores(scores).complete("tasks")
    pairs = Pairs.of(scores)
    ranks = rank_rows(scores.values, higher_is_better=scores.higher_is_better)
    n_tasks, k = ranks.shape
    sums = ranks.sum(axis=0)
    total, between = float((ranks**2).sum()), float((sums**2).sum()) / n_tasks
    df = (n_tasks - 1) * (k - 1)
    gap = sums[pairs.second] - sums[pairs.first]
    if df == 0:
        warn("a single task has no spread of ranks: Conover's t and p are undefined", UndefinedWarning)
        statistic = np.full(len(pairs), np.nan)
        pvalue = np.full(len(pairs), np.nan)
    else:
        left = total - between
        scale = 0.0 if left <= 1e-12 * total else np.sqrt(2 * n_tasks * left / df)
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = np.where(gap == 0, 0.0, gap / scale)
        pvalue = np.maximum(2 * special.stdtr(df, -np.abs(statistic)), chance_of_agreement(ranks))
    pvalue = np.where(statistic == 0, 1.0, pvalue)
    n, difference = pairs.summary()
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        difference,
        f"Conover after Friedman, t with {df} degrees of freedom, {correction}",
        statistic=statistic,
        pvalue=pvalue,
        pvalue_adjusted=adjust(pvalue, correction),
    )
