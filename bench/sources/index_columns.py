"""Results as columns: what the index of a source is written from and read into, a bounded part at a time."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
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

Numbers = npt.NDArray[np.int64]

#: What a part has of each row; the numbers of the file and its folder are the whole source's.
_OF_ROWS = pa.schema([field for field in SCHEMA if field.name not in ("file", "folder")])

#: Rows that are held before they are written.
_PART = 1 << 15


class Rows:
    """Results as columns, one row per (file, split, subset); a file without scores has one empty row."""

    def __init__(self) -> None:
        self._heads: list[tuple[Any, ...]] = []
        self._counts: list[int] = []  # rows of each file
        self._entries: list[Entry] = []

    def add(self, result: Result) -> int:
        """Add one result file; how many rows it fills."""
        entries = result.entries or (_NOTHING,)
        self._heads.append(
            (result.task, result.old, result.mteb_version, result.dataset_revision, result.date, result.missing_weights)
        )
        self._counts.append(len(entries))
        self._entries.extend(entries)
        return len(entries)

    def batch(self) -> pa.RecordBatch:
        """All that was added."""
        if not self._heads:
            return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in _OF_ROWS], schema=_OF_ROWS)
        split, subset, score, replicates, languages, data = zip(*self._entries, strict=True)
        task, old, version, revision, date, weights = zip(*self._heads, strict=True)
        rows = pa.array(np.repeat(np.arange(len(self._counts)), self._counts))
        arrays = [
            *(values.take(rows) for values in (_texts(task), pa.array(old), _texts(version), _texts(revision))),
            *(values.take(rows) for values in (pa.array(date, pa.string()), pa.array(weights, pa.int32()))),
            *map(_texts, (split, subset, languages, data)),
            pa.array(score, pa.float64()),
            _lists(replicates),
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=_OF_ROWS)


def _texts(values: Sequence[str | None]) -> pa.DictionaryArray:
    """Return texts as numbers of the different ones among them: of thousands a handful."""
    names = [name for name in dict.fromkeys(values) if name is not None]
    number: dict[str | None, int] = {name: i for i, name in enumerate(names)} | {None: -1}
    codes = np.fromiter(map(number.__getitem__, values), np.int32, len(values))
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(names, pa.string()))


def _lists(replicates: Sequence[tuple[float, ...]]) -> pa.ListArray:
    """Return the replicates as lists, null where there are none."""
    lengths = np.fromiter(map(len, replicates), np.int64, len(replicates))
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    values = np.fromiter(chain.from_iterable(replicates), np.float64, int(lengths.sum()))
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values), mask=pa.array(lengths == 0))


class Writer:
    """Write the rows of parts to a Parquet file, a bounded number at a time."""

    def __init__(self, path: Path, *, compressed: bool = True) -> None:
        texts = [field.name for field in SCHEMA if pa.types.is_dictionary(field.type) or field.name == "date"]
        self._file = pq.ParquetWriter(
            path, SCHEMA, compression="zstd" if compressed else "none", use_dictionary=texts, write_statistics=False
        )
        self._held: list[pa.RecordBatch] = []

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._write()
        self._file.close()

    def add(self, rows: pa.RecordBatch, file: Numbers, folder: Numbers) -> None:
        """Add the rows of a part; `file` and `folder` are each row's, -1 for a row that does not count."""
        if (file < 0).any():
            kept = file >= 0
            rows, file, folder = rows.filter(pa.array(kept)), file[kept], folder[kept]
        columns = [pa.array(file, pa.int32()), pa.array(folder, pa.int32()), *rows.columns]
        self._held.append(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))
        if sum(len(held) for held in self._held) >= _PART:
            self._write()

    def _write(self) -> None:
        if any(map(len, self._held)):
            table = pa.Table.from_batches(self._held).unify_dictionaries().combine_chunks()
            self._file.write_table(table, row_group_size=len(table))
        self._held = []


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
        if tasks is None:
            kept = list(parts)
        else:
            asked = _Asked(tasks, wanted)
            kept = [part.filter(asked.rows(part)) for part in parts]
    return pa.concat_tables(kept).unify_dictionaries() if kept else SCHEMA.empty_table()


class _Asked:
    """Which rows are asked for, by numbers of the texts: a benchmark may ask for a hundred thousand subsets."""

    def __init__(self, tasks: Collection[str], wanted: Collection[Triple]) -> None:
        self._tasks = {task: number for number, task in enumerate(tasks)}
        split, subset = ({text: number for number, text in enumerate({triple[i] for triple in wanted})} for i in (1, 2))
        self._splits, self._subsets = split, subset
        self._triples = np.sort(
            np.fromiter(
                (self._number(self._tasks[t], split[p], subset[s]) for t, p, s in wanted), np.int64, len(wanted)
            )
        )

    def _number(self, task: Any, split: Any, subset: Any) -> Any:
        """One number for each triple, of numbers or arrays of them."""
        return (task * len(self._splits) + split) * len(self._subsets) + subset

    def rows(self, part: pa.Table) -> pa.Array:
        """Return which rows of a part are to be read."""
        task, split, subset = (
            _numbered(part[name], numbers)
            for name, numbers in (("task", self._tasks), ("split", self._splits), ("subset", self._subsets))
        )
        file = part["file"].to_numpy()
        written = part["split"].unify_dictionaries().combine_chunks().indices.fill_null(-1).to_numpy()
        first = np.ones(len(file), bool)
        first[1:] = (file[1:] != file[:-1]) | (written[1:] != written[:-1])
        known = (task >= 0) & (split >= 0) & (subset >= 0)
        numbers = self._number(task, split, subset)
        at = np.searchsorted(self._triples, numbers)
        asked = known & (np.append(self._triples, -1)[at] == numbers)
        return pa.array((task >= 0) & (first | asked))


def _numbered(column: pa.ChunkedArray, numbers: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """Return the number of each row's text; -1 for none and for one that has no number."""
    array = column.unify_dictionaries().combine_chunks()
    of = np.array([numbers.get(name, -1) for name in array.dictionary.to_pylist()] + [-1], np.int64)
    numbered: npt.NDArray[np.int64] = of[array.indices.fill_null(-1).to_numpy()]
    return numbered
