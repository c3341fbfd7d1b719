"""A table before it is understood: rows of cells, without what surrounds it on a sheet or in a file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from stats.common.errors import InputError
from stats.common.tables import Rows

from .account import Account
from .cells import is_nothing, score

Row = list[Any]


@dataclass(frozen=True)
class Grid:
    """Rows of cells.

    Attributes
    ----------
    rows : list of lists
        All of one length once trimmed; the heading is the first, unless `headings` says more.
    source : str
        How errors call the table.
    kind : str
        "CSV", "Markdown table", ...
    headings : int
        How many rows are known to be headings; 0 where that is to be found out.
    columns_are : str or None
        What the columns are called as a whole (pandas' ``columns.name``).
    stem : str
        Of a file, its name without endings: what a table of one model may be called by.
    notes : sequence of str
        What must be said of how it was read.
    titles : int
        Rows above the heading.
    usual : {"tasks", "models"} or None
        What rows are where nothing says so: of a data frame tasks, as every function of scores takes one.
    """

    rows: list[Row]
    source: str
    kind: str
    headings: int = 0
    columns_are: str | None = None
    stem: str = ""
    notes: Sequence[str] = field(default_factory=tuple)
    titles: int = 0
    usual: Rows | None = None


def empty(cell: object) -> bool:
    """Whether there is nothing in a cell."""
    return cell is None or cell != cell or (isinstance(cell, str) and not cell.strip())


def numeric(cell: object) -> bool:
    """Whether a cell is a number, however written, and no word."""
    if isinstance(cell, str):
        return bool(cell.strip()) and (_plain_number(cell) or score(cell) is not None)
    return cell is not None and cell == cell and isinstance(cell, int | float) and not isinstance(cell, bool)


def _plain_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.strip().lower() not in ("nan", "inf", "-inf", "infinity")


def worded(cell: object) -> bool:
    """Whether a cell is a word: neither empty, nor missing, nor a number."""
    return not empty(cell) and not numeric(cell) and not (isinstance(cell, str) and is_nothing(cell))


_RULE = re.compile(r"[-=+:|_─━═ ]*[-=─━═]{2,}[-=+:|_─━═ ]*")
_NOTE = re.compile(r"\s*(\*|†|‡|#|note\b|notes\b|source\b|remark)", re.IGNORECASE)


def trim(grid: Grid, account: Account) -> Grid:
    """Leave out blank rows and columns, rules, a title above the heading and notes below the table.

    Raises
    ------
    InputError
        If nothing but a heading is left.
    """
    rows = [row for row in grid.rows if not all(empty(c) for c in row) and not _rule(row)]
    if not rows:
        raise InputError(f"{grid.source} is empty: expected a heading and rows of scores")
    width = max(len(row) for row in rows)
    if grid.headings == 0:
        titles = 0
        while (
            titles < len(rows) - 1
            and width > 1
            and sum(not empty(c) for c in rows[titles]) == 1
            and _is_title(rows, titles)
        ):
            titles += 1
        if titles:
            account.note(f"above the heading: {str(next(c for c in rows[0] if not empty(c)))[:60]!r}")
            rows = rows[titles:]
        while len(rows) > 2 and _NOTE.match(str(rows[-1][0])) and sum(not empty(c) for c in rows[-1]) == 1:
            rows.pop()
    rows = [[*row, *[None] * (width - len(row))] for row in rows]
    kept = [j for j in range(width) if any(not empty(row[j]) for row in rows)]
    rows = rows if len(kept) == width else [[row[j] for j in kept] for row in rows]
    if len(rows) < 2:
        raise InputError(f"{grid.source} has a heading and no rows: expected at least one row of scores")
    return replace(grid, rows=rows)


def _is_title(rows: list[Row], at: int) -> bool:
    """A row of one word above rows of several is a title, unless its columns go on as a heading's do."""
    return sum(not empty(c) for c in rows[at + 1]) != 1 or at + 2 < len(rows)


def _rule(row: Row) -> bool:
    return all(empty(c) or (isinstance(c, str) and _RULE.fullmatch(c) is not None) for c in row) and any(
        isinstance(c, str) and len(c.strip()) > 2 for c in row
    )
