"""Rows of the STS and pair classification tasks: how closely two summaries are related."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from bench.corpus import Entry
from bench.corpus.masking import description, summary
from bench.corpus.relations import class_of, see_also_links, topic
from bench.corpus.sampling import distinct, ordered
from bench.corpus.split import hash_unit

from .search_rows import pairs_of, path_of

Pair = tuple[Entry, Entry]

#: Grade of a pair in the STS tasks.
LINKED, SAME_CLASS, SAME_MODULE, UNRELATED = 3, 2, 1, 0


def _usable(entries: Sequence[Entry], packages: Sequence[str]) -> list[Entry]:
    chosen = [
        entry
        for entry in entries
        if entry.package in packages and entry.kind != "module" and len(summary(entry).split()) >= 3
    ]
    return distinct(distinct(chosen, path_of), summary)


def links(entries: Sequence[Entry], packages: Sequence[str], *, use: str) -> tuple[list[Pair], set[frozenset[str]]]:
    """Give the See Also pairs of some packages that belong to one use, and all linked paths.

    A link belongs to ``sts`` or to ``classification`` by its hash, so that the two kinds of task share no pair.
    """
    chosen = _usable(entries, packages)
    found = see_also_links(chosen)
    every = {frozenset((chosen[a].path, chosen[b].path)) for a, b in found}
    kept = [
        (chosen[a], chosen[b])
        for a, b in found
        if ("sts" if hash_unit("use", chosen[a].path, chosen[b].path) < 0.5 else "classification") == use
    ]
    return kept, every


def _partners(
    chosen: list[Entry],
    place: Callable[[Entry], str | None],
    accept: Callable[[Entry, Entry], bool],
    *,
    limit: int,
    salt: str,
    of_a_place: int = 4,
) -> list[Pair]:
    """Pair entries of one place, each entry at most once and at most `of_a_place` pairs of a place."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in ordered(chosen, salt):
        if (name := place(entry)) is not None:
            groups[name].append(entry)
    found: list[Pair] = []
    for members in groups.values():
        count = 0
        for a, b in zip(members[::2], members[1::2], strict=False):
            if count < of_a_place and accept(a, b):
                found.append((a, b))
                count += 1
    return ordered(found, salt)[:limit]


def sts(entries: Sequence[Entry], packages: Sequence[str], *, per_grade: int, salt: str) -> list[tuple[str, str, int]]:
    """Grade pairs of summaries: 3 See Also, 2 methods of one class, 1 one module, 0 different libraries."""
    linked, every = links(entries, packages, use="sts")
    chosen = _usable(entries, packages)

    def apart(a: Entry, b: Entry) -> bool:
        return frozenset((a.path, b.path)) not in every

    # unrelated: the first halves of one library's entries beside those of another
    mixed = ordered(chosen, salt, "unrelated")
    unrelated = [(a, b) for a, b in zip(mixed[::2], mixed[1::2], strict=False) if a.package != b.package]
    graded: list[tuple[Pair, int]] = []
    for pairs, grade in (
        (ordered(linked, salt), LINKED),
        (_partners(chosen, class_of, apart, limit=per_grade, salt=salt), SAME_CLASS),
        (
            _partners(
                chosen,
                lambda entry: entry.module,
                lambda a, b: apart(a, b) and (class_of(a) is None or class_of(a) != class_of(b)),
                limit=per_grade,
                salt=salt + "module",
            ),
            SAME_MODULE,
        ),
        (unrelated, UNRELATED),
    ):
        graded.extend((pair, grade) for pair in pairs[:per_grade])
    return [(summary(a), summary(b), grade) for (a, b), grade in graded]


def linked_or_not(
    entries: Sequence[Entry], packages: Sequence[str], *, limit: int, salt: str
) -> list[tuple[str, str, int]]:
    """Give linked pairs (label 1) and, for each, its first member with an unlinked one of the package (label 0).

    Every second stranger comes from the same second-level module, the others from elsewhere in the package.
    """
    linked, every = links(entries, packages, use="classification")
    chosen = _usable(entries, packages)
    rows: list[tuple[str, str, int]] = []
    for number, (a, b) in enumerate(ordered(linked, salt)[:limit]):
        rows.append((summary(a), summary(b), 1))
        near = number % 2 == 0
        strangers = [
            c
            for c in chosen
            if c.package == a.package
            and c.path not in (a.path, b.path)
            and (topic(c) == topic(a)) == near
            and frozenset((a.path, c.path)) not in every
        ]
        if strangers:
            rows.append((summary(a), summary(min(strangers, key=lambda c: hash_unit(salt, a.path, c.path))), 0))
    return rows


def described_or_not(
    entries: Sequence[Entry], packages: Sequence[str], *, limit: int, salt: str
) -> list[tuple[str, str, int]]:
    """Pair each summary with its own description (1) or with one of the same second-level module (0)."""
    chosen = ordered(pairs_of(entries, packages), salt)
    by_topic: dict[str, list[Entry]] = defaultdict(list)
    for entry in chosen:
        by_topic[topic(entry)].append(entry)
    rows: list[tuple[str, str, int]] = []
    for entry in chosen:
        others = [other for other in by_topic[topic(entry)] if other is not entry]
        label = int(hash_unit(salt, "label", entry.path) < 0.5)
        if not label and not others:
            continue
        other = entry if label else min(others, key=lambda o: hash_unit(salt, entry.path, o.path))
        rows.append((summary(entry), description(other), label))
        if len(rows) == limit:
            break
    return rows


def placed(
    entries: Sequence[Entry], packages: Sequence[str], *, per_grade: int, salt: str
) -> list[tuple[str, str, int]]:
    """Grade pairs of summaries by the nearest place they share: 3 a class, 2 a module, 1 a second-level module, 0 none of these."""
    chosen = _usable(entries, packages)

    def common(a: Entry, b: Entry) -> int:
        if class_of(a) is not None and class_of(a) == class_of(b):
            return SAME_CLASS + 1
        if a.module == b.module:
            return SAME_MODULE + 1
        return int(topic(a) == topic(b))

    # a place, and how many pairs of it: few places are large, and one of them shall not fill a grade
    places: tuple[tuple[Callable[[Entry], str | None], int], ...] = (
        (_anywhere, per_grade),
        (topic, 12),
        (_module, 4),
        (class_of, 4),
    )
    rows: list[tuple[str, str, int]] = []
    for grade, (place, of_a_place) in reversed(list(enumerate(places))):
        found = _partners(
            chosen,
            place,
            lambda a, b, grade=grade: common(a, b) == grade,  # type: ignore[misc]  # bound now, as the loop goes on
            limit=per_grade,
            salt=f"{salt} place {grade}",
            of_a_place=of_a_place,
        )
        rows += [(summary(a), summary(b), grade) for a, b in found]
    return rows


def same_place_or_not(
    entries: Sequence[Entry], packages: Sequence[str], *, limit: int, salt: str
) -> list[tuple[str, str, int]]:
    """Pair each summary with one of its own second-level module (1) or with one of another of its library (0)."""
    chosen = _usable(entries, packages)
    by_package: dict[str, list[Entry]] = defaultdict(list)
    for entry in chosen:
        by_package[entry.package].append(entry)
    rows: list[tuple[str, str, int]] = []
    for entry in ordered(chosen, salt, "same place"):
        label = int(hash_unit(salt, "label", entry.path) < 0.5)
        others = [o for o in by_package[entry.package] if o is not entry and (topic(o) == topic(entry)) == bool(label)]
        # a method beside one of its own class would be told by its style
        others = [o for o in others if o.module != entry.module]
        if others:
            other = min(others, key=lambda o: hash_unit(salt, entry.path, o.path))
            rows.append((summary(entry), summary(other), label))
        if len(rows) == limit:
            break
    return rows


def _anywhere(entry: Entry) -> str | None:
    return "anywhere"


def _module(entry: Entry) -> str | None:
    return entry.module
