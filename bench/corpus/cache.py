"""The corpus as one object: harvested once, split, kept on disk under the hash of what it was made from."""

import ast
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from bench.cache_folder import cache_folder
from stats.common.errors import InputError
from stats.common.writing import replacing

from .harvest import Entry, harvest
from .packages import Source, installed_sources
from .split import SHARES, split_entries

#: Raised when parsing or splitting changes, so that a cache of older code is not read.
FORMAT = 1


@dataclass(frozen=True)
class Corpus:
    """The docstrings of the installed scientific packages, split.

    Attributes
    ----------
    entries : tuple of Entry
        Those that have a split, in alphabetical order of package and module and in file order within.
    splits : tuple of str
        ``train``, ``validation`` or ``test``, one per entry.
    versions : dict
        Package -> version of the sources.
    removed : dict
        What the splitting left out: ``shared_name`` and ``near_duplicate`` entries.
    """

    entries: tuple[Entry, ...]
    splits: tuple[str, ...]
    versions: dict[str, str]
    removed: dict[str, int]

    @cached_property
    def hash(self) -> str:
        """SHA-256 of all entries and their splits, in hexadecimal: the identity of the data, whatever its origin."""
        digest = hashlib.sha256()
        for entry, split in zip(self.entries, self.splits, strict=True):
            digest.update(
                "\x1f".join(
                    (
                        split,
                        entry.path,
                        entry.kind,
                        entry.summary,
                        entry.description,
                        *entry.see_also,
                        entry.text,
                        "\x1e",
                    )
                ).encode()
            )
        return digest.hexdigest()

    def part(self, split: str) -> list[Entry]:
        """List the entries of one split.

        Raises
        ------
        InputError
            If there is no such split.
        """
        if split not in SHARES:
            raise InputError(f"split {split!r} is not one of {', '.join(SHARES)}")
        return [entry for entry, where in zip(self.entries, self.splits, strict=True) if where == split]


def _recipe_hash(sources: tuple[Source, ...]) -> str:
    """Hash what decides the corpus: the code that reads and splits it (not its layout), and the packages' versions."""
    digest = hashlib.sha256(str(FORMAT).encode())
    for name in ("packages", "docstring", "harvest", "split", "shingles"):
        digest.update(ast.dump(ast.parse((Path(__file__).parent / f"{name}.py").read_bytes())).encode())
    digest.update(json.dumps([(source.package, source.version) for source in sources]).encode())
    return digest.hexdigest()[:16]


def build_corpus(sources: tuple[Source, ...], *, progress: Callable[[str], None] | None = None) -> Corpus:
    """Harvest and split; reads no cache and writes none."""
    entries = harvest(sources, progress=progress)
    splits, removed = split_entries(entries)
    kept = [(entry, split) for entry, split in zip(entries, splits, strict=True) if split]
    return Corpus(
        tuple(entry for entry, _ in kept),
        tuple(split for _, split in kept),
        {source.package: source.version for source in sources},
        removed,
    )


def write_corpus(corpus: Corpus, path: Path) -> None:
    """Write a corpus as Parquet; the file appears at once or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        {**asdict(entry), "see_also": list(entry.see_also), "split": split}
        for entry, split in zip(corpus.entries, corpus.splits, strict=True)
    ]
    about = {"versions": json.dumps(corpus.versions), "removed": json.dumps(corpus.removed), "hash": corpus.hash}
    table = pa.Table.from_pylist(rows).replace_schema_metadata(about)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part:
        pq.write_table(table, part, compression="zstd")


def read_corpus(path: Path) -> Corpus:
    """Read what :func:`write_corpus` wrote."""
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    about = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    splits = tuple(columns.pop("split"))
    columns["see_also"] = [tuple(names) for names in columns["see_also"]]
    names = tuple(columns)
    entries = tuple(Entry(**dict(zip(names, row, strict=True))) for row in zip(*columns.values(), strict=True))
    return Corpus(entries, splits, json.loads(about["versions"]), json.loads(about["removed"]))


def load_corpus(*, progress: Callable[[str], None] | None = None) -> Corpus:
    """Give the corpus of this installation, from the cache where it is there.

    Parameters
    ----------
    progress : callable, optional
        Called with the name of each package when it has been read (harvesting takes under a minute).

    Raises
    ------
    InputError
        If none of the packages is installed.
    """
    sources, recipe = _installed()
    if not sources:
        raise InputError("no package of the corpus is installed; install embsig[bench]")
    path = cache_folder() / f"corpus-{recipe}.parquet"
    if not path.exists():
        write_corpus(build_corpus(sources, progress=progress), path)
    return _remembered(path)


@lru_cache(maxsize=1)
def _installed() -> tuple[tuple[Source, ...], str]:
    """Find the packages and hash the recipe, once a process: every task of the suite asks for the corpus."""
    sources = installed_sources()
    return sources, _recipe_hash(sources)


@lru_cache(maxsize=1)
def _remembered(path: Path) -> Corpus:
    return read_corpus(path)
