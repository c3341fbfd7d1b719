"""The table of decisions: what is said of every pair, and everything that is read from it.

Nothing else decides. Rank sets, top set, cliques, counts, colours and sentences are functions of this table, so that no two of them can
contradict one another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common.errors import InputError
from ..pairs import Indices
from ..ranking._cliques import runs
from ..results import Floats
from ..ties import RELATIVE
from .signed_ranks import SignedRanks

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]
#: What can be said of a pair: a is better, b is better, they differ by less than the margin, none of these.
VERDICTS = ("a", "b", "equivalent", "undecided")


@dataclass(frozen=True, eq=False)
class Decisions:
    """What one procedure decided about every pair; arrays have shape (n_pairs,).

    A pair differs exactly where its interval excludes 0, which is exactly where its adjusted p-value is at most alpha (`coherent`).

    Attributes
    ----------
    models : tuple of str
    first, second : ndarray of int
        Indices of the pair's a and b.
    n : ndarray of int
        Number of tasks that the pair rests on.
    estimate : ndarray
        a minus b in the estimand of the test.
    mean_difference : ndarray
        Mean score of a minus that of b, over the tasks they share.
    low, high : ndarray
        Simultaneous interval of the estimate: all of them hold together with probability 1 - alpha.
    low_marginal, high_marginal : ndarray
        The interval of the pair by itself.
    statistic, pvalue, pvalue_adjusted : ndarray
    alpha : float
    estimand : str
        ``mean, pseudo-median, median, mean rank, ...``
    method : str
        Exactly what was done.
    units : str
        ``tasks`` or ``groups of tasks``.
    n_units : int
    critical : float
        What the statistic of a pair must exceed; NaN where pairs have no common one.
    possible : float
        The largest statistic that these units could have shown; at most `critical` where nothing could be decided.
    least_adjusted : float
        The smallest adjusted p-value that a pair could have had with these absolute differences; NaN where it is not known.
    margin : float
        Differences smaller than it do not matter; 0: all do.
    higher_is_better : bool
    control : str or None
    ranks : SignedRanks or None
        What decisions by signed ranks of single tasks, zeros dropped, learnt on the way; intervals at 1 - alpha.

    Examples
    --------
    The exact p of six like signs is 2 / 2^6 = .03125:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> decided = embsig.max_t(scores, rng=0)
    >>> float(decided.pvalue_adjusted[0])
    0.03125
    >>> float(decided.estimate[0].round(3))
    0.1
    """

    models: tuple[str, ...]
    first: Indices
    second: Indices
    n: Whole
    estimate: Floats
    mean_difference: Floats
    low: Floats
    high: Floats
    low_marginal: Floats
    high_marginal: Floats
    statistic: Floats
    pvalue: Floats
    pvalue_adjusted: Floats
    alpha: float
    estimand: str
    method: str
    units: str = "tasks"
    n_units: int = 0
    critical: float = float("nan")
    possible: float = float("nan")
    least_adjusted: float = float("nan")
    margin: float = 0.0
    higher_is_better: bool = True
    control: str | None = None
    extra: dict[str, npt.NDArray[Any]] = field(default_factory=dict, repr=False)
    ranks: SignedRanks | None = field(default=None, repr=False)

    @property
    def decided(self) -> Flags:
        """Where the interval excludes 0: one model is surely better."""
        with np.errstate(invalid="ignore"):
            return np.asarray((self.low > 0) | (self.high < 0))

    @property
    def ahead(self) -> Flags:
        """Where a is the better one, as far as the interval says."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.low > 0 if self.higher_is_better else self.high < 0)

    @property
    def equivalent(self) -> Flags:
        """Where the interval lies within the margin: two one-sided tests, of all pairs at once."""
        with np.errstate(invalid="ignore"):
            return np.asarray((self.low > -self.margin) & (self.high < self.margin))

    @property
    def verdict(self) -> npt.NDArray[np.object_]:
        """One of `VERDICTS` for every pair; a difference that is sure but smaller than the margin is ``equivalent``."""
        found = np.full(len(self.first), "undecided", dtype=object)
        found[self.decided] = np.where(self.ahead[self.decided], "a", "b")
        found[self.equivalent] = "equivalent"
        return found

    @property
    def non_inferior(self) -> npt.NDArray[np.object_]:
        """Which of the two is surely not worse than the other by the margin or more: ``a, b, both, neither``."""
        with np.errstate(invalid="ignore"):
            a, b = self.low > -self.margin, self.high < self.margin
        a, b = (a, b) if self.higher_is_better else (b, a)
        return np.where(a & b, "both", np.where(a, "a", np.where(b, "b", "neither"))).astype(object)

    def counts(self) -> dict[str, int]:
        """How many pairs have each verdict."""
        verdict = self.verdict
        return {name: int((verdict == name).sum()) for name in VERDICTS}

    @property
    def powerless(self) -> bool:
        """Whether no pair could have been decided, whatever the signs of these differences."""
        return bool(self.possible <= self.critical)

    def matrix(self, order: Sequence[str] | None = None) -> Flags:
        """Whether two models differ, shape (k, k), symmetric, in this order of the models."""
        k = len(self.models)
        found = np.zeros((k, k), dtype=bool)
        sure = self.decided
        found[self.first[sure], self.second[sure]] = found[self.second[sure], self.first[sure]] = True
        if order is None:
            return found
        at = [self.models.index(m) for m in order]
        return np.asarray(found[np.ix_(at, at)])

    def rank_sets(self) -> tuple[Whole, Whole]:
        """Best and worst rank of every model: 1 + the number surely better, k - the number surely worse."""
        k, sure, ahead = len(self.models), self.decided, self.ahead
        better = np.bincount(np.where(ahead, self.second, self.first)[sure], minlength=k)
        worse = np.bincount(np.where(ahead, self.first, self.second)[sure], minlength=k)
        return (1 + better).astype(np.int64), (k - worse).astype(np.int64)

    def top_set(self) -> list[str]:
        """The models that none is surely better than."""
        low, _ = self.rank_sets()
        return [m for m, rank in zip(self.models, low, strict=True) if rank == 1]

    def cliques(self, order: Sequence[str] | None = None) -> list[list[str]]:
        """Maximal runs in this order (best first) in which no pair differs; empty with a control."""
        if self.control is not None:
            return []
        names = list(self.models if order is None else order)
        return [names[a : b + 1] for a, b in runs(self.matrix(names))]

    def uncovered_pairs(self, order: Sequence[str] | None = None) -> list[tuple[str, str]]:
        """Pairs that do not differ and share no clique; empty with a control."""
        if self.control is not None:
            return []
        names = list(self.models if order is None else order)
        differ = self.matrix(names)
        covered = differ.copy()
        for a, b in runs(differ):
            covered[a : b + 1, a : b + 1] = True
        return [(names[a], names[b]) for a, b in np.argwhere(np.triu(~covered, 1))]

    def _repr_html_(self) -> str:
        from ..notebook import show

        counts = ", ".join(f"{n:,} {name}" for name, n in self.counts().items())
        return show([f"{self.method}: {counts}."], self.to_frame())

    def to_frame(self) -> pd.DataFrame:
        """One row per pair: ``model_a, model_b, n, estimate, mean_difference, low, high, ..., verdict``."""
        names = np.asarray(self.models, dtype=object)
        columns: dict[str, Any] = {"model_a": names[self.first], "model_b": names[self.second]}
        columns |= {name: getattr(self, name) for name in _COLUMNS}
        if self.margin:
            columns["non_inferior"] = self.non_inferior
        return pd.DataFrame(columns | self.extra)


_COLUMNS = (
    "n",
    "estimate",
    "mean_difference",
    "low",
    "high",
    "low_marginal",
    "high_marginal",
    "statistic",
    "pvalue",
    "pvalue_adjusted",
    "verdict",
)


def cohere(low: Floats, high: Floats, decided: npt.NDArray[np.int8], least: Floats) -> tuple[Floats, Floats]:
    """Intervals that exclude 0 exactly where the test decides.

    Zeros and ties with 0 have null distributions of their own, so that the set of differences which a rank test does not reject can
    lack 0 between two neighbours or hold 0 beside its end; and a step-down correction can decide more than its single-step interval
    shows. Where the test decides, what lies on the other side of 0 is cut off (0 itself too: the end is the least difference that is
    none by rounding, 1e-12 of the scores' size); where it does not, the interval is drawn out to 0.

    Parameters
    ----------
    low, high : ndarray, shape (m,)
    decided : ndarray of int8, shape (m,)
        1 where the difference is surely positive, -1 surely negative, else 0.
    least : ndarray, shape (m,)
        The least positive difference of every pair.

    Returns
    -------
    low, high : ndarray, shape (m,)

    Examples
    --------
    >>> low, high = cohere(np.array([0., .1]), np.array([.5, .2]), np.array([1, 0], np.int8), np.array([1e-12, 1e-12]))
    >>> low.tolist(), high.tolist()
    ([1e-12, 0.0], [0.5, 0.2])
    """
    with np.errstate(invalid="ignore"):
        low = np.where(
            decided > 0, np.maximum(low, least), np.where(decided < 0, np.minimum(low, -least), np.minimum(low, 0.0))
        )
        high = np.where(
            decided < 0, np.minimum(high, -least), np.where(decided > 0, np.maximum(high, least), np.maximum(high, 0.0))
        )
    return low, high


def least_differences(size: Floats) -> Floats:
    """The least positive difference of every row's scores that is not rounding, from their sizes (m, n)."""
    largest = np.fmax.reduce(size, axis=1, initial=0.0)  # leaves NaN aside
    return np.asarray(RELATIVE * np.where(largest > 0, largest, 1.0))


def check_margin(margin: float) -> float:
    """Return the margin, or raise InputError unless it is a finite number that is not negative."""
    if isinstance(margin, bool) or not isinstance(margin, int | float | np.floating) or not 0 <= margin < np.inf:
        raise InputError(f"margin={margin!r}: expected a difference of scores that does not matter, such as 0.005")
    return float(margin)
