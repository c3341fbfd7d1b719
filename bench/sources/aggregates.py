"""Aggregate tasks whose file a model lacks: the mean of their parts, where all parts are there in one revision."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
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
    of = {part.name: part for parts in made_of.values() for part in parts}
    mine = entries[entries["task"].isin(list(of))]
    if mine.empty:
        return cells
    required = triples(of.values(), mine)
    scored = _by_revision(mine, required, definitions)
    whole = [
        _whole(scored[scored["task"].isin([p.name for p in parts])], name, len(parts))
        for name, parts in made_of.items()
    ]
    if not (whole := [frame for frame in whole if not frame.empty]):
        return cells
    # The revision that mteb's rule likes best among the complete ones.
    built = choose(pd.concat(whole, ignore_index=True), definitions).assign(built_from="parts")
    has = cells["task"].isin(made_of).to_numpy() & cells["score"].notna().to_numpy()
    means = built.set_index(["task", "model", "revision"])["score"]
    of_parts = np.full(len(cells), np.nan)
    of_parts[has] = means.reindex(pd.MultiIndex.from_frame(cells.loc[has, list(means.index.names)])).to_numpy()
    pair, built_pair = (pd.MultiIndex.from_frame(frame[["task", "model"]]) for frame in (cells, built))
    new = ~built_pair.isin(pair[has])
    return pd.concat([cells.assign(parts_score=of_parts)[~pair.isin(built_pair[new])], built[new]], ignore_index=True)


def _by_revision(entries: pd.DataFrame, required: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Score the parts of all aggregates at once, each revision of a model as a model of its own: ``group`` is its number."""
    group = entries.groupby(["model", "revision"], sort=False).ngroup().to_numpy()
    _, first = np.unique(group, return_index=True)
    scored = score_files(entries.assign(model=group), required, definitions)
    model = entries["model"].to_numpy()[first][scored["model"]]
    return scored.rename(columns={"model": "group"}).assign(model=model)


def _whole(scored: pd.DataFrame, task: str, n_parts: int) -> pd.DataFrame:
    """Return, per model and revision that has all parts, their mean."""
    group, there = scored["group"].to_numpy(), scored["score"].notna().to_numpy()
    n_rows = np.bincount(group)
    full = (n_rows == n_parts) & (np.bincount(group[there], minlength=len(n_rows)) == n_parts)
    # Of each revision that is whole as many rows, one behind the other, which the columns of a matrix are.
    scored = scored[full[group]]
    if scored.empty:
        return scored

    def of(column: str) -> npt.NDArray[Any]:
        return scored[column].to_numpy().reshape(-1, n_parts)

    data = pd.factorize(scored["dataset_revision"], use_na_sentinel=False)[0].reshape(-1, n_parts)
    # What one of them does not say, another may.
    said = scored.groupby("group", sort=False)[["mteb_version", "dataset_revision", "date"]].first()
    whole = said.reset_index().assign(
        task=task,
        model=of("model")[:, 0],
        revision=of("revision")[:, 0],
        file=of("file").min(axis=1),
        old=of("old").max(axis=1),
        remote=of("remote").max(axis=1),
        missing_weights=of("missing_weights").max(axis=1),
        score=of("score").mean(axis=1),
        n_required=n_parts,
        n_found=n_parts,
    )
    whole["dataset_revision"] = whole["dataset_revision"].where((data == data[:, :1]).all(axis=1), None)
    whole["data_sha256"] = whole["group"].map(_data_of_parts(scored, n_parts))
    return whole.drop(columns="group")


def _data_of_parts(scored: pd.DataFrame, n_parts: int) -> pd.Series:
    """Return the hash of an aggregate's data, per group, where all its parts say theirs."""
    stated = scored[scored["data_sha256"].notna()]
    found = {
        group: of_aggregate(zip(rows["task"], rows["data_sha256"], strict=True))
        for group, rows in stated.groupby("group", sort=False)
        if len(rows) == n_parts
    }
    return pd.Series(found, dtype=object)
