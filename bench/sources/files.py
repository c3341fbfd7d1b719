"""The JSON files of a results tree or archive, one at a time and with bounds.

Nothing is ever written to disk, so a path in an archive can only name a file, never place one; links in an archive
are skipped, and one that unpacks to more than the bounds is refused.
"""

import io
import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

import zstandard

from stats.common.errors import InputError

from . import tar

#: Called with (done, total, unit) while reading; `unit` is "bytes" or "files".
Progress = Callable[[int, int, str], None]

#: A file of a folder: its path inside, size, and time of the last change in ns.
Listed = tuple[str, int, int]

ARCHIVES = (".tar.zst", ".tzst", ".tar.gz", ".tgz", ".tar", ".zip")

#: Bounds: one file, all of an archive unpacked, and how many members it has.
MAX_FILE = 64 << 20
MAX_TOTAL = 16 << 30
MAX_MEMBERS = 2_000_000

#: The size of a link to nothing: of a download from the hub, whose files are elsewhere and were not fetched.
_NOWHERE = -1

#: Paths in which nothing is to be cleaned or refused: nearly all.
_PLAIN = re.compile(r"[^./\\:][^/\\:]*(?:/[^./\\:][^/\\:]*)*")

#: What the standard library raises on a damaged or encrypted zip archive.
_ZIP_ERRORS = (
    *(zipfile.BadZipFile, EOFError, OSError, zlib.error, lzma.LZMAError),
    *(RuntimeError, UnicodeError, struct.error),  # RuntimeError: encrypted, or packed in a way that is not known
)


class Found(NamedTuple):
    """A JSON file: its path inside the source (with ``/``), and its content, or why it was not read."""

    path: str
    data: bytes
    fault: str = ""


def is_archive(path: Path) -> bool:
    """Whether the name ends as an archive's does."""
    return path.name.lower().endswith(ARCHIVES)


def read(
    source: Path,
    *,
    listed: Sequence[Listed] | None = None,
    progress: Progress | None = None,
    max_total: int = MAX_TOTAL,
) -> Iterator[Found]:
    """Yield the JSON files of a folder or archive that may be MTEB results or model cards.

    Parameters
    ----------
    source : Path
        A folder, or a ``.tar.zst``, ``.tar.gz``, ``.tar`` or ``.zip`` archive.
    listed : sequence of Listed, optional
        Of a folder, its `listing`, if there is one already.
    progress : callable, optional
        Called now and then with (done, total, unit).
    max_total : int
        Bytes that an archive may unpack to.

    Raises
    ------
    InputError
        If the archive is damaged, a file lies outside it, or a bound is passed.
    """
    if source.is_dir():
        yield from of_folder(source, listing(source) if listed is None else listed)
    elif source.name.lower().endswith(".zip"):
        yield from _zip(source, progress, max_total)
    else:
        yield from _tar(source, progress, max_total)


def listing(source: Path) -> list[Listed]:
    """Every file that `read` would yield from a folder, sorted."""
    walk = Walk(source)
    walk.below([""])
    return walk.follow()


def _wanted(path: str) -> bool:
    """Result files and model cards; predictions (which are large), dot files and everything else are not."""
    folder, _, name = path.rpartition("/")
    return _wanted_file(name) and _wanted_place(folder)


@lru_cache(maxsize=1024)
def _wanted_place(path: str) -> bool:
    return not path or all(map(_wanted_folder, path.split("/")))


def _wanted_file(name: str) -> bool:
    return name.endswith(".json") and not name.endswith("_predictions.json") and not name.startswith(".")


def _wanted_folder(name: str) -> bool:
    return not name.startswith(".") and name not in ("predictions", "__MACOSX")


def _named(path: str, source: Path) -> str:
    """The path, if it is text that can be written again."""
    try:
        path.encode()
    except UnicodeEncodeError:
        raise InputError(f"{source} holds {path!r}, a name that is not UTF-8: rename or remove it") from None
    return path


def _safe(path: str, source: Path) -> str:
    if path.isascii() and _PLAIN.fullmatch(path):
        return path
    clean = PurePosixPath(_named(path, source).replace("\\", "/"))
    if clean.is_absolute() or ".." in clean.parts or re.match(r"[A-Za-z]:", str(clean)):
        raise InputError(f"{source} holds {path!r}, a path that leaves the archive: refused")
    return str(clean)


class Walk:
    """A walk through a folder. Links are followed (a download from the hub is a tree of links), each real folder is read once.

    Attributes
    ----------
    found : list of Listed
        The files seen so far.
    links : list of str
        Links to folders, which are followed when all real folders were read: they may lead to one of those.
    seen : set of (int, int)
        What the system knows the folders by that were read.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._base = root, os.path.join(root, "")
        self.found: list[Listed] = []
        self.links: list[str] = []
        self.seen: set[tuple[int, int]] = set()

    def below(self, prefixes: list[str]) -> None:
        """Read these folders and all real ones below them."""
        pending = list(prefixes)
        while pending:
            pending += self.folder(pending.pop())

    def folder(self, prefix: str) -> list[str]:
        """Read one folder; the real ones in it."""
        try:
            place = os.stat(self._base + prefix)
            if (place.st_dev, place.st_ino) in self.seen:
                return []
            self.seen.add((place.st_dev, place.st_ino))
            with os.scandir(self._base + prefix) as listed:
                children = list(listed)
        except OSError as error:
            raise InputError(f"{self._root / prefix} cannot be read: {error.strerror or error}") from error
        real: list[str] = []
        for child in children:
            name = child.name
            if child.is_dir():
                if _wanted_folder(name):
                    (self.links if child.is_symlink() else real).append(f"{prefix}{name}/")
            elif _wanted_file(name) and child.is_file():
                info = child.stat()
                path = prefix + name
                self.found.append(
                    (path if path.isascii() else _named(path, self._root), info.st_size, info.st_mtime_ns)
                )
            elif _wanted_file(name) and child.is_symlink() and not os.path.exists(child.path):
                self.found.append((_named(prefix + name, self._root), _NOWHERE, 0))
        return real

    def follow(self) -> list[Listed]:
        """Read what links lead to, the first by name first, whoever found them, and return all files, sorted."""
        while self.links:
            self.links.sort(reverse=True)
            self.below([self.links.pop()])
        return sorted(self.found)


def of_folder(root: Path, files: Sequence[Listed]) -> Iterator[Found]:
    """Yield these files of a folder."""
    start = os.path.join(root, "")
    for path, size, _ in files:
        if size > MAX_FILE:
            yield Found(path, b"", _too_large(size))
        elif size == _NOWHERE:
            yield Found(path, b"", "a link to a file that is not there")
        else:
            try:
                data = _content(start + path, size)
            except OSError as error:
                raise InputError(f"{root / path} cannot be read: {error.strerror or error}") from error
            yield Found(path, data)


def _content(path: str, size: int) -> bytes:
    """Read a file that had this size a moment ago; `open` would look at it again and set up buffers, which takes longer."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        data = os.read(handle, size + 1)
        while len(data) != size and (more := os.read(handle, 1 << 20)):  # it has grown, or comes in pieces
            data += more
        return data
    finally:
        os.close(handle)


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than `limit` bytes: what a decompression bomb runs into."""

    def __init__(self, inner: Any, limit: int, source: Path) -> None:
        self._inner, self._left, self._limit, self._source = inner, limit, limit, source
        self._tail = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._inner.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise InputError(
                f"{self._source} unpacks to more than {self._limit / 2**30:.3g} GiB: refused (unpack it and read the folder)"
            )
        self._tail = data[-512:] if len(data) >= 512 else (self._tail + data)[-512:]
        return data

    def ended_well(self) -> bool:
        """Read what is left; whether the last block is the zeros that end a tar archive."""
        while self.read(1 << 18):
            pass
        return len(self._tail) == 512 and not any(self._tail)


@contextmanager
def _decompressed(source: Path, file: IO[bytes]) -> Iterator[Any]:
    name = source.name.lower()
    if name.endswith((".zst", ".tzst")):
        # Windows of up to 2 GiB (zstd --ultra --long) are legal, but no results archive needs one.
        with zstandard.ZstdDecompressor(max_window_size=1 << 28).stream_reader(file, read_across_frames=True) as stream:
            yield stream
    elif name.endswith(("gz",)):
        import gzip

        with gzip.GzipFile(fileobj=file) as unzipped:
            yield unzipped
    else:
        yield file


def _tar(source: Path, progress: Progress | None, max_total: int) -> Iterator[Found]:
    total = source.stat().st_size

    def accept(name: str, size: int) -> str | None:
        path = _safe(name, source)
        return path if size <= MAX_FILE and _wanted(path) else None

    try:
        with source.open("rb") as file, _decompressed(source, file) as stream:
            bounded = _Bounded(stream, max_total, source)
            for count, (name, data) in enumerate(tar.members(bounded, accept), 1):
                if count > MAX_MEMBERS:
                    raise _too_many(source)
                if data is not None:
                    yield Found(name, data)
                elif _wanted(path := _safe(name, source)):
                    yield Found(path, b"", f"a link, or more than {MAX_FILE >> 20} MiB")
                if progress is not None and count % 256 == 0:
                    progress(min(file.tell(), total), total, "bytes")
            # A cut-off zstd frame ends without a word; the end mark of the tar archive inside is then missing.
            if not bounded.ended_well():
                raise InputError(f"{source} is cut off: it has no end-of-archive mark; fetch it again")
    except (tarfile.TarError, zstandard.ZstdError, EOFError, OSError, zlib.error) as error:
        raise _damaged(source, error) from error
    if progress is not None:
        progress(total, total, "bytes")


def _zip(source: Path, progress: Progress | None, max_total: int) -> Iterator[Found]:
    left = max_total
    try:
        count, size = _zip_directory(source)
        if max(count, size // 200) > MAX_MEMBERS:
            raise _too_many(source)
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            _check_directory(source, members, count)
            for done, member in enumerate(members, 1):
                path = _safe(member.filename, source)
                link = stat.S_ISLNK(member.external_attr >> 16)
                if member.is_dir() or not _wanted(path):
                    pass
                elif link or member.file_size > MAX_FILE:
                    yield Found(path, b"", "a link" if link else _too_large(member.file_size))
                else:
                    with archive.open(member) as content:
                        # The size in the directory is only a claim: never read past it.
                        data = content.read(member.file_size + 1)
                    left -= len(data)
                    if left < 0 or len(data) > member.file_size:
                        raise InputError(f"{source} unpacks to more than {max_total / 2**30:.3g} GiB: refused")
                    yield Found(path, data)
                if progress is not None and (done % 256 == 0 or done == len(members)):
                    progress(done, len(members), "files")
    except _ZIP_ERRORS as error:
        raise _damaged(source, error) from error


def _check_directory(source: Path, members: list[zipfile.ZipInfo], count: int) -> None:
    """Raise BadZipFile where a zip archive's directory is not what stands beside its files.

    `zipfile` compares only the files that are opened: one that a damaged directory does not list, or lists under a name
    that nobody wants, would be lost without a word.
    """
    if (len(members) - count) % 0x10000:  # old programs count no further
        raise zipfile.BadZipFile(f"its directory counts {count:,} files and lists {len(members):,}")
    with source.open("rb") as file:
        for member in members:
            file.seek(member.header_offset)
            head = file.read(30)
            name = file.read(int.from_bytes(head[26:28], "little"))
            text = 0x800  # the flag that says whether a name is UTF-8
            same = (int.from_bytes(head[6:8], "little") ^ member.flag_bits) & text == 0
            listed = member.orig_filename.encode("utf-8" if member.flag_bits & text else "cp437")
            if head[:4] != b"PK\3\4" or name != listed or not same:
                raise zipfile.BadZipFile(
                    f"its directory lists {member.orig_filename!r}, which is not what stands there"
                )


def _zip_directory(source: Path) -> tuple[int, int]:
    """How many files a zip archive says it has, and the bytes of its directory, before `zipfile` makes objects of them.

    An entry of the directory has 46 bytes and a name: by its size, an archive cannot claim far fewer than it lists.
    """
    with source.open("rb") as file:
        file.seek(max(0, source.stat().st_size - 66_000))
        tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 22:
        return 0, 0  # zipfile says what is wrong
    count, size = int.from_bytes(tail[at + 10 : at + 12], "little"), int.from_bytes(tail[at + 12 : at + 16], "little")
    wide = tail.rfind(b"PK\6\6", 0, at)
    if wide >= 0 and (count == 0xFFFF or size == 0xFFFFFFFF):  # zip64
        count, size = (int.from_bytes(tail[wide + i : wide + i + 8], "little") for i in (32, 40))
    return count, size


def _too_large(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB, more than {MAX_FILE >> 20}"


def _too_many(source: Path) -> InputError:
    return InputError(f"{source} has more than {MAX_MEMBERS:,} members: refused (unpack it and read the folder)")


def _damaged(source: Path, error: Exception) -> InputError:
    return InputError(f"{source} is not a readable archive ({' '.join(str(error).split())[:120]})")
