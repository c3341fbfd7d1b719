"""How many more units would decide a claim that is undecided."""

from math import ceil, isfinite

from scipy.special import stdtrit

#: Beyond this many units in all, a decision is out of reach.
MAX_UNITS = 1_000_000
_POWER = 0.8


def more_units(error: float, df: float, n: int, distance: float, alpha: float) -> int | None:
    """How many more units bring the interval's end past a true difference that lies so far from -margin.

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
    The usual sum of two quantiles, (t(1 - alpha/2) + t(.8))^2 (error / distance)^2 times n, iterated over the degrees of freedom
    (Chow, S.-C., Shao, J. and Wang, H. (2008). Sample Size Calculations in Clinical Research, section 3.1).

    Examples
    --------
    Standard error .01 of 100 units, .02 away: (1.96 + .842)^2 / 4 is 1.96 times as many by normal quantiles, 199 by those of t.

    >>> more_units(.01, 99, 100, .02, .05)
    99
    """
    if not (isfinite(error) and distance > 0 and n > 1):
        return None
    if error == 0:
        return 0
    factor = 1.0
    for _ in range(30):
        of = max(1.0, df * factor)
        factor = float((stdtrit(of, 1 - alpha / 2) + stdtrit(of, _POWER)) ** 2 * (error / distance) ** 2)
        if factor * n > MAX_UNITS:
            return None
    return max(0, ceil(n * factor) - n)
