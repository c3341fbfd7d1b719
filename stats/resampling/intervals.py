"""Bootstrap intervals of rows of numbers over tasks, and the p-values that are those intervals turned round."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from ..results import Floats
from .blocks import Memory
from .nulls import SLACK
from .quantiles import Counts, count, count_below, kept_off_ends, quantile, quantiles_of, share_below, valid_counts
from .resampler import Resampler


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows of numbers over tasks, what is observed of them, and the resamples.

    Attributes
    ----------
    values : ndarray, shape (m, n_tasks)
    observed, error : ndarray, shape (m,)
        The statistic of every row and its standard error.
    tolerance : ndarray, shape (m,)
        What is no larger is 0.
    resampler : Resampler
    memory : Memory
    """

    values: Floats
    observed: Floats
    error: Floats
    tolerance: Floats
    resampler: Resampler
    memory: Memory

    def interval(
        self, method: str, level: float, alternative: str, replicates: Floats | None = None
    ) -> tuple[Floats, Floats, Floats]:
        """Low, high and p-value of every row; the replicates, where they are at hand, may be overwritten."""
        if method == "symmetric":
            return self._symmetric(level, alternative)
        if method == "studentized":
            replicates = self._studentized()
        elif replicates is None:
            replicates = self.resampler.replicates(self.values)
        if method == "basic":
            np.subtract(2 * self.observed[:, None], replicates, out=replicates)
        same = (self.values == 0).all(axis=1)
        if same.any():
            replicates[same] = 0.0  # not even rounding tells identical models apart
        if method == "bca":
            replicates.sort(axis=1)
            return self._bca(replicates, (1 - level) / 2, alternative)
        valid = self._valid(replicates)
        below = count(replicates, np.less_equal, self.tolerance, self.memory)
        above = count(replicates, np.greater_equal, -self.tolerance, self.memory)
        low, high = quantiles_of(replicates, (1 - level) / 2, (1 + level) / 2, memory=self.memory)
        rare = {"two-sided": np.minimum(below, above), "greater": below, "less": above}[alternative]
        sides = 2 if alternative == "two-sided" else 1
        return low, high, np.where(valid > 0, np.minimum(1.0, sides * (rare + 1) / (valid + 1)), np.nan)

    def _squares(self) -> tuple[Floats, Floats]:
        """mean* - mean and the square of its ratio to se*, of every row and resample; 0 where the two means are equal."""
        shifts, squares = self.resampler.moments(self.values, self.memory)
        with np.errstate(divide="ignore", invalid="ignore"):
            shifts -= self.observed[:, None]
            product = np.multiply(shifts, shifts, out=self.memory.floats("product", *shifts.shape))
            still = self.memory.flags("still", *shifts.shape)
            np.less_equal(product, (self.tolerance * self.tolerance)[:, None], out=still)
            np.divide(product, squares, out=squares)
        if still.any():
            shifts[still] = squares[still] = 0.0
        return shifts, squares

    def _valid(self, drawn: Floats) -> Counts:
        """How many draws of every row are not NaN."""
        if not np.isnan(self.values).any():
            return np.full(len(drawn), drawn.shape[1], dtype=np.intp)
        return np.asarray(drawn.shape[1] - np.isnan(drawn).sum(axis=1), dtype=np.intp)

    def _studentized(self) -> Floats:
        """Mean less the observed standard error times t*, of every row and resample."""
        shift, squares = self._squares()
        with np.errstate(invalid="ignore"):
            reach = np.copysign(np.sqrt(squares, out=squares), shift) * self.error[:, None]
        return self.observed[:, None] - np.where(squares == 0, 0.0, reach)

    def _symmetric(self, level: float, alternative: str) -> tuple[Floats, Floats, Floats]:
        """Hall's symmetric bootstrap-t: the observed -+ its standard error times the quantile of |t*|."""
        shifts, squares = self._squares()
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = np.where(np.abs(self.observed) <= self.tolerance, 0.0, self.observed / self.error)
        statistic = {"two-sided": np.abs(statistic), "greater": statistic, "less": -statistic}[alternative]
        # Draws that fall short of the observed by rounding reach it.
        bar = statistic - np.where(np.isfinite(statistic), SLACK * np.maximum(1.0, np.abs(statistic)), 0.0)
        valid = self._valid(squares)
        with np.errstate(over="ignore"):
            square = bar * bar
        if alternative == "two-sided":
            reached = np.where(bar > 0, count(squares, np.greater_equal, square, self.memory), valid)
        else:
            ahead = shifts > 0 if alternative == "greater" else shifts < 0
            far, near = squares >= square[:, None], squares <= square[:, None]
            reached = np.where(bar[:, None] > 0, far & ahead, (ahead & (squares >= 0)) | near).sum(axis=1)
        with np.errstate(invalid="ignore"):
            pvalue = np.where(valid > 0, (reached + 1) / (valid + 1), np.nan)
            (reach,) = quantiles_of(squares, level, of=np.sqrt, memory=self.memory)
            half = np.where((self.error == 0) | (reach == 0), 0.0, reach * self.error)
        return self.observed - half, self.observed + half, pvalue

    def _bca(self, ordered: Floats, tail: float, alternative: str) -> tuple[Floats, Floats, Floats]:
        """Efron's bias-corrected and accelerated interval, and the level at which its end meets 0."""
        valid = valid_counts(ordered)
        bias = ndtri(share_below(ordered, self.observed, self.tolerance, valid))
        a = self.resampler.acceleration(self.values)
        ends = []
        for z in (ndtri(tail), ndtri(1 - tail)):
            moved = bias + (bias + z) / (1 - a * (bias + z))
            ends.append(quantile(ordered, np.asarray(ndtr(moved)), valid))
        # Resamples at 0 itself lie beyond either end that leaves it out.
        up_to = count_below(ordered, self.tolerance, valid, or_equal=True)
        under = count_below(ordered, -self.tolerance, valid, or_equal=False)
        y_low, y_high = (ndtri(kept_off_ends(n / np.maximum(valid, 1), valid)) - bias for n in (up_to, under))
        below, above = ndtr(y_low / (1 + a * y_low) - bias), ndtr(bias - y_high / (1 + a * y_high))
        p = {"two-sided": 2 * np.minimum(below, above), "greater": below, "less": above}[alternative]
        least = (2 if alternative == "two-sided" else 1) / (valid + 1)
        return ends[0], ends[1], np.clip(p, np.minimum(least, 1.0), 1.0)
