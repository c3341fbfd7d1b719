"""Several sources as one table."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from stats.common.errors import InputError
from stats.scores import Scores

from .understood import Understood


def merged(parts: Sequence[tuple[str, Understood]]) -> Understood:
    """All models on all tasks; a cell given twice must be given alike.

    Parameters
    ----------
    parts : sequence of (str, Understood)
        What each source is called, and its scores.

    Raises
    ------
    InputError
        If two sources give a model different scores on a task, or a task different directions.
    """
    if len(parts) == 1:
        return parts[0][1]
    tasks = list(dict.fromkeys(t for _, u in parts for t in u.scores.task_names))
    models = list(dict.fromkeys(m for _, u in parts for m in u.scores.models))
    origin: dict[tuple[str, str], tuple[str, float]] = {}
    directions: dict[str, bool] = {}
    for source, part in parts:
        _add(origin, source, part.scores)
        for task, way in part.directions.items():
            if directions.setdefault(task, way) != way:
                raise InputError(
                    f"{source}: task {task!r} is better {'high' if way else 'low'} here, and not in another source"
                )
    _one_scale(parts)
    values = [[origin.get((t, m), ("", np.nan))[1] for m in models] for t in tasks]
    table = pd.DataFrame(values, index=pd.Index(tasks), columns=pd.Index(models))
    info = pd.concat([u.scores.tasks for _, u in parts])
    info = info.groupby(level=0, sort=False).first().reindex(tasks)
    cells = [u.scores.cells for _, u in parts if u.scores.cells is not None]
    together = pd.concat(cells, ignore_index=True).drop_duplicates(["task", "model"]) if cells else None
    first = parts[0][1].scores
    scores = Scores.build(table, info.astype(object).where(info.notna(), None), cells=together, unit=first.unit)
    return Understood(replace(scores, higher_is_better=first.higher_is_better), directions)


def _one_scale(parts: Sequence[tuple[str, Understood]]) -> None:
    """Refuse fractions of one source beside points of another on the same tasks: every model of the one would be below all of the other."""
    first: dict[str, tuple[str, float]] = {}
    for source, part in parts:
        values = np.abs(part.scores.values)
        here = values[np.isfinite(values)]
        if not len(here):
            continue
        points = bool(np.median(here) > 1.5 and here.max() <= 100)
        if not points and here.max() > 1:
            continue
        for task, row in zip(part.scores.task_names, part.scores.values, strict=True):
            shown = row[np.isfinite(row)]
            if not len(shown):
                continue
            before = first.setdefault(task, (source, float(shown[0])))
            if (abs(before[1]) > 1) != points and abs(before[1]) > 0:
                raise InputError(
                    f"task {task!r} has {before[1]:g} in {before[0]} and {shown[0]:g} in {source}: fractions in one and points in the "
                    "other? expected one scale: multiply or divide one of them by 100"
                )


def _add(origin: dict[tuple[str, str], tuple[str, float]], source: str, scores: Scores) -> None:
    values = scores.values
    for i, task in enumerate(scores.task_names):
        for j, model in enumerate(scores.models):
            value = float(values[i, j])
            if value != value:
                continue
            before = origin.get((task, model))
            if before is not None and abs(before[1] - value) > 1e-12 * abs(value):
                raise InputError(
                    f"model {model!r} has the score {before[1]:g} on task {task!r} in {before[0]} and {value:g} in {source}; "
                    "expected one: rename the model in one of them, or leave one out"
                )
            origin.setdefault((task, model), (source, value))
