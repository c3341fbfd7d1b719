"""Other processes that read parts of a source (`part_process`), each started as a program of its own.

Nothing of this process is copied (a fork while pyarrow's threads run may hang) and the caller's script is not run again (as
`multiprocessing` would without a main guard).
"""

import pickle
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from queue import Empty, SimpleQueue

from .part import Part, Task

#: What another process runs; `stats` is there for its `common` alone, all of it takes longer to import than most sources to read.
PROGRAM = """
import importlib.util, sys
sys.path[:] = sys.argv[1:]
sys.modules["stats"] = importlib.util.module_from_spec(importlib.util.find_spec("stats"))
from bench.sources.part_process import serve
serve()
"""

#: Tasks that a process is given before the first is done, so that it never waits for the next.
_AHEAD = 2

_Process = subprocess.Popen[bytes]


class Team:
    """Other processes that read, a thread for each that waits for it."""

    def __init__(self, size: int) -> None:
        self._waiting: SimpleQueue[tuple[int, Task] | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[int, Task, Part | None]] = SimpleQueue()
        self._processes: list[_Process] = []
        for _ in range(size):
            try:
                process = subprocess.Popen(  # noqa: S603  # this Python and our own program
                    [sys.executable, "-c", PROGRAM, *sys.path],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            except OSError:  # no more processes are to be had
                break
            self._processes.append(process)
            threading.Thread(target=self._hand, args=(process,), daemon=True).start()

    def _hand(self, process: _Process) -> None:
        """Hand one part after the other to a process, and take what it has read."""
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
                    _send(process, task[1])
            if given:
                number, asked = given.popleft()
                self._done.put((number, asked, _receive(process)))

    def takes(self, number: int, task: Task) -> bool:
        """Whether somebody will read this part: one waits for each process, more would only fill the memory."""
        if self._waiting.qsize() >= len(self._processes):
            return False
        self._waiting.put((number, task))
        return True

    def done(self, *, wait: bool = False) -> tuple[int, Task, Part | None] | None:
        """A part that was read, with its number; the part is None where the other process could not read it.

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
        """End all processes and threads."""
        for process in self._processes:
            process.kill()
            self._waiting.put(None)
        for process in self._processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError, ValueError):  # what was still to be written; a thread that closes it now
                    pipe.close()  # type: ignore[union-attr]  # both are pipes


def _send(process: _Process, task: Task) -> None:
    with suppress(OSError, ValueError):  # it has ended, which is seen where its answer is awaited
        pickle.dump(task, process.stdin, protocol=5)  # type: ignore[arg-type]  # a pipe
        process.stdin.flush()  # type: ignore[union-attr]


def _receive(process: _Process) -> Part | None:
    """What a process has read; None if it could not, or has ended."""
    try:
        part = pickle.load(process.stdout)  # type: ignore[arg-type]  # noqa: S301  # a pipe, written by our own process
    except (OSError, EOFError, ValueError, pickle.PickleError):
        return None
    return part if isinstance(part, Part) else None
