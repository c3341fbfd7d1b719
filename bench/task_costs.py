"""What evaluating a task costs: characters to encode, by mteb's own statistics of the data, or seconds that were measured."""

import csv
import json
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from statistics import fmean
from typing import Any

from stats.common.errors import InputError

#: Of a task whose statistics tell texts only: characters of a text.
_OF_A_TEXT = 100


def task_costs(tasks: Iterable[str], subsets: Mapping[str, Iterable[str]] | None = None) -> dict[str, float]:
    """Characters that a model encodes on each task, which is nearly proportional to tokens and to time.

    Parameters
    ----------
    tasks : iterable of str
        Names in mteb.
    subsets : mapping of task to subsets, optional
        Only these subsets of a task.  [default: all that mteb evaluates]

    Returns
    -------
    dict of task to float
        Tasks that mteb does not know, or has no statistics of, are left out.

    Examples
    --------
    >>> costs = task_costs(["STSBenchmark", "Touche2020Retrieval.v3", "no such task"])  # doctest: +SKIP
    >>> costs  # doctest: +SKIP
    {'STSBenchmark': 147886.0, 'Touche2020Retrieval.v3': 636740108.0}
    """
    from mteb.get_tasks import _TASKS_REGISTRY

    found = {}
    for name in tasks:
        if name not in _TASKS_REGISTRY:
            continue
        task = _TASKS_REGISTRY[name]
        cost = _cost(task.metadata, (subsets or {}).get(name))
        if cost:
            found[name] = cost
    return found


def _cost(metadata: Any, subsets: Iterable[str] | None) -> float:
    statistics = metadata.descriptive_stats or {}
    splits = [s for s in (metadata.eval_splits or ()) if s in statistics]
    return sum(_of_split(statistics[s], subsets) for s in splits)


def _of_split(split: Mapping[str, Any], subsets: Iterable[str] | None) -> float:
    by_subset = split.get("hf_subset_descriptive_stats") or {}
    chosen = [by_subset[s] for s in subsets or () if s in by_subset]
    return sum(map(_characters, chosen)) if chosen else _characters(split)


def _characters(said: Mapping[str, Any]) -> float:
    if said.get("number_of_characters"):
        return float(said["number_of_characters"])
    lengths = [
        v.get("total_text_length") or 0
        for k, v in said.items()
        if k.endswith("text_statistics") and isinstance(v, dict)
    ]
    return float(sum(lengths) or _OF_A_TEXT * (said.get("num_samples") or 0))


def read_costs(source: str | PathLike[str]) -> dict[str, float]:
    """Costs that were measured or written down.

    Parameters
    ----------
    source : path-like
        A folder of ``embsig run`` (the seconds that each task took, of the mean model), or a CSV of two columns, task and cost, with a heading.

    Returns
    -------
    dict of task to float

    Raises
    ------
    InputError
        If it is neither.
    """
    path = Path(source)
    if path.is_dir():
        return _measured(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if row][1:]
        return {task: float(cost) for task, cost in rows}
    except OSError as error:
        raise InputError(
            f"no costs at {source} ({error.strerror or error}): expected characters, tasks, a folder of `embsig run` or a CSV of task and cost"
        ) from None
    except (ValueError, csv.Error):
        raise InputError(
            f"{source}: expected a CSV of two columns, task and cost, with a heading and a number in each row"
        ) from None


def _measured(folder: Path) -> dict[str, float]:
    seconds: dict[str, list[float]] = {}
    try:
        for line in (folder / "runs.jsonl").read_text(encoding="utf-8").splitlines():
            for job in json.loads(line)["jobs"]:
                if job["status"] == "done":
                    seconds.setdefault(job["task"], []).append(float(job["seconds"]))
    except (OSError, ValueError, KeyError, TypeError):
        seconds = {}
    if not seconds:
        raise InputError(
            f"{folder} says nothing of seconds: expected a folder of `embsig run` with finished jobs in its runs.jsonl"
        )
    return {task: fmean(of) for task, of in seconds.items()}
