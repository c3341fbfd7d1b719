"""Scores that were read before, kept beside the index that they were made from.

An answer is a file for one question (which benchmark, which folders) to one index. It begins with the hash of what follows,
so that a damaged one is none. It is read only by the pandas and pyarrow that wrote it, and gives every value as it was.
"""

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from stats.common.writing import write_whole
from stats.scores import Scores

#: How many answers are kept beside one index.
KEEP = 8

_META = b"embsig"
_DIGEST = hashlib.sha256().digest_size

#: Columns of the cells that are neither numbers nor texts.
_ODD = {
    "missing_splits": pa.list_(pa.string()),
    "missing_subsets": pa.list_(pa.string()),
    "replicates": pa.list_(pa.float64()),
    "trained_on": pa.bool_(),
}


def path_of(folder: Path, *question: str | bool | None) -> Path:
    """Where the answer to a question is kept, beside the index in a folder."""
    asked = json.dumps([pd.__version__, pa.__version__, *question]).encode()
    return folder / f"answer-{hashlib.sha256(asked).hexdigest()[:24]}.arrow"


def save(path: Path, scores: Scores) -> None:
    """Keep scores of `read_results`; where the disk does not take them they are not kept."""
    cells = scores.cells
    if cells is None or not path.parent.is_dir():
        return
    place = {
        "task": pd.Index(scores.task_names).get_indexer(pd.Index(cells["task"])),
        "model": pd.Index(scores.models).get_indexer(pd.Index(cells["model"])),
    }
    about = {
        "tasks": {str(c): [str(v.dtype), _plain(v)] for c, v in scores.tasks.items()},
        "names": [str(scores.table.index.dtype), scores.task_names, str(scores.table.columns.dtype), scores.models],
        "cells": {str(c): str(dtype) for c, dtype in cells.dtypes.items()},
        "provenance": dict(scores.provenance),
    }
    arrays = {"score": pa.array(scores.values[place["task"], place["model"]])}
    for name, column in cells.items():
        arrays[str(name)] = pa.array(place[str(name)], pa.int32()) if name in place else _packed(str(name), column)
    batch = pa.RecordBatch.from_pydict(arrays)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema.with_metadata({_META: json.dumps(about)})) as writer:
        writer.write_batch(batch)
    content = sink.getvalue().to_pybytes()
    with suppress(OSError):
        write_whole(path, hashlib.sha256(content).digest() + content)
        for old in sorted(path.parent.glob("answer-*.arrow"), key=lambda p: p.stat().st_mtime)[:-KEEP]:
            old.unlink()


def load(path: Path) -> Scores | None:
    """Return the scores that were kept, or None."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    content = memoryview(data)[_DIGEST:]
    if hashlib.sha256(content).digest() != data[:_DIGEST]:
        return None
    with pa.ipc.open_stream(pa.py_buffer(content)) as reader:
        batch = reader.read_next_batch()
        about = json.loads(reader.schema.metadata[_META])
    index_dtype, tasks, columns_dtype, models = about["names"]
    index, columns = pd.Index(tasks, index_dtype, name="task"), pd.Index(models, columns_dtype, name="model")
    places = {name: batch.column(name).to_numpy() for name in ("task", "model")}
    values = np.full((len(tasks), len(models)), np.nan)
    values[places["task"], places["model"]] = batch.column("score").to_numpy()
    named = {"task": np.asarray(tasks, object), "model": np.asarray(models, object)}
    cells = {
        name: pd.Series(
            named[name][places[name]] if name in named else _unpacked(batch.column(name), dtype), dtype=dtype
        )
        for name, dtype in about["cells"].items()
    }
    return Scores(
        pd.DataFrame(values, index, columns),
        pd.DataFrame({c: pd.Series(v, index, dtype) for c, (dtype, v) in about["tasks"].items()}, index),
        pd.DataFrame(cells),
        about["provenance"],
    )


def _plain(column: "pd.Series[Any]") -> list[Any]:
    """Return the values as JSON has them; a missing one is null unless it is a number."""
    values: list[Any] = column.tolist()
    return values if column.dtype.kind == "f" or column.dtype == object else [None if pd.isna(v) else v for v in values]


def _packed(name: str, column: "pd.Series[Any]") -> pa.Array:
    if name in _ODD:
        return pa.array(column.tolist(), _ODD[name])
    if column.dtype.kind in "bif":
        return pa.array(column.to_numpy())
    return pa.array(column.astype(object).where(column.notna(), None).tolist(), pa.string()).dictionary_encode()


def _unpacked(array: pa.Array, dtype: str) -> npt.NDArray[Any]:
    """Return a column's values; those that are no numbers as Python's own."""
    if pa.types.is_list(array.type):
        ends, values = array.offsets.to_numpy(), array.values.to_pylist()
        rows = np.empty(len(array), object)
        rows.fill(())
        for row in np.flatnonzero(np.diff(ends)).tolist():
            rows[row] = tuple(values[ends[row] : ends[row + 1]])
        return rows
    if pa.types.is_dictionary(array.type):
        known, array = array.dictionary.to_pylist(), array.indices
    elif dtype == "object":
        known, array = [False, True], array.cast(pa.int8())
    else:
        return np.asarray(array.to_numpy(zero_copy_only=False))
    return np.asarray(np.asarray([*known, None], object)[array.fill_null(len(known)).to_numpy()])
