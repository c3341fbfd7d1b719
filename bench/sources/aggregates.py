"""Aggregate tasks whose file a model lacks: the mean of their parts, where all parts are there in one revision."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bench.data_hashes import of_aggregate

from .definitions import Definitions, TaskDefinition
from .results_cells import score_files, triples
from .revisions import choose


def from_parts(
    cells: pd.DataFrame, entries: pd.DataFrame, asked: Sequence[TaskDefinition], definitions: Definitions
) -> pd.DataFrame:
    """Give aggregate tasks the mean of their parts where a model has all parts, in one revision, and no score.

    mteb's reader does not do this. Where the file of the aggregate has a score, that counts, and
    ``parts_score`` holds the mean of its parts for the audit.
    """
    cells = cells.assign(built_from="file", parts_score=np.nan)
    for task in (t for t in asked if t.parts):
        parts = [p for name in task.parts if (p := definitions.task(name)) is not None]
        required = triples(parts)
        mine = entries[entries["task"].isin(required["task"])]
        if len(parts) < len(task.parts) or mine.empty:
            continue
        built = _one_revision(mine, required, task, definitions)
        if built.empty:
            continue
        own = cells[cells["task"] == task.name]
        scored = set(own.loc[own["score"].notna(), "model"])
        means = built.set_index(["model", "revision"])["score"]
        keys = pd.MultiIndex.from_frame(own[["model", "revision"]])
        cells.loc[own.index, "parts_score"] = means.reindex(keys).where(own["score"].notna().to_numpy()).to_numpy()
        new = built[~built["model"].isin(scored)]
        replaced = own.index[own["model"].isin(set(new["model"]))]
        cells = pd.concat([cells.drop(replaced), new], ignore_index=True)
    return cells


def _one_revision(
    entries: pd.DataFrame, required: pd.DataFrame, task: TaskDefinition, definitions: Definitions
) -> pd.DataFrame:
    """Return, per model, the mean over all parts in the revision that mteb's rule likes best among the complete ones."""
    keys = pd.Series(list(zip(entries["model"], entries["revision"], strict=True)), index=entries.index, dtype=object)
    by_revision = entries.assign(model=keys)
    scored = score_files(by_revision, required, definitions)
    whole = scored.groupby("model").agg(
        score=("score", lambda s: s.mean(skipna=False)),
        n=("task", "size"),
        file=("file", "min"),
        old=("old", "any"),
        remote=("remote", "any"),
        mteb_version=("mteb_version", "first"),
        dataset_revision=("dataset_revision", lambda s: s.iloc[0] if s.nunique(dropna=False) == 1 else None),
        date=("date", "first"),
        missing_weights=("missing_weights", "max"),
    )
    whole["data_sha256"] = _data_of_parts(scored, len(task.parts))
    whole = whole[(whole["n"] == len(task.parts)) & whole["score"].notna()].reset_index()
    if whole.empty:
        return whole
    whole = whole.assign(
        task=task.name, revision=[key[1] for key in whole["model"]], model=[key[0] for key in whole["model"]]
    )
    best = choose(whole, definitions).assign(built_from="parts", n_required=len(task.parts), n_found=len(task.parts))
    return best.drop(columns="n")


def _data_of_parts(scored: pd.DataFrame, n_parts: int) -> pd.Series:
    """Return the hash of an aggregate's data, per model, where all its parts say theirs."""
    stated = scored[scored["data_sha256"].notna()]
    found = {
        model: of_aggregate(zip(rows["task"], rows["data_sha256"], strict=True))
        for model, rows in stated.groupby("model", sort=False)
        if len(rows) == n_parts
    }
    return pd.Series(found, dtype=object)
