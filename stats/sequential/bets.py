"""The wealth of a bet that differences of tasks are larger than the null says: an e-process under continuous looking."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
#: No bet risks more than this share of the wealth on a task that differs as much as the largest so far: with .75 rare large losses that were not yet
#: seen make more than 5 % of verdicts wrong, with .5 a third of what can be saved is lost (docs/deciding.md) ...
OF_LARGEST_SEEN = 0.6
#: ... nor more than this on the largest difference that is held possible.
OF_LARGEST_POSSIBLE = 0.9
#: No task wins or loses more than this share, alike on both sides: cut at -.99 and 1, heavy tails would win on average.
_CUT = 0.99


def log_wealth(excess: Array, largest: float | Array | None = None) -> Array:
    """The logarithm of the wealth after every task, of a bettor who begins with 1 and bets that the mean excess is positive.

    Parameters
    ----------
    excess : ndarray, shape (..., n)
        Differences less what the null says, in the order in which the tasks were evaluated.
    largest : float or ndarray, shape (..., 1), optional
        The largest excess, either way, that a task can have.

    Returns
    -------
    ndarray, shape (..., n)

    Notes
    -----
    Wealth is multiplied by 1 + f(x), f(x) = bet times x cut at -.99 and .99, and the bet looks only at the tasks before. f is odd and increasing: the
    factor's expectation is at most 1 wherever the distribution of x is symmetric about a centre that is not positive, whatever its spread or tails,
    and tasks need not be alike. Where no \\|x\\| exceeds `largest` nothing is cut, and it is at most 1 for every distribution of mean at most 0. So wealth is a
    supermartingale, and reaches 1 / alpha at any time with probability at most alpha (Ville).

    The bet is mean / second moment of what was seen, the first with one task of 0 added: GRAPA's, shrunk (Waudby-Smith and Ramdas 2024, section B.2). It is cut where a
    task as large as the largest so far would risk .6 of the wealth: without that, gains all alike would call for a bet that one loss ruins.

    Examples
    --------
    Excesses 1 and 1: nothing is bet on the first; then mean 1/2, second moment 1, so half: wealth 1, then 1.5.

    >>> np.exp(log_wealth(np.array([1., 1.]))).round(12).tolist()
    [1.0, 1.5]
    """
    x = np.asarray(excess, dtype=float)
    n = x.shape[-1]
    seen = np.arange(1, n)
    before: dict[str, Any] = {
        "sum": np.cumsum(x, axis=-1)[..., :-1],
        "squares": np.cumsum(x**2, axis=-1)[..., :-1],
        "most": np.maximum.accumulate(np.abs(x), axis=-1)[..., :-1],
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        kelly = (before["sum"] / (seen + 1)) / (before["squares"] / seen)
        cap = OF_LARGEST_SEEN / before["most"]
    if largest is not None:
        cap = np.minimum(cap, OF_LARGEST_POSSIBLE / largest)
    bet = np.zeros_like(x)
    bet[..., 1:] = np.nan_to_num(np.clip(kelly, 0.0, cap))
    return np.asarray(np.cumsum(np.log1p(np.clip(bet * x, -_CUT, _CUT)), axis=-1))
