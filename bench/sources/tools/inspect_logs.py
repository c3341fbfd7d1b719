"""Inspect's logs: ``.json``, and ``.eval``, a zip archive whose members newer versions pack by Zstandard.

Read from the files themselves, so that inspect_ai need not be installed (`inspect_ai/log/_log.py`, version 2 of the log).
"""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import zstandard

from stats.common.errors import InputError

from ..files import MAX_FILE
from ..mteb_json import NotAResult, loads
from .json_file import load_json
from .long import Long, one_metric

_ZSTANDARD = 93
#: What scorers say in letters and words, as inspect_ai's `value_to_float` counts it.
_VALUES = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0, "yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}


def is_log(content: Any) -> bool:
    """Whether JSON is an Inspect log."""
    spec = content.get("eval") if isinstance(content, dict) else None
    return isinstance(spec, dict) and "task" in spec and "model" in spec


def read_logs(paths: Sequence[Path], metric: Sequence[str] | None = None) -> Long:
    """Read the samples of logs; of several logs of a model on a task the newest counts.

    Raises
    ------
    InputError
        If a log is damaged, has no scored sample, or a score is not a number.
    """
    logs: dict[tuple[str, str], tuple[str, Path, list[dict[str, Any]]]] = {}
    notes = []
    for path in paths:
        header, samples = _open(path)
        spec = header["eval"]
        key = (str(spec["model"]), str(spec["task"]).rpartition("/")[2])
        created = str(spec.get("created", ""))
        if header.get("status") not in ("success", None):
            notes.append(f"{path.name} ended as {header['status']!r}, read as far as it goes")
        if key in logs:
            notes.append(f"{key[0]} on {key[1]}: only the newer of two logs counts")
        if key not in logs or created >= logs[key][0]:
            logs[key] = (created, path, list(_rows(samples, *key, path)))
    frame = pd.DataFrame([row for _, _, rows in logs.values() for row in rows if row["score"] is not None])
    if frame.empty:
        raise InputError(f"{paths[0]} holds no scored sample: expected the log of a finished evaluation{_ended(notes)}")
    frame, chosen = one_metric(frame, metric, (), str(paths[0]))
    epochs = frame.groupby(["model", "task", "sample"])["epoch"].nunique().max()
    if epochs > 1:
        notes.append(f"a sample's score is its mean over up to {epochs} epochs")
    mean = frame.groupby(["model", "task", "metric", "sample"], sort=False, as_index=False).agg({"score": "mean"})
    return Long(mean, "Inspect logs", unit="item", notes=(*notes, *chosen))


def _ended(notes: list[str]) -> str:
    return f" ({notes[0]})" if notes else ""


def _rows(samples: list[dict[str, Any]], model: str, task: str, path: Path) -> Iterator[dict[str, Any]]:
    for sample in samples:
        for scorer, score in (sample.get("scores") or {}).items():
            value = score.get("value") if isinstance(score, dict) else score
            parts = value if isinstance(value, dict) else {"": value}
            for part, one in parts.items():
                yield {
                    "model": model,
                    "task": task,
                    "metric": f"{scorer}/{part}" if part else scorer,
                    "sample": str(sample.get("id")),
                    "epoch": sample.get("epoch", 1),
                    "score": _number(one, str(sample.get("id")), scorer, path),
                }


def _number(value: Any, sample: str, scorer: str, path: Path) -> float | None:
    if value is None:
        return None
    if (isinstance(value, str) and value in _VALUES) or str(value).lower() in _VALUES:
        return _VALUES.get(str(value), _VALUES.get(str(value).lower()))
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(
            f"{path}: {scorer} of sample {sample!r} is {str(value)[:40]!r}; expected a number, C, I, P or N"
        ) from None


def _open(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a log's header and its samples, or their summaries."""
    if path.suffix != ".eval":
        content = load_json(path)
        if not is_log(content):
            raise InputError(f"{path}: expected an Inspect log, JSON with 'eval', its task and model")
        return content, content.get("samples") or []
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            head = next((n for n in ("header.json", "_journal/start.json") if n in names), None)
            if head is None:
                raise InputError(f"{path}: no header.json in it; expected an Inspect log")
            header = loads(_member(archive, head, path))
            if "summaries.json" in names:
                return header, loads(_member(archive, "summaries.json", path))
            inside = [n for n in names if n.startswith("samples/") and n.endswith(".json")]
            return header, [loads(_member(archive, n, path)) for n in inside]
    except (zipfile.BadZipFile, OSError, EOFError, NotAResult, zstandard.ZstdError) as error:
        raise InputError(
            f"{path} is not a readable Inspect log ({' '.join(str(error).split())[:100]}); is it cut off?"
        ) from None


def _member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """A member's content; Python's own zipfile knows Zstandard only from 3.14 on."""
    info = archive.getinfo(name)
    if info.file_size > 4 * MAX_FILE:
        raise InputError(f"{path}: {name} has {info.file_size >> 20:,} MiB unpacked: refused")
    if info.compress_type != _ZSTANDARD:
        return archive.read(info)
    with path.open("rb") as file:
        file.seek(info.header_offset)
        head = file.read(30)
        file.seek(
            info.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        )
        packed = file.read(info.compress_size)
    with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as stream:
        return stream.read(info.file_size + 1)
