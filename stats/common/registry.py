"""Registries of tests, corrections and figures: our own by name, those of other distributions by entry points."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Protocol, TypeVar

from .errors import InputError, unknown


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_T = TypeVar("_T", bound=_Named)


@cache
def _entry_points() -> Any:  # of Python 3.11 of another type than of later ones
    """Read those of all installed distributions: once, not once for every registry."""
    return entry_points()


def plugins(group: str) -> list[Any]:
    """Load what other distributions offer under a group of entry points."""
    return [point.load() for point in _entry_points().select(group=group)]


class Registry(Mapping[str, _T]):
    """What is known by name, in the order of registration.

    Parameters
    ----------
    what : str
        What is registered, as an error message says it.
    kind : type
        What every entry must be.
    group : str
        Entry points of this group are registered when the registry is first read: each loads to an entry, or to a
        sequence of entries.
    """

    def __init__(self, what: str, kind: type[_T], group: str) -> None:
        self._what, self._kind, self._group = what, kind, group
        self._entries: dict[str, _T] = {}
        # Looking for entry points reads the metadata of every installed distribution, so it waits for the first reader.
        self._searched = False

    def register(self, entry: _T, *, replace: bool = False) -> None:
        """Make an entry known by its name.

        Raises
        ------
        InputError
            If it is something else, or its name is taken and `replace` is not set.
        """
        if not isinstance(entry, self._kind):
            raise InputError(
                f"got {type(entry).__name__} to register as a {self._what}: expected {self._kind.__name__}"
            )
        if entry.name in self._entries and not replace:
            raise InputError(f"{self._what} {entry.name!r} is already registered: choose another name, or replace=True")
        self._entries[entry.name] = entry

    def unregister(self, name: str) -> None:
        """Forget an entry."""
        self._entries.pop(name, None)

    def find(self, name: str) -> _T:
        """Return the entry of this name.

        Raises
        ------
        InputError
            If there is none; the nearest name is suggested.
        """
        known = self._all()
        if name not in known:
            raise unknown(self._what, name, known)
        return known[name]

    def _all(self) -> dict[str, _T]:
        if not self._searched:
            self._searched = True
            for loaded in plugins(self._group):
                for entry in loaded if isinstance(loaded, list | tuple) else (loaded,):
                    self.register(entry)
        return self._entries

    def __getitem__(self, name: str) -> _T:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())
