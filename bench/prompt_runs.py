"""Models that were asked with several prompts: one model with several answers, not several models.

What ``embsig run --prompts`` writes says in its manifest of which model and with which prompt every run is.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from stats import Samples, Scores
from stats.common.errors import InputError
from stats.held_samples import Repeated

#: Model -> the name that it shares with its other prompts, and the prompt's.
Asked = Mapping[str, tuple[str, str]]


def prompts_of(folder: str | PathLike[str]) -> dict[str, tuple[str, str]]:
    """Model and prompt of the runs of a folder that ``embsig run --prompts`` wrote; empty for any other folder.

    Examples
    --------
    >>> prompts_of("no such folder")
    {}
    """
    for place in (Path(folder), Path(folder) / "run"):
        try:
            listed = json.loads((place / "manifest.json").read_text(encoding="utf-8"))["jobs"]
            said = {job["model"]: job["asked"] for job in listed if isinstance(job, dict) and "asked" in job}
            return {str(name): (str(p["of"]), str(p["name"])) for name, p in said.items()}
        except (OSError, ValueError, RecursionError, KeyError, TypeError):
            continue
    return {}


def prompts_together(scores: Scores, asked: Asked) -> Scores:
    """Scores with a model's prompts as its levels: of every task the mean over the prompts, each of which is kept.

    Parameters
    ----------
    scores : Scores
    asked : mapping
        Model -> (model without prompt, prompt); other models stay as they are.

    Returns
    -------
    Scores
        ``cells["prompt_scores"]`` has the score by every prompt, ``cells["prompt_names"]`` their names. A model that lacks one of its prompts
        on a task has no score there.

    Raises
    ------
    InputError
        If a model was also run by itself in the same folder.
    """
    members = _members(scores.models, asked)
    if not members:
        return scores
    models = list(dict.fromkeys(asked[m][0] if m in asked else m for m in scores.models))
    table = pd.DataFrame(
        {m: scores.table[members[m]].mean(axis=1, skipna=False) if m in members else scores.table[m] for m in models}
    )
    rows = [
        {"task": task, "model": model, "prompt_scores": tuple(map(float, row)), "prompt_names": tuple(asked[m][1] for m in names)}
        for model, names in members.items()
        for task, row in zip(scores.task_names, scores.table[names].to_numpy(), strict=True)
        if not pd.isna(row).any()
    ]  # fmt: skip
    cells = pd.DataFrame(rows, columns=["task", "model", "prompt_scores", "prompt_names"])
    if scores.cells is not None:
        first = {(members[m][0] if m in members else m): m for m in models}
        kept = scores.cells[scores.cells["model"].isin(list(first))]
        cells = kept.assign(model=kept["model"].map(first)).merge(cells, on=["task", "model"], how="outer")
    return replace(scores, table=table.rename_axis(index="task", columns="model"), cells=cells)


def samples_together(samples: Samples, asked: Asked) -> Samples:
    """Samples with a model's prompts as experiments of it: metrics are computed by each prompt and averaged, a sample is drawn with all its answers.

    Parameters
    ----------
    samples : Samples
    asked : mapping
        As of `prompts_together`. A model that lacks one of its prompts on a task has no samples there.
    """
    members = _members(samples.models, asked)
    if not members:
        return samples
    files: dict[str, dict[str, Any]] = {}
    for task, of in samples.files.items():
        kept = {m: f for m, f in of.items() if m not in asked}
        for model, names in members.items():
            if set(names) <= set(of):
                kept[model] = Repeated(samples, task, {asked[m][1]: m for m in names}, model)
        if kept:
            files[task] = kept
    return replace(samples, files=files)


def _members(models: list[str], asked: Asked) -> dict[str, list[str]]:
    """Model without prompt -> its runs, in the order of the models."""
    members: dict[str, list[str]] = {}
    for name in models:
        if name in asked:
            members.setdefault(asked[name][0], []).append(name)
    both = next((m for m in members if m in models), None)
    if both is not None:
        raise InputError(
            f"{both!r} was run by itself and with {len(members[both])} prompts in one folder: take every run as a model (--seeds separate), "
            "or run the prompts into a folder of their own"
        )
    return members
