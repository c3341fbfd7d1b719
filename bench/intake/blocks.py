"""Rows that only head those below them, and cells that were merged with the one above: both as a spreadsheet or a paper has them."""

from collections.abc import Sequence
from itertools import pairwise

from stats.common.text import listing

from .account import Account
from .cells import name
from .grid import Row, empty, numeric, worded
from .headings import role
from .known_names import known_tasks

#: Columns in which an empty cell below a name stands for that name.
_MERGED = ("model", "task", "family", "group", "metric", "languages", "split", "subset")


def section_of(row: Row) -> str | None:
    """What a row that says one thing in all its columns says: ``\\multicolumn{5}{l}{Baselines}``, spread over them.

    Examples
    --------
    >>> section_of(["Ours", "Ours", "Ours"]), section_of(["Ours", .5, .6]), section_of([None, "Ours", "Ours"])
    ('Ours', None, None)
    """
    first = row[0]
    # The cheapest look first: nearly no row is one, and a long table has very many.
    if len(row) < 3 or row[1] != first or any(cell != first for cell in row[2:]) or not worded(first):
        return None
    return name(first)


def without_repeated_headings(names: Sequence[str], body: list[Row], account: Account) -> list[Row]:
    """Leave out rows that say the heading again, as the pages of a long table, or files put behind each other, do."""
    last = names[-1]
    kept = [
        row
        for row in body
        if not (isinstance(row[-1], str) and last in row[-1] and [name(c) for c in row] == list(names))
    ]
    if len(kept) == len(body) or not kept:
        return body
    account.note(f"the heading comes {len(body) - len(kept) + 1} times")
    return kept


def without_sections(names: list[str], body: list[Row], account: Account) -> tuple[list[str], list[Row]]:
    """Leave out rows that head a block of others; of tasks they are the families, where nothing else says these.

    A row with a name alone may also be a task on which nobody has a score. It heads a block where there are several such rows, the
    first row is one, none follows another, and none is a task that is known.
    """
    wide = {i: said for i, row in enumerate(body) if (said := section_of(row)) is not None}
    bare = {
        i: name(row[0])
        for i, row in enumerate(body)
        if empty(row[-1]) and all(empty(c) for c in row[1:]) and worded(row[0])
    }
    found = wide | (bare if _heads(list(bare), len(body)) and not known_tasks(list(bare.values())) else {})
    if not found or len(found) == len(body):
        return names, body
    account.note(f"rows that head others: {listing(list(found.values()), 4)}")
    blocks: list[str] = []
    kept: list[Row] = []
    now = ""
    for i, row in enumerate(body):
        if i in found:
            now = found[i]
            continue
        kept.append(row)
        blocks.append(now)
    if role(names[0]) == "task" and not any(role(n) == "family" for n in names) and all(blocks):
        return [*names, "family"], [[*row, block] for row, block in zip(kept, blocks, strict=True)]
    return names, kept


def _heads(at: list[int], n: int) -> bool:
    return len(at) > 1 and at[0] == 0 and at[-1] < n - 1 and all(b - a > 1 for a, b in pairwise(at))


def unmerged(names: Sequence[str], body: list[Row], account: Account, *, long: bool) -> list[Row]:
    """Write the name above into empty cells of a column of names, where each name heads one block, as merged cells are exported.

    The column that alone names the rows of a wide table is left: a row without a name is a fault there.
    """
    for j in range(len(names)):
        if (j != 0 and role(names[j]) not in _MERGED) or empty(body[0][j]) or not any(empty(row[j]) for row in body):
            continue
        if not _names_things(body, j):
            continue
        if not long and sum(_names_things(body, other) for other in range(len(names))) == 1:
            continue
        filled = [row[j] for row in body if not empty(row[j])]
        if len(set(map(str, filled))) < len(filled):
            continue
        account.note(f"empty cells of column {names[j]!r} taken as the one above")
        out, now = [], body[0][j]
        for row in body:
            now = row[j] if not empty(row[j]) else now
            out.append([*row[:j], now, *row[j + 1 :]])
        body = out
    return body


def _names_things(body: Sequence[Row], j: int) -> bool:
    filled = [row[j] for row in body if not empty(row[j])]
    return bool(filled) and not any(numeric(c) for c in filled)
