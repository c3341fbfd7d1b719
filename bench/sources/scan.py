"""The first reading of a source: every main score of its files, and what was left out."""

import gc
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from stats.common.errors import InputError

from . import files
from . import index_columns as columns
from .checked_files import CheckedFiles
from .definitions import Definitions
from .mteb_json import NO_RESULT
from .part import Card, Part, Seen, sha256
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
        if not part.seen:  # an archive without a result file
            return
        rows = [seen.rows for seen in part.seen]
        numbers = [self._of_file(seen) for seen in part.seen]
        file, folder = (np.repeat(np.array(of, np.int64), rows) for of in zip(*numbers, strict=True))
        self._writer.add(part.columns, file, folder)

    def _of_file(self, seen: Seen) -> tuple[int, int]:
        """The numbers of a result file and its folder; -1 of what is none."""
        folder, _, name = seen.path.rpartition("/")
        if (place := self._places.get(folder)) is None:
            place = self._places[folder] = _place(folder, self._source)
        if seen.unread:
            if place.deep:
                self._summary.skipped[seen.path] = seen.fault
            return _NONE
        if _again(seen.path, seen.sha256, self._before, self._source):
            return _NONE
        if seen.data:
            self._checked.gather(seen.path, seen.data)
        if seen.card is not None:
            self._cards[place.path] = seen.card
            return _NONE
        if seen.fault:
            if place.deep and seen.fault != NO_RESULT:
                self._summary.skipped[seen.path] = seen.fault
            return _NONE
        if seen.doubled:
            self._summary.doubled[seen.path] = seen.doubled
        self._hashes.append((f"{place.last}{name}", seen.sha256))
        self._results.append(seen.path)
        self._summary.n_files += 1
        return self._summary.n_files - 1, self._numbers.setdefault(place.path, len(self._numbers))

    def finish(self) -> None:
        """Say which folders there are, the hash of all content, and what is not as its run wrote it."""
        self._summary.changed, self._summary.unproven = self._checked.settle(self._results)
        self._summary.folders = [_folder(place, self._cards.get(place, Card())) for place in self._numbers]
        self._summary.sha256 = sha256("\n".join(f"{p} {h}" for p, h in sorted(self._hashes)).encode())


#: The numbers of a file that does not count.
_NONE = (-1, -1)


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


def _is_model(above: str, name: str) -> bool:
    """Whether a folder of results without a card is a model's, as mteb before 1.12 wrote them, and no revision's.

    Taken for a revision, ``results/e5/STS12.json`` and ``results/bge/STS12.json`` would be two revisions of a model
    called "results", one of which is left out.
    """
    return bool(_RESULTS.fullmatch(above)) or not _REVISION.fullmatch(name)


def _folder(path: str, card: Card) -> Folder:
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
