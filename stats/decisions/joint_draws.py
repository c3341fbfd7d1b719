"""Single-step simultaneous intervals from joint null draws: what Romano and Wolf's step-down starts from."""

import numpy as np

from ..pairs import Indices
from ..resampling.nulls import Null
from ..results import Floats

#: About how many draws are held at once.
_BLOCK = 1_000_000


def single_step(null: Null, first: Indices, second: Indices, alpha: float, sign: int) -> float:
    """What the largest studentised difference of all pairs exceeds in at most alpha of the draws; infinite where too few are drawn.

    Parameters
    ----------
    null : Null
    first, second : ndarray of int
    alpha : float
    sign : int
        0 two-sided, 1 where large differences are striking, -1 where small ones are.
    """
    largest = np.full(null.n_draws, -np.inf)
    step = max(1, _BLOCK // null.n_draws)
    for start in range(0, len(first), step):
        here = slice(start, start + step)
        draws = null.draws(first[here], second[here])
        top = np.abs(draws).max(axis=0) if sign == 0 else (sign * draws).max(axis=0)
        np.maximum(largest, top, out=largest)
    offset = 0 if null.exact else 1
    allowed = int(np.floor(alpha * (null.n_draws + offset) + 1e-9)) - offset
    least = 0 if offset else 2 if sign == 0 else 1
    return float(np.sort(largest)[null.n_draws - 1 - allowed]) if allowed >= least else np.inf


def reach(critical: float, error: Floats) -> Floats:
    """How far the interval goes on either side: critical value times standard error, nothing where there is no spread."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(np.isinf(critical), np.inf, np.where(error == 0, 0.0, critical * error)))
