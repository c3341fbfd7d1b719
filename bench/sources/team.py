"""Copies of this process that read parts of a source beside it.

A copy is made by a fork, where there is one that is safe (Linux): no program is started and no script runs again. Other threads are not
copied, and a lock that one of them holds would stay held; so a copy only opens, hashes and decodes files, in memory of its own, and
touches neither pyarrow nor numpy. What goes between them are numbers and texts (msgpack), from which no code can come.
"""

import gc
import os
import signal
import sys
import threading
import warnings
from collections import deque
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO, NamedTuple, NoReturn

import msgspec

from .definitions import Definitions
from .part import Part, Task, read_task

#: Whether copies can be made.
POSSIBLE = sys.platform == "linux" and hasattr(os, "fork")

#: Tasks that a copy is given before the first is done, so that it never waits for the next.
_AHEAD = 2

_encode = msgspec.msgpack.Encoder().encode
_TASK = msgspec.msgpack.Decoder(Task)
_PART = msgspec.msgpack.Decoder(Part | None)

#: Before every message stands its length.
_LENGTH = 8


class _Copy(NamedTuple):
    """A copy of this process, and the ends of two pipes: to it and from it."""

    process: int
    to: IO[bytes]
    back: IO[bytes]


class Team:
    """Copies that read, a thread for each that waits for it."""

    def __init__(self, size: int, definitions: Definitions) -> None:
        self._waiting: SimpleQueue[tuple[int, Task] | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[int, Task, Part | None]] = SimpleQueue()
        self.copies: list[_Copy] = []
        for _ in range(size):
            with suppress(OSError):  # no more processes are to be had
                self.copies.append(_copy(definitions))
        self._threads = [threading.Thread(target=self._hand, args=(copy,), daemon=True) for copy in self.copies]
        for thread in self._threads:  # not before: threads are not copied
            thread.start()

    def _hand(self, copy: _Copy) -> None:
        """Hand one part after the other to a copy, and take what it has read."""
        given: deque[tuple[int, Task]] = deque()
        more = True
        while more or given:
            while more and len(given) < _AHEAD:
                try:
                    task = self._waiting.get(block=not given)
                except Empty:
                    break
                if task is None:
                    more = False
                else:
                    given.append(task)
                    with suppress(OSError, ValueError):  # it has ended, which is seen where its answer is awaited
                        _send(copy.to, _encode(task[1]))
            if given:
                self._done.put((*given.popleft(), _answer(copy)))

    def takes(self, number: int, task: Task) -> bool:
        """Whether somebody will read this part: one waits for each copy, more would only fill the memory."""
        if self._waiting.qsize() >= len(self.copies):
            return False
        self._waiting.put((number, task))
        return True

    def done(self, *, wait: bool = False) -> tuple[int, Task, Part | None] | None:
        """A part that was read, with its number; the part is None where the copy could not read it.

        None is returned where nothing is done yet. With `wait` one that nobody has begun comes back as it was given, and else
        what is read next.
        """
        if wait:
            with suppress(Empty):
                if (given := self._waiting.get_nowait()) is not None:
                    return (*given, None)
            return self._done.get()
        try:
            return self._done.get_nowait()
        except Empty:
            return None

    def end(self) -> None:
        """End all copies and threads."""
        for copy in self.copies:
            with suppress(ProcessLookupError):
                os.kill(copy.process, signal.SIGKILL)
            self._waiting.put(None)
        for copy, thread in zip(self.copies, self._threads, strict=True):
            with suppress(ChildProcessError):
                os.waitpid(copy.process, 0)
            thread.join()  # its pipes have ended
            for pipe in (copy.to, copy.back):
                with suppress(OSError):  # what was still to be written
                    pipe.close()


def _copy(definitions: Definitions) -> _Copy:
    """Copy this process; the copy reads until it is ended, or this one has."""
    (there, to), (back, here) = os.pipe(), os.pipe()
    with warnings.catch_warnings():
        # Python warns where there are threads: of locks that they hold, of which a copy needs none (see above).
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
    if process == 0:
        _serve(there, here, (to, back), definitions)
    os.close(there)
    os.close(here)
    return _Copy(process, os.fdopen(to, "wb"), os.fdopen(back, "rb"))


def _serve(there: int, here: int, others: tuple[int, int], definitions: Definitions) -> NoReturn:
    """Read part after part, in a copy, and leave without what a process does at its end: nothing of that is the copy's."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the first ends the others
        gc.disable()
        for end in others:
            os.close(end)
        given: SimpleQueue[bytes | None] = SimpleQueue()
        # A thread takes the tasks, so that neither process waits for the other while both write.
        threading.Thread(target=_take, args=(os.fdopen(there, "rb"), given), daemon=True).start()
        with os.fdopen(here, "wb") as out:
            while (task := given.get()) is not None:
                _send(out, _read(task, definitions))
    finally:
        os._exit(0)


def _read(task: bytes, definitions: Definitions) -> bytes:
    """What a task holds; None, in so many words, where it cannot be read: the first process tries again and says what is wrong."""
    try:
        return _encode(read_task(_TASK.decode(task), definitions))
    except Exception:
        return _encode(None)


def _take(tasks: IO[bytes], given: "SimpleQueue[bytes | None]") -> None:
    """Take tasks until there are no more, which is said by None."""
    while (task := _receive(tasks)) is not None:
        given.put(task)
    given.put(None)


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(len(message).to_bytes(_LENGTH, "little"))
    pipe.write(message)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes | None:
    """The next message; None where there is none any more."""
    try:
        length = pipe.read(_LENGTH)
        message = pipe.read(int.from_bytes(length, "little"))
    except (OSError, ValueError):
        return None
    whole = len(length) == _LENGTH and len(message) == int.from_bytes(length, "little")
    return message if whole else None


def _answer(copy: _Copy) -> Part | None:
    message = _receive(copy.back)
    try:
        return None if message is None else _PART.decode(message)
    except msgspec.MsgspecError:
        return None
