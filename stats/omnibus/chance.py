"""How probable it is that tasks agree by chance: what no p-value of ranks can fall below."""

import numpy as np
from scipy import special

from ..results import Floats


def chance_of_agreement(ranks: Floats) -> float:
    """How probable it is that all tasks rank equal models alike: the least p-value that ranks can have.

    A task's ranks are one of as many orders as its ties leave, all equally probable, and all tasks but one must have the order
    of that one.

    Parameters
    ----------
    ranks : ndarray, shape (n_tasks, k)

    Examples
    --------
    Three tasks, three models: 1 / 6 to the power of 2. With a tie in a task it has three orders, not six.

    >>> tasks = np.array([[1., 2, 3]] * 3), np.array([[1., 2, 3], [1., 2.5, 2.5]])
    >>> [round(chance_of_agreement(ranks), 6) for ranks in tasks]
    [0.027778, 0.333333]
    """
    orders = [
        special.gammaln(len(row) + 1) - special.gammaln(np.unique(row, return_counts=True)[1] + 1).sum()
        for row in ranks
    ]
    # Fewer orders agree sooner: the task with the most is the one that the others agree with.
    return float(np.exp(max(orders) - sum(orders)))
