"""A source in parts, read by this process and, where it is large, by as many others as there are cores.

What another process cannot do, this one does when its turn comes, so that a result or an error never depends on who reads; parts come
in their order.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from stats.common.errors import InputError
from stats.common.threads import n_cores

from . import files
from .definitions import Definitions
from .part import Part, read_part
from .slots import Slots
from .team import MOST, POSSIBLE, Team

#: Files of a part, and at most so many bytes of an archive.
FILES = 256
_BYTES = 4 << 20

#: Of a folder so many parts there are before others help, of an archive so many are read: less is read as fast alone.
_LEAST = 4
_BEFORE = 2

#: Bytes of memory for a part of an archive beyond `_BYTES`; one with a larger file is read by the process that unpacks it.
_MORE = 1 << 20

#: How many others at most.
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
    reading: _Reading
    if source.is_dir():
        reading = _Folder(source, listed, definitions, progress)
    else:
        reading = _Archive(source, definitions, progress)
    with closing(reading):
        yield from reading.parts(helpers)


class _Reading(ABC):
    """Who reads which part, and the parts that are read and wait for their turn."""

    def __init__(self, definitions: Definitions, progress: files.Progress | None) -> None:
        self._definitions, self._progress = definitions, progress
        self._team: Team[Part] | None = None
        self._places: dict[int, int] = {}
        self._ready: dict[int, Part | None] = {}
        self._next = 0

    @abstractmethod
    def parts(self, helpers: int) -> Iterator[Part]:
        """Yield the parts in their order, with the help of so many others."""

    @abstractmethod
    def _read(self, number: int, place: int) -> Part:
        """Read a part, in this process or another."""

    @abstractmethod
    def _ended(self, place: int) -> None:
        """Nobody needs a place any more."""

    def _give(self, team: Team[Part], tokens: dict[int, int]) -> None:
        """Have parts read, by number and place."""
        self._places |= tokens
        team.give(list(tokens.items()))

    def _answered(self, team: Team[Part], *, wait: bool = False) -> bool:
        """Take what others have read; whether it was anything."""
        answers = team.answers(wait=wait)
        for number, part in answers:
            self._take(number, part)
        return bool(answers)

    def _take(self, number: int, part: Part | None) -> None:
        """A part that was read, None where it could not be."""
        self._ready[number] = part
        if part is not None:
            self._ended(self._places.pop(number))

    def _tried(self, number: int) -> Part | None:
        """Read a part here before its turn: what is wrong with it is said when that comes."""
        try:
            return self._read(number, self._places[number])
        except InputError:
            return None

    def _in_order(self) -> Iterator[Part]:
        """The parts whose turn it is."""
        while (number := self._next) in self._ready:
            part = self._ready.pop(number)
            if part is None:
                part = self._read(number, place := self._places.pop(number))
                self._ended(place)
            yield part
            self._next += 1

    def _rest(self, team: Team[Part]) -> Iterator[Part]:
        """After all were given: read with the others as long as there is anything to read."""
        team.no_more()
        while self._places:
            if (number := team.take()) is not None:
                self._take(number, self._tried(number))
                self._answered(team)
            elif not self._answered(team, wait=True):  # all others have ended, one of them before it had read its part
                self._ready = dict.fromkeys(self._places) | self._ready
            yield from self._in_order()

    def close(self) -> None:
        """End all others."""
        if self._team is not None:
            self._team.close()


class _Folder(_Reading):
    """The files of a folder: everybody opens those of the parts that he takes."""

    def __init__(
        self, source: Path, listed: list[files.Listed], definitions: Definitions, progress: files.Progress | None
    ) -> None:
        super().__init__(definitions, progress)
        self._source, self._listed = source, listed
        self._size = max(FILES, -(-len(listed) // MOST))

    def parts(self, helpers: int) -> Iterator[Part]:
        """Yield the parts in their order, with the help of so many others."""
        total = len(self._listed)
        count = -(-total // self._size)
        if helpers and count >= _LEAST:
            self._team = Team(min(helpers, count - 1), self._read, Part)
            self._give(self._team, dict.fromkeys(range(count), 0))
            found = self._rest(self._team)
        else:
            found = (self._read(number, 0) for number in range(count))
        for number, part in enumerate(found, 1):
            yield part
            if self._progress is not None:
                self._progress(min(number * self._size, total), total, "files")

    def _read(self, number: int, place: int) -> Part:
        listed = self._listed[number * self._size : (number + 1) * self._size]
        return read_part(files.of_folder(self._source, listed), self._definitions)

    def _ended(self, place: int) -> None:
        """A folder's parts take no place."""


class _Archive(_Reading):
    """The files of an archive, which this process unpacks: others find them in memory that all of them see."""

    def __init__(self, source: Path, definitions: Definitions, progress: files.Progress | None) -> None:
        super().__init__(definitions, progress)
        self._source = source
        self._slots: Slots | None = None

    def parts(self, helpers: int) -> Iterator[Part]:
        """Yield the parts in their order, with the help of so many others."""
        for number, found in enumerate(self._unpacked()):
            if helpers and number == _BEFORE:
                self._slots = Slots(2 * helpers + 1, _BYTES + _MORE)
                self._team = Team(helpers, self._read, Part)
            place = None if self._slots is None else self._slots.fill(found)
            if self._team is None or place is None:  # the others have enough
                self._ready[number] = read_part(found, self._definitions)
            else:
                self._give(self._team, {number: place})
            if self._team is not None:
                self._answered(self._team)
            yield from self._in_order()
        if self._team is not None:
            yield from self._rest(self._team)

    def _unpacked(self) -> Iterator[list[files.Found]]:
        held: list[files.Found] = []
        size = 0
        for found in files.read(self._source, progress=self._progress):
            held.append(found)
            size += len(found.data)
            if len(held) >= FILES or size >= _BYTES:
                yield held
                held, size = [], 0
        yield held

    def _read(self, number: int, place: int) -> Part:
        assert self._slots is not None  # noqa: S101  # nothing is given before
        return read_part(self._slots.content(place), self._definitions)

    def _ended(self, place: int) -> None:
        if self._slots is not None:
            self._slots.free(place)

    def close(self) -> None:
        """End all others, and give the memory back."""
        super().close()
        if self._slots is not None:
            self._slots.close()
