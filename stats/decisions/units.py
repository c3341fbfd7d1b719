"""Units: the tasks, or the groups of tasks cut from one source, whose signs are flipped together."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..pairs import Indices, Pairs
from ..resampling.resampler import Groups, by_task_name, group_numbers
from ..results import Floats
from ..scores import Scores
from ..ties import RELATIVE, zeroed

#: About how many numbers of a block of pairs are held at once.
_BLOCK = 1_000_000


@dataclass(frozen=True, eq=False)
class Units:
    """Differences of pairs over units.

    A unit's difference is the mean of its tasks' differences, so that a group of twelve forums weighs as much as one task: what is
    exchangeable under the null hypothesis is the group. Taking the tasks as they come would call their common noise evidence.

    Attributes
    ----------
    pairs : Pairs
        Their tasks are in the order of their names.
    members : ndarray, shape (n_units, n_tasks), or None
        1 where a task belongs to a unit; None where every unit is one task.
    keys : tuple of str
        What tells units apart: ``task NAME``, ``group LABEL``; a family's units are found among the whole's by it.
    """

    pairs: Pairs
    members: Floats | None
    keys: tuple[str, ...]

    @classmethod
    def of(cls, scores: Scores, groups: Groups = True, control: str | None = None) -> "Units":
        """Pairs of these scores over their units, which are in the order of the tasks' names whatever order the table has.

        Parameters
        ----------
        scores : Scores
        groups : bool, sequence or None
            True: the groups of the task table; a label per task; None or False: every task by itself.
        control : str, optional
        """
        ordered, numbers = by_task_name(scores, groups)
        pairs = Pairs.of(ordered, control)
        tasks = ordered.task_names
        numbers = None if numbers is None else np.asarray(pd.factorize(numbers)[0], dtype=np.int64)
        if numbers is None or numbers.max(initial=-1) + 1 == len(tasks):
            return cls(
                pairs, None, tuple(_key(ordered, i) if groups is True else f"task {t}" for i, t in enumerate(tasks))
            )
        members = (numbers == np.arange(numbers.max() + 1)[:, None]).astype(np.float64)
        return cls(pairs, members, tuple(_key(ordered, i) for i in members.argmax(axis=1).tolist()))

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.keys)

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def first(self) -> Indices:
        """Index of every pair's a."""
        return self.pairs.first

    @property
    def second(self) -> Indices:
        """Index of every pair's b."""
        return self.pairs.second

    def slices(self, per_pair: int) -> Iterator[slice]:
        """Consecutive slices of the pairs, so that `per_pair` numbers for each stay within bounds."""
        step = max(1, _BLOCK // max(1, per_pair))
        for start in range(0, len(self), step):
            yield slice(start, min(start + step, len(self)))

    def differences(self, block: slice = slice(None)) -> tuple[Floats, Floats]:
        """A minus b of every unit and the size of the scores behind it, shapes (pairs, n_units): 0 for near ties, NaN without a task."""
        d, size = self.pairs.differences_and_sizes(block)
        if self.members is None:
            return d, size
        present = ~np.isnan(d)
        weight = self.members.T
        with np.errstate(invalid="ignore", divide="ignore"):
            counts = present.astype(np.float64) @ weight
            size = (np.where(present, size, 0.0) @ weight) / counts
            d = (np.where(present, d, 0.0) @ weight) / counts
        return zeroed(d, RELATIVE * size), size


def unit_scores(scores: Scores, groups: Groups) -> Scores:
    """Scores of units in place of tasks, each the mean over its tasks; missing where the model lacks one of them.

    What a test of single tasks needs to take groups as units. Where every unit is a task, these are the scores themselves.
    """
    numbers = group_numbers(scores, groups)
    if numbers is None or len(np.unique(numbers)) == scores.n_tasks:
        return scores
    keys = np.unique(numbers)
    first = [int(np.argmax(numbers == key)) for key in keys]
    names = [_key(scores, at) for at in first] if groups is True else [scores.task_names[at] for at in first]
    means = np.stack([scores.values[numbers == key].mean(axis=0) for key in keys])
    table = pd.DataFrame(means, index=pd.Index(names, name=scores.table.index.name), columns=scores.table.columns)
    tasks = scores.tasks.iloc[first].set_axis(table.index)
    return replace(scores, table=table, tasks=tasks, cells=None)


def _key(scores: Scores, at: int) -> str:
    """The unit of a task."""
    group = scores.tasks["group"].iloc[at]
    return f"task {scores.task_names[at]}" if group is None else f"group {group}"
