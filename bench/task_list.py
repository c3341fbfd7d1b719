"""What there is to run: benchmarks, suites and their tasks, as tables."""

from typing import Any

import pandas as pd

from stats.common.errors import InputError

from .sources.definitions import TaskDefinition, load
from .suites.registry import SUITES
from .suites.registry import suite as _suite


def task_table(*, benchmark: str | None = None, suite: str | None = None) -> pd.DataFrame:
    """List the tasks of a benchmark or a suite; without either, the benchmarks and suites themselves.

    Parameters
    ----------
    benchmark : str, optional
        A text benchmark of mteb, such as ``"MTEB(eng, v2)"``.
    suite : str, optional
        A suite of embsig: ``"docstrings"`` or ``"study"`` (both offline), or ``"paper"``.

    Returns
    -------
    DataFrame
        Columns ``task, family, metric, n_samples, group``; or ``kind, name, n_tasks``.

    Raises
    ------
    InputError
        If there is no such benchmark or suite, or both are named.

    Examples
    --------
    >>> import embsig
    >>> len(embsig.task_table(benchmark="MTEB(eng, v2)"))
    41
    """
    if benchmark is not None and suite is not None:
        raise InputError("got both a benchmark and a suite: name one of them")
    definitions = load()
    if benchmark is not None:
        return pd.DataFrame([_row(task) for task in definitions.benchmark(benchmark)])
    if suite is not None:
        return pd.DataFrame([_task_row(task) for task in _suite(suite)])
    rows: list[dict[str, Any]] = [{"kind": "suite", "name": name, "n_tasks": len(_suite(name))} for name in SUITES]
    rows += [
        {"kind": "benchmark", "name": name, "n_tasks": len(definitions.benchmark(name))}
        for name in definitions.benchmark_names
    ]
    return pd.DataFrame(rows)


def _row(task: TaskDefinition) -> dict[str, Any]:
    return {
        "task": task.name,
        "family": task.family,
        "metric": task.metric,
        "n_samples": task.n_samples,
        "group": task.group,
    }


def _task_row(task: Any) -> dict[str, Any]:
    """Give an mteb task's row: by its definition where the data file has one, else by its own metadata."""
    known = load().task(task.metadata.name)
    if known is not None:
        return _row(known)
    meta = task.metadata
    return {"task": meta.name, "family": meta.type, "metric": meta.main_score, "n_samples": None, "group": None}
