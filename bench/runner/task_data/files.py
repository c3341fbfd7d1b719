"""The files of a task's data: JSON Lines, CSV, TSV and Parquet, also compressed with gzip, row by row or as an Arrow table."""

import csv
import gzip
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stats.common.errors import InputError
from stats.common.parquet import reading_parquet
from stats.common.writing import disk_fault

_ENDINGS = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".parquet", ".csv", ".csv.gz", ".tsv", ".tsv.gz")
_CHUNK = 50_000

#: Characters of one line, or of one cell: what a compressed file of a single line without an end runs into.
MAX_LINE = 1 << 28


def find(folder: Path, stem: str) -> Path | None:
    """The one file of this name, whatever its form; None if there is none.

    Raises
    ------
    InputError
        If there are several: they need not hold the same.
    """
    found = [path for ending in _ENDINGS if (path := folder / f"{stem}{ending}").is_file()]
    if len(found) > 1:
        raise InputError(
            f"{folder} holds both {found[0].name} and {found[1].name}: expected one of them; remove the other"
        )
    return found[0] if found else None


def table(path: Path, texts: Collection[str]) -> Any:
    """A file as a pyarrow Table.

    Parameters
    ----------
    path : Path
    texts : collection of str
        Columns that hold text. Of CSV and TSV, any other column whose every cell reads as a number is numbers.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or has two columns of one name or a column of several kinds.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.name.endswith(".parquet"):
        with reading_parquet(path):
            read = pq.read_table(path)
    else:
        try:
            chunks = [pa.Table.from_pylist(chunk) for chunk in _chunks(path)]
            read = pa.concat_tables(chunks, promote_options="permissive") if chunks else None
        except pa.ArrowException as error:
            raise InputError(
                f"{path}: a column holds values of several kinds ({_one_line(error)}): expected one kind in all rows"
            ) from error
    if read is None or not read.num_rows:
        raise InputError(f"{path} is empty: expected at least one row")
    _refuse_doubled(path, read.column_names)
    for i, column in enumerate(read.columns):
        if pa.types.is_dictionary(column.type):  # categories, as pandas writes them
            read = read.set_column(i, read.column_names[i], column.cast(column.type.value_type))
        elif _is_delimited(path) and read.column_names[i] not in texts:
            read = read.set_column(i, read.column_names[i], _numbers(column))
    return read


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a file, one dict each, read as a stream (Parquet: in one piece); cells of CSV and TSV are text.

    Raises
    ------
    InputError
        If the file cannot be read, or a row is not like the others.
    """
    if path.name.endswith(".parquet"):
        import pyarrow.parquet as pq

        with reading_parquet(path):
            yield from pq.read_table(path).to_pylist()
        return
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig", newline="")
            if path.name.endswith(".gz")
            else path.open(encoding="utf-8-sig", newline="")
        ) as file:
            yield from _delimited(file, path) if _is_delimited(path) else _json(file, path)
    except (OSError, EOFError, UnicodeError, zlib.error) as error:
        if isinstance(error, OSError) and disk_fault(error):
            raise
        raise InputError(f"{path} cannot be read: {_one_line(error)}") from error


def _is_delimited(path: Path) -> bool:
    return path.name.removesuffix(".gz").endswith((".csv", ".tsv"))


def _chunks(path: Path) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows(path):
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _json(file: Any, path: Path) -> Iterator[dict[str, Any]]:
    import orjson

    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise InputError(f"{path}, line {number}: has more than {MAX_LINE:,} characters: refused")
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise InputError(f"{path}, line {number}: not a JSON object ({error})") from error
        if not isinstance(row, dict):
            raise InputError(f"{path}, line {number}: not a JSON object: expected JSON Lines, one object a line")
        yield row


def _delimited(file: Any, path: Path) -> Iterator[dict[str, Any]]:
    read = csv.reader(file, delimiter="\t" if ".tsv" in path.name else ",", strict=True)
    heading: list[str] | None = None
    try:
        with _long_cells():
            for row in read:
                if not row:
                    continue  # a blank line
                if heading is None:
                    heading = row
                    _refuse_doubled(path, heading)
                elif len(row) != len(heading):
                    raise InputError(
                        f"{path}, line {read.line_num}: has {len(row)} cells where the heading has {len(heading)}; "
                        "expected a cell for every column, even if empty"
                    )
                else:
                    yield dict(zip(heading, row, strict=True))
    except csv.Error as error:
        raise InputError(f"{path}, line {read.line_num}: cannot be read as a table: {error}") from error


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let a cell hold a whole document: the standard library stops at 131,072 characters."""
    before = csv.field_size_limit(MAX_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _refuse_doubled(path: Path, names: Collection[str]) -> None:
    doubled = next((n for n in names if list(names).count(n) > 1), None)
    if doubled is not None:
        raise InputError(f"{path} has two columns named {doubled!r}: rename or remove one")


def _numbers(column: Any) -> Any:
    """A column of text as whole numbers, else as numbers, else as it is."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for kind in (pa.int64(), pa.float64()):
        try:
            return pc.utf8_trim_whitespace(column).cast(kind)
        except pa.ArrowInvalid:
            continue
    return column


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:160]
