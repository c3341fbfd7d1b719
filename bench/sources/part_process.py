"""A process that reads parts of a source for another (`parts`): tasks come in at standard input, what they hold goes out."""

import gc
import os
import pickle
import signal
import sys

from .definitions import load
from .parts import work


def serve() -> None:
    """Read part after part until there is no more input: the other process has ended, or needs no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to both; the other ends this one
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whoever prints does not write into an answer
    definitions = load()
    gc.disable()  # results hold no cycles
    while True:
        try:
            task = pickle.load(sys.stdin.buffer)  # noqa: S301  # written by our own process
        except EOFError:
            return
        try:
            part = work(task, definitions)
        except Exception:  # the other process reads it again, and says what is wrong
            part = None
        pickle.dump(part, out, protocol=5)
        out.flush()
