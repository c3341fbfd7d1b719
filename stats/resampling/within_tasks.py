"""What a bootstrap within tasks keeps while it goes from task to task: sums over tasks, and tables, never all draws."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..results import Floats
from ..ties import RELATIVE, rank_rows
from .quantiles import count_below, quantiles, valid_counts
from .resampler import Subtractor

Indices = npt.NDArray[np.intp]

#: About how many resampled differences are held at once.
_BLOCK = 4_000_000

PAIR_COLUMNS = ("task", "model_a", "model_b", "n_samples", "difference", "low", "high", "pvalue")


class Redrawn:
    """Tasks drawn with replacement, and which of a task's draws each place of a resample takes.

    A task that is drawn twice shall bring different samples, so every place takes the task's draws in an order of its own.

    Parameters
    ----------
    n_resamples, n_tasks : int
    rng : Generator
    """

    def __init__(self, n_resamples: int, n_tasks: int, rng: np.random.Generator) -> None:
        self._task = rng.integers(0, n_tasks, size=(n_resamples, n_tasks)).astype(np.int32)
        self._at = np.stack([rng.permutation(n_resamples).astype(np.int32) for _ in range(n_tasks)], axis=1)

    def add(self, total: Floats, task: int, draws: Floats) -> None:
        """Add a task's draws, shape (n_resamples, n_models), to the sums of the resamples that drew it."""
        resample, place = np.nonzero(self._task == task)
        if len(resample):
            starts = np.flatnonzero(np.diff(resample, prepend=-1))
            total[resample[starts]] += np.add.reduceat(draws[self._at[resample, place]], starts, axis=0)


class Gathered:
    """Sums over the tasks of every resample, and the tables by task.

    Parameters
    ----------
    names : list of str
        The k models.
    first, second : ndarray of int, shape (n_pairs,)
    n_tasks, n_resamples : int
    level : float
        Of confidence.
    redrawn : Redrawn, optional
        Without it every resample has every task once.
    by_pairs : bool
        Whether to compare the pairs within every task.
    """

    def __init__(
        self,
        names: list[str],
        first: Indices,
        second: Indices,
        n_tasks: int,
        n_resamples: int,
        level: float,
        redrawn: Redrawn | None,
        *,
        by_pairs: bool,
    ) -> None:
        self._labels = np.asarray(names, dtype=object)
        self._first, self._second, self._level, self._redrawn = first, second, level, redrawn
        self._means = np.zeros((n_resamples, len(names)))
        self._ranks = np.zeros((n_resamples, len(names)))
        self._by_pairs = by_pairs
        self._n_tasks = n_tasks
        self._seen = 0
        self._tasks: list[pd.DataFrame] = []
        self._pairs: list[pd.DataFrame] = []

    def add(self, task: str, n_samples: int, scores: Floats, draws: Floats, higher_is_better: bool) -> None:
        """Take in the next task: the models' scores, shape (k,), and their draws, shape (n_resamples, k)."""
        low, high = central(draws.T.copy(), self._level)
        columns = {"score": scores, "standard_error": draws.std(axis=0, ddof=1), "low": low, "high": high}
        self._tasks.append(pd.DataFrame({"task": task, "model": self._labels, "n_samples": n_samples, **columns}))
        if self._by_pairs:
            pvalue, low, high = compare_pairs(
                draws, self._first, self._second, self._level, float(np.abs(scores).max())
            )
            pair = {"model_a": self._labels[self._first], "model_b": self._labels[self._second], "n_samples": n_samples}
            difference = scores[self._first] - scores[self._second]
            found = {"difference": difference, "low": low, "high": high, "pvalue": pvalue}
            self._pairs.append(pd.DataFrame({"task": task, **pair, **found}))
        ranks = rank_rows(draws, higher_is_better=higher_is_better)
        for total, values in ((self._means, draws), (self._ranks, ranks)):
            if self._redrawn is None:
                total += values
            else:
                self._redrawn.add(total, self._seen, values)
        self._seen += 1

    @property
    def means(self) -> Floats:
        """Mean over tasks in every resample, shape (n_resamples, k)."""
        return self._means / self._n_tasks

    @property
    def mean_ranks(self) -> Floats:
        """Mean rank over tasks in every resample, shape (n_resamples, k)."""
        return self._ranks / self._n_tasks

    @property
    def tasks(self) -> pd.DataFrame:
        """One row per task and model."""
        return pd.concat(self._tasks, ignore_index=True)

    @property
    def task_pairs(self) -> pd.DataFrame:
        """One row per task and pair; none where they are not compared."""
        return pd.concat(self._pairs, ignore_index=True) if self._pairs else pd.DataFrame(columns=list(PAIR_COLUMNS))


def blocks(n_pairs: int, n_resamples: int) -> list[slice]:
    """Consecutive slices of the pairs whose resamples are held at once."""
    step = max(1, _BLOCK // n_resamples)
    return [slice(start, min(start + step, n_pairs)) for start in range(0, n_pairs, step)]


def compare_pairs(
    draws: Floats, first: Indices, second: Indices, level: float, size: float
) -> tuple[Floats, Floats, Floats]:
    """p-value, low and high of the difference of every pair.

    Parameters
    ----------
    draws : ndarray, shape (n_resamples, k)
    first, second : ndarray of int, shape (n_pairs,)
    level : float
        Of confidence.
    size : float
        The size of the scores, which rounding is measured against.
    """
    out = np.empty((3, len(first)))
    subtract = Subtractor(np.ascontiguousarray(draws.T))
    for block in blocks(len(first), len(draws)):
        boot = subtract(first[block], second[block])
        # Not even rounding tells equal scores apart.
        boot[np.abs(boot) <= RELATIVE * size] = 0.0
        out[1:, block] = central(boot, level)
        valid = valid_counts(boot)
        zero = np.zeros(len(boot))
        rarer = np.minimum(
            count_below(boot, zero, valid, or_equal=True), valid - count_below(boot, zero, valid, or_equal=False)
        )
        out[0, block] = np.minimum(1.0, 2 * (rarer + 1) / (boot.shape[1] + 1))
    return out[0], out[1], out[2]


def central(boot: Floats, level: float) -> tuple[Floats, Floats]:
    """Both ends of the central interval of every row, which is sorted in place; NaN where a resample is undefined."""
    boot.sort(axis=1)
    low, high = quantiles(boot, level)
    undefined = np.isnan(boot[:, -1])
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)
