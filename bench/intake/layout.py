"""From a grid to scores: which rows are headings, and whether the table is wide, long, or one model's folds."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stats.common.errors import InputError

from . import long, wide
from .account import Account
from .blocks import section_of, unmerged, without_repeated_headings, without_sections
from .cells import is_nothing, name
from .grid import Grid, Row, empty, numeric, trim, worded
from .headings import fold, role
from .metric_directions import is_metric
from .options import Options
from .truths import with_truths
from .understood import Understood

_TRUTH = ("true", "false")
_ATTRIBUTES = ("metric", "direction", "family", "group", "languages", "seed")
_RUN = re.compile(r"(?:seed|fold|run|split|rep|trial)?[ _\-=]?\d+(?:\.0)?", re.IGNORECASE)
#: What a row below the names says of the columns' numbers, and nothing else.
_UNIT = re.compile(r"\(?\s*(?:%|↑|↓|points?|pts?|in %|score|0-100|0-1)\s*\)?", re.IGNORECASE)
#: "Model \\ Task": what the rows are, and what the columns.
_CORNER = re.compile(r"\s*([^\\/|]+?)\s*(?:\\backslash|[\\/|])+\s*([^\\/|]+?)\s*")


@dataclass(frozen=True)
class Heading:
    """The heading rows of a table, taken together.

    Attributes
    ----------
    names : list of str
        One a column.
    above : dict
        What rows of the heading say of the columns beside their names: "family", "metric", "direction".
    body : list of lists
    columns_are : str
        What the columns are called as a whole, where the corner says it.
    """

    names: list[str]
    above: dict[str, list[str]]
    body: list[Row]
    columns_are: str = ""


def understand(grid: Grid, options: Options, account: Account) -> Understood:
    """Read a grid as scores.

    Raises
    ------
    InputError
        If the layout is not clear, or a cell is not a score.
    """
    grid = trim(grid, account)
    for note in grid.notes:
        account.note(note)
    head = _without_counter(_heading(grid), account)
    if head.columns_are:
        grid = replace(grid, columns_are=head.columns_are)
    folds = [h for h in head.names[1:] if re.fullmatch(r"\d+", h)]
    if fold(head.names[0]) == "folds" and len(folds) == len(head.names) - 1:
        return long.read_folds(head.names, head.body, grid.stem, options, account)
    _refuse_no_heading(head, grid)
    body = without_repeated_headings(head.names, head.body, account)
    names, body = without_sections(head.names, body, account)
    body = with_truths(names, body, account)
    is_long = long.is_long(names, body)
    body = unmerged(names, body, account, long=is_long)
    if is_long:
        return long.read_long(names, body, options, account)
    return wide.read_wide(names, head.above, body, grid, options, account)


def _refuse_no_heading(head: Heading, grid: Grid) -> None:
    rest = head.names[1:]
    if not grid.headings and rest and all(numeric(h) for h in rest) and role(head.names[0]) is None:
        raise InputError(
            f"{grid.source}: the first column is headed {head.names[0]!r} and the others by numbers ({rest[0]}, ...): is the heading "
            "missing? expected a first line with 'task' and the models' names"
        )


def _heading(grid: Grid) -> Heading:
    count = grid.headings or _heading_rows(grid.rows)
    heads, body, corner = grid.rows[:count], grid.rows[count:], ""
    index = None
    if not grid.headings and _names_the_index(heads[-1], body):
        index, body = body[0][0], body[1:]  # as pandas writes the name of an index: in a row of its own
    above: dict[str, list[str]] = {}
    levels: list[Row] = []
    for place, row in enumerate(heads):
        kind = role(row[0]) if levels or place < len(heads) - 1 else None
        if kind in _ATTRIBUTES:
            above[str(kind)] = ["" if empty(c) else name(c) for c in row]
        else:
            levels.append(row)
    if index is not None:
        corner = "" if empty(levels[-1][0]) else name(levels[-1][0])
        levels[-1] = [index, *levels[-1][1:]]
    names = [name(c) for c in levels[-1]]
    if (said := _corner(levels[-1][0])) is not None:
        names[0], corner = said
    if len(levels) > 1:
        names = _joined(levels, above)
    return Heading(names, above, body, corner)


def _corner(cell: object) -> tuple[str, str] | None:
    """What the rows and the columns are, where the corner of the table says both."""
    found = _CORNER.fullmatch(cell) if isinstance(cell, str) else None
    if found is None or {role(found[1]), role(found[2])} != {"model", "task"}:
        return None
    return found[1], found[2]


def _names_the_index(head: Row, body: Sequence[Row]) -> bool:
    """Whether the first row says nothing but what the rows are: below an empty corner, or one that says what the columns are."""
    if len(body) < 2 or empty(body[0][0]) or not all(empty(c) for c in body[0][1:]):
        return False
    said, corner = role(body[0][0]), None if empty(head[0]) else role(head[0])
    return (empty(head[0]) or corner is not None) and said in ("task", "model") and said != corner


def _heading_rows(rows: Sequence[Row]) -> int:
    count = 1
    while (
        count < min(4, len(rows) - 1)
        and (
            (_all_words(rows[count]) and section_of(rows[count]) is None) or _numbers_runs(rows[count - 1], rows[count])
        )
        and any(numeric(c) for r in rows[count + 1 :] for c in r[1:])
    ):
        count += 1
    return count


def _numbers_runs(above: Row, row: Row) -> bool:
    """Whether a row says of which seed or fold the columns are, below names that come several times."""
    names = [str(c) for c in above[1:] if not empty(c)]
    return role(row[0]) == "seed" and len(set(names)) < len(names) and all(_RUN.fullmatch(str(c)) for c in row[1:])


def _all_words(row: Row) -> bool:
    """A row without a number or a missing score, and more than a label: a heading that goes on, such as metrics or families."""
    cells = [c for c in row if not empty(c)]
    if len(cells) < 2 or any(isinstance(c, bool) for c in cells):
        return False
    return all(worded(c) and not (str(c).strip().lower() in _TRUTH or is_nothing(str(c))) for c in cells)


def _joined(levels: Sequence[Row], above: dict[str, list[str]]) -> list[str]:
    """Names of a heading of two rows: the lower ones, with the upper as families; or tasks with a metric each."""
    upper: list[str] = []
    for cell in levels[-2]:
        upper.append(name(cell) if not empty(cell) else (upper[-1] if len(upper) > 1 else ""))
    lower = ["" if empty(c) else name(c) for c in levels[-1]]
    lower = [
        low if low and not re.fullmatch(r"Unnamed: \d+_level_\d+", low) else up
        for up, low in zip(upper, lower, strict=True)
    ]
    if not worded(lower[0]) and role(upper[0]):
        lower[0] = upper[0]
    inner = [(u, n) for u, n in zip(upper[1:], lower[1:], strict=True)]
    if all(_UNIT.fullmatch(n) for n in lower[1:]):
        return [lower[0], *(f"{u} {n}" if n.strip("()") in "↑↓" else u for u, n in inner)]
    for kind, level, other in _told_apart(upper, lower):
        above[kind] = level
        return other
    if len(set(upper[1:])) == 1 and len(set(lower)) == len(lower):
        return lower
    if (
        len({u for u, _ in inner}) > 1
        and all(is_metric(n) or u == n for u, n in inner)
        and any(u != n for u, n in inner)
    ):
        above["metric"] = ["", *("" if u == n else n for u, n in inner)]
        return [lower[0], *(u for u, _ in inner)]
    if len(set(lower)) == len(lower):
        above.setdefault("family", ["" if u == n else u for u, n in zip(upper, lower, strict=True)])
        return lower
    return [lower[0], *(f"{u} / {n}" if u != n else u for u, n in inner)]


def _told_apart(upper: list[str], lower: list[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """A level of metrics above names, or of runs beside them, where every name comes several times: kind, that level, the names."""
    for level, other in ((upper, lower), (lower, upper)):
        repeated = len(set(other[1:])) < len(other[1:]) and len(set(zip(level[1:], other[1:], strict=True))) == len(
            other[1:]
        )
        if not repeated or not all(other[1:]):
            continue
        head = [lower[0], *other[1:]]
        if level is upper and all(is_metric(n) for n in level[1:]) and not any(is_metric(n) for n in other[1:]):
            yield "metric", level, head
        elif all(_RUN.fullmatch(n) for n in level[1:]):
            yield "seed", level, head


#: Headings of a column that numbers the rows; medals stand for the first three.
_COUNTERS = ("unnamed", "no", "nr", "#", "id", "s no", "row", "rank", "ranking", "place", "position", "pos")
_MEDALS = {"🥇": "1", "🥈": "2", "🥉": "3"}


def _without_counter(head: Heading, account: Account) -> Heading:
    """Without a first column that only numbers the rows, where the next one names them."""
    names, body = head.names, head.body
    if len(names) < 3 or fold(names[0]) not in _COUNTERS:
        return head
    first = [_MEDALS.get(c, c) for c in (str(row[0]).strip().removesuffix(".0") for row in body)]
    counts = [str(i) for i in range(len(body))], [str(i + 1) for i in range(len(body))]
    if first not in counts or not (role(names[1]) or worded(body[0][1])):
        return head
    if fold(names[0]) in _COUNTERS[7:]:
        account.aside(f"column {names[0]}", "numbers the rows", names[0], "column")
    above = {kind: values[1:] for kind, values in head.above.items()}
    return Heading(names[1:], above, [row[1:] for row in body], head.columns_are)
