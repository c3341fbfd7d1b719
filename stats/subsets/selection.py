"""Which tasks say most of the mean over all of them, for their cost."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..prediction.gaussian import GaussianTasks
from ..results import Floats


@dataclass(frozen=True)
class Chosen:
    """A choice of tasks.

    Attributes
    ----------
    tasks : list of int
        In the order in which they were chosen: the best first.
    spread : float
        Standard deviation, over models, of the full mean given these tasks' scores.
    least : float
        No choice within the budget has a smaller one.
    """

    tasks: list[int]
    spread: float
    least: float


def choose(model: GaussianTasks, costs: Floats, budget: float) -> Chosen:
    """Choose tasks of at most this cost, given whose scores the mean over all tasks is known best.

    Parameters
    ----------
    model : GaussianTasks
        Of all tasks.
    costs : ndarray, shape (n_tasks,)
        Not negative.
    budget : float
        Of their sum.

    Returns
    -------
    Chosen

    Notes
    -----
    Of a multivariate normal, the variance of the mean given some tasks does not depend on their scores. Tasks are added one by one, by what they take
    off it, and by that in proportion to their cost; the better of the two is then improved by exchanges, a task for whatever fits in its place.
    The bound is what all tasks together leave of which each would fit by itself: more can't be known.
    """
    covariance = model.correlation * np.outer(model.sd, model.sd)
    fits = np.flatnonzero(costs <= budget)
    both = [_added(covariance, costs, budget, [], fits, per_cost=per_cost) for per_cost in (False, True)]
    best = min(both, key=lambda tasks: _left(covariance, tasks))
    best = _exchanged(covariance, costs, budget, best, fits)
    return Chosen(best, _left(covariance, best) ** 0.5, _left(covariance, list(fits)) ** 0.5)


def _left(covariance: Floats, tasks: list[int]) -> float:
    """Variance of the mean over all tasks given these."""
    n = len(covariance)
    across = covariance.mean(axis=1)[tasks]
    known = across @ np.linalg.solve(covariance[np.ix_(tasks, tasks)], across) if tasks else 0.0
    return max(0.0, float(covariance.sum() / n**2 - known))


def _added(
    covariance: Floats, costs: Floats, budget: float, start: list[int], fits: npt.NDArray[np.intp], *, per_cost: bool
) -> list[int]:
    """Add to a choice what takes most off the variance, or most for its cost, while there is room."""
    left, tasks = covariance.copy(), list(start)
    for j in tasks:
        left -= np.outer(left[:, j], left[j]) / left[j, j]
    room = budget - costs[tasks].sum()
    within = np.zeros(len(costs), dtype=bool)
    within[fits] = True
    within[tasks] = False
    while (free := np.flatnonzero(within & (costs <= room * (1 + 1e-12)))).size:
        own = np.maximum(left[free, free], 1e-15)
        gain = left.mean(axis=1)[free] ** 2 / own
        j = int(free[np.argmax(gain / np.maximum(costs[free], 1e-9 * max(budget, 1e-300)) if per_cost else gain)])
        tasks.append(j)
        within[j] = False
        room -= costs[j]
        if left[j, j] > 1e-15:
            left -= np.outer(left[:, j], left[j]) / left[j, j]
    return tasks


def _exchanged(
    covariance: Floats, costs: Floats, budget: float, tasks: list[int], fits: npt.NDArray[np.intp]
) -> list[int]:
    """Take each task out and fill its place anew, as long as that helps."""
    best, value = tasks, _left(covariance, tasks)
    for _ in range(3):
        before = value
        for j in list(best):
            kept = [i for i in best if i != j]
            tried = _added(covariance, costs, budget, kept, fits[fits != j], per_cost=False)
            if (found := _left(covariance, tried)) < value * (1 - 1e-9):
                best, value = tried, found
        if value > before * (1 - 1e-9):
            break
    return best
