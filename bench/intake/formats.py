"""From a file's bytes, or a frame, to the grids that are in it; which format it is, its content says before its name."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stats.common.errors import InputError
from stats.common.parquet import reading_parquet
from stats.common.text import listing
from stats.common.textfile import content

from .delimited import decode, read_delimited
from .frames import frame_grid
from .grid import Grid, Row, numeric
from .json_tables import read_json
from .markup import html_tables, latex_tables, markdown_tables

COMPRESSED = (".gz", ".zst", ".bz2", ".xz")
SHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
#: Endings of tables; a file of another ending is read by its content.
ENDINGS = (
    *(".csv", ".tsv", ".tab", ".txt", ".dat", ".parquet", ".pq", *SHEETS),
    *(".md", ".markdown", ".org", ".tex", ".html", ".htm", ".json", ".jsonl", ".ndjson"),
)


def read_grid(path: Path, *, separator: str | None = None, sheet: str | None = None) -> Grid:
    """Read the table of a file.

    Parameters
    ----------
    path : Path
    separator : str, optional
        Of a delimited file.
    sheet : str, optional
        Which sheet of a workbook, or which table of a document, by name or number (from 1).

    Raises
    ------
    InputError
        If it is not a table, or has several.
    """
    kind = "a table"
    return grid_of_bytes(
        content(path, kind), str(path), ending=kind_of(path), stem=stem(path), separator=separator, sheet=sheet
    )


def kind_of(path: Path) -> str:
    """The ending that says what a file is, without that of its compression."""
    return next((s for s in (s.lower() for s in reversed(path.suffixes)) if s not in COMPRESSED), "")


def stem(path: Path) -> str:
    """A file's name without its endings."""
    name = path.name
    for ending in (*COMPRESSED, *ENDINGS):
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
    return name


#: Kinds of files that may hold several tables.
_OF_SEVERAL = ("LaTeX table", "HTML table", "Markdown table", "workbook")


def grid_of_bytes(
    data: bytes,
    source: str,
    *,
    ending: str = "",
    stem: str = "",
    separator: str | None = None,
    sheet: str | None = None,
) -> Grid:
    """Read the table in a file's bytes; as `read_grid`."""
    if data[:4] == b"PAR1":
        return _parquet(data, source)
    if data[:2] == b"PK" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _workbook(data, source, sheet)
    if ending in SHEETS or ending in (".parquet", ".pq"):
        raise InputError(
            f"{source} is not a {'Parquet file' if ending[1] == 'p' else 'workbook'}, whatever its name says; expected a table"
        )
    text, notes = decode(data, source)
    if separator is None and (found := _document(text, source, ending, sheet)) is not None:
        grid = found
    else:
        grid = read_delimited(text, source, separator=separator, tabs=ending in (".tsv", ".tab"))
    if sheet is not None and grid.kind not in _OF_SEVERAL:
        raise InputError(
            f"{source}: --sheet {sheet!r} chooses among several tables of a file, and this is one, {grid.kind}; leave it out"
        )
    return Grid(grid.rows, grid.source, grid.kind, grid.headings, grid.columns_are, stem, notes)


def _document(text: str, source: str, ending: str, sheet: str | None) -> Grid | None:
    """Read JSON, LaTeX, HTML or Markdown, where the text is one."""
    start = text.lstrip()[:1]
    if ending in (".jsonl", ".ndjson"):
        return read_json(text, source, lines=True)
    if ending == ".json" or (
        start in ("{", "[") and ending not in (".csv", ".tsv", ".md", ".tex") and not re.match(r"\s*\[[^\]]*\]\(", text)
    ):
        return read_json(text, source)
    delimited = ending in (".csv", ".tsv", ".tab")
    if re.search(r"\\begin\{(tabular|longtable|array|tblr|longtblr)", text) and (ending == ".tex" or not delimited):
        return _chosen(latex_tables(text), "LaTeX table", source, sheet)
    if ending in (".html", ".htm") or (re.search(r"<table[\s>]", text, re.IGNORECASE) and not delimited):
        return _chosen(html_tables(text), "HTML table", source, sheet)
    if ending in (".md", ".markdown", ".org") or re.search(
        r"^\s*\|.*\|\s*\n\s*\|?[\s:|+-]*-[\s:|+-]*\|?\s*$", text, re.MULTILINE
    ):
        return _chosen(markdown_tables(text), "Markdown table", source, sheet)
    if ending == ".tex":
        return _chosen([], "LaTeX table", source, sheet)
    return None


def _chosen(tables: Sequence[list[Row]], kind: str, source: str, sheet: str | None, names: Sequence[str] = ()) -> Grid:
    """The one table with scores in it, or the one that was asked for."""
    names = names or [str(n) for n in range(1, len(tables) + 1)]
    if sheet is not None:
        at = next((i for i, name in enumerate(names) if name == sheet), int(sheet) - 1 if sheet.isdigit() else -1)
        if not 0 <= at < len(tables):
            raise InputError(f"{source} has no table {sheet!r}: expected one of {listing([repr(n) for n in names], 8)}")
        return Grid(list(tables[at]), f"{source}, {names[at]}", kind)
    scored = [
        i for i, rows in enumerate(tables) if len(rows) > 1 and any(numeric(c) for row in rows[1:] for c in row[1:])
    ]
    if not scored:
        raise InputError(f"{source} has no {kind} with numbers in it; expected one with tasks and models")
    if len(scored) > 1:
        raise InputError(
            f"{source} has {len(scored)} tables with numbers ({listing([names[i] for i in scored], 6)}): --sheet '{names[scored[0]]}' (or another) decides"
        )
    return Grid(list(tables[scored[0]]), source, kind)


def _workbook(data: bytes, source: str, sheet: str | None) -> Grid:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        tables: list[list[Row]] = [
            [list(row) for row in book.get_sheet_by_name(n).to_python()] for n in book.sheet_names
        ]
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(f"{source}: cannot be read as a workbook ({' '.join(str(error).split())[:80]})") from None
    return _chosen(tables, "workbook", source, sheet, book.sheet_names)


def _parquet(data: bytes, source: str) -> Grid:
    import pyarrow.parquet as pq

    with reading_parquet(Path(source)):
        frame: Any = pq.read_table(io.BytesIO(data)).to_pandas()
    return frame_grid(frame, source, "Parquet")
