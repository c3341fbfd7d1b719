"""Which entries are related, and how closely: See Also links, same class, same module."""

from collections import defaultdict
from collections.abc import Sequence

from .harvest import Entry


def topic(entry: Entry) -> str:
    """Name the second-level module: ``scipy.stats`` of ``scipy.stats._stats_py.zscore``; private marks dropped."""
    parts = entry.module.split(".")
    return ".".join(part.lstrip("_") for part in parts[:2])


def class_of(entry: Entry) -> str | None:
    """Give the full name of a method's class, or None."""
    owner, dot, _ = entry.qualname.rpartition(".")
    return f"{entry.module}.{owner}" if dot else None


def see_also_links(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """Resolve See Also names to entries of the same package: index pairs (lower, higher), each once, in order.

    A name stands for the entry whose dotted path ends with it; of several, the one that shares the longest beginning of
    its path with the entry that links, and none where two share equally much.
    """
    ends: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, entry in enumerate(entries):
        ends[entry.package, entry.name].append(index)
    links: set[tuple[int, int]] = set()
    for index, entry in enumerate(entries):
        for name in entry.see_also:
            parts = name.split(".")
            if parts[0] == entry.package:
                parts = parts[1:]
            candidates = [
                other for other in ends.get((entry.package, parts[-1] if parts else ""), ()) if other != index
            ]
            if len(parts) > 1:
                owned = [other for other in candidates if entries[other].path.split(".")[-2:-1] == parts[-2:-1]]
                candidates = owned or [other for other in candidates if parts[0] in entries[other].path.split(".")]
            chosen = _nearest(entry, candidates, entries)
            if chosen is not None:
                links.add((min(index, chosen), max(index, chosen)))
    return sorted(links)


def _nearest(entry: Entry, candidates: list[int], entries: Sequence[Entry]) -> int | None:
    if not candidates:
        return None
    own = entry.path.split(".")

    def shared(index: int) -> int:
        count = 0
        for a, b in zip(own, entries[index].path.split("."), strict=False):
            if a != b:
                break
            count += 1
        return count

    ranked = sorted(candidates, key=shared, reverse=True)
    if len(ranked) > 1 and shared(ranked[0]) == shared(ranked[1]):
        return None
    return ranked[0]
