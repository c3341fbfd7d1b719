"""Rank sums of every pair over its tasks, and Hodges and Lehmann's interval: what the decisions by signed ranks learn on the way."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..pairwise._wilcoxon import EXACT_LIMIT
from ..results import Floats


@dataclass(frozen=True, eq=False)
class SignedRanks:
    """Of pairs whose units are single tasks, zeros dropped; arrays have shape (n_pairs,).

    So neither Wilcoxon's statistic nor the effect sizes have to rank two million pairs again.

    Attributes
    ----------
    plus, minus : ndarray
        Sums of the midranks of positive and of negative differences.
    n_nonzero : ndarray of int
    exact : ndarray of bool
        Whether the pair's p-value is exact (`wilcoxon`).
    estimate, low, high : ndarray
        Median of the Walsh averages and its interval at one level, each pair by itself.
    """

    plus: Floats
    minus: Floats
    n_nonzero: npt.NDArray[np.int64]
    exact: npt.NDArray[np.bool_]
    estimate: Floats
    low: Floats
    high: Floats

    @classmethod
    def empty(cls, m: int) -> "SignedRanks":
        """Of so many pairs, to be filled block by block."""
        a, b, c, d, e = (np.full(m, np.nan) for _ in range(5))
        return cls(a, b, np.zeros(m, dtype=np.int64), np.ones(m, dtype=bool), c, d, e)

    def ranked(self, block: slice, weights: Floats) -> None:
        """Fill in the rank sums of a block from its signed doubled midranks (pairs, n_tasks)."""
        size = np.abs(weights)
        total, self.plus[block] = size.sum(axis=1), np.where(weights > 0, weights, 0.0).sum(axis=1) / 2
        self.minus[block] = total / 2 - self.plus[block]
        nonzero = (size > 0).sum(axis=1)
        self.n_nonzero[block] = nonzero
        self.exact[block] = (nonzero <= EXACT_LIMIT) | (size.max(axis=1, initial=0.0) * nonzero == total)

    def located(self, block: slice, estimate: Floats, ends: tuple[Floats, Floats]) -> None:
        """Fill in the interval of a block."""
        self.estimate[block], self.low[block], self.high[block] = estimate, *ends

    def statistic(self, alternative: str) -> Floats:
        """Wilcoxon's: the smaller rank sum, one-sided that of the positive differences; NaN without a task."""
        found = np.minimum(self.plus, self.minus) if alternative == "two-sided" else self.plus
        return np.where(np.isnan(self.estimate), np.nan, found)

    def effects(self) -> dict[str, Floats]:
        """The columns of `effects` that are known by this."""
        share = (self.plus - self.minus) / np.maximum(self.plus + self.minus, 0.5)
        return {
            "hodges_lehmann": self.estimate,
            "hodges_lehmann_low": self.low,
            "hodges_lehmann_high": self.high,
            "rank_biserial": np.where(np.isnan(self.estimate), np.nan, share),
        }
