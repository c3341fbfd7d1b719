"""Copies of this process that read parts of a source beside it.

A copy is made by a fork, where there is one that is safe (Linux): no program is started and no script runs again. Other threads are not
copied, and a lock that one of them holds would stay held; so a copy only opens, hashes and decodes files, in memory of its own, and
touches neither pyarrow nor numpy.

Nobody shares the parts out. Their numbers stand in one pipe from which every process takes the next when it has time, this one too, so
that all end together; what a copy has read comes back through a pipe of its own, as numbers and texts (msgpack), from which no code can
come. No thread waits for it: one that asks Python for its turn while this process decodes gets it 5 ms later, in which the copy waits.
"""

import gc
import os
import select
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, NoReturn, TypeVar

import msgspec

#: Whether copies can be made.
POSSIBLE = sys.platform == "linux" and hasattr(os, "fork")

#: Bytes that a pipe shall hold, so that a copy seldom waits for this process: several parts. And what tells Linux so.
_PIPE = 1 << 20
_SET_SIZE = 1031

#: A part's number and its place, four bytes each: what is taken is taken whole.
_TOKEN = 8

#: How many numbers a pipe surely holds.
MOST = (1 << 15) // _TOKEN

#: Before every message stands its length.
_LENGTH = 8

_T = TypeVar("_T")
Read = Callable[[int, int], _T]

_encode = msgspec.msgpack.Encoder().encode


class _Copy:
    """A copy of this process, the end of the pipe from it, and what has come of a message that is not whole."""

    def __init__(self, process: int, back: int) -> None:
        self.process, self.back = process, back
        self.held = bytearray()


class Team(Generic[_T]):
    """Copies that read.

    Parameters
    ----------
    size : int
        How many.
    read : callable
        Reads a part, by its number and place, in a copy.
    kind : type
        What it returns.
    """

    def __init__(self, size: int, read: Read[_T], kind: type[_T]) -> None:
        self._decode = msgspec.msgpack.Decoder(tuple[int, kind | None]).decode  # type: ignore[valid-type]  # made at run time
        self.copies: list[_Copy] = []
        self._taken, self._given = os.pipe()
        self._open = True
        for _ in range(size):
            with suppress(OSError):  # no more processes are to be had
                self.copies.append(self._copy(read))
        self._alive = {copy.back: copy for copy in self.copies}

    def _copy(self, read: Read[_T]) -> _Copy:
        """Copy this process; the copy reads until there is no more, it is ended, or this one has."""
        back, here = os.pipe()
        _enlarge(here)
        try:
            with warnings.catch_warnings():
                # Python warns where there are threads: of locks that they hold, of which a copy needs none (see above).
                warnings.simplefilter("ignore", DeprecationWarning)
                process = os.fork()
        except OSError:
            os.close(back)
            os.close(here)
            raise
        if process == 0:
            _serve(self._taken, here, (self._given, back), read)
        os.close(here)
        os.set_blocking(back, False)
        return _Copy(process, back)

    def give(self, tokens: list[tuple[int, int]]) -> None:
        """Have parts read, by number and place, by whoever comes first."""
        os.write(self._given, b"".join(_token(*token) for token in tokens))

    def no_more(self) -> None:
        """Say that all were given."""
        if self._open:
            os.close(self._given)
            self._open = False

    def take(self) -> int | None:
        """The number of a part that nobody has begun, for this process to read; None where there is none. Only after `no_more`."""
        token = _taken(self._taken)
        return None if token is None else token[0]

    def answers(self, *, wait: bool = False) -> list[tuple[int, _T | None]]:
        """What was read meanwhile, by number, None where it could not be; with `wait`, something that will be, or nothing where all have ended."""
        found: list[tuple[int, _T | None]] = []
        while self._alive and not found:
            poll = select.poll()
            for back in self._alive:
                poll.register(back, select.POLLIN)
            ready = poll.poll(None if wait else 0)
            for back, _ in ready:
                found += self._receive(self._alive[back])
            if not wait:
                break
        return found

    def _receive(self, copy: _Copy) -> list[tuple[int, _T | None]]:
        try:
            while more := os.read(copy.back, _PIPE):
                copy.held += more
            del self._alive[copy.back]  # it has ended
        except BlockingIOError:
            pass
        found: list[tuple[int, _T | None]] = []
        held, start = copy.held, 0
        while len(held) >= (begin := start + _LENGTH):
            end = begin + int.from_bytes(held[start:begin], "little")
            if len(held) < end:
                break
            with memoryview(held) as view, view[begin:end] as message:
                found.append(self._decode(message))
            start = end
        del held[:start]
        return found

    def close(self) -> None:
        """End all copies."""
        self.no_more()
        for copy in self.copies:
            with suppress(ProcessLookupError):
                os.kill(copy.process, signal.SIGKILL)
        for copy in self.copies:
            with suppress(ChildProcessError):
                os.waitpid(copy.process, 0)
            os.close(copy.back)
        os.close(self._taken)


def _serve(taken: int, here: int, others: tuple[int, int], read: Read[Any]) -> NoReturn:
    """Read part after part, in a copy, and leave without what a process does at its end: nothing of that is the copy's."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the first ends the others
        gc.disable()
        for end in others:
            os.close(end)
        while (token := _taken(taken)) is not None:
            _send(here, _read(token, read))
    finally:
        os._exit(0)


def _read(token: tuple[int, int], read: Read[Any]) -> bytes:
    """What a part holds; None, in so many words, where it cannot be read: the first process tries again and says what is wrong."""
    try:
        return _encode((token[0], read(*token)))
    except Exception:
        return _encode((token[0], None))


def _enlarge(pipe: int) -> None:
    import fcntl  # which Windows lacks

    with suppress(OSError):  # more than this user may have
        fcntl.fcntl(pipe, _SET_SIZE, _PIPE)


def _token(number: int, place: int) -> bytes:
    return number.to_bytes(4, "little") + place.to_bytes(4, "little")


def _taken(pipe: int) -> tuple[int, int] | None:
    """The next token; None where there is none any more."""
    token = os.read(pipe, _TOKEN)
    return (int.from_bytes(token[:4], "little"), int.from_bytes(token[4:], "little")) if token else None


def _send(pipe: int, message: bytes) -> None:
    rest = memoryview(len(message).to_bytes(_LENGTH, "little") + message)
    while rest:
        rest = rest[os.write(pipe, rest) :]
