"""Rows and columns that are made of the others: means, sums, ranks. Known by arithmetic; by name alone they are asked about."""

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import permutations

import numpy as np
import numpy.typing as npt

from stats.common.errors import InputError
from stats.scores import Scores
from stats.ties import rank_rows

from ..sources.definitions import load
from .account import Account
from .aggregate_candidates import BLOCK, candidates, rounding
from .options import Options

Floats = npt.NDArray[np.float64]

#: Words for what is made of scores.
_WORD = re.compile(
    r"(?:^|[^a-z+])(?:avg|average|averages|averaged|ave|mean|means|median|overall|geomean|std|stdev|rank|ranks|ranking|borda|wins|Ø|ø|#wins|"
    r"durchschnitt|mittelwert|moyenne|promedio|平均|среднее)(?![a-z+])",
    re.IGNORECASE,
)
#: Where these are in a name, the mean is of token states, and the name is a design's: ``mean pooling``; so is what is joined by a plus, ``mean+causal``.
_DESIGN = re.compile(r"pool", re.IGNORECASE)
#: Those that say so only where they are all of the name.
_WHOLE = re.compile(
    r"total|sum|all|macro|micro|aggregate|aggregated|agg|score|win rate|place|best|max|maximum|min|minimum|"
    r"delta|diff|difference|improvement|gain|count|Δ",
    re.IGNORECASE,
)
#: A model may be called so, too: made of the others where it is the largest of them on every task, and nobody is asked where it is not.
_MAYBE = re.compile(r"sota|state of the art|oracle|upper bound|vbs|virtual best(?: solver)?", re.IGNORECASE)
#: ``owner/name`` of a model hub: `gte-micro` and `rank_zephyr` are sizes and families of models, and no averages.
_HUB_NAME = re.compile(r"([\w.-]+)/[\w.-]+")
#: What chance may make look like an aggregate: how likely, of all that is looked at in one table.
_CHANCE = 1e-6
#: Beyond so many tasks only the rest's mean and sum are looked for.
_MANY = 400


def is_aggregate_name(name: str) -> bool:
    """Whether a name says that its scores are made of others.

    Examples
    --------
    >>> [is_aggregate_name(n) for n in ("Average", "Avg. rank", "Mean (Task)", "STS Avg.", "MeanReversion", "Summarization")]
    [True, True, True, True, False, False]
    >>> [is_aggregate_name(n) for n in ("Mihaiii/gte-micro", "castorini/rank_zephyr", "delta/text", "Mean/Task")]
    [False, False, False, True]
    >>> [is_aggregate_name(n) for n in ("mean+causal", "weighted-mean+bidirectional/seed-0", "mean pooling", "macro-average")]
    [False, False, False, True]
    """
    name = name.strip()
    if _DESIGN.search(name):
        return False
    hub = _HUB_NAME.fullmatch(name)
    return _WHOLE.fullmatch(name) is not None or _WORD.search(hub[1] if hub else name) is not None


def without_aggregates(scores: Scores, options: Options, account: Account) -> Scores:
    """Set aside tasks that are made of other tasks, and models that are made of other models.

    Raises
    ------
    InputError
        If a name says that it is an aggregate and the numbers do not.
    """
    found = _aggregates(scores, options, account, "task")
    kept = [t for t in scores.task_names if t not in found]
    if found and kept:
        scores = scores.select(tasks=kept)
    if not any(is_aggregate_name(m) or _MAYBE.fullmatch(m) for m in scores.models):
        return scores  # of models the name must say it, too
    rows = replace(scores, table=scores.table.T, tasks=scores.tasks.head(0).reindex(scores.models))
    found = _aggregates(rows, options, account, "model")
    kept = [m for m in scores.models if m not in found]
    return scores.select(models=kept) if found and kept else scores


def _aggregates(scores: Scores, options: Options, account: Account, axis: str) -> set[str]:
    names = scores.task_names
    patterns = (options.tasks if axis == "task" else options.models) or ()
    values = scores.values
    if len(names) < (2 if axis == "task" else 3):
        return set()  # of two models one may be called `mean`, as a pooling is
    said = [i for i, n in enumerate(names) if is_aggregate_name(n)]
    named = sorted({*said, *(i for i, n in enumerate(names) if axis == "model" and _MAYBE.fullmatch(n))})
    found: dict[int, str] = {}
    base = [i for i in range(len(names)) if i not in named]
    known = set(load().task_names)
    if axis == "task" or named:
        families = _families(scores) if axis == "task" else None
        # A task that mteb knows is none of the others' mean by arithmetic alone: CQADupstack is one, and a task all the same.
        suspects = [i for i in base if axis == "task" and names[i] not in known]
        found = _by_arithmetic(values, base, named, families, suspects)
    gone = set()
    for i in sorted({*found, *said}):
        name = names[i]
        if any(p == name for p in patterns):
            continue  # asked for by name
        if any(p.startswith("!") and fnmatchcase(name, p[1:]) for p in patterns):
            continue  # left out by name, later
        if i in found:
            kind = ("row" if account.rows == f"{axis}s" else "column") if account.rows else axis
            account.aside(f"{kind} {name}", found[i], name, axis)
            gone.add(name)
        elif not any(fnmatchcase(name, p) for p in patterns if not p.startswith("!")):
            raise InputError(
                f"{account.source}: {name!r} is named as an aggregate of the other {axis}s, but is none by its numbers: "
                f"leave it out with --{axis} '!{name}', or keep it as a {axis} with --{axis} '*'"
            )
    return gone


def _families(scores: Scores) -> npt.NDArray[np.object_]:
    """The family of each task: the table's own word, else mteb's."""
    said = scores.tasks["family"] if "family" in scores.tasks else [None] * scores.n_tasks
    known = [load().task(t) for t in scores.task_names]
    return np.asarray(
        [
            own if isinstance(own, str) else None if task is None else task.family
            for own, task in zip(said, known, strict=True)
        ],
        dtype=object,
    )


def _by_arithmetic(
    values: Floats, base: list[int], named: list[int], families: npt.NDArray[np.object_] | None, suspects: list[int]
) -> dict[int, str]:
    """Rows that equal something made of the other rows, within rounding: index -> of what."""
    found: dict[int, str] = {}
    digits = _decimals(values)
    while True:
        new = False
        left = [j for j in base if j not in found]
        for i in [*named, *candidates(values, left, suspects, digits, families)]:
            if i in found:
                continue
            others = [j for j in base if j != i and j not in found]
            here = np.isfinite(values[i])
            hint, at = i in named, int(here.argmax())
            if len(others) < (1 if hint else 2) or not here.any():
                continue
            bound = rounding(values[i], int(digits[i]), int(digits[others].max()))
            for made, what in _made(values, others, i, families, hint, [j for j in named if j != i]):
                if not abs(values[i, at] - made[at]) <= bound:
                    continue  # nearly all, by their first cell
                if _equal(values[i], made, bound, values, others, sure=not hint):
                    found[i] = what
                    new = True
                    break
        if not new:
            return found


def _made(
    values: Floats, others: list[int], i: int, families: npt.NDArray[np.object_] | None, hint: bool, named: list[int]
) -> Iterator[tuple[Floats, str]]:
    """What could be made of the other rows."""
    rest = values[others]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # empty columns have no mean
        yield rest.mean(axis=0), f"mean of the {len(others)} others" if len(others) > 1 else "mean of the other"
        if np.isnan(rest).any():
            yield np.nanmean(rest, axis=0), f"mean of the {len(others)} others where there are scores"
        yield rest.sum(axis=0), f"sum of the {len(others)} others"
        if (
            families is not None
            and len(set(families[others]) - {None}) > 1
            and not any(f is None for f in families[others])
        ):
            groups = [values[[j for j in others if families[j] == f]] for f in dict.fromkeys(families[others])]
            yield np.mean([g.mean(axis=0) for g in groups], axis=0), f"mean of the means of {len(groups)} families"
        if not hint and len(values) > _MANY:
            return
        if hint:
            yield from _named_only(values, rest, named, families, others)
        yield from _neighbours(values, others, i)


def _named_only(
    values: Floats, rest: Floats, named: list[int], families: npt.NDArray[np.object_] | None, others: list[int]
) -> Iterator[tuple[Floats, str]]:
    makers: list[tuple[Callable[[Floats], Floats], str]] = [
        (lambda r: np.asarray(np.nanmedian(r, axis=0)), "median of the others"),
        (lambda r: np.asarray(np.nanstd(r, axis=0)), "standard deviation of the others"),
        (lambda r: np.asarray(np.nanstd(r, axis=0, ddof=1)), "standard deviation of the others"),
        (lambda r: np.asarray(np.exp(np.log(np.where(r > 0, r, np.nan)).mean(axis=0))), "geometric mean of the others"),
        (lambda r: np.asarray(1 / (1 / np.where(r > 0, r, np.nan)).mean(axis=0)), "harmonic mean of the others"),
        (lambda r: np.asarray(np.nanmax(r, axis=0)), "largest of the others"),
        (lambda r: np.asarray(np.nanmin(r, axis=0)), "smallest of the others"),
        (lambda r: np.isfinite(r).sum(axis=0).astype(float), "number of the others"),
    ]
    for make, what in makers:
        yield make(rest), what
    yield from _ranks_of(values, rest, named)
    for a, b in permutations(range(len(rest)) if len(rest) <= BLOCK else (), 2):
        yield rest[a] - rest[b], "difference of two others"
    if families is not None:
        for family in dict.fromkeys(f for f in families[others] if f is not None):
            members = values[[j for j in others if families[j] == family]]
            yield members.mean(axis=0), f"mean of {family}"
    if named:
        yield values[named].mean(axis=0), "mean of the other aggregates"


def _ranks_of(values: Floats, rest: Floats, named: list[int]) -> Iterator[tuple[Floats, str]]:
    """Mean ranks, wins, Borda counts, and places by a mean, a mean rank or another aggregate; ties by their mean or their best place."""
    whole = rest[~np.isnan(rest).any(axis=1)]
    for up in (True, False):
        if len(whole):
            ranks = rank_rows(whole, higher_is_better=up)
            yield ranks.mean(axis=0), "mean rank of the others"
            yield _lowest(whole, up).mean(axis=0), "mean rank of the others"
            yield (ranks == ranks.min(axis=1, keepdims=True)).sum(axis=0).astype(float), "wins among the others"
            beaten = whole.shape[1] - ranks
            yield beaten.sum(axis=0), "Borda count of the others"
            yield (beaten + 1).sum(axis=0), "Borda count of the others"
            for whole_is in (1, 100):  # as fractions, and in points
                yield whole_is * beaten.mean(axis=0) / max(whole.shape[1] - 1, 1), "mean win rate among the others"
        for made in (
            rest.mean(axis=0),
            rank_rows(whole, higher_is_better=up).mean(axis=0) if len(whole) else rest.mean(axis=0),
        ):
            for direction in (True, False):
                if not np.isnan(made).any():
                    yield rank_rows(made[None], higher_is_better=direction)[0], "rank by the others"
                    yield _lowest(made[None], direction)[0], "rank by the others"
        for j in named:
            if not np.isnan(values[j]).any():
                yield rank_rows(values[j][None], higher_is_better=up)[0], "rank by another aggregate"
                yield _lowest(values[j][None], up)[0], "rank by another aggregate"


def _lowest(rows: Floats, up: bool) -> Floats:
    """Ranks in which ties share the best place."""
    signed = -rows if up else rows
    return np.asarray([[1.0 + (row < x).sum() for x in row] for row in signed])


def _neighbours(values: Floats, others: list[int], i: int) -> Iterator[tuple[Floats, str]]:
    """Means of the rows right before, or right after: the average of a block of tasks."""
    before = [j for j in others if j < i][::-1]
    after = [j for j in others if j > i]
    for side, where in ((before, "before"), (after, "after")):
        total = np.zeros(values.shape[1])
        for n, j in enumerate(side[:BLOCK], 1):
            total = total + values[j]
            if n > 1 and n < len(others):
                yield total / n, f"mean of the {n} {where} it"


def _decimals(values: Floats) -> npt.NDArray[np.int64]:
    """How many decimals the numbers of each row are written with."""
    kept = np.where(np.isfinite(values), values, 0.0)
    off = 1e-12 * np.maximum(1.0, np.abs(kept).max(axis=1, initial=0.0))[:, None]
    digits = np.full(len(values), 12)
    open_ = np.arange(len(values))
    for places in range(12):
        done = (np.abs(np.round(kept[open_], places) - kept[open_]) <= off[open_]).all(axis=1)
        digits[open_[done]] = places
        open_ = open_[~done]
        if not len(open_):
            break
    return digits


def _equal(row: Floats, made: Floats, bound: float, values: Floats, others: list[int], *, sure: bool) -> bool:
    """Whether a row is what was made of others, within what rounding both can do; with `sure`, beyond chance."""
    here = np.isfinite(row)
    if not np.isfinite(made[here]).all():
        return False
    off = np.abs(row[here] - made[here])
    if (off > bound).any():
        return False
    if not sure:
        return True
    if len(set(row[here])) == 1:
        return False  # zeros, say, lie within the rounding of very many means
    spread = np.nanmax(values[others], axis=0) - np.nanmin(values[others], axis=0)
    spread = spread[here]
    likely = np.minimum(1.0, 2 * bound / np.where(spread > 0, spread, np.inf))
    likely = np.where(spread > 0, likely, 1.0)
    return float(np.log(likely).sum()) < float(np.log(_CHANCE) - np.log(len(values) * max(2, len(others))))
