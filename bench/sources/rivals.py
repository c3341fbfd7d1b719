"""Two folders that hold results of one model: which of them counts is asked, never left to their dates."""

import re
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from stats.common.errors import InputError
from stats.common.text import count

from .revisions import days
from .scan import Folder, named_by_path

#: Differences of a score up to this are another machine's rounding.
_ROUNDING = 1e-6
_TRIPLE = ["task", "split", "subset"]


def settle(
    entries: pd.DataFrame, folders: list[Folder], source: Path | str, prefer: str | None
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Keep one of the folders that claim one model, where they are another model's by name or disagree.

    Parameters
    ----------
    entries : DataFrame
        One row per (file, split, subset), with the number of its folder in `folders`, ``model``, ``revision`` and ``remote``.
    folders : list of Folder
    source : path-like
        What they are read from.
    prefer : {"newest", "largest"} or str or None
        Which one counts; else the path of a folder in the source, whose results count before others.

    Returns
    -------
    entries : DataFrame
        Those that count.
    settled : list of dict
        ``model``, ``kept`` and ``left`` (folders), ``n_tasks`` that ``left`` has not given and ``prefer``, for each choice made.

    Raises
    ------
    InputError
        If there are two such folders and nothing, or nothing that tells them apart, is preferred.
    """
    given = {int(f): folders[int(f)] for f in entries["folder"].unique()}
    wanted = _within(source, prefer, folders)
    settled: list[dict[str, Any]] = []
    drop = pd.Series(False, index=entries.index)
    for model, groups in _by_name(given).items():
        # Of a folder under another name nobody knows whose results it holds: none of its tasks counts.
        drop |= _choose(entries, model, groups, given, source, wanted, prefer, settled)
    entries = entries[~drop]
    _refuse_copies(entries, folders, source)
    drop = pd.Series(False, index=entries.index)
    for model, mine in _disagreeing(entries).items():
        groups = [[f] for f in sorted(mine["folder"].unique(), key=lambda f: given[f].path)]
        # mteb's rule chooses among revisions; within one nothing does.
        lost = _choose(mine, model, groups, given, source, wanted, prefer, settled)
        kept = set(mine.loc[~lost, "task"])
        drop.loc[mine.index[lost & mine["task"].isin(kept)]] = True
    return entries[~drop], settled


def _refuse_copies(entries: pd.DataFrame, folders: list[Folder], source: Path | str) -> None:
    """Raise InputError where one folder holds several files of one task with different scores: which counts would be chance."""
    of = ["folder", "task"]
    files = entries.loc[~entries["file"].duplicated(), ["file", *of]]
    several = files[files.duplicated(of, keep=False)]
    if several.empty:
        return
    mine = entries[entries["file"].isin(several["file"])]
    means = mine.groupby(["file", *of, "split", "subset"], sort=False)["score"].mean()
    spread = means.groupby([*of, "split", "subset"], sort=False).agg(lambda scores: scores.max() - scores.min())
    for folder, task, *_ in spread[spread > _ROUNDING].index:
        n = int(((several["folder"] == folder) & (several["task"] == task)).sum())
        raise InputError(
            f"{source} holds {n} files of task {task!r} in {folders[folder].path} with different scores; expected one, "
            f"{task}.json: remove the others"
        )


def _by_name(given: dict[int, Folder]) -> dict[str, list[list[int]]]:
    """Folders of each model that several differently named folders claim, by that name."""
    found: dict[str, dict[str, list[int]]] = {}
    for number in sorted(given, key=lambda f: given[f].path):
        folder = given[number]
        found.setdefault(folder.model, {}).setdefault(_plain(named_by_path(folder)), []).append(number)
    return {model: list(groups.values()) for model, groups in found.items() if len(groups) > 1}


def _plain(name: str) -> str:
    return re.sub(r"[^0-9a-z]+", "", name.casefold()) or name


def _disagreeing(entries: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Entries of each model whose folders of one revision have different scores of one split and subset of a task."""
    one = ["model", "revision", "remote"]  # a checkout of the public results stands behind the user's own
    several = entries[["folder", *one]].drop_duplicates()
    several = several[several.duplicated(one, keep=False)]
    found: dict[str, pd.DataFrame] = {}
    for (model, *_), folders in several.groupby(one, sort=True):
        mine = entries[entries["folder"].isin(folders["folder"])]
        scores = mine.groupby(_TRIPLE, sort=False)["score"]
        if ((scores.transform("max") - scores.transform("min")) > _ROUNDING).any():
            found[str(model)] = mine if str(model) not in found else pd.concat([found[str(model)], mine])
    return found


def _choose(
    entries: pd.DataFrame,
    model: str,
    groups: list[list[int]],
    given: dict[int, Folder],
    source: Path | str,
    wanted: Iterable[int],
    prefer: str | None,
    settled: list[dict[str, Any]],
) -> "pd.Series[bool]":
    """Choose one group of folders and say which entries are the others'."""
    here = [entries[entries["folder"].isin(group)] for group in groups]
    if prefer in _RULES:
        ranks = [_RULES[prefer](rows) for rows in here]
    else:
        ranks = [float(bool(set(group) & set(wanted))) for group in groups]
    if not _decides(ranks):
        tells = [rule for rule, of in _RULES.items() if _decides([of(rows) for rows in here])]
        own = _own([[given[n].path for n in group] for group in groups], {f.path for f in given.values()})
        raise InputError(_asked(model, [given[g[0]] for g in groups], source, prefer, [*tells, own]))
    kept = ranks.index(max(ranks))
    left = [number for i, group in enumerate(groups) if i != kept for number in group]
    lost = entries["folder"].isin(left)
    settled.append(
        {
            "model": model,
            "kept": [given[n].path for n in groups[kept]],
            "left": [given[n].path for n in left],
            "n_tasks": int(entries.loc[lost, "task"].nunique()),
            "prefer": prefer,
        }
    )
    return lost


#: What is preferred by a rule, and how much of it a folder's entries have.
_RULES: dict[str, Callable[[pd.DataFrame], float]] = {
    "newest": lambda rows: float(days(rows).max()),
    "largest": lambda rows: float(len(rows[_TRIPLE].drop_duplicates())),
}


def _decides(ranks: list[float]) -> bool:
    """Whether one is before all others."""
    return ranks.count(max(ranks)) == 1


def _own(groups: list[list[str]], paths: set[str]) -> str:
    """The shortest path that prefers one group of folders to the others: what holds it is often a copy of the whole tree."""
    for group in groups:
        others = [f"{path}/" for other in groups if other is not group for path in other]
        parts = group[0].split("/")
        for n in range(1, len(parts) + 1):
            path = "/".join(parts[:n])
            if not any(other.startswith(f"{path}/") for other in others) and (path == group[0] or path not in paths):
                return path
    return groups[0][0]


def _asked(model: str, folders: list[Folder], source: Path | str, prefer: str | None, answers: list[str]) -> str:
    """The question which folder counts, with answers that decide it."""
    shown = ", ".join(f.path for f in folders[:3]) + (", ..." if len(folders) > 3 else "")
    other = next((f for f in folders if _plain(named_by_path(f)) != _plain(model)), None)
    same = len({_plain(named_by_path(f)) for f in folders}) == 1
    why = "with different scores of its revision" if same else "by their model_meta.json"
    tell = "" if prefer is None else f" ({prefer!r} does not tell them apart)"
    cure = "" if same or other is None else f", or correct the name in {other.path}/model_meta.json"
    return (
        f"{source} holds {count(len(folders), 'folder')} of model {model!r} {why}: {shown}{tell}; expected one: keep one, say "
        f"{' or '.join(f'--prefer {shlex.quote(answer)}' for answer in answers)} (prefer=...){cure}"
    )


def _within(source: Path | str, prefer: str | None, folders: list[Folder]) -> list[int]:
    """Numbers of the folders that are preferred: the one of that path, else those below it, else those below one of that name anywhere."""
    if prefer is None or prefer in ("newest", "largest"):
        return []
    asked = Path(prefer).expanduser()
    if (root := Path(source)).is_dir() and asked.exists() and asked.resolve().is_relative_to(root.resolve()):
        asked = asked.resolve().relative_to(root.resolve())
    inside = asked.as_posix().strip("/")
    itself = [n for n, f in enumerate(folders) if f.path == inside]
    below = [n for n, f in enumerate(folders) if f.path.startswith(f"{inside}/")]
    anywhere = [n for n, f in enumerate(folders) if f"/{inside}/" in f"/{f.path}/"]
    if not anywhere:
        raise InputError(
            f"prefer={prefer!r} is no folder of {source}: expected 'newest', 'largest' or a folder of results, such as "
            f"{folders[0].path}"
        )
    return itself or below or anywhere
