"""Bets on the mean over tasks of the means over their samples, from a part of the samples of every task at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
#: No bet on one sample risks more than this share of the wealth.
_LARGEST_BET = 0.9
#: Before anything is seen, the spread that differences of samples are taken to have, as a share of their range.
_FIRST_SPREAD = 0.25
#: Bets aim at deciding after this share of the looks; what is aimed at counts as much as this share of the looks does; and no less than this of it
#: is bet on. Chosen by simulation: half as much or more changes the samples needed by hundredths (docs/deciding.md).
_AIM, _PRIOR, _LEAST = 0.6, 0.2, 0.8


@dataclass(frozen=True)
class Path:
    """What is known after every look.

    Attributes
    ----------
    log_above, log_below : ndarray, shape (..., looks)
        Logarithms of the wealth against "the mean is at most the null" and "at least the null".
    low, high : ndarray, shape (..., looks)
        Bounds of the mean, each of which holds at all looks together with probability 1 - alpha of its own.
    mean : ndarray, shape (..., looks)
        The estimate.
    """

    log_above: Array
    log_below: Array
    low: Array
    high: Array
    mean: Array


def ends(n: int, looks: int) -> npt.NDArray[np.intp]:
    """How many of n samples were seen at every look, 0 first; the same share of every task.

    Examples
    --------
    >>> ends(10, 4).tolist()
    [0, 2, 5, 8, 10]
    """
    return np.rint(np.linspace(0, n, looks + 1)).astype(np.intp)


def follow(
    parts: Sequence[Array], looks: int, null: float | Array, *, alpha: float, finite: bool, seen: int | None = None
) -> Path:
    """Bet, look by look, that the sum of the tasks' means is above a null, and that it is below.

    Parameters
    ----------
    parts : sequence of ndarray, shape (..., n of the task)
        Differences of samples within [-1, 1], in the random order in which they are evaluated.
    looks : int
        Every look adds the same share of every task.
    null : float
        Of the mean of the tasks' means.
    alpha : float
        Of each of the two bounds.
    finite : bool
        The means are those of these very samples, all of them, rather than of the population that they come from.
    seen : int, optional
        Looks made so far.  [default: all]

    Returns
    -------
    Path

    Notes
    -----
    For a sample x of conditional mean c, a bet l and a centre h that are chosen before it, 1 + l (x - h) has expectation 1 + l (c - h), at most
    exp(l (c - h)); so (1 + l (x - h)) exp(-l (c - h)) is a factor of a supermartingale wherever 1 + l (x - h) >= 0. It exceeds the empirical Bernstein factor
    exp(l (x - c) - (x - h)^2 psi(l)) of Waudby-Smith and Ramdas (2024, theorem 2), which follows from it by Fan's inequality, and its logarithm is linear in c,
    too. Drawn without replacement, c is (n D - S) / (n - i) after i samples of sum S (their section 5). Bets on single samples are weighted
    so that in every look the mean D of each task bears on the exponent alike: the product over tasks then depends on the means by their sum alone, which is
    what is asked, and no search is needed over how the sum may be made up of them.
    """
    done = looks if seen is None else seen
    k = len(parts)
    sides = [
        _side([sign * p for p in parts], looks, done, sign * null * k, alpha=alpha, finite=finite) for sign in (1, -1)
    ]
    (above, low), (below, high) = sides
    means = np.stack(
        [np.stack([p[..., : ends(p.shape[-1], looks)[t]].mean(axis=-1) for p in parts]).mean(0) for t in range(1, done + 1)], -1
    )  # fmt: skip
    return Path(above, below, low / k, -high / k, means)


def _side(
    parts: Sequence[Array], looks: int, done: int, null: float | Array, *, alpha: float, finite: bool
) -> tuple[Array, Array]:
    """Wealth against "the sum is at most the null", and the lower bound of the sum, look by look."""
    shape = np.broadcast_shapes(*(p.shape[:-1] for p in parts))
    cuts = [ends(p.shape[-1], looks) for p in parts]
    weights = [_weights(p.shape[-1], cut, finite=finite) for p, cut in zip(parts, cuts, strict=True)]
    squares = np.array([[(w[a:b] ** 2).sum() for a, b in pairwise(c)] for w, c in zip(weights, cuts, strict=True)])
    gained, bets = np.zeros(shape), np.zeros(shape)
    logs, lows = [], []
    for t in range(done):
        means, spreads = _before(parts, [c[t] for c in cuts])
        largest = max(float(w[c[t] : c[t + 1]].max()) for w, c in zip(weights, cuts, strict=True))
        room = _LARGEST_BET / (1 + np.maximum(means, 0.0).max(axis=0)) / largest
        bet = np.minimum(_bet(means, spreads, squares, t, null, alpha), room)
        for part, weight, cut, mean in zip(parts, weights, cuts, means, strict=True):
            a, b = cut[t], cut[t + 1]
            x, own, centre = part[..., a:b], bet[..., None] * weight[a:b], mean[..., None]
            gained = gained + (np.log1p(own * (x - centre)) + own * centre).sum(axis=-1)
            if finite:  # what the samples before each say of the rest
                sums = part[..., :a].sum(axis=-1, keepdims=True) + np.cumsum(x, axis=-1) - x
                gained = gained + bet * sums.sum(axis=-1) / (part.shape[-1] * (b - a))
        bets = bets + bet
        logs.append(gained - bets * null)
        lows.append((gained - np.log(1 / alpha)) / bets)
    return np.stack(logs, axis=-1), np.maximum.accumulate(np.stack(lows, axis=-1), axis=-1)


def _weights(n: int, cut: npt.NDArray[np.intp], *, finite: bool) -> Array:
    """How a look's bet is shared among its samples: so that the task's mean bears on the exponent with weight 1."""
    weights = np.empty(n)
    for a, b in pairwise(cut):
        weights[a:b] = (1 - np.arange(a, b) / n if finite else 1.0) / (b - a)
    return weights


def _before(parts: Sequence[Array], seen: Sequence[int]) -> tuple[Array, Array]:
    """Means and variances of each task's samples before a look; before the first what is held likely."""
    means, spreads = [], []
    for part, n in zip(parts, seen, strict=True):
        x = part[..., :n]
        means.append((x.sum(axis=-1)) / max(n, 1))
        # One sample of the spread held likely is added, so that no task seems to have none.
        spreads.append((((x - means[-1][..., None]) ** 2).sum(axis=-1) + _FIRST_SPREAD**2) / (n + 1))
    return np.stack(means), np.stack(spreads)


def _bet(means: Array, spreads: Array, squares: Array, t: int, null: float | Array, alpha: float) -> Array:
    """The bet of look t, excess over variance; the excess as seen, drawn towards one that could just be decided in time."""
    variances = np.tensordot(squares.T, spreads, axes=(1, 0))  # looks first
    within = max(1, round(_AIM * len(variances)))
    reachable = np.sqrt(2 * np.log(1 / alpha) / (1 / variances[:within]).sum(axis=0))
    found = (means.sum(axis=0) - null) if t else reachable
    prior = _PRIOR * len(variances)
    excess = np.maximum((prior * reachable + t * found) / (prior + t), _LEAST * reachable)
    return np.asarray(excess / variances[t])
