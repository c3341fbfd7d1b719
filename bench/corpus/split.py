"""Assign entries to train, validation and test so that no module, name or near-duplicate is shared.

1. Every module belongs to one split, by the hash of its dotted name.
2. Every name (the last part of a qualified name) belongs to one of the splits in which it occurs, by its own hash;
   entries of that name in other splits are left out.
3. An entry of the validation or test part whose prose is found in a training entry (or, for the test part, in a
   validation entry) is left out: see :mod:`bench.corpus.shingles`.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from .harvest import Entry
from .shingles import contained

#: Split -> share of the modules.
SHARES = {"train": 0.66, "validation": 0.06, "test": 0.28}

#: An entry is a near-duplicate when this share of its shingles stands in one entry of another split.
CONTAINMENT = 0.5


def hash_unit(*parts: str) -> float:
    """Map strings to a number in [0, 1), the same on every machine."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _pick(unit: float, allowed: Iterable[str]) -> str:
    shares = {split: share for split, share in SHARES.items() if split in set(allowed)}
    edge, total = 0.0, sum(shares.values())
    for split, share in shares.items():
        edge += share / total
        if unit < edge:
            return split
    return next(reversed(shares))


def module_split(module: str) -> str:
    """Name the split a module belongs to."""
    return _pick(hash_unit("module", module), SHARES)


def split_entries(entries: list[Entry], *, containment: float = CONTAINMENT) -> tuple[list[str], dict[str, int]]:
    """Assign a split to every entry; an entry left out gets the empty string.

    Returns
    -------
    splits : list of str
        One per entry: ``train``, ``validation``, ``test`` or empty.
    counts : dict
        How many entries the rules removed: ``shared_name``, ``near_duplicate``; how many near-duplicates remain:
        ``remaining``.
    """
    splits = [module_split(entry.module) for entry in entries]
    occurs: dict[str, set[str]] = defaultdict(set)
    for entry, split in zip(entries, splits, strict=True):
        occurs[entry.name.lower()].add(split)
    owner = {name: _pick(hash_unit("name", name), where) for name, where in occurs.items()}
    kept = [split if owner[entry.name.lower()] == split else "" for entry, split in zip(entries, splits, strict=True)]
    counts = {"shared_name": kept.count(""), "near_duplicate": 0}
    for held, others in (("validation", ("train",)), ("test", ("train", "validation"))):
        queries = [i for i, split in enumerate(kept) if split == held]
        known = [entries[i].text for i, split in enumerate(kept) if split in others]
        found = contained([f"{entries[i].summary} {entries[i].description}" for i in queries], known)
        for i, share in zip(queries, found, strict=True):
            if share >= containment:
                kept[i] = ""
                counts["near_duplicate"] += 1
    return kept, counts
