"""The Bonferroni-Dunn test: mean ranks of all models against a control."""

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from ..common.errors import InputError
from ..pairs import Alternative, Pairs, check_alternative, check_level
from ..results import PairwiseResult
from ..scores import Scores, as_scores
from ..ties import rank_rows
from ._adjust import adjust


def dunn_critical_difference(n_models: int, n_tasks: int, alpha: float = 0.05) -> float:
    """Critical difference of mean ranks from a control's: ``z_(alpha / (2 (k - 1))) sqrt(k (k + 1) / (6 N))``.

    Parameters
    ----------
    n_models, n_tasks : int
        k, the control included, and N.
    alpha : float

    Returns
    -------
    float

    References
    ----------
    Dunn, O. J. (1961). Multiple comparisons among means. JASA 56, 52-64. Demsar (2006), JMLR 7, section 3.2.2.

    Examples
    --------
    Demsar's 4 classifiers on 14 data sets: 2.394 * sqrt(20 / 84) = 1.17 (the paper truncates to 1.16).

    >>> round(dunn_critical_difference(4, 14), 3)
    1.168
    """
    check_level(alpha, "alpha")
    if n_models < 2 or n_tasks < 1:
        raise InputError(f"got {n_models} models and {n_tasks} tasks: expected at least two models and one task")
    z = -float(ndtri(alpha / (2 * (n_models - 1))))
    return float(z * np.sqrt(n_models * (n_models + 1) / (6 * n_tasks)))


def bonferroni_dunn(
    scores: Scores | pd.DataFrame,
    *,
    control: str,
    alternative: Alternative = "two-sided",
    correction: str = "bonferroni",
) -> PairwiseResult:
    """Compare the mean rank of every model with a control's.

    ``z = (R_i - R_control) / sqrt(k (k + 1) / (6 N))`` is referred to the normal distribution.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; tasks that a model lacks are left out.
    control : str
        The model that is b of every pair.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"``: a is better than the control, that is, has the smaller mean rank.
    correction : str
        ``"bonferroni"`` is Dunn's test; any other method of `adjust` gives the variants Demsar recommends
        (``"holm"``, ``"hochberg"``, ``"hommel"``).

    Returns
    -------
    PairwiseResult
        ``difference`` is that of mean scores, ``statistic`` is z (negative when a ranks better).

    Raises
    ------
    InputError
        If there are fewer than two models, no such control, or an option is unknown.

    References
    ----------
    Dunn, O. J. (1961). Multiple comparisons among means. JASA 56, 52-64. Demsar (2006), JMLR 7, section 3.2.2.

    Examples
    --------
    Six tasks, a always before b: z = (1 - 2) / sqrt(2 * 3 / 36) = -2.449.

    >>> frame = pd.DataFrame({"a": [.9] * 6, "b": [.5] * 6}, index=list("uvwxyz"))
    >>> bonferroni_dunn(frame, control="b").statistic.round(3).tolist()
    [-2.449]
    """
    check_alternative(alternative)
    scores = as_scores(scores).complete("tasks")
    pairs = Pairs.of(scores, control)
    k, n_tasks = scores.n_models, scores.n_tasks
    mean_ranks = rank_rows(scores.values, higher_is_better=scores.higher_is_better).mean(axis=0)
    z = (mean_ranks[pairs.first] - mean_ranks[pairs.second]) / np.sqrt(k * (k + 1) / (6 * n_tasks))
    tail = {"two-sided": 2 * ndtr(-np.abs(z)), "greater": ndtr(z), "less": ndtr(-z)}[alternative]
    n, difference = pairs.summary()
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        difference,
        "Bonferroni-Dunn, mean ranks against a control"
        if correction == "bonferroni"
        else f"mean ranks against a control, z test, {correction}",
        statistic=z,
        pvalue=tail,
        pvalue_adjusted=adjust(tail, correction),
        alternative=alternative,
    )
