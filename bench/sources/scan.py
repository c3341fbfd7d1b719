"""The first reading of a source: every main score of its files, and what was left out."""

import gc
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from stats.common.errors import InputError

from . import files
from . import index_columns as columns
from .checked_files import CheckedFiles
from .definitions import Definitions
from .mteb_json import NO_RESULT
from .part import Card, Other, Part, sha256
from .parts import parts

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
    merging = _Merging(source, summary, writer)
    with _without_cycles():
        for part in parts(source, listed, definitions, progress):
            merging.add(part)
    if not summary.n_files:
        why = next(iter(summary.skipped.items()), None)
        raise InputError(
            f"{source} holds no MTEB results: expected results/<model>/<revision>/<Task>.json"
            + (f" ({len(summary.skipped)} unreadable, the first is {why[0]}: {why[1]})" if why else "")
        )
    merging.finish()
    return summary


@contextmanager
def _without_cycles() -> Iterator[None]:
    """Nobody looks for cycles meanwhile: results hold none, and to look at millions of new tuples takes a tenth of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Place(NamedTuple):
    """Where files stand: the folder, whether it is at least model/revision, and its last two parts as a prefix."""

    path: str
    deep: bool
    last: str


class _Merging:
    """Parts of a source, put together in their order."""

    def __init__(self, source: Path, summary: Summary, writer: columns.Writer) -> None:
        self._source, self._summary, self._writer = source, summary, writer
        self._places: dict[str, _Place] = {}
        self._numbers: dict[str, int] = {}
        self._cards: dict[str, Card] = {}
        self._hashes: list[tuple[str, str]] = []
        self._before: dict[str, str] = {}
        self._results: list[str] = []
        self._checked = CheckedFiles()
        if source.is_dir():
            self._checked.look_above(source)

    def add(self, part: Part) -> None:
        """Take what a part has found; of a file that came before, nothing counts."""
        if not part.names:  # an archive without a result file
            return
        file, folder = np.full((2, len(part.names)), -1, np.int64)
        start = 0
        for path, count in part.folders:
            found = self._results_in(path, part, range(start, start + count))
            if found:
                file[found] = np.arange(self._summary.n_files, self._summary.n_files + len(found))
                folder[found] = self._numbers.setdefault(self._places[path].path, len(self._numbers))
                self._summary.n_files += len(found)
            start += count
        self._writer.add(part.columns, *(np.repeat(of, part.rows) for of in (file, folder)))

    def _results_in(self, folder: str, part: Part, files: range) -> list[int]:
        """Those of a folder's files that are results and count."""
        if (place := self._places.get(folder)) is None:
            place = self._places[folder] = _place(folder, self._source)
        prefix = f"{folder}/" if folder else ""
        counted = []
        for number in files:
            path = prefix + part.names[number]
            other = part.others.get(number)
            if other is not None and other.unread:
                if place.deep:
                    self._summary.skipped[path] = other.fault
            elif self._is_new(path, part.hashes[number]) and (other is None or self._is_result(path, other, place)):
                counted.append(number)
                self._hashes.append((place.last + part.names[number], part.hashes[number]))
                self._results.append(path)
        return counted

    def _is_new(self, path: str, digest: str) -> bool:
        """Whether no file of this path, in whatever Unicode form, came before.

        Raises
        ------
        InputError
            If one of other content did: which of them counts would be chance.
        """
        plain = path if path.isascii() else unicodedata.normalize("NFC", path)
        known = self._before.get(plain)
        if known is None:
            self._before[plain] = digest
            return True
        if known != digest:
            raise InputError(f"{self._source} holds {path!r} twice, with different content: keep one of them")
        return False

    def _is_result(self, path: str, other: Other, place: _Place) -> bool:
        """Take what is said of a file; whether it is a result all the same."""
        if other.data:
            self._checked.gather(path, other.data)
        if other.card is not None:
            self._cards[place.path] = other.card
            if other.fault:
                self._summary.skipped[path] = other.fault
            return False
        if other.fault:
            if place.deep and other.fault != NO_RESULT:
                self._summary.skipped[path] = other.fault
            return False
        if other.doubled:
            self._summary.doubled[path] = other.doubled
        return True

    def finish(self) -> None:
        """Say which folders there are, the hash of all content, and what is not as its run wrote it."""
        self._summary.changed, self._summary.unproven = self._checked.settle(self._results)
        self._summary.folders = [_folder(place, self._cards.get(place, Card())) for place in self._numbers]
        self._summary.sha256 = sha256("\n".join(f"{p} {h}" for p, h in sorted(self._hashes)).encode())


def _parts(path: str) -> tuple[str, ...]:
    """The folders of a path, in a twentieth of the time that pathlib takes; `files` has cleaned it."""
    return tuple(part for part in path.split("/") if part)


def _place(path: str, source: Path) -> _Place:
    """Return a folder of the source, completed by the source's own path where that holds the model and revision."""
    parts = _parts(path)
    if len(parts) < 2 and source.is_dir():
        parts = (*source.resolve().parts[len(parts) - 2 :], *parts)
    return _Place("/".join(parts), len(parts) >= 2, "".join(f"{part}/" for part in parts[-2:]))


def _is_model(above: str, name: str) -> bool:
    """Whether a folder of results without a card is a model's, as mteb before 1.12 wrote them, and no revision's.

    Taken for a revision, ``results/e5/STS12.json`` and ``results/bge/STS12.json`` would be two revisions of a model
    called "results", one of which is left out.
    """
    return bool(_RESULTS.fullmatch(above)) or not _REVISION.fullmatch(name)


def _folder(path: str, card: Card) -> Folder:
    """Return who a folder's results belong to: by its model_meta.json as mteb does, else by its path."""
    parts = _parts(path)
    experiment = parts[-1] if len(parts) >= 2 and parts[-2] == _EXPERIMENTS else None
    parts = parts[:-2] if experiment is not None else parts
    folder_model, folder_revision = _last_two(parts)
    if folder_revision and not card.exists and _is_model(folder_model, folder_revision):
        folder_model, folder_revision = folder_revision, ""
    name, revision = card.name, card.revision
    return Folder(
        path,
        name.strip() if isinstance(name, str) and name.strip() else folder_model.replace("__", "/"),
        str(revision) if revision else folder_revision or "no_revision_available",
        card.exists,
        experiment,
    )


def _last_two(parts: tuple[str, ...]) -> tuple[str, str]:
    return (parts[-2], parts[-1]) if len(parts) >= 2 else (parts[-1] if parts else "unknown", "")


def named_by_path(folder: Folder) -> str:
    """Return the model that a folder of results is named after, whatever its card says."""
    model, revision = _last_two(_parts(folder.path))
    if revision and revision != folder.revision and _is_model(model, revision):
        model = revision
    return model.replace("__", "/")
