"""A source in parts, so that what is read and not yet taken stays small.

One process reads them. Of a second one it was measured that the first kept four fifths of the work (listing, unpacking, what is made of the scores), and
that both together cost two fifths more.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from . import files
from .definitions import Definitions
from .part import Part, read_part

#: Files of a part, and at most so many bytes of an archive.
FILES = 256
_BYTES = 4 << 20


class Task(NamedTuple):
    """What is to be read: files of a folder, or the content of an archive's."""

    root: Path
    listed: list[files.Listed]
    found: list[files.Found]


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
    for task in _tasks(source, listed, progress):
        yield read_part(files.of_folder(task.root, task.listed) if task.listed else task.found, definitions)


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
