"""Millions of texts beside the process, not in it: their bytes in a temporary file, and in memory where each begins."""

import tempfile
import weakref
from array import array
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Generic, TypeVar, overload

Item = TypeVar("Item")


class TextFile:
    """Texts that are written one after another and read by number.

    The file has no name and is gone with the process. It lies where temporary files do (``TMPDIR``).
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as what reads it
        weakref.finalize(self, self._file.close)
        self._ends = array("q", [0])
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, text: str) -> None:
        """Write a text behind the others."""
        content = text.encode("utf-8", "surrogatepass")
        self._file.write(content)
        self._ends.append(self._ends[-1] + len(content))

    def __getitem__(self, number: int) -> str:
        start, stop = self._ends[number], self._ends[number + 1]
        with self._lock:
            self._file.seek(start)
            content = self._file.read(stop - start)
        return content.decode("utf-8", "surrogatepass")


class Lazy(Sequence[Item], Generic[Item]):
    """A sequence whose items are made when they are asked for; equal to any sequence of the same items.

    Parameters
    ----------
    count : int
    get : callable
        The item of a number from 0 to `count` - 1.
    """

    def __init__(self, count: int, get: Callable[[int], Item]) -> None:
        self._count, self._get = count, get

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...

    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        if isinstance(index, slice):
            return [self._get(i) for i in range(*index.indices(self._count))]
        number = int(index)
        if not -self._count <= number < self._count:
            raise IndexError(f"row {number} of {self._count}")
        return self._get(number % self._count)

    def __iter__(self) -> Iterator[Item]:
        return (self._get(i) for i in range(self._count))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Sequence)
            and len(other) == self._count
            and all(a == b for a, b in zip(self, other, strict=True))
        )

    __hash__ = None  # type: ignore[assignment]  # as of a list


class Rows:
    """Rows of a query, a positive and negatives, in a `TextFile`."""

    def __init__(self) -> None:
        self.texts = TextFile()
        #: The number of each row's first text, and one behind the last.
        self.first = array("q", [0])

    def __len__(self) -> int:
        return len(self.first) - 1

    def append(self, query: str, positive: str, negatives: Sequence[str]) -> None:
        """Write a row."""
        for text in (query, positive, *negatives):
            self.texts.append(text)
        self.first.append(len(self.texts))

    def queries(self) -> Lazy[str]:
        """Every row's query."""
        return Lazy(len(self), lambda i: self.texts[self.first[i]])

    def positives(self) -> Lazy[str]:
        """Every row's positive."""
        return Lazy(len(self), lambda i: self.texts[self.first[i] + 1])

    def negatives(self) -> Lazy[tuple[str, ...]]:
        """Every row's negatives."""
        return Lazy(len(self), lambda i: tuple(self.texts[k] for k in range(self.first[i] + 2, self.first[i + 1])))
