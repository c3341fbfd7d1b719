"""What `trec_eval -q` and `ir_measures -q` print: a line a query and measure, a file a model; the summary lines are left out."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from stats.common.errors import InputError

from .long import Long, one_metric, read_text
from .per_query import is_measure
from .trec_files import names_of_files

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_LINE = re.compile(rf"(\S+)[ \t]+(\S+)[ \t]+({_NUMBER})\s*")
#: Lines over all queries.
_SUMMARY = ("all", "amean")


def is_output(line: bytes) -> bool:
    """Whether a file's first line is such a line: measure, query, value; or query, measure, value."""
    found = _LINE.fullmatch(line.decode("utf-8", "replace").strip())
    return (found is not None and is_measure(found[1]) != is_measure(found[2])) or (
        found is not None and is_measure(found[1]) and found[2] in _SUMMARY
    )


def read_output(paths: Sequence[Path], metric: Sequence[str] | None = None) -> Long:
    """Read the measures of every query.

    Raises
    ------
    InputError
        If a line is none of such an output, a file has no query (made without -q), or there are several measures and none is
        named.
    """
    rows: list[tuple[str, str, str, str, float]] = []
    names = names_of_files(paths)
    for path in paths:
        before = len(rows)
        for number, line in enumerate(read_text(path).splitlines(), 1):
            found = _LINE.fullmatch(line.strip())
            if found is None and re.fullmatch(r"(runid\s+\S+\s+\S+|)", line.strip()):
                continue
            if found is None:
                raise InputError(
                    f"{path}, line {number}: {line[:60]!r} is not a measure of a query; is the file cut off?"
                )
            measure, query = (found[1], found[2]) if is_measure(found[1]) else (found[2], found[1])
            if query.lower() not in _SUMMARY:
                rows.append((names[path], "queries", query, measure, float(found[3])))
        if len(rows) == before:
            raise InputError(f"{path} has no lines per query: make it with trec_eval -q")
    frame = pd.DataFrame(rows, columns=["model", "task", "sample", "metric", "score"])
    frame, notes = one_metric(frame, metric, (), str(paths[0]))
    return Long(frame, "measures per query", unit="query", notes=tuple(notes))
