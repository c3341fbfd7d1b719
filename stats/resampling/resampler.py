"""Resampling tasks, or groups of tasks, as one matrix of counts that serves every row of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common.errors import InputError
from ..results import Floats
from ..scores import Scores
from .blocks import Memory

#: Cancellation leaves so much of a sum of squares where the units are equal; that is not variance.
_ROUNDING = 1e-13

Groups = bool | Sequence[object] | npt.NDArray[np.generic] | None


class Subtractor:
    """Differences of rows of one matrix, block by block, in memory that is used again.

    Parameters
    ----------
    matrix : ndarray, shape (m, n)
    """

    def __init__(self, matrix: Floats) -> None:
        self._matrix = matrix
        self._memory = Memory()

    def __call__(self, a: npt.NDArray[np.intp], b: npt.NDArray[np.intp]) -> Floats:
        """``matrix[a] - matrix[b]``, to be used before the same thread's next call."""
        out = self._memory.floats("differences", len(a), self._matrix.shape[1])
        # Pairs come in runs of one a with successive b, which need no copy.
        starts = np.flatnonzero((np.diff(a, prepend=-1) != 0) | (np.diff(b, prepend=-1) != 1))
        for start, stop in zip(starts, [*starts[1:], len(a)], strict=True):
            np.subtract(self._matrix[a[start]], self._matrix[b[start] : b[start] + stop - start], out=out[start:stop])
        return out


@dataclass(frozen=True, eq=False)
class Stratum:
    """Units that are resampled among themselves.

    Attributes
    ----------
    members : ndarray, shape (n_units, n_tasks)
        1 where a task belongs to a unit.
    counts : ndarray, shape (n_resamples, n_units)
        How often each unit is in each resample.
    """

    members: Floats
    counts: Floats

    def sums(self, values: Floats) -> Floats:
        """Sums over each unit's tasks: (m, n_tasks) -> (m, n_units)."""
        return values @ self.members.T if self._tasks is None else values[:, self._tasks]

    @cached_property
    def sizes(self) -> Floats:
        """How many tasks each unit has, shape (n_units,)."""
        return np.asarray(self.members.sum(axis=1))

    @cached_property
    def _tasks(self) -> npt.NDArray[np.intp] | None:
        """The task of every unit where each is one task, which spares the product."""
        return self.members.argmax(axis=1) if (self.sizes == 1).all() else None


@dataclass(frozen=True, eq=False)
class Resampler:
    """Resamples of a mean over tasks.

    The statistic of a row of numbers is the mean over tasks, or, with several strata, the mean of the strata's
    means. A unit is a task or a group of tasks that is drawn as a whole. NaN is left out of its row.

    Attributes
    ----------
    strata : tuple of Stratum
    """

    strata: tuple[Stratum, ...]

    @classmethod
    def make(
        cls,
        n_tasks: int,
        n_resamples: int,
        rng: int | np.random.Generator | None,
        *,
        groups: npt.NDArray[np.int64] | None = None,
        strata: npt.NDArray[np.int64] | None = None,
    ) -> "Resampler":
        """Draw the resamples.

        Parameters
        ----------
        n_tasks, n_resamples : int
        rng : int, Generator or None
        groups : ndarray of int, shape (n_tasks,), optional
            Tasks of one number are drawn together; none: every task by itself.
        strata : ndarray of int, shape (n_tasks,), optional
            Tasks are drawn within their stratum; none: one stratum. A group that reaches over two
            strata is cut in two.

        Raises
        ------
        InputError
            If `n_resamples` is not a positive whole number.
        """
        if isinstance(n_resamples, bool) or not isinstance(n_resamples, int | np.integer) or n_resamples < 1:
            raise InputError(f"n_resamples={n_resamples!r}: expected a positive whole number, such as 10,000")
        generator = np.random.default_rng(rng)
        strata = np.zeros(n_tasks, dtype=np.int64) if strata is None else strata
        groups = np.arange(n_tasks) if groups is None else groups
        drawn = []
        for stratum in np.unique(strata):
            here = strata == stratum
            units = np.unique(groups[here])
            members = ((groups == units[:, None]) & here).astype(np.float64)
            counts = generator.multinomial(len(units), np.full(len(units), 1 / len(units)), size=n_resamples)
            drawn.append(Stratum(members, counts.astype(np.float64)))
        return cls(tuple(drawn))

    @property
    def n_resamples(self) -> int:
        """Number of resamples."""
        return len(self.strata[0].counts)

    @property
    def n_units(self) -> int:
        """Number of units that are drawn, over all strata."""
        return sum(len(s.members) for s in self.strata)

    def estimates(self, values: Floats) -> Floats:
        """The statistic of every row: (m, n_tasks) -> (m,); NaN where a row has nothing in some stratum."""
        with np.errstate(invalid="ignore", divide="ignore"):
            means = [sums.sum(axis=1) / sizes.sum(axis=1) for sums, sizes in self._units(values)]
        return np.asarray(np.mean(means, axis=0, dtype=np.float64))

    def replicates(self, values: Floats) -> Floats:
        """The statistic of every row in every resample: (m, n_tasks) -> (m, n_resamples).

        NaN where a resample holds nothing of the row in some stratum.
        """
        total: Floats | float = 0.0
        with np.errstate(invalid="ignore", divide="ignore"):
            for stratum, (sums, sizes) in zip(self.strata, self._units(values), strict=True):
                total = total + (sums @ stratum.counts.T) / _times(sizes, stratum.counts)
        return np.asarray(total / len(self.strata))

    def observed_error(self, values: Floats) -> Floats:
        """Linearised standard error of every row's statistic: (m, n_tasks) -> (m,)."""
        return np.sqrt(self._moments(values, [np.ones((1, len(s.members))) for s in self.strata], Memory())[1][:, 0])

    def moments(self, values: Floats, memory: Memory | None = None) -> tuple[Floats, Floats]:
        """The statistic of every row in every resample, and its squared standard error: (m, n_tasks) -> two of (m, n_resamples).

        With memory they are to be used before the same thread's next call.
        """
        return self._moments(values, [s.counts for s in self.strata], memory or Memory())

    def _moments(self, values: Floats, counts: list[Floats], memory: Memory) -> tuple[Floats, Floats]:
        units = self._units(values)
        with np.errstate(invalid="ignore", divide="ignore"):
            if len(units) == 1:
                return _mean_and_variance(*units[0], counts[0], memory)
            parts = [_mean_and_variance(*unit, c, Memory()) for unit, c in zip(units, counts, strict=True)]
        means, variances = (np.asarray(np.sum(part, axis=0)) for part in zip(*parts, strict=True))
        return means / len(parts), variances / len(parts) ** 2

    def acceleration(self, values: Floats) -> Floats:
        """BCa's acceleration of every row: sum(U^3) / (6 sum(U^2)^(3/2)) over the units' influences U."""
        cubes: Floats | float = 0.0
        squares: Floats | float = 0.0
        with np.errstate(invalid="ignore", divide="ignore"):
            for sums, sizes in self._units(values):
                total = sizes.sum(axis=1, keepdims=True)
                influence = (sums - sums.sum(axis=1, keepdims=True) / total * sizes) / total
                cubes = cubes + (influence**3).sum(axis=1)
                squares = squares + (influence**2).sum(axis=1)
            return np.asarray(np.where(squares > 0, cubes / (6 * squares**1.5), 0.0))

    def _units(self, values: Floats) -> list[tuple[Floats, Floats]]:
        """Per stratum: sums over each unit (m, n_units), and how many numbers they are of ((m or 1), n_units)."""
        present = ~np.isnan(values)
        if present.all():
            return [(s.sums(values), s.sizes[None, :]) for s in self.strata]
        filled, there = np.where(present, values, 0.0), present.astype(np.float64)
        return [(s.sums(filled), s.sums(there)) for s in self.strata]


def _times(sizes: Floats, counts: Floats) -> Floats | float:
    """Numbers in every resample; a plain number where units are of one size, as it is always the same."""
    if len(sizes) == 1 and (sizes == sizes[0, 0]).all():
        return float(sizes.sum())
    return np.asarray(sizes @ counts.T)


def _mean_and_variance(sums: Floats, sizes: Floats, counts: Floats, memory: Memory) -> tuple[Floats, Floats]:
    """Mean as a ratio of sums over units, sum(c S) / sum(c m), and its variance sum(c (S - mean m)^2) / (sum(c m))^2."""
    weight = counts.T
    n_units = weight.sum(axis=0)
    if len(sizes) == 1 and (sizes == sizes[0, 0]).all() and (n_units == n_units[0]).all():
        # Units of one size: their mean is that of their sums, whose variance is the mean square less the squared mean.
        n = n_units[0]
        found = memory.floats("moments", 2 * len(sums), len(counts))
        np.matmul(np.concatenate([sums / sizes[0, 0], (sums / sizes[0, 0]) ** 2]) / n, weight, out=found)
        means, squares = found[: len(sums)], found[len(sums) :]
        variances = np.multiply(means, means, out=memory.floats("variances", *means.shape))
        np.subtract(squares, variances, out=variances)
        squares *= _ROUNDING
        still = np.less_equal(variances, squares, out=memory.flags("still", *means.shape))
        if still.any():
            variances[still] = 0.0
        variances /= max(n - 1, 1)
        return means, variances
    total = sizes @ weight
    mean = (sums @ weight) / total
    squared = (sums**2) @ weight - 2 * mean * ((sums * sizes) @ weight) + mean**2 * (sizes**2 @ weight)
    noise = _ROUNDING * ((sums**2) @ weight)
    squared = np.where(squared <= noise, 0.0, squared)
    return mean, np.asarray(squared / total**2 * n_units / np.maximum(n_units - 1, 1))


def by_task_name(scores: Scores, groups: Groups) -> tuple[Scores, npt.NDArray[np.int64] | None]:
    """Scores with their tasks in the order of their names, and the `group_numbers`, so that one seed draws the same tasks.

    Parameters and errors are those of `group_numbers`.
    """
    numbers = group_numbers(scores, groups)
    order = np.argsort(np.asarray(scores.task_names), kind="stable")
    if numbers is not None:
        numbers = np.asarray(pd.factorize(numbers[order])[0], dtype=np.int64)
    return replace(scores, table=scores.table.iloc[order], tasks=scores.tasks.iloc[order]), numbers


def group_numbers(scores: Scores, groups: Groups) -> npt.NDArray[np.int64] | None:
    """A number per task; tasks of one number are drawn together.

    Parameters
    ----------
    scores : Scores
    groups : bool, sequence or None
        True: the groups of the task table. A sequence: a label per task. None or False: every task by itself.

    Raises
    ------
    InputError
        If there is not one label per task.
    """
    if groups is None or groups is False:
        return None
    if groups is True:
        return scores.groups
    labels = [str(g) for g in groups]
    if len(labels) != scores.n_tasks:
        raise InputError(f"groups has {len(labels)} labels for {scores.n_tasks} tasks: expected one per task")
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)


def family_numbers(scores: Scores) -> npt.NDArray[np.int64]:
    """A number per task by its family.

    Raises
    ------
    InputError
        If a task has no family.
    """
    lacking = [t for t, f in zip(scores.task_names, scores.tasks["family"], strict=True) if f is None]
    if lacking:
        raise InputError(
            f"the mean over families needs every task's family: {lacking[0]!r} has none; give the task table one"
        )
    families = scores.tasks["family"].astype(str)
    return np.asarray([scores.families.index(f) for f in families], dtype=np.int64)
