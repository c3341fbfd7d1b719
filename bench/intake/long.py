"""Long tables: a row an evaluation, under any of the field's headings."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from stats.common.errors import InputError, did_you_mean
from stats.common.text import count, listing
from stats.scores import Scores

from ..sources.definitions import load
from .account import Account
from .cells import name
from .grid import Row, empty, numeric
from .headings import Role, fold, role, runs_word
from .metric_directions import is_metric, metric_direction, said_direction
from .numbers import read_numbers
from .options import Options
from .repeats import in_units, told_apart
from .summaries import mean_of_runs
from .understood import Understood

_CARRIED: tuple[Role, ...] = (
    "family", "group", "n_samples", "languages", "split", "subset", "prompt", "revision", "dataset_revision", "mteb_version", "external",
)  # fmt: skip
_BEST_FIRST = ("score", "main score", "value", "metric value", "scores", "values")


def _columns(names: Sequence[str], wanted: Role) -> list[int]:
    return [j for j, heading in enumerate(names) if role(heading) == wanted]


def _texts(body: Sequence[Row], column: int) -> bool:
    filled = [row[column] for row in body if not empty(row[column])]
    return bool(filled) and not all(numeric(c) for c in filled)


def _models(names: Sequence[str]) -> list[int]:
    found = _columns(names, "model")
    if not found and any(fold(h) in ("block", "blocks") for h in names):  # scikit-posthocs' melted tables
        found = [j for j, heading in enumerate(names) if fold(heading) in ("group", "groups", "treatment")]
    return found or (_melted(names) if _columns(names, "task") else [])


def _task_columns(names: Sequence[str]) -> list[int]:
    return _columns(names, "task") or (_melted(names) if _columns(names, "model") else [])


def _melted(names: Sequence[str]) -> list[int]:
    """The column in which ``pandas.melt`` puts the headings of a wide table, beside the scores."""
    return [j for j, heading in enumerate(names) if fold(heading) == "variable" and _columns(names, "score")]


def is_long(names: Sequence[str], body: Sequence[Row]) -> bool:
    """Whether a table has a column of models, one of tasks, and one more."""
    models, tasks = _models(names), _task_columns(names)
    if not models or not tasks or len(names) < 3:
        return False
    named = bool(_columns(names, "score"))
    return any(named or _texts(body, j) for j in models) and any(
        named or _texts(body, j) or fold(names[j]).startswith("block") for j in tasks
    )


def read_long(names: Sequence[str], body: Sequence[Row], options: Options, account: Account) -> Understood:
    """Read a long table.

    Raises
    ------
    InputError
        If columns can be taken in two ways, or a model and task is given twice.
    """
    account.layout = "long"
    twice = next(
        (n for n in names if [fold(m) for m in names].count(fold(n)) > 1 and role(n) in ("model", "task", "score")),
        None,
    )
    if twice is not None and [fold(m) for m in names].count(fold(twice)) > 1:
        raise InputError(f"{account.source} has two columns {fold(twice)!r}: rename one")
    model = _models(names)[0]
    frame = pd.DataFrame({"model": [name(row[model]) for row in body]})
    seeds = _seeds(names, body)
    frame["task"] = _tasks(names, body, frame["model"], seeds, account)
    if seeds:
        frame["seed"] = [" ".join(name(row[j]) for j in seeds) for row in body]
    for kind in _CARRIED:
        found = [j for j in _columns(names, kind) if j not in seeds and j != model]
        if found:
            frame[kind] = [row[found[0]] if not empty(row[found[0]]) else None for row in body]
    metric, direction = _columns(names, "metric"), _columns(names, "direction")
    if metric:
        frame["metric"] = [None if empty(row[metric[0]]) else name(row[metric[0]]) for row in body]
    if direction:
        frame["direction"] = [said_direction(row[direction[0]], names[direction[0]]) for row in body]
    frame, scored, left = _with_scores(frame, names, body, options, account)
    frame = one_metric(in_units(frame, options, account), options, account)
    frame, joined = told_apart(frame, names, body, model, account)
    left = [j for j in left if j not in joined]
    if left:
        account.note(f"scores from column {names[scored]!r}, not used: {listing([names[j] for j in left], 4)}")
    elif len([h for h in names if role(h) == "score"]) > 1:
        account.note(f"scores from column {names[scored]!r}")
    return finish(frame, runs_word(names[seeds[0]]) if seeds else "runs", account)


def read_folds(names: Sequence[str], body: Sequence[Row], stem: str, options: Options, account: Account) -> Understood:
    """Read one model's file as aeon writes it: a row a data set, a column a fold, the model in the file's name."""
    account.layout = "one model a file"
    model, _, metric = re.sub(r"(?i)_(?:resamples?|results?|folds?)$", "", stem).rpartition("_")
    if not model or not is_metric(metric):
        model, metric = stem or "model", ""
    numbers = read_numbers(
        [row[1:] for row in body],
        lambda i, j: f"task {name(body[i][0])!r}, fold {names[j + 1]}",
        options.decimal,
        account,
    ).values
    rows = [
        (model, name(row[0]), fold_name, value, metric or None)
        for row, values in zip(body, numbers, strict=True)
        for fold_name, value in zip(names[1:], values, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["model", "task", "seed", "score", "metric"])
    return finish(frame, "folds", account)


def _seeds(names: Sequence[str], body: Sequence[Row]) -> list[int]:
    found = _columns(names, "seed")
    for j in _columns(names, "split"):  # numbered splits are folds; "test" and "dev" are not
        if all(re.fullmatch(r"\d+(\.0)?", str(row[j]).strip()) for row in body):
            found.append(j)
    return found


def _tasks(
    names: Sequence[str], body: Sequence[Row], models: "pd.Series[str]", seeds: list[int], account: Account
) -> list[str]:
    """The task of every row; of a task and a data set column the one that tells the rows apart, or both."""
    columns = _task_columns(names)
    found = {j: [name(row[j]) for row in body] for j in columns}
    if len(columns) == 1:
        return found[columns[0]]
    telling = [*seeds, *(j for kind in ("metric", "split", "subset") for j in _columns(names, kind))]
    rest = [tuple(str(row[j]) for j in telling) for row in body]

    def apart(texts: list[str]) -> bool:
        return len(set(zip(models, texts, rest, strict=True))) == len(body)

    ranked = sorted(columns, key=lambda j: ("task" not in fold(names[j]), "benchmark" in fold(names[j])))
    alone = [j for j in ranked if apart(found[j])]
    if alone:
        account.note(f"tasks from column {names[alone[0]]!r}")
        return found[alone[0]]
    both = [" / ".join(dict.fromkeys(parts)) for parts in zip(*(found[j] for j in ranked), strict=True)]
    account.note(f"tasks from columns {listing([repr(names[j]) for j in ranked])} together")
    return both


def _with_scores(
    frame: pd.DataFrame, names: Sequence[str], body: Sequence[Row], options: Options, account: Account
) -> tuple[pd.DataFrame, int, list[int]]:
    """Add the score: its column by name, else the one of numbers; several are metrics. With the column, and those that are not used."""
    taken = {j for j, h in enumerate(names) if role(h) not in (None, "score")} | {
        *_models(names),
        *_task_columns(names),
    }
    said = sorted(_columns(names, "score"), key=lambda j: _rank(names[j]))
    others = [j for j in range(len(names)) if j not in taken and j not in said and not _texts(body, j)]
    asked = [j for wanted in options.metric for j in (*said, *others) if _same(wanted, names[j])]
    metrics = [j for j in others if is_metric(names[j])]
    summed = mean_of_runs([names[j] for j in others]) if not said else None
    pool = asked or said or metrics or (others if summed is None else [others[summed]])
    if not pool:
        raise InputError(
            f"{account.source} has no column of scores beside {listing([repr(n) for n in names], 6)}; head it 'score'"
        )
    if not asked and len(pool) > 1 and not (said and _rank(names[pool[0]]) < _rank(names[pool[1]])):
        raise InputError(
            f"{account.source}: {listing([names[j] for j in pool])} may each be the score: --metric '{names[pool[0]]}' (or another) decides"
        )
    chosen = pool[0]
    account.chose_metric |= bool(asked)
    where = [f"model {m!r}, task {t!r}" for m, t in zip(frame["model"], frame["task"], strict=True)]
    numbers = read_numbers([[row[chosen]] for row in body], lambda i, _: where[i], options.decimal, account)
    frame["score"] = numbers.values[:, 0]
    if numbers.errors is not None:
        frame["stderr"] = numbers.errors[:, 0]
    for j in _columns(names, "stderr"):
        frame["stderr"] = read_numbers(
            [[row[j]] for row in body], lambda i, _: where[i], options.decimal, account
        ).values[:, 0]
    if "metric" not in frame and is_metric(names[chosen]):
        frame["metric"] = names[chosen]
    left = [j for j in range(len(names)) if j in set(others) | set(said) and j != chosen]
    left += [j for j in range(len(names)) if j not in taken and j not in others and j not in said]
    return frame, chosen, left


def _rank(heading: str) -> int:
    return _BEST_FIRST.index(fold(heading)) if fold(heading) in _BEST_FIRST else len(_BEST_FIRST)


def _same(a: str, b: str) -> bool:
    return re.sub(r"[^a-z0-9]", "", a.lower()) == re.sub(r"[^a-z0-9]", "", b.lower())


def one_metric(frame: pd.DataFrame, options: Options, account: Account) -> pd.DataFrame:
    """Of every task the rows of one metric: the one asked for, the benchmark's main one, or its only one."""
    if "metric" not in frame:
        return frame
    account.chose_metric = True
    kept, main = [], []
    for task, rows in frame.groupby("task", sort=False):
        metrics = list(dict.fromkeys(rows["metric"].dropna()))
        asked = [m for wanted in options.metric for m in metrics if _same(wanted, m)]
        known = load().main_score(str(task))
        usual = [m for m in metrics if known is not None and (_same(known[1], m) or _same("main_score", m))]
        if len(metrics) < 2:
            kept.append(rows)
            continue
        if not asked and not usual:
            raise InputError(
                f"{account.source}: task {task!r} has {len(metrics)} metrics ({listing(metrics, 6)}): --metric '{metrics[0]}' (or another) decides"
            )
        if not asked:
            main.append(f"{task} by {usual[0]}")
        kept.append(rows[rows["metric"] == (asked or usual)[0]])
    if options.metric and not any(_same(w, m) for w in options.metric for m in frame["metric"].dropna().unique()):
        known_metrics = [str(m) for m in frame["metric"].dropna().unique()]
        raise InputError(
            f"{account.source}: no task has the metric {options.metric[0]!r}; there are {listing(known_metrics, 8)}"
            f"{did_you_mean(options.metric[0], known_metrics)}"
        )
    if main:
        account.note(f"the benchmark's main metric of {count(len(main), 'task')} ({listing(main, 2)})")
    return pd.concat(kept).loc[lambda f: f.index.sort_values()] if kept else frame


def finish(frame: pd.DataFrame, runs: str, account: Account) -> Understood:
    """Make Scores of a long frame in embsig's own columns, and say which way its tasks count."""
    directions: dict[str, bool] = {}
    if "metric" in frame:
        for task, metric in zip(frame["task"], frame["metric"], strict=True):
            if metric is not None and metric == metric and (way := metric_direction(str(metric))) is not None:
                directions[task] = way
    if "direction" in frame:
        _take_directions(frame, directions, account)
    stderr = frame.get("stderr")
    table = Scores.from_frame(frame.drop(columns=["direction", "stderr"], errors="ignore"), source=account.source)
    repeated = frame.duplicated(["model", "task"]).any()
    if repeated:
        _note_repeats(frame, runs, account)
    if stderr is not None and not repeated and table.cells is not None:
        keyed = pd.Series(np.asarray(stderr), index=pd.MultiIndex.from_arrays([frame["task"], frame["model"]]))
        places = pd.MultiIndex.from_arrays([table.cells["task"], table.cells["model"]])
        table.cells["stderr"] = keyed.reindex(places).to_numpy()
    return Understood(table, directions)


def _note_repeats(frame: pd.DataFrame, runs: str, account: Account) -> None:
    """Say what scores are means of: seeds, prompts, or both, and how many of each."""
    found = []
    for column, called in (("seed", runs), ("prompt", "prompts")):
        if column not in frame:
            continue
        numbers = frame.groupby(["model", "task"])[column].nunique()
        least, most = int(numbers.min()), int(numbers.max())
        if most > 1:
            found.append(f"{most if least == most else f'{least} to {most}'} {called}")
        if most > 1 and column == "seed":
            account.runs = runs
    if found:
        account.note(f"scores are means of {' and '.join(found)}, each kept")


def _take_directions(frame: pd.DataFrame, directions: dict[str, bool], account: Account) -> None:
    for task, ways in frame.groupby("task", sort=False)["direction"]:
        found = {bool(w) for w in ways.dropna()}
        if len(found) > 1:
            raise InputError(
                f"{account.source}: task {task!r} is said to be better high and better low; expected one direction"
            )
        if found:
            directions[str(task)] = found.pop()
