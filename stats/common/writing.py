"""Files that are there in full or not at all: written beside their place, flushed to the disk, moved."""

import errno
import io
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

#: What the system says when the disk, and not who writes to it, is at fault.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)

#: What a cell begins with that a spreadsheet computes.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

#: Names in here stand for what is open already: ``/dev/stdout`` is not replaced even where it leads to a file.
_DEVICES = ("/dev", "/dev/fd")
_count = count()


@contextmanager
def replacing(path: str | PathLike[str]) -> Iterator[Path]:
    """Give a name to write to; what is written there takes the place of `path` if nothing went wrong.

    Whatever happens, a kill included, `path` is the old file or the new one. A link is followed, so that it goes on being
    one. Something that is not a file, such as ``/dev/null`` or a pipe, is written to as it is: it must not be replaced.

    Parameters
    ----------
    path : path-like
        The file.

    Yields
    ------
    Path
        Where to write: in the same folder, hidden, and gone afterwards.

    Raises
    ------
    OSError
        If it cannot be written; the old file is untouched.
    """
    place = Path(path)
    if place.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if os.path.dirname(os.path.abspath(place)) in _DEVICES or (place.exists() and not place.is_file()):
        yield place
        return
    target = Path(os.path.realpath(place))
    _sweep(target)
    part = target.with_name(f".{_stem(target)}.{os.getpid()}-{next(_count)}.part")
    try:
        yield part
        if target.exists():
            shutil.copymode(target, part)
        sync(part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def write_whole(path: str | PathLike[str], content: bytes | str) -> None:
    """Write a file that is there in full or not at all; text as UTF-8, with the line ends it has. See `replacing`."""
    with replacing(path) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


class CsvLines(io.StringIO):
    r"""What a CSV writer with line ends ``\r\n`` writes to: it then quotes both in a cell, and the lines end in ``\n``."""

    def write(self, line: str) -> int:
        """Write one line, as a CSV writer does."""
        return super().write(line.removesuffix("\r\n") + "\n")


def csv_text(frame: "pd.DataFrame", separator: str = ",") -> str:
    """A table, without its index, as CSV that reads back exactly, whatever is in a name, and in which no cell is a formula."""
    from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

    lines = CsvLines()
    safe = frame.copy(deep=False)
    for place, kind in enumerate(frame.dtypes):
        if not (is_numeric_dtype(kind) or is_datetime64_any_dtype(kind)):
            safe.isetitem(place, frame.iloc[:, place].map(safe_cell).to_numpy(dtype=object))
    safe.columns = frame.columns.map(safe_cell)
    safe.to_csv(lines, index=False, lineterminator="\r\n", sep=separator)
    return lines.getvalue()


def safe_cell(value: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would take for a formula; numbers are left as they are.

    A text that looks like one so changed gets one too, so that `plain_cell` gives every text back.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("BAAI/bge"), safe_cell(-0.5)
    ("'=1+1", 'BAAI/bge', -0.5)
    """
    return f"'{value}" if isinstance(value, str) and _is_formula(value) else value


def plain_cell(text: str) -> str:
    """The text that `safe_cell` was given.

    Examples
    --------
    >>> plain_cell("'=1+1"), plain_cell("'s-Hertogenbosch")
    ('=1+1', "'s-Hertogenbosch")
    """
    return text[1:] if text.startswith("'") and _is_formula(text[1:]) else text


def _is_formula(text: str) -> bool:
    return text.lstrip("' ").startswith(_FORMULA)


def sync(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def disk_fault(error: BaseException) -> str | None:
    """Say what is wrong with the disk, where that is what an error is about, also one that is not an OSError; else None."""
    number = getattr(error, "errno", None)
    if number is None and (said := re.search(r"os error (\d+)", str(error))):  # safetensors, in Rust's words
        number = int(said[1])
    if number in FULL:
        return os.strerror(number)
    # torch gives no number, and a kill is the only other thing that stops it in the middle of a file.
    return "a file could not be written in full" if "PytorchStreamWriter failed" in str(error) else None


def _stem(target: Path) -> str:
    return target.name[:40]  # 40 characters are at most 160 bytes: the whole stays a legal name


def _sweep(target: Path) -> None:
    """Remove what killed processes have left beside a file."""
    head = f".{_stem(target)}."
    with suppress(OSError):
        for name in os.listdir(target.parent):
            made = re.fullmatch(r"(\d+)-\d+\.part", name.removeprefix(head)) if name.startswith(head) else None
            if made is not None and not runs(int(made[1])):
                (target.parent / name).unlink(missing_ok=True)


def runs(process: int) -> bool:
    """Whether a process of this number runs on this machine; True where that cannot be asked."""
    if os.name != "posix":  # where signal 0 does not only ask
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
