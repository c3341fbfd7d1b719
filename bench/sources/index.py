"""The index of one source: every main score it holds, as Parquet in the user's cache, keyed by content.

The first read of a source parses its JSON files, streaming; every later one reads the index. An archive is
known by the SHA-256 of its bytes, a folder by the paths, sizes and modification times of its files.
"""

import hashlib
import os
import shutil
import tempfile
import time
import unicodedata
import weakref
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.cache_folder import cache_folder
from stats.errors import InputError
from stats.scores import file_hash
from stats.writing import runs

from . import columns, files
from .definitions import Definitions, data_sha256
from .garbage import uncollected
from .mteb_json import NotAResult, loads, parse

#: How many sources' indexes are kept.
KEEP = 24

_EXPERIMENTS = "experiments"

#: By how many ns the times of two changes differ at least, and where only whole seconds are written down.
_STEP = 20_000_000
_WHOLE_STEP = 2_000_000_000


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
    n_other : int
        JSON files that are no results.
    """

    sha256: str = ""
    n_files: int = 0
    folders: list[Folder] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    n_other: int = 0


@dataclass(frozen=True)
class Index:
    """Every main score that a source holds.

    Attributes
    ----------
    path : Path
        The Parquet file, one row per (file, split, subset).
    summary : Summary
    sha256 : str
        Of an archive, the hash of its bytes; of a folder, that of the results' content.
    date : str
        When the source was last changed (of a folder, its newest file), in ISO format, UTC.
    """

    path: Path
    summary: Summary
    sha256: str
    date: str

    def entries(self, tasks: Collection[str] | None = None, wanted: Collection[columns.Triple] = ()) -> pd.DataFrame:
        """Return the rows of these tasks (default: all rows), of unwanted subsets only one of each file and split.

        ``file`` and ``folder`` count the summary's files and folders.
        """
        try:
            table = columns.read(self.path, tasks, wanted)
        except (OSError, pa.ArrowException) as error:
            shutil.rmtree(self.path.parent, ignore_errors=True)
            raise InputError(
                f"the index {self.path} was damaged and has been removed: start again, it is made anew"
            ) from error
        frame: pd.DataFrame = table.to_pandas()
        for column in ("task", "split", "subset", "languages", "mteb_version", "dataset_revision"):
            frame[column] = frame[column].astype(object)
        return frame


def iso_date(nanoseconds: int) -> str:
    """A time since 1970 in ISO format, UTC, to the second."""
    return datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC).isoformat()


@dataclass(frozen=True)
class Identity:
    """What a source is known by.

    Attributes
    ----------
    key : str
        Another one where anything in the source may be another.
    archive : str or None
        SHA-256 of an archive's bytes.
    date : str
        As of `Index`.
    listed : list
        The files of a folder, as `files.listing` has them.
    modified : int
        When an archive was last changed, in ns.
    """

    key: str
    archive: str | None
    date: str
    listed: list[files.Listed]
    modified: int

    @property
    def folder(self) -> Path:
        """Where the source's index is kept."""
        return _home() / self.key


def identify(source: Path) -> Identity:
    """Look at every file of a folder, or hash an archive.

    Raises
    ------
    InputError
        If the source cannot be read.
    """
    archive = None
    listed = []
    about = hashlib.sha256(f"{_code_sha256()}:{data_sha256()}:".encode())
    try:
        if source.is_dir():
            listed = files.listing(source)
            modified = max((changed for _, _, changed in listed), default=0)
            about.update(os.fsencode(source.resolve()) + b"\0" + orjson.dumps(listed))
        else:
            modified = source.stat().st_mtime_ns
            archive = file_hash(source)
            about.update(archive.encode())
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror or error}") from error
    return Identity(about.hexdigest()[:32], archive, iso_date(modified), listed, modified)


def open_index(
    source: Path,
    definitions: Definitions,
    *,
    cache: bool = True,
    progress: files.Progress | None = None,
    known: Identity | None = None,
) -> Index:
    """Find the source's index in the cache, or read the source and make it.

    Parameters
    ----------
    source : Path
        A folder or archive of results.
    definitions : Definitions
        Needed for old result files.
    cache : bool
        False reads the source anew and keeps nothing.
    progress : callable, optional
        Called with (done, total, unit) while the source is read.
    known : Identity, optional
        The source's, if it was told already.

    Raises
    ------
    InputError
        If the source cannot be read, holds no results, or is an archive that changes meanwhile.
    """
    known = identify(source) if known is None else known
    home = _home()
    if cache:
        found = _load(known)
        if found is not None:
            return found
        try:
            home.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(prefix=f".new-{os.getpid()}-", dir=home))
        except OSError:  # a read-only home: work without a cache
            cache = False
    if not cache:
        work = Path(tempfile.mkdtemp(prefix="embsig-"))
    try:
        if cache and known.archive is None:
            _settle([changed for _, _, changed in known.listed])
        with columns.Writer(work / "scores.parquet", compressed=cache) as writer:
            summary = _build(source, known.listed, definitions, writer, progress)
        if known.archive is not None and _changed(source, known):
            raise InputError(f"{source} was changed while it was read: start again when it is complete")
        (work / "summary.json").write_bytes(orjson.dumps(asdict(summary)))
        if not cache:
            return _temporary(work, summary, known)
        _publish(work, known.folder)
        _prune(home)
    finally:
        if cache:
            shutil.rmtree(work, ignore_errors=True)
    return Index(known.folder / "scores.parquet", summary, known.archive or summary.sha256, known.date)


@lru_cache(maxsize=1)
def _code_sha256() -> str:
    """Return the hash of the code that reads results: what other code has read may differ."""
    code = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in code)).hexdigest()


def _home() -> Path:
    return cache_folder() / "index"


def _changed(archive: Path, known: Identity) -> bool:
    try:
        return archive.stat().st_mtime_ns != known.modified
    except OSError:
        return True


def _settle(modified: Iterable[int]) -> None:
    """Wait until a file that is changed gets another time than it has: clocks of file systems go in steps.

    Otherwise one that changes right after it was read, and keeps its size, would look as it was.
    """
    now = time.time_ns()
    # Linux' clock moves 100 to 1000 times a second, Windows' 64 times; old file systems write down seconds, or two.
    steps = [(t, _WHOLE_STEP if t % 1_000_000_000 == 0 else _STEP) for t in modified if abs(now - t) < _WHOLE_STEP]
    if (left := max((t + step for t, step in steps), default=0) - now) > 0:
        time.sleep(left / 1e9)


def _temporary(work: Path, summary: Summary, known: Identity) -> Index:
    """Return an index without a cache, whose folder goes when it goes out of use."""
    index = Index(work / "scores.parquet", summary, known.archive or summary.sha256, known.date)
    weakref.finalize(index, shutil.rmtree, str(work), True)
    return index


def _load(known: Identity) -> Index | None:
    folder = known.folder
    try:
        raw = orjson.loads((folder / "summary.json").read_bytes())
        summary = Summary(**{**raw, "folders": [Folder(**f) for f in raw["folders"]]})
        if pq.read_schema(folder / "scores.parquet").names != columns.SCHEMA.names:
            return None
        used(folder)
        return Index(folder / "scores.parquet", summary, known.archive or summary.sha256, known.date)
    except (OSError, ValueError, TypeError, KeyError, pa.ArrowException):
        return None


def used(folder: Path) -> None:
    """Note that an index is in use: those used last are kept."""
    with suppress(OSError):
        os.utime(folder)


def _publish(work: Path, target: Path) -> None:
    """Move a finished index to its place; another process may have been faster, or left a broken one."""
    try:
        work.rename(target)
    except OSError:
        shutil.rmtree(target, ignore_errors=True)
        with suppress(OSError):
            work.rename(target)


def _prune(home: Path) -> None:
    """Keep the indexes used last, and none that a killed process has begun."""
    with suppress(OSError):
        for begun in home.glob(".new-*"):
            process = begun.name.split("-")[1]
            if not process.isdigit() or not runs(int(process)):
                shutil.rmtree(begun, ignore_errors=True)
        kept = sorted((p for p in home.iterdir() if not p.name.startswith(".")), key=lambda p: p.stat().st_mtime)
        for old in kept[:-KEEP]:
            shutil.rmtree(old, ignore_errors=True)


@uncollected()
def _build(
    source: Path,
    listed: list[files.Listed],
    definitions: Definitions,
    writer: columns.Writer,
    progress: files.Progress | None,
) -> Summary:
    summary = Summary()
    places: dict[str, _Place] = {}
    numbers: dict[str, int] = {}
    cards: dict[str, _Card] = {}
    hashes: list[tuple[str, str]] = []
    seen: dict[str, str] = {}
    for found in files.read(source, listed=listed, progress=progress):
        folder, _, name = found.path.rpartition("/")
        if (place := places.get(folder)) is None:
            place = places[folder] = _place(folder, source)
        if found.fault and place.deep:
            summary.skipped[found.path] = found.fault
        digest = _hash(found.data)
        if found.fault or _again(found.path, digest, seen, source):
            continue
        if name == "model_meta.json":
            cards[place.path] = _card(found.data)
            continue
        try:
            result = parse(found.data, definitions)
        except NotAResult as error:
            if place.deep and str(error) != "no MTEB result":
                summary.skipped[found.path] = str(error)
            else:
                summary.n_other += 1
            continue
        hashes.append((f"{place.last}{name}", digest))
        writer.add(result, summary.n_files, numbers.setdefault(place.path, len(numbers)))
        summary.n_files += 1
    if not summary.n_files:
        why = next(iter(summary.skipped.items()), None)
        raise InputError(
            f"{source} holds no MTEB results: expected results/<model>/<revision>/<Task>.json"
            + (f" ({len(summary.skipped)} unreadable, the first is {why[0]}: {why[1]})" if why else "")
        )
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
        raise InputError(f"{source} holds {path!r} twice, and not alike: keep one of them")
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


def _folder(path: str, card: _Card) -> Folder:
    """Return who a folder's results belong to: by its model_meta.json as mteb does, else by its path."""
    parts = PurePosixPath(path).parts
    experiment = parts[-1] if len(parts) >= 2 and parts[-2] == _EXPERIMENTS else None
    parts = parts[:-2] if experiment is not None else parts
    folder_model, folder_revision = (*parts[-2:],) if len(parts) >= 2 else (parts[-1] if parts else "unknown", "")
    name, revision = card.name, card.revision
    return Folder(
        path,
        name if isinstance(name, str) and name else folder_model.replace("__", "/"),
        str(revision) if revision else folder_revision or "no_revision_available",
        card.exists,
        experiment,
    )
