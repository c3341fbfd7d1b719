"""The layouts that rows of training data come in: ours, sentence-transformers', bge's, E5's and Tevatron's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stats.common.errors import InputError

#: What a field may be called, by what it is; the first is ours.
QUERY = ("query", "anchor", "question", "sentence1")
POSITIVE = ("positive", "positives", "pos", "positive_passages", "answer", "sentence2", "postive")
NEGATIVE = ("negative", "negatives", "neg", "negative_passages", "hard_negatives")
INSTRUCTION = ("instruction", "prompt")
SOURCE = ("source", "dataset")
POSITIVE_SCORES, NEGATIVE_SCORES = ("pos_scores", "positive_scores"), ("neg_scores", "negative_scores")
#: Fields that grade a pair: such rows are no positives, or not all of them.
GRADES = ("label", "labels", "score", "similarity_score")


@dataclass(frozen=True)
class Example:
    """One row as it was given.

    Parameters
    ----------
    query : str
        With the row's own instruction before it.
    positives, negatives : tuple of str
    positive_scores, negative_scores : tuple of float
        A teacher's, one a text; empty where the row has none.
    source : str
        The data set that the row is from; empty if it does not say.
    instructed : bool
        Whether the row brought an instruction.
    unused : frozenset of str
        Fields that training has no use for.
    """

    query: str
    positives: tuple[str, ...]
    negatives: tuple[str, ...]
    positive_scores: tuple[float, ...] = ()
    negative_scores: tuple[float, ...] = ()
    source: str = ""
    instructed: bool = False
    unused: frozenset[str] = frozenset()

    @property
    def several(self) -> bool:
        """Whether the row has more than one positive."""
        return len(self.positives) > 1


def read_example(row: Any, where: str) -> Example:
    """Read one row.

    Parameters
    ----------
    row : mapping
        See `bench.training.triples.read_triples`.
    where : str
        What messages call it, such as ``row 3 of t.jsonl``.

    Raises
    ------
    InputError
        If it is no object, lacks a query or a positive, names one of them twice, grades its pairs, or holds what is not text.

    Examples
    --------
    >>> read_example({"query": "a", "pos": ["b", "c"], "neg": ["d"], "prompt": "find: "}, "row 1").query
    'find: a'
    """
    if not isinstance(row, Mapping):
        raise InputError(f"{where} is a {type(row).__name__}; expected an object with query, positive and negative")
    fields = {str(name): value for name, value in row.items() if value is not None}
    found = ", ".join(map(str, row)) or "nothing"
    query_field = _one(fields, QUERY, where, found) or "query"
    positive_field = _one(fields, POSITIVE, where, found) or "positive"
    grades = [name for name in GRADES if name in fields]
    if grades:
        raise InputError(
            f"{where} has {grades[0]!r}: pairs with grades are not read; expected query and positive, the rows that are right alone"
        )
    query = _texts(fields.get(query_field), query_field, where)
    if len(query) != 1:
        raise _missing(where, "query", found)
    positives = _texts(fields.get(positive_field), positive_field, where)
    if not positives:
        raise _missing(where, "positive", found)
    numbered = sorted(
        (name for name in fields if name.startswith("negative_") and name not in NEGATIVE + NEGATIVE_SCORES),
        key=_suffix,
    )
    named = [name for name in (*NEGATIVE, *numbered) if name in fields]
    negatives = tuple(text for name in named for text in _texts(fields[name], name, where, "a negative"))
    instruction = next((fields[name] for name in INSTRUCTION if fields.get(name)), "")
    if not isinstance(instruction, str):
        raise InputError(f"{where} has an instruction that is not text; give the text that stands before its query")
    scores = [
        _scores(fields, names, texts, where)
        for names, texts in ((POSITIVE_SCORES, positives), (NEGATIVE_SCORES, negatives))
    ]
    source = next((str(fields[name]) for name in SOURCE if name in fields), "")
    used = {query_field, positive_field, *named, *INSTRUCTION, *SOURCE, *POSITIVE_SCORES, *NEGATIVE_SCORES}
    return Example(
        instruction + query[0],
        positives,
        negatives,
        scores[0],
        scores[1],
        source,
        bool(instruction),
        frozenset(set(fields) - used),
    )


def _missing(where: str, field: str, found: str) -> InputError:
    return InputError(f"{where} has no text in {field!r} (its fields: {found}); every row needs query and positive")


def _one(fields: Mapping[str, Any], names: tuple[str, ...], where: str, found: str) -> str | None:
    """Return the field that is there of several names; refuse two."""
    there = [name for name in names if name in fields]
    if len(there) > 1:
        raise InputError(f"{where} has both {there[0]!r} and {there[1]!r} (its fields: {found}); leave one of them out")
    return there[0] if there else None


def _texts(value: Any, field: str, where: str, what: str = "") -> tuple[str, ...]:
    """Return the texts of a field: one, a list of them, or passages with title and text."""
    if value is None:
        return ()
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    texts = [_passage(item) if isinstance(item, Mapping) else item for item in items]
    if not all(isinstance(text, str) for text in texts):
        if what:
            raise InputError(
                f"{where} has {what} that is not text; give a text, a list of texts, or negative_1, negative_2, ..."
            )
        raise InputError(f"{where} has no text in {field!r} but {type(value).__name__}; give a text or a list of texts")
    return tuple(str(text) for text in texts)


def _passage(item: Mapping[str, Any]) -> str | None:
    """Return title and text of a passage, as Tevatron and BEIR write it; None if it has no text."""
    text = item.get("text")
    if not isinstance(text, str):
        return None
    title = item.get("title")
    return f"{title} {text}".strip() if isinstance(title, str) else text


def _scores(fields: Mapping[str, Any], names: tuple[str, ...], texts: tuple[str, ...], where: str) -> tuple[float, ...]:
    """Return a teacher's scores of these texts; none if the row has none."""
    field = next((name for name in names if fields.get(name) not in (None, [])), None)
    if field is None:
        return ()
    value = fields[field]
    given = list(value) if isinstance(value, (list, tuple)) else [value]
    if len(given) != len(texts) or not all(isinstance(v, (int, float)) for v in given):
        raise InputError(
            f"{where} has {len(given)} scores in {field!r} for {len(texts)} texts; give one number a text, or none at all"
        )
    return tuple(float(v) for v in given)


def _suffix(field: str) -> tuple[int, str]:
    tail = field.removeprefix("negative_")
    return (int(tail) if tail.isdecimal() else 10**9, tail)
