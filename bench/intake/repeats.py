"""A name that comes several times: which other column tells its rows apart, and what that makes of the name."""

import re
from collections.abc import Sequence
from itertools import combinations

import pandas as pd

from stats.common.errors import InputError
from stats.common.text import listing

from ..sources.definitions import load
from .account import Account
from .cells import name
from .grid import Row, empty, numeric
from .headings import fold, role
from .metric_directions import is_metric
from .options import Options

#: What tells evaluations of one model on one task apart, where a table has such a column.
_KEYS = ("model", "task", "seed", "prompt", "split", "subset", "revision", "dataset_revision")
#: Columns that say something of models, and columns that say something of tasks, where the rows leave it open.
_OF_MODELS = re.compile(
    r"size|backbone|architecture|base|base model|variant|pooling|attention|quantization|quantisation|precision|"
    r"(?:embedding )?dim(?:ension)?s?|n?params?|parameters|layers?|config|configuration|loss|organi[sz]ation|finetuned|trained on|training data"
)
_OF_TASKS = re.compile(r"domain|domains|category|topic|source|languages?|lang|direction pair|language pair")
_ROWS_OF = {"languages": "language", "subset": "subset"}


def _written(cell: object) -> str:
    return "" if empty(cell) else name(cell)


def in_units(frame: pd.DataFrame, options: Options, account: Account) -> pd.DataFrame:
    """Take only the languages that were asked for, and make a row of every language or subset, if that was asked for.

    Rows made of one task are one group, so that they are one unit of resampling; they have the task's family.

    Raises
    ------
    InputError
        If the table does not say which language or subset a score is of.
    """
    if not options.languages and options.unit == "task":
        _refuse_subsets(frame, account)
        return frame
    wanted = "languages" if options.unit in ("task", "language") else "subset"
    asked = f"--language {options.languages[0]}" if options.languages else f"--unit {options.unit}"
    for column in dict.fromkeys([*(["languages"] if options.languages else []), wanted]):
        if column not in frame:
            raise InputError(
                f"{account.source}: {asked} needs a column that says which {_ROWS_OF[column]} a score is of, and there is none headed so"
            )
    if options.languages:
        spoken = frame["languages"].map(_written)
        kept = spoken.str.lower().isin([language.lower() for language in options.languages])
        if not kept.any():
            raise InputError(
                f"{account.source}: no score is of the language {options.languages[0]!r}; there are {listing(sorted(set(spoken)), 8)}"
            )
        frame = frame[kept]
    if options.unit == "task":
        return frame
    parts = frame[wanted].map(_written)
    known = {task: load().task(task) for task in frame["task"].unique()}
    frame = frame.assign(group=frame.get("group", pd.Series(None, frame.index, dtype=object)).fillna(frame["task"]))
    if "family" not in frame and any(known.values()):
        frame["family"] = [None if (of := known[task]) is None else of.family for task in frame["task"]]
    frame["task"] = [f"{task} ({part})" if part else task for task, part in zip(frame["task"], parts, strict=True)]
    account.note(f"a row for every {options.unit} of a task; rows of one task are one unit")
    return frame.drop(columns=["subset"] if wanted == "subset" else [])


def _refuse_subsets(frame: pd.DataFrame, account: Account) -> None:
    if "subset" not in frame:
        return
    keys = [c for c in (*_KEYS, "metric") if c in frame and c != "subset"]
    twice = frame[frame.duplicated(keys, keep=False)]
    if len(twice) and not frame.duplicated([*keys, "subset"]).any():
        model, task = twice["model"].iloc[0], twice["task"].iloc[0]
        levels = list(
            dict.fromkeys(twice.loc[(twice["model"] == model) & (twice["task"] == task), "subset"].map(_written))
        )
        raise InputError(
            f"{account.source}: model {model!r} has {len(levels)} scores on task {task!r}, one for each subset ({listing(levels, 3)}): "
            f"{_cure('subset', 'task')}"
        )


def told_apart(
    frame: pd.DataFrame, names: Sequence[str], body: Sequence[Row], model: int, account: Account
) -> tuple[pd.DataFrame, list[int]]:
    """Join to a model's name what tells it from others of its name; of a task, say which column does so.

    Parameters
    ----------
    frame : DataFrame
        A row an evaluation, by the index of `body`; `model` and `task` at least.
    names, body : sequences
        The table that it was read from.
    model : int
        The column of models.
    account : Account

    Returns
    -------
    frame : DataFrame
    joined : list of int
        The columns that are part of the models' names now.

    Raises
    ------
    InputError
        If a model and task is given several times, and no column that is part of the model's name tells why.
    """
    joined: list[int] = []
    while True:
        keys = [c for c in _KEYS if c in frame]
        twice = frame.duplicated(keys, keep=False)
        if not twice.any():
            break
        first = frame[twice].iloc[0]
        same = frame.index[(frame[keys].fillna("") == first[keys].fillna("")).all(axis=1)]
        rows = [[str(c).strip() for c in body[i]] for i in same]
        about = f"{account.source}: model {first['model']!r} has {len(same)} scores on task {first['task']!r}"
        if all(row == rows[0] for row in rows):
            raise InputError(f"{about}, in rows that are the same: keep one of them")
        j = _telling(names, body, rows, [model, *joined])
        if j is None:
            break
        values = [_written(body[i][j]) for i in frame.index]
        if not _of_models(names[j]):
            whose = _whose(frame, values, names[j])
            raise InputError(
                f"{about}, one for each {names[j]} ({listing(list(dict.fromkeys(row[j] for row in rows)), 3)}): {_cure(names[j], whose)}"
            )
        frame = frame.assign(model=_joined(list(frame["model"]), values))
        joined.append(j)
    if joined:
        account.note(f"models from columns {listing([repr(names[j]) for j in (model, *joined)])} together")
    return frame, joined


def _telling(names: Sequence[str], body: Sequence[Row], rows: list[list[str]], taken: list[int]) -> int | None:
    """The column in which rows that are otherwise one evaluation differ."""
    left = [
        j
        for j, h in enumerate(names)
        if j not in taken and role(h) in (None, "model", "languages", "family", "group") and not is_metric(h)
    ]

    def texts(j: int) -> bool:
        return not all(numeric(row[j]) for row in body if not empty(row[j]))

    for j in sorted(left, key=lambda j: (role(names[j]) is None, not texts(j))):
        levels = list(dict.fromkeys(row[j] for row in rows))
        if len(levels) == len(rows) and not any(re.fullmatch(r"-?\d*[.,]\d+(e-?\d+)?", level) for level in levels):
            return j
    return None


def _of_models(heading: str) -> bool:
    """Whether a column tells models apart by its heading; a date or a number of a job may as well tell runs of one model apart."""
    return role(heading) == "model" or _OF_MODELS.fullmatch(fold(heading)) is not None


def _whose(frame: pd.DataFrame, values: list[str], heading: str) -> str | None:
    """Whether a column may be part of the model's name, or of the task's: by its heading, else by which of them it goes with."""
    if role(heading) in ("languages", "family", "group") or _OF_TASKS.fullmatch(fold(heading)):
        return "task"
    by: list[set[frozenset[str]]] = []
    for column in ("model", "task"):
        by.append(set(pd.Series(values, frame.index).groupby(frame[column]).agg(frozenset)))
    if len(by[0]) > 1 and len(by[1]) == 1:
        return "model"
    return "task" if len(by[1]) > 1 and len(by[0]) == 1 else None


def _cure(heading: str, whose: str | None) -> str:
    unit = _ROWS_OF.get(str(role(heading)))
    if unit is not None:
        one = "; --language NAME keeps one" if unit == "language" else ""
        return f"--unit {unit} makes a row of each{one}"
    part = {"task": "the task's name", "model": "the model's name"}.get(str(whose), "the task's or the model's name")
    return f"keep one, make the {heading} part of {part}, or, of repeated runs, head the column 'seed'"


def _joined(labels: Sequence[str], values: Sequence[str]) -> list[str]:
    return [f"{label} / {value}" if value else label for label, value in zip(labels, values, strict=True)]


def joined_labels(
    labels: list[str], names: Sequence[str], body: Sequence[Row], more: list[int], keys: list[int], label: int | None,
    axis: str, account: Account,
) -> tuple[list[str], list[int]]:  # fmt: skip
    """Return the names of a wide table's rows, with what tells them apart where they come several times, and the columns that do.

    Parameters
    ----------
    labels : list of str
    names, body : sequences
        The table.
    more, keys : list of int
        Columns that are not scores; those of them that tell evaluations of one model on one task apart, such as seeds.
    label : int or None
        The column of labels.
    axis : {"model", "task"}
        What the rows are.
    account : Account

    Raises
    ------
    InputError
        If names come several times, and a column that may not be part of them tells why.
    """

    def apart(columns: Sequence[int]) -> bool:
        found = {(of, *(str(row[j]) for j in columns)) for of, row in zip(labels, body, strict=True)}
        return len(found) == len(body)

    free = [
        j
        for j in sorted(more, key=lambda j: not _of_models(names[j]))
        if j not in keys and role(names[j]) not in ("n_samples", "direction")
    ]
    if apart(keys) or label is None:
        return labels, []
    for n in (1, 2):
        for columns in combinations(free, n):
            if not apart([*keys, *columns]):
                continue
            if axis == "task" or not all(_of_models(names[j]) for j in columns):
                twice = pd.Series(labels)
                first = str(twice[twice.duplicated(keep=False)].iloc[0])
                j = next((j for j in columns if axis == "task" or not _of_models(names[j])), columns[0])
                levels = [_written(row[j]) for of, row in zip(labels, body, strict=True) if of == first]
                raise InputError(
                    f"{account.source}: {axis} {first!r} is given {len(levels)} times, one for each {names[j]} "
                    f"({listing(list(dict.fromkeys(levels)), 3)}): {_cure(names[j], axis)}"
                )
            for j in columns:
                labels = _joined(labels, [_written(row[j]) for row in body])
            account.note(f"models from columns {listing([repr(names[j]) for j in (label, *columns)])} together")
            return labels, list(columns)
    return labels, []
