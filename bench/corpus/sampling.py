"""Deterministic choices: everything is ordered by a hash, so that no random generator or file order matters."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from .harvest import Entry
from .split import hash_unit

T = TypeVar("T")


def ordered(items: Sequence[T], *salt: str) -> list[T]:
    """Order items by the hash of their path (entries) or of their text, salted.

    Examples
    --------
    >>> ordered(["a", "b", "c"], "x") == ordered(["c", "b", "a"], "x")
    True
    """
    return sorted(items, key=lambda item: hash_unit(*salt, _identity(item)))


def _identity(item: object) -> str:
    if isinstance(item, Entry):
        return item.path
    if isinstance(item, dict):
        return "|".join(str(part) for part in item.values())
    if isinstance(item, tuple):
        return "|".join(_identity(part) for part in item)
    return str(item)


def distinct(entries: Sequence[Entry], text: Callable[[Entry], str]) -> list[Entry]:
    """Keep the first entry of every distinct text, as `text` gives it, compared without case."""
    seen: set[str] = set()
    kept = []
    for entry in entries:
        key = text(entry).lower()
        if key not in seen:
            seen.add(key)
            kept.append(entry)
    return kept
