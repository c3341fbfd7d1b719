"""Results as columns: what the index of a source is written from and read into, a bounded part at a time."""

from array import array
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from .mteb_json import Entry, Result

_TEXT = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("file", pa.int32()),
        ("folder", pa.int32()),
        ("task", _TEXT),
        ("old", pa.bool_()),
        ("mteb_version", _TEXT),
        ("dataset_revision", _TEXT),
        ("date", pa.string()),
        ("missing_weights", pa.int32()),
        ("split", _TEXT),
        ("subset", _TEXT),
        ("languages", _TEXT),
        ("data", _TEXT),
        ("score", pa.float64()),
        ("replicates", pa.list_(pa.float64())),
    ]
)

#: (task, split, subset)
Triple = tuple[str, str, str]

#: Rows that are held before they are written.
_PART = 1 << 15


class Writer:
    """Write results to a Parquet file, one row per (file, split, subset); a file without scores has one empty row."""

    def __init__(self, path: Path, *, compressed: bool = True) -> None:
        texts = [field.name for field in SCHEMA if pa.types.is_dictionary(field.type) or field.name == "date"]
        self._file = pq.ParquetWriter(
            path, SCHEMA, compression="zstd" if compressed else "none", use_dictionary=texts, write_statistics=False
        )
        self._begin()

    def _begin(self) -> None:
        # Plain lists of texts and numbers: tuples and dicts by the hundred thousand would keep the garbage collector busy.
        self._values: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
        self._splits, self._subsets, self._languages, self._data, self._scores = (
            self._values[name] for name in ("split", "subset", "languages", "data", "score")
        )
        self._counts: list[int] = []  # rows of each file
        self._lengths: list[int] = []  # replicates of each row, which stand one behind the other
        self._replicates = array("d")

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._counts:
            self._write()
        self._file.close()

    def add(self, result: Result, file: int, folder: int) -> None:
        """Add one result file."""
        head = (
            file, folder, result.task, result.old, result.mteb_version, result.dataset_revision, result.date,
            result.missing_weights,
        )  # fmt: skip
        for values, value in zip(self._values.values(), head, strict=False):
            values.append(value)
        entries = result.entries or (_NOTHING,)
        self._counts.append(len(entries))
        for split, subset, score, replicates, languages, data in entries:
            self._splits.append(split)
            self._subsets.append(subset)
            self._scores.append(score)
            self._languages.append(languages)
            self._data.append(data)
            self._lengths.append(len(replicates))
            if replicates:
                self._replicates.extend(replicates)
        if len(self._lengths) >= _PART:
            self._write()

    def _write(self) -> None:
        rows = pa.array(np.repeat(np.arange(len(self._counts)), self._counts))
        arrays = []
        for field in SCHEMA:
            if field.name == "replicates":
                arrays.append(self._lists())
            else:
                values = pa.array(self._values[field.name], field.type)
                arrays.append(values.take(rows) if len(values) < len(rows) else values)
        self._file.write_batch(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA))
        self._begin()

    def _lists(self) -> pa.ListArray:
        """Return the replicates as lists, null where there are none."""
        lengths = np.asarray(self._lengths)
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        values = pa.array(np.frombuffer(self._replicates, dtype=np.float64))
        return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(lengths == 0))


#: What stands for the entries of a file that has none.
_NOTHING = Entry(None, None, None, (), None, None)  # type: ignore[arg-type]


def read(path: Path, tasks: Collection[str] | None, wanted: Collection[Triple] = ()) -> pa.Table:
    """Read the rows of these tasks, a part of the file at a time.

    Parameters
    ----------
    path : Path
        What a `Writer` wrote.
    tasks : collection of str, or None
        None reads all rows.
    wanted : collection of (task, split, subset)
        Of other subsets, only the first row of each file and split is read, which tells that those are there.

    Raises
    ------
    OSError, pyarrow.ArrowException
        If the file is damaged.
    """
    with pq.ParquetFile(path) as file:
        parts = (file.read_row_group(number) for number in range(file.num_row_groups))
        kept = [part if tasks is None else part.filter(_rows(part, tasks, wanted)) for part in parts]
    return pa.concat_tables(kept).unify_dictionaries() if kept else SCHEMA.empty_table()


def _rows(part: pa.Table, tasks: Collection[str], wanted: Collection[Triple]) -> pa.Array:
    """Return which rows of a part are to be read."""
    task, split, subset = (_Coded(part[name]) for name in ("task", "split", "subset"))
    of_task = np.array([name in tasks for name in task.names], bool)[task.codes]
    file = part["file"].to_numpy()
    first = np.ones(len(file), bool)
    first[1:] = (file[1:] != file[:-1]) | (split.codes[1:] != split.codes[:-1])
    # One number for each triple; -1, for a split or subset that is not there, makes none that is asked for.
    size = len(subset.names) + 1
    numbers = (task.codes.astype(np.int64) * (len(split.names) + 1) + split.codes) * size + subset.codes
    asked = [
        (task.number[t] * (len(split.names) + 1) + split.number[p]) * size + subset.number[s]
        for t, p, s in wanted
        if t in task.number and p in split.number and s in subset.number
    ]
    return pa.array(of_task & (first | np.isin(numbers, asked)))


class _Coded:
    """The texts of a column, and which of them each row has; -1 for none."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        array = column.unify_dictionaries().combine_chunks()
        self.names: list[str] = array.dictionary.to_pylist()
        self.number = {name: number for number, name in enumerate(self.names)}
        self.codes: npt.NDArray[np.int32] = array.indices.fill_null(-1).to_numpy()
