"""Sign vectors of units, and the largest statistic of all pairs under each of them."""

import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..common.errors import InputError
from ..resampling.blocks import Memory, for_each
from ..results import Floats
from .marginal import exact_marginal
from .signed_ranks import SignedRanks
from .statistics import SLACK, Mean, Statistic, largest_possible, observed
from .units import Units

Singles = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

#: All sign vectors are used where there are no more than 2^14 of them.
EXACT_UNITS = 14
#: Draws of so many pairs at once stay in a core's own cache: memory is slower than the product itself.
_CACHE = 640_000


@dataclass(frozen=True, eq=False)
class Flips:
    """Sign vectors that serve all pairs at once, so that their joint distribution is kept.

    Attributes
    ----------
    signs : ndarray of float32, shape (n_units, n_draws)
    exact : bool
        Whether they are all sign vectors (two-sided: all that begin with a plus; the others give the same absolute values). Else the
        observed signs are counted in, p = (b + 1) / (B + 1).
    sign : int
        0 for two-sided; 1 where large statistics are striking, -1 where small ones are.
    """

    signs: Singles
    exact: bool
    sign: int

    @classmethod
    def make(cls, n_units: int, n_resamples: int, rng: int | np.random.Generator | None, *, sign: int = 0) -> "Flips":
        """All sign vectors of at most 14 units, else so many at random.

        Raises
        ------
        InputError
            If `n_resamples` is not a positive whole number.
        """
        if isinstance(n_resamples, bool) or not isinstance(n_resamples, int | np.integer) or n_resamples < 1:
            raise InputError(f"n_resamples={n_resamples!r}: expected a positive whole number, such as 10,000")
        if n_units <= EXACT_UNITS:
            free = n_units if sign else max(n_units - 1, 0)
            bits = np.arange(2**free) >> np.arange(n_units)[:, None] & 1
            return cls((1 - 2 * bits).astype(np.float32), True, sign)
        bits = np.random.default_rng(rng).integers(0, 2, size=(n_resamples, n_units), dtype=np.int8)
        return cls(np.ascontiguousarray((1 - 2 * bits).T, dtype=np.float32), False, sign)

    @property
    def n_draws(self) -> int:
        """Number of sign vectors."""
        return int(self.signs.shape[1])

    @property
    def name(self) -> str:
        """What was drawn, in words."""
        n = self.signs.shape[0]
        return f"all 2^{n} sign vectors" if self.exact else f"{self.n_draws:,} random sign vectors"

    def allowed(self, alpha: float) -> int:
        """How many draws may reach a statistic that is significant at alpha; below `floor` where none is significant."""
        return int(np.floor(alpha * (self.n_draws + (not self.exact)) + 1e-9)) - (not self.exact)

    def share(self, reached: npt.NDArray[np.intp]) -> Floats:
        """P-values from how many draws reach each statistic."""
        return np.asarray(reached / self.n_draws if self.exact else (reached + 1) / (self.n_draws + 1))

    def pvalues(self, striking: Floats, ordered: Floats) -> Floats:
        """Share of the ascending draws (n_draws,) that reach each statistic; what differs by rounding reaches it."""
        return self.share(self.n_draws - np.searchsorted(ordered, bar(striking), side="left"))

    def critical(self, ordered: Floats, alpha: float) -> float:
        """What a statistic must exceed for a p-value of at most alpha; infinite where none can be so small."""
        allowed = self.allowed(alpha)
        # The observed signs are among all sign vectors: some draw always reaches the statistic.
        return float(ordered[self.n_draws - 1 - allowed]) if int(self.exact) <= allowed < self.n_draws else np.inf


def bar(striking: Floats) -> Floats:
    """What a draw has to reach."""
    return np.asarray(striking - SLACK * np.abs(striking) - 1e-12)


@dataclass(frozen=True, eq=False)
class Scan:
    """What flips say of the pairs of one analysis.

    Attributes
    ----------
    statistic : ndarray, shape (n_pairs,)
        As observed, of sign: positive where a scores higher.
    possible : float
        The largest statistic that any pair could have had with its absolute differences.
    own : ndarray, shape (n_pairs,)
        Every pair's p-value by itself: of the signed ranks and the signs exact, of the mean from its own draws.
    own_critical : ndarray, shape (n_pairs,)
        What its statistic must exceed by itself.
    ranks : SignedRanks or None
        What the ranks of single tasks say, where they were asked for; without an interval yet.
    """

    statistic: Floats
    possible: float
    own: Floats
    own_critical: Floats
    ranks: SignedRanks | None = None


def scan(
    units: Units,
    statistic: Statistic,
    flips: Flips,
    largest: Singles,
    where: Indices | None,
    alpha: float,
    *,
    ranked: bool = False,
) -> Scan:
    """Go through all pairs of one analysis once, and raise `largest` (n_draws,) to the largest statistic of every draw.

    The maximum does not depend on the order in which threads come to it.

    Parameters
    ----------
    units : Units
    statistic : Statistic
    flips : Flips
    largest : ndarray of float32, shape (n_draws,)
        Changed in place.
    where : ndarray of int, optional
        Which of the flips' units these are; None: all, in order.
    alpha : float
        Level of the critical values of single pairs.
    ranked : bool
        Keep the rank sums, of signed ranks.
    """
    signs = flips.signs if where is None else np.ascontiguousarray(flips.signs[where])
    m = len(units)
    found, possible = np.zeros(m), np.zeros(m)
    own, own_critical = np.ones(m), np.full(m, np.inf)
    drawn_alone = isinstance(statistic, Mean)
    ranks = SignedRanks.empty(m) if ranked else None
    memory, lock = Memory(), threading.Lock()
    step = max(1, _CACHE // flips.n_draws)

    def draw(weights: Singles, scale: Singles, here: slice) -> Singles:
        drawn = memory.singles("drawn", len(weights), flips.n_draws)
        np.matmul(weights, signs, out=drawn)
        if flips.sign == 0:
            np.abs(drawn, out=drawn)
        drawn *= scale[:, None]
        if drawn_alone:
            striking = bar(turned(found[here], flips.sign))[:, None].astype(np.float32)
            own[here] = flips.share((drawn >= striking).sum(axis=1))
            at = flips.n_draws - 1 - flips.allowed(alpha)
            if int(flips.exact) <= flips.allowed(alpha) < flips.n_draws:
                own_critical[here] = np.partition(drawn, at, axis=1)[:, at]
        return np.asarray(drawn.max(axis=0))

    def work(block: slice) -> None:
        d, size = units.differences(block)
        weights, norm = statistic.weights(d, size)
        found[block], possible[block] = observed(weights, norm), largest_possible(weights, norm)
        if not drawn_alone:
            own[block], own_critical[block] = exact_marginal(statistic, d, (weights, norm), alpha, flips.sign)
        if ranks is not None:
            ranks.ranked(block, weights)
        top = float(possible[block].max(initial=0.0))
        if not drawn_alone and top <= float(largest.min(initial=np.inf)):
            return  # no draw of these pairs can be the largest
        rows = ((flips.sign or 1) * weights).astype(np.float32)
        scale = np.where(norm > 0, 1 / np.where(norm > 0, norm, 1.0), 0.0).astype(np.float32)
        tops = [
            draw(
                rows[at : at + step],
                scale[at : at + step],
                slice(block.start + at, min(block.start + at + step, block.stop)),
            )
            for at in range(0, len(rows), step)
        ]
        with lock:
            np.maximum(largest, np.max(tops, axis=0), out=largest)

    for_each(units.slices(25 * units.n_units), work)
    return Scan(found, float(possible.max(initial=0.0)), own, own_critical, ranks)


def turned(statistic: Floats, sign: int) -> Floats:
    """The statistics so that large ones are the striking ones."""
    return np.asarray(np.abs(statistic) if sign == 0 else sign * statistic)
