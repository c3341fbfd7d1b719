"""Bergmann and Hommel's procedure for all pairs of models: which equalities can be true together."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..common.errors import InputError
from ..results import Floats

#: With ten models there are 115,975 sets of equalities that can be exactly the true ones, with fifteen over a billion.
MOST_MODELS = 9


def bergmann_hommel(pvalues: Floats, n_hypotheses: int) -> Floats:
    """Adjusted p-values of all pairs of k models, in row order: (1, 2), (1, 3), ..., (k - 1, k).

    A set of equalities is exhaustive if it can be exactly the true ones: models fall into groups, and two are equal where
    they share one. A hypothesis is retained at alpha if an exhaustive set of m hypotheses holds it of which the smallest
    p-value exceeds alpha / m; so its adjusted p is the largest m min p over the sets that hold it. As a set is thrown out
    for its smallest p alone, sets need no order to be gone through, and all are taken at once.

    Parameters
    ----------
    pvalues : ndarray, shape (k (k - 1) / 2,)
        NaN is not a member of the family.
    n_hypotheses : int
        k (k - 1) / 2, as all corrections are handed it.

    Returns
    -------
    ndarray
        Of the same shape.

    Raises
    ------
    InputError
        If the number of p-values is not k(k-1)/2, or k is larger than 9.

    References
    ----------
    Bergmann, B. and Hommel, G. (1988). Improvements of general multiple test procedures for redundant systems of
    hypotheses. In Multiple Hypotheses Testing, 100-115. Springer. Garcia, S. and Herrera, F. (2008). An extension on
    "Statistical comparisons of classifiers over multiple data sets" for all pairwise comparisons. JMLR 9, 2677-2694.

    Examples
    --------
    Three models: all three equalities, or one alone. The first has 3 (.01), the others the larger of 3 (.01) and their own.

    >>> bergmann_hommel(np.array([.01, .02, .04]), 3).tolist()
    [0.03, 0.03, 0.04]
    """
    k = int((1 + np.sqrt(1 + 8 * n_hypotheses)) / 2 + 1e-9)
    if k * (k - 1) // 2 != n_hypotheses:
        raise InputError(
            f"bergmann-hommel got {n_hypotheses} p-values: expected k(k-1)/2, one for every pair of k models; use 'holm'"
        )
    if k > MOST_MODELS:
        raise InputError(
            f"bergmann-hommel got the pairs of {k} models: expected {MOST_MODELS} at most, since the work grows with "
            "the number of their partitions; use 'shaffer' or 'holm'"
        )
    known = ~np.isnan(pvalues)
    sets = exhaustive_sets(k) & known
    smallest = np.where(sets, np.where(known, pvalues, 1.0), np.inf).min(axis=1)
    size = sets.sum(axis=1)
    worth = np.where(size > 0, size * np.where(size > 0, smallest, 0.0), 0.0)
    adjusted = np.where(sets, worth[:, None], 0.0).max(axis=0)
    return np.where(known, np.minimum(adjusted, 1.0), np.nan)


@lru_cache(maxsize=MOST_MODELS)
def exhaustive_sets(k: int) -> npt.NDArray[np.bool_]:
    """All sets of equalities among k models that can be exactly the true ones, shape (n_sets, k (k - 1) / 2).

    Examples
    --------
    >>> exhaustive_sets(3).sum(axis=1).tolist()  # one for each partition of three models into groups
    [3, 1, 1, 1, 0]
    """
    first, second = np.triu_indices(k, 1)
    groups = np.zeros((1, 1), dtype=np.int8)
    for _ in range(1, k):
        # The next model joins a group that there is, or opens one.
        most = groups.max(axis=1)
        repeated = np.repeat(np.arange(len(groups)), most + 2)
        start = np.cumsum(most + 2) - (most + 2)
        joins = np.arange(len(repeated)) - start[repeated]
        groups = np.column_stack([groups[repeated], joins.astype(np.int8)])
    found = groups[:, first] == groups[:, second]
    found.setflags(write=False)
    return np.asarray(found)
