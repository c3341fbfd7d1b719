"""What a row of the table is: a task, one of its subsets, or one of its languages."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from stats.common.errors import InputError, unknown

from .definitions import TaskDefinition

UNITS = ("task", "subset", "language")


def in_units(
    asked: Sequence[TaskDefinition], unit: str, languages: Sequence[str] = ()
) -> tuple[list[TaskDefinition], pd.DataFrame]:
    """The rows of the table as definitions, and what each is made of.

    Parameters
    ----------
    asked : sequence of TaskDefinition
    unit : {"task", "subset", "language"}
        A subset or a language is a row of its own, called ``Task (subset)``; rows of one task share its group, so that they are one unit of
        resampling unless asked otherwise. An aggregate stays one row.
    languages : sequence of str
        Only subsets in one of these languages, as ``deu`` or ``deu-Latn``.

    Returns
    -------
    rows : list of TaskDefinition
    made_of : DataFrame
        Columns ``row, task, split, subset``.

    Raises
    ------
    InputError
        If the unit is unknown, or no task has the language.
    """
    if unit not in UNITS:
        raise unknown("unit", unit, UNITS)
    chosen = [t for task in asked if (t := _in_languages(task, languages)).subsets]
    if not chosen:
        known = sorted({code for task in asked for code in task.all_languages})
        raise InputError(
            f"no task is in {' or '.join(languages)}: the languages are {', '.join(known[:12])}"
            + (f" and {len(known) - 12} more" if len(known) > 12 else "")
        )
    rows = [(task.name, row) for task in chosen for row in _rows(task, unit)]
    made_of = [(row.name, task, split, subset) for task, row in rows for split, subset in row.pairs]
    return [row for _, row in rows], pd.DataFrame(made_of, columns=["row", "task", "split", "subset"])


def _in_languages(task: TaskDefinition, languages: Sequence[str]) -> TaskDefinition:
    if not languages:
        return task
    subsets = tuple(s for s in task.subsets if any(_speaks(code, languages) for code in task.languages.get(s, ())))
    return task.asked(subsets=subsets)


def _speaks(code: str, languages: Sequence[str]) -> bool:
    return code in languages or code.split("-")[0] in languages


def _rows(task: TaskDefinition, unit: str) -> list[TaskDefinition]:
    if unit == "task" or task.parts or len(task.subsets) < 2:
        return [task]
    group = task.group or task.name
    if unit == "subset":
        return [replace(task.asked(subsets=(s,)), name=f"{task.name} ({s})", group=group) for s in task.subsets]
    found = []
    for code in dict.fromkeys(code for s in task.subsets for code in task.languages.get(s, ())):
        subsets = tuple(s for s in task.subsets if code in task.languages.get(s, ()))
        found.append(replace(task.asked(subsets=subsets), name=f"{task.name} ({code})", group=group))
    return found or [task]
