"""A folder that holds tables and nothing else: one file a model, or several parts of one table."""

from pathlib import Path
from typing import Any

from ..sources.mteb_json import NotAResult, loads
from .formats import kind_of

_DATA = (".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".xlsx", ".ods")
#: So many files, and so large a JSON file, are somebody's data and no tables of scores.
_MOST, _PEEK = 2_000, 1 << 24


def tables_in(folder: Path) -> list[Path]:
    """Return the tables of a folder in the order of their names; none where it has folders, or JSON that is no table.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp())
    >>> _ = (place / "bert.json").write_text('{"STS12": 0.5, "STS13": 0.6}')
    >>> [p.name for p in tables_in(place)]
    ['bert.json']
    """
    found: list[Path] = []
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir() or len(found) > _MOST:
            return []
        if kind_of(entry) in _DATA:
            found.append(entry)
    return found if all(_is_table(path) for path in found if path.suffix == ".json") else []


def _is_table(path: Path) -> bool:
    """Whether JSON is a table: records, or numbers by task, two at least; results of mteb, settings and the like are none."""
    if path.stat().st_size > _PEEK:
        return False
    try:
        content: Any = loads(path.read_bytes())
    except (OSError, NotAResult):
        return True  # damaged: said when it is read
    if isinstance(content, list):
        return bool(content) and all(isinstance(row, dict) for row in content)
    return isinstance(content, dict) and len(content) > 1 and all(_is_score(v) for v in content.values())


def _is_score(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
