"""The functions of `stats` that an analyst starts with, taking any source of scores beside a table in memory."""

from collections.abc import Callable
from functools import wraps
from os import PathLike
from typing import Concatenate, ParamSpec, TypeVar

import stats
from bench import read
from bench.sources.mteb_objects import is_results
from stats.scores import SOURCES

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def _from_source(
    function: Callable[Concatenate[T, P], R],
) -> Callable[Concatenate[T | str | PathLike[str], P], R]:
    """Let a function of scores take any source; read as on the command line, with the families that MTEB gives its tasks."""

    @wraps(function)
    def call(scores: T | str | PathLike[str], *args: P.args, **kwargs: P.kwargs) -> R:
        if not isinstance(scores, stats.Scores | stats.Samples):
            scores = read(scores)
        return function(scores, *args, **kwargs)  # type: ignore[arg-type]  # Scores are among what T stands for

    return call  # type: ignore[return-value]  # that its first argument may be named too is lost in the type


audit = _from_source(stats.audit)
compare = _from_source(stats.compare)


def _understood(source: object) -> stats.Scores | None:
    """Scores of a path or of mteb's results in memory; None of anything else."""
    if not isinstance(source, str | PathLike) and not is_results(source):
        return None
    found = read(source)
    return found if isinstance(found, stats.Scores) else found.as_scores()


#: So that every function of scores takes them, not those alone that are wrapped here.
SOURCES.append(_understood)
