"""One benchmark of the site: read, compared, written into a folder of its own, whole or not at all."""

import hashlib
import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.site import Board
    from stats import Comparison, Scores

#: A benchmark of which the source has less than this share of the tasks is another benchmark.
LEAST_SHARE = 0.8
#: The seed of every page: one source gives one site.
SEED = 0
#: Where the site keeps what it knows of its own folders.
STATE = ".embsig-site"
#: What the file of a benchmark's figures ends in, there.
DRAWINGS = ".drawings"


def make_board(source: str, name: str, folder: str, command: str) -> dict[str, Any]:
    """Make a benchmark's folder, or leave it where nothing that it shows has changed.

    Returns
    -------
    dict
        ``{"board": ...}`` with the summary, and ``made``, whether it was made now; or ``{"reason": ...}``, why it has no page.
    """
    from bench import read
    from reports.site import Board
    from reports.site.boards import slug
    from stats.common.errors import InputError

    try:
        scores = read(source, benchmark=name)
        reason = _too_little(scores)
        if reason:
            return {"reason": reason}
        key, state = _key(scores, command), Path(folder, STATE, f"{slug(name)}.json")
        known = _known(state)
        if known.get("key") == key and Path(folder, slug(name), "index.html").is_file():
            return {"board": known["board"], "made": False}
        comparison = _compared(scores)
    except InputError as error:
        return {"reason": str(error)}
    board = Board.of(comparison, name, **_about(name, comparison))
    _write(Path(folder, slug(name)), comparison, board, command, state.with_suffix(DRAWINGS))
    from stats.common.writing import write_whole

    # The state is written last: a folder without it is made again.
    write_whole(state, json.dumps({"key": key, "board": board.to_dict()}, sort_keys=True))
    return {"board": board.to_dict(), "made": True}


def _about(name: str, comparison: "Comparison") -> dict[str, list[str]]:
    """The modalities of a benchmark's tasks, and the domains that at least half of them have."""
    from collections import Counter

    from bench.sources.definitions import load

    tasks = [task for task in load().benchmark(name) if task.name in set(comparison.scores.task_names)]
    domains = Counter(domain for task in tasks for domain in task.domains)
    return {
        "modalities": sorted({m for task in tasks for m in task.modalities}) or ["text"],
        "domains": [domain for domain, n in domains.items() if 2 * n >= len(tasks)],
    }


def _too_little(scores: "Scores") -> str:
    have = int(scores.table.notna().any(axis=1).sum())
    if have < 2 or have < LEAST_SHARE * scores.n_tasks:
        return f"the source has results of {have:,} of its {scores.n_tasks:,} tasks"
    return ""


def _compared(scores: "Scores") -> "Comparison":
    from bench import model_cards
    from stats import compare
    from stats.common.errors import InputError

    found = compare(scores, cards=model_cards(scores.models), rng=SEED)
    if found.n_models < 3 or (found.coverage and found.n_tasks < LEAST_SHARE * found.coverage.tasks_asked):
        raise InputError(f"{found.n_models:,} models have {found.n_tasks:,} of its tasks in common")
    # What changes with results of other benchmarks is not this page's: the source as a whole is named by the index.
    kept = ("benchmark", "definitions", "format", "n_read", "scores_sha256", "software")
    return replace(found, provenance={k: v for k, v in found.provenance.items() if k in kept})


def _write(target: Path, comparison: "Comparison", board: "Board", command: str, kept: Path) -> None:
    """Write a new folder beside the old one, and change them over at the end."""
    from bench import model_cards
    from reports import html_report
    from reports.page.kept import kept_drawings
    from stats.common.writing import write_whole

    part = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        names = [str(m) for m in comparison.ranks["model"]]
        html_report(
            comparison,
            part / "index.html",
            command=command,
            cards=model_cards(names),
            date=_date(comparison.scores),
            home="../index.html",
            # A model that lacks tasks changes what the page says of coverage, and none of its figures.
            drawn=kept_drawings(comparison, kept, code_sha256()),
        )
        comparison.ranks.to_parquet(part / "ranks.parquet", index=False)
        comparison.pairs.to_parquet(part / "pairs.parquet", index=False)
        comparison.scores.to_frame().to_parquet(part / "scores.parquet", index=False)
        write_whole(
            part / "board.json", json.dumps(board.to_dict(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        )
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _date(scores: "Scores") -> datetime:
    """The day of the newest result, so that the same results give the same bytes."""
    import pandas as pd

    if scores.cells is None or "date" not in scores.cells:
        return datetime.fromtimestamp(0, UTC)
    # Old files have no date; the others the seconds since 1970.
    seconds = pd.to_numeric(scores.cells["date"], errors="coerce").dropna()
    return datetime.fromtimestamp(float(seconds.max()) if len(seconds) else 0.0, UTC)


def _key(scores: "Scores", command: str) -> str:
    """A hash of everything that a benchmark's folder shows."""
    from bench.sources.definitions import data_sha256

    parts = [scores.sha256, code_sha256(), data_sha256(), command, scores.tasks.astype(str).to_csv()]
    if scores.cells is not None:
        parts.append(scores.cells.astype(str).to_csv())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def code_sha256() -> str:
    """A hash of the code that computes and draws: another version makes every page again."""
    import reports
    import stats

    digest = hashlib.sha256()
    for package in (stats, reports):
        root = Path(str(package.__file__)).parent
        for path in sorted(p for p in root.rglob("*") if p.suffix in (".py", ".js", ".css", ".j2")):
            digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _known(state: Path) -> dict[str, Any]:
    try:
        found = json.loads(state.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
