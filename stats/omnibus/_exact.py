"""The exact null distribution of Friedman's statistic, ties included."""

from itertools import combinations, permutations
from math import factorial

import numpy as np
import pandas as pd

from ..common.errors import InputError
from ..results import Floats

#: How many (rank sums, permutation) combinations one task may bring.
LIMIT = 4_000_000


def exact_pvalue(ranks: Floats) -> float:
    """P(statistic >= the observed one) over all orders of the ranks within every task.

    The statistic grows with the sum of squared rank sums, so that is what is counted. Because every order of a task's
    ranks is equally probable, only the sorted rank sums matter: tasks are added one by one to their distribution.

    Parameters
    ----------
    ranks : ndarray, shape (n_tasks, n_models)
        Midranks within tasks.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If the table is too large.
    """
    doubled = np.rint(2 * ranks).astype(np.int64)
    n, k = doubled.shape
    observed = int((doubled.sum(axis=0) ** 2).sum())
    if k > 8 or factorial(k) > LIMIT:
        raise _too_large(n, k)
    # Rank sums as one number each, to tell equal ones by; the last is fixed by the others.
    place = (2 * n * k + 1) ** np.arange(k - 1, dtype=np.int64)
    sums = np.sort(doubled[0])[:, None]  # a row a model; the first task's order does not matter
    probability: Floats = np.ones(1)
    for row in doubled[1:]:
        orders = np.array(sorted(set(permutations(row.tolist()))), dtype=np.int64)
        if sums.shape[1] * len(orders) > LIMIT:
            raise _too_large(n, k)
        reached = [(one[:, None] + order).ravel() for one, order in zip(sums, orders.T, strict=True)]
        for i, j in combinations(range(k), 2):  # sorts them, all at once
            reached[i], reached[j] = np.minimum(reached[i], reached[j]), np.maximum(reached[i], reached[j])
        weight = np.repeat(probability / len(orders), len(orders))
        # Hashed, so that only the different ones, a few of a hundred, are sorted.
        member, codes = pd.factorize(np.add.reduce([p * one for p, one in zip(place, reached, strict=False)]))
        first = np.empty(len(codes), dtype=np.int64)
        first[member[::-1]] = np.arange(len(member))[::-1]  # of several the last one written stays
        by_code = np.argsort(np.asarray(codes))
        sums = np.array([one[first[by_code]] for one in reached])
        probability = np.asarray(np.bincount(member, weights=weight)[by_code], dtype=np.float64)
    return float(min(1.0, probability[(sums**2).sum(axis=0) >= observed].sum()))


def _too_large(n_tasks: int, n_models: int) -> InputError:
    return InputError(
        f"{n_models} models on {n_tasks} tasks are too many for the exact distribution: use method='chi-square', "
        "or the Iman-Davenport test"
    )
