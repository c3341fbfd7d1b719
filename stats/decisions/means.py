"""The models' mean scores with intervals that hold all at once, so also for the model that came first."""

import numpy as np
import numpy.typing as npt

from ..common.threads import same_bits_on_any_cores
from ..pairs import check_level
from ..resampling.blocks import Memory
from ..resampling.resampler import Groups, Resampler, by_task_name, family_numbers
from ..results import Floats
from ..scores import Scores
from ..ties import RELATIVE

#: About how many draws are held at once.
_BLOCK = 2_000_000


@same_bits_on_any_cores
def simultaneous_means(
    scores: Scores,
    *,
    confidence_level: float = 0.95,
    by_family: bool = False,
    groups: Groups = True,
    n_resamples: int = 10_000,
    rng: int | np.random.Generator | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Mean score of every model with simultaneous intervals: mean +- c se, c the quantile of the largest |mean* - mean| / se*.

    Whichever model is looked at because it came first, by this mean or by anything else, its interval is one of those that hold
    together: it knows that it was chosen (Berk et al. 2013). Scores of models are strongly correlated over tasks, so the price is small,
    and smaller than that of intervals made for the winner alone (docs/validity.md).

    Parameters
    ----------
    scores : Scores
    confidence_level : float
        That all intervals hold.
    by_family : bool
        The mean of the families' means.
    groups : bool, sequence or None
        Units that are drawn as a whole.
    n_resamples : int
    rng : int, Generator or None

    Returns
    -------
    mean, low, high : ndarray, shape (n_models,)
        Infinite where more resamples than the level leaves have no spread, as with two or three tasks, and where nothing can be
        drawn in more than one way, as with two tasks from one source: every resample is then the sample, which tells of no spread at all.

    References
    ----------
    Andrews, I., Kitagawa, T. and McCloskey, A. (2024). Inference on Winners. Quarterly Journal of Economics 139, 305-358 (projection
    intervals, section IV). Berk, R. et al. (2013). Valid post-selection inference. Annals of Statistics 41, 802-837.
    """
    level = check_level(confidence_level, "confidence_level")
    ordered, numbers = by_task_name(scores, groups)
    strata = family_numbers(ordered) if by_family else None
    resampler = Resampler.make(ordered.n_tasks, n_resamples, rng, groups=numbers, strata=strata)
    rows = np.ascontiguousarray(ordered.values.T)
    if not _several_units(ordered.n_tasks, numbers, strata):
        mean = resampler.estimates(rows)
        return mean, np.full(len(mean), -np.inf), np.full(len(mean), np.inf)
    mean, error = resampler.estimates(rows), resampler.observed_error(rows)
    tolerance = RELATIVE * np.nan_to_num(np.abs(rows)).max(axis=1, initial=0.0)
    largest = np.zeros(n_resamples)
    step, memory = max(1, _BLOCK // n_resamples), Memory()
    for start in range(0, len(rows), step):
        here = slice(start, start + step)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            shifts, squares = resampler.moments(rows[here], memory)
            shifts -= mean[here, None]
            shifts[np.abs(shifts) <= tolerance[here, None]] = 0.0
            ratio = np.where(shifts == 0, 0.0, shifts**2 / squares)
        largest = np.maximum(largest, np.nan_to_num(ratio, nan=0.0, posinf=np.inf).max(axis=0))
    reach = np.sqrt(_upper(largest, level))
    with np.errstate(invalid="ignore"):
        half = np.where(error == 0, 0.0 if np.isfinite(reach) else np.inf, reach * error)
    return mean, mean - half, mean + half


def _several_units(n_tasks: int, groups: npt.NDArray[np.int64] | None, strata: npt.NDArray[np.int64] | None) -> bool:
    """Whether any stratum has two units to draw from."""
    unit = np.arange(n_tasks) if groups is None else groups
    stratum = np.zeros(n_tasks, int) if strata is None else strata
    return any(len(np.unique(unit[stratum == one])) > 1 for one in np.unique(stratum))


def _upper(draws: npt.NDArray[np.float64], level: float) -> float:
    """The draw that at most 1 - level of them, the observed one counted in, lie beyond."""
    at = int(np.ceil(level * (len(draws) + 1) - 1e-9)) - 1
    return float(np.partition(draws, at)[at]) if at < len(draws) else np.inf
