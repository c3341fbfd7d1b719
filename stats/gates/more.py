"""How many more units would decide a claim that is undecided."""

from math import isfinite

import numpy as np
from scipy.special import chdtri, ndtr, stdtrit

#: Beyond this many units in all, a decision is out of reach.
MAX_UNITS = 1_000_000
_POWER = 0.8
_QUANTILES = (np.arange(99) + 0.5) / 99


def more_units(error: float, df: float, n: int, distance: float, alpha: float) -> int | None:
    """How many more units bring the interval's end past a true difference that lies so far from -margin, 80 % of the time.

    Parameters
    ----------
    error : float
        Standard error of the mean difference over the units at hand.
    df : float
        Its degrees of freedom, which grow with the units.
    n : int
        Units at hand.
    distance : float
        Of the true difference from -margin, not negative.
    alpha : float
        Of this claim: its interval is at 1 - alpha.

    Returns
    -------
    int or None
        None where it is out of reach: more than a million in all.

    Notes
    -----
    A t test's power is averaged over what the true spread may be after that of the units at hand (df s^2 / sigma^2 is chi-square, at 99 evenly spaced quantiles), and the
    least number with .8 is sought. To take the spread seen for the true one, as the usual sum of two quantiles does, names too few: with 8
    or 14 units they decide 71 to 75 % of the time, and where the spread was seen too small by chance much less (docs/gate.md).

    Examples
    --------
    Standard error .01 of 100 units, .02 away: (1.960 + .842)^2 / 4 is 1.96 times as many where the spread is sure, and five more where 100 units tell it.

    >>> more_units(.01, 1e9, 100, .02, .05), more_units(.01, 99, 100, .02, .05)
    (97, 102)
    """
    if not (isfinite(error) and distance > 0 and n > 1):
        return None
    if error == 0:
        return 0
    # Standard errors that n units may truly have: the least power is that of the largest spread.
    errors = error * np.sqrt(df / chdtri(df, _QUANTILES))

    def power(total: int) -> float:
        factor = total / n
        end = float(stdtrit(max(1.0, df * factor), 1 - alpha / 2))
        return float(ndtr(distance / errors * np.sqrt(factor) - end).mean())

    if power(MAX_UNITS) < _POWER:
        return None
    low, high = n, MAX_UNITS
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= _POWER else (middle + 1, high)
    return low - n
