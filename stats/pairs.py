"""What all-pairs functions share: which pairs, their differences block by block, and validation."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from .common.errors import InputError, did_you_mean
from .results import Floats, pair_indices
from .scores import Scores, as_scores
from .ties import RELATIVE, differences, sizes, zeroed

Alternative = Literal["two-sided", "greater", "less"]
Indices = npt.NDArray[np.intp]

#: Scores must be smaller than this, and a model's largest larger than its inverse: cubes of differences are taken.
LARGEST = 1e90
#: About how many differences are held at once.
_BLOCK = 1_000_000


@dataclass(frozen=True, eq=False)
class Pairs:
    """The pairs of an analysis and the scores behind them.

    Attributes
    ----------
    models : tuple of str
    first, second : ndarray of int, shape (n_pairs,)
        Indices of the pair's a and b.
    rows : ndarray, shape (n_models, n_tasks)
        The scores, one row per model; NaN is a missing score.
    """

    models: tuple[str, ...]
    first: Indices
    second: Indices
    rows: Floats

    @classmethod
    def of(cls, scores: Scores | pd.DataFrame, control: str | None = None) -> "Pairs":
        """All pairs of the models, or every model (a) against the control (b).

        Raises
        ------
        InputError
            If there are fewer than two models, no task, or no such control.
        """
        scores = as_scores(scores)
        k = scores.n_models
        check_size(scores)
        if k < 2:
            raise InputError(f"got {k} model(s): expected at least two to compare; add a model")
        if scores.n_tasks < 1:
            raise InputError("got no task: expected at least one; add tasks")
        if control is None:
            first, second = pair_indices(k)
        else:
            (here,) = control_index(scores.models, control)
            first = np.delete(np.arange(k, dtype=np.intp), here)
            second = np.full(k - 1, here, dtype=np.intp)
        return cls(tuple(scores.models), first, second, np.ascontiguousarray(scores.values.T))

    @property
    def complete(self) -> bool:
        """Whether every model has a score on every task."""
        return not bool(np.isnan(self.rows).any())

    def __len__(self) -> int:
        return len(self.first)

    def slices(self, per_pair: int | None = None) -> Iterator[slice]:
        """Consecutive slices of the pairs, so that `per_pair` numbers for each stay within bounds."""
        step = max(1, _BLOCK // max(1, per_pair or self.rows.shape[1]))
        for start in range(0, len(self), step):
            yield slice(start, min(start + step, len(self)))

    def differences(self, block: slice = slice(None)) -> Floats:
        """A minus b, shape (pairs in the block, n_tasks): 0 for near ties, NaN where a score is missing."""
        return differences(self.rows[self.first[block]], self.rows[self.second[block]])

    def sizes(self, block: slice = slice(None)) -> Floats:
        """The size of the scores behind every difference, of the same shape."""
        return sizes(self.rows[self.first[block]], self.rows[self.second[block]])

    def differences_and_sizes(self, block: slice = slice(None)) -> tuple[Floats, Floats]:
        """Both at once, which is half the work."""
        a, b = self.rows[self.first[block]], self.rows[self.second[block]]
        size = sizes(a, b)
        return zeroed(a - b, RELATIVE * size), size

    def summary(self) -> tuple[npt.NDArray[np.int64], Floats]:
        """Number of shared tasks and mean difference (NaN without a shared task), per pair."""
        n = np.empty(len(self), dtype=np.int64)
        mean = np.empty(len(self))
        for block in self.slices():
            n[block], mean[block] = shared(self.differences(block))
        return n, mean


def shared(d: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """How many differences of every row are not missing, and their mean; NaN where all are."""
    missing = np.isnan(d)
    n = d.shape[1] - missing.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return n, np.where(missing, 0.0, d).sum(axis=1) / n


def check_size(scores: Scores) -> None:
    """Raise InputError if the scores' squares and cubes would leave the floating-point numbers."""
    largest = np.nan_to_num(np.abs(scores.values)).max(axis=0, initial=0.0)
    wrong = np.flatnonzero((largest != 0) & ~((largest > 1 / LARGEST) & (largest < LARGEST)))
    if len(wrong):
        raise InputError(
            f"the largest score of {scores.models[wrong[0]]!r} is {largest[wrong[0]]:.3g} in magnitude: expected one between "
            f"{1 / LARGEST:g} and {LARGEST:g}; rescale"
        )


def control_index(models: list[str], control: str) -> tuple[int]:
    """Where the control stands among the models.

    Raises
    ------
    InputError
        If it is not one of them.
    """
    if control not in models:
        raise InputError(
            f"control {control!r} is not among the {len(models)} models compared"
            + (did_you_mean(control, models) or "; name one of them")
        )
    return (models.index(control),)


def check_alternative(alternative: str) -> None:
    """Raise InputError unless the alternative is one of the three."""
    if alternative not in ("two-sided", "greater", "less"):
        raise InputError(f"alternative={alternative!r}: expected 'two-sided', 'greater' or 'less'")


def check_level(value: float, name: str) -> float:
    """Return a probability strictly between 0 and 1, or raise InputError."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating) or not 0 < value < 1:
        raise InputError(f"{name}={value!r}: expected a number strictly between 0 and 1")
    return float(value)
