"""How many tasks would decide a pair that is undecided, were the difference the one that was seen."""

import numpy as np

from ..results import Floats
from .simulation import Test, fewest_tasks, scale_limits

#: Beyond so many tasks no one evaluates to tell two models apart; it keeps the simulation short, too.
MOST_TASKS = 1_000
#: Of the limits of the spread that a pilot allows.
_CONFIDENCE = 0.9


def tasks_to_decide(
    d: Floats, level: float, *, power: float = 0.8, test: Test = "wilcoxon", n_resamples: int = 400, rng: int = 0
) -> tuple[float, float, float]:
    """The number of tasks in all at which a test decides, and what it would be at the limits of the spread.

    Parameters
    ----------
    d : ndarray of shape (n,)
        Differences of a pair; their mean is taken as the true difference.
    level : float
        The p at which a pair is decided.
    power, test, n_resamples, rng
        As in `required_tasks`.

    Returns
    -------
    tuple of float
        The number, its lower and its upper limit (90 % for the spread); NaN beyond `MOST_TASKS`, or where the mean is 0.

    Notes
    -----
    This is a plan for another experiment, not the power of the one that was made. That the difference is the one seen is an assumption:
    the differences of pairs that were picked for being large are smaller when seen again.

    References
    ----------
    As of `required_tasks`.

    Examples
    --------
    Without spread it takes as many tasks as a p of .05 does: 2 / 2^6 = .031.

    >>> tasks_to_decide(np.full(4, 0.1), 0.05)
    (6.0, 6.0, 6.0)
    """
    n, effect = len(d), abs(float(d.mean()))
    if effect == 0:
        return (float("nan"),) * 3
    residuals = (d - d.mean()) * np.sqrt(n / (n - 1)) * np.sign(d.mean())
    generator = np.random.default_rng(rng)
    scales = (None, *scale_limits(residuals, _CONFIDENCE))
    found = [
        fewest_tasks(residuals, effect, power, level, test, n_resamples, generator, scale, MOST_TASKS)
        for scale in scales
    ]
    return found[0], found[1], found[2]
