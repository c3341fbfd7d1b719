"""Rows of the retrieval and reranking tasks: a summary asks for its description."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.corpus import Entry
from bench.corpus.masking import description, summary
from bench.corpus.relations import topic
from bench.corpus.sampling import distinct, ordered

#: A text of an entry.
Text = Callable[[Entry], str]


@dataclass(frozen=True)
class Search:
    """Queries and documents by identifier, the right document of each query, and the candidates of a reranking."""

    queries: dict[str, str]
    documents: dict[str, str]
    relevant: dict[str, dict[str, int]]
    candidates: dict[str, list[str]] | None = None


def pairs_of(entries: Sequence[Entry], packages: Sequence[str]) -> list[Entry]:
    """List the entries of some packages whose masked summary and description are distinct and long enough."""
    chosen = [entry for entry in entries if entry.package in packages and entry.is_pair]
    chosen = [entry for entry in chosen if len(summary(entry).split()) >= 3 and len(description(entry).split()) >= 12]
    # a definition that stands twice (under an if and its else) is one object
    return distinct(distinct(distinct(chosen, path_of), summary), description)


def path_of(entry: Entry) -> str:
    """Give the entry's dotted path."""
    return entry.path


def ask_and_answer(reverse: bool) -> tuple[Text, Text]:
    """What is asked with and what is found: summary and description, or the other way round."""
    return (description, summary) if reverse else (summary, description)


def retrieval(
    entries: Sequence[Entry], packages: Sequence[str], *, limit: int, salt: str, reverse: bool = False
) -> Search:
    """Ask with each summary for its description among those of the whole group; in reverse, with descriptions for summaries."""
    ask, answer = ask_and_answer(reverse)
    chosen = ordered(pairs_of(entries, packages), salt)[:limit]
    return Search(
        {f"q{i}": ask(entry) for i, entry in enumerate(chosen)},
        {f"d{i}": answer(entry) for i, entry in enumerate(chosen)},
        {f"q{i}": {f"d{i}": 1} for i in range(len(chosen))},
    )


def reranking(
    entries: Sequence[Entry], packages: Sequence[str], *, limit: int, size: int, salt: str, reverse: bool = False
) -> Search:
    """Ask with each summary for its description among those of its neighbours; in reverse, with descriptions for summaries.

    The candidates are the nearest by place: first of the same module, then of the same second-level module; a query
    with fewer than three neighbours there is left out.
    """
    ask, answer = ask_and_answer(reverse)
    pool = pairs_of(entries, packages)
    by_topic: dict[str, list[int]] = defaultdict(list)
    for index, entry in enumerate(pool):
        by_topic[topic(entry)].append(index)
    where = {entry.path: index for index, entry in enumerate(pool)}
    queries, relevant, candidates = {}, {}, {}
    for entry in ordered(pool, salt):
        own = where[entry.path]
        others = [i for i in by_topic[topic(entry)] if i != own]
        near = ordered([pool[i] for i in others if pool[i].module == entry.module], salt, entry.path)
        far = ordered([pool[i] for i in others if pool[i].module != entry.module], salt, entry.path)
        neighbours = [where[other.path] for other in (near + far)[: size - 1]]
        if len(neighbours) < 3:
            continue
        key = f"q{own}"
        queries[key] = ask(entry)
        relevant[key] = {f"d{own}": 1}
        candidates[key] = [f"d{i}" for i in sorted([*neighbours, own])]
        if len(queries) == limit:
            break
    used = {document for listed in candidates.values() for document in listed}
    documents = {f"d{i}": answer(entry) for i, entry in enumerate(pool) if f"d{i}" in used}
    return Search(queries, documents, relevant, candidates)
