"""Results as columns: what the index of a source is written from and read into, a bounded part at a time."""

from array import array
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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
        ("split", _TEXT),
        ("subset", _TEXT),
        ("languages", _TEXT),
        ("score", pa.float64()),
        ("replicates", pa.list_(pa.float64())),
    ]
)

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
        self._splits, self._subsets, self._languages, self._scores = (
            self._values[name] for name in ("split", "subset", "languages", "score")
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
        head = (file, folder, result.task, result.old, result.mteb_version, result.dataset_revision, result.date)
        for values, value in zip(self._values.values(), head, strict=False):
            values.append(value)
        entries = result.entries or (_NOTHING,)
        self._counts.append(len(entries))
        for split, subset, score, replicates, languages in entries:
            self._splits.append(split)
            self._subsets.append(subset)
            self._scores.append(score)
            self._languages.append(languages)
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
_NOTHING = Entry(None, None, None, (), None)  # type: ignore[arg-type]


def read(path: Path, tasks: Iterable[str] | None) -> pa.Table:
    """Read the rows of these tasks (None: all), a part of the file at a time.

    Raises
    ------
    OSError, pyarrow.ArrowException
        If the file is damaged.
    """
    wanted = None if tasks is None else pa.array(sorted(set(tasks)), pa.string())
    with pq.ParquetFile(path) as file:
        parts = []
        for number in range(file.num_row_groups):
            part = file.read_row_group(number)
            parts.append(part if wanted is None else part.filter(pc.is_in(part["task"], wanted)))
        return pa.concat_tables(parts).unify_dictionaries() if parts else SCHEMA.empty_table()
