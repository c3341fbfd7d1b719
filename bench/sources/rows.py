"""The scores of result files as columns of plain numbers and texts: what one process hands to another at no cost.

Neither numpy nor pyarrow has a part in it: `team` says why.
"""

from array import array
from collections.abc import Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

from .mteb_json import Entries, Result


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
        self._heads: list[Result] = []
        self._counts = array("i")
        self._columns = Entries([], [], [], [], [], [])
        self._lists: tuple[list[Any], ...] = self._columns

    def __len__(self) -> int:
        return len(self._columns.score)

    def add(self, result: Result) -> None:
        """Add one result file."""
        found = result.columns if result.columns.split else _NOTHING
        self._heads.append(result)
        self._counts.append(len(found.split))
        of_file: tuple[list[Any], ...] = found
        for column, values in zip(self._lists, of_file, strict=True):
            column.extend(values)

    def packed(self) -> Packed:
        """All that was added."""
        columns = self._columns

        def of(name: str) -> list[Any]:
            return list(map(attrgetter(name), self._heads))

        return Packed(
            self._counts.tobytes(),
            {name: _texts(of(name)) for name in ("task", "mteb_version", "dataset_revision")},
            bytes(of("old")),
            array("i", of("missing_weights")).tobytes(),
            of("date"),
            {name: _texts(getattr(columns, name)) for name in ("split", "subset", "languages", "data")},
            array("d", columns.score).tobytes(),
            array("i", map(len, columns.replicates)).tobytes(),
            array("d", list(chain.from_iterable(columns.replicates))).tobytes(),
        )


class _Numbers(dict[str | None, int]):
    """Numbers the texts that it is asked for, in the order in which they come up."""

    def __missing__(self, text: str | None) -> int:
        number = self[text] = len(self)
        return number


def _texts(values: Sequence[str | None]) -> Texts:
    numbers = _Numbers()
    codes = array("i", map(numbers.__getitem__, values))
    return Texts(list(numbers), codes.tobytes())


#: What stands for the entries of a file that has none.
_NOTHING = Entries([None], [None], [0.0], [()], [None], [None])  # type: ignore[list-item]
