"""From tables to scores: each is understood, what is not a score set aside, all merged, turned and described."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from stats.common.errors import InputError
from stats.common.objects import as_frame
from stats.scores import Scores

from ..sources.definitions import load
from ..sources.fingerprint import iso_date
from .account import Account
from .aggregates import without_aggregates
from .alike import note_alike
from .describe import describe
from .directions import directed
from .formats import grid_of_bytes, kind_of, read_grid
from .frames import frame_grid
from .grid import Grid
from .layout import understand
from .merge import merged
from .options import Options
from .properties import ask_about_counts
from .runs_in_names import with_runs
from .understood import Understood


def read_tables(sources: Sequence[Any], options: Options) -> Scores:
    """Read tables, several as one.

    Parameters
    ----------
    sources : sequence
        Paths, bytes, frames and other tables, Scores.
    options : Options
    """
    parts: list[tuple[str, Understood]] = []
    accounts: list[Account] = []
    about: list[dict[str, Any]] = []
    for source in sources:
        name = _name(source)
        account = Account(name, strict=options.strict)
        understood, origin = _one(source, options, account)
        parts.append((name, understood))
        accounts.append(account)
        about.append(origin)
    whole = merged(parts)
    account = _together(accounts)
    scores = replace(whole.scores, provenance=_origin(about))
    if not all(origin.get("own") for origin in about):
        scores = directed(scores, whole.directions, options, account)
        scores = with_runs(scores, account, together=options.seeds_from_names)
    elif options.higher_is_better is not None:
        scores = replace(scores, higher_is_better=options.higher_is_better)
    note_alike(scores, account)
    scores = describe(scores, load(), options.benchmark, account)
    if options.unit != "task":
        scores = replace(scores, provenance={**scores.provenance, "unit": options.unit})
    _refuse_metric(scores, options, [*accounts, account])
    if account.runs:
        scores = replace(scores, provenance={**scores.provenance, "runs": account.runs})
    return replace(scores, provenance={**scores.provenance, "read": account.about(scores)})


def _one(source: Any, options: Options, account: Account) -> tuple[Understood, dict[str, Any]]:
    """One source, and where it is from."""
    if isinstance(source, Scores):
        return Understood(source), {**source.provenance, "own": True}
    if isinstance(source, Path):
        if not source.is_file():
            raise InputError(f"{source}: expected a table or a folder of results")
        if kind_of(source) in (".parquet", ".pq") and (own := _own(source)) is not None:
            account.layout = "written by embsig"
            return Understood(own), {**own.provenance, "own": True, "excluded": own.excluded}
        grid = read_grid(source, separator=options.separator, sheet=options.sheet)
        origin = {
            "source": str(source), "sha256": _hash(source), "format": grid.kind, "date": iso_date(source.stat().st_mtime_ns),
        }  # fmt: skip
    elif isinstance(source, bytes):
        grid = grid_of_bytes(source, "standard input", separator=options.separator, sheet=options.sheet)
        origin = {"source": "standard input", "sha256": hashlib.sha256(source).hexdigest(), "format": grid.kind}
    else:
        grid, origin = _object(source, account.source), {"source": "a data frame"}
    understood = understand(grid, options, account)
    scores = without_aggregates(understood.scores, options, account)
    ask_about_counts(scores, options, account)
    return replace(understood, scores=scores), origin


def _object(source: Any, name: str) -> Grid:
    if isinstance(source, pd.DataFrame | pd.Series):
        return frame_grid(source, name)
    frame = as_frame(source)
    if frame is None:
        raise InputError(
            f"got {type(source).__name__}: expected a path, Scores or a DataFrame with tasks as rows and models as columns"
        )
    return frame_grid(frame, name)


def _own(path: Path) -> Scores | None:
    """Scores that embsig wrote, with their direction and provenance; None of any other Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            metadata = pq.read_schema(file).metadata or {}
    except (OSError, pa.ArrowException):
        return None  # said when it is read
    return Scores.from_parquet(path) if b"embsig" in metadata else None


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name(source: Any) -> str:
    return str(source) if isinstance(source, Path) else "standard input" if isinstance(source, bytes) else "the table"


def _together(accounts: Sequence[Account]) -> Account:
    first = accounts[0]
    if len(accounts) == 1:
        return first
    whole = Account(f"{len(accounts)} sources", strict=first.strict, layout=f"{len(accounts)} sources merged")
    for account in accounts:
        whole.set_aside |= account.set_aside
        whole.runs = whole.runs or account.runs
        for note in account.notes:
            whole.note(note)
    return whole


def _refuse_metric(scores: Scores, options: Options, accounts: Sequence[Account]) -> None:
    """Raise InputError for a metric that was asked for where no table has a choice, unless the tasks are known to be scored by it."""
    if not options.metric or any(account.chose_metric for account in accounts):
        return
    known = {str(m) for m in scores.tasks.get("metric", pd.Series(dtype=object)).dropna()}
    if not any(asked.lower() in metric.lower() for asked in options.metric for metric in known):
        raise InputError(
            f"{accounts[0].source}: --metric {options.metric[0]!r} chooses among the metrics of a table, and this one names none; leave it out"
        )


def _origin(about: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    bare = [{k: v for k, v in origin.items() if k not in ("own", "excluded")} for origin in about]
    if len(bare) == 1:
        return bare[0]
    return {"source": ", ".join(str(o.get("source")) for o in bare), "sources": bare}
