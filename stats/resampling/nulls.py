"""Joint null distributions of the studentised differences of all pairs: what max-t procedures step through."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..pairs import Indices
from ..results import Floats
from ..ties import RELATIVE, differences
from .resampler import Resampler, Subtractor

#: Draws that fall short of the observed statistic by rounding, of this relative size, reach it.
SLACK = 1e-9

#: The bootstrap-t needs this many nonzero differences.
LEAST_NONZERO = 6


class Null(Protocol):
    """Observed studentised differences and their joint null distribution, block by block."""

    @property
    def exact(self) -> bool:
        """Whether the observed data are one of the draws (a full enumeration), or must be counted in."""

    @property
    def n_draws(self) -> int:
        """Number of draws B."""

    def observed(self, a: Indices, b: Indices) -> Floats:
        """Studentised difference of every pair, shape (m,)."""

    def draws(self, a: Indices, b: Indices) -> Floats:
        """Its null draws, shape (m, B), to be used (and changed at will) before the next call."""


def sign_vectors(n: int, n_resamples: int, rng: int | np.random.Generator | None) -> tuple[Floats, bool]:
    """All 2^n sign vectors if they are no more than `n_resamples`, else so many at random; and whether all.

    Examples
    --------
    >>> sign_vectors(2, 10, 0)[0].tolist()
    [[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]]
    """
    if n < 60 and 2**n <= n_resamples:
        bits = np.arange(2**n)[:, None] >> np.arange(n) & 1
        return np.asarray(1.0 - 2.0 * bits, dtype=np.float64), True
    return np.random.default_rng(rng).choice(np.array([-1.0, 1.0]), size=(n_resamples, n)), False


@dataclass(frozen=True, eq=False)
class FlipNull:
    """Sign flips: under the null a task's differences are as likely to be all turned round together.

    The statistic ``sum(d) / sqrt(sum(d^2))`` is a monotone function of Student's t, and its denominator does not change
    with the signs.

    Attributes
    ----------
    rows : ndarray, shape (n_models, n_units)
        Sums of scores over units (a task or a group of tasks); NaN where a model lacks one.
    signs : ndarray, shape (B, n_units)
    exact : bool
        Whether `signs` are all sign vectors.
    """

    rows: Floats
    signs: Floats
    exact: bool
    flipped: Subtractor | None

    @classmethod
    def make(
        cls,
        rows: Floats,
        n_resamples: int,
        rng: int | np.random.Generator | None,
        groups: npt.NDArray[np.int64] | None = None,
        weights: Floats | None = None,
    ) -> "FlipNull":
        """Flip tasks, or groups of tasks, of rows of shape (n_models, n_tasks), each task with its weight."""
        rows = rows if weights is None else rows * weights
        if groups is not None:
            units = np.unique(groups)
            rows = np.stack([rows[:, groups == u].sum(axis=1) for u in units], axis=1)
        signs, exact = sign_vectors(rows.shape[1], n_resamples, rng)
        complete = not np.isnan(rows).any()
        return cls(rows, signs, exact, Subtractor(rows @ signs.T) if complete else None)

    @property
    def n_draws(self) -> int:
        """Number of sign vectors."""
        return len(self.signs)

    def observed(self, a: Indices, b: Indices) -> Floats:
        """``sum(d) / sqrt(sum(d^2))``, 0 for identical models."""
        d, norm = self._differences(a, b)
        return np.asarray(d.sum(axis=1) / norm)

    def draws(self, a: Indices, b: Indices) -> Floats:
        """The same under every sign vector."""
        d, norm = self._differences(a, b)
        drawn = d @ self.signs.T if self.flipped is None else self.flipped(a, b)
        drawn /= norm[:, None]
        return np.asarray(drawn)

    def _differences(self, a: Indices, b: Indices) -> tuple[Floats, Floats]:
        d = self.rows[a] - self.rows[b]
        d[np.isnan(d)] = 0.0
        size = np.nan_to_num(np.abs(self.rows)).max(axis=1, initial=0.0)
        d[np.abs(d) <= RELATIVE * np.maximum(size[a], size[b])[:, None]] = 0.0
        norm = np.sqrt((d**2).sum(axis=1))
        norm[norm == 0] = np.inf
        return d, norm


@dataclass(frozen=True, eq=False)
class BootstrapNull:
    """The bootstrap-t: ``(mean* - mean) / se*``, centred, so that every null hypothesis holds in it.

    A pair that differs on fewer than `LEAST_NONZERO` tasks is not tested: resamples without those
    tasks have no spread at all, and would stand in the way of every other pair.

    Attributes
    ----------
    rows : ndarray, shape (n_models, n_tasks)
    resampler : Resampler
    studentized : bool
        Whether every resample has its own standard error; else the observed one serves all.
    """

    rows: Floats
    resampler: Resampler
    studentized: bool = True
    exact: bool = False

    @property
    def n_draws(self) -> int:
        """Number of resamples."""
        return self.resampler.n_resamples

    def observed(self, a: Indices, b: Indices) -> Floats:
        """Difference over its standard error, 0 for identical models and pairs that cannot be tested."""
        d, testable = self._differences(a, b)
        ratio = _over(np.nan_to_num(self.resampler.estimates(d)), self.resampler.observed_error(d))
        return np.where(testable, ratio, 0.0)

    def draws(self, a: Indices, b: Indices) -> Floats:
        """Centred differences over their standard errors."""
        d, testable = self._differences(a, b)
        if self.studentized:
            shift, squares = self.resampler.moments(d)
            errors = np.sqrt(squares, out=squares)
        else:
            shift, errors = self.resampler.replicates(d), self.resampler.observed_error(d)[:, None]
        shift -= self.resampler.estimates(d)[:, None]
        shift[np.abs(shift) <= 1e-13 * np.nan_to_num(np.abs(self.rows)).max(initial=0.0)] = 0.0
        return np.where(testable[:, None], _over(np.nan_to_num(shift), np.nan_to_num(errors)), 0.0)

    def _differences(self, a: Indices, b: Indices) -> tuple[Floats, npt.NDArray[np.bool_]]:
        d = differences(self.rows[a], self.rows[b])
        return d, (np.nan_to_num(d) != 0).sum(axis=1) >= LEAST_NONZERO


def _over(value: Floats, error: Floats) -> Floats:
    """Value / error, where 0 / 0 is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(value == 0, 0.0, value / error))
