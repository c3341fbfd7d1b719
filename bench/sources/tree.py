"""A tree or archive of MTEB results, or a folder that ``embsig run`` wrote, as scores."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from stats.scores import Scores

from ..prompt_runs import prompts_of, prompts_together
from ..task_families import metric_range
from ..training_runs import runs_of, together
from . import files
from .checked_files import refuse_changed
from .definitions import load
from .one_state import opened
from .recorded import refuse_other_scores, run_manifest, said_of_run
from .results import read_results


def read_tree(
    path: Path,
    *,
    benchmark: str | None = None,
    require_model_meta: bool | None = None,
    progress: files.Progress | None = None,
    cache: bool = True,
    seeds: str = "together",
    unit: str = "task",
    languages: Sequence[str] = (),
    prefer: str | None = None,
) -> Scores:
    """Read the results below a folder, or in an archive; `embsig.read_scores` says how."""
    definitions = load()
    known, index = opened(path, definitions, cache=cache, progress=progress)
    scores = read_results(
        index,
        definitions,
        benchmark=benchmark,
        require_model_meta=require_model_meta,
        unit=unit,
        languages=languages,
        source=path,
        prefer=prefer,
    )
    about: dict[str, Any] = {
        "source": str(path),
        "sha256": known.archive or scores.provenance["content_sha256"],
        "date": known.date,
    }
    if benchmark is None and unit == "task" and not languages:
        refuse_other_scores(scores, path)
    refuse_changed(index.summary.changed, path)
    if index.summary.unproven:
        about["without_checksum"] = index.summary.unproven
    scores = _describe_run(replace(scores, provenance={**about, **scores.provenance}), path)
    scores = replace(scores, provenance={**scores.provenance, **said_of_run([path])})
    if seeds != "together":
        return scores
    return together(prompts_together(scores, prompts_of(path)), runs_of(path))


def _describe_run(scores: Scores, folder: Path) -> Scores:
    """Take family and metric of tasks that mteb does not know (a suite's) from the manifest that ``embsig run`` wrote."""
    try:
        known = {task["name"]: task for task in run_manifest(folder)["tasks"] if isinstance(task, dict)}
    except (KeyError, TypeError):
        return scores  # none, or somebody else's
    tasks = scores.tasks.copy()
    for column, key in (("family", "family"), ("metric", "main_score")):
        said = [known.get(name, {}).get(key) for name in tasks.index]
        own = pd.Series([s if s and isinstance(s, str) else None for s in said], index=tasks.index, dtype=object)
        tasks[column] = tasks[column].where(tasks[column].notna(), own)
    for column, values in zip(
        ("low", "high"), zip(*map(metric_range, tasks["metric"].fillna("")), strict=True), strict=True
    ):
        bound = pd.Series(values, index=tasks.index)
        tasks[column] = tasks[column].where(tasks[column].notna(), bound) if column in tasks else bound
    return replace(scores, tasks=tasks, provenance={**scores.provenance, "run": True})
