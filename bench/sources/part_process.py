"""A process that reads parts of a source for another (`team`): tasks come in at standard input, what they hold goes out."""

import gc
import os
import pickle
import signal
import sys
import threading
from queue import SimpleQueue
from typing import Any

from .definitions import load
from .part import read_task


def serve() -> None:
    """Read part after part until there is no more input: the other process has ended, or needs no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to both; the other ends this one
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whoever prints does not write into an answer
    definitions = load()
    gc.disable()  # results hold no cycles
    given: SimpleQueue[Any] = SimpleQueue()
    # A thread takes the tasks, so that neither process waits for the other while both write.
    threading.Thread(target=_take, args=(given,), daemon=True).start()
    while (task := given.get()) is not None:
        try:
            part = read_task(task, definitions)
        except Exception:  # the other process reads it again, and says what is wrong
            part = None
        pickle.dump(part, out, protocol=5)
        out.flush()


def _take(given: "SimpleQueue[Any]") -> None:
    """Take tasks until there are no more, which is said by None."""
    while True:
        try:
            given.put(pickle.load(sys.stdin.buffer))  # noqa: S301  # written by our own process
        except (OSError, EOFError, pickle.PickleError):
            given.put(None)
            return
