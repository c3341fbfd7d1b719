"""mteb's results in memory, read by the very rules of its folders: `BenchmarkResults`, `ModelResult`, `TaskResult`, `ResultCache`.

What mteb holds is written as its result files to a folder that is gone afterwards, and read like any other: so a score, a
missing score and the choice among revisions cannot come out other than from the folder.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from stats.common.errors import InputError
from stats.scores import Scores


def is_results(source: object) -> bool:
    """Whether an object is one of mteb's results, or a list of them."""
    if isinstance(source, list | tuple):
        return bool(source) and all(is_results(one) for one in source)
    kind = type(source)
    named = ("BenchmarkResults", "ModelResult", "TaskResult", "ResultCache")
    return kind.__module__.partition(".")[0] == "mteb" and any(base.__name__ in named for base in kind.__mro__)


def folder_of(source: object) -> Path | None:
    """Return the folder that a `ResultCache` stands for."""
    path = getattr(source, "cache_path", None)
    return Path(path) if path is not None and type(source).__name__ == "ResultCache" else None


def read_objects(source: Any, *, benchmark: str | None = None) -> Scores:
    """Read mteb's results in memory.

    Parameters
    ----------
    source : BenchmarkResults, ModelResult, or a sequence of ModelResult or TaskResult
        A TaskResult does not know its model: several are taken to be of one, called "model".
    benchmark : str, optional
        Read exactly what this benchmark asks for.

    Returns
    -------
    Scores

    Raises
    ------
    InputError
        If there is no result in it.
    """
    from .definitions import load  # what reads trees loads Parquet, for which a table of scores must not wait
    from .index import open_index
    from .results import read_results

    found = list(_tasks(source, "model", "no_revision_available"))
    if not found:
        raise InputError(f"{type(source).__name__} holds no result of any task")
    with tempfile.TemporaryDirectory(prefix="embsig-") as name:
        root = Path(name) / "results"
        for model, revision, task in found:
            folder = root / quote(model, safe=" ").replace("%2F", "__") / quote(revision, safe=" ")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "model_meta.json").write_text(json.dumps({"name": model, "revision": revision}), encoding="utf-8")
            (folder / f"{quote(task.task_name, safe=' ')}.json").write_text(task.model_dump_json(), encoding="utf-8")
        definitions = load()
        index = open_index(root, definitions, cache=False)
        scores = read_results(index, definitions, benchmark=benchmark)
    about = {k: v for k, v in scores.provenance.items() if k != "source"}
    return replace(scores, provenance={"source": f"mteb {type(source).__name__}", **about})


def _tasks(source: Any, model: str, revision: str) -> Iterator[tuple[str, str, Any]]:
    """Model, revision and result of every task in an object of mteb."""
    if isinstance(source, list | tuple):
        for one in source:
            yield from _tasks(one, model, revision)
    elif hasattr(source, "model_results"):
        yield from _tasks(list(source.model_results), model, revision)
    elif hasattr(source, "task_results"):
        named, of = source.model_name or model, source.model_revision or revision
        yield from _tasks(list(source.task_results), named, of)
    elif hasattr(source, "task_name") and hasattr(source, "scores"):
        yield model, revision, source
