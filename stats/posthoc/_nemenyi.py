"""Nemenyi's test: all pairs of mean ranks after a Friedman test."""

from functools import lru_cache

import numpy as np
import pandas as pd

from ..common.errors import InputError
from ..pairs import Pairs, check_level
from ..results import Floats, PairwiseResult
from ..scores import Scores, as_scores
from ..ties import rank_rows
from .studentized_range import range_quantile, range_sf


@lru_cache(maxsize=1024)
def nemenyi_critical_difference(n_models: int, n_tasks: int, alpha: float = 0.05) -> float:
    """Nemenyi's critical difference of mean ranks.

    ``q / sqrt(2) * sqrt(k (k + 1) / (6 N))``, where q is the upper alpha point of the studentized range of k means with
    infinite degrees of freedom.

    Parameters
    ----------
    n_models, n_tasks : int
        k and N.
    alpha : float

    Returns
    -------
    float

    References
    ----------
    Demsar, J. (2006). Statistical comparisons of classifiers over multiple data sets. JMLR 7, section 3.2.2.

    Examples
    --------
    Demsar's 4 classifiers on 14 data sets: q = 3.633, 3.633 / 1.4142 * sqrt(20 / 84) = 1.25.

    >>> round(nemenyi_critical_difference(4, 14), 2)
    1.25
    """
    check_level(alpha, "alpha")
    if n_models < 2 or n_tasks < 1:
        raise InputError(f"got {n_models} models and {n_tasks} tasks: expected at least two models and one task")
    q = range_quantile(alpha, n_models)
    return float(q / np.sqrt(2) * np.sqrt(n_models * (n_models + 1) / (6 * n_tasks)))


def nemenyi(scores: Scores | pd.DataFrame) -> PairwiseResult:
    """Nemenyi's test of every pair of models by their mean ranks.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; tasks that a model lacks are left out.

    Returns
    -------
    PairwiseResult
        ``difference`` is the difference of mean scores; ``statistic`` is the difference of mean ranks (a minus b:
        negative when a ranks better). The p-values are adjusted by construction, so ``pvalue_adjusted`` is equal:
        it is at most alpha where the mean ranks differ by the `nemenyi_critical_difference` or more.

    Raises
    ------
    InputError
        If there are fewer than two models, or no task that all of them have.

    References
    ----------
    Nemenyi, P. B. (1963). Distribution-free multiple comparisons. PhD thesis, Princeton. Demsar (2006), JMLR 7, 3.2.2.

    Examples
    --------
    Two models, six tasks, a always first: ranks 1 and 2, q = 1 / sqrt(2 * 3 / (12 * 6)) = 3.464, and for two models
    P(range > q) = 2 (1 - Phi(q / sqrt(2))).

    >>> frame = pd.DataFrame({"a": [.9] * 6, "b": [.5] * 6}, index=list("uvwxyz"))
    >>> nemenyi(frame).pvalue.round(6).tolist()
    [0.014306]
    """
    scores = as_scores(scores).complete("tasks")
    pairs = Pairs.of(scores)
    k, n_tasks = scores.n_models, scores.n_tasks
    mean_ranks = rank_rows(scores.values, higher_is_better=scores.higher_is_better).mean(axis=0)
    gap = mean_ranks[pairs.first] - mean_ranks[pairs.second]
    n, difference = pairs.summary()
    pvalue = range_pvalues(np.abs(gap) / np.sqrt(k * (k + 1) / (12 * n_tasks)), k)
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        difference,
        "Nemenyi, studentized range",
        statistic=gap,
        pvalue=pvalue,
        pvalue_adjusted=pvalue,
    )


def range_pvalues(q: Floats, k: int) -> Floats:
    """P(range of k standard normals > q), each distinct q once."""
    distinct, inverse = np.unique(np.round(q, 12), return_inverse=True)
    return np.asarray(range_sf(distinct, k)[inverse])
