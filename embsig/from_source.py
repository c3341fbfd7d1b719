"""The functions of `stats` that an analyst starts with, taking any source of scores beside a table in memory."""

import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from os import PathLike
from typing import Any, Concatenate, ParamSpec, TypeVar

import pandas as pd

import stats
from bench import read, read_samples
from bench.intake.aggregates import is_aggregate_name
from bench.intake.metric_directions import task_direction
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


def _gate_from_source(function: Callable[P, R]) -> Callable[P, R]:
    """Let a gate take any source, also of every metric; at the level of samples, the samples of a run."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        scores: Any = kwargs.pop("scores") if "scores" in kwargs else args[0]
        by_samples = kwargs.get("level") == "samples"

        def opened(source: Any) -> Any:
            if isinstance(source, stats.Scores | stats.Samples):
                return source
            return read_samples(source) if by_samples and isinstance(source, str | PathLike) else read(source)

        found = {m: opened(s) for m, s in scores.items()} if isinstance(scores, Mapping) else opened(scores)
        return function(found, *args[1:], **kwargs)  # type: ignore[arg-type]  # Scores are among what it takes

    return call


audit = _from_source(stats.audit)
compare = _from_source(stats.compare)
gate = _gate_from_source(stats.gate)


def _understood(source: object) -> stats.Scores | None:
    """Scores of a path, of mteb's results in memory, or of a frame that holds more than scores; None of anything else."""
    if not isinstance(source, str | PathLike) and not is_results(source) and not _holds_more(source):
        return None
    found = read(source)
    scores = found if isinstance(found, stats.Scores) else found.as_scores()
    understood = scores.provenance.get("read") or {}
    if understood.get("set_aside") or understood.get(
        "turned"
    ):  # the results of these functions have no place to say it
        warnings.warn(str(understood["sentence"]), stacklevel=4)
    return scores


def _holds_more(source: object) -> bool:
    """Whether a name in a frame says that it is an average, or a task of which lower is better: to be told from scores, or turned."""
    if not isinstance(source, pd.DataFrame) or source.index.nlevels > 1 or source.columns.nlevels > 1:
        return False
    first = source.iloc[:, 0] if source.shape[1] and not pd.api.types.is_numeric_dtype(source.dtypes.iloc[0]) else ()
    names = [n for n in (*source.index, *source.columns, *first) if isinstance(n, str)]
    return any(is_aggregate_name(n) or task_direction(n) is False for n in names)


#: So that every function of scores takes them, not those alone that are wrapped here.
SOURCES.append(_understood)
