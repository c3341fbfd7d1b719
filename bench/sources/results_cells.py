"""One score a file: the mean over the (split, subset) pairs that are asked for, and what is missing where there is none."""

from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.data_hashes import joined

from .definitions import Definitions, TaskDefinition
from .revisions import choose

_HEAD = [
    "file",
    "model",
    "task",
    "revision",
    "old",
    "mteb_version",
    "dataset_revision",
    "date",
    "missing_weights",
    "remote",
]


_TRIPLE = ["task", "split", "subset"]

_Codes = npt.NDArray[np.int64]


#: Of a row, what is not the file's alone.
_ROW = ["file", *_TRIPLE, "triple", "data", "score", "replicates"]


#: The number of a triple that is asked for and not there; -1 is that of an entry without one.
_NOWHERE = -2


def triples(tasks: Iterable[TaskDefinition], entries: pd.DataFrame) -> pd.DataFrame:
    """The (task, split, subset) triples that these tasks ask for, numbered as those of the entries."""
    numbers = _Numbers(entries)
    # Three lists: the collector would look at a hundred thousand tuples again and again.
    columns: tuple[list[str], ...] = ([], [], [])
    asked = [np.empty(0, np.int64)]
    for task in tasks:
        n = len(task.subsets)
        columns[0].extend((task.name,) * n * len(task.splits))
        columns[1].extend(chain.from_iterable(map(repeat, task.splits, repeat(n))))
        columns[2].extend(task.subsets * len(task.splits))
        # Every split with every subset; a text is looked up once, not with each triple that it is in.
        name, splits, subsets = numbers.codes((task.name,), task.splits, task.subsets)
        asked.append(numbers.keys(name, splits[:, None], subsets).ravel())
    frame = pd.DataFrame(dict(zip(_TRIPLE, columns, strict=True)), dtype=object)
    return frame.assign(triple=numbers.of(np.concatenate(asked)))


def numbered(asked: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """Number triples as those of the entries are; one that no entry has gets a number that none has."""
    numbers = _Numbers(entries)
    return asked.assign(triple=numbers.of(numbers.keys(*numbers.codes(*(asked[column] for column in _TRIPLE)))))


def found_triples(entries: pd.DataFrame) -> pd.DataFrame:
    """The triples that there are, each once, with its number."""
    found = entries.loc[~entries["triple"].duplicated() & (entries["triple"] >= 0), [*_TRIPLE, "triple"]]
    return found.reset_index(drop=True)


class _Numbers:
    """The numbers of the triples that entries have, to be looked up by the texts of others."""

    def __init__(self, entries: pd.DataFrame) -> None:
        there = found_triples(entries)
        codes, texts = zip(*(pd.factorize(there[column]) for column in _TRIPLE), strict=True)
        self._texts = [dict(zip(of.tolist(), range(len(of)), strict=True)) for of in texts]
        self._keys = pd.Index(self.keys(*codes))
        self._triple = np.append(there["triple"], _NOWHERE)

    def codes(self, *names: Iterable[str]) -> Iterator[_Codes]:
        """Of tasks, of splits and of subsets the number that each text has among those of its kind, -1 where none."""
        for numbers, texts in zip(self._texts, names, strict=True):
            yield np.fromiter(map(numbers.get, texts, repeat(-1)), np.int64)

    def keys(self, task: _Codes, split: _Codes, subset: _Codes) -> _Codes:
        """One number for the three together, negative where one of them is nowhere."""
        _, splits, subsets = self._texts
        whole = (task * len(splits) + split) * len(subsets) + subset
        return np.where(np.minimum(np.minimum(task, split), subset) < 0, -1, whole)

    def of(self, keys: _Codes) -> _Codes:
        """The number of each triple; `_NOWHERE` of one that no entry has."""
        return self._triple[self._keys.get_indexer(pd.Index(keys))]  # -1, where there is none, is the last


def score_files(entries: pd.DataFrame, required: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Return one row per (model, task): the chosen file, its score, and which splits and subsets it lacks."""
    entries = entries[entries["task"].isin(required["task"].unique())]
    chosen = choose(entries.loc[~entries["file"].duplicated(), _HEAD], definitions)
    mine = entries.loc[entries["file"].isin(chosen["file"]), _ROW]
    matched = mine[mine["triple"].isin(required["triple"])]
    scored = matched[matched["score"].notna()]
    means = _means(scored)
    have = (~scored.duplicated(["file", "triple"])).groupby(scored["file"]).sum()
    holes = matched.loc[matched["score"].isna(), "file"].unique()
    need = required.groupby("task").size()
    chosen["n_required"] = chosen["task"].map(need).astype(int)
    chosen["n_found"] = chosen["file"].map(have).fillna(0).astype(int)
    complete = (chosen["n_found"] == chosen["n_required"]) & ~chosen["file"].isin(holes)
    chosen["score"] = chosen["file"].map(means).where(complete)
    chosen["partial_score"] = chosen["file"].map(means).where(~complete)
    lacking, data, replicates = (
        _missing(chosen, mine, scored, required),
        _data(matched),
        _replicates(matched, chosen.loc[complete]),
    )
    files = chosen["file"].tolist()
    columns = {
        "missing_splits": [lacking[file][0] if file in lacking else () for file in files],
        "missing_subsets": [lacking[file][1] if file in lacking else () for file in files],
        "data_sha256": [data.get(file) for file in files],
        "replicates": [replicates.get(file, ()) for file in files],
    }
    return chosen.assign(**{name: pd.Series(values, chosen.index, dtype=object) for name, values in columns.items()})


def _means(scored: pd.DataFrame) -> "pd.Series[float]":
    """The mean of each file's scores, also where their sum is beyond the largest number."""
    with np.errstate(over="ignore"):
        means = scored.groupby("file")["score"].mean()
    if not np.isfinite(means).all():
        means = means.where(np.isfinite(means), (scored["score"] / 2**30).groupby(scored["file"]).mean() * 2**30)
    return means


def _data(matched: pd.DataFrame) -> dict[Any, str]:
    """Return the hash of the data that each file's score was made on; none where a split or subset does not say."""
    silent = matched.loc[matched["data"].isna(), "file"].unique()
    stated = matched[~matched["file"].isin(silent)]
    return {
        file: joined(zip(rows["split"], rows["subset"], rows["data"], strict=True))
        for file, rows in stated.groupby("file", sort=False)
    }


def _missing(
    chosen: pd.DataFrame, entries: pd.DataFrame, scored: pd.DataFrame, required: pd.DataFrame
) -> dict[int, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return which splits each incomplete file lacks wholly, and which subsets in splits that it has."""
    incomplete = chosen.loc[chosen["n_found"] < chosen["n_required"], ["file", "task"]]
    wanted: dict[str, list[tuple[str, str]]] = {task: [] for task in incomplete["task"]}
    asked = required[required["task"].isin(list(wanted))]
    for task, split, subset in zip(asked["task"], asked["split"], asked["subset"], strict=True):
        wanted[task].append((split, subset))
    # Plain loops over columns: a group-by makes a frame for each of tens of thousands of files.
    pairs: dict[int, set[tuple[str, str]]] = {file: set() for file in incomplete["file"]}
    splits: dict[int, set[str]] = {file: set() for file in incomplete["file"]}
    here = scored[scored["file"].isin(incomplete["file"])]
    for file, split, subset in zip(here["file"], here["split"], here["subset"], strict=True):
        pairs[file].add((split, subset))
    mine = entries[entries["file"].isin(incomplete["file"])]
    for file, split in zip(mine["file"], mine["split"], strict=True):
        splits[file].add(split)
    rows = {}
    for file, task in zip(incomplete["file"], incomplete["task"], strict=True):
        lacking = [pair for pair in wanted[task] if pair not in pairs[file]]
        rows[file] = (
            tuple(dict.fromkeys(split for split, _ in lacking if split not in splits[file])),
            tuple(dict.fromkeys(subset for split, subset in lacking if split in splits[file])),
        )
    return rows


def _replicates(matched: pd.DataFrame, complete: pd.DataFrame) -> dict[int, tuple[float, ...]]:
    """Return each file's repeated experiments, averaged over its (split, subset) pairs where all have as many."""
    rows = matched.loc[matched["file"].isin(complete["file"]), ["file", "replicates"]]
    rows = rows[~rows["file"].isin(rows.loc[rows["replicates"].isna(), "file"])]
    several = rows["file"].duplicated(keep=False)
    alone = rows[~several]
    found = {file: tuple(values.tolist()) for file, values in zip(alone["file"], alone["replicates"], strict=True)}
    lists: dict[int, list[Any]] = {}
    for file, values in zip(rows.loc[several, "file"], rows.loc[several, "replicates"], strict=True):
        lists.setdefault(file, []).append(values)
    for file, together in lists.items():
        if len({len(values) for values in together}) == 1:
            found[file] = tuple(np.mean(together, axis=0).tolist())
    return found
