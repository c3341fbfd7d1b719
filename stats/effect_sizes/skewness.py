"""Skewness of differences: how strong it is, and from where on it upsets a test of symmetry."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..pairs import shared
from ..results import Floats
from ..ties import deviations


def skewness_bound(n: Any) -> Any:
    """How large a skewness of n differences is a strong one: .7, or twice its standard error under normality.

    Tests of symmetry about 0 (Wilcoxon, sign flips) then say little about means: of equal means and differences that are
    skewed like a sum of two exponentials, they call more pairs different than alpha allows (docs/validity.md).

    Parameters
    ----------
    n : int or ndarray

    Returns
    -------
    float or ndarray
        Infinite for fewer than 8 tasks, which say nothing about it.

    Examples
    --------
    sqrt(6 n (n - 1) / ((n - 2) (n + 1) (n + 3))) = .369 for 41, .597 for 14:

    >>> skewness_bound(np.array([5, 14, 41])).round(3).tolist()
    [inf, 1.195, 0.739]
    """
    n = np.maximum(np.asarray(n, dtype=np.float64), 3)
    error = np.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))
    return np.where(n < 8, np.inf, np.maximum(0.7, 2 * error))


def skewness(d: Floats, size: Floats) -> Floats:
    """Moment skewness of rows of differences: 0 if they are constant, NaN for fewer than three tasks."""
    n, mean = shared(d)
    return skewness_of(deviations(d, mean, size), n)


def skewness_of(centred: Floats, n: npt.NDArray[np.int64]) -> Floats:
    """The same from the rows' deviations from their means, and from how many differences there are."""
    largest = np.abs(centred).max(axis=1, initial=0.0)
    constant = largest == 0
    with np.errstate(invalid="ignore", divide="ignore"):
        # In units of the largest, so that no power of a tiny or a huge score leaves the floats.
        scaled = centred / np.where(constant, 1.0, largest)[:, None]
        squares = scaled * scaled
        # Products, not a power of 3, which takes seventy times as long and rounds as the machine's library does.
        ratio = (squares * scaled).sum(axis=1) / n / (squares.sum(axis=1) / n) ** 1.5
    return np.asarray(np.where(n < 3, np.nan, np.where(constant, 0.0, ratio)))


def strong_skewness(d: Floats) -> float:
    """The skewness of differences of shape (n,) where it is a strong one (`skewness_bound`), else 0.

    Examples
    --------
    Of a share p = .1 of losses (1 - 2p) / sqrt(p (1 - p)) = 2.67:

    >>> round(strong_skewness(np.array([.01] * 9 + [-.2])), 2), strong_skewness(np.array([.01, -.01] * 5))
    (-2.67, 0.0)
    """
    found = float(skewness(d[None], np.maximum(np.abs(d), 1.0)[None])[0])
    return found if abs(found) > float(skewness_bound(len(d))) else 0.0
