"""The files of a retrieval experiment: TREC runs and relevance judgements."""

import csv
import gzip
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stats.common.errors import InputError

from .json_file import load_json
from .long import read_text

_RUN = re.compile(rb"\S+[ \t]+\S+[ \t]+\S+[ \t]+-?\d+[ \t]+[-+]?[\d.]+(?:[eE][-+]?\d+)?[ \t]+\S+\s*")
_BEIR = ("query-id", "corpus-id", "score")


#: Query -> document -> score.
Run = dict[str, dict[str, float]]


def is_run(head: bytes) -> bool:
    """Whether a file's first bytes are a line of a TREC run: query, Q0, document, rank, score, tag."""
    return _RUN.fullmatch(head.lstrip().split(b"\n", 1)[0] + b"\n") is not None


def is_qrels(path: Path) -> bool:
    """Whether a file begins as judgements do: query, iteration, document, relevance, or BEIR's heading."""
    fields = head(path).decode("utf-8", "replace").split()
    return tuple(fields) == _BEIR or (len(fields) == 4 and re.fullmatch(r"-?\d+", fields[3]) is not None)


def names_of(runs: dict[Path, tuple[Run, set[str]]]) -> dict[Path, str]:
    """Name runs by their tags where every file has one of its own, else the files' names."""
    tags = [next(iter(tag)) if len(tag) == 1 else "" for _, tag in runs.values()]
    if all(tags) and len(set(tags)) == len(tags):
        return dict(zip(runs, tags, strict=True))
    return names_of_files(list(runs))


def names_of_files(paths: Sequence[Path]) -> dict[Path, str]:
    """Name what is one file a model by the files, with their folders where those alone tell them apart."""
    stems = [stem(path) for path in paths]
    doubled = len(set(stems)) < len(stems)
    return {p: f"{p.parent.name}/{s}" if doubled else s for p, s in zip(paths, stems, strict=True)}


def stem(path: Path) -> str:
    """Return a file's name without its ending, and without .gz before that."""
    name = path.name.removesuffix(".gz")
    return name.rpartition(".")[0] or name


def _lines(path: Path) -> list[list[str]]:
    try:
        text = gzip.decompress(path.read_bytes()).decode() if path.name.endswith(".gz") else read_text(path)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({' '.join(str(error).split())[:80]})") from None
    return [line.split() for line in text.splitlines()]


def read_run(path: Path) -> tuple[Run, set[str]]:
    """Read a run: its documents by query with their scores, and its tags."""
    if path.suffix == ".json":
        return {str(q): {str(d): float(s) for d, s in docs.items()} for q, docs in _nested(path).items()}, set()
    return _read_columns(path) or _read_lines(path)


def _read_columns(path: Path) -> tuple[Run, set[str]] | None:
    """Read a run that is sound, several times as fast as line by line; None of any other, so that its line is named."""
    names = ["query", "0", "document", "rank", "score", "tag"]
    kinds: Any = {"query": str, "0": "category", "document": str, "rank": "category", "score": np.float64, "tag": str}
    try:
        frame = pd.read_csv(
            path, sep=r"\s+", header=None, names=names, dtype=kinds, na_filter=False, quoting=csv.QUOTE_NONE
        )
    except (ValueError, OSError, EOFError):  # a line that is longer than those before it, text for a number, no text
        return None
    # Where the first line has more cells than there are names, pandas takes them for an index; a shorter line has no tag.
    if frame.empty or not isinstance(frame.index, pd.RangeIndex) or frame["tag"].fillna("").eq("").any():
        return None
    if not np.isfinite(frame["score"]).all():
        return None
    number, queries = pd.factorize(frame["query"])
    order = np.argsort(number, kind="stable")
    ends = np.cumsum(np.bincount(number))
    documents, scores = frame["document"].to_numpy()[order].tolist(), frame["score"].to_numpy()[order].tolist()
    found: Run = {}
    for query, low, high in zip(queries.tolist(), (ends - np.bincount(number)).tolist(), ends.tolist(), strict=True):
        found[query] = dict(zip(documents[low:high], scores[low:high], strict=True))
        if len(found[query]) < high - low:
            return None
    return found, set(frame["tag"].unique().tolist())


def _read_lines(path: Path) -> tuple[Run, set[str]]:
    found: dict[str, dict[str, float]] = {}
    tags: set[str] = set()
    for number, fields in enumerate(_lines(path), 1):
        if not fields:
            continue
        try:
            query, _, document, _, score, tag = fields
            value = float(score)
            if value != value:
                raise ValueError
        except ValueError:
            raise InputError(
                f"{path}, line {number}: {' '.join(fields)[:60]!r} is not a line of a TREC run; expected query, Q0, document, rank, score, tag"
            ) from None
        docs = found.setdefault(query, {})
        if document in docs:
            raise InputError(
                f"{path}, line {number}: document {document!r} is listed twice for query {query!r}; keep one"
            )
        docs[document] = value
        tags.add(tag)
    if not found:
        raise InputError(f"{path} is empty: expected a TREC run")
    return found, tags


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Read judgements: relevance by query and document."""
    if not path.is_file():
        raise InputError(f"--qrels {path}: no such file")
    if path.suffix == ".json":
        return {q: {d: int(r) for d, r in docs.items()} for q, docs in _nested(path).items()}
    lines = _lines(path)
    headed = bool(lines) and tuple(lines[0]) == _BEIR
    judged: dict[str, dict[str, int]] = {}
    for number, fields in enumerate(lines[headed:], 1 + headed):
        if not fields:
            continue
        try:
            query, document, relevance = fields if headed else (fields[0], *fields[2:])
            judged.setdefault(query, {})[document] = int(relevance)
        except (ValueError, IndexError):
            raise InputError(
                f"{path}, line {number}: {' '.join(fields)[:60]!r} is not a judgement; expected query, 0, document, relevance"
            ) from None
    if not judged:
        raise InputError(f"{path} is empty: expected relevance judgements")
    return judged


def _nested(path: Path) -> dict[str, dict[str, float]]:
    content = load_json(path)
    if not isinstance(content, dict) or not all(
        isinstance(docs, dict) and all(isinstance(v, int | float) for v in docs.values()) for docs in content.values()
    ):
        raise InputError(f"{path}: expected JSON of the form {{query: {{document: number}}}}")
    return content


def head(path: Path) -> bytes:
    """Return a file's first line, or as much of it as tells what it is."""
    try:
        with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
            return file.read(1000).lstrip().split(b"\n", 1)[0]
    except (OSError, EOFError):
        return b""
