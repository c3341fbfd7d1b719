"""What the manifest of ``embsig run`` recorded of its results: a score that was changed since is refused."""

import json
import math
from collections.abc import Iterable, Iterator
from glob import escape
from os import PathLike
from pathlib import Path
from typing import Any

from bench.vector_sizes import bytes_per_vector
from stats.common.errors import InputError
from stats.samples import file_name
from stats.scores import Scores

#: As of samples (`stats.sample_checks`).
_TOLERANCE = 1e-6


def run_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run, or of the run of a demo; empty where there is none that can be read."""
    for place in (folder, folder / "run"):
        try:
            said = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        return said if isinstance(said, dict) else {}
    return {}


def stopped(source: object) -> list[dict[str, Any]]:
    """What a run says of itself that was stopped when it was decided: verdict, both models, tasks left; empty of anything else.

    Parameters
    ----------
    source : object
        What is read; only a folder can be a run.
    """
    if not isinstance(source, str | PathLike):
        return []
    said = run_manifest(Path(source)).get("until_decided")
    if not isinstance(said, dict) or not said.get("left"):
        return []
    return [{"source": str(source), **{k: said.get(k) for k in ("verdict", "candidate", "against", "left")}}]


def said_of_run(sources: Iterable[object]) -> dict[str, Any]:
    """What runs say of themselves that any analysis must know: which were stopped, and how large vectors are where it was asked for.

    Parameters
    ----------
    sources : iterable of object
        What is read; only folders can be runs.

    Returns
    -------
    dict
        For `Scores.provenance`: ``stopped`` (see `stopped`) and ``bytes_per_vector`` (by model), where there is such a thing.

    Examples
    --------
    >>> said_of_run(["no such folder"])
    {}
    """
    folders = [s for s in sources if isinstance(s, str | PathLike)]
    halted = [run for folder in folders for run in stopped(folder)]
    sizes = {model: size for folder in folders for model, size in _sizes(Path(folder)).items()}
    return {**({"stopped": halted} if halted else {}), **({"bytes_per_vector": sizes} if sizes else {})}


def _sizes(folder: Path) -> dict[str, float]:
    return bytes_per_vector(folder, run_manifest(folder))


def refuse_other_scores(scores: Scores, folder: Path) -> None:
    """Refuse results that give another score than the one that the run recorded.

    Parameters
    ----------
    scores : Scores
        As read from the results, whole tasks, with the model's ``revision`` in its cells.
    folder : Path
        What they were read from.

    Raises
    ------
    InputError
        If one does; the message names the model, the task and both scores.
    """
    jobs = run_manifest(folder).get("jobs")
    if not isinstance(jobs, list) or scores.cells is None or "revision" not in scores.cells:
        return
    recorded = {
        (job.get("model"), job.get("revision"), job.get("task")): job["score"]
        for job in jobs
        if isinstance(job, dict) and job.get("status") == "done" and isinstance(job.get("score"), float)
        if all(isinstance(job.get(key), str) for key in ("model", "revision", "task"))
    }
    if not recorded:
        return
    cells, table = scores.cells, scores.table.to_dict()
    for model, revision, task in zip(cells["model"], cells["revision"], cells["task"], strict=True):
        stated = recorded.get((model, revision, task))
        if stated is None or _same(found := float(table[model][task]), stated):
            continue
        if any(_same(found, score) for score in _job_scores(folder, task, model, revision)):
            continue  # of a run that was ended before it wrote its manifest
        raise InputError(
            f"{folder}: the result of {model!r} on {task!r} is {found:.6f}, and the run recorded {stated:.6f} in manifest.json: it was "
            "changed after the run; run the job again (remove the result first)"
        )


def _same(found: float, stated: float) -> bool:
    return math.isnan(found) or abs(found - stated) <= _TOLERANCE * max(1.0, abs(stated))


def _job_scores(folder: Path, task: str, model: str, revision: str) -> Iterator[float]:
    """Scores in the records of this job, which are written with its result."""
    for place in (folder, folder / "run"):
        for path in (place / "jobs").glob(f"*/*/{escape(file_name(task))}.json"):
            try:
                record = json.loads(path.read_text(encoding="utf-8"))
                identity = record["identity"]
                if (identity["model"], identity["revision"]) == (model, revision):
                    yield float(record["score"])
            except (OSError, ValueError, KeyError, TypeError):
                continue
