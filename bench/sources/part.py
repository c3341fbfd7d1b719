"""A part of a source, read: of every file its hash and what it is, and the scores of all of them as columns."""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from . import files
from .definitions import Definitions
from .mteb_json import NotAResult, loads, parse
from .rows import Packed, Rows

CARD = "model_meta.json"


#: In every result that embsig wrote and no other: what says on which data it was made.
STAMP = b'"embsig"'


class Card(NamedTuple):
    """What a model_meta.json says, and whether it says anything."""

    name: Any = None
    revision: Any = None
    exists: bool = False


class Other(NamedTuple):
    """What is said of a file that is no plain result: why it is none, which subset it has twice, what a model card says.

    Its content is kept where it may say something of a run's checksums (`checked_files`).
    """

    fault: str = ""
    doubled: str = ""
    card: Card | None = None
    unread: bool = False
    data: bytes = b""


class Part(NamedTuple):
    """Files in their order, and the scores of the results among them, one file's rows behind the other's.

    Attributes
    ----------
    folders : list of (str, int)
        Folders, and how many of the files that follow are in each.
    names, hashes : list of str
        Of each file its name in the folder and the hash of its content, empty where it was not read.
    rows : list of int
        How many rows each file's scores fill.
    others : dict
        By the file's place in these lists.
    columns : Packed
    """

    folders: list[tuple[str, int]]
    names: list[str]
    hashes: list[str]
    rows: list[int]
    others: dict[int, Other]
    columns: Packed


def read_part(found: Iterable[files.Found], definitions: Definitions) -> Part:
    """Read files: results, model cards and others."""
    part = Part([], [], [], [], {}, Rows().packed())
    rows, folder, first = Rows(), None, 0
    for number, (path, data, fault) in enumerate(found):
        place, _, name = path.rpartition("/")
        if place != folder:
            if folder is not None:
                part.folders.append((folder, number - first))
            folder, first = place, number
        part.names.append(name)
        part.hashes.append("" if fault else sha256(data))
        before = len(rows)
        other = Other(fault, unread=True) if fault else _read(path, name, data, definitions, rows)
        if other is not None:
            part.others[number] = other
        part.rows.append(len(rows) - before)
    if folder is not None:
        part.folders.append((folder, len(part.names) - first))
    return part._replace(columns=rows.packed())


def _read(path: str, name: str, data: bytes, definitions: Definitions, rows: Rows) -> Other | None:
    """Take the scores of a file; what else is to be said of it."""
    if name == CARD:
        return _card(data)
    try:
        result = parse(data, definitions, name)
    except NotAResult as error:
        return Other(str(error), data=data if _of_run(path) or STAMP in data else b"")
    rows.add(result)
    kept = data if _of_run(path) or (result.stamped and STAMP in data) else b""
    return Other(doubled=result.doubled, data=kept) if kept or result.doubled else None


def _of_run(path: str) -> bool:
    """Whether a file may say something of a run's checksums by its name: nearly none of other people's."""
    return path.endswith("manifest.json") or "jobs/" in path


def sha256(data: bytes) -> str:
    """The hash of a file's content."""
    return hashlib.sha256(data).hexdigest()


def _card(data: bytes) -> Other:
    try:
        card = loads(data)
    except NotAResult as error:
        return Other(str(error), card=Card())
    if not isinstance(card, dict):
        return Other("not a JSON object", card=Card())
    return Other(card=Card(card.get("name"), card.get("revision"), bool(card)))
