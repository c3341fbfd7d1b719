"""Skillings and Mack's test: Friedman's with missing scores."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from ..common.errors import InputError
from ..common.threads import same_bits_on_any_cores
from ..scores import Scores, as_scores
from ..ties import rank_rows


@dataclass(frozen=True)
class SkillingsMackResult:
    """Skillings and Mack's test.

    Attributes
    ----------
    statistic : float
        Chi-square.
    pvalue : float
    df : int
        Number of models less the number of unconnected sets of models; k - 1 where all are connected.
    n_tasks, n_models : int
        Tasks with at least two scores, and models.
    n_scores : int
        Scores used.
    method : str
    """

    statistic: float
    pvalue: float
    df: int
    n_tasks: int
    n_models: int
    n_scores: int
    method: str = "Skillings-Mack test, tie-corrected, chi-square"

    def _repr_html_(self) -> str:
        from ..notebook import show_fields

        return show_fields(self)


@same_bits_on_any_cores
def skillings_mack(scores: Scores | pd.DataFrame) -> SkillingsMackResult:
    """Test that all models perform equally, by ranks within tasks, with any pattern of missing scores.

    Where no score is missing it is Friedman's tie-corrected chi-square exactly. Scores must be missing for reasons
    that have nothing to do with how well the model does.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; NaN is a missing score. Tasks with one score or none say nothing and are left out.

    Returns
    -------
    SkillingsMackResult
        If all models are equal on every task the statistic is 0 and p = 1.

    Raises
    ------
    InputError
        With fewer than two models, or no task that two of them have.

    Notes
    -----
    Ranks within a task with m scores, less (m + 1)/2, are weighted by sqrt(12 / (m + 1)) and summed per model. The sums'
    covariance under the null hypothesis is that of permuting every task's own ranks, so ties are accounted
    for; without ties it is Skillings and Mack's matrix.

    References
    ----------
    Skillings, J. H. and Mack, G. A. (1981). On the use of a Friedman-type statistic in balanced and unbalanced block
    designs. Technometrics 23, 171-177.

    Examples
    --------
    Two tasks of a and b, two of b and c, the first named always better: sums (2, 0, -2) after the weights sqrt(12/3) on
    deviations of 1/2; the covariance [[2, -2, 0], [-2, 4, -2], [0, -2, 2]] has x = (1, 0, -1) for S x = sums, so
    sums . x = 4 with 2 degrees of freedom.

    >>> nan = float("nan")
    >>> frame = pd.DataFrame({"a": [3, 3, nan, nan], "b": [2., 2, 2, 2], "c": [nan, nan, 1, 1]}, index=list("wxyz"))
    >>> found = skillings_mack(frame)
    >>> round(found.statistic, 12), found.df
    (4.0, 2)
    """
    scores = as_scores(scores)
    if scores.n_models < 2:
        raise InputError(f"got {scores.n_models} model(s): expected at least two to compare; add a model")
    values = scores.values
    present = ~np.isnan(values)
    used = present.sum(axis=1) >= 2
    if not used.any():
        raise InputError(f"none of the {scores.n_tasks} tasks has scores of two models: expected at least one that has")
    values, present = values[used], present[used]
    ranks = rank_rows(values, higher_is_better=scores.higher_is_better)
    m = present.sum(axis=1).astype(np.float64)
    weight = np.sqrt(12 / (m + 1))
    centred = np.where(present, ranks - ((m + 1) / 2)[:, None], 0.0)
    sums = (weight[:, None] * centred).sum(axis=0)
    # Covariance of two ranks of one task under permutation: -(their variance) / (m - 1).
    shared = weight**2 * (centred**2).sum(axis=1) / m / (m - 1)
    together = (present * shared[:, None]).T @ present.astype(np.float64)
    covariance = -together
    np.fill_diagonal(covariance, together.sum(axis=1) - np.diag(together))
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    statistic = float(sums @ np.linalg.pinv(covariance, hermitian=True) @ sums) if rank else 0.0
    pvalue = float(special.chdtrc(rank, max(statistic, 0.0))) if rank else 1.0
    return SkillingsMackResult(statistic, pvalue, rank, int(used.sum()), scores.n_models, int(present.sum()))
