"""The content of a task's data as it was evaluated: texts, gold and judgements, whatever files they came from.

Two folders, a CSV file and the hub may hold the same data: what counts is what the model and the metric saw.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .checks import columns_of

#: Of retrieval: what a document or query is.
_TEXTS = ("id", "title", "text", "instruction")


def loaded_hashes(task: Any) -> dict[str, dict[str, str]]:
    """SHA-256 of the data of every split and subset that a loaded task evaluates.

    Parameters
    ----------
    task : mteb task
        With its data loaded.

    Returns
    -------
    dict
        split -> subset -> hexadecimal digest. The training split of a task that trains on it is part of each.
    """
    found: dict[str, dict[str, str]] = {}
    for subset in task.hf_subsets:
        # Parallel subsets (bitext mining) and tasks of one subset may leave the level out.
        data = task.dataset.get(subset, task.dataset)
        trained = getattr(task, "train_split", None)
        for split in task.eval_splits:
            digest = hashlib.sha256()
            for name in dict.fromkeys((split, *([trained] if trained in data else []))):
                digest.update(json.dumps([name == split, name]).encode())
                _add(digest, data[name], list(columns_of(task)))
            found.setdefault(split, {})[subset] = digest.hexdigest()
    return found


def _add(digest: Any, data: Any, columns: list[str]) -> None:
    if not isinstance(data, Mapping):
        _add_table(digest, data, columns)
        return
    for part in ("corpus", "queries"):
        digest.update(part.encode())
        if data.get(part) is not None:
            _add_table(digest, data[part], list(_TEXTS), by="id")
    for part in ("relevant_docs", "top_ranked"):
        digest.update(json.dumps([part, data.get(part)], sort_keys=True, default=str).encode())


def _add_table(digest: Any, data: Any, columns: list[str], by: str = "") -> None:
    """Add the columns that are there (all, where none is), by name; rows in the order of `by`, else as they come."""
    import pyarrow.compute as pc

    table = data.with_format("arrow")[:]
    names = [n for n in sorted(columns) if n in table.column_names] or sorted(table.column_names)
    table = table.select(names)
    if by in names:
        table = table.take(pc.sort_indices(table, sort_keys=[(by, "ascending")]))
    for name in names:
        digest.update(json.dumps([name, table.num_rows]).encode())
        for chunk in _chunks(table[name]):
            _add_values(digest, chunk)


def _chunks(column: Any) -> Iterable[Any]:
    # One chunk: where a table is cut is the file's affair. Wide offsets, since texts may exceed two gigabytes together.
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind):
        column = column.cast(pa.large_string())
    whole = column.combine_chunks()
    return whole.chunks if isinstance(whole, pa.ChunkedArray) else [whole]


def _add_values(digest: Any, values: Any) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_string(kind):
        values, kind = values.cast(pa.large_string()), pa.large_string()
    if values.null_count:
        digest.update(np.asarray(values.is_null().to_numpy(zero_copy_only=False), dtype=np.uint8).tobytes())
    if pa.types.is_large_string(kind):
        values = values.fill_null("") if values.null_count else values
        digest.update(np.asarray(pc.binary_length(values), dtype=np.int64).tobytes())
        _, offsets, content = values.buffers()
        if content is not None and len(values):
            ends = np.frombuffer(offsets, dtype=np.int64)[values.offset : values.offset + len(values) + 1]
            digest.update(memoryview(content)[int(ends[0]) : int(ends[-1])])
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        lengths = pc.fill_null(pc.list_value_length(values), 0)
        digest.update(np.asarray(lengths, dtype=np.int64).tobytes())
        _add_values(digest, pc.list_flatten(values))
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        # 5 and 5.0 are one gold score, whatever a file's format makes of it.
        numbers = np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)
        digest.update(np.where(np.isnan(numbers), np.float64("nan"), numbers).tobytes())
    else:
        digest.update(json.dumps(values.to_pylist(), default=str, sort_keys=True).encode())
