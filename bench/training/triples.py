"""Training data: triples of query, positive and negatives, from a file, the hub or memory, and their order."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stats.common.errors import InputError
from stats.common.parquet import reading_parquet

Row = Mapping[str, Any]
DataSource = str | os.PathLike[str] | Sequence[Row]

_MISSPELT = "postive"


@dataclass(frozen=True)
class Triples:
    """Queries, their positives and their hard negatives.

    Parameters
    ----------
    queries, positives : list of str
        One of each per row.
    negatives : list of tuple of str
        Hard negatives per row; the number may differ between rows, but is 0 for all or at least 1 for all.
    name : str
        File name, hub name, or "in memory".
    sha256 : str
        Hash of the rows in their order, whatever file format they came in.
    notes : tuple of str
        What was accepted and should be known.
    """

    queries: list[str]
    positives: list[str]
    negatives: list[tuple[str, ...]]
    name: str
    sha256: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.queries)

    @property
    def negatives_per_row(self) -> int:
        """The number of negatives that every row has."""
        return min((len(negatives) for negatives in self.negatives), default=0)

    def columns(self, index: Sequence[int] | NDArray[np.int64], negatives: int) -> dict[str, list[str]]:
        """Return the rows at `index` as columns ``query, positive, negative_1, ...``."""
        table = {"query": [self.queries[i] for i in index], "positive": [self.positives[i] for i in index]}
        for k in range(negatives):
            table[f"negative_{k + 1}"] = [self.negatives[i][k] for i in index]
        return table


def read_triples(source: DataSource) -> Triples:
    """Read training data.

    Parameters
    ----------
    source : path, str or sequence of mappings
        A ``.jsonl``, ``.jsonl.gz`` or ``.parquet`` file; ``owner/name[:split]`` on the hub; or the rows themselves. A row
        has ``query``, ``positive`` (``postive`` is accepted) and optionally ``negative``: a text, a list of texts, or
        ``negative_1``, ``negative_2``, ...

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a row lacks a field; the row's number is named.
    """
    if isinstance(source, (str, os.PathLike)):
        name, rows = _open(os.fspath(source))
    else:
        name, rows = "in memory", iter(source)
    queries: list[str] = []
    positives: list[str] = []
    negatives: list[tuple[str, ...]] = []
    digest = hashlib.sha256()
    misspelt = False
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise InputError(
                f"row {number} of {name} is a {type(row).__name__}; expected an object with query, positive and negative"
            )
        key = "positive" if "positive" in row else _MISSPELT
        misspelt |= key == _MISSPELT and key in row
        query, positive = (_text(row, field, number, name) for field in ("query", key))
        own = _negatives(row, number, name)
        queries.append(query)
        positives.append(positive)
        negatives.append(own)
        digest.update("\0".join((query, positive, *own, "\n")).encode("utf-8", "surrogatepass"))
    if len(queries) < 2:
        raise InputError(f"{name} holds {len(queries)} row(s); training needs at least 2")
    with_negatives = sum(map(bool, negatives))
    if 0 < with_negatives < len(negatives):
        first = next(i for i, own in enumerate(negatives, start=1) if not own)
        raise InputError(
            f"row {first} of {name} has no 'negative', but {with_negatives} other rows have; give every row one, or none"
        )
    notes = (f"{name} spells 'positive' as 'postive'; read as 'positive'",) if misspelt else ()
    return Triples(queries, positives, negatives, name, digest.hexdigest(), notes)


def _text(row: Row, field: str, number: int, name: str) -> str:
    value = row.get(field)
    if isinstance(value, (list, tuple)) and value:
        value = value[0]
    if not isinstance(value, str):
        shown = "positive" if field == _MISSPELT else field
        found = ", ".join(map(str, row)) or "nothing"
        raise InputError(
            f"row {number} of {name} has no text in {shown!r} (its fields: {found}); every row needs query and positive"
        )
    return value


def _negatives(row: Row, number: int, name: str) -> tuple[str, ...]:
    found: list[Any] = []
    for field in ("negative", "negatives"):
        value = row.get(field)
        if value is not None:
            found.extend(value if isinstance(value, (list, tuple)) else [value])
    found.extend(
        row[field]
        for field in sorted((f for f in row if f.startswith("negative_")), key=_suffix)
        if row[field] is not None
    )
    if not all(isinstance(text, str) for text in found):
        raise InputError(
            f"row {number} of {name} has a negative that is not text; give a text, a list of texts, or negative_1, negative_2, ..."
        )
    return tuple(found)


def _suffix(field: str) -> tuple[int, str]:
    tail = field.removeprefix("negative_")
    return (int(tail) if tail.isdecimal() else 10**9, tail)


def _open(source: str) -> tuple[str, Iterator[Row]]:
    path = Path(source).expanduser()
    if path.is_file():
        if path.name.endswith((".jsonl", ".jsonl.gz", ".ndjson", ".json")):
            return path.name, _json_rows(path)
        if path.suffix == ".parquet":
            return path.name, _parquet_rows(path)
        raise InputError(f"data file {path.name!r} is of an unknown kind; give .jsonl, .jsonl.gz or .parquet")
    if source.count("/") == 1 and not source.startswith((".", "/", "~")) and not path.suffix:
        return source, _hub_rows(source)
    raise InputError(
        f"no data file {source!r}; give a .jsonl, .jsonl.gz or .parquet file, or a hub name 'owner/name[:split]'"
    )


def _json_rows(path: Path) -> Iterator[Row]:
    import orjson

    lines = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            for line in stream:
                lines += 1
                if line.strip():
                    yield orjson.loads(line)
    except (orjson.JSONDecodeError, OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"line {lines} of {path.name} cannot be read ({' '.join(str(error).split())[:120]}); "
            "expected one JSON object per line"
        ) from error


def _parquet_rows(path: Path) -> Iterator[Row]:
    import pyarrow.parquet

    with reading_parquet(path):
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches():
            yield from batch.to_pylist()


def _hub_rows(name: str) -> Iterator[Row]:
    from datasets import load_dataset

    repository, _, split = name.partition(":")
    try:
        yield from load_dataset(repository, split=split or "train")
    except Exception as error:
        raise InputError(
            f"data {name!r} is not a file and could not be read from the hub ({type(error).__name__}); check the name"
        ) from error


def hold_out(data: Triples, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split the rows into training and held-out rows, by the hash of the query alone.

    The split depends neither on the seed nor on the order of the rows; equal queries fall on the same side. At most a tenth
    of the rows is held out.
    """
    count = min(count, len(data) // 10)
    keys = np.array(
        [
            int.from_bytes(hashlib.sha256(query.encode("utf-8", "surrogatepass")).digest()[:7], "big")
            for query in data.queries
        ]
    )
    if count == 0:
        return np.arange(len(data)), np.empty(0, dtype=np.int64)
    threshold = np.partition(keys, count - 1)[count - 1]
    held = keys <= threshold
    if held.sum() > 2 * count:
        held = keys < threshold
    return np.flatnonzero(~held), np.flatnonzero(held)


def batch_order(data: Triples, rows: NDArray[np.int64], batch_size: int, batches: int, rng: int) -> NDArray[np.int64]:
    """Return the order in which rows are trained on: (batches * batch_size,).

    Epoch after epoch, each a permutation drawn from `rng`. No text is query or positive twice in a batch, where it would be
    its own negative: a row that would be is put off to a later batch (and taken after all where the data leave no choice).
    """
    generator = np.random.default_rng(rng)
    order: list[int] = []
    waiting: list[int] = []
    stream = _endless(rows, generator)
    for _ in range(batches):
        batch: list[int] = []
        texts: set[str] = set()
        put_off: list[int] = []
        misses = 0
        while len(batch) < batch_size:
            row = waiting.pop(0) if waiting else next(stream)
            own = {data.queries[row], data.positives[row]}
            if texts & own and misses < 4 * batch_size:
                put_off.append(row)
                misses += 1
                continue
            batch.append(row)
            texts |= own
        waiting = put_off + waiting
        order.extend(batch)
    return np.array(order, dtype=np.int64)


def _endless(rows: NDArray[np.int64], generator: np.random.Generator) -> Iterator[int]:
    while True:
        yield from (int(row) for row in generator.permutation(rows))


def hash_order(order: Iterable[int]) -> str:
    """Return the hash of an order of rows."""
    return hashlib.sha256(np.fromiter(order, dtype="<i8").tobytes()).hexdigest()
