"""The exact null distribution of Friedman's statistic, ties included."""

from itertools import permutations
from math import factorial

import numpy as np

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
    place = np.append((2 * n * k + 1) ** np.arange(k - 1, dtype=np.int64), 0)
    sums = np.sort(doubled[:1], axis=1)  # the first task's order does not matter
    probability: Floats = np.ones(1)
    for row in doubled[1:]:
        orders = np.array(sorted(set(permutations(row.tolist()))), dtype=np.int64)
        if len(sums) * len(orders) > LIMIT:
            raise _too_large(n, k)
        reached = np.sort((sums[:, None, :] + orders[None, :, :]).reshape(-1, k), axis=1)
        weight = np.repeat(probability / len(orders), len(orders))
        _, first, member = np.unique(reached @ place, return_index=True, return_inverse=True)
        sums, probability = reached[first], np.asarray(np.bincount(member, weights=weight), dtype=np.float64)
    return float(min(1.0, probability[(sums**2).sum(axis=1) >= observed].sum()))


def _too_large(n_tasks: int, n_models: int) -> InputError:
    return InputError(
        f"{n_models} models on {n_tasks} tasks are too many for the exact distribution: use method='chi-square', "
        "or the Iman-Davenport test"
    )
