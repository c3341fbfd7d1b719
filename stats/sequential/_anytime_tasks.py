"""anytime_tasks: a comparison that is looked at after every task."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common.arrays import numbers_of
from ..common.errors import InputError
from ..decisions.table import check_margin
from ..pairs import check_level
from .bets import log_wealth
from .result import Anytime, Verdict

#: Points at which the interval's ends are looked for.
_POINTS = 801
_METHOD = "bets on tasks, exact where the differences are symmetric about their mean{}, at every look"


def anytime_tasks(
    differences: Sequence[float] | npt.NDArray[np.float64] | pd.Series,
    *,
    margin: float,
    alpha: float = 0.05,
    largest: float | None = None,
) -> Anytime:
    """Look after every task at whether a candidate is worse than a baseline by a margin, so that one may stop when it is decided.

    Parameters
    ----------
    differences : array-like, shape (n_tasks,)
        Candidate less baseline, positive where the candidate is better, in the order in which the tasks were evaluated: one fixed beforehand, or by
        what tasks cost, never by what came out.
    margin : float
        The loss of mean score that does not matter, in the scores' units.
    alpha : float
        A verdict is wrong with probability at most alpha, whenever one stops.
    largest : float, optional
        The largest difference, either way, that a task can have. With it the level holds for every distribution of differences within it;
        without it where they are symmetric about their mean, as in `gate`.

    Returns
    -------
    Anytime

    Raises
    ------
    InputError
        If a difference is no finite number, or larger than `largest`.

    Notes
    -----
    See `stats.sequential.bets.log_wealth`. ACCEPT and REJECT are bets against "worse by the margin or more" and "by the margin or less", each decided where the
    wealth reaches 2 / alpha; the interval holds the differences against which neither bet ever did. Nine tasks decide at the earliest.

    References
    ----------
    Waudby-Smith, I. and Ramdas, A. (2024). Estimating means of bounded random variables by betting. Journal of the Royal Statistical Society B
    86, 1-27. Ville, J. (1939). Étude critique de la notion de collectif.

    Examples
    --------
    Better by .01 each time: nothing is bet on the first task, half the wealth is won on the second, .6 of it on each later one: 1.5 x 1.6^6 = 25.2
    after eight, 1.5 x 1.6^7 = 40.3 after nine; 40 decides.

    >>> found = anytime_tasks([.01] * 10, margin=0)
    >>> found.decided_at, found.looks["e_accept"].round(1).tolist()[7:]
    (9, [25.2, 40.3, 64.4])
    """
    d = numbers_of(differences, "differences")
    margin, alpha = check_margin(margin), check_level(alpha, "alpha")
    if d.ndim != 1 or not len(d) or not np.isfinite(d).all():
        raise InputError(
            f"differences of shape {d.shape}: expected one finite number a task; leave out tasks that one of the two lacks"
        )
    if largest is not None:
        if not largest > margin:
            raise InputError(f"largest={largest:g}: expected more than the margin, {margin:g}")
        if (most := float(np.abs(d).max())) > largest:
            raise InputError(
                f"a task differs by {most:.4g}, and largest={largest:g} says that none differs by more: no verdict by that bound; evaluate all "
                "tasks, and compare them by `embsig gate`"
            )
    bound = None if largest is None else largest + margin
    accept, reject = log_wealth(d + margin, bound), log_wealth(-d - margin, bound)
    low, high = _interval(d, margin, np.log(2 / alpha), largest)
    n = np.arange(1, len(d) + 1)
    looks = pd.DataFrame(
        {"look": n, "seen": n, "difference": np.cumsum(d) / n, "low": low, "high": high, "e_accept": np.exp(accept), "e_reject": np.exp(reject)}
    )  # fmt: skip
    also = "" if largest is None else f", or none exceeds {largest:g}"
    return Anytime(first_verdict(accept, reject, alpha), margin, alpha, looks, "other tasks", _METHOD.format(also))


def first_verdict(accept: npt.NDArray[Any], reject: npt.NDArray[Any], alpha: float) -> Verdict:
    """What the first look that decided says."""
    decided = np.maximum(accept, reject) >= np.log(2 / alpha)
    if not decided.any():
        return "UNDECIDED"
    at = int(decided.argmax())
    return "ACCEPT" if accept[at] >= reject[at] else "REJECT"


def _interval(
    d: npt.NDArray[np.float64], margin: float, least: float, largest: float | None
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Bounds of the mean after every task: from outside in, the first mean against which the bet has not been won by then."""
    reach = 3 * max(float(np.abs(d).max()), margin, 1e-12) if largest is None else largest
    # The margin is among the means looked at, so that interval and verdict say the same.
    means = np.unique([*np.linspace(-reach, reach, _POINTS), -margin])[:, None]
    bound = None if largest is None else largest + np.abs(means)
    bounds = []
    for sign, order in ((1, means), (-1, means[::-1])):
        won = (
            np.maximum.accumulate(
                log_wealth(sign * (d - order), bound if sign == 1 or bound is None else bound[::-1]), axis=1
            )
            >= least
        )
        n_out = np.minimum.accumulate(won, axis=0).sum(axis=0)
        bounds.append(np.where(n_out > 0, order[np.maximum(n_out - 1, 0), 0], -sign * np.inf))
    return bounds[0], bounds[1]
