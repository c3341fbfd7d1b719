"""Training data: triples of query, positive and negatives, from a file, the hub or memory, and their order."""

import gzip
import hashlib
import os
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stats.common.errors import InputError
from stats.common.parquet import reading_parquet
from stats.common.text import count

from .layouts import Example, read_example
from .text_file import Rows

Row = Mapping[str, Any]
DataSource = str | os.PathLike[str] | Sequence[Row]


@dataclass(frozen=True)
class Triples:
    """Queries, their positives and their hard negatives.

    Parameters
    ----------
    queries, positives : sequence of str
        One of each per row; those that `read_triples` gives are read from a file when they are asked for.
    negatives : sequence of tuple of str
        Hard negatives per row; the number may differ between rows, but is 0 for all or at least 1 for all.
    name : str
        File name, hub name, or "in memory".
    sha256 : str
        Hash of the rows in their order, whatever file format they came in.
    notes : tuple of str
        What was accepted and should be known.
    sources : list of str
        The data set that each row is from, "" where it does not say; empty if no row does.
    instructed : bool
        Whether rows brought instructions of their own, which then stand before their queries.
    fewest_negatives : int, optional
        The number of negatives that every row has; counted if it is not given.
    apart : int
        How many of the last rows are held out, and no others; 0 where a recipe chooses. See `with_held_out`.
    """

    queries: Sequence[str]
    positives: Sequence[str]
    negatives: Sequence[tuple[str, ...]]
    name: str
    sha256: str
    notes: tuple[str, ...] = ()
    sources: list[str] = field(default_factory=list)
    instructed: bool = False
    fewest_negatives: int | None = None
    apart: int = 0

    def __len__(self) -> int:
        return len(self.queries)

    @property
    def negatives_per_row(self) -> int:
        """The number of negatives that every row has."""
        if self.fewest_negatives is not None:
            return self.fewest_negatives
        return min((len(negatives) for negatives in self.negatives), default=0)

    def columns(self, index: Sequence[int] | NDArray[np.int64], negatives: int) -> dict[str, list[str]]:
        """Return the rows at `index` as columns ``query, positive, negative_1, ...``."""
        table = {"query": [self.queries[i] for i in index], "positive": [self.positives[i] for i in index]}
        for k in range(negatives):
            table[f"negative_{k + 1}"] = [self.negatives[i][k] for i in index]
        return table


def read_triples(source: DataSource, negative_margin: float = 0.0) -> Triples:
    """Read training data.

    Parameters
    ----------
    source : path, str or sequence of mappings
        A ``.jsonl``, ``.jsonl.gz`` or ``.parquet`` file; ``owner/name[:split]`` on the hub; or the rows themselves. A row
        has ``query``, ``positive`` and optionally ``negative``: a text, a list of texts, or ``negative_1``, ``negative_2``, ...
        The layouts of sentence-transformers (``anchor``, ``positive``), bge (``pos``, ``neg``, ``prompt``), E5 (``positives``,
        ``negatives``, ``instruction``) and Tevatron (``positive_passages``) are read as well; see `bench.training.layouts`. A row with several positives
        becomes a row for each.
    negative_margin : float
        Leave out negatives whose teacher's score is above their positive's less this margin (``neg_scores`` and ``pos_scores`` of the rows), which are likely
        right answers (Moreira et al. 2024, arXiv 2407.15831); 0 keeps all.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a row lacks a field; the row's number is named.

    Examples
    --------
    >>> found = read_triples([{"query": "a", "pos": ["b", "c"], "neg": ["d"]}, {"query": "e", "pos": ["f"], "neg": ["g"]}])
    >>> list(found.queries), list(found.positives)
    (['a', 'a', 'e'], ['b', 'c', 'f'])
    """
    if isinstance(source, (str, os.PathLike)):
        name, rows = _open(os.fspath(source))
    else:
        name, rows = "in memory", iter(source)
    taken = _Taken(name, negative_margin)
    for number, row in enumerate(rows, start=1):
        taken.add(read_example(row, f"row {number} of {name}"), number, isinstance(row, Mapping) and "postive" in row)
    return taken.triples()


class _Taken:
    """The rows so far, and what was done with them."""

    def __init__(self, name: str, negative_margin: float) -> None:
        self.name, self.margin = name, negative_margin
        self.kept = Rows()
        self.fewest: int | None = None
        self.sources: list[str] = []
        self.rows, self.several, self.bare, self.dropped, self.instructed, self.first_bare = 0, 0, 0, 0, 0, 0
        self.misspelt = False
        self.unused: set[str] = set()
        self.digest = hashlib.sha256()

    def add(self, example: Example, number: int, misspelt: bool) -> None:
        """Take a row, once for each of its positives."""
        self.rows += 1
        self.several += example.several
        self.instructed += example.instructed
        self.misspelt |= misspelt
        self.unused |= example.unused
        for i, positive in enumerate(example.positives):
            own = self._kept(example, i, number)
            if not own and not self.bare:
                self.first_bare = number
            self.bare += not own
            self.kept.append(example.query, positive, own)
            self.fewest = len(own) if self.fewest is None else min(self.fewest, len(own))
            self.sources.append(sys.intern(example.source))
            self.digest.update("\0".join((example.query, positive, *own, "\n")).encode("utf-8", "surrogatepass"))

    def _kept(self, example: Example, i: int, number: int) -> tuple[str, ...]:
        """The negatives that are no likely answers."""
        if not self.margin:
            return example.negatives
        if not (example.positive_scores and example.negative_scores):
            raise InputError(
                f"negative_margin={self.margin:g} needs a teacher's scores, and row {number} of {self.name} has none; "
                "give pos_scores and neg_scores in every row, or leave the margin out"
            )
        bound = example.positive_scores[i] - self.margin
        kept = tuple(
            text for text, score in zip(example.negatives, example.negative_scores, strict=True) if score <= bound
        )
        self.dropped += len(example.negatives) - len(kept)
        return kept

    def triples(self) -> Triples:
        """What was read."""
        if len(self.kept) < 2:
            raise InputError(f"{self.name} holds {len(self.kept)} row(s); training needs at least 2")
        if 0 < self.bare < len(self.kept):
            raise InputError(
                f"row {self.first_bare} of {self.name} has no 'negative'{' left by the margin' if self.margin else ''}, "
                f"but {len(self.kept) - self.bare} other rows have; give every row one, or none"
            )
        return Triples(
            self.kept.queries(),
            self.kept.positives(),
            self.kept.negatives(),
            self.name,
            self.digest.hexdigest(),
            tuple(self._notes()),
            self.sources if any(self.sources) else [],
            bool(self.instructed),
            self.fewest or 0,
        )

    def _notes(self) -> Iterator[str]:
        if self.misspelt:
            yield f"{self.name} spells 'positive' as 'postive'; read as 'positive'"
        if self.several:
            yield f"{count(self.several, 'row')} of {self.name} with several positives: each is a row of its own, {len(self.kept):,} in all"
        if self.instructed:
            yield f"{count(self.instructed, 'row')} of {self.name} with an instruction, put straight before the query"
        if self.dropped:
            yield f"{count(self.dropped, 'negative')} left out, scored above their positive less {self.margin:g}"
        if self.unused:
            yield f"fields of {self.name} that training has no use for: {', '.join(sorted(self.unused))}"


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
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(batch_size=4096):
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


def with_held_out(data: Triples, held_out: Triples) -> Triples:
    """Training data with rows of their own for the held-out loss, such as those of other documents.

    Examples
    --------
    >>> rows = [{"query": f"a {i}", "positive": f"b {i}", "negative": f"c {i}"} for i in range(4)]
    >>> both = with_held_out(read_triples(rows[:2]), read_triples(rows[2:]))
    >>> len(both), both.apart, hold_out(both, 1)[1].tolist()
    (4, 2, [2, 3])
    """
    if data.apart or held_out.apart:
        raise InputError("data that hold rows out already cannot be given others; read both anew")
    digest = hashlib.sha256(f"{data.sha256} held out {held_out.sha256}".encode()).hexdigest()
    notes = (*data.notes, f"held out: {count(len(held_out), 'row')} of their own")
    sources = [*(data.sources or [""] * len(data)), *(held_out.sources or [""] * len(held_out))]
    return Triples(
        [*data.queries, *held_out.queries],
        [*data.positives, *held_out.positives],
        [*data.negatives, *held_out.negatives],
        data.name,
        digest,
        notes,
        sources if any(sources) else [],
        data.instructed or held_out.instructed,
        min(data.negatives_per_row, held_out.negatives_per_row),
        len(held_out),
    )


def hold_out(data: Triples, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split the rows into training and held-out rows, by the hash of the query alone; rows held out beforehand are those.

    The split depends neither on the seed nor on the order of the rows; equal queries fall on the same side. At most a tenth
    of the rows is held out.
    """
    if data.apart:
        first = len(data) - data.apart
        return np.arange(first), np.arange(first, len(data))
    count = min(count, len(data) // 10)
    if count == 0:
        return np.arange(len(data)), np.empty(0, dtype=np.int64)
    digests = (hashlib.sha256(query.encode("utf-8", "surrogatepass")).digest() for query in data.queries)
    keys = np.fromiter((int.from_bytes(digest[:7], "big") for digest in digests), dtype=np.int64, count=len(data))
    threshold = np.partition(keys, count - 1)[count - 1]
    held = keys <= threshold
    if held.sum() > 2 * count:
        held = keys < threshold
    return np.flatnonzero(~held), np.flatnonzero(held)


def batch_order(
    data: Triples, rows: NDArray[np.int64], batch_size: int, batches: int, rng: int, one_source: bool = False
) -> NDArray[np.int64]:
    """Return the order in which rows are trained on: (batches * batch_size,).

    Epoch after epoch, each a permutation drawn from `rng`. No text is query or positive twice in a batch, where it would be
    its own negative: a row that would be is put off to a later batch (and taken after all where the data leave no choice).
    With `one_source`, all rows of a batch are of one source, which is drawn by its number of rows.
    """
    generator = np.random.default_rng(rng)
    if not one_source:
        return np.array(_batches(data, rows, batch_size, batches, generator), dtype=np.int64)
    # Numbers for names, in the names' order: an array of millions of names would be as long in each as the longest.
    numbers = {name: i for i, name in enumerate(sorted({data.sources[row] for row in rows}))}
    of_row = np.fromiter((numbers[data.sources[row]] for row in rows), dtype=np.int64, count=len(rows))
    counts = np.bincount(of_row)
    drawn = generator.choice(len(numbers), size=batches, p=counts / counts.sum())
    own = [
        iter(_batches(data, rows[of_row == i], batch_size, int((drawn == i).sum()), generator))
        for i in range(len(numbers))
    ]
    return np.array([row for i in drawn for row in islice(own[i], batch_size)], dtype=np.int64)


def _batches(
    data: Triples, rows: NDArray[np.int64], batch_size: int, batches: int, generator: np.random.Generator
) -> "array[int]":
    """Batches of these rows, one after another."""
    order = array("q")
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
    return order


def _endless(rows: NDArray[np.int64], generator: np.random.Generator) -> Iterator[int]:
    while True:
        yield from (int(row) for row in generator.permutation(rows))


def hash_order(order: Iterable[int]) -> str:
    """Return the hash of an order of rows."""
    return hashlib.sha256(np.fromiter(order, dtype="<i8").tobytes()).hexdigest()
