"""Hansen, Lunde and Nason's model confidence set: the models that may be the best."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..common.errors import InputError
from ..common.threads import same_bits_on_any_cores
from ..pairs import check_level
from ..resampling.resampler import Groups, Resampler, by_task_name
from ..results import Floats
from ..scores import Scores, as_scores
from ..ties import RELATIVE

#: With fewer tasks the bootstrap behind the set is too optimistic (docs/validity.md).
FEW_TASKS = 20


@dataclass(frozen=True, eq=False)
class ModelConfidenceSet:
    """A model confidence set.

    Attributes
    ----------
    frame : DataFrame
        One row per model in the order of elimination turned round (the last one standing first): ``model, mean, statistic,
        pvalue, in_set``. A model is in the set of level 1 - alpha where its p-value is at least alpha.
    confidence_level : float
    n_tasks : int
    method : str
    warnings : tuple of str
        Known limits of the method on so few tasks.
    """

    frame: pd.DataFrame
    confidence_level: float
    n_tasks: int
    method: str
    warnings: tuple[str, ...] = ()

    @property
    def models(self) -> list[str]:
        """The models in the set."""
        return [str(m) for m in self.frame.loc[self.frame["in_set"], "model"]]

    def to_frame(self) -> pd.DataFrame:
        """One row per model."""
        return self.frame.copy()

    def _repr_html_(self) -> str:
        from ..notebook import show

        said = f"{len(self.models):,} of {len(self.frame):,} models are in the {100 * self.confidence_level:g} % model confidence set"
        return show([f"{said} ({self.method}, {self.n_tasks:,} tasks)."], self.frame, warnings=self.warnings)


@same_bits_on_any_cores
def model_confidence_set(
    scores: Scores | pd.DataFrame,
    *,
    confidence_level: float = 0.95,
    n_resamples: int = 10_000,
    groups: Groups = None,
    rng: int | np.random.Generator | None = None,
) -> ModelConfidenceSet:
    """The models that cannot be excluded from being the best by mean score, with the confidence asked for.

    All models start in the set. While the test of equal means among those left rejects, the model that is worst against
    the average of the others is removed. A model's p-value is the largest p met until its removal.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; tasks that a model lacks are left out.
    confidence_level : float
    n_resamples : int
        Bootstrap resamples of tasks.
    groups : bool or sequence, optional
        Draw groups of tasks as a whole: True for the task table's groups, or a label per task.
    rng : int, Generator or None

    Returns
    -------
    ModelConfidenceSet

    Raises
    ------
    InputError
        With fewer than two models or two tasks.

    Notes
    -----
    The statistic is T_max: the largest over models of (mean shortfall against the models left) / (its bootstrap standard
    error), with its bootstrap distribution about 0. Asymptotic; with fewer than about 20 tasks the set is too small
    too often, and `top_set`, whose sign flips are exact under symmetry, is the better answer.

    References
    ----------
    Hansen, P. R., Lunde, A. and Nason, J. M. (2011). The model confidence set. Econometrica 79, 453-497, section 3.1.2
    (T_max) and definition 4 (p-values).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame(rng.normal(0, .01, (40, 3)) + [.5, .5, .4], columns=list("abc")).rename(index=str)
    >>> sorted(model_confidence_set(frame, rng=0).models)  # c is ten standard deviations behind
    ['a', 'b']
    """
    level = check_level(confidence_level, "confidence_level")
    table = as_scores(scores).complete("tasks")
    k, n = table.n_models, table.n_tasks
    if k < 2 or n < 2:
        raise InputError(f"got {k} model(s) and {n} task(s): expected at least two of both")
    table, numbers = by_task_name(table, groups)
    losses = -table.values if table.higher_is_better else table.values
    resampler = Resampler.make(n, n_resamples, rng, groups=numbers)
    rows = np.ascontiguousarray(losses.T)
    mean = resampler.estimates(rows)
    deviation = (resampler.replicates(rows) - mean[:, None]).T
    size = RELATIVE * float(np.abs(losses).max())
    order, statistics, pvalues = _eliminate(mean, np.ascontiguousarray(deviation), size)
    at = order[::-1]
    frame = pd.DataFrame(
        {
            "model": np.asarray(table.models, dtype=object)[at],
            "mean": table.values.mean(axis=0)[at],
            "statistic": statistics[::-1],
            "pvalue": pvalues[::-1],
            "in_set": pvalues[::-1] >= 1 - level,
        }
    )
    words = f"model confidence set, T_max, {n_resamples:,} resamples of tasks"
    few = f"From {n} tasks the set leaves out a best model more often than it says; top_set holds its level."
    return ModelConfidenceSet(frame, level, n, words, (few,) if n < FEW_TASKS else ())


def _eliminate(mean: Floats, deviation: Floats, size: float) -> tuple[list[int], Floats, Floats]:
    """Order of elimination, the statistic at each step, and the running maximum of the p-values."""
    left = list(range(len(mean)))
    order: list[int] = []
    statistics, pvalues = [], []
    largest = 0.0
    while len(left) > 1:
        ahead = mean[left] - mean[left].mean()
        boot = deviation[:, left]
        boot = boot - boot.mean(axis=1, keepdims=True)
        error = np.sqrt((boot**2).mean(axis=0))
        moving = error > size
        t = np.where(
            moving,
            ahead / np.where(moving, error, 1.0),
            np.where(np.abs(ahead) <= size, 0.0, np.copysign(np.inf, ahead)),
        )
        worst = int(np.argmax(t))
        null = (boot[:, moving] / error[moving]).max(axis=1, initial=-np.inf)
        statistic = float(t[worst])
        exceeding = int((null >= statistic - 1e-12).sum()) if moving.any() else (0 if statistic > 0 else len(boot))
        largest = max(largest, (exceeding + 1) / (len(boot) + 1))
        order.append(left.pop(worst))
        statistics.append(statistic)
        pvalues.append(largest)
    # The last one standing is in every set.
    return [*order, left[0]], np.array([*statistics, np.nan]), np.array([*pvalues, 1.0])
