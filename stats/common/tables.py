"""Read a plain table of scores, wide or long, and say exactly what is wrong with a bad one."""

import unicodedata
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from numbers import Real
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from .errors import InputError
from .text import visible

Rows = Literal["tasks", "models"]

#: Columns that a long table must have, and those that it may have beside them.
LONG_REQUIRED = ("model", "task", "score")
LONG_TASK_COLUMNS = ("family", "group", "metric", "n_samples", "languages")
LONG_CELL_COLUMNS = ("split", "subset", "seed", "prompt", "revision", "dataset_revision", "mteb_version", "external")

#: Factors of which one model may have several levels on one task.
_REPEATED = ("seed", "prompt")

#: What stands for a missing score in a text file. Anything else that is not a number is an error.
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})


@dataclass(frozen=True)
class Parsed:
    """A table taken apart: scores (tasks x models), the task table and, from a long one, the cells."""

    table: pd.DataFrame
    tasks: pd.DataFrame
    cells: pd.DataFrame | None


def parse(frame: pd.DataFrame, *, rows: Rows | None = None, source: str = "the table") -> Parsed:
    """Take a wide or long table apart.

    Parameters
    ----------
    frame : DataFrame
        Long if it has the columns ``model``, ``task`` and ``score`` (in any case); otherwise wide. A wide
        one names its rows by a first column (or an index) headed ``task`` or ``model``.
    rows : {"tasks", "models"}, optional
        What the rows of a wide table are, where no heading says so.
    source : str
        What to call the table in an error.

    Returns
    -------
    Parsed

    Raises
    ------
    InputError
        If the layout is not clear, a name is empty or given twice, or a score is not a finite number.
    """
    if rows not in (None, "tasks", "models"):
        raise InputError(f"rows={rows!r}: expected 'tasks' or 'models'")
    if frame.shape[1] == 0 or frame.shape[0] == 0:
        raise InputError(
            f"{source} is empty ({frame.shape[0]} rows, {frame.shape[1]} columns): expected scores of models on tasks"
        )
    headings = [str(c).strip().lower() for c in frame.columns]
    if set(LONG_REQUIRED) <= set(headings):
        twice = sorted({h for h in headings if headings.count(h) > 1})
        if twice:
            raise InputError(f"{source} has two columns named {twice[0]!r}: rename one")
        return _parse_long(frame.set_axis(headings, axis=1), source)
    return _parse_wide(frame, headings, rows, source)


def _parse_wide(frame: pd.DataFrame, headings: list[str], rows: Rows | None, source: str) -> Parsed:
    by_heading: dict[str, Rows] = {"task": "tasks", "tasks": "tasks", "model": "models", "models": "models"}
    index_name = str(frame.index.name).strip().lower() if frame.index.name is not None else ""
    first = by_heading.get(headings[0])
    labelled = not isinstance(frame.index, pd.RangeIndex)
    if index_name in by_heading:  # before the columns: one of them may be called "model"
        rows = rows or by_heading[index_name]
        labels, body = list(frame.index), frame
    elif first is not None and (rows in (None, first) or not labelled):
        rows = rows or first
        labels, body = list(frame.iloc[:, 0]), frame.iloc[:, 1:]
    elif rows is None:
        raise InputError(
            f"{source}: the first column is headed {str(frame.columns[0])!r}; expected 'task' (models are columns) "
            "or 'model' (tasks are columns), or say which with rows= / --rows tasks|models"
        )
    elif labelled:
        labels, body = list(frame.index), frame
    else:
        labels, body = list(frame.iloc[:, 0]), frame.iloc[:, 1:]
    across = by_heading.get(str(frame.columns.name).strip().lower()) if frame.columns.name is not None else None
    if across == rows:
        raise InputError(
            f"{source}: its columns are named {frame.columns.name!r}, and its rows are {rows}, too; expected tasks as rows and models "
            "as columns: pass its transpose, frame.T, or rows='" + ("models'" if rows == "tasks" else "tasks'")
        )
    if body.shape[1] == 0:
        raise InputError(f"{source} has no score column beside {str(frame.columns[0])!r}")
    kinds = ("task", "model") if rows == "tasks" else ("model", "task")
    row_names = clean_names(labels, kinds[0], source)
    column_names = clean_names(body.columns, kinds[1], source)

    def where(row: int, column: int) -> str:
        return f"{kinds[0]} {row_names[row]!r}, {kinds[1]} {column_names[column]!r}"

    if all(
        pd.api.types.is_object_dtype(kind) for kind in body.dtypes
    ):  # text: all cells at once, however many columns there are
        cells = pd.Series(body.to_numpy().ravel(), dtype=object)
        values = numbers(cells, lambda i: where(*divmod(i, body.shape[1])), source).reshape(body.shape)
    else:
        columns = [numbers(body.iloc[:, j], partial(where, column=j), source) for j in range(body.shape[1])]
        values = np.ascontiguousarray(np.stack(columns, axis=1))
    table = pd.DataFrame(values, index=row_names, columns=column_names)
    table = table if rows == "tasks" else table.T
    return Parsed(_label(table), pd.DataFrame(index=table.index.rename("task")), None)


def _parse_long(frame: pd.DataFrame, source: str) -> Parsed:
    frame = frame.reset_index(drop=True)
    models = clean_names(frame["model"], "model", source, unique=False)
    tasks = clean_names(frame["task"], "task", source, unique=False)
    score = numbers(frame["score"], lambda i: f"model {models[i]!r}, task {tasks[i]!r}", source)
    cells = pd.DataFrame({"task": tasks, "model": models, "score": score})
    for column in LONG_CELL_COLUMNS:
        if column in frame:
            cells[column] = frame[column].to_numpy()
    _refuse_mixtures(cells, source)
    order_tasks = clean_names(dict.fromkeys(tasks), "task", source)
    order_models = clean_names(dict.fromkeys(models), "model", source)
    # Several seeds or prompts of one model on one task: the score is their mean, and each is kept as a replicate.
    grouped = cells.groupby(["task", "model"], sort=False)["score"]
    mean = grouped.mean() if cells.duplicated(["task", "model"]).any() else cells.set_index(["task", "model"])["score"]
    table = mean.unstack("model").reindex(index=order_tasks, columns=order_models)
    _refuse_two_scales(cells, grouped, source)
    kept = cells.drop_duplicates(["task", "model"]).drop(columns=["score", *_REPEATED], errors="ignore")
    for factor in [f for f in _REPEATED if f in cells]:
        replicates = _means_by(cells, factor)
        kept[f"{factor}_scores"] = [replicates[(t, m)] for t, m in zip(kept["task"], kept["model"], strict=True)]
    if "prompt" in cells:
        # All models are asked with the same prompts, and differences are taken prompt by prompt: by name, since one may be missing.
        names = _means_by(cells.assign(score=cells["prompt"].astype(str)), "prompt", "first")
        kept["prompt_names"] = [names[(t, m)] for t, m in zip(kept["task"], kept["model"], strict=True)]
    return Parsed(_label(table), _task_table(frame, tasks, order_tasks, source), kept.reset_index(drop=True))


def _means_by(cells: pd.DataFrame, factor: str, how: str = "mean") -> Any:
    """Per task and model, its score by every level of the factor, in the order in which the whole table has them."""
    by_level = cells.groupby(["task", "model", factor], sort=False, dropna=False)["score"].agg(how)
    place = {level: i for i, level in enumerate(dict.fromkeys(cells[factor]))}
    found = by_level.reset_index()
    found["place"] = found[factor].map(place)
    found = found.sort_values("place", kind="stable")
    return found.groupby(["task", "model"], sort=False)["score"].apply(lambda s: tuple(s.to_list()))


def _refuse_mixtures(cells: pd.DataFrame, source: str) -> None:
    """A (model, task) given twice is an error, unless it is the same evaluation under several seeds or prompts."""
    keys = ["task", "model", *(f for f in _REPEATED if f in cells)]
    twice = cells.duplicated(keys, keep=False)
    if not twice.any():
        return
    first = cells[twice].iloc[0]
    same = cells[(cells["task"] == first["task"]) & (cells["model"] == first["model"])]
    for column in ("split", "subset", "revision", "dataset_revision"):
        if column in same and same[column].nunique(dropna=False) > 1:
            found = ", ".join(sorted(map(str, same[column].unique()))[:4])
            raise InputError(
                f"{source}: model {first['model']!r} has several scores on task {first['task']!r}, one for each {column} "
                f"({found}); keep one, or make the {column} part of the task's name"
            )
    raise InputError(
        f"{source}: model {first['model']!r} has {len(same)} scores on task {first['task']!r}; expected one "
        "(repeated runs need a 'seed' column, several prompts a 'prompt' column)"
    )


def _refuse_two_scales(cells: pd.DataFrame, grouped: Any, source: str) -> None:
    """Seeds of one model on one task, some in points (0-100) and some in fractions (0-1): their mean is on no scale."""
    if len(grouped) == len(cells):
        return
    low, high = grouped.min(), grouped.max()
    mixed = (low > 0) & (low <= 1) & (high > 1.5) & (high <= 100) & (high >= 20 * low)
    if mixed.any():
        task, model = mixed.index[mixed][0]
        raise InputError(
            f"{source}: model {model!r} has scores from {low[task, model]:g} to {high[task, model]:g} on task {task!r}, one per "
            "seed: 0-100 beside 0-1? expected one scale"
        )


def _task_table(frame: pd.DataFrame, tasks: list[str], order: list[str], source: str) -> pd.DataFrame:
    columns = [c for c in LONG_TASK_COLUMNS if c in frame]
    info = clean_task_table(frame[columns].set_axis(tasks, axis=0), source).assign(task=tasks)
    for column in columns:
        varying = info.groupby("task")[column].nunique(dropna=True)
        if (varying > 1).any():
            task = str(varying.index[varying > 1][0])
            found = ", ".join(sorted({str(v) for v in info.loc[info["task"] == task, column].dropna()})[:4])
            raise InputError(
                f"{source}: task {task!r} has more than one {column} ({found}); expected the same in all of its rows"
            )
    return (
        info.groupby("task", sort=False)[columns].first().reindex(order)
        if columns
        else pd.DataFrame(index=pd.Index(order, name="task"))
    )


def clean_task_table(info: pd.DataFrame, source: str) -> pd.DataFrame:
    """What is known about tasks, indexed by task, as text and whole numbers; None where nothing is known."""
    info = info.copy()
    for column in [c for c in LONG_TASK_COLUMNS if c in info]:
        read = partial(_count, source=source) if column == "n_samples" else _text
        found = [read(v, str(t)) for t, v in zip(info.index, info[column], strict=True)]
        info[column] = pd.Series(found, index=info.index, dtype=object)
    return info


def _text(value: object, _task: str) -> str | None:
    if isinstance(value, list | tuple | np.ndarray):  # as Parquet can have languages
        value = " ".join(map(str, value))
    # A text file cannot say that a group is not known but by what stands for a missing score.
    return None if _is_missing(value) else str(value).strip()


def _count(value: object, task: str, source: str) -> int | None:
    if _is_missing(value):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]  # what is not a number raises
        if number < 0 or not number.is_integer() or number >= 2**63:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            f"{source}: task {task!r} has n_samples {str(value)[:40]!r}; expected a whole number, or an empty cell"
        ) from None
    return int(number)


def _is_missing(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in MISSING
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, Real) and value != value)


def _label(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename_axis(index="task", columns="model")


def clean_names(names: Iterable[Hashable], kind: str, source: str, *, unique: bool = True) -> list[str]:
    """Names as stripped NFC text; an empty one, or (with `unique`) one given twice or looking like another, is an error."""
    cleaned = []
    for position, name in enumerate(names, 1):
        missing = name is None or (isinstance(name, float) and np.isnan(name)) or name is pd.NA
        text = "" if missing else unicodedata.normalize("NFC", str(name)).strip()
        if not visible(text):
            raise InputError(f"{source}: {kind} number {position} has no name")
        if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            raise InputError(
                f"{source}: {kind} {text!r} is not text that can be written (half a surrogate pair); rename it"
            )
        cleaned.append(text)
    if not unique:
        return cleaned
    seen: dict[str, str] = {}
    for text in cleaned:
        seen_as = visible(text)
        other = seen.get(seen_as)
        if other is None:
            seen[seen_as] = text
            continue
        if other == text:
            raise InputError(
                f"{source}: {kind} {text!r} is given {cleaned.count(text)} times; expected each {kind} once"
            )
        raise InputError(
            f"{source}: the {kind}s {other!r} and {text!r} differ only in invisible characters; rename one"
        )
    return cleaned


def numbers(column: "pd.Series[float]", where: Callable[[int], str], source: str) -> npt.NDArray[np.float64]:
    """A column as float64: NaN where a score is missing, an error for anything else that is not a finite number."""
    if (
        pd.api.types.is_bool_dtype(column)
        or pd.api.types.is_complex_dtype(column)
        or pd.api.types.is_datetime64_any_dtype(column)
    ):
        raise InputError(f"{source}: {where(0)} holds {column.iloc[0]!r}; expected a number")
    if pd.api.types.is_numeric_dtype(column):
        values = np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    else:
        values = np.asarray([_number(value, i, where, source) for i, value in enumerate(column)], dtype=np.float64)
    if np.isinf(values).any():
        raise InputError(
            f"{source}: {where(int(np.flatnonzero(np.isinf(values))[0]))} is infinite; "
            "expected a finite score, or an empty cell where there is none"
        )
    return values


def _number(value: object, position: int, where: Callable[[int], str], source: str) -> float:
    if _is_missing(value):
        return float("nan")
    try:
        if isinstance(value, bool) or not isinstance(value, str | Real | Decimal):
            raise TypeError
        if isinstance(value, str) and "_" in value:
            raise ValueError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        hint = " (a decimal comma? use a point)" if isinstance(value, str) and "," in value else ""
        hint = hint or (" (a percent sign? give the number alone)" if isinstance(value, str) and "%" in value else "")
        shown = str(value) if len(str(value)) <= 40 else str(value)[:40] + "..."
        raise InputError(f"{source}: {where(position)} holds {shown!r}, which is not a number{hint}") from None
