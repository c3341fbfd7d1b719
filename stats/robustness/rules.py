"""Rules that make one number per model of its scores on many tasks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..results import Floats
from ..ties import midranks

Families = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rule:
    """A rule of aggregation.

    Attributes
    ----------
    name, title : str
    points : callable or None
        Where the rule is a mean over tasks: (values of shape (n_tasks, n_models)) to what every task gives every model, of the same
        shape. Removing a task does not change what the others give.
    total : callable
        (values, families) to one number per model, higher is better.
    """

    name: str
    title: str
    points: Callable[[Floats], Floats] | None
    total: Callable[[Floats, Families], Floats]


def ranks_from_the_bottom(values: Floats) -> Floats:
    """The number of models that a model beats on each task, ties counting half: Borda's points."""
    return midranks(values) - 1


def _trimmed(values: Floats) -> Floats:
    """The mean without the lowest and the highest tenth."""
    from scipy.stats import trim_mean  # half a second to import

    return np.asarray(trim_mean(values, 0.1, axis=0))


def standardised(values: Floats) -> Floats:
    """Every task about its mean in its standard deviations."""
    centred = values - values.mean(axis=1, keepdims=True)
    sd = values.std(axis=1, keepdims=True)
    return np.asarray(centred / np.where(sd > 0, sd, 1.0))


def stretched(values: Floats) -> Floats:
    """Every task from its lowest (0) to its highest score (1)."""
    low, high = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    return np.asarray((values - low) / np.where(high > low, high - low, 1.0))


def first_places(values: Floats) -> Floats:
    """1 where a model is the best, in equal parts where several are."""
    best = values == values.max(axis=1, keepdims=True)
    return np.asarray(best / best.sum(axis=1, keepdims=True))


def logarithms(values: Floats) -> Floats:
    """Logarithms, of which the mean is that of the geometric mean; a score of 0 or less is as bad as can be."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log(np.maximum(values, 1e-300)), -np.inf)


def family_means(values: Floats, families: Families) -> Floats:
    """The mean of the families' means."""
    return np.asarray(np.mean([values[families == f].mean(axis=0) for f in np.unique(families)], axis=0))


def _mean_of(name: str, title: str, points: Callable[[Floats], Floats]) -> Rule:
    return Rule(name, title, points, lambda values, families: np.asarray(points(values).mean(axis=0)))


def _as_they_are(values: Floats) -> Floats:
    return values


#: Rules by name.
RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        _mean_of("mean", "mean score", _as_they_are),
        Rule("family_mean", "mean of family means", None, family_means),
        _mean_of("mean_rank", "mean rank (Borda)", ranks_from_the_bottom),
        Rule("median", "median score", None, lambda v, f: np.asarray(np.median(v, axis=0))),
        _mean_of("geometric_mean", "geometric mean", logarithms),
        Rule(
            "trimmed_mean",
            "mean without the highest and the lowest tenth",
            None,
            lambda v, f: _trimmed(v),
        ),
        _mean_of("standardised", "mean standardised score", standardised),
        _mean_of("stretched", "mean score from each task's lowest to its highest", stretched),
        _mean_of("first_places", "number of first places", first_places),
    )
}
