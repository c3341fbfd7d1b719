"""anytime_samples: a comparison that is looked at after every part of the samples."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common import text
from ..common.errors import InputError, unknown
from ..decisions.table import check_margin
from ..pairs import check_level
from ._anytime_tasks import first_verdict
from .result import Anytime
from .strata import ends, follow

ABOUT = {"these": "these samples", "others": "other samples"}


def anytime_samples(
    differences: Mapping[str, npt.NDArray[np.float64]],
    *,
    margin: float,
    alpha: float = 0.05,
    about: str = "these",
    looks: int = 40,
    seen: int | None = None,
    whole: Mapping[str, float] | None = None,
    largest: float = 1.0,
) -> Anytime:
    """Look after every part of the samples at whether a candidate is worse than a baseline by a margin, and stop when it is decided.

    Parameters
    ----------
    differences : mapping of task to ndarray, shape (n of the task,)
        Candidate less baseline on every sample of the tasks whose score is a mean over samples, positive where the candidate is better, in the random order in
        which they are evaluated. What is not evaluated yet may be anything, such as NaN.
    margin : float
        The loss of mean score, over the tasks, that does not matter.
    alpha : float
        A verdict is wrong with probability at most alpha, whenever one stops.
    about : {"these", "others"}
        What the means are of: all these samples, which are drawn without replacement, so that the verdict foretells what the full run gives; or
        the population that they come from, as `gate` at the level of samples.
    looks : int
        Into so many parts the samples are cut; every look adds the same share of every task.
    seen : int, optional
        Looks made so far.  [default: all]
    whole : mapping of task to float, optional
        Differences of tasks that were evaluated in full beforehand, such as those whose score is no mean (``about="these"``).
    largest : float
        The largest difference that a sample can have, either way: 1 for scores from 0 to 1.

    Returns
    -------
    Anytime

    Raises
    ------
    InputError
        If there are no samples, fewer of a task than looks, or differences larger than `largest`.

    Notes
    -----
    See `stats.sequential.strata.follow`. The level rests on the random order alone (``about="these"``), whatever the differences: skewed, rare, unequal.

    References
    ----------
    Waudby-Smith, I. and Ramdas, A. (2024). Estimating means of bounded random variables by betting. Journal of the Royal Statistical Society B
    86, 1-27.

    Examples
    --------
    Right on 60 of 100 that the baseline had wrong, and never worse:

    >>> better = np.random.default_rng(0).permutation(np.repeat([1., 0.], [60, 40]))
    >>> found = anytime_samples({"task": better}, margin=0, looks=20)
    >>> found.verdict, found.decided_at
    ('ACCEPT', 3)
    """
    margin, alpha = check_margin(margin), check_level(alpha, "alpha")
    if about not in ABOUT:
        raise unknown("about", about, ABOUT)
    known = dict(whole or {})
    if known and about == "others":
        raise InputError(
            f"{text.listing(list(known), 3)} evaluated in full: what other samples would give can be bet on part by part only; take about='these', or leave them out"
        )
    if not isinstance(differences, Mapping):
        raise InputError(
            f"differences: got {type(differences).__name__}: expected a mapping of tasks to the differences of their samples"
        )
    done = looks if seen is None else seen
    parts = [_checked(name, d, looks, done, largest) for name, d in differences.items()]
    if not parts or not 1 <= done <= looks:
        raise InputError(
            f"{len(parts)} tasks, {done} of {looks} looks: expected a task with samples, and a look at least"
        )
    n, given = len(parts) + len(known), sum(known.values())
    null = (-margin * n - given) / len(parts) / largest
    path = follow(parts, looks, null, alpha=alpha / 2, finite=about == "these", seen=done)

    def overall(mean: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray((mean * largest * len(parts) + given) / n)

    total = sum(len(p) for p in parts)
    shares = [sum(int(ends(len(p), looks)[t]) for p in parts) / total for t in range(1, done + 1)]
    frame = pd.DataFrame(
        {
            "look": np.arange(1, done + 1), "seen": shares, "difference": overall(path.mean), "low": overall(path.low),
            "high": overall(path.high), "e_accept": np.exp(path.log_above), "e_reject": np.exp(path.log_below),
        }
    )  # fmt: skip
    verdict = first_verdict(path.log_above, path.log_below, alpha)
    how = "without replacement" if about == "these" else "from a population"
    method = f"stratified bets on samples drawn {how}, {text.count(looks, 'look')}"
    return Anytime(verdict, margin, alpha, frame, ABOUT[about], method)


def _checked(
    name: str, differences: npt.NDArray[np.float64], looks: int, done: int, largest: float
) -> npt.NDArray[np.float64]:
    d = np.array(differences, dtype=float)
    if d.ndim != 1 or len(d) < looks:
        raise InputError(
            f"{name}: {text.count(len(d), 'sample')}, fewer than {looks} looks: take fewer looks, or give its difference in `whole`"
        )
    n = int(ends(len(d), looks)[done])
    if not np.isfinite(d[:n]).all():
        raise InputError(f"{name}: a difference of the {n:,} samples seen so far is not a finite number")
    if (most := float(np.abs(d[:n]).max(initial=0.0))) > largest:
        raise InputError(
            f"{name}: a sample differs by {most:.4g}, more than largest={largest:g}: expected the range of a sample's score"
        )
    d[n:] = 0.0
    return d / largest
