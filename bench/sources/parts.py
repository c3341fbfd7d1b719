"""A source in parts, read by this process and, where it is large, by as many others as there are cores.

Another process is started as a program of its own: nothing of this one is copied (a fork while pyarrow's threads run may hang) and the
caller's script is not run again (as `multiprocessing` would without a main guard). What another process cannot do, this one
does, so that a result or an error never depends on who reads.
"""

import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from stats.common.threads import n_cores

from . import files
from .definitions import Definitions, load
from .part import Part, read_part

#: Files of a part, and at most so many bytes of an archive.
FILES = 256
_BYTES = 4 << 20

#: Before others are started, so many parts are read; starting one takes as long as reading a thousand files.
_ALONE = 8
_MOST = 7

#: What another process runs; `stats` is there for its `common` alone, all of it takes longer to import than most sources to read.
_PROGRAM = """
import importlib.util, sys
sys.path[:] = sys.argv[1:]
sys.modules["stats"] = importlib.util.module_from_spec(importlib.util.find_spec("stats"))
from bench.sources.part_process import serve
serve()
"""


class Task(NamedTuple):
    """What is to be read: files of a folder, or the content of an archive's."""

    root: Path
    listed: list[files.Listed]
    found: list[files.Found]


def work(task: Task, definitions: Definitions) -> Part:
    """Read a part."""
    return read_part(files.of_folder(task.root, task.listed) if task.listed else task.found, definitions)


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
    helpers = min(n_cores() - 1, _MOST) if sys.executable and definitions is load() else 0
    ready: dict[int, Part] = {}
    team: _Team | None = None
    number = given = 0
    try:
        for given, task in enumerate(_tasks(source, listed, progress), 1):
            if team is None and helpers and (given > _ALONE or len(listed) > _ALONE * FILES):
                team = _Team(helpers)
            if team is None or not team.takes(given - 1, task):
                ready[given - 1] = work(task, definitions)
            if team is not None:
                team.collect(ready, definitions)
            while number in ready:
                yield ready.pop(number)
                number += 1
        while number < given:
            if team is not None and number not in ready:
                team.finish_one(ready, definitions)
            while number in ready:
                yield ready.pop(number)
                number += 1
    finally:
        if team is not None:
            team.end()


def _tasks(source: Path, listed: list[files.Listed], progress: files.Progress | None) -> Iterator[Task]:
    if source.is_dir():
        for start in range(0, len(listed), FILES):
            yield Task(source, listed[start : start + FILES], [])
            if progress is not None:
                progress(min(start + FILES, len(listed)), len(listed), "files")
        return
    held: list[files.Found] = []
    size = 0
    for found in files.read(source, progress=progress):
        held.append(found)
        size += len(found.data)
        if len(held) >= FILES or size >= _BYTES:
            yield Task(source, [], held)
            held, size = [], 0
    yield Task(source, [], held)


class _Team:
    """Other processes that read, a thread for each that waits for it."""

    def __init__(self, size: int) -> None:
        self._waiting: SimpleQueue[tuple[int, Task] | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[int, Task, Part | None]] = SimpleQueue()
        self._processes: list[subprocess.Popen[bytes]] = []
        for _ in range(size):
            try:
                process = subprocess.Popen(  # noqa: S603  # this Python and our own program
                    [sys.executable, "-c", _PROGRAM, *sys.path],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            except OSError:  # no more processes are to be had
                break
            self._processes.append(process)
            threading.Thread(target=self._hand, args=(process,), daemon=True).start()

    def _hand(self, process: "subprocess.Popen[bytes]") -> None:
        """Hand one part after the other to a process, and take what it has read."""
        while (given := self._waiting.get()) is not None:
            number, task = given
            self._done.put((number, task, _by(process, task)))

    def takes(self, number: int, task: Task) -> bool:
        """Whether somebody will read this part: one waits for each process, more would only fill the memory."""
        if self._waiting.qsize() >= len(self._processes):
            return False
        self._waiting.put((number, task))
        return True

    def collect(self, ready: dict[int, Part], definitions: Definitions) -> None:
        """Take what is done."""
        while True:
            try:
                self._take(self._done.get_nowait(), ready, definitions)
            except Empty:
                return

    def _take(self, done: tuple[int, Task, Part | None], ready: dict[int, Part], definitions: Definitions) -> None:
        number, task, part = done
        ready[number] = work(task, definitions) if part is None else part

    def finish_one(self, ready: dict[int, Part], definitions: Definitions) -> None:
        """Read a part that nobody has begun, or wait for one."""
        try:
            given = self._waiting.get_nowait()
        except Empty:
            self._take(self._done.get(), ready, definitions)
            return
        if given is not None:
            ready[given[0]] = work(given[1], definitions)

    def end(self) -> None:
        """End all processes and threads."""
        for process in self._processes:
            process.kill()
            self._waiting.put(None)
        for process in self._processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what was still to be written
                    pipe.close()  # type: ignore[union-attr]  # both are pipes


def _by(process: "subprocess.Popen[bytes]", task: Any) -> Part | None:
    """What a process has read; None if it could not, or has ended."""
    if process.stdin is None or process.stdout is None:
        return None
    try:
        pickle.dump(task, process.stdin, protocol=5)
        process.stdin.flush()
        part = pickle.load(process.stdout)  # noqa: S301  # written by our own process
    except (OSError, EOFError, ValueError, pickle.PickleError):
        return None
    return part if isinstance(part, Part) else None
