"""From the index of a results source to `Scores`: exactly the splits and subsets that are asked for.

Never is a score the mean of whatever a file happens to hold. With a benchmark, a task's score is the mean of
the main scores of all its (split, subset) pairs that the benchmark asks for, and missing if one is missing,
as with mteb's ``select_tasks``. Without one, it is the mean over the task's eval splits and subsets that at
least one model of the source has, and missing for a model that lacks one of those.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stats.common.errors import InputError
from stats.scores import Scores

from .aggregates import from_parts
from .definitions import Definitions, TaskDefinition
from .index import Index
from .instead import no_task_of
from .results_cells import found_triples, numbered, score_files, triples
from .revisions import EXTERNAL
from .rivals import settle
from .scan import Summary
from .task_information import task_table
from .units import in_units


def read_results(
    index: Index,
    definitions: Definitions,
    *,
    benchmark: str | None = None,
    require_model_meta: bool | None = None,
    unit: str = "task",
    languages: Sequence[str] = (),
    source: Path | str = "the source",
    prefer: str | None = None,
) -> Scores:
    """Make Scores from a results source.

    Parameters
    ----------
    index : Index
    definitions : Definitions
    benchmark : str, optional
        Read what this benchmark asks for; without it, every task that the source has.
    require_model_meta : bool, optional
        Leave out folders without a ``model_meta.json``, as mteb does. By default they are left out if the
        source has any folder with one.
    unit : {"task", "subset", "language"}
        What a row is (`bench.sources.units`).
    languages : sequence of str
        Only subsets in one of these languages.
    source, prefer
        Which of two folders of one model counts (`bench.sources.rivals`).

    Returns
    -------
    Scores

    Raises
    ------
    InputError
        If the benchmark is unknown, or the source holds nothing of it.
    """
    asked = None if benchmark is None else definitions.benchmark(benchmark)
    entries = index.entries() if asked is None else _entries(index, asked, definitions)
    entries, left_out = _who(entries, index.summary, require_model_meta)
    if entries.empty:
        hint = " with a model_meta.json" if left_out["without_model_meta"] else ""
        if benchmark is None:
            raise InputError(f"{index.summary.n_files} result files, but no result{hint} among them")
        raise no_task_of(benchmark, index, definitions, hint)
    entries, settled = settle(entries, index.summary.folders, source, prefer)
    required = _required(entries, asked, definitions)
    if asked is None:
        asked = _all_found(entries, required, definitions)
    task_of, n_read = {t.name: t.name for t in asked}, int(entries["file"].nunique())
    if unit != "task" or languages:
        asked, made_of = in_units(asked, unit, languages)
        task_of = dict(zip(made_of["row"], made_of["task"], strict=True))
        entries, required = _by_row(entries, made_of, asked, definitions)
    cells = score_files(entries, required, definitions)
    cells = from_parts(cells, entries, asked, definitions)
    cells = cells[cells["task"].isin([t.name for t in asked])].reset_index(drop=True)
    if cells.empty:
        raise no_task_of(str(benchmark), index, definitions)
    table = cells.pivot(index="task", columns="model", values="score")
    table = table.reindex(index=[t.name for t in asked], columns=sorted(table.columns))
    about = {
        "content_sha256": index.summary.sha256,
        "format": "mteb results",
        "benchmark": None if benchmark is None else definitions.benchmark_name(benchmark),
        "definitions": f"mteb {definitions.mteb_version}",
        **({} if unit == "task" else {"unit": unit}),
        **({"languages": list(languages)} if languages else {}),
        **({} if benchmark is None or unit != "task" else _parts_of(asked)),
        "n_files": index.summary.n_files,
        "n_read": n_read,
        **({"settled": settled} if settled else {}),
        "left_out": {k: v for k, v in left_out.items() if v} | _unreadable(index.summary),
    }
    info = task_table(asked)
    info["reduced"] = pd.Series(
        [None if benchmark else _reduced(t, definitions) for t in asked], info.index, dtype=object
    )
    return Scores.build(table, info, cells=_tidy(cells, asked, definitions, task_of), provenance=about)


def _parts_of(asked: Sequence[TaskDefinition]) -> dict[str, Any]:
    """What else a benchmark of one task can be compared on: ``{"n_subsets": 12}``."""
    return {"n_subsets": len(asked[0].subsets)} if len(asked) == 1 and len(asked[0].subsets) > 1 else {}


def _reduced(task: TaskDefinition, definitions: Definitions) -> str | None:
    """Return what a task was read with, in words, where that is not all that it asks for; None where it is."""
    whole = definitions.task(task.name)
    if whole is None or (set(whole.splits) == set(task.splits) and set(whole.subsets) == set(task.subsets)):
        return None
    if not set(task.splits) <= set(whole.splits):
        return f"split {', '.join(task.splits)} instead of {', '.join(whole.splits)}"
    if len(task.subsets) < len(whole.subsets):
        return f"{len(task.subsets)} of {len(whole.subsets)} subsets"
    return f"split {', '.join(task.splits)} of {', '.join(whole.splits)}"


def _unreadable(summary: Summary) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, files in (("unreadable", summary.skipped), ("doubled", summary.doubled)):
        if files:
            found |= {name: len(files), f"{name}_files": dict(list(files.items())[:20])}
    return found


def _who(entries: pd.DataFrame, summary: Summary, require: bool | None) -> tuple[pd.DataFrame, dict[str, int]]:
    """Add model and revision; leave out experiments (as mteb does) and folders without a model card."""
    folders = pd.DataFrame([vars(f) for f in summary.folders])
    # An mteb ResultCache holds the user's own results beside a checkout of the public ones.
    folders["remote"] = [f.path.startswith("remote/") for f in summary.folders]
    require = bool(folders["has_model_meta"].any()) if require is None else require
    of_entry = folders.drop(columns="path").take(entries["folder"].to_numpy()).set_index(entries.index)
    joined = pd.concat([entries, of_entry], axis=1)
    experiment = joined["experiment"].notna()
    without = ~experiment & ~joined["has_model_meta"].astype(bool) if require else experiment & False
    counts = {
        "experiments": int(joined.loc[experiment, "file"].nunique()),
        "without_model_meta": int(joined.loc[without, "file"].nunique()),
    }
    return joined[~experiment & ~without], counts


def _entries(index: Index, asked: Sequence[TaskDefinition], definitions: Definitions) -> pd.DataFrame:
    """Return the rows that the tasks or their parts may need."""
    parts = [definition for t in asked for p in t.parts if (definition := definitions.task(p)) is not None]
    return index.entries((*asked, *parts))


def _required(entries: pd.DataFrame, asked: list[TaskDefinition] | None, definitions: Definitions) -> pd.DataFrame:
    """Return the (task, split, subset) triples that each task's score is the mean of."""
    if asked is not None:
        by_name = {t.name: t for t in asked}
        for part in (p for t in asked for p in t.parts):
            if part not in by_name and (definition := definitions.task(part)) is not None:
                by_name[part] = definition
        return triples(by_name.values(), entries)
    present = found_triples(entries)
    asks: dict[str, tuple[set[str], set[str]]] = {}
    for task in present["task"].unique():
        if (known := definitions.task(task)) is not None:
            asks[task] = set(known.splits), set(known.subsets)
    of = [asks.get(task) for task in present["task"]]
    asked_for = np.array(
        [
            one is None or (split in one[0] and subset in one[1])
            for one, split, subset in zip(of, present["split"], present["subset"], strict=True)
        ],
        bool,
    )
    # A task whose files hold nothing that it asks for (another split only) is read as it is, and the audit says so.
    keep = asked_for | ~present["task"].isin(present["task"][asked_for].unique())
    return present[keep].sort_values(["task", "split", "subset"]).reset_index(drop=True)


def _ordered(required: pd.DataFrame, definitions: Definitions) -> list[str]:
    """Tasks by family, then by name; those that mteb does not know come last."""
    names = [str(t) for t in required["task"].unique()]
    known = {n: definitions.task(n) for n in names}
    return sorted(names, key=lambda n: (known[n] is None, getattr(known[n], "family", ""), n))


def _all_found(entries: pd.DataFrame, required: pd.DataFrame, definitions: Definitions) -> list[TaskDefinition]:
    """Every task as this source has it; the rows of each are looked up once, for all tasks together."""
    by_task: dict[str, list[tuple[str, str]]] = {}
    for task, split, subset in zip(required["task"], required["split"], required["subset"], strict=True):
        by_task.setdefault(task, []).append((split, subset))
    names = _ordered(required, definitions)
    unknown = entries[entries["task"].isin([n for n in names if definitions.task(n) is None])]
    own, none = dict(iter(unknown.groupby("task", sort=False))), unknown.iloc[:0]
    return [_found(name, by_task[name], own.get(name, none), definitions) for name in names]


def _found(
    name: str, pairs: Sequence[tuple[str, str]], entries: pd.DataFrame, definitions: Definitions
) -> TaskDefinition:
    """Return a task as this source has it: its definition, restricted to the splits and subsets that are there."""
    splits, subsets = (tuple(dict.fromkeys(of)) for of in zip(*pairs, strict=True))
    if (known := definitions.task(name)) is not None:
        return known.asked(splits, subsets)
    codes = entries[["subset", "languages"]].drop_duplicates("subset")
    languages = {s: tuple((c or "").split()) for s, c in zip(codes["subset"], codes["languages"], strict=True)}
    return TaskDefinition(name, "", "", splits, subsets, languages, None, (), None, {})


def _by_row(
    entries: pd.DataFrame, made_of: pd.DataFrame, asked: Sequence[TaskDefinition], definitions: Definitions
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The files' entries and what is required, by row of the table instead of by task; the parts of aggregates stay as they are."""
    parts = [d for t in asked for p in t.parts if (d := definitions.task(p)) is not None]
    of_parts = triples([p for p in parts if p.name not in set(made_of["task"])], entries)
    own = numbered(made_of, entries)
    known = pd.concat([own, of_parts.assign(row=of_parts["task"])], ignore_index=True)
    known["new"] = np.arange(len(known))  # of two rows that one triple belongs to, each has it as its own
    renamed = entries.merge(known[["triple", "row", "new"]], on="triple", how="inner")
    # A file holds several rows now, each with what of it is there: it counts as a file of its own.
    renamed["file"] = renamed.groupby(["file", "row"], sort=False).ngroup()
    mine, required = (
        frame.drop(columns=["task", "triple"]).rename(columns={"row": "task", "new": "triple"})
        for frame in (renamed, known)
    )
    return mine, required[["task", "split", "subset", "triple"]]


def _tidy(
    cells: pd.DataFrame, asked: Sequence[TaskDefinition], definitions: Definitions, task_of: dict[str, str]
) -> pd.DataFrame:
    """Put the cells into their documented columns, in the order of tasks and models."""
    order = {t.name: i for i, t in enumerate(asked)}
    model, _ = pd.factorize(cells["model"], sort=True)
    cells = cells[_FROM_FILES].iloc[np.lexsort((model, cells["task"].map(order)))].reset_index(drop=True)
    new: dict[str, Any] = {}
    for column in ("missing_splits", "missing_subsets", "replicates"):
        new[column] = [v if isinstance(v, tuple) else () for v in cells[column].tolist()]
    for column in ("dataset_revision", "mteb_version", "date", "data_sha256"):
        new[column] = cells[column].astype(object).where(cells[column].notna(), None)
    trained = {m: definitions.trained_on(m) for m in cells["model"].unique()}
    new["trained_on"] = pd.Series(
        [
            None if (known := trained[m]) is None else task_of.get(t, t) in known
            for m, t in zip(cells["model"].tolist(), cells["task"].tolist(), strict=True)
        ],
        cells.index,
        dtype=object,
    )
    new["missing_weights"] = cells["missing_weights"].fillna(0).astype(int)
    new |= {"external": cells["revision"] == EXTERNAL, "old_format": cells["old"].astype(bool)}
    return cells.assign(**new)[_OF_CELLS]


#: The documented columns of the cells, and those that they are made from.
_OF_CELLS = ["task", "model", "revision", "main_revision", "n_revisions", "dataset_revision", "data_sha256"]
_OF_CELLS += ["mteb_version", "date", "missing_weights", "external", "old_format", "missing_splits", "missing_subsets"]
_OF_CELLS += ["replicates", "built_from", "parts_score", "partial_score", "trained_on"]
_FROM_FILES = ["old", *(column for column in _OF_CELLS if column not in ("external", "old_format", "trained_on"))]
