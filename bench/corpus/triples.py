"""Training triples from the corpus's training part: query, positive, hard negative."""

import json
from collections import defaultdict
from pathlib import Path

from stats.common.errors import InputError
from stats.common.writing import write_whole

from .cache import Corpus, load_corpus
from .harvest import Entry
from .masking import description, summary
from .passages import can_ask, passage, two_passages
from .relations import see_also_links, topic
from .sampling import distinct, ordered
from .split import hash_unit

#: Share of the rows that are a See Also pair, at most: the rest are summary and description.
LINK_SHARE = 1 / 3


def training_triples(
    corpus: Corpus | None = None, *, split: str = "train", limit: int | None = None, more: bool = False
) -> list[dict[str, str]]:
    """Make triples of one part: a masked summary asks for its description, or for a summary that See Also points to.

    The negative is of the same kind as the positive and from the same module where there is one, else from the same
    second-level module, else from the same package. Rows stand in hashed order: the same corpus gives the same rows.

    Parameters
    ----------
    corpus : Corpus, optional
        Default: that of this installation.
    split : str
        ``train`` or ``validation``; the suite is made of ``test``, which is refused.
    limit : int, optional
        The first `limit` rows.
    more : bool
        Four times as many: every See Also link, summaries of entries without a description with what else their documentation says,
        and two passages of one documentation.

    Returns
    -------
    list of dict
        ``query``, ``positive``, ``negative``, and ``kind``: ``description`` or ``see_also``; with `more` also ``body`` and ``passages``.

    Raises
    ------
    InputError
        If `split` is ``test`` or unknown.
    """
    if split == "test":
        raise InputError("the test part is what the suite measures on; train on split='train'")
    entries = (corpus or load_corpus()).part(split)
    pairs = [
        entry
        for entry in entries
        if entry.is_pair and len(summary(entry).split()) >= 3 and len(description(entry).split()) >= 12
    ]
    pairs = distinct(distinct(pairs, summary), description)
    described = _rows(pairs)
    linked = ordered(_linked(entries), "triples")
    if more:
        beyond = _beyond(entries, {entry.path for entry in pairs})
        return ordered([*described, *linked, *beyond], "triples", "order")[:limit]
    linked = linked[: int(len(described) * LINK_SHARE / (1 - LINK_SHARE))]
    return ordered([*described, *linked], "triples", "order")[:limit]


def _linked(entries: list[Entry]) -> list[dict[str, str]]:
    """A row for every See Also link: a summary asks for the other's."""
    named = distinct(
        [entry for entry in entries if entry.kind != "module" and len(summary(entry).split()) >= 3], summary
    )
    links = see_also_links(named)
    partners: dict[str, set[str]] = defaultdict(set)
    for a, b in links:
        partners[named[a].path].add(named[b].path)
        partners[named[b].path].add(named[a].path)
    places = _Places(named)
    linked = []
    for a, b in links:
        first, second = (named[a], named[b]) if hash_unit(named[a].path, named[b].path) < 0.5 else (named[b], named[a])
        stranger = places.near(first, partners[first.path] | {second.path})
        if stranger is not None:
            linked.append(
                {
                    "query": summary(first),
                    "positive": summary(second),
                    "negative": summary(stranger),
                    "kind": "see_also",
                }
            )
    return linked


def _beyond(entries: list[Entry], described: set[str]) -> list[dict[str, str]]:
    """Rows of all prose: summary and body of the entries that have no row yet, and two passages of one body."""
    usable = [entry for entry in entries if entry.kind != "module"]
    asking = [entry for entry in usable if can_ask(entry) and entry.path not in described and passage(entry)]
    asking = distinct(distinct(asking, summary), lambda entry: passage(entry) or "")
    rows = _contrasted("body", [(entry, summary(entry), passage(entry) or "") for entry in asking])
    found = [(entry, two) for entry in usable if (two := two_passages(entry)) is not None]
    texts: set[str] = set()
    halves = []
    for entry, (first, second) in found:
        if not {first.lower(), second.lower()} & texts and first.lower() != second.lower():
            texts |= {first.lower(), second.lower()}
            halves.append((entry, first, second))
    return [*rows, *_contrasted("passages", halves)]


def _contrasted(kind: str, found: list[tuple[Entry, str, str]]) -> list[dict[str, str]]:
    """Put the positive of a near entry beside each query and positive."""
    places = _Places([entry for entry, _, _ in found])
    answers = {entry.path: positive for entry, _, positive in found}
    rows = []
    for entry, query, positive in found:
        stranger = places.near(entry, set())
        if stranger is not None:
            rows.append({"query": query, "positive": positive, "negative": answers[stranger.path], "kind": kind})
    return rows


def _rows(pairs: list[Entry]) -> list[dict[str, str]]:
    return _contrasted("description", [(entry, summary(entry), description(entry)) for entry in pairs])


class _Places:
    """Finds an entry near another one, by hash among those of the nearest place that has any."""

    def __init__(self, entries: list[Entry]) -> None:
        self.groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in entries:
            for kind, name in self.of(entry):
                self.groups[kind, name].append(entry)

    @staticmethod
    def of(entry: Entry) -> tuple[tuple[str, str], ...]:
        return ("module", entry.module), ("topic", topic(entry)), ("package", entry.package)

    def near(self, entry: Entry, without: set[str]) -> Entry | None:
        for place in self.of(entry):
            found = [
                other
                for other in self.groups[place]
                if other.path != entry.path and other.path not in without and other.name != entry.name
            ]
            if found:
                start = int(hash_unit("negative", entry.path, *sorted(without)) * len(found))
                return found[start]
        return None


def write_triples(path: str | Path, rows: list[dict[str, str]]) -> Path:
    """Write rows as JSON Lines, one object a line; gives the path."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return target
