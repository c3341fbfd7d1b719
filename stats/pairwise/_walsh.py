"""How often weighted Walsh averages say better, equivalent or worse: the draws of the Bayesian signed-rank test."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..pairs import Pairs
from ..resampling.blocks import Memory, for_each
from ..results import Floats
from ..ties import RELATIVE

#: Up to this many tasks the quadratic form is one matrix product; beyond, a sum over sorted differences is faster.
_PRODUCT_LIMIT = 64
#: How many products of weights are held at once.
_PRODUCTS = 30_000_000
#: So few draws of a pair are taken in double precision as quickly as all of them in single.
_FEW_DRAWS = 50
#: Draws that agree within rounding are ties.
_GAP = 1e-12

Singles = npt.NDArray[np.float32]


def count_wins(pairs: Pairs, weights: Floats, sign: float, rope: float) -> Floats:
    """In how many draws each of better, equivalent and worse is the largest, ties shared.

    Parameters
    ----------
    pairs : Pairs
    weights : ndarray, shape (n_draws, n_tasks + 1)
        Of the prior and the tasks, every draw's sum is 1.
    sign : float
        1 where higher scores are better, else -1.
    rope : float

    Returns
    -------
    ndarray, shape (n_pairs, 3)
    """
    wins = np.zeros((len(pairs), 3))
    n_draws, n = weights.shape
    if n - 1 > _PRODUCT_LIMIT:

        def sort(block: slice) -> None:
            sums = _Sums.of(pairs, block, sign, rope)
            wins[block] = _wins(*_by_sorting(weights, sums), sums.whole(weights), inside=rope > 0)

        for_each(pairs.slices(2 * n_draws), sort)
        return wins
    step = max(1, _PRODUCTS // n**2)
    memory = Memory()
    for start in range(0, n_draws, step):
        drawn = weights[start : start + step]
        products = _products(drawn).astype(np.float32)

        def multiply(block: slice, drawn: Floats = drawn, products: Singles = products) -> None:
            sums = _Sums.of(pairs, block, sign, rope)
            wins[block] += _wins_by_product(sums, drawn, products, memory)

        for_each(pairs.slices(max(len(drawn), n**2) // 2), multiply)
    return wins


@dataclass(frozen=True, eq=False)
class _Sums:
    """Differences of a block of pairs with the prior's 0 before them; arrays have shape (pairs, n_tasks + 1)."""

    z: Floats
    size: Floats
    present: npt.NDArray[np.bool_]
    rope: float

    @classmethod
    def of(cls, pairs: Pairs, block: slice, sign: float, rope: float) -> "_Sums":
        d = pairs.differences(block)
        edge = np.zeros((len(d), 1))
        return cls(
            np.concatenate([edge, sign * np.nan_to_num(d)], axis=1),
            np.concatenate([edge, np.nan_to_num(pairs.sizes(block))], axis=1),
            np.concatenate([edge == 0, ~np.isnan(d)], axis=1),
            rope,
        )

    def whole(self, weights: Floats) -> Floats | float:
        """Sum of all products of weights that a pair has: 1, or shape (pairs, draws)."""
        return 1.0 if self.present.all() else np.asarray((self.present @ weights.T) ** 2)

    def together(self) -> Floats:
        """Of every pair and i <= j: 1 where the pair has both."""
        i, j = np.triu_indices(self.z.shape[1])
        return (self.present[:, i] & self.present[:, j]).astype(np.float64)

    def forms(self) -> tuple[Floats, Floats]:
        """Of every pair and i <= j: 1 where the Walsh average lies above the rope, 1/2 on its edge; and the same below."""
        i, j = np.triu_indices(self.z.shape[1])
        total = self.z[:, i] + self.z[:, j]
        tolerance = 4 * RELATIVE * np.maximum(np.maximum(self.size[:, i], self.size[:, j]), self.rope)
        here = self.together()
        forms = []
        for direction in (1.0, -1.0):
            beyond = direction * total - 2 * self.rope
            form = (beyond > tolerance).astype(np.float64)
            form[np.abs(beyond) <= tolerance] = 0.5
            form[here == 0] = 0.0
            forms.append(form)
        return forms[0], forms[1]


def _products(weights: Floats) -> Floats:
    """w_i w_j of all i <= j, those with i < j twice: shape (products, draws)."""
    i, j = np.triu_indices(weights.shape[1])
    columns = np.ascontiguousarray(weights.T)
    products = columns[i] * columns[j]
    products[i != j] *= 2
    return np.asarray(products)


def _wins_by_product(sums: _Sums, weights: Floats, products: Singles, memory: Memory) -> Floats:
    """The wins as matrix products in single precision; draws that it cannot decide are taken again in double precision.

    What is likely to be the largest comes first. More than half of the whole is the largest, whatever the others are: only
    pairs that it leaves open need a second product.
    """
    better, worse = forms = sums.forms()
    n_pairs, n_draws = len(sums.z), len(weights)
    whole = sums.whole(weights)
    total = np.asarray(whole, dtype=np.float32)
    # Sums of K products that are not negative, and sum to 1, are right to K + 1 roundings (Higham 2002, section 3.1).
    margin = np.float32(4 * (len(products) + 8) * np.finfo(np.float32).eps / 2)
    parts = np.stack([better, sums.together() - better - worse, worse])
    order = np.argsort(-parts.sum(axis=2).T, axis=1, kind="stable")
    every = np.arange(n_pairs)
    first = memory.singles("first", n_pairs, n_draws)
    np.matmul(parts[order[:, 0], every].astype(np.float32), products, out=first)
    sure = np.greater(first, total / 2 + margin, out=memory.flags("sure", n_pairs, n_draws))
    wins = np.zeros((n_pairs, 3))
    wins[every, order[:, 0]] = [np.count_nonzero(row) for row in sure]
    rows = np.flatnonzero(wins.sum(axis=1) < n_draws - _FEW_DRAWS)
    if len(rows):
        largest, whole_here = first[rows], total[rows] if total.ndim else total
        second = memory.singles("second", len(rows), n_draws)
        if sums.rope > 0:
            np.matmul(parts[order[rows, 1], rows].astype(np.float32), products, out=second)
        else:  # nothing lies between: equality was shared out, and what is not better is worse
            np.subtract(whole_here, largest, out=second)
        theta = (largest, second, whole_here - largest - second)
        decided = np.zeros(largest.shape, dtype=bool)
        for place in range(3):
            rival = np.maximum(theta[(place + 1) % 3], theta[(place + 2) % 3])
            rival += margin
            ahead = theta[place] > rival
            wins[rows, order[rows, place]] = [np.count_nonzero(row) for row in ahead]
            decided |= ahead
        sure[rows] = decided
    for pair in np.flatnonzero(wins.sum(axis=1) < n_draws):
        again = np.flatnonzero(~sure[pair])
        exact = _products(weights[again])
        above, below = ((form[pair] @ exact)[None] for form in forms)
        of_these = whole if isinstance(whole, float) else whole[pair, again][None]
        wins[pair] += _wins(above, below, of_these, inside=sums.rope > 0)[0]
    return wins


def _by_sorting(weights: Floats, sums: _Sums) -> tuple[Floats, Floats]:
    """theta_better and theta_worse, shape (pairs, draws), in time linear in the number of tasks: for each i the j that count are a run."""
    columns = np.ascontiguousarray(weights.T)
    better, worse = np.empty((len(sums.z), len(weights))), np.empty((len(sums.z), len(weights)))
    for pair, (z, present) in enumerate(zip(sums.z, sums.present, strict=True)):
        kept = np.flatnonzero(present)
        order = kept[np.argsort(z[kept], kind="stable")]
        drawn, ordered = columns[order], z[order]
        upto = np.concatenate([np.zeros((1, len(weights))), np.cumsum(drawn, axis=0)])
        slack = 4 * RELATIVE * max(float(sums.size[pair].max()), sums.rope)
        for out, direction in ((better, 1.0), (worse, -1.0)):
            at = direction * 2 * sums.rope - ordered
            inner, outer = np.searchsorted(ordered, at - slack, "left"), np.searchsorted(ordered, at + slack, "right")
            # Equality counts half: the mean of the sums with and without it.
            ends = (upto[inner] + upto[outer]) / 2
            out[pair] = np.einsum("ij,ij->j", drawn, upto[-1] - ends if direction > 0 else ends)
    return better, worse


def _wins(better: Floats, worse: Floats, total: Floats | float, *, inside: bool) -> Floats:
    """In how many draws better, equivalent and worse is the largest, ties shared: shape (pairs, 3)."""
    # Without a rope nothing lies inside: equality was shared out, and what is left is rounding.
    middle = total - better - worse if inside else np.full_like(better, -1.0)
    rest = (better, middle, worse)
    best = np.maximum(np.maximum(*rest[:2]), rest[2]) - _GAP
    first = np.stack([theta >= best for theta in rest])
    shared = first / first.sum(axis=0)
    return np.asarray(shared.sum(axis=2).T)
