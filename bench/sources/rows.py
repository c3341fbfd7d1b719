"""The scores of result files as columns of plain numbers and texts: what one process hands to another at no cost.

Neither numpy nor pyarrow has a part in it: `team` says why.
"""

from array import array
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from .mteb_json import Entry, Result


class Texts(NamedTuple):
    """Texts as numbers of the different ones among them, of thousands a handful; a name may be None."""

    names: list[str | None]
    numbers: bytes


class Packed(NamedTuple):
    """Results as columns: the first five have one value a file, the others one a row, `counts` says how many rows a file has.

    Numbers are bytes: whole ones of four bytes, others of eight, `old` of one. A file without scores has one row, in which the
    texts of the row are None.
    """

    counts: bytes
    heads: dict[str, Texts]
    old: bytes
    missing_weights: bytes
    dates: list[str | None]
    texts: dict[str, Texts]
    scores: bytes
    lengths: bytes
    replicates: bytes


class Rows:
    """Results as columns, one row per (file, split, subset); a file without scores has one empty row."""

    def __init__(self) -> None:
        self._heads: list[tuple[Any, ...]] = []
        self._counts = array("i")
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

    def packed(self) -> Packed:
        """All that was added."""
        task, old, version, revision, dates, weights = zip(*self._heads, strict=True) if self._heads else [()] * 6
        split, subset, scores, replicates, languages, data = (
            zip(*self._entries, strict=True) if self._entries else [()] * 6
        )
        heads = {"task": task, "mteb_version": version, "dataset_revision": revision}
        texts = {"split": split, "subset": subset, "languages": languages, "data": data}
        return Packed(
            self._counts.tobytes(),
            {name: _texts(values) for name, values in heads.items()},
            bytes(old),
            array("i", weights).tobytes(),
            list(dates),
            {name: _texts(values) for name, values in texts.items()},
            array("d", scores).tobytes(),
            array("i", map(len, replicates)).tobytes(),
            array("d", chain.from_iterable(replicates)).tobytes(),
        )


def _texts(values: Sequence[str | None]) -> Texts:
    names = list(dict.fromkeys(values))
    number = {name: i for i, name in enumerate(names)}
    return Texts(names, array("i", map(number.__getitem__, values)).tobytes())


#: What stands for the entries of a file that has none.
_NOTHING = Entry(None, None, 0.0, (), None, None)  # type: ignore[arg-type]
