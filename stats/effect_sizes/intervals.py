"""Intervals of effect sizes, for every pair at once."""

import numpy as np
import numpy.typing as npt
from scipy import special

from ..results import Floats

Counts = npt.NDArray[np.int64]


def share_interval(share: Floats, n: Counts, level: float) -> tuple[Floats, Floats]:
    """Clopper and Pearson's exact interval of a share of n tasks; a tie is half a success.

    Examples
    --------
    5 of 5: the lower end is .025^(1/5).

    >>> low, high = share_interval(np.array([1.0]), np.array([5]), 0.95)
    >>> low.round(4).tolist(), high.tolist()
    ([0.4782], [1.0])
    """
    won, tail = share * n, (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(won > 0, special.betaincinv(np.maximum(won, 0.5), n - won + 1, tail), 0.0)
        high = np.where(won < n, special.betaincinv(won + 1, np.maximum(n - won, 0.5), 1 - tail), 1.0)
    unknown = ~(n > 0)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def d_z_interval(d_z: Floats, n: Counts, level: float) -> tuple[Floats, Floats]:
    """Interval of Cohen's d_z: the noncentral t distributions that put sqrt(n) d_z at their tails, over sqrt(n).

    Exact for normal differences. NaN where d_z is not finite: constant differences, fewer than two tasks.
    """
    tail = (1 - level) / 2
    known = np.isfinite(d_z) & (n > 1)
    t, df = np.where(known, d_z, 0.0) * np.sqrt(np.maximum(n, 1)), np.maximum(n - 1.0, 1.0)
    low, high = (
        np.where(known, special.nctdtrinc(df, p, t) / np.sqrt(np.maximum(n, 1)), np.nan) for p in (1 - tail, tail)
    )
    return low, high


def signed_interval(estimate: Floats, error: Floats, n: Counts, level: float) -> tuple[Floats, Floats]:
    """Feng and Cliff's interval of a statistic between -1 and 1, which does not leave that range.

    Where it is -1 or 1 it has no error to speak of, and the bound is that of n tasks that all agree, 2 tail^(1/n) - 1:
    five of them are not certainty. NaN without a task.

    Parameters
    ----------
    estimate, error, n : ndarray, shape (m,)
        The statistic, its standard error over tasks, the number of tasks behind it.
    level : float
    """
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = special.stdtrit(np.maximum(n - 1.0, 1.0), 1 - tail) * error
        rest = 1 - estimate**2
        centre, width = estimate * rest, spread * np.sqrt(rest**2 + spread**2)
        low, high = (centre - width) / (rest + spread**2), (centre + width) / (rest + spread**2)
        bound = 2 * tail ** (1 / np.maximum(n, 1)) - 1
    full = np.abs(estimate) >= 1 - 1e-12
    low = np.where(full, np.where(estimate > 0, bound, -1.0), low)
    high = np.where(full, np.where(estimate > 0, 1.0, -bound), high)
    alone = (n == 1) & ~full
    return np.where(alone, -1.0, low), np.where(alone, 1.0, high)


def jackknife_error(total: Floats, parts: Floats, present: npt.NDArray[np.bool_], left: Floats) -> Floats:
    """Standard error of total / size over tasks, from what each task has part in.

    Parameters
    ----------
    total : ndarray, shape (m,)
    parts : ndarray, shape (m, n_tasks)
        What the total loses without a task.
    present : ndarray of bool, shape (m, n_tasks)
    left : ndarray, shape (m,)
        What the rest is divided by.
    """
    n = present.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        without = np.where(present, (total[:, None] - parts) / left[:, None], 0.0)
        centred = np.where(present, without - (without.sum(axis=1) / n)[:, None], 0.0)
        return np.asarray(np.sqrt((n - 1) / n * (centred**2).sum(axis=1)))
