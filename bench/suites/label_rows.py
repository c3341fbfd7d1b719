"""Rows of the classification and clustering tasks: which library, which part of a library."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache

from bench.corpus import Entry
from bench.corpus.masking import description, first_words, mask_libraries, summary
from bench.corpus.sampling import distinct, ordered
from bench.corpus.split import hash_unit

from .library_groups import GROUPS

Row = tuple[str, str]


@lru_cache(maxsize=100_000)
def text_of(entry: Entry, words: int = 32) -> str:
    """Give summary and description without the entry's own name and without the names of libraries."""
    whole = summary(entry) if not entry.description else f"{summary(entry)} {description(entry, words)}"
    return first_words(mask_libraries(whole), words)


def library(entry: Entry) -> str:
    """Give the import name of the entry's package."""
    return entry.package


def field_of(entry: Entry) -> str:
    """Name the group of libraries that the entry's package belongs to; "" for one of none."""
    return next((name for name, packages in GROUPS.items() if entry.package in packages), "")


def labelled(
    entries: Sequence[Entry],
    packages: Sequence[str],
    label: Callable[[Entry], str],
    *,
    classes: int,
    per_class: int,
    salt: str,
    least: int = 20,
) -> list[Row]:
    """Give (text, label) of the `classes` most frequent labels, at most `per_class` texts each, in hashed order.

    A label with fewer than `least` texts is left out.
    """
    chosen = [entry for entry in entries if entry.package in packages and entry.kind != "module"]
    chosen = distinct([entry for entry in chosen if len(text_of(entry).split()) >= 6], text_of)
    counts = Counter(label(entry) for entry in chosen)
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    kept = {name for name in ranked[:classes] if counts[name] >= least}
    taken: dict[str, list[Entry]] = defaultdict(list)
    for entry in ordered(chosen, salt):
        name = label(entry)
        if name in kept and len(taken[name]) < per_class:
            taken[name].append(entry)
    rows = [entry for members in taken.values() for entry in members]
    return [(text_of(entry), label(entry)) for entry in ordered(rows, salt, "order")]


def train_and_test(rows: list[Row], *, per_class: int = 16, salt: str) -> tuple[list[Row], list[Row]]:
    """Put `per_class` texts of every label aside to train a classifier on."""
    seen: Counter[str] = Counter()
    train: list[Row] = []
    test: list[Row] = []
    for row in sorted(rows, key=lambda row: hash_unit(salt, *row)):
        seen[row[1]] += 1
        (train if seen[row[1]] <= per_class else test).append(row)
    return train, test
