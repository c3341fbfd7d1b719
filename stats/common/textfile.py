"""Tables in text files: cells as text, exactly as many in every row as in the heading; a file that is cut off is told."""

import bz2
import csv
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import pandas as pd

from .errors import InputError
from .writing import plain_cell

#: Bytes that a compressed file may unpack to.
MAX_BYTES = 1 << 30

#: Bytes unpacked at once: of zeros, as many unfold to some hundred MB before the bound is checked.
_BLOCK = 1 << 14
_OPEN: Mapping[str, Callable[[IO[bytes]], Any]] = {
    ".gz": lambda file: gzip.GzipFile(fileobj=file),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}


def read_cells(path: Path, *, what: str, separator: str | None = None) -> pd.DataFrame:
    """Read a delimited text file.

    Parameters
    ----------
    path : Path
        UTF-8; ``.tsv`` and ``.tab`` mean tabs; ``.gz``, ``.zst``, ``.bz2`` and ``.xz`` are decompressed.
    what : str
        What its rows hold, for the errors.
    separator : str, optional
        The column separator, if it is neither comma nor tab.

    Returns
    -------
    DataFrame
        Text in every cell, headed by the file's first row; an empty cell is ``""``.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, damaged or cut off, or a row has other than the heading's number of cells.
    """
    name = path.name.lower()
    separator = separator or ("\t" if ".tsv" in name or ".tab" in name else ",")
    kind = "TSV" if separator == "\t" else "CSV"
    text = _text(path, kind)
    rows: list[list[str]] = []
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        for row in lines:
            if len(row) < 2 and not "".join(row).strip():
                continue  # a blank line
            rows.append([plain_cell(cell) for cell in row])
            if len(row) != len(rows[0]):
                raise InputError(
                    f"{path}, line {lines.line_num}: has {len(row)} cells where the heading has {len(rows[0])}"
                    f"{_hint(text, separator)}; is it cut off? expected a cell for every column, even if empty"
                )
    except csv.Error as error:
        raise InputError(
            f"{path}, line {lines.line_num}: cannot be read as {kind}: {error}{_hint(text, separator)}"
        ) from error
    if not rows:
        raise InputError(f"{path} is empty: expected a heading and rows of {what}")
    if len(rows) == 1:
        raise InputError(f"{path} has 1 line: expected a heading and at least one row of {what}")
    if len(rows[0]) == 1 and (hint := _hint(text, separator)):
        raise InputError(f"{path}: has one cell in its heading, {rows[0][0][:40]!r}{hint}")
    return pd.DataFrame(rows[1:], dtype=object).set_axis(rows[0], axis=1)


def packed(content: bytes, path: Path) -> bytes:
    """The content compressed as the file's name ends, without a date, which would change the bytes."""
    ending = path.suffix.lower()
    if ending == ".gz":
        return gzip.compress(content, mtime=0)
    if ending == ".bz2":
        return bz2.compress(content)
    if ending == ".xz":
        return lzma.compress(content)
    if ending == ".zst":
        import zstandard

        return zstandard.ZstdCompressor(write_checksum=True).compress(content)
    return content


def _text(path: Path, kind: str) -> str:
    try:
        return content(path, kind).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: cannot be read as {kind}: it is not UTF-8 text (byte {error.start}: {error.object[error.start]:#04x}); "
            "save it as UTF-8"
        ) from None


def content(path: Path, kind: str) -> bytes:
    """Return the bytes of a file, unpacked as its name ends.

    Parameters
    ----------
    path : Path
    kind : str
        What it should hold, for the errors.

    Raises
    ------
    InputError
        If it cannot be read or unpacked, is cut off, or unpacks to too much.
    """
    try:
        with path.open("rb") as file:
            return _unpacked(path, file)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else _one_line(error)
        raise InputError(f"{path}: cannot be read as {kind}: {said}") from error


def _unpacked(path: Path, file: IO[bytes]) -> bytes:
    ending = path.suffix.lower()
    if ending == ".zst":
        return _zstd(path, file.read())
    unpacked: Any = _OPEN[ending](file) if ending in _OPEN else file
    data: bytes = unpacked.read(MAX_BYTES + 1)
    if ending in _OPEN and len(data) > MAX_BYTES:
        raise _too_large(path)
    return data


def _zstd(path: Path, packed: bytes) -> bytes:
    """Unpack frame by frame: read as a stream, a frame that is cut off ends without a word."""
    import zstandard

    parts: list[bytes] = []
    size = 0
    while packed:
        frame = zstandard.ZstdDecompressor(max_window_size=1 << 28).decompressobj()
        try:
            for start in range(0, len(packed), _BLOCK):
                parts.append(frame.decompress(packed[start : start + _BLOCK]))
                size += len(parts[-1])
                if size > MAX_BYTES:
                    raise _too_large(path)
                if frame.eof:
                    packed = frame.unused_data + packed[start + _BLOCK :]
                    break
            else:
                raise EOFError("the compressed file is cut off")
        except zstandard.ZstdError as error:
            raise OSError(_one_line(error)) from error
    return b"".join(parts)


def _too_large(path: Path) -> InputError:
    return InputError(f"{path} unpacks to more than {MAX_BYTES / 2**30:.3g} GiB: refused (unpack it first)")


def _hint(text: str, separator: str) -> str:
    """Say which separator the heading seems to have, where it has none of the expected one."""
    heading = text.split("\n", 1)[0]
    other = next((c for c in ",;\t|" if c != separator and c in heading), None)
    if separator in heading or other is None:
        return ""
    words = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
    return (
        f"; the cells seem to be separated by {words[other]}, expected {words.get(separator, repr(separator))}"
        " (tabs in a .tsv, commas in any other)"
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
