"""A part of a source, read: of every file its hash and what it is, and the scores of all of them as columns."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
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


class Seen(NamedTuple):
    """A file: its path and hash, how many rows its scores fill, or why it is no result, or what the model card says.

    Its content is kept where it may say something of a run's checksums (`checked_files`).
    """

    path: str
    sha256: str
    rows: int = 0
    fault: str = ""
    doubled: str = ""
    card: Card | None = None
    unread: bool = False
    data: bytes = b""


class Part(NamedTuple):
    """Files in their order, and their scores, one file's rows behind the other's."""

    seen: list[Seen]
    columns: Packed


class Task(NamedTuple):
    """What is to be read: files of a folder, or the content of an archive's."""

    root: str
    listed: list[files.Listed]
    found: list[files.Found]


def read_task(task: Task, definitions: Definitions) -> Part:
    """Read the files of a task."""
    return read_part(files.of_folder(Path(task.root), task.listed) if task.listed else task.found, definitions)


def read_part(found: Iterable[files.Found], definitions: Definitions) -> Part:
    """Read files: results, model cards and others."""
    seen, rows = [], Rows()
    for path, data, fault in found:
        if fault:
            seen.append(Seen(path, "", fault=fault, unread=True))
            continue
        digest = sha256(data)
        name = path.rpartition("/")[2]
        if name == CARD:
            seen.append(Seen(path, digest, card=_card(data)))
            continue
        try:
            result = parse(data, definitions, name)
        except NotAResult as error:
            seen.append(Seen(path, digest, fault=str(error), data=data if _may_state(path, data) else b""))
            continue
        kept = data if _of_run(path) or (result.stamped and STAMP in data) else b""
        seen.append(Seen(path, digest, rows.add(result), doubled=result.doubled, data=kept))
    return Part(seen, rows.packed())


def _may_state(path: str, data: bytes) -> bool:
    """Whether a file may say something of a run's checksums: nearly none of other people's."""
    return _of_run(path) or STAMP in data


def _of_run(path: str) -> bool:
    return path.endswith("manifest.json") or "jobs/" in path


def sha256(data: bytes) -> str:
    """The hash of a file's content."""
    return hashlib.sha256(data).hexdigest()


def _card(data: bytes) -> Card:
    try:
        card = loads(data)
    except NotAResult:
        return Card()
    return Card(card.get("name"), card.get("revision"), bool(card)) if isinstance(card, dict) else Card()
