"""lm-evaluation-harness: logged samples, ``samples_<task>_<date>.jsonl``, a line a document and filter."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from stats.common.errors import InputError

from .json_file import load_lines
from .lm_eval import DATED, NO_METRIC, date_of, folder_model
from .long import Long, one_metric

SAMPLES = re.compile(r"samples_.+\.jsonl")


def read_samples(paths: Sequence[Path], metric: Sequence[str] | None = None) -> Long:
    """Read logged samples: one row a document; the same document must be the same text for every model."""
    frame = pd.concat([_samples(path) for path in _newest(paths)], ignore_index=True)
    if frame.empty:
        raise InputError(f"{paths[0]} holds no number per document: expected logged samples of lm-evaluation-harness")
    frame, notes = one_metric(frame, metric, (), str(paths[0]))
    hashes = frame.dropna(subset=["hash"]).groupby(["task", "sample"])["hash"].nunique()
    if (hashes > 1).any():
        task, sample = hashes.index[hashes > 1][0]
        raise InputError(
            f"task {task!r}: document {sample} differs in its text between models (doc_hash, {int((hashes > 1).sum()):,} such): "
            "expected the same version of the task and its data; evaluate again"
        )
    return Long(frame.drop(columns="hash"), "lm-evaluation-harness samples", unit="document", notes=tuple(notes))


def _newest(paths: Sequence[Path]) -> list[Path]:
    """Keep the newest file of every model and task."""
    found: dict[tuple[Path, str], Path] = {}
    for path in sorted(paths, key=date_of):
        found[path.resolve().parent, DATED.sub("", path.stem)] = path
    return sorted(found.values())


def _samples(path: Path) -> pd.DataFrame:
    task = DATED.sub("", path.stem).removeprefix("samples_")
    rows = []
    for number, line in enumerate(load_lines(path), 1):
        if not isinstance(line, dict) or "doc_id" not in line:
            raise InputError(
                f"{path}, sample {number} has no doc_id: expected logged samples of lm-evaluation-harness (--log_samples)"
            )
        for name in line.get("metrics") or [k for k in line if k not in NO_METRIC]:
            value, variant = line.get(name), str(line.get("filter", "none"))
            if isinstance(value, int | float):
                rows.append(
                    {
                        "model": folder_model(path),
                        "task": task,
                        "metric": name if variant == "none" else f"{name},{variant}",
                        "sample": str(line["doc_id"]),
                        "score": float(value),
                        "hash": line.get("doc_hash"),
                    }
                )
    return pd.DataFrame(rows, columns=["model", "task", "metric", "sample", "score", "hash"])
