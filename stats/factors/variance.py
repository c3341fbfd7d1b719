"""Variance components: how much tasks, training seeds and the rest of the noise contribute."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..common.errors import InputError
from ..common.text import percent
from ..results import Floats
from ..scores import Scores, as_scores


@dataclass(frozen=True, eq=False)
class VarianceComponents:
    """Variance components of scores with several training seeds.

    Attributes
    ----------
    frame : DataFrame
        One row per model, then ``all models`` (the mean over models): ``model, n_tasks, n_seeds, task, seed, residual``
        in squared score units, and ``seed_error``: the standard error that one seed brings into a mean over these
        tasks.
    text : str
        In words.

    Examples
    --------
    Two tasks, two seeds, purely additive (.5 .6 / .7 .8): MS_seed = .01, MS_task = .04, residual 0; seed .01/2 = .005.

    >>> from embsig import Scores, variance_components
    >>> long = pd.DataFrame(
    ...     {"model": "m", "task": ["x", "x", "y", "y"], "seed": [1, 2, 1, 2], "score": [.5, .6, .7, .8]}
    ... )
    >>> components = variance_components(Scores.from_frame(long)).frame.iloc[0]
    >>> components[["task", "seed", "residual"]].astype(float).round(12).tolist()
    [0.02, 0.005, 0.0]
    """

    frame: pd.DataFrame
    text: str

    def to_frame(self) -> pd.DataFrame:
        """One row per model."""
        return self.frame.copy()

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show([str(self)], self.to_frame())


def variance_components(scores: Scores) -> VarianceComponents:
    """Split the variance of scores into tasks, training seeds, and what is particular to one task and seed.

    Parameters
    ----------
    scores : Scores
        With ``seed_scores`` in ``cells``, as a long table with a ``seed`` column gives: the scores of each seed, in
        the same order of seeds on every task.

    Returns
    -------
    VarianceComponents
        Models with at least two seeds on at least two tasks.

    Raises
    ------
    InputError
        If no model has several seeds.

    Notes
    -----
    Method of moments for the crossed layout task x seed without replication: with mean squares MS_task, MS_seed and
    MS_residual, the components are (MS_task - MS_residual) / S, (MS_seed - MS_residual) / T and MS_residual; negative
    estimates are 0.

    References
    ----------
    Searle, S. R., Casella, G. and McCulloch, C. E. (1992). Variance Components, section 4.4. Bouthillier, X. et al.
    (2021). Accounting for variance in machine learning benchmarks. MLSys.

    Examples
    --------
    Two tasks, two seeds, purely additive (.5 .6 / .7 .8): MS_seed = .01, MS_task = .04, residual 0; seed .01/2 = .005.

    >>> long = pd.DataFrame(
    ...     {"model": "m", "task": ["x", "x", "y", "y"], "seed": [1, 2, 1, 2], "score": [.5, .6, .7, .8]}
    ... )
    >>> components = variance_components(Scores.from_frame(long)).frame.iloc[0]
    >>> components[["task", "seed", "residual"]].astype(float).round(12).tolist()
    [0.02, 0.005, 0.0]
    """
    scores = as_scores(scores)
    cells = scores.cells
    if cells is None or "seed_scores" not in cells:
        raise InputError("these scores have no training seeds: expected a long table with a 'seed' column")
    rows = []
    for model, of_model in cells.groupby("model", sort=False):
        replicates = [tuple(r) for r in of_model["seed_scores"]]
        most = max((len(r) for r in replicates), default=0)
        table = np.array([r for r in replicates if len(r) == most], dtype=np.float64)
        if most >= 2 and len(table) >= 2:
            rows.append((str(model), *table.shape, *_components(table)))
    if not rows:
        raise InputError(
            "no model has two seeds on two tasks: expected several rows per model and task, told apart by 'seed'"
        )
    frame = pd.DataFrame(rows, columns=["model", "n_tasks", "n_seeds", "task", "seed", "residual"])
    if len(frame) > 1:
        mean = frame.drop(columns="model").mean().to_dict()
        frame = pd.concat([frame, pd.DataFrame([{"model": "all models", **mean}])], ignore_index=True)
    frame["seed_error"] = np.sqrt(frame["seed"] + frame["residual"] / frame["n_tasks"])
    last = frame.iloc[-1]
    noise = float(last["seed"] + last["residual"])
    share = float(last["seed"]) / noise if noise > 0 else 0.0
    errors = frame["seed_error"].iloc[: len(rows)]
    by_model = "" if len(rows) == 1 else f"; median of models from {errors.min():.4f} to {errors.max():.4f}"
    text = (
        f"Another training run moves a mean over these tasks by about {errors.median():.4f} (one standard error{by_model}); "
        f"{percent(round(share, 2))} of the noise between runs is common to all tasks."
    )
    return VarianceComponents(frame, text)


def _components(table: Floats) -> tuple[float, float, float]:
    """Task, seed and residual variance of a table (tasks x seeds)."""
    n_tasks, n_seeds = table.shape
    centred = table - table.mean()
    rows, columns = centred.mean(axis=1), centred.mean(axis=0)
    residual = float(((centred - rows[:, None] - columns) ** 2).sum()) / ((n_tasks - 1) * (n_seeds - 1))
    ms_task = n_seeds * float((rows**2).sum()) / (n_tasks - 1)
    ms_seed = n_tasks * float((columns**2).sum()) / (n_seeds - 1)
    residual = 0.0 if residual < 1e-28 * max(1.0, float((table**2).max())) else residual
    return max(0.0, (ms_task - residual) / n_seeds), max(0.0, (ms_seed - residual) / n_tasks), residual
