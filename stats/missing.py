"""Who is left out for scores that they lack."""

from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from .common.errors import InputError
from .common.text import plural

if TYPE_CHECKING:
    from .scores import Scores

Policy = Literal["models", "tasks", "keep"]


def lacking(scores: "Scores", policy: Policy) -> tuple[dict[str, str], dict[str, str]]:
    """Models and tasks that a policy for missing scores leaves out (`Scores.complete`), each with the reason.

    Raises
    ------
    InputError
        If there is no such policy, or nothing is left.
    """
    missing = scores.table.isna().to_numpy()
    empty_tasks = {scores.task_names[i]: "no model has a score" for i in np.flatnonzero(missing.all(axis=1))}
    empty_models = {scores.models[j]: "no score on any task" for j in np.flatnonzero(missing.all(axis=0))}
    if policy == "models":
        here = missing[~missing.all(axis=1)]
        names = [t for t in scores.task_names if t not in empty_tasks]
        dropped_models = {scores.models[j]: _lacks(names, here[:, j]) for j in np.flatnonzero(here.any(axis=0))}
        dropped_tasks = empty_tasks
    elif policy == "tasks":
        here = missing[:, ~missing.all(axis=0)]
        names = [m for m in scores.models if m not in empty_models]
        dropped_tasks = {
            scores.task_names[i]: _lacks(names, here[i], "of") for i in np.flatnonzero(here.any(axis=1))
        } | empty_tasks
        dropped_models = empty_models
    elif policy == "keep":
        dropped_tasks, dropped_models = empty_tasks, empty_models
    else:
        raise InputError(f"missing={policy!r}: expected 'models', 'tasks' or 'keep'")
    units = plural(scores.unit)
    if len(dropped_models) == scores.n_models:
        n_tasks = scores.n_tasks - len(empty_tasks)
        if missing[:, ~missing.all(axis=0)].any(axis=1).all():
            raise InputError(
                f"none of the {scores.n_models} models has a score on all {n_tasks} {units}, nor has any {scores.unit} one of all of them: "
                f"select models and {units}"
            )
        raise InputError(
            f"none of the {scores.n_models} models has a score on all {n_tasks} {units}: drop {units} instead (missing='tasks'), or select {units}"
        )
    if len(dropped_tasks) == scores.n_tasks:
        if missing[~missing.all(axis=1)].any(axis=0).all():
            raise InputError(
                f"none of the {scores.n_tasks} {units} has a score of all {scores.n_models} models, nor has any model one on all of them: "
                f"select models and {units}"
            )
        raise InputError(
            f"none of the {scores.n_tasks} {units} has a score of all {scores.n_models} models: drop models instead (missing='models'), or select models"
        )
    return dropped_models, dropped_tasks


def _lacks(names: list[str], missing: npt.NDArray[np.bool_], word: str = "on") -> str:
    absent = [n for n, m in zip(names, missing, strict=True) if m]
    return f"no score {word} {', '.join(absent[:3])}" + (f" and {len(absent) - 3} more" if len(absent) > 3 else "")
