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
    made_of = {
        task.name: parts
        for task in asked
        if task.parts
        and len(parts := [p for n in task.parts if (p := definitions.task(n)) is not None]) == len(task.parts)
    }
    required = triples({part.name: part for parts in made_of.values() for part in parts}.values())
    mine = entries[entries["task"].isin(required["task"].unique())]
    if mine.empty:
        return cells
    scored = _by_revision(mine, required, definitions)
    for name, parts in made_of.items():
        built = _one_revision(scored[scored["task"].isin([p.name for p in parts])], name, len(parts), definitions)
        if built.empty:
            continue
        own = cells[cells["task"] == name]
        with_score = set(own.loc[own["score"].notna(), "model"])
        means = built.set_index(["model", "revision"])["score"]
        keys = pd.MultiIndex.from_frame(own[["model", "revision"]])
        cells.loc[own.index, "parts_score"] = means.reindex(keys).where(own["score"].notna().to_numpy()).to_numpy()
        new = built[~built["model"].isin(with_score)]
        replaced = own.index[own["model"].isin(set(new["model"]))]
        cells = pd.concat([cells.drop(replaced), new], ignore_index=True)
    return cells


def _by_revision(entries: pd.DataFrame, required: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Score the parts of all aggregates at once, each revision of a model as a model of its own."""
    keys = pd.Series(list(zip(entries["model"], entries["revision"], strict=True)), index=entries.index, dtype=object)
    return score_files(entries.assign(model=keys), required, definitions)


def _one_revision(scored: pd.DataFrame, task: str, n_parts: int, definitions: Definitions) -> pd.DataFrame:
    """Return, per model, the mean over all parts in the revision that mteb's rule likes best among the complete ones."""
    # Only what is whole is put together: one lambda a model and column takes long.
    sizes = scored.groupby("model")["score"].agg(["size", "count"])
    full = sizes.index[(sizes["size"] == n_parts) & (sizes["count"] == n_parts)]
    scored = scored[scored["model"].isin(full)]
    groups = scored.groupby("model")
    whole = groups.agg(
        file=("file", "min"),
        old=("old", "any"),
        remote=("remote", "any"),
        mteb_version=("mteb_version", "first"),
        n_data=("dataset_revision", lambda s: s.nunique(dropna=False)),
        dataset_revision=("dataset_revision", "first"),
        date=("date", "first"),
        missing_weights=("missing_weights", "max"),
    )
    if whole.empty:
        return whole
    # As many rows each: one sum along the rows of a matrix, with numpy's own order of additions.
    in_order = np.argsort(groups.ngroup().to_numpy(), kind="stable")
    whole["score"] = scored["score"].to_numpy()[in_order].reshape(-1, n_parts).mean(axis=1)
    whole["dataset_revision"] = whole["dataset_revision"].where(whole["n_data"] == 1, None)
    whole["data_sha256"] = _data_of_parts(scored, n_parts)
    whole = whole.drop(columns="n_data").reset_index()
    whole = whole.assign(task=task, revision=[k[1] for k in whole["model"]], model=[k[0] for k in whole["model"]])
    return choose(whole, definitions).assign(built_from="parts", n_required=n_parts, n_found=n_parts)


def _data_of_parts(scored: pd.DataFrame, n_parts: int) -> pd.Series:
    """Return the hash of an aggregate's data, per model, where all its parts say theirs."""
    stated = scored[scored["data_sha256"].notna()]
    found = {
        model: of_aggregate(zip(rows["task"], rows["data_sha256"], strict=True))
        for model, rows in stated.groupby("model", sort=False)
        if len(rows) == n_parts
    }
    return pd.Series(found, dtype=object)
