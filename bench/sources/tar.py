"""The members of a tar archive, read from a stream.

Archives of results are tens of thousands of small files. Plain files and folders with short, GNU or POSIX long names are
read here, in a tenth of the time that `tarfile` takes for a header; from the first member that is anything else (a link,
a sparse file, a number in another base, a damaged header) to the end, `tarfile` reads.
"""

import io
import tarfile
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, NoReturn
from zlib import adler32

_BLOCK = 512
_CHUNK = 1 << 16
_END = bytes(_BLOCK)

#: A longer name, or more attributes, are left to tarfile.
_MAX_EXTENSION = 1 << 16

#: And what tarfile may read of them; it reads them whole, whatever size they claim.
_MAX_GUARDED = 1 << 20
_MAX_SIZE = 1 << 34

#: Kinds of members that are read whole because they say something about the next.
_EXTENSIONS = (b"L", b"K", b"x", b"g", b"X")

_FILE, _OLD_FILE, _FOLDER, _LONG_NAME, _ATTRIBUTES, _COMMON_ATTRIBUTES = b"0", b"\0", b"5", b"L", b"x", b"g"

#: POSIX attributes that change what a member is or how the others are to be read.
_SPECIAL = ("size", "hdrcharset", "GNU.sparse", "charset")


class Member(NamedTuple):
    """A member: its name, as accepted or as it is; its content if that was wanted."""

    name: str
    data: bytes | None


class _Unusual(Exception):
    """Something that tarfile is to read."""


def members(stream: Any, accept: Callable[[str, int], str | None]) -> Iterator[Member]:
    """Yield the members of an archive, in order.

    Parameters
    ----------
    stream : object with ``read(size)``
        The archive, decompressed.
    accept : callable
        Called with the name and size of every regular file; under which name its content is wanted, or None.

    Raises
    ------
    tarfile.TarError
        If the archive is damaged.
    """
    blocks = _Blocks(stream)
    begun = False
    while True:
        blocks.mark()
        try:
            longer, header = None, blocks.take(_BLOCK)
            if begun and (len(header) < _BLOCK or header == _END):
                return  # with or without the end mark: whoever reads the stream sees that
            while header[156:157] in (_LONG_NAME, _ATTRIBUTES, _COMMON_ATTRIBUTES):
                longer = _extended(header, blocks, longer)
                header = blocks.take(_BLOCK)
            kind, name, size = _head(header)
        except _Unusual:
            yield from _by_tarfile(blocks.rest(), accept)
            return
        name = name if longer is None else longer
        if kind == _FOLDER:
            yield Member(name.rstrip("/"), None)
        elif (accepted := accept(name, size)) is not None:
            yield Member(accepted, blocks.content(size))
        else:
            blocks.skip(size)
            yield Member(name, None)
        begun = True


class _Blocks:
    """A stream in pieces of any size, of which those since the last mark can be had again."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._buffer = b""
        self._at = self._marked = 0

    def mark(self) -> None:
        self._marked = self._at

    def take(self, size: int) -> bytes:
        """The next bytes, or fewer at the end."""
        end = self._at + size
        if end > len(self._buffer):
            self._fill(end - len(self._buffer))
            end = self._at + size
        data = self._buffer[self._at : end]
        self._at += len(data)
        return data

    def _fill(self, missing: int) -> None:
        kept = [self._buffer[self._marked :]]
        self._at -= self._marked
        self._marked = 0
        while missing > 0 and (more := self._stream.read(_CHUNK)):
            kept.append(more)
            missing -= len(more)
        self._buffer = b"".join(kept)

    def content(self, size: int) -> bytes:
        """The content of a file; the blocks that it fills are passed."""
        self.mark()
        data = self.take(size)
        padding = -size % _BLOCK
        if len(data) < size or len(self.take(padding)) < padding:
            raise tarfile.ReadError("unexpected end of data")
        return data

    def skip(self, size: int) -> None:
        """Pass the content of a file."""
        left = size + -size % _BLOCK
        while left:
            self.mark()
            passed = len(self.take(min(left, _CHUNK)))
            if not passed:
                raise tarfile.ReadError("unexpected end of data")
            left -= passed

    def rest(self) -> Any:
        """All from the mark on, as a stream."""
        return _Rest(self._buffer[self._marked :], self._stream)


class _Rest(io.RawIOBase):
    """What was read already, then the rest of the stream."""

    def __init__(self, first: bytes, stream: Any) -> None:
        self._first, self._stream = first, stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._first:
            data: bytes = self._stream.read(size)
            return data
        first, self._first = (self._first, b"") if size < 0 else (self._first[:size], self._first[size:])
        return first


def _head(header: bytes) -> tuple[bytes, str, int]:
    """Return the kind, name and size that the header of a file or folder gives."""
    kind, size = _kind(header)
    name = _text(header[:100])
    if header[345]:
        name = f"{_text(header[345:500])}/{name}"
    if not (
        kind == _FILE
        or (kind == _FOLDER and not size)
        or (kind == _OLD_FILE and not name.endswith("/"))  # otherwise an old way to write a folder
    ):
        raise _Unusual
    return kind, name, size


def _kind(header: bytes) -> tuple[bytes, int]:
    """Return the kind and size of a member whose header is whole."""
    if len(header) < _BLOCK:
        raise _Unusual
    try:
        size = int(header[124:135], 8)
        told = int(header[148:156].partition(b"\0")[0], 8)
    except ValueError:
        raise _Unusual from None
    # The sum of the header's bytes, its own field as blanks. Adler's first half is one more than the sum of the bytes,
    # exactly so for 256 of them, and the fastest sum of bytes there is.
    total = (adler32(header[:256]) & 0xFFFF) + (adler32(header[256:]) & 0xFFFF) - 2 - sum(header[148:156]) + 8 * 32
    if total != told or size < 0 or header[135] not in b"\0 ":
        raise _Unusual
    return header[156:157], size


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _extended(header: bytes, blocks: _Blocks, longer: str | None) -> str | None:
    """Return the name that this extension and those before it give to the member after them."""
    kind, size = _kind(header)
    if size > _MAX_EXTENSION:
        raise _Unusual
    data = blocks.take(size + -size % _BLOCK)[:size]
    if len(data) < size:
        raise _Unusual
    if kind == _LONG_NAME:
        name: str | None = _text(data)
    else:
        attributes = _attributes(data)
        name = attributes.get("path")
        if kind == _COMMON_ATTRIBUTES and attributes.keys() - {"comment"}:  # `git archive` leaves the commit there
            raise _Unusual
        if any(key.startswith(_SPECIAL) for key in attributes):
            raise _Unusual
    if name is None:
        return longer
    if longer is not None:
        raise _Unusual
    return name


def _attributes(data: bytes) -> dict[str, str]:
    """Parse POSIX attributes, records of ``length key=value`` and a new line."""
    found = {}
    while data:
        length, blank, _ = data.partition(b" ")
        if not blank or not length.isdigit():
            raise _Unusual
        record, data = data[: int(length)], data[int(length) :]
        key, equals, value = record[len(length) + 1 :].partition(b"=")
        if len(record) != int(length) or not key or not equals or not value.endswith(b"\n") or b"\0" in record:
            raise _Unusual
        try:
            found[key.decode()] = value[:-1].decode().rstrip("/")
        except UnicodeDecodeError:
            raise _Unusual from None
    return found


class _Guarded(tarfile.TarInfo):
    """A header as tarfile reads it, but for what makes a few KB endless: names of gigabytes, sparse files, impossible sizes."""

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        if self.type in _EXTENSIONS and self.size > _MAX_GUARDED:
            raise tarfile.ReadError(f"a name or attributes of {self.size:,} bytes")
        if not 0 <= self.size <= _MAX_SIZE:  # tarfile would go on passing blocks when there are none left
            raise tarfile.ReadError(f"a file of {self.size:,} bytes")
        return super()._proc_member(archive)  # type: ignore[misc]  # tarfile's own entry point for subclasses

    def _refuse(self, *_: Any) -> NoReturn:
        raise tarfile.ReadError(
            f"{self.name[:80]!r} is a sparse file, whose size nothing bounds: unpack it and read the folder"
        )

    _proc_sparse = _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _refuse


def _by_tarfile(stream: Any, accept: Callable[[str, int], str | None]) -> Iterator[Member]:
    with tarfile.open(fileobj=stream, mode="r|", bufsize=_CHUNK, tarinfo=_Guarded) as archive:
        for member in archive:
            archive.members = []  # type: ignore[attr-defined]  # a stream need not remember what it has passed
            name = accept(member.name, member.size) if member.isreg() else None
            content = None if name is None else archive.extractfile(member)
            yield Member(member.name, None) if name is None or content is None else Member(name, content.read())
