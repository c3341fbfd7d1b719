"""What a source of results is known by: an archive by the SHA-256 of its bytes, a folder by the paths, sizes and times of its files."""

import hashlib
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import orjson

from bench.cache_folder import cache_folder
from stats.common.errors import InputError
from stats.common.hashing import file_hash

from . import files
from .definitions import data_sha256
from .listing import listing

#: By how many ns the times of two changes differ at least, and where only whole seconds are written down.
_STEP = 20_000_000


_WHOLE_STEP = 2_000_000_000


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
        return home() / self.key


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
            listed = listing(source)
            modified = max((changed for _, _, changed in listed), default=0)
            about.update(os.fsencode(source.resolve()) + b"\0" + orjson.dumps(listed))
        else:
            modified = source.stat().st_mtime_ns
            archive = file_hash(source)
            about.update(archive.encode())
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror or error}") from error
    return Identity(about.hexdigest()[:32], archive, iso_date(modified), listed, modified)


@lru_cache(maxsize=1)
def _code_sha256() -> str:
    """Return the hash of the code that reads results: what other code has read may differ."""
    code = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in code)).hexdigest()


def home() -> Path:
    """Return the folder of all indexes."""
    return cache_folder() / "index"


def changed(archive: Path, known: Identity) -> bool:
    """Whether an archive has another time than when it was identified."""
    try:
        return archive.stat().st_mtime_ns != known.modified
    except OSError:
        return True


def settle(modified: Iterable[int]) -> None:
    """Wait until a file that is changed gets another time than it has: clocks of file systems go in steps.

    Otherwise one that changes right after it was read, and keeps its size, would look as it was.
    """
    now = time.time_ns()
    # Linux' clock moves 100 to 1000 times a second, Windows' 64 times; old file systems write down seconds, or two.
    steps = [(t, _WHOLE_STEP if t % 1_000_000_000 == 0 else _STEP) for t in modified if abs(now - t) < _WHOLE_STEP]
    if (left := max((t + step for t, step in steps), default=0) - now) > 0:
        time.sleep(left / 1e9)
