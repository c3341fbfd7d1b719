"""Every file of a folder, looked at by this process and, where there are many, by as many others as there are cores."""

from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from stats.common.threads import n_cores

from . import files
from .team import MOST, POSSIBLE, Team

#: So many files there must be, by those of the first folders, for others to help; and so many are looked at in one go.
_LEAST = 10_000
_AT_ONCE = 1_000

#: Folders that are looked for before it is told how many files there are, how far down, and how many of them tell it.
_FOLDERS = 64
_DEEP = 6
_FIRST = 16

#: How many others at most.
_MOST = 7


class _Seen(NamedTuple):
    """What a walk has found (`files.Walk`)."""

    found: list[files.Listed]
    links: list[str]
    seen: list[tuple[int, int]]


def listing(source: Path) -> list[files.Listed]:
    """Every file of a folder that is read, as `files.listing` has them.

    Raises
    ------
    InputError
        If a folder cannot be read.
    """
    helpers = min(n_cores() - 1, _MOST) if POSSIBLE else 0
    walk = files.Walk(source)
    pending = [""]
    for _ in range(_DEEP):
        if not helpers or len(pending) >= _FOLDERS:
            break
        pending = [below for prefix in pending for below in walk.folder(prefix)]
    first, rest = pending[:_FIRST], pending[_FIRST:]
    before = len(walk.found)
    walk.below(first)
    each = (len(walk.found) - before) / max(1, len(first))
    if not helpers or each * len(rest) < _LEAST:
        walk.below(rest)
    elif not _shared(walk, source, rest, max(1, round(_AT_ONCE / each)), helpers):
        return files.listing(source)
    return walk.follow()


def _shared(walk: files.Walk, source: Path, prefixes: list[str], size: int, helpers: int) -> bool:
    """Look at folders with others, so many at once; False where one folder is in two places, which nobody else could tell."""
    size = max(size, -(-len(prefixes) // MOST))
    groups = [prefixes[start : start + size] for start in range(0, len(prefixes), size)]

    def read(number: int, place: int) -> _Seen:
        own = files.Walk(source)
        own.below(groups[number])
        return _Seen(own.found, own.links, list(own.seen))

    ready: dict[int, _Seen | None] = {}
    with closing(Team(min(helpers, len(groups) - 1), read, _Seen)) as team:
        team.give([(number, 0) for number in range(len(groups))])
        team.no_more()
        while (number := team.take()) is not None:
            ready[number] = read(number, 0)
            ready |= dict(team.answers())
        while len(ready) < len(groups) and (answers := team.answers(wait=True)):
            ready |= dict(answers)
    for number in range(len(groups)):
        part = ready.get(number) or read(number, 0)  # nobody could read it: what is wrong is said now
        if not walk.seen.isdisjoint(part.seen):
            return False
        walk.found += part.found
        walk.links += part.links
        walk.seen.update(part.seen)
    return True
