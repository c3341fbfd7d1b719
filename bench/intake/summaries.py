"""Columns that sum up several runs: ``bert mean`` beside ``bert std``, or ``mean`` beside ``std`` and ``count``."""

import re
from collections.abc import Sequence

from .headings import fold

_MEAN = "mean|avg|average"
#: Words for a spread, which say that what stands beside them is a mean over runs.
_SURE = (
    r"std|stdev|std ?dev|sd|sigma|standard deviation|se|sem|std ?err(?:or)?|stderr|standard error|var|variance|count|iqr|ci|ci ?95|ci ?low(?:er)?|"
    r"ci ?upper|ci ?high"
)
#: And those that say it only beside one of them: ``bert mean`` and ``bert max`` may be two poolings.
_SPREAD = rf"{_SURE}|n|min|max|median|lower|upper|q1|q3"
_BEHIND = re.compile(rf"(?P<of>.+?)[ _\-./(:|]+(?P<what>{_MEAN}|{_SPREAD})\)?", re.IGNORECASE)
_BEFORE = re.compile(rf"(?P<what>{_MEAN}|{_SPREAD})[ _\-./(:|]+(?P<of>.+?)\)?", re.IGNORECASE)


def mean_columns(names: Sequence[str]) -> dict[int, str]:
    """Columns of means that stand beside a spread of the same name -> that name.

    Examples
    --------
    >>> mean_columns(["task", "bert mean", "bert std", "e5 (mean)", "e5 (std)"])
    {1: 'bert', 3: 'e5'}
    >>> mean_columns(["task", "mean / bert", "std / bert"]), mean_columns(["task", "a", "Avg. rank", "STS mean"])
    ({1: 'bert'}, {})
    >>> mean_columns(["task", "bert mean", "bert max", "bert cls"])
    {}
    """
    for pattern in (_BEHIND, _BEFORE):
        found: dict[str, dict[str, int]] = {}
        for j, heading in enumerate(names):
            match = pattern.fullmatch(heading.strip())
            if match:
                found.setdefault(match["of"].strip(), {})[match["what"].lower()] = j
        means = {
            next(j for what, j in by.items() if what in _MEAN.split("|")): of
            for of, by in found.items()
            if set(by) & set(_MEAN.split("|")) and any(re.fullmatch(_SURE, what) for what in by)
        }
        if means:
            return means
    return {}


def spread_of(names: Sequence[str]) -> dict[int, str]:
    """All columns of a spread -> what they are of, as `mean_columns` calls that.

    Examples
    --------
    >>> spread_of(["task", "bert mean", "bert std", "sd / e5"])
    {2: 'bert', 3: 'e5'}
    """
    found: dict[int, str] = {}
    for j, heading in enumerate(names):
        for pattern in (_BEHIND, _BEFORE):
            match = pattern.fullmatch(heading.strip())
            if match and match["what"].lower() not in _MEAN.split("|"):
                found.setdefault(j, match["of"].strip())
    return found


def mean_of_runs(names: Sequence[str]) -> int | None:
    """Of columns headed ``mean``, ``std``, ``count`` and the like alone, as ``groupby(...).agg`` makes them, the place of the mean.

    Examples
    --------
    >>> mean_of_runs(["mean", "std", "count"]), mean_of_runs(["mean"]), mean_of_runs(["mean", "accuracy"])
    (0, None, None)
    """
    folded = [fold(n) for n in names]
    means = [j for j, n in enumerate(folded) if n in _MEAN.split("|")]
    if len(means) != 1 or len(folded) < 2:
        return None
    others = [n for j, n in enumerate(folded) if j != means[0]]
    return (
        means[0]
        if any(re.fullmatch(_SURE, n) for n in others) and all(re.fullmatch(rf"{_SPREAD}|\d+%?", n) for n in others)
        else None
    )
