"""How a table says that its rows are queries, items or documents: by a heading, or by numbered names."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .grid import Row, empty, numeric
from .headings import fold, role

_WORDS = {
    "query": "query|queries|query id|queryid|query ids|qid|q id|topic|topic id",
    "item": "item|items|item id|itemid|example|example id|instance|instance id|sample|sample id|question id|question|questions|qa id|prompt id|record id|"
    "sentence|sentence id|utterance|utterance id|image|image id|pair id|review id",
    "document": "document|documents|document id|doc|doc id|docid|docs",
}
#: Heading, folded -> what a row is.
UNITS = {word: unit for unit, words in _WORDS.items() for word in words.split("|")}
#: Names of rows that say what they are, whatever their heading.
_NUMBERED = re.compile(r"(?P<of>query|q|item|example|instance|sample|document|doc)[ _\-#]?\d+", re.IGNORECASE)
_OF_NAME = {"q": "query", "query": "query", "doc": "document", "document": "document"}
_TEXTS = (".csv", ".tsv", ".tab", ".txt", ".jsonl", ".ndjson")
#: So many rows that are numbered make items of them; fewer may be tasks of a toy example.
_FEWEST = 10


def may_be_items(source: Any) -> bool:
    """A cheap look: whether a heading is an item's, or the first name is numbered as items are."""
    if isinstance(source, pd.DataFrame):
        heads = [*source.columns, *source.index.names] if source.columns.nlevels == 1 else []
        return any(fold(h) in UNITS for h in heads if h is not None)
    if not isinstance(source, Path) or not source.is_file():
        return False
    if source.suffix.lower() in (".parquet", ".pq"):
        return any(fold(n) in UNITS for n in _parquet_names(source))
    if source.suffix.lower() not in _TEXTS:
        return False
    with source.open("rb") as file:
        lines = file.read(8192).decode("utf-8", "replace").lstrip("\ufeff").splitlines()[:2]
    if source.suffix.lower() in (".jsonl", ".ndjson"):
        return any(fold(n) in UNITS for n in re.findall(r'"([^"\\]{1,40})"\s*:', lines[0] if lines else ""))
    cells = [re.split(r"[,;\t|]", line.replace('"', "")) for line in lines]
    named = len(cells) > 1 and _NUMBERED.fullmatch(cells[1][0].strip()) is not None
    return named or any(fold(c) in UNITS for c in (cells[0] if cells else ()))


def _parquet_names(path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            return [str(n) for n in pq.read_schema(file).names]
    except (OSError, pa.ArrowException):
        return []


def item_column(names: Sequence[str], body: Sequence[Row]) -> tuple[int | None, str]:
    """Return which column names the items, and what they are; None where none does."""
    headed = [j for j, n in enumerate(names) if fold(n) in UNITS]
    tasks = [label(row[j]) for j, n in enumerate(names) if role(n) == "task" and j not in headed for row in body]
    if headed and tasks and len(set(tasks)) == len(body) > 1:
        return None, ""  # a row a task: how many queries it has
    if headed:
        best = min(headed, key=lambda j: (list(_WORDS).index(UNITS[fold(names[j])]), j))
        return best, UNITS[fold(names[best])]
    firsts = [_NUMBERED.fullmatch(label(row[0])) for row in body]
    if len(body) >= _FEWEST and all(firsts) and role(names[0]) in ("task", None):
        kinds = {m["of"].lower() for m in firsts if m is not None}
        if len(kinds) == 1:
            return 0, _OF_NAME.get(kinds.pop(), "item")
    return None, ""


def label(cell: Any) -> str:
    """Write an item's name: 301, not 301.0."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else "" if empty(cell) else str(cell).strip()


def is_scores(body: Sequence[Row], column: int) -> bool:
    """Whether a column holds numbers, or True and False, but for a few cells: what else is in it is a fault, no text."""
    filled = [row[column] for row in body if not empty(row[column])]
    good = [isinstance(c, bool | np.bool_) or str(c).strip().lower() in ("true", "false") or numeric(c) for c in filled]
    return 2 * sum(good) > len(good)
