"""Per-query measures as JSON, one file a model: pytrec_eval's ``{query: {measure: value}}``, or ``{measure: {query: value}}``.

BEIR's and pytrec_eval's users keep what `RelevanceEvaluator.evaluate` returns; ranx saves ``scores`` by measure.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from stats.common.errors import InputError

from .json_file import load_json
from .long import Long, one_metric
from .trec_files import names_of_files

_MEASURE = re.compile(
    r"(ndcg|dcg|map|gm_map|mrr|ap|rr|r|recip_rank|recall|precision|p|success|hits?|hit_rate|accuracy|acc|judged|bpref|rbp|err|f1|"
    r"rprec|infap|num_q|num_ret|num_rel|num_rel_ret|iprec_at_recall|11pt_avg|set_\w+|utility)([_@(.].*)?",
    re.IGNORECASE,
)


def is_measure(name: str) -> bool:
    """Whether a name is a measure's, as trec_eval, ir_measures or ranx write it.

    Examples
    --------
    >>> is_measure("ndcg_cut_10"), is_measure("nDCG@10"), is_measure("q17")
    (True, True, False)
    """
    return _MEASURE.fullmatch(name) is not None


def is_per_query(content: Any) -> bool:
    """Whether JSON has a number for every query and measure, measures by their names."""
    if not isinstance(content, Mapping) or not content:
        return False
    inner = list(content.values())
    if not all(isinstance(v, Mapping) and v for v in inner):
        return False
    numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for v in inner for x in v.values())
    return numbers and (_are_measures(content) or all(_are_measures(v) for v in inner))


def _are_measures(names: Mapping[str, Any]) -> bool:
    return all(is_measure(str(name)) for name in names)


def read_per_query(paths: Sequence[Path], metric: Sequence[str] | None = None) -> Long:
    """Read the measures of every query, a file a model.

    Raises
    ------
    InputError
        If a file is damaged, or there are several measures and none is named.
    """
    rows = []
    names = names_of_files(paths)
    for path in paths:
        content = load_json(path)
        if not is_per_query(content):
            raise InputError(f"{path}: expected JSON of the form {{query: {{measure: number}}}}")
        by_measure = _are_measures(content)
        for outer, inner in content.items():
            for name, value in inner.items():
                query, measure = (name, outer) if by_measure else (outer, name)
                rows.append((names[path], "queries", str(query), str(measure), float(value)))
    frame = pd.DataFrame(rows, columns=["model", "task", "sample", "metric", "score"])
    frame, notes = one_metric(frame, metric, (), str(paths[0]))
    return Long(frame, "measures per query", unit="query", notes=tuple(notes))
