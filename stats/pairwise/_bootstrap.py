"""The paired bootstrap over tasks for every pair of models at once."""

from typing import Literal

import numpy as np
import pandas as pd

from ..common.errors import PowerWarning, unknown, warn
from ..common.threads import same_bits_on_any_cores
from ..pairs import Alternative, Pairs, check_alternative, check_level
from ..ranking._mean_ranks import task_ranks
from ..resampling.blocks import Memory, for_each
from ..resampling.intervals import Sample
from ..resampling.resampler import Groups, Resampler, Subtractor, by_task_name, family_numbers
from ..results import Floats, PairwiseResult
from ..scores import Scores, as_scores
from ..ties import RELATIVE, zeroed

Interval = Literal["percentile", "basic", "bca", "studentized", "symmetric"]
Statistic = Literal["mean", "family_mean", "mean_rank"]

_METHODS = ("percentile", "basic", "bca", "studentized", "symmetric")
#: Methods that are called more exactly than they are named.
_WORDS = {"symmetric": "symmetric studentized", "bca": "BCa"}
#: Below so many tasks (or groups of tasks) the intervals without a studentized statistic cover clearly less than they say.
FEW_UNITS = 15
#: Methods that take a standard error of every resample.
_STUDENTIZED = ("studentized", "symmetric")
#: How many numbers of every resample are held at once.
_HELD = 4
_STATISTICS = ("mean", "family_mean", "mean_rank")
_NAMES = {"mean": "mean", "family_mean": "mean of family means", "mean_rank": "mean rank"}


@same_bits_on_any_cores
def bootstrap(
    scores: Scores | pd.DataFrame,
    *,
    n_resamples: int = 10_000,
    confidence_level: float = 0.95,
    method: Interval = "percentile",
    statistic: Statistic = "mean",
    groups: Groups = None,
    alternative: Alternative = "two-sided",
    control: str | None = None,
    rng: int | np.random.Generator | None = None,
) -> PairwiseResult:
    """Bootstrap over tasks: difference, interval and p-value of every pair of models.

    Every resample draws as many tasks as there are, with replacement, and serves all pairs: the pairs stay paired.
    The p-value is the interval turned round: the smallest level at which the interval of the same method leaves
    out 0, ``2 (b + 1) / (B + 1)`` with b the number of resamples on the rarer side of 0 (symmetric: ``(b + 1) / (B + 1)`` with
    b the number of ``|t*|`` that reach the observed ``|t|``). So the interval at level
    1 - alpha and the test at alpha say the same (up to the + 1).

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models. Tasks that either model of a pair lacks are left out of that pair.
    n_resamples : int
        B.
    confidence_level : float
    method : {"percentile", "basic", "bca", "studentized", "symmetric"}
        The interval. With few tasks the first three are too narrow. Of nominal 95 %, the percentile interval of
        normal differences covers 83, 89, 90, 93 and 94 % at 5, 8, 10, 20 and 41 tasks, of exponential ones 78, 83,
        85, 91 and 92 %; ``"basic"`` and ``"bca"`` are within 3 points of it; ``"studentized"`` (bootstrap-t)
        covers 93-96 % throughout (simulated, 2,000 differences each, standard error .5 points). ``"symmetric"`` is the
        studentized interval with its longer side on both: difference -+ the quantile of ``|t*|``; where the other covers 93 % of
        heavy-tailed differences, it covers 96 % (docs/validity.md). It is what `compare` shows.
    statistic : {"mean", "family_mean", "mean_rank"}
        What is compared: mean scores; means of family means, tasks drawn within their family; mean ranks
        (a negative difference means that a ranks better).
    groups : bool or sequence, optional
        Draw groups of tasks as a whole: True for the task table's groups, or a label per task.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"``: a is higher than b. The interval is two-sided in any case.
    control : str, optional
        Compare only with this model, which is then b of every pair.
    rng : int, Generator or None
        Seed. One seed gives the same numbers.

    Returns
    -------
    PairwiseResult
        ``statistic`` is the difference over its plug-in standard error.

    Warns
    -----
    PowerWarning
        Where the first three methods are used on fewer than 15 tasks.

    Raises
    ------
    InputError
        If there are fewer than two models, or an option is unknown.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap, ch. 12-14. Davison, A. C. and
    Hinkley, D. V. (1997). Bootstrap Methods and their Application, ch. 5. Hall, P. (1988). On symmetric bootstrap confidence
    intervals. JRSS B 50, 35-45.

    Examples
    --------
    a is better by .1 on every task, so it is in every resample: none reaches it, and p = 1 / 1000.

    >>> frame = pd.DataFrame({"a": [.5, .6, .7], "b": [.4, .5, .6]}, index=list("xyz"))
    >>> bootstrap(frame, n_resamples=999, method="symmetric", rng=0).pvalue.tolist()
    [0.001]
    """
    if method not in _METHODS:
        raise unknown("interval", method, _METHODS)
    check_alternative(alternative)
    level = check_level(confidence_level, "confidence_level")
    rows, resampler, ordered = _prepare(as_scores(scores), statistic, n_resamples, groups, rng)
    pairs = Pairs.of(ordered, control)
    low, high, pvalue = np.empty(len(pairs)), np.empty(len(pairs)), np.empty(len(pairs))
    difference, studentized = np.empty(len(pairs)), np.empty(len(pairs))
    subtract = None if np.isnan(rows).any() or method in _STUDENTIZED else Subtractor(resampler.replicates(rows))
    memory = Memory()

    def work(block: slice) -> None:
        a, b = pairs.first[block], pairs.second[block]
        d = pairs.differences(block) if statistic != "mean_rank" else rows[a] - rows[b]
        size = np.nan_to_num(np.maximum(np.abs(rows[a]), np.abs(rows[b]))).max(axis=1, initial=0.0)
        tolerance = RELATIVE * size
        difference[block] = observed = zeroed(resampler.estimates(d), tolerance)
        error = resampler.observed_error(d)
        studentized[block] = _ratio(observed, error)
        drawn = None if subtract is None else subtract(a, b)
        sample = Sample(d, observed, error, tolerance, resampler, memory)
        ends = sample.interval(method, level, alternative, drawn)
        # An end that rounding alone moves off 0 is 0: the interval and the p-value say the same.
        low[block], high[block], pvalue[block] = zeroed(ends[0], tolerance), zeroed(ends[1], tolerance), ends[2]

    for_each(pairs.slices(_HELD * n_resamples), work)
    n, _ = pairs.summary()
    _warn_few(method, resampler.n_units)
    unit = "tasks" if groups is None or groups is False else "groups of tasks"
    what = "" if statistic == "mean" else f", {_NAMES[statistic]}"
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        difference,
        f"paired bootstrap over {unit}, {_WORDS.get(method, method)} interval, {n_resamples:,} resamples{what}",
        low=low,
        high=high,
        statistic=studentized,
        pvalue=pvalue,
        confidence_level=level,
        alternative=alternative,
    )


def _warn_few(method: Interval, n_units: int) -> None:
    """Say where an interval is known to be too narrow."""
    if method in ("percentile", "basic", "bca") and n_units < FEW_UNITS:
        warn(
            f"the {method} interval from {n_units} units is too narrow and its p-value too small (docs/validity.md): "
            "method='symmetric' holds its level",
            PowerWarning,
        )


@same_bits_on_any_cores
def model_intervals(
    scores: Scores,
    *,
    n_resamples: int = 10_000,
    confidence_level: float = 0.95,
    method: Interval = "percentile",
    statistic: Statistic = "mean",
    groups: Groups = None,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """Each model's own statistic with its interval: ``model, estimate, low, high`` (parameters as in `bootstrap`)."""
    rows, resampler, _ = _prepare(scores, statistic, n_resamples, groups, rng)
    observed = resampler.estimates(rows)
    sample = Sample(rows, observed, resampler.observed_error(rows), np.zeros(len(rows)), resampler, Memory())
    low, high, _ = sample.interval(method, confidence_level, "two-sided")
    return pd.DataFrame({"model": scores.models, "estimate": observed, "low": low, "high": high})


def _prepare(
    scores: Scores, statistic: Statistic, n_resamples: int, groups: Groups, rng: int | np.random.Generator | None
) -> tuple[Floats, Resampler, Scores]:
    """The numbers whose mean over tasks is the statistic, one row per model; the resamples; the tasks in their order."""
    if statistic not in _STATISTICS:
        raise unknown("statistic", statistic, _STATISTICS)
    scores, numbers = by_task_name(scores, groups)
    rows = np.ascontiguousarray((task_ranks(scores) if statistic == "mean_rank" else scores.values).T)
    strata = family_numbers(scores) if statistic == "family_mean" else None
    return rows, Resampler.make(scores.n_tasks, n_resamples, rng, groups=numbers, strata=strata), scores


def _ratio(value: Floats, error: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(value == 0, 0.0, value / error))
