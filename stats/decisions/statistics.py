"""The three statistics that sign flips of units can test, and the interval that inverts each at a critical value.

Of every pair a statistic makes weights w, one per unit, whose sum is the observed statistic, and whose sum with the units' signs
flipped is a draw of its null distribution: flips change no absolute difference, so ranks and norms stay as they are. All three are
standardised by the pair's own null standard deviation, so that pairs with ties, zeros or missing tasks share one critical value.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, betaincinv

from ..pairwise._wilcoxon import hodges_lehmann_place
from ..results import Floats
from ..ties import deviations, doubled_midranks, lengths, squared_midranks
from ..walsh_averages import order_statistics

StatisticName = Literal["signed-rank", "mean", "sign"]
#: Draws this much smaller, relatively, reach the observed statistic: sums in single precision are no closer.
SLACK = 1e-5


@dataclass(frozen=True, eq=False)
class Inverted:
    """What one statistic says of a block of pairs; arrays have shape (pairs,).

    Attributes
    ----------
    estimate : ndarray
        The estimand's estimate; NaN without a unit.
    low, high : list of ndarray
        Ends of the intervals, one pair of arrays per critical value that was asked for; infinite where no sign vector is extreme enough.
    hodges_lehmann : tuple of ndarray, or None
        Low and high of Hodges and Lehmann's interval, where a level was given and the statistic looks at Walsh averages.
    """

    estimate: Floats
    low: list[Floats]
    high: list[Floats]
    hodges_lehmann: tuple[Floats, Floats] | None = None


class Statistic(Protocol):
    """A statistic that is linear in the units' signs."""

    @property
    def name(self) -> str:
        """In words."""

    @property
    def estimand(self) -> str:
        """What the interval is of."""

    @property
    def bounds(self) -> tuple[float, float]:
        """What the estimand can be at all."""

    def weights(self, d: Floats, size: Floats) -> tuple[Floats, Floats]:
        """Weights (pairs, n_units) and what their sums are divided by (pairs,), 0 where there is nothing to flip."""

    def invert(self, d: Floats, size: Floats, critical: list[Floats], level: float | None = None) -> Inverted:
        """Estimate and the differences that the test does not reject at each critical value, of shape (pairs,) or ()."""


@dataclass(frozen=True)
class SignedRank:
    """Wilcoxon's signed ranks; inverted, the Walsh averages: the estimate is Hodges and Lehmann's pseudo-median.

    Parameters
    ----------
    zero_method : {"wilcox", "pratt", "zsplit"}
        Zeros are dropped before ranking, or after it. They stay among the Walsh averages either way: a tie is evidence of a small
        difference.
    """

    zero_method: str = "wilcox"
    name: str = "signed rank"
    estimand: str = "pseudo-median"
    bounds: tuple[float, float] = (-np.inf, np.inf)

    def weights(self, d: Floats, size: Floats) -> tuple[Floats, Floats]:
        """Signed doubled midranks: whole numbers, so that sums of them are exact in any order and precision."""
        ranks = doubled_midranks(np.abs(d), size)
        zero = d == 0
        if self.zero_method == "wilcox":
            ranks -= 2 * zero.sum(axis=1)[:, None]
        ranks[zero | np.isnan(d)] = 0
        signed = ranks.astype(np.float64)
        np.negative(signed, out=signed, where=d < 0)
        return signed, np.sqrt(np.einsum("ij,ij->i", signed, signed))

    def invert(self, d: Floats, size: Floats, critical: list[Floats], level: float | None = None) -> Inverted:
        """Order statistics of the Walsh averages, all of them found at once; with a level, those of Hodges and Lehmann's interval too.

        Away from ties with 0, the statistic of d - theta is (#{averages > theta} - #{averages < theta}) over a norm in which only
        equal differences are ties, whatever theta is: sum(r^2) = n(n+1)(2n+1)/6 - sum(t^3 - t)/12.
        """
        m = len(d)
        estimate, low, high = np.full(m, np.nan), _unbounded(m, critical, -1), _unbounded(m, critical, 1)
        own = (np.full(m, np.nan), np.full(m, np.nan))
        present = ~np.isnan(d)
        sizes = present.sum(axis=1)
        for n in np.unique(sizes[sizes > 0]):
            rows = np.flatnonzero(sizes == n)
            values = d[rows] if n == d.shape[1] else d[rows][present[rows]].reshape(len(rows), n)
            scale = size[rows] if n == d.shape[1] else size[rows][present[rows]].reshape(len(rows), n)
            norm = np.sqrt(squared_midranks(values, scale)) / 2
            last = int(n) * (int(n) + 1) // 2
            cut = [_cut(last, np.broadcast_to(c, m)[rows] / (1 - SLACK) * norm) for c in critical]
            if level is not None:
                cut.append(np.full(len(rows), hodges_lehmann_place(int(n), level)))
            middle = np.broadcast_to([(last - 1) // 2, last // 2], (len(rows), 2))
            inner = [np.maximum(j, 1) - 1 for j in cut]
            places = np.column_stack([middle, *inner, *(last - 1 - at for at in inner)])
            found = order_statistics(values, places)
            estimate[rows] = (found[:, 0] + found[:, 1]) / 2
            for at, (j, ends) in enumerate(zip(cut, [*zip(low, high, strict=True), own], strict=False)):
                ends[0][rows] = np.where(j > 0, found[:, 2 + at], -np.inf)
                ends[1][rows] = np.where(j > 0, found[:, 2 + len(cut) + at], np.inf)
        return Inverted(estimate, low, high, None if level is None else own)


@dataclass(frozen=True)
class Mean:
    """The mean over units, studentized: sum(d) / sqrt(sum(d^2)), a monotone function of Student's t, whose norm no flip changes."""

    name: str = "studentized mean"
    estimand: str = "mean"
    bounds: tuple[float, float] = (-np.inf, np.inf)

    def weights(self, d: Floats, size: Floats) -> tuple[Floats, Floats]:
        """The differences themselves."""
        filled = np.nan_to_num(d)
        norm = lengths(filled)
        return filled / np.where(norm > 0, norm, 1.0)[:, None], (norm > 0).astype(np.float64)

    def invert(self, d: Floats, size: Floats, critical: list[Floats], level: float | None = None) -> Inverted:
        """Mean plus and minus t times its standard error, with t = c sqrt((n - 1) / (n - c^2)): all reals where c^2 >= n."""
        n = (~np.isnan(d)).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.nansum(d, axis=1) / n
            error = lengths(deviations(d, mean, size)) / np.sqrt(n * (n - 1.0))
            low, high = [], []
            for value in critical:
                c = np.broadcast_to(value, len(d)) / (1 - SLACK)
                t = np.where(c**2 < n, c * np.sqrt((n - 1.0) / (n - c**2)), np.inf)
                reach = np.where(np.isfinite(t) & (n > 1), np.where(error == 0, 0.0, t * error), np.inf)
                low.append(mean - reach)
                high.append(mean + reach)
        return Inverted(mean, low, high)


@dataclass(frozen=True)
class Sign:
    """The sign test's: wins less losses over the root of their number; inverted, Clopper and Pearson's interval of the win rate.

    The estimand is a's win rate less b's on the tasks on which the two differ, 2 P(a > b | a != b) - 1: the test says nothing of how
    large differences are, and nothing of ties.
    """

    name: str = "sign"
    estimand: str = "win rate"
    bounds: tuple[float, float] = (-1.0, 1.0)

    def weights(self, d: Floats, size: Floats) -> tuple[Floats, Floats]:
        """One for a win, minus one for a loss."""
        signs = np.sign(np.nan_to_num(d))
        return signs, np.sqrt(np.abs(signs).sum(axis=1))

    def invert(self, d: Floats, size: Floats, critical: list[Floats], level: float | None = None) -> Inverted:
        """Win rates that the binomial test does not reject at the level that the critical value stands for with so many tasks."""
        wins, losses = (d > 0).sum(axis=1), (d < 0).sum(axis=1)
        n = wins + losses
        low, high = [], []
        for value in critical:
            with np.errstate(invalid="ignore"):
                most = np.ceil((n - np.broadcast_to(value, len(d)) / (1 - SLACK) * np.sqrt(n)) / 2 - 1e-9) - 1
            able = np.isfinite(most) & (most >= 0)
            tail = bdtr(np.where(able, most, 0.0), np.maximum(n, 1), 0.5)
            ends = [
                np.where(able & (count > 0), betaincinv(np.maximum(count, 1), n - count + 1, tail), 0.0)
                for count in (wins, losses)
            ]
            low.append(2 * ends[0] - 1)
            high.append(1 - 2 * ends[1])
        estimate = np.where(np.isnan(d).all(axis=1), np.nan, (wins - losses) / np.maximum(n, 1))
        return Inverted(np.asarray(estimate, dtype=np.float64), low, high)


def _unbounded(m: int, critical: list[Floats], side: int) -> list[Floats]:
    return [np.full(m, side * np.inf) for _ in critical]


def _cut(last: int, bound: Floats) -> npt.NDArray[np.int64]:
    """The least j with (number above) - (number below) = last - 2j <= bound, shape (m,); 0 where even all on one side do not pass it."""
    with np.errstate(invalid="ignore"):
        j = np.ceil((last - bound) / 2 - 1e-9)
    return np.where(np.isfinite(j), np.maximum(j, 0), 0).astype(np.int64)


#: Statistics by name.
STATISTICS: dict[str, Statistic] = {"signed-rank": SignedRank(), "mean": Mean(), "sign": Sign()}


def statistic_by_name(name: str, zero_method: str = "wilcox") -> Statistic:
    """Return the statistic of this name, which the caller has checked."""
    return SignedRank(zero_method) if name == "signed-rank" else STATISTICS[name]


def observed(weights: Floats, norm: Floats) -> Floats:
    """The statistic as observed: 0 where there is nothing to flip."""
    return np.asarray(np.where(norm > 0, weights.sum(axis=1) / np.where(norm > 0, norm, 1.0), 0.0))


def largest_possible(weights: Floats, norm: Floats) -> Floats:
    """The largest statistic that any signs could give a pair with these absolute differences."""
    return observed(np.abs(weights), norm)
