"""How far every sample moves a task's score: what the variance over samples is made of, for any metric."""

from collections.abc import Iterator

import numpy as np

from ..metrics.means import MEANS
from ..metrics.task import TaskSamples
from ..results import Floats

#: Samples of a mean beyond this many are taken in random groups of equal size: the variance then has as many degrees of
#: freedom, and memory stays within bounds.
MOST_UNITS = 2_000
#: For other metrics every unit is a score computed without it: so many groups at most.
MOST_REFITS = 200


def deviations(held: TaskSamples, rng: np.random.Generator) -> Iterator[Floats]:
    """Centred contributions of the samples of every (split, subset), shape (n_units, n_models).

    For a stratum of n units with contributions c, n / (n - 1) sum (c_a - c_b)^2 is the variance of the difference of two
    models' scores: for a mean the familiar one, for any other metric the jackknife's. Where there are too many samples,
    a unit is a random group of them (delete-a-group jackknife).

    Parameters
    ----------
    held : TaskSamples
    rng : Generator
        Draws the groups.

    References
    ----------
    Efron, B. and Stein, C. (1981). The jackknife estimate of variance. Ann. Statist. 9, 586-596. Kott, P. S. (2001). The
    delete-a-group jackknife. Journal of Official Statistics 17, 521-526.
    """
    strata = _strata(held)
    if held.metric in MEANS:
        fall = np.stack([held.influence(m) for m in held.models], axis=1)
        for members in strata:
            n = len(members)
            centred = (fall[members] - fall[members].mean(axis=0)) * ((n - 1) / n)
            yield centred if n <= MOST_UNITS else _summed(centred, _groups(n, MOST_UNITS, rng))
        return
    full = held.values()[0]
    for members in strata:
        # Every stratum has its share of the groups, two at least.
        most = max(2, round(MOST_REFITS * len(members) / held.n_samples))
        group = np.arange(len(members)) if len(members) <= most else _groups(len(members), most, rng)
        n = int(group.max()) + 1
        weights = np.ones((n, held.n_samples))
        weights[group, members] = 0.0
        without = held.values(weights)
        # A score that cannot be computed without a group (one class is left) moves as far as the others do on average.
        fallen = full - without
        fallen = np.where(np.isfinite(fallen), fallen, np.nan)
        centred = np.nan_to_num(fallen - np.nanmean(fallen, axis=0)) * ((n - 1) / n)
        yield centred


def _strata(held: TaskSamples) -> list[np.ndarray]:
    """The samples of every (split, subset)."""
    named = [held.units[c].to_numpy(dtype=object) for c in ("split", "subset")]
    if all(len(v) == 0 or (v == v[0]).all() for v in named):
        return [np.arange(held.n_samples)]
    return [np.asarray(v) for v in held.units.groupby(["split", "subset"], sort=False).indices.values()]


def _groups(n: int, most: int, rng: np.random.Generator) -> np.ndarray:
    """Numbers of random groups of sizes that differ by one at most."""
    group = np.arange(n) % most
    rng.shuffle(group)
    return group


def _summed(values: Floats, group: np.ndarray) -> Floats:
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    summed = np.add.reduceat(values[order], starts, axis=0)
    return np.asarray(summed - summed.mean(axis=0))
