"""CSV, TSV and what passes for them: encoding, separator and ragged ends."""

import csv
import io
import re

from stats.common.errors import InputError
from stats.common.text import listing
from stats.common.writing import plain_cell

from .grid import Grid, Row, empty, numeric
from .headings import role

_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SPELLED = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "bar": "|", "pipe": "|", "space": " "}


#: What text of another script looks like in Windows-1252: a sign of money or law beside a letter with an accent, or letters of
#: that kind in a row, as no Western language has them.
_OTHER_SCRIPT = re.compile(r"[¡-©«¬®¯²-´¶¸-¿][À-ÿ]|[À-ÿ][¡-©«¬®¯²-´¶¸-¿]|[¡-¿À-ÿ]{3}|[¤¦¨ª¬¯¸]{2}|ƒ")


def decode(data: bytes, source: str) -> tuple[str, tuple[str, ...]]:
    """Decode text: UTF-8, UTF-16 with or without its mark, else Windows-1252, which is said.

    Raises
    ------
    InputError
        If it is not text.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decoded(data, encoding, source), ()
    if data[:200].count(b"\0") * 3 > len(data[:200]) and len(data) > 3 and data.strip(b"\0"):
        return _decoded(data, "utf-16-le" if data[1:2] == b"\0" else "utf-16-be", source), ()
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        at = f"byte {error.start}: {data[error.start]:#04x}"
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            text = "\0"
        if _controls(text) or _OTHER_SCRIPT.search(text):
            raise InputError(
                f"{source} is not UTF-8 text ({at}): expected a table of scores; save it as UTF-8"
            ) from None
        return text, ("not UTF-8, decoded as Windows-1252",)
    if _controls(text):
        raise InputError(
            f"{source} is not text (it has control characters): expected a table of scores; save it as CSV"
        )
    return text, ()


def _decoded(data: bytes, encoding: str, source: str) -> str:
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is no {encoding.upper()} text (byte {error.start}); save it as UTF-8") from None
    if _controls(text):
        raise InputError(
            f"{source} is not text (it has control characters): expected a table of scores; save it as CSV"
        )
    return text


def _controls(text: str) -> bool:
    return re.search(r"[\x00-\x08\x0e-\x1f]", text) is not None


def read_delimited(text: str, source: str, *, separator: str | None, tabs: bool = False) -> Grid:
    """Read rows of cells.

    Parameters
    ----------
    text : str
    source : str
    separator : str, optional
        What separates the cells, if it was asked for; else it is found.
    tabs : bool
        Whether the file's name says that they are tabs.

    Raises
    ------
    InputError
        If rows have different numbers of cells, or two separators fit.
    """
    asked = _SPELLED.get(separator.lower(), separator) if separator is not None else None
    if asked is not None and len(asked) != 1:
        raise InputError(f"separator={separator!r}: expected one character, or tab, comma, semicolon, bar or space")
    first, _, rest = text.partition("\n")
    if (found := re.fullmatch(r'"?sep=(.)"?\s*', first, re.IGNORECASE)) is not None:
        text, asked = rest, asked or found[1]
    if not text.strip():
        raise InputError(f"{source} is empty: expected a heading and rows of scores")
    if asked == " ":
        return _grid([line.split() for line in text.splitlines() if line.strip()], source, " ")
    if asked is not None:
        return _grid(_rows(text, asked, source), source, asked)
    usual = "\t" if tabs else ","
    head = text.lstrip().partition("\n")[0]
    others = [c for c in _NAMES if c != usual and c in text]
    if usual in head and not any(c in head for c in others):
        return _grid(_rows(text, usual, source), source, usual)
    fitting = {c: grid for c in (usual, *others) if c in text and (grid := _try(text, c, source)) is not None}
    if fitting:  # a heading without a separator may pass for a title: what needs no title fits better
        fewest = min(grid.titles for grid in fitting.values())
        fitting = {c: grid for c, grid in fitting.items() if grid.titles == fewest}
    if len(fitting) > 1:
        raise InputError(
            f"{source}: its cells may be separated by {listing([_NAMES[c] for c in fitting])}: "
            f"--separator '{next(iter(fitting))}' (or another) decides"
        )
    if fitting:
        return next(iter(fitting.values()))
    if (aligned := _aligned(text, source)) is not None:
        return aligned
    best = max((usual, *others), key=lambda c: head.count(c))
    return _grid(_rows(text, best, source), source, best)


def _try(text: str, separator: str, source: str) -> Grid | None:
    try:
        grid = _grid(_rows(text, separator, source), source, separator)
    except InputError:
        return None
    return grid if len(grid.rows) > 1 and len(grid.rows[0]) > 1 else None


def _aligned(text: str, source: str) -> Grid | None:
    """Columns set with spaces, as a printed data frame has them."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for gap in (r"\s{2,}", r"\s+"):
        rows: list[Row] = [re.split(gap, line) for line in lines]
        if len(rows) > 2 and len(rows[1]) == 1 and len(rows[0]) in (len(rows[2]) - 1, len(rows[2])):
            rows[:2] = [[rows[1][0], *rows[0][-(len(rows[2]) - 1) :]]]  # as pandas prints a named index
        if len(rows) > 1 and len(rows[-1]) > 1 and sum(numeric(c) for c in rows[-1]) * 2 >= len(rows[-1]):
            try:
                return _grid(rows, source, " ")
            except InputError:
                continue
    return None


def _rows(text: str, separator: str, source: str) -> list[Row]:
    kind = "TSV" if separator == "\t" else "CSV"
    rows: list[Row] = []
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    try:
        rows.extend(row for row in lines if len(row) > 1 or "".join(row).strip())
    except csv.Error as error:
        raise InputError(
            f"{source}, line {lines.line_num}: cannot be read as {kind}: {error}; is it cut off?"
        ) from None
    return [[plain_cell(cell) for cell in row] for row in rows] if "'" in text else rows


def _grid(rows: list[Row], source: str, separator: str) -> Grid:
    """All rows as long as the heading; a title above it and notes below it are shorter."""
    kind = "TSV" if separator == "\t" else "text table" if separator == " " else "CSV"
    usual = len(rows[-1]) if len(rows) == 1 else max(map(len, rows[: len(rows) // 2 + 1]))
    start = 0
    while start < len(rows) - 2 and sum(not empty(c) for c in rows[start]) == 1 and usual > 1 and start < 5:
        start += 1
    titles, rows = rows[:start], rows[start:]
    head = rows[0]
    if _lacks_first_heading(head, rows[1:]):
        head = ["", *head]
        rows = [head, *rows[1:]]
    while (
        len(rows) > 2
        and len(rows[-1]) == 1
        and len(head) > 1
        and re.match(r"\s*(\*|†|#|notes?\b|source\b)", rows[-1][0], re.I)
    ):
        rows.pop()
    for number, row in enumerate(rows, start + 1):
        while len(row) > len(head) and empty(row[-1]):
            row.pop()
        if len(row) != len(head):
            raise InputError(
                f"{source}, line {number}: has {len(row)} cells where the heading has {len(head)}"
                f"{_hint(rows, separator)}; is it cut off? expected a cell, if an empty one, for every column"
            )
    return Grid([*(t + [""] * (len(head) - len(t)) for t in titles), *rows], source, kind, titles=len(titles))


def _lacks_first_heading(head: Row, body: list[Row]) -> bool:
    """R's write.table names the columns of scores alone; a trailing separator makes rows longer, too."""
    longer = bool(body) and all(len(row) == len(head) + 1 for row in body) and not all(empty(row[-1]) for row in body)
    return longer and role(head[0]) is None and not any(empty(c) or numeric(c) for c in head)


def _hint(rows: list[Row], separator: str) -> str:
    joined = separator.join(map(str, rows[0]))
    other = next((c for c in _NAMES if c != separator and c in joined), None)
    return f" (are they separated by {_NAMES[other]}? --separator '{other}')" if other and other != "\t" else ""
