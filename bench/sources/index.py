"""The index of one source: every main score it holds, as Parquet in the user's cache, keyed by content.

The first read of a source parses its JSON files, streaming; every later one reads the index. An archive is
known by the SHA-256 of its bytes, a folder by the paths, sizes and modification times of its files.
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from stats.common.errors import InputError
from stats.common.writing import runs

from . import files
from . import index_columns as columns
from .definitions import Definitions, TaskDefinition
from .fingerprint import Identity, changed, home, identify, settle
from .scan import Folder, Summary, scan

#: The file of the rows.
_ROWS = "scores.parquet"

#: How many sources' indexes are kept.
KEEP = 24


@dataclass(frozen=True)
class Index:
    """Every main score that a source holds.

    Attributes
    ----------
    path : Path
        The Parquet file, one row per (file, split, subset); of an index that is only in memory, the one that there would be.
    summary : Summary
    sha256 : str
        Of an archive, the hash of its bytes; of a folder, that of the results' content.
    date : str
        When the source was last changed (of a folder, its newest file), in ISO format, UTC.
    held : list or None
        Where all rows are held in memory once they are asked for, for many reads; None reads the file each time.
    """

    path: Path
    summary: Summary
    sha256: str
    date: str
    held: list[columns.Held] | None = None

    def task_names(self) -> set[str]:
        """The tasks that have a file."""
        held = self.held[0].task_names() if self.held else None
        names = pq.read_table(self.path, columns=["task"])["task"].unique().to_pylist() if held is None else held
        return set(names) - {None}

    def entries(self, asked: Sequence[TaskDefinition] | None = None) -> pd.DataFrame:
        """Return the rows of these tasks (default: all rows), of subsets not asked for only one of each file and split.

        ``file`` and ``folder`` count the summary's files and folders; ``triple`` is a number for task, split and subset together.
        """
        try:
            if self.held or (self.held is not None and asked is not None):
                if not self.held:
                    self.held.append(columns.Held(self.path))
                table, triple = self.held[0].read(asked)
            else:
                table, triple = columns.read(self.path, asked)
        except (OSError, pa.ArrowException) as error:
            shutil.rmtree(self.path.parent, ignore_errors=True)
            raise InputError(
                f"the index {self.path} was damaged and has been removed: start again: it will be rebuilt"
            ) from error
        frame: pd.DataFrame = table.to_pandas()
        for column in ("task", "split", "subset", "languages", "mteb_version", "dataset_revision", "data"):
            frame[column] = frame[column].astype(object)
        return frame.assign(triple=triple)


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
        False reads the source again and keeps nothing.
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
    place, work = home(), None
    if cache:
        found = _load(known)
        if found is not None:
            return found
        with suppress(OSError):  # a read-only place: work without a cache
            place.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(prefix=f".new-{os.getpid()}-", dir=place))
    try:
        if work is not None:
            settle([time for _, _, time in known.listed])
        with columns.Writer(None if work is None else work / _ROWS) as writer:
            summary = scan(source, known.listed, definitions, writer, progress)
        if known.archive is not None and changed(source, known):
            raise InputError(f"{source} was changed while it was read: start again when it is complete")
        index = Index(known.folder / _ROWS, summary, known.archive or summary.sha256, known.date)
        if work is None:
            return replace(index, held=[columns.Held(writer.tables)])
        (work / "summary.json").write_bytes(orjson.dumps(asdict(summary)))
        _publish(work, known.folder)
        _prune(place)
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)
    return index


def _load(known: Identity) -> Index | None:
    folder = known.folder
    try:
        raw = orjson.loads((folder / "summary.json").read_bytes())
        summary = Summary(**{**raw, "folders": [Folder(**f) for f in raw["folders"]]})
        if pq.read_schema(folder / _ROWS).names != columns.SCHEMA.names:
            return None
        used(folder)
        return Index(folder / _ROWS, summary, known.archive or summary.sha256, known.date)
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
