"""Friedman's test on aligned ranks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from ..results import Floats
from ..scores import Scores
from ..ties import doubled_midranks
from ._table import complete_table


@dataclass(frozen=True)
class AlignedRanksResult:
    """Friedman's aligned ranks test.

    Attributes
    ----------
    statistic : float
        Chi-square.
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
    method: str = "Friedman aligned ranks test, chi-square"

    def _repr_html_(self) -> str:
        from ..notebook import show_fields

        return show_fields(self)


def aligned_ranks(scores: Scores | pd.DataFrame) -> AlignedRanksResult:
    """Test that all models perform equally, by ranks over all scores after every task's mean is taken off.

    Unlike Friedman's ranks within tasks, aligned ranks keep how far apart the models are, which helps
    with few models; scores of different tasks must be comparable in size.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; tasks that a model lacks are left out.

    Returns
    -------
    AlignedRanksResult
        If all models are equal on every task the statistic is 0 and p = 1.

    Raises
    ------
    InputError
        With fewer than two models, or no task that all of them have.

    References
    ----------
    Hodges, J. L. and Lehmann, E. L. (1962). Rank methods for combination of independent experiments in analysis of
    variance. Ann. Math. Statist. 33, 482-497. Garcia, S., Fernandez, A., Luengo, J. and Herrera, F. (2010).
    Information Sciences 180, 2044-2064, section 3.2; ties by the ranks' own squares.

    Examples
    --------
    Deviations a .1, .2; b -.1, -.2: ranks a 2, 1; b 3, 4. Rank sums 3 and 7, each 2 off the mean 5; task sums 5 and 5.
    (k - 1) (4 + 4) / (30 - (25 + 25) / 2) = 1.6

    >>> round(aligned_ranks(pd.DataFrame({"a": [.6, .7], "b": [.4, .3]}, index=["x", "y"])).statistic, 12)
    1.6
    """
    values, higher = complete_table(scores)
    n, k = values.shape
    ranks = aligned(values, higher_is_better=higher)
    within = float((ranks**2).sum() - (ranks.sum(axis=1) ** 2).sum() / k)
    if within <= 1e-9 * float((ranks**2).sum()):
        return AlignedRanksResult(0.0, 1.0, k - 1, n, k)
    sums = ranks.sum(axis=0)
    statistic = float((k - 1) * ((sums - n * (n * k + 1) / 2) ** 2).sum() / within)
    return AlignedRanksResult(statistic, float(special.chdtrc(k - 1, statistic)), k - 1, n, k)


def aligned(values: Floats, *, higher_is_better: bool = True) -> Floats:
    """Ranks over the whole table, 1 for the best, of scores less their task's mean; near ties share a rank.

    Parameters
    ----------
    values : ndarray, shape (n_tasks, n_models)

    Returns
    -------
    ndarray, shape (n_tasks, n_models)
    """
    deviations = values - values.mean(axis=1, keepdims=True)
    # Rounding is that of the scores, not of the deviations; a mean over k adds a few units of it.
    size = np.broadcast_to(np.abs(values).max(axis=1, keepdims=True), values.shape)
    flat = (-deviations if higher_is_better else deviations).reshape(1, -1)
    return np.asarray(doubled_midranks(flat, size.reshape(1, -1)).reshape(values.shape) / 2)
