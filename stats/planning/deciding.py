"""How many tasks would decide a pair that is undecided, were the difference the one that was seen."""

from collections.abc import Callable

import numpy as np
from scipy import special

from ..results import Floats
from .simulation import Test, draw, pvalues, scale_limits, smallest_pvalue, spread_df

#: Beyond so many tasks no one evaluates to tell two models apart; it keeps the simulation short, too.
MOST_TASKS = 1_000
#: Of the limits of the spread that a pilot allows.
_CONFIDENCE = 0.9
#: By how much the search widens.
_STEP = 1.4
_EXPERIMENTS = (250, 4_000)
#: Values drawn at once: always as many, so that the same seed gives the same values in whatever order numbers are tried.
_BLOCK = 60_000


def tasks_to_decide(
    d: Floats, level: float, *, power: float = 0.8, test: Test = "wilcoxon", n_values: int = 60_000, rng: int = 0
) -> tuple[float, float, float]:
    """The number of tasks in all at which a test decides, and what it would be at the limits of the spread.

    Parameters
    ----------
    d : ndarray of shape (n,)
        Differences of a pair; their mean is taken as the true difference.
    level : float
        The p at which a pair is decided.
    power, test, rng
        As in `required_tasks`.
    n_values : int
        So many differences are drawn for a number of tasks: the fewer the tasks, the more experiments, from 250 to 4,000.

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
    experiments = _Experiments(residuals, rng)
    least = next((m for m in range(2, 65) if smallest_pvalue(m, test) <= level), 64)
    # Where a normal mean would be decided: the search starts there.
    spread = float(residuals.std()) * float(special.ndtri(1 - level / 2) + special.ndtri(power)) / effect
    low, high = scale_limits(residuals, _CONFIDENCE)

    def number(scale: float | None) -> float:
        def enough(m: int) -> bool:
            drawn = experiments.of(m, min(max(n_values // m, _EXPERIMENTS[0]), _EXPERIMENTS[1]), scale)
            return bool((pvalues(drawn + effect, test) <= level).mean() >= power)

        return _fewest(enough, least, min((spread * (scale or 1.0)) ** 2, MOST_TASKS))

    return number(None), number(low), number(high)


class _Experiments:
    """Experiments as `draw` makes them, from the same values for every number of tasks and every spread.

    A search asks for some forty numbers. Drawn anew for each, they would take longer than a small comparison, and two numbers would differ by
    chance, too.
    """

    def __init__(self, residuals: Floats, rng: int) -> None:
        self._residuals = residuals
        self._of_values, of_scales = np.random.default_rng(rng).spawn(2)
        df = spread_df(residuals)
        self._scales = np.sqrt(df / of_scales.chisquare(df, size=(_EXPERIMENTS[1], 1)))
        self._values = np.empty(0)

    def of(self, n_tasks: int, n_experiments: int, scale: float | None) -> Floats:
        """Differences about 0, shape (n_experiments, n_tasks), at a given spread or at one of each experiment's own."""
        size = n_tasks * n_experiments
        while len(self._values) < size:
            more = draw(self._residuals, _BLOCK, 1, self._of_values, scale=1.0)
            self._values = np.append(self._values, more)
        drawn = self._values[:size].reshape(n_experiments, n_tasks)
        return np.asarray(drawn * (self._scales[:n_experiments] if scale is None else scale))


def _fewest(enough: Callable[[int], bool], least: int, guess: float) -> float:
    """The smallest number that is enough, to within 2 %, which is less than the simulation's own error; NaN beyond `MOST_TASKS`."""
    at = max(least, int(guess))
    if enough(at):
        low, high = least - 1, at
        while low < (below := int(high / _STEP)):
            if not enough(below):
                low = below
                break
            high = below
    else:
        low, high = at, 0
        while not high:
            if low >= MOST_TASKS:
                return float("nan")
            above = min(int(low * _STEP) + 1, MOST_TASKS)
            low, high = (low, above) if enough(above) else (above, 0)
    while high - low > max(1, high // 50):
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)
