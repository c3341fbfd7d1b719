"""Models of one variant that were trained from several seeds: one model with several training runs, not several models.

One mechanism for every run folder, the demo's among them: what embsig trained says in its manifest of which variant it is
and from which seed, and the run's manifest repeats it for every model.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from stats import Samples, Scores
from stats.common.errors import InputError

#: How seeds are taken: as training runs of their variant, or each as a model.
Seeds = Literal["together", "separate"]

#: Model -> its variant and the seed that it was trained from.
Runs = Mapping[str, tuple[str, int]]

_NAMED = re.compile(r"(.+)/seed-(\d+)")


def training_run(source: Any) -> dict[str, Any]:
    """Return variant and seed of a trained folder, by its manifest; nothing of any other model."""
    content = _json(Path(source) / "manifest.json") if isinstance(source, str | Path) else None
    variant, seed = (content or {}).get("variant"), (content or {}).get("seed")
    name = variant.get("name") if isinstance(variant, dict) else None
    if not isinstance(name, str) or isinstance(seed, bool) or not isinstance(seed, int):
        return {}
    return {"variant": name, "seed": seed}


def runs_of(folder: str | PathLike[str]) -> dict[str, tuple[str, int]]:
    """Variant and seed of the models of a folder that ``embsig run`` or the demo wrote.

    Returns
    -------
    dict
        Model -> (variant, seed), for the models that embsig trained; empty for any other folder.
    """
    content = next((c for p in (Path(folder), Path(folder) / "run") if (c := _json(p / "manifest.json"))), {})
    listed = content.get("models")
    known: dict[str, tuple[str, int]] = {}
    for model in listed if isinstance(listed, list) else []:
        if not isinstance(model, dict) or not isinstance(model.get("name"), str):
            continue
        said = model if "variant" in model and "seed" in model else training_run(model.get("source") or None)
        prompt = model.get("prompt")
        name = str(prompt.get("of")) if isinstance(prompt, dict) else model["name"]
        if said:
            known[name] = (str(said["variant"]), int(said["seed"]))
        else:  # a run of before variant and seed were kept, whose models' folders are gone
            known |= by_name([name])
    return known


def by_name(models: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Variant and seed of models that are called as the demo calls them, ``VARIANT/seed-SEED``."""
    found = {model: _NAMED.fullmatch(model) for model in models}
    return {model: (match[1], int(match[2])) for model, match in found.items() if match}


def together(scores: Scores, runs: Runs) -> Scores:
    """Scores with the variants as models: of every task the mean over the training runs, each of which is kept.

    Parameters
    ----------
    scores : Scores
    runs : mapping
        Model -> (variant, seed); other models stay as they are.

    Returns
    -------
    Scores
        ``cells["seed_scores"]`` has the score of every training run, in the order of the seeds. A variant that lacks one of
        its runs on a task has no score there.

    Raises
    ------
    InputError
        If two models are the same variant of the same seed.
    """
    runs = {m: run for m, run in runs.items() if m in scores.models}
    if not runs:
        return scores
    given: dict[tuple[str, int], str] = {}
    for model, run in runs.items():
        if run in given:
            raise InputError(
                f"{given[run]!r} and {model!r} are both {run[0]!r} trained from seed {run[1]}: leave one out (--model), or take every "
                "model by itself (--seeds separate)"
            )
        given[run] = model
    variants = dict.fromkeys(runs[m][0] if m in runs else m for m in scores.models)
    members = {v: [m for (of, _), m in sorted(given.items()) if of == v] or [v] for v in variants}
    table = pd.DataFrame({v: scores.table[names].mean(axis=1, skipna=False) for v, names in members.items()})
    rows = [
        {"task": task, "model": v, "seed_scores": tuple(scores.table[names].to_numpy()[position].tolist())}
        for v, names in members.items()
        for position, task in enumerate(scores.task_names)
        if scores.table[names].iloc[position].notna().all()
    ]
    return replace(scores, table=table.rename_axis(index="task", columns="model"), cells=_cells(scores, rows, members))


def _cells(scores: Scores, rows: list[dict[str, Any]], members: Mapping[str, list[str]]) -> pd.DataFrame:
    """What is known about the evaluations, of a variant that of its first run."""
    kept = pd.DataFrame(rows, columns=["task", "model", "seed_scores"])
    if scores.cells is None:
        return kept
    first = {names[0]: variant for variant, names in members.items()}
    cells = scores.cells[scores.cells["model"].isin(list(first))].drop(columns=["seed_scores"], errors="ignore")
    if "prompt_scores" in cells:
        cells["prompt_scores"] = _over_runs(scores.cells, cells, members)
    return cells.assign(model=cells["model"].map(first)).merge(kept, on=["task", "model"], how="inner")


def _over_runs(all_cells: pd.DataFrame, first: pd.DataFrame, members: Mapping[str, list[str]]) -> list[Any]:
    """Scores by prompt of every variant and task, the mean over its training runs where all have them."""
    known = {(t, m): s for t, m, s in all_cells[["task", "model", "prompt_scores"]].itertuples(index=False)}
    runs = {names[0]: names for names in members.values()}
    found: list[Any] = []
    for task, model in first[["task", "model"]].itertuples(index=False):
        each: list[Any] = [known.get((task, run)) for run in runs[model]]
        whole = all(isinstance(s, tuple) for s in each) and len({len(s) for s in each if isinstance(s, tuple)}) == 1
        found.append(tuple(np.mean(each, axis=0).tolist()) if whole else None)
    return found


def first_runs(samples: Samples, runs: Runs) -> Samples:
    """Samples with the variants as models: those of each one's first seed."""
    first: dict[str, str] = {}
    for model in sorted(samples.models, key=lambda m: runs.get(m, (m, 0))):
        first.setdefault(runs.get(model, (model, 0))[0], model)
    files = {task: {v: of[m] for v, m in first.items() if m in of} for task, of in samples.files.items()}
    return replace(samples, files=files)


def _json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
