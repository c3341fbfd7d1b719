"""The full mean from some tasks, and how far it was off for models of makers that nobody had seen."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..prediction.conformal import folds, reach
from ..prediction.gaussian import GaussianTasks
from ..results import Floats
from .selection import choose


@dataclass(frozen=True, eq=False)
class Foretelling:
    """A linear prediction of the mean over all tasks from a choice of them.

    Attributes
    ----------
    tasks : list of int
    intercept : float
    weights : ndarray, shape (len(tasks),)
    halves : tuple of float
        The prediction is off by less with the stated probability, for a model of a maker that is not among those fitted: where it is predicted below
        `border`, and above.
    pair_half : float
        Likewise the difference of two models' predictions.
    border : float
        Two thirds of the models are predicted below. The best are foretold by fewer like them, so they have an interval of their own.
    """

    tasks: list[int]
    intercept: float
    weights: Floats
    halves: tuple[float, float] = (float("inf"), float("inf"))
    pair_half: float = float("inf")
    border: float = float("inf")

    def half(self, predicted: Floats) -> Floats:
        """Half the width of the interval of each prediction."""
        return np.where(predicted < self.border, *self.halves)

    @classmethod
    def fit(cls, values: Floats, tasks: list[int]) -> "Foretelling":
        """From models that have every task, shape (n_models, n_tasks)."""
        model = GaussianTasks.fit(values)
        n = values.shape[1]
        missing = np.ones(n, dtype=bool)
        missing[tasks] = False
        where = np.flatnonzero(~missing)
        probes = np.zeros((len(where) + 1, n))
        probes[1:, where] = np.eye(
            len(where)
        )  # linear in the scores: its value at 0 and at every unit vector is all there is
        rest = model.conditional(probes, missing)[0].sum(axis=1) if missing.any() else np.zeros(len(probes))
        means = (probes.sum(axis=1) + rest) / n
        weights = dict(zip(where.tolist(), means[1:] - means[0], strict=True))
        return cls(list(tasks), float(means[0]), np.array([weights[t] for t in tasks]))

    def __call__(self, values: Floats) -> Floats:
        """Predict from scores on all tasks, shape (n_models, n_tasks), of which only the chosen are looked at."""
        return np.asarray(self.intercept + values[:, self.tasks] @ self.weights)

    @classmethod
    def calibrated(
        cls, values: Floats, makers: list[str], share: Floats, budget: float, level: float, seed: int, *, higher: bool
    ) -> "Foretelling":
        """Choose, fit, and measure how far that is off where each maker's models are predicted without them, the choice included."""
        tasks = choose(GaussianTasks.fit(values), share, budget).tasks
        fitted = cls.fit(values, tasks)
        errors, predicted = held_out(values, makers, share, budget, seed)
        border = float(np.quantile(predicted, 2 / 3 if higher else 1 / 3))
        upper = predicted >= border
        halves = tuple(reach(np.abs(errors[who]), level) for who in (~upper, upper))
        if not np.isfinite(halves).all():  # too few models for two intervals
            halves = (reach(np.abs(errors), level),) * 2
        return cls(
            fitted.tasks,
            fitted.intercept,
            fitted.weights,
            (halves[0], halves[1]),
            pair_reach(errors, upper, level),
            border,
        )


def held_out(values: Floats, makers: list[str], share: Floats, budget: float, seed: int) -> tuple[Floats, Floats]:
    """Errors of the predictions of every model where neither choice nor fit knew its maker, and the predictions.

    Were the choice made with these models, too, it would be one that happens to suit them, and the intervals would hold for 89 % instead of 95.
    """
    fold = folds(makers, min(10, len(set(makers))), seed)
    predicted = np.empty(len(values))
    for f in np.unique(fold):
        here = fold == f
        tasks = choose(GaussianTasks.fit(values[~here]), share, budget).tasks
        predicted[here] = Foretelling.fit(values[~here], tasks)(values[here])
    return predicted - values.mean(axis=1), predicted


def pair_reach(errors: npt.NDArray[np.float64], upper: npt.NDArray[np.bool_], level: float) -> float:
    """How far apart the errors of two models lie at the most, of this share of pairs: of all, and of those of the upper third."""
    reaches = []
    for found in (errors, errors[upper]):
        i, j = np.triu_indices(len(found), 1)
        reaches.append(reach(np.abs(found[i] - found[j]), level))
    return max(r for r in reaches if np.isfinite(r)) if np.isfinite(reaches).any() else float("inf")
