"""Simulated experiments: a pair's differences redrawn, shifted and tested."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy import special

from ..common.errors import InputError, unknown
from ..results import Floats

#: The name of a test that can be simulated, a key of `TESTS`.
Test = str

#: The width of the noise between residuals, in their standard deviations, times their number: .7 for eight tasks, .14 for 41.
_SMOOTHED = 5.6
#: Beyond this many tasks a difference is out of reach.
MAX_TASKS = 10_000
#: Up to this many tasks the signed-rank distribution is exact.
_EXACT = 200


def smallest_pvalue(n_tasks: int, test: Test = "wilcoxon") -> float:
    """The smallest two-sided p-value that any outcome on so many tasks can have.

    For the Wilcoxon, sign and sign-flip tests it is 2 / 2^n, when every task agrees; the t test has no such bound.

    Parameters
    ----------
    n_tasks : int
    test : {"wilcoxon", "sign", "paired-t"}

    Returns
    -------
    float

    Examples
    --------
    >>> smallest_pvalue(8)  # 2 / 256
    0.0078125
    """
    if test not in TESTS:
        raise unknown("test", test, TESTS)
    if not isinstance(n_tasks, int | np.integer) or n_tasks < 1:
        raise InputError(f"n_tasks={n_tasks!r}: expected a whole number of at least 1")
    return 0.0 if test in _UNBOUNDED else min(1.0, 2.0 ** (1 - n_tasks))


def smallest_effect(noise: Floats, power: float, level: float, test: Test) -> float:
    """Bisection on the difference, all on the same experiments, so that power only grows with it."""
    spread = float(noise.std()) or 1e-12
    low, high = 0.0, spread
    while (pvalues(noise + high, test) <= level).mean() < power:
        low, high = high, 2 * high
        if high > 1e6 * spread:
            return float("nan")
    for _ in range(20):
        middle = (low + high) / 2
        if (pvalues(noise + middle, test) <= level).mean() < power:
            low = middle
        else:
            high = middle
    return high


def fewest_tasks(
    residuals: Floats,
    effect: float,
    power: float,
    level: float,
    test: Test,
    n_resamples: int,
    rng: np.random.Generator,
    scale: float | None = None,
) -> float:
    """The smallest number of tasks at which the power is reached, by doubling and bisection; NaN beyond `MAX_TASKS`."""

    def enough(n: int) -> bool:
        return bool((pvalues(draw(residuals, n, n_resamples, rng, scale) + effect, test) <= level).mean() >= power)

    low = 2
    while low <= 64 and smallest_pvalue(low, test) > level:
        low += 1
    high = low
    while not enough(high):
        low, high = high + 1, 2 * high
        if high > MAX_TASKS:
            return float("nan")
    while low < high:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle + 1
    return float(high)


def draw(
    residuals: Floats, n_tasks: int, n_resamples: int, rng: np.random.Generator, scale: float | None = None,
    symmetric: bool = False,
) -> Floats:  # fmt: skip
    """Experiments without a difference, shape (n_resamples, n_tasks).

    Parameters
    ----------
    residuals : ndarray, shape (n,)
        Of the pilot.
    n_tasks, n_resamples : int
    rng : Generator
    scale : float, optional
        By how much the true spread exceeds the pilot's. Without it every experiment has one of its own, drawn from what
        the pilot allows: the mean over experiments then is over the pilot's uncertainty, too.
    symmetric : bool
        Give each residual a random sign: without a difference the null hypothesis of a test of symmetry then holds exactly.
    """
    drawn = rng.choice(residuals, size=(n_resamples, n_tasks))
    if symmetric:
        drawn = drawn * rng.choice((-1.0, 1.0), size=drawn.shape)
    spread = float(residuals.std()) or 1e-12
    # The few residuals of a small pilot are no shape to redraw: normal noise between them, the less the more there are, keeps
    # the variance (smoothed bootstrap, Silverman and Young 1987). At the least it sets apart what is drawn twice.
    width = _SMOOTHED / len(residuals) if residuals.any() else 0.0
    noise = rng.standard_normal(size=drawn.shape)
    noise *= max(width, 1e-6) * spread
    drawn += noise
    drawn /= np.sqrt(1 + width**2)
    if scale is None:
        df = spread_df(residuals)
        drawn *= np.sqrt(df / rng.chisquare(df, size=(n_resamples, 1)))
    else:
        drawn *= scale
    return np.asarray(drawn)


def spread_df(residuals: Floats) -> float:
    """Degrees of freedom of a pilot's variance, ``2 / (2 / (n - 1) + kappa / n)``.

    kappa is the unbiased estimate of the excess kurtosis where that is positive, times n / (n + 16): few tasks hardly know it.

    References
    ----------
    O'Neill, B. (2014). Some useful moment results in sampling problems. The American Statistician 68, 282-296, result 3.

    Examples
    --------
    Flat tails leave the n - 1 of a normal sample:

    >>> spread_df(np.array([-2., -1, 1, 2]))
    3.0
    """
    n = len(residuals)
    squares = (residuals - residuals.mean()) ** 2
    kurtosis = 0.0
    if n > 3 and squares.any():
        raw = n * float((squares**2).sum()) / float(squares.sum()) ** 2 - 3
        kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * raw + 6)
    return 2 / (2 / (n - 1) + max(kurtosis, 0.0) / (n + 16))


def scale_limits(residuals: Floats, confidence: float) -> tuple[float, float]:
    """Between which factors of the pilot's spread the true one lies, at this confidence."""
    df = spread_df(residuals)
    tail = (1 - confidence) / 2
    return float(np.sqrt(df / special.chdtri(df, tail))), float(np.sqrt(df / special.chdtri(df, 1 - tail)))


def pvalues(d: Floats, test: Test) -> Floats:
    """Two-sided p of every row; no zeros and no ties are in it."""
    return TESTS[test](d)


def t_pvalues(d: Floats) -> Floats:
    """Two-sided p of the paired t test of every row."""
    n = d.shape[1]
    se = d.std(axis=1, ddof=1) / np.sqrt(n)
    return np.asarray(2 * special.stdtr(n - 1, -np.abs(d.mean(axis=1) / se)))


def sign_pvalues(d: Floats) -> Floats:
    """Two-sided p of the sign test of every row."""
    n = d.shape[1]
    wins = (d > 0).sum(axis=1)
    return np.asarray(np.minimum(1.0, 2 * special.bdtr(np.minimum(wins, n - wins), n, 0.5)))


def signed_rank_pvalues(d: Floats) -> Floats:
    """Two-sided p of Wilcoxon's test of every row; no zeros and no ties are in it."""
    n = d.shape[1]
    total = n * (n + 1) // 2
    # The statistic is symmetric about total / 2; the lower tail is the rarer one.
    # Sizes sort as the whole numbers that their bits are; the place of the sign bit, which is 0 in a size, moves to the end and
    # says which are positive. Sorting numbers is several times as fast as sorting places and looking up the signs.
    keys = (np.abs(d).view(np.uint64) << np.uint64(1)) | (d > 0)
    keys.sort(axis=1)
    w = ((keys & np.uint64(1)).astype(np.float64) @ np.arange(1.0, n + 1)).astype(np.int64)
    lower = np.minimum(w, total - w)
    if n <= _EXACT:
        return np.asarray(np.minimum(1.0, 2 * _signed_rank_cdf(n)[lower]))
    z = (lower + 0.5 - total / 2) / np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return np.asarray(np.minimum(1.0, 2 * special.ndtr(z)))


@lru_cache(maxsize=256)
def _signed_rank_cdf(n: int) -> Floats:
    """P(W <= w) of the signed-rank statistic without ties, w = 0 .. n(n+1)/2."""
    probability = np.zeros(n * (n + 1) // 2 + 1)
    probability[0] = 1.0
    for rank in range(1, n + 1):
        reached = rank * (rank + 1) // 2 + 1  # beyond what these ranks can add up to all is 0
        without = probability[: reached - rank].copy()
        probability[rank:reached] += without
        probability[:reached] /= 2
    return np.asarray(np.cumsum(probability))


#: Tests that planning simulates: name -> differences, shape (n_experiments, n_tasks), to two-sided p-values.
TESTS: dict[str, Callable[[Floats], Floats]] = {
    "wilcoxon": signed_rank_pvalues,
    "sign": sign_pvalues,
    "paired-t": t_pvalues,
}
#: Tests whose smallest p-value is not that of n equal signs.
_UNBOUNDED = {"paired-t"}


def register_simulation(name: str, pvalues_of: Callable[[Floats], Floats]) -> None:
    """Let planning simulate another test: differences, shape (n_experiments, n_tasks), to two-sided p-values."""
    TESTS[name] = pvalues_of
    if name not in ("wilcoxon", "sign"):
        _UNBOUNDED.add(name)  # what it can reach at the least is not known
