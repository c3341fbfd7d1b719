"""The first reading of a source: every main score of its files, and what was left out."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from stats.common.errors import InputError

from . import files
from . import index_columns as columns
from .checked_files import CheckedFiles
from .definitions import Definitions
from .mteb_json import NotAResult, loads, parse

_EXPERIMENTS = "experiments"

#: What a revision's folder is called: a hash, a version, a branch, or mteb's own words. All of the public results' are.
_REVISION = re.compile(r"[0-9a-f]{4,64}|v?\d.*|r\d+|rev.*|no_revision.*|external|main|master", re.IGNORECASE)
#: What the folder of all results is called; no model is.
_RESULTS = re.compile(r"(mteb[_-]?)?(results?|outputs?)", re.IGNORECASE)


@dataclass(frozen=True)
class Folder:
    """A folder of result files: one revision of one model."""

    path: str
    model: str
    revision: str
    has_model_meta: bool
    experiment: str | None


@dataclass
class Summary:
    """What reading a source found, beside the scores.

    Attributes
    ----------
    sha256 : str
        Hash of the results' content, the same for a folder and for an archive of it.
    n_files : int
        Result files read.
    folders : list of Folder
    skipped : dict of str to str
        Path -> reason, of files that look like results and could not be read.
    doubled : dict of str to str
        Path -> which, of files with two main scores of one subset: their mean counts, as with mteb.
    changed : dict of str to list of str
        Path -> checksums found and stated, of results that are not as ``embsig run`` wrote them (`checked_files`).
    unproven : int
        Results of a run of which no checksum is stated.
    """

    sha256: str = ""
    n_files: int = 0
    folders: list[Folder] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    doubled: dict[str, str] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)
    unproven: int = 0


def scan(
    source: Path,
    listed: list[files.Listed],
    definitions: Definitions,
    writer: columns.Writer,
    progress: files.Progress | None,
) -> Summary:
    """Read a source, of which a folder's `listed` files, write its scores, and say what there is and what was left out.

    Raises
    ------
    InputError
        If the source cannot be read, holds no results, or has one path twice with other content.
    """
    summary = Summary()
    places: dict[str, _Place] = {}
    numbers: dict[str, int] = {}
    cards: dict[str, _Card] = {}
    hashes: list[tuple[str, str]] = []
    seen: dict[str, str] = {}
    results: list[str] = []
    checked = CheckedFiles()
    if source.is_dir():
        checked.look_above(source)
    for found in files.read(source, listed=listed, progress=progress):
        folder, _, name = found.path.rpartition("/")
        if (place := places.get(folder)) is None:
            place = places[folder] = _place(folder, source)
        if found.fault and place.deep:
            summary.skipped[found.path] = found.fault
        digest = _hash(found.data)
        if found.fault or _again(found.path, digest, seen, source):
            continue
        checked.gather(found.path, found.data)
        if name == "model_meta.json":
            cards[place.path] = _card(found.data)
            continue
        try:
            result = parse(found.data, definitions)
        except NotAResult as error:
            if place.deep and str(error) != "no MTEB result":
                summary.skipped[found.path] = str(error)
            continue
        if result.doubled:
            summary.doubled[found.path] = result.doubled
        hashes.append((f"{place.last}{name}", digest))
        results.append(found.path)
        writer.add(result, summary.n_files, numbers.setdefault(place.path, len(numbers)))
        summary.n_files += 1
    if not summary.n_files:
        why = next(iter(summary.skipped.items()), None)
        raise InputError(
            f"{source} holds no MTEB results: expected results/<model>/<revision>/<Task>.json"
            + (f" ({len(summary.skipped)} unreadable, the first is {why[0]}: {why[1]})" if why else "")
        )
    summary.changed, summary.unproven = checked.settle(results)
    summary.folders = [_folder(parent, cards.get(parent, _Card())) for parent in numbers]
    summary.sha256 = _hash("\n".join(f"{p} {h}" for p, h in sorted(hashes)).encode())
    return summary


def _again(path: str, digest: str, seen: dict[str, str], source: Path) -> bool:
    """Whether a file of this path, in whatever Unicode form, and of this content came before.

    Raises
    ------
    InputError
        If one of other content did: which of them counts would be chance.
    """
    plain = path if path.isascii() else unicodedata.normalize("NFC", path)
    if plain not in seen:
        seen[plain] = digest
        return False
    if seen[plain] != digest:
        raise InputError(f"{source} holds {path!r} twice, with different content: keep one of them")
    return True


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class _Place(NamedTuple):
    """Where files stand: the folder, whether it is at least model/revision, and its last two parts as a prefix."""

    path: str
    deep: bool
    last: str


def _place(path: str, source: Path) -> _Place:
    """Return a folder of the source, completed by the source's own path where that holds the model and revision."""
    parts = PurePosixPath(path).parts
    if len(parts) < 2 and source.is_dir():
        parts = (*source.resolve().parts[len(parts) - 2 :], *parts)
    return _Place("/".join(parts), len(parts) >= 2, "".join(f"{part}/" for part in parts[-2:]))


class _Card(NamedTuple):
    """What a model_meta.json says, and whether it says anything."""

    name: Any = None
    revision: Any = None
    exists: bool = False


def _card(data: bytes) -> _Card:
    try:
        card = loads(data)
    except NotAResult:
        return _Card()
    return _Card(card.get("name"), card.get("revision"), bool(card)) if isinstance(card, dict) else _Card()


def _is_model(above: str, name: str) -> bool:
    """Whether a folder of results without a card is a model's, as mteb before 1.12 wrote them, and no revision's.

    Taken for a revision, ``results/e5/STS12.json`` and ``results/bge/STS12.json`` would be two revisions of a model
    called "results", one of which is left out.
    """
    return bool(_RESULTS.fullmatch(above)) or not _REVISION.fullmatch(name)


def _folder(path: str, card: _Card) -> Folder:
    """Return who a folder's results belong to: by its model_meta.json as mteb does, else by its path."""
    parts = PurePosixPath(path).parts
    experiment = parts[-1] if len(parts) >= 2 and parts[-2] == _EXPERIMENTS else None
    parts = parts[:-2] if experiment is not None else parts
    folder_model, folder_revision = _last_two(parts)
    if folder_revision and not card.exists and _is_model(folder_model, folder_revision):
        folder_model, folder_revision = folder_revision, ""
    name, revision = card.name, card.revision
    return Folder(
        path,
        name if isinstance(name, str) and name else folder_model.replace("__", "/"),
        str(revision) if revision else folder_revision or "no_revision_available",
        card.exists,
        experiment,
    )


def _last_two(parts: tuple[str, ...]) -> tuple[str, str]:
    return (parts[-2], parts[-1]) if len(parts) >= 2 else (parts[-1] if parts else "unknown", "")


def named_by_path(folder: Folder) -> str:
    """Return the model that a folder of results is named after, whatever its card says."""
    model, revision = _last_two(PurePosixPath(folder.path).parts)
    if revision and revision != folder.revision and _is_model(model, revision):
        model = revision
    return model.replace("__", "/")
