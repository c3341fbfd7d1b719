"""Which model for a task that nobody has run: the rank of every model there, and how likely it is the best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from ..common.errors import InputError, unknown
from ..common.text import count, listing
from ..common.threads import same_bits_on_any_cores
from ..pairs import check_level
from ..results import Floats
from ..scores import Scores, as_scores
from ..ties import midranks

#: Scores of fewer models than this say little about the others.
LEAST_KNOWN = 3


@dataclass(frozen=True, eq=False)
class NewTask:
    """Every model's rank on one further task.

    Attributes
    ----------
    models : DataFrame
        One row per model, the likeliest best first: ``model, expected_rank, rank_low, rank_high, p_best, p_best_low, p_best_high, tasks_best``.
        The interval is a prediction interval for the rank on one task, not a confidence set for a mean: it is as wide as tasks differ.
        ``p_best`` is the share of the tasks on which the model is the best (a shared first place counts in parts) with the exact binomial
        interval; undefined where scores of the task itself are given.
    n_tasks : int
        Tasks that the new one is taken to be like.
    confidence_level : float
        The level that so few tasks can give, at least the one asked for; of the rank intervals and of ``p_best``.
    method : str

    Examples
    --------
    a is first on 18 of 19 tasks and second on one; the interval from the smallest to the largest rank holds for 18 of 20.

    >>> from embsig import predict_new_task
    >>> frame = pd.DataFrame({"a": [.9] * 18 + [.1], "b": [.5] * 19}, index=[f"t{i}" for i in range(19)])
    >>> found = predict_new_task(frame)
    >>> print(found.confidence_level, *found.models.loc[0, ["model", "rank_low", "rank_high"]])
    0.9 a 1 2
    """

    models: pd.DataFrame
    n_tasks: int
    confidence_level: float
    method: str

    def to_frame(self) -> pd.DataFrame:
        """The table of models."""
        return self.models

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "method": self.method,
            "n_tasks": self.n_tasks,
            "confidence_level": self.confidence_level,
            "models": self.models.to_dict("records"),
        }

    def __str__(self) -> str:
        first = self.models.iloc[0]
        level = f"{100 * self.confidence_level:.3g} %"
        return (
            f"On one further task like these {self.n_tasks:,}, {first['model']} would stand highest: its rank there is between "
            f"{first['rank_low']} and {first['rank_high']} of {len(self.models):,} with {level} probability ({self.method})."
        )

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show([str(self)], self.models)


@same_bits_on_any_cores
def predict_new_task(
    scores: Scores | pd.DataFrame,
    *,
    family: str | None = None,
    like: Sequence[str] | Mapping[str, float] | None = None,
    confidence_level: float = 0.9,
) -> NewTask:
    """Predict every model's rank on a task that is like those of the table.

    A new task that is exchangeable with the n of the table puts a model between the j-th smallest and the j-th largest of its n ranks
    with probability (n + 1 - 2j) / (n + 1) at least, whatever their distribution. Where some models' scores on the new task are given,
    the others' are predicted from them by a multivariate normal over tasks, and the interval is the predicted rank with the j-th smallest and
    largest of the errors that leaving one task out at a time gives (split conformal by the jackknife; Vovk et al. 2005, Barber et al. 2021).

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; without missing scores.
    family : str, optional
        The new task is one of this family.
    like : sequence of str or mapping of str to float, optional
        Tasks of the table that the new one is like; or scores of some models on the new task itself, in any units (higher is better as in
        the table).
    confidence_level : float
        At least so probable; n tasks give (n + 1 - 2j) / (n + 1), so 90 % needs 19 of them.

    Returns
    -------
    NewTask

    Raises
    ------
    InputError
        If scores are missing, a name is unknown, or too few tasks are left for the level.

    Examples
    --------
    a is first on 18 of 19 tasks and second on one; the interval from the smallest to the largest rank holds for 18 of 20.

    >>> frame = pd.DataFrame({"a": [.9] * 18 + [.1], "b": [.5] * 19}, index=[f"t{i}" for i in range(19)])
    >>> found = predict_new_task(frame)
    >>> print(found.confidence_level, *found.models.loc[0, ["model", "rank_low", "rank_high"]])
    0.9 a 1 2
    """
    check_level(confidence_level, "confidence_level")
    given = as_scores(scores)
    if given.table.isna().to_numpy().any():
        raise InputError(
            "scores are missing: predict_new_task needs every model on every task; choose a complete block first "
            "(choose_coverage, --coverage auto)"
        )
    known = dict(like) if isinstance(like, Mapping) else None
    given = _population(given, family, None if known is not None else like)  # type: ignore[arg-type]  # the two kinds of like
    n, k = given.n_tasks, given.n_models
    j = floor((n + 1) * (1 - confidence_level) / 2 + 1e-9)
    if j < 1:
        most = (n - 1) / (n + 1)
        raise InputError(
            f"{count(n, 'task')} {'gives' if n == 1 else 'give'} rank intervals of at most {100 * most:.0f} %: {100 * confidence_level:g} % needs "
            f"{int(np.ceil(2 / (1 - confidence_level) - 1 - 1e-9))}; "
            + (f"ask for less (confidence_level={most:.2f}), or for more tasks" if n > 1 else "give more tasks")
        )
    z = _standardised(given)
    ranks = midranks(-z)
    if known is None:
        centre = ranks.mean(axis=0)
        ordered = np.sort(ranks, axis=0)
        low, high = ordered[j - 1], ordered[n - j]
        what = f"order statistics of the ranks on {count(n, 'task')}"
    else:
        centre, low, high = _conditional_ranks(given, z, ranks, known, j)
        what = f"ranks predicted from {count(len(known), 'score')} on the task, errors of {count(n, 'task')} left out one at a time"
    best = (ranks == ranks.min(axis=1, keepdims=True)).astype(float)
    best = (best / best.sum(axis=1, keepdims=True)).sum(axis=0)
    level = (n + 1 - 2 * j) / (n + 1)
    ends = _binomial_interval(best, n, level)
    undefined = np.full(k, np.nan)
    frame = pd.DataFrame(
        {
            "model": given.models,
            "expected_rank": centre,
            "rank_low": np.floor(low + 1e-9).astype(int),
            "rank_high": np.ceil(high - 1e-9).astype(int),
            "p_best": best / n if known is None else undefined,
            "p_best_low": ends[0] if known is None else undefined,
            "p_best_high": ends[1] if known is None else undefined,
            "tasks_best": best if known is None else undefined,
        }
    ).sort_values(["expected_rank", "model"], kind="stable")
    return NewTask(frame.reset_index(drop=True), n, level, what)


def _population(given: Scores, family: str | None, like: Sequence[str] | None) -> Scores:
    """The tasks that the new one is taken to be exchangeable with."""
    if family is not None:
        if family not in given.families:
            raise unknown("family", family, given.families)
        given = given.family(family)
    if like is not None:
        names = [like] if isinstance(like, str) else list(like)
        for name in names:
            if name not in given.task_names:
                raise unknown("task", name, given.task_names)
        given = given.select(tasks=names)
    return given


def _standardised(given: Scores) -> Floats:
    """Scores of every task about its mean in its standard deviations, higher is better; shape (n_tasks, n_models)."""
    values = given.values if given.higher_is_better else -given.values
    centred = values - values.mean(axis=1, keepdims=True)
    sd = values.std(axis=1, keepdims=True)
    return np.asarray(centred / np.where(sd > 0, sd, 1.0))


def _conditional_ranks(
    given: Scores, z: Floats, ranks: Floats, known: Mapping[str, float], j: int
) -> tuple[Floats, Floats, Floats]:
    """Expected rank of every model given some models' scores, and the ends by the errors on tasks left out."""
    for name in known:
        if name not in given.models:
            raise unknown("model", name, given.models)
    if len(known) < LEAST_KNOWN:
        raise InputError(
            f"scores of {listing(list(known))} on the new task: expected those of at least {LEAST_KNOWN} models"
        )
    values = np.asarray([float(v) for v in known.values()])
    if not np.isfinite(values).all() or np.ptp(values) == 0:
        raise InputError("scores on the new task: expected finite numbers that are not all equal")
    where = np.asarray([given.models.index(name) for name in known])
    values = values if given.higher_is_better else -values
    n = len(z)
    centre = _predicted(z, where, values)
    errors = np.empty_like(ranks)
    for t in range(n):
        others = np.arange(n) != t
        errors[t] = ranks[t] - _predicted(z[others], where, z[t, where])
    ordered = np.sort(errors, axis=0)
    k = z.shape[1]
    low, high = np.clip(centre + ordered[j - 1], 1, k), np.clip(centre + ordered[n - j], 1, k)
    return centre, low, high


def _predicted(z: Floats, where: Floats, values: Floats) -> Floats:
    """Ranks of all models on a task on which those at `where` have these values (any units), from tasks z, shape (n_tasks, n_models)."""
    from sklearn.covariance import LedoitWolf

    mean = z.mean(axis=0)
    centred = z - mean
    covariance = np.asarray(LedoitWolf(assume_centered=True).fit(centred).covariance_)
    place = np.asarray(where, dtype=np.intp)
    # In the tasks' own units these models spread by so much on average; the models' mean standings spread by less, or not at all.
    scale = float(np.std(z[:, place], axis=1).mean())
    scaled = (values - values.mean()) / np.std(values) * scale + mean[place].mean()
    across = covariance[:, place]
    inner = covariance[np.ix_(place, place)]
    predicted = mean + across @ np.linalg.solve(inner, scaled - mean[place])
    predicted[place] = scaled
    return np.asarray(midranks(-predicted[None])[0])


def _binomial_interval(successes: Floats, n: int, level: float) -> tuple[Floats, Floats]:
    """Clopper and Pearson's interval of a share."""
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(successes > 0, special.betaincinv(successes, n - successes + 1, tail), 0.0)
        high = np.where(successes < n, special.betaincinv(successes + 1, n - successes, 1 - tail), 1.0)
    return low, high
