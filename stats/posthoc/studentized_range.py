"""The studentized range with infinite degrees of freedom: how far apart the largest and the smallest of k standard normals are.

scipy.stats has it for any degrees of freedom, by a double integral for each value, and takes longer to import than a small comparison
to make. With infinite degrees of freedom one integral is left, which is here.
"""

import numpy as np
from scipy import special

from ..results import Floats

# The integrand is analytic and falls off as a normal density does: the trapezoidal rule's error is below rounding at this step.
# Up to 37, since far out the largest is near q / 2: so far the chance is right to 13 digits, where 1 - P(range <= q) has none left.
_POINTS = np.linspace(-9.0, 37.0, 921)
_WEIGHTS = np.exp(-(_POINTS**2) / 2) / np.sqrt(2 * np.pi) * (_POINTS[1] - _POINTS[0])
_BLOCK = 1_024


def range_sf(q: Floats, k: int) -> Floats:
    """P(range of k standard normals > q).

    Parameters
    ----------
    q : ndarray of shape (n,)
        At least 0.
    k : int

    Returns
    -------
    ndarray of shape (n,)

    Notes
    -----
    ``P(range <= q) = k * integral of phi(z) (Phi(z) - Phi(z - q))^(k - 1) dz``, z the largest of the k. The complement is taken within
    the integral, ``Phi(z)^(k - 1) (1 - (1 - Phi(z - q) / Phi(z))^(k - 1))``, so that small chances keep their digits.

    References
    ----------
    Pearson, E. S. and Hartley, H. O. (1942). The probability integral of the range in samples of n observations from a normal population.
    Biometrika 32, 301-310.

    Examples
    --------
    For two, P(range > q) = 2 (1 - Phi(q / sqrt 2)); the tables' 5 % point for three is 3.314:

    >>> range_sf(np.array([np.sqrt(2) * 1.959964]), 2).round(6).tolist(), range_sf(np.array([3.314]), 3).round(3).tolist()
    ([0.05], [0.05])
    """
    q = np.asarray(q, dtype=np.float64)
    found = np.empty(len(q))
    for at in range(0, len(q), _BLOCK):
        block = q[at : at + _BLOCK, None]
        near = np.searchsorted(_POINTS, block.max() / 2 + 10)  # further up the largest is never found
        z, weights = _POINTS[:near], _WEIGHTS[:near]
        below = special.ndtr(z)
        share = np.minimum(special.ndtr(z - block) / below, 1.0)
        with np.errstate(divide="ignore"):  # log1p(-1), where all are further down: the chance is 1
            beyond = -np.expm1((k - 1) * np.log1p(-share))
        found[at : at + _BLOCK] = k * (beyond @ (below ** (k - 1) * weights))
    return np.clip(found, 0.0, 1.0)


def range_quantile(alpha: float, k: int) -> float:
    """The range that k standard normals exceed with probability alpha.

    Examples
    --------
    >>> round(range_quantile(0.05, 4), 3)  # Demsar (2006), table 5, is 2.569 = 3.633 / sqrt 2
    3.633
    """
    low, high = 0.0, 40.0
    for _ in range(56):  # to the last bit; scipy.optimize would take longer to import than this takes
        middle = (low + high) / 2
        low, high = (middle, high) if range_sf(np.array([middle]), k)[0] > alpha else (low, middle)
    return (low + high) / 2
