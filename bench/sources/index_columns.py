"""Results as columns: what the index of a source is written from and read into, a bounded part at a time."""

from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .definitions import TaskDefinition
from .rows import Packed, Texts

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

Numbers = npt.NDArray[np.int64]

#: Rows that are held before they are written.
_PART = 1 << 15


class _Rows(NamedTuple):
    """A part's results and, for each row, the file and folder, -1 for a row that does not count."""

    packed: Packed
    file: Numbers
    folder: Numbers


def _table(parts: Sequence[_Rows]) -> pa.Table:
    """Return parts' results, one behind the other, as Arrow's columns: one conversion for many parts."""
    packed = [part.packed for part in parts]
    counts = _numbers([p.counts for p in packed], np.int32)
    columns: dict[str, Any] = {
        name: _texts([p.heads[name] for p in packed], counts) for name in ("task", "mteb_version", "dataset_revision")
    }
    columns |= {name: _texts([p.texts[name] for p in packed]) for name in ("split", "subset", "languages", "data")}
    columns["old"] = np.repeat(_numbers([p.old for p in packed], np.bool_), counts)
    columns["missing_weights"] = np.repeat(_numbers([p.missing_weights for p in packed], np.int32), counts)
    dates = pa.array(list(chain.from_iterable(p.dates for p in packed)), pa.string())
    columns["date"] = dates.take(pa.array(np.repeat(np.arange(len(counts)), counts)))
    columns["score"] = pa.array(
        _numbers([p.scores for p in packed], np.float64),
        mask=columns["split"].is_null().to_numpy(zero_copy_only=False),
    )
    columns["replicates"] = _lists(
        _numbers([p.lengths for p in packed], np.int32), _numbers([p.replicates for p in packed], np.float64)
    )
    file, folder = (np.concatenate(of) for of in ([p.file for p in parts], [p.folder for p in parts]))
    table = pa.Table.from_pydict({"file": file, "folder": folder, **columns}, schema=SCHEMA)
    return table.filter(pa.array(file >= 0)) if (file < 0).any() else table


def _numbers(parts: Sequence[bytes], kind: Any) -> npt.NDArray[Any]:
    return np.frombuffer(b"".join(parts), kind)


def _texts(parts: Sequence[Texts], counts: npt.NDArray[Any] | None = None) -> pa.DictionaryArray:
    """Return the texts of parts, each as often as `counts` says; None is null."""
    numbers: dict[str | None, int] = {None: -1}
    codes = []
    for names, of_rows in parts:
        ours = np.array([numbers.setdefault(name, len(numbers) - 1) for name in names], np.int32)
        codes.append(ours[np.frombuffer(of_rows, np.int32)])
    known = np.concatenate(codes) if counts is None else np.repeat(np.concatenate(codes), counts)
    return pa.DictionaryArray.from_arrays(pa.array(known, mask=known < 0), pa.array(list(numbers)[1:], pa.string()))


def _lists(lengths: npt.NDArray[Any], values: npt.NDArray[Any]) -> pa.ListArray:
    """Return the replicates as lists, null where there are none."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values), mask=pa.array(lengths == 0))


class Writer:
    """Write the rows of parts to a Parquet file, a bounded number at a time; without one they are kept in memory, as `tables`."""

    def __init__(self, path: Path | None) -> None:
        self.tables: list[pa.Table] = []
        self._file = None if path is None else _file(path)
        self._held: list[_Rows] = []

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._write()
        if self._file is not None:
            self._file.close()

    def add(self, part: Packed, file: Numbers, folder: Numbers) -> None:
        """Add the rows of a part; `file` and `folder` are each row's, -1 for a row that does not count."""
        self._held.append(_Rows(part, file, folder))
        if sum(len(held.file) for held in self._held) >= _PART:
            self._write()

    def _write(self) -> None:
        if any(len(held.file) for held in self._held):
            table = _table(self._held)
            if self._file is None:
                self.tables.append(table)
            else:
                self._file.write_table(table, row_group_size=max(1, len(table)))
        self._held = []


def _file(path: Path) -> pq.ParquetWriter:
    texts = [field.name for field in SCHEMA if pa.types.is_dictionary(field.type) or field.name == "date"]
    # The system's memory: Arrow's own takes longer to be had for the first time than the rows to be written.
    return pq.ParquetWriter(
        path,
        SCHEMA,
        compression="zstd",
        use_dictionary=texts,
        write_statistics=False,
        memory_pool=pa.system_memory_pool(),
    )


class Held:
    """The whole of what a `Writer` wrote, in memory: for many reads of it."""

    def __init__(self, written: Path | Sequence[pa.Table]) -> None:
        if isinstance(written, Path):
            with pq.ParquetFile(written) as file:
                table = file.read()
        else:
            table = pa.concat_tables(written) if written else SCHEMA.empty_table()
        self._table = table.unify_dictionaries()
        self._keys = _Keys(self._table)

    def task_names(self) -> list[str | None]:
        """The tasks that have a row."""
        return self._table["task"].unique().to_pylist()  # type: ignore[no-any-return]  # pyarrow has no types

    def read(self, asked: Sequence[TaskDefinition] | None) -> tuple[pa.Table, Numbers]:
        """Read the rows of these tasks, as the function `read` does."""
        if asked is None:
            return self._table, self._keys.triple
        kept = self._keys.rows(asked)
        return self._table.filter(pa.array(kept)), self._keys.triple[kept]


def read(path: Path, asked: Sequence[TaskDefinition] | None) -> tuple[pa.Table, Numbers]:
    """Read the rows of these tasks.

    Parameters
    ----------
    path : Path
        What a `Writer` wrote.
    asked : sequence of TaskDefinition, or None
        None reads all rows. Of subsets that are not asked for, only the first row of each file and split is read, which tells
        that those are there.

    Returns
    -------
    table : pyarrow.Table
    triple : ndarray of int64
        Of each row a number that stands for its task, split and subset together; -1 of one that has none.

    Raises
    ------
    OSError, pyarrow.ArrowException
        If the file is damaged.
    """
    with pq.ParquetFile(path) as file:
        if asked is None:
            table = file.read().unify_dictionaries()
            return table, _Keys(table).triple
        keys = file.read(columns=["file", "task", "split", "subset"]).unify_dictionaries()
        numbered = _Keys(keys)
        kept = numbered.rows(asked)
        rest, start = [], 0
        for number in range(file.num_row_groups):
            here = kept[start : start + file.metadata.row_group(number).num_rows]
            start += len(here)
            if here.any():
                part = file.read_row_group(number, columns=[n for n in SCHEMA.names if n not in keys.column_names])
                rest.append(part.filter(pa.array(here)))
    if not rest:
        return SCHEMA.empty_table(), numbered.triple[:0]
    table, keys = pa.concat_tables(rest).unify_dictionaries(), keys.filter(pa.array(kept))
    for name in keys.column_names:
        table = table.append_column(keys.field(name), keys[name])
    return table.select(SCHEMA.names), numbered.triple[kept]


class _Keys:
    """What the rows are of, by numbers of the texts: a benchmark may ask for a hundred thousand subsets."""

    def __init__(self, table: pa.Table) -> None:
        self._file = table["file"].to_numpy()
        self._texts, codes = zip(*(_numbered(table[name]) for name in ("task", "split", "subset")), strict=True)
        self._task, self._split, _ = codes
        self.triple = np.where(np.min(codes, axis=0) < 0, -1, self._number(*codes))

    def _number(self, task: Any, split: Any, subset: Any) -> Any:
        """One number for each triple, of numbers or arrays of them."""
        _, splits, subsets = self._texts
        return (task * len(splits) + split) * len(subsets) + subset

    def rows(self, asked: Sequence[TaskDefinition]) -> npt.NDArray[np.bool_]:
        """Return which rows are to be read."""
        first = np.ones(len(self._file), bool)
        first[1:] = (self._file[1:] != self._file[:-1]) | (self._split[1:] != self._split[:-1])
        tasks, splits, subsets = self._texts
        wanted, triples = np.zeros(len(tasks) + 1, bool), []
        for definition in asked:
            if (task := tasks.get(definition.name)) is not None:
                wanted[task] = True
                of_split, of_subset = _known(splits, definition.splits), _known(subsets, definition.subsets)
                triples.append(self._number(task, of_split[:, None], of_subset).ravel())
        ours: npt.NDArray[np.bool_] = wanted[self._task]
        # Looked up, not sorted as numpy would.
        ours[ours] = first[ours] | pd.Index(self.triple[ours]).isin(np.concatenate([*triples, _NO_NUMBERS]))
        return ours


_NO_NUMBERS = np.empty(0, np.int64)


def _known(numbers: Mapping[str, int], names: Sequence[str]) -> Numbers:
    """The numbers of those names that have one."""
    found = np.fromiter(map(numbers.get, names, repeat(-1)), np.int64, len(names))
    return found[found >= 0]


def _numbered(column: pa.ChunkedArray) -> tuple[dict[str, int], Numbers]:
    """Return the number of each text, and of each row that of its text; -1 for none."""
    if not column.num_chunks:
        return {}, _NO_NUMBERS
    names = {name: number for number, name in enumerate(column.chunk(0).dictionary.to_pylist())}
    codes = [chunk.indices.fill_null(-1).to_numpy() for chunk in column.chunks]
    return names, np.concatenate(codes).astype(np.int64)
