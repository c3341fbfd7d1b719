"""Retrieval data in BEIR layout: corpus, queries and judgements that fit each other.

What does not fit is refused: mteb would leave out a query, or count a document that nobody can find, without a word.
"""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from stats.common.errors import InputError

from .checks import EXPECTED, fault, is_list
from .files import find, rows, table

_TEXTS = ("_id", "id", "title", "text", "instruction")


def beir(folder: Path, split: str, task: Any) -> dict[str, Any]:
    """A split of a retrieval task as mteb holds it: ``corpus, queries, relevant_docs, top_ranked``.

    Raises
    ------
    InputError
        If a part is missing, damaged, or names what another part does not have.
    """
    name = task.metadata.name
    corpus, queries = find(folder, "corpus"), find(folder, "queries")
    qrels = find(folder / "qrels", split) or find(folder, "qrels") or find(folder, split)
    if corpus is None or queries is None or qrels is None:
        part = "corpus" if corpus is None else "queries" if queries is None else f"qrels/{split}"
        raise InputError(
            f"{folder} has no {part} of {name}: expected the BEIR layout (corpus, queries and qrels/{split})"
        )
    documents, asked = _texts(corpus), _texts(queries)
    relevant = _relevant(qrels)
    known = set(documents["id"])
    _refuse_unknown(qrels, "queries", relevant, set(asked["id"]), queries)
    _refuse_unknown(qrels, "documents", (d for judged in relevant.values() for d in judged), known, corpus)
    asked = asked.select([i for i, q in enumerate(asked["id"]) if q in relevant])
    if instructions := find(folder, "instruction"):
        said = {str(q): text for q, text in _columns(instructions, ("query-id", "instruction"))}
        _refuse_lacking(instructions, relevant, said)
        asked = asked.add_column("instruction", [said[q] for q in asked["id"]])
    ranked = find(folder / "top_ranked", split) or find(folder, "top_ranked")
    if ranked is None and "Reranking" in str(task.metadata.type):
        raise InputError(
            f"{folder} has no top_ranked/{split} of {name}: expected the documents to rank for every query"
        )
    candidates = None if ranked is None else _candidates(ranked)
    if ranked is not None and candidates is not None:
        _refuse_lacking(ranked, relevant, candidates)
        _refuse_unknown(ranked, "documents", (d for listed in candidates.values() for d in listed), known, corpus)
    return {"corpus": documents, "queries": asked, "relevant_docs": relevant, "top_ranked": candidates}


def _texts(path: Path) -> Any:
    """Corpus or queries as a datasets.Dataset in memory; ``_id`` is called ``id`` and is text."""
    import pyarrow as pa
    from datasets import Dataset

    read = table(path, _TEXTS)
    if "_id" in read.column_names:
        read = read.drop_columns([c for c in ("id",) if c in read.column_names])
        read = read.rename_columns(["id" if c == "_id" else c for c in read.column_names])
    for column, kind in (("id", "label"), ("text", "text")):
        said = "_id" if column == "id" else column
        if column not in read.column_names:
            raise InputError(f"{path} has no column {said!r}: its columns are {', '.join(read.column_names)}")
        listed = column == "text" and is_list(read[column].type)  # a conversation, turn by turn
        wrong = fault(read[column], f"{kind}s" if listed else kind)
        if wrong and not (listed and not read[column].null_count):
            raise InputError(f"{path}: column {said!r} holds {wrong}; expected {EXPECTED[kind]}")
    read = read.set_column(read.column_names.index("id"), "id", read["id"].cast(pa.string()))
    ids = read["id"].to_pylist()
    if len(set(ids)) < len(ids):
        seen: set[str] = set()
        twice = next(i for i in ids if i in seen or seen.add(i))  # type: ignore[func-returns-value]
        raise InputError(f"{path} has the id {twice!r} more than once; expected every id once")
    if "title" in read.column_names:
        read = read.set_column(read.column_names.index("title"), "title", read["title"].fill_null(""))
    return Dataset(read)


def _relevant(path: Path) -> dict[str, dict[str, int]]:
    relevant: dict[str, dict[str, int]] = {}
    for query, document, grade in _columns(path, ("query-id", "corpus-id", "score")):
        judged = relevant.setdefault(str(query), {})
        if judged.setdefault(str(document), known := _grade(grade, path)) != known:
            raise InputError(
                f"{path} judges document {document!r} for query {query!r} twice, with different scores; keep one"
            )
    if not any(grade > 0 for judged in relevant.values() for grade in judged.values()):
        raise InputError(f"{path} calls no document relevant: expected a score above 0 in some row")
    return relevant


def _grade(value: Any, path: Path) -> int:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not number.is_integer():
        raise InputError(f"{path}: the score of a judgement is {value!r}; expected a whole number")
    return int(number)


def _candidates(path: Path) -> dict[str, list[str]]:
    found = {}
    for query, documents in _columns(path, ("query-id", "corpus-ids")):
        if not isinstance(documents, list) or not documents:
            raise InputError(f"{path}: query {query!r} has corpus-ids {str(documents)[:40]!r}; expected a list of ids")
        found[str(query)] = [str(d) for d in documents]
    return found


def _columns(path: Path, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """The values of these columns, row by row; a name may be written with _ in place of -."""
    empty = True
    for row in rows(path):
        empty = False
        plain = {str(k).strip().lower().replace("_", "-"): v for k, v in row.items()}
        if missing := [n for n in names if n not in plain]:
            raise InputError(
                f"{path} has no column {missing[0]}: expected a heading with {', '.join(names)}, got {', '.join(map(str, row))[:80]}"
            )
        values = tuple(plain[n] for n in names)
        if any(v is None or v == "" for v in values):
            raise InputError(f"{path}: a row has no {names[[v is None or v == '' for v in values].index(True)]}")
        yield values
    if empty:
        raise InputError(f"{path} is empty: expected at least one row")


def _refuse_unknown(path: Path, what: str, named: Iterable[str], known: set[str], where: Path) -> None:
    unknown = dict.fromkeys(n for n in named if n not in known)
    if unknown:
        raise InputError(
            f"{path} names {what} that {where.name} does not have ({len(unknown):,}, the first is {next(iter(unknown))!r}); "
            "expected the same ids in both"
        )


def _refuse_lacking(path: Path, asked: Iterable[str], given: dict[str, Any]) -> None:
    lacking = [q for q in asked if q not in given]
    if lacking:
        raise InputError(f"{path} lacks {len(lacking)} of the judged queries, the first is {lacking[0]!r}")
