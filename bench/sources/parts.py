"""A source in parts, read by this process and, where it is large, by as many others as there are cores.

What another process cannot do, this one does, so that a result or an error never depends on who reads; parts come in their order.
"""

from collections.abc import Iterator
from pathlib import Path

from stats.common.threads import n_cores

from . import files
from .definitions import Definitions
from .part import Part, Task, read_task
from .team import POSSIBLE, Team

#: Files of a part, and at most so many bytes of an archive.
FILES = 256
_BYTES = 4 << 20

#: Of an archive so many parts are read before others begin, of a folder so many there are at least: less is read as fast alone.
_ALONE = 8
_MOST = 7


def parts(
    source: Path, listed: list[files.Listed], definitions: Definitions, progress: files.Progress | None
) -> Iterator[Part]:
    """Yield the parts of a source in their order.

    Parameters
    ----------
    source : Path
    listed : list
        A folder's files, as `files.listing` has them.
    definitions : Definitions
    progress : callable, optional

    Raises
    ------
    InputError
        If the source cannot be read.
    """
    helpers = min(n_cores() - 1, _MOST) if POSSIBLE else 0
    reading = _Reading(definitions)
    try:
        for number, task in enumerate(_tasks(source, listed, progress)):
            if reading.team is None and helpers and max(number, len(listed) // FILES) >= _ALONE:
                reading.team = Team(helpers, definitions)
            reading.give(number, task)
            yield from reading.in_order()
        while reading.read_one():
            yield from reading.in_order()
    finally:
        if reading.team is not None:
            reading.team.end()


class _Reading:
    """Who reads which part, and the parts that are read and wait for their turn."""

    def __init__(self, definitions: Definitions) -> None:
        self.team: Team | None = None
        self._definitions = definitions
        self._ready: dict[int, Part] = {}
        self._given = self._next = 0

    def give(self, number: int, task: Task) -> None:
        """Let the others read a part, or read it here where they have enough."""
        self._given = number + 1
        if self.team is None or not self.team.takes(number, task):
            self._take(number, task, None)
        while self.team is not None and (done := self.team.done()) is not None:
            self._take(*done)

    def read_one(self) -> bool:
        """After the last was given: wait for one, or read it here; whether there was one."""
        if self.team is None or self._next + len(self._ready) >= self._given:
            return False
        done = self.team.done(wait=True)
        if done is not None:
            self._take(*done)
        return True

    def _take(self, number: int, task: Task, part: Part | None) -> None:
        self._ready[number] = read_task(task, self._definitions) if part is None else part

    def in_order(self) -> Iterator[Part]:
        """The parts whose turn it is."""
        while self._next in self._ready:
            yield self._ready.pop(self._next)
            self._next += 1


def _tasks(source: Path, listed: list[files.Listed], progress: files.Progress | None) -> Iterator[Task]:
    if source.is_dir():
        for start in range(0, len(listed), FILES):
            yield Task(str(source), listed[start : start + FILES], [])
            if progress is not None:
                progress(min(start + FILES, len(listed)), len(listed), "files")
        return
    held: list[files.Found] = []
    size = 0
    for found in files.read(source, progress=progress):
        held.append(found)
        size += len(found.data)
        if len(held) >= FILES or size >= _BYTES:
            yield Task(str(source), [], held)
            held, size = [], 0
    yield Task(str(source), [], held)
