"""A part of a source, read: of every file its hash and what it is, and the scores of all of them as columns."""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import pyarrow as pa

from .definitions import Definitions
from .files import Found
from .index_columns import Rows
from .mteb_json import NotAResult, loads, parse

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
    columns: pa.RecordBatch


def read_part(found: Iterable[Found], definitions: Definitions) -> Part:
    """Read files: results, model cards and others."""
    seen, rows = [], Rows()
    for path, data, fault in found:
        if fault:
            seen.append(Seen(path, "", fault=fault, unread=True))
            continue
        digest = sha256(data)
        if path.endswith(CARD) and path.rpartition("/")[2] == CARD:
            seen.append(Seen(path, digest, card=_card(data)))
            continue
        kept = data if may_state(path, data) else b""
        try:
            result = parse(data, definitions)
        except NotAResult as error:
            seen.append(Seen(path, digest, fault=str(error), data=kept))
            continue
        seen.append(Seen(path, digest, rows.add(result), doubled=result.doubled, data=kept))
    return Part(seen, rows.batch())


def may_state(path: str, data: bytes) -> bool:
    """Whether a file may say something of a run's checksums: nearly none of other people's."""
    return STAMP in data or path.endswith("manifest.json") or "jobs/" in path


def sha256(data: bytes) -> str:
    """The hash of a file's content."""
    return hashlib.sha256(data).hexdigest()


def _card(data: bytes) -> Card:
    try:
        card = loads(data)
    except NotAResult:
        return Card()
    return Card(card.get("name"), card.get("revision"), bool(card)) if isinstance(card, dict) else Card()
