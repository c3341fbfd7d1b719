"""One state of a source for many reads: it is looked at and its index opened once, however many benchmarks are read from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from . import files
from .definitions import Definitions
from .fingerprint import Identity, identify
from .index import Index, open_index

#: The sources opened within `one_state`, by path; None outside of it.
_opened: dict[Path, tuple[Identity, Index]] | None = None


@contextmanager
def one_state() -> Iterator[None]:
    """Within it a source stays as it was when it was first read.

    All benchmarks are then of one state of the source even where files are added meanwhile, and a hundred thousand files are not
    looked at again for each of them.
    """
    global _opened
    before, _opened = _opened, {} if _opened is None else _opened
    try:
        yield
    finally:
        _opened = before


def keep_one_state() -> None:
    """Have this process read every source in one state as long as it lives; for the processes of a pool."""
    global _opened
    if _opened is None:  # a process that was forked within `one_state` has what was opened before
        _opened = {}


def opened(
    source: Path, definitions: Definitions, *, cache: bool, progress: files.Progress | None
) -> tuple[Identity, Index]:
    """Return what a source is known by, and its index; within `one_state` those of the first time."""
    held = None if _opened is None or not cache else _opened.get(source.resolve())
    if held is not None:
        return held
    known = identify(source)
    found = known, open_index(source, definitions, cache=cache, progress=progress, known=known)
    if _opened is not None and cache:
        found = known, replace(found[1], held=[])
        _opened[source.resolve()] = found
    return found
