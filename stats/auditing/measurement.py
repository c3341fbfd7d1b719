"""What the scores' own standard errors say: how much of the differences between models is error of measurement."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..common.text import percent
from ..results import Floats
from .view import Problem, View

#: Two-sided normal quantile at .95.
_Z = 1.959963984540054
#: Of fewer tasks a variance says little.
_FEWEST = 3


@dataclass(frozen=True)
class Measurement:
    """Standard errors beside differences.

    Attributes
    ----------
    typical : float
        Median standard error, on the scores' scale.
    n_within : int
        Differences of two models on a task that are smaller than 1.96 of their standard error.
    n_differences : int
        Of so many, those with a standard error of both scores.
    share : float
        Of the variance of a pair's differences over tasks, the part that is error of measurement; median over pairs, 0 to 1.
    """

    typical: float
    n_within: int
    n_differences: int
    share: float


def measurement(values: Floats, errors: Floats) -> Measurement:
    """Set standard errors against differences.

    A difference of scores with standard errors s and t has sqrt(s^2 + t^2). Models that answer the same items err together, so
    this is an upper bound, and so is the share: that of the mean squared error in the observed variance (Hunter and Schmidt 2004, Methods of
    Meta-Analysis, eq. 3.6). The tests over tasks contain this variance already; without it their intervals would be narrower by 1 - sqrt(1 - share).

    Parameters
    ----------
    values, errors : ndarray, shape (n_tasks, n_models)
        Scores and their standard errors, NaN where there is none.

    Returns
    -------
    Measurement

    Examples
    --------
    Differences .1, .2 and .3 have the variance .01; errors of .03 and .04 make .05 of each, .0025 of it.

    >>> found = measurement(np.array([[.6, .5], [.7, .5], [.8, .5]]), np.array([[.03, .04]] * 3))
    >>> found.n_within, found.n_differences, round(found.share, 3)
    (0, 3, 0.25)
    """
    n_within = n_differences = 0
    shares: list[Floats] = []
    for i in range(values.shape[1] - 1):
        difference = values[:, [i]] - values[:, i + 1 :]
        squared = errors[:, [i]] ** 2 + errors[:, i + 1 :] ** 2
        known = np.isfinite(difference) & np.isfinite(squared)
        n_within += int((known & (np.abs(difference) < _Z * np.sqrt(np.where(known, squared, 0)))).sum())
        n_differences += int(known.sum())
        full = known.sum(axis=0) >= _FEWEST
        if full.any():
            there = known[:, full]
            variance = np.nanvar(np.where(there, difference[:, full], np.nan), axis=0, ddof=1)
            noise = np.nanmean(np.where(there, squared[:, full], np.nan), axis=0)
            shares.append(noise / np.where(variance > noise, variance, np.maximum(noise, np.finfo(float).tiny)))
    share = float(np.median(np.concatenate(shares))) if shares else float("nan")
    return Measurement(float(np.nanmedian(errors)), n_within, n_differences, share)


def standard_errors(view: View) -> Iterator[Problem]:
    """Say of how many differences the scores' own errors leave nothing."""
    if not view.has("stderr"):
        return
    errors = np.asarray(view.grid("stderr", np.nan), dtype=float)
    if np.isfinite(errors).sum() < 2 or view.values.shape[1] < 2:
        return
    found = measurement(view.values, errors)
    if not found.n_differences:
        return
    text = (
        f"the scores have standard errors (median {found.typical:.2g}): {found.n_within:,} of {found.n_differences:,} differences of "
        "two models on a task are within 1.96 of theirs"
    )
    if found.share == found.share:
        text += (
            f"; they make at most {percent(round(found.share, 2))} of the variance of differences over tasks, which the tests over tasks contain, so "
            f"that more samples a task would narrow intervals by {percent(round(1 - float(np.sqrt(1 - found.share)), 2))} at most"
        )
    yield Problem("standard_errors", "note", text)


def checks() -> Sequence[Callable[[View], Iterator[Problem]]]:
    """The checks of this module."""
    return (standard_errors,)
