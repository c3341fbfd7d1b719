"""Columns that say something of models or data sets, such as ``#Params`` or ``num_labels``, and are no scores."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np

from stats.common.errors import InputError
from stats.scores import Scores

from .account import Account
from .grid import Row, empty
from .headings import METADATA, fold
from .options import Options

_HOW_MANY = "n|nr|no|num|number of|count of|#"
_PART = "train|training|test|dev|validation|eval|active|total|trainable|embedding|non embedding|unique|corpus|max|min"
_THINGS = (
    "params?|parameters?|layers?|heads|dims?|dimensions?|tokens?|samples|examples|instances|rows|items|queries|docs|documents|passages|pairs|"
    "triplets|sentences|texts|words|characters|chars|classes|labels|categories|clusters|features|attributes|variables|topics|languages|langs|"
    "train|test|dev|folds|seeds|runs|epochs|steps|citations|downloads|likes|stars|votes|tasks|datasets|data sets|gpus|models"
)
_UNITS = "m|b|k|g|t|mb|gb|kb|tb|mib|gib|millions?|billions?|in millions|in billions|fp16|fp32|bf16"
_SIZED = "train|training|test|dev|validation|corpus|dataset|data set|data|sample|vocab|vocabulary|embedding|embed|emb|hidden|model|batch|context|file|disk|series"
#: Headings that are no score whatever they hold: numbers of things, sizes, and what else a model is described by.
_PROPERTY = re.compile(
    rf"(?:(?:{_HOW_MANY}) ?(?:(?:{_PART}) )?(?:{_THINGS})"
    r"|(?:(?:active|total|trainable|embedding|non embedding) )?(?:params?|parameters?|param count|parameter count)"
    rf"|(?:{_SIZED}) (?:size|len|length|dims?|dimensions?|window|count)"
    r"|max (?:seq |sequence |context |input )?(?:len|length|tokens)|(?:seq|sequence) (?:len|length)"
    r"|[gmt]?(?:flops?|macs)|size|dims|vocab|layers|learning rate|epochs|batch|released|knowledge cutoff)"
    rf"(?: (?:{_UNITS}))*"
)
#: Headings that may be a score's, too: only where they hold whole numbers and other columns do not.
_COUNTS = re.compile(
    rf"id|idx|index|unnamed|no|nr|#|row|support|length|len|weights?|context|version|temperature|k|{_THINGS}|downloads|likes|votes"
)
_WHOLE = re.compile(r"\d+(?:\.0+)?|[1-9]\d{0,2}(?:[,' \u00a0\u202f]\d{3})+")
#: Of these, those that head scores as often: `dev` and `test` in whole points stay scores.
_PARTS_OF_DATA = frozenset(("train", "test", "dev"))
#: From so many tasks on, a model of whole numbers alone among fractions is asked about.
_FEWEST = 5


def is_property(names: Sequence[str], body: Sequence[Row], j: int, options: Options) -> bool:
    """Whether a column describes what its table's rows are, by its heading and, where that leaves it open, by its numbers.

    Examples
    --------
    >>> [is_property([h], [[3]], 0, Options()) for h in ("#Params", "n_queries", "Model Size (GB)", "Max len", "p-value", "STS12")]
    [True, True, True, True, True, False]
    >>> is_property(["task", "length", "bert"], [["a", 120, .5], ["b", 90, .25]], 1, Options())
    True
    >>> is_property(["model", "dev", "STS"], [["a", 81, .5], ["b", 90, .25]], 1, Options())
    False
    """
    folded = fold(names[j])
    if folded == "p" and len(names) > 3 and _are_pvalues(names, body, j):
        return True
    if any(names[j] == asked for asked in (*(options.tasks or ()), *(options.models or ()))):
        return False  # asked for by name
    if folded in METADATA or _PROPERTY.fullmatch(folded):
        return True
    if not _COUNTS.fullmatch(folded) or not _whole(body, j):
        return False
    if folded in _PARTS_OF_DATA and not _beyond_points(body, j):
        return False
    return any(i != j and not _whole(body, i) and _numbers(body, i) for i in range(len(names)))


def _are_pvalues(names: Sequence[str], body: Sequence[Row], j: int) -> bool:
    """Whether a column headed ``p`` holds p-values: numbers from 0 to 1 beside models with longer names, or beside scores in points."""
    here = [str(row[j]).strip().lstrip("<>=~ ") for row in body if not empty(row[j])]
    if not here or not all(re.fullmatch(r"[01]?\.\d+(?:e-?\d+)?|[01]|\d(?:\.\d+)?e-\d+", c.lower()) for c in here):
        return False
    others = [n for i, n in enumerate(names) if i not in (0, j)]
    return all(len(n.strip()) > 1 for n in others)


def _whole(body: Sequence[Row], j: int) -> bool:
    """Whether a column holds whole numbers alone, one of them above 1."""
    filled = [str(row[j]).strip() for row in body if not empty(row[j])]
    return bool(filled) and all(map(_WHOLE.fullmatch, filled)) and not all(c in ("0", "1") for c in filled)


def _beyond_points(body: Sequence[Row], j: int) -> bool:
    """Whether a column of whole numbers has one that no score in points can be."""
    return any(float(re.sub(r"[^\d.]", "", str(row[j]))) > 100 for row in body if not empty(row[j]))


def _numbers(body: Sequence[Row], j: int) -> bool:
    return any(isinstance(row[j], float) or re.search(r"\d[.,]\d", str(row[j])) for row in body if not empty(row[j]))


def ask_about_counts(scores: Scores, options: Options, account: Account) -> None:
    """Raise InputError for a model whose scores are whole numbers beyond the scale of all others: it may be a property of the tasks.

    A table of tasks by models with a column of how long the texts are would otherwise have a winner: the length.
    """
    values = scores.values
    if scores.n_models < 3 or scores.n_tasks < _FEWEST:
        return
    tops = np.nanmax(np.abs(np.where(np.isnan(values), 0.0, values)), axis=0)
    for j in np.flatnonzero(tops > 100):
        here = values[np.isfinite(values[:, j]), j]
        rest = np.delete(values, j, axis=1)
        rest = rest[np.isfinite(rest)]
        name = scores.models[j]
        if (
            len(here) >= _FEWEST
            and (here == np.round(here)).all()
            and here.min() >= 0
            and len(rest)
            and np.abs(rest).max() <= 100
            and (rest != np.round(rest)).any()
            and not any(fnmatchcase(name, p) or fnmatchcase(name, p.removeprefix("!")) for p in options.models or ())
        ):
            raise InputError(
                f"{account.source}: {name!r} holds whole numbers from {here.min():g} to {here.max():g}, where the other models' scores "
                f"end at {np.abs(rest).max():g}: a property of the tasks? leave it out with --model '!{name}', or keep it as a model "
                "with --model '*'"
            )
