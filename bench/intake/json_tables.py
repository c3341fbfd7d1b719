"""JSON: records, lines of records, columns, and ``{model: {task: score}}``."""

import json
from collections.abc import Mapping
from typing import Any

import orjson

from stats.common.errors import InputError

from .grid import Grid, Row
from .headings import role
from .orientation import by_names

_EXPECTED = 'expected records such as [{"model": "a", "task": "t", "score": 0.5}, ...] or {model: {task: score}}'

#: What a grid of ``{model: {task: score}}`` is called: only custom says that the outer names are models.
NESTED = "nested JSON"


def read_json(text: str, source: str, *, lines: bool = False) -> Grid:
    """Read JSON, or JSON lines.

    Raises
    ------
    InputError
        If it is damaged, or no table of scores.
    """
    content = None if lines else _loads(text)
    if content is None:
        content = [_line(line, number, source) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        if not lines and len(content) < 2:
            raise InputError(f"{source}: {_reason(text)}; {_EXPECTED}")
    if isinstance(content, Mapping):
        if "model_results" in content or "task_results" in content or {"task_name", "scores"} <= set(content):
            raise InputError(
                f"{source} is a result of mteb: give the folder of results that holds it (results/<model>/<revision>/<Task>.json), or in "
                "Python what mteb.results.BenchmarkResults.from_disk returns"
            )
        content = _unwrapped(content)
    if isinstance(content, list):
        return _records(content, source)
    if isinstance(content, Mapping) and content:
        return _mapping(content, source)
    raise InputError(f"{source}: holds {str(content)[:40]!r}; {_EXPECTED}")


def _loads(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        try:
            return json.loads(text)  # with NaN, which the standard has not
        except (ValueError, RecursionError):
            return None


def _reason(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"is not JSON ({str(error)[:80]})"
    return "is not a table"


def _line(line: str, number: int, source: str) -> Any:
    found = _loads(line)
    if not isinstance(found, Mapping | list):
        raise InputError(f"{source}, line {number}: {line[:40]!r} is not a JSON record; {_EXPECTED}")
    return found


def _unwrapped(content: Mapping[str, Any]) -> Any:
    """A list of records within an object is the table; so are pandas' split and table forms."""
    if (
        {"columns", "data"} <= set(content)
        and isinstance(content["data"], list)
        and isinstance(content["columns"], list)
    ):
        index = content.get("index") or list(range(len(content["data"])))
        if index == list(range(len(content["data"]))):
            return [content["columns"], *content["data"]]
        return [["", *content["columns"]], *([i, *row] for i, row in zip(index, content["data"], strict=False))]
    inside = [v for v in content.values() if isinstance(v, list) and v and all(isinstance(r, Mapping) for r in v)]
    return inside[0] if len(inside) == 1 else content


def _records(content: list[Any], source: str) -> Grid:
    if content and all(isinstance(row, list) for row in content):
        return Grid([list(row) for row in content], source, "JSON")
    if not content or not all(isinstance(row, Mapping) for row in content):
        raise InputError(f"{source}: {_EXPECTED}")
    flat = [_flat(row) for row in content]
    columns = list(dict.fromkeys(key for row in flat for key in row))
    rows: list[Row] = [[_scalar(row.get(c), c, source) for c in columns] for row in flat]
    return Grid([list(columns), *rows], source, "JSON records", headings=1)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A record whose scores are an object of their own: {"model": "a", "scores": {"t1": .5}}."""
    out: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            out |= {str(k): v for k, v in value.items()}
        else:
            out[str(key)] = value
    return out


def _scalar(value: Any, where: str, source: str) -> Any:
    if isinstance(value, Mapping | list):
        raise InputError(f"{source}: {where!r} holds {str(value)[:40]!r}; expected a score or a name")
    return value


def _mapping(content: Mapping[str, Any], source: str) -> Grid:
    values = list(content.values())
    if all(isinstance(v, list) for v in values) and len({len(v) for v in values}) == 1:  # columns
        return Grid([list(content), *map(list, zip(*values, strict=True))], source, "JSON columns", headings=1)
    if any(role(k) == "model" and isinstance(v, str) for k, v in content.items()):  # one record, its scores within
        return _records([content], source)
    if all(v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in values) and len(values) > 1:
        # One model's scores, called as the file.
        return Grid([["task", "score"], *([task, x] for task, x in content.items())], source, "JSON", headings=1)
    if not all(isinstance(v, Mapping) for v in values):
        raise InputError(f"{source}: {_EXPECTED}")
    inner = [x for v in values for x in v.values()]
    if any(isinstance(x, Mapping | list) for x in inner):
        return _deep(content, source)
    tasks = list(dict.fromkeys(task for v in values for task in v))
    rows: list[Row] = [[model, *(scores.get(t) for t in tasks)] for model, scores in content.items()]
    return Grid([["model", *tasks], *rows], source, NESTED, headings=1)


def _deep(content: Mapping[str, Any], source: str) -> Grid:
    """{model: {task: {metric: score}}}, or a list of runs in the place of the metrics."""
    rows: list[Row] = []
    runs = False
    for model, tasks in content.items():
        for task, found in tasks.items():
            if isinstance(found, list):
                runs = True
                rows += [[model, task, number, _scalar(x, task, source)] for number, x in enumerate(found)]
            elif isinstance(found, Mapping):
                rows += [[model, task, metric, _scalar(x, task, source)] for metric, x in found.items()]
            else:
                rows.append([model, task, None, found])
    outer, inner = list(content), list(dict.fromkeys(str(row[1]) for row in rows))
    names = ["task", "model"] if by_names(outer, inner)[0] == "tasks" else ["model", "task"]
    return Grid([[*names, "run" if runs else "metric", "score"], *rows], source, NESTED, headings=1)
