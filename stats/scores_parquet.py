"""Scores as a Parquet file: a long table, and beside it what a table cannot hold."""

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .common.errors import InputError
from .common.tables import LONG_CELL_COLUMNS, LONG_TASK_COLUMNS
from .common.writing import replacing

if TYPE_CHECKING:
    from .scores import Scores

Excluded = Mapping[str, Mapping[str, str]]

PARQUET_KEY = b"embsig"


def nothing_excluded() -> Excluded:
    """No model and no task."""
    return {"models": {}, "tasks": {}}


def write_parquet(scores: "Scores", path: str | PathLike[str]) -> None:
    """Write the scores that there are as a long table; see `Scores.to_parquet`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    info = scores.tasks[[c for c in LONG_TASK_COLUMNS if c != "family"]].reset_index()
    frame = scores.to_frame(long=True).drop(columns="direction", errors="ignore").merge(info, on="task", how="left")
    if scores.cells is not None:
        columns = [c for c in LONG_CELL_COLUMNS if c != "seed" and c in scores.cells]
        frame = frame.merge(scores.cells[["task", "model", *columns]], on=["task", "model"], how="left")
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    kept = {
        "higher_is_better": scores.higher_is_better,
        "turned": scores.turned,
        "signed": scores.signed,
        "provenance": dict(scores.provenance),
        "excluded": scores.excluded,
        "unit": scores.unit,
    }
    arrow = arrow.replace_schema_metadata({PARQUET_KEY: json.dumps(kept, default=str).encode()})
    with replacing(path) as part:
        pq.write_table(arrow, part)


def kept_beside(raw: bytes, path: Path) -> dict[str, Any]:
    """Read what `write_parquet` kept beside the table: direction, provenance, what was excluded."""
    try:
        kept: dict[str, Any] = json.loads(raw)
        excluded = kept.get("excluded", nothing_excluded())
        sound = (
            isinstance(kept.get("higher_is_better", True), bool)
            and isinstance(kept.get("provenance") or {}, dict)
            and all(isinstance(kept.get(mark, []), list) for mark in ("turned", "signed"))
            and all(isinstance(excluded[kind], dict) for kind in ("models", "tasks"))
        )
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
        sound = False
    if not sound:
        raise InputError(
            f"{path}: its {PARQUET_KEY.decode()!r} metadata are damaged; write it again with Scores.to_parquet"
        )
    return kept
