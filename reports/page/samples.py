"""The section on samples: what holds within the tasks, and which examples decide."""

from typing import TYPE_CHECKING, Any

import numpy as np

from reports.tables.rows import Table, records
from stats.common import text
from stats.common.errors import InputError
from stats.common.text import TYPESET

if TYPE_CHECKING:
    from stats import Comparison, Samples

_EXAMPLES = 3


def samples_section(comparison: "Comparison", samples: "Samples | None") -> dict[str, Any] | None:
    """Compare the two best models that have samples, task by task: intervals from the samples, and the deciding ones."""
    if samples is None:
        return None
    from stats.levels import POPULATIONS, deciding_samples, sample_level

    pair = _pair(comparison, samples)
    if pair is None:
        return {"sentences": ["No two of the models compared have samples of a common task."], "table": None}
    model_a, model_b, tasks = pair
    seed = comparison.method.seed
    try:
        found = sample_level(
            samples, models=[model_a, model_b], tasks=tasks, rng=seed,
            confidence_level=comparison.method.confidence_level,
        )  # fmt: skip
    except InputError as error:
        return {"sentences": [f"The samples could not be used: {error}."], "table": None}
    digits = text.places(comparison.ranks["mean"])
    rows = []
    for row in records(found.task_pairs):
        sign = 1 if row.model_a == model_a else -1
        low, high = sorted((sign * row.low, sign * row.high))
        deciding = deciding_samples(samples, row.task, model_a, model_b)
        rows.append(
            (
                text.name(row.task),
                f"{row.n_samples:,}",
                TYPESET.fixed(sign * row.difference, digits, signed=True),
                TYPESET.interval(low, high, digits, signed=True),
                TYPESET.pvalue(row.pvalue, symbol=""),
                _needed(deciding["cumulative"].to_numpy(float), sign * row.difference),
                ", ".join(text.name(s) for s in deciding["sample"].head(_EXAMPLES)),
            )
        )
    columns = (
        "task",
        "samples",
        "difference",
        f"{text.percent(found.confidence_level)}",
        "p",
        "without so many it turns",
        "the first of them",
    )
    a, b = text.name(model_a), text.name(model_b)
    sentences = [
        f"{a} minus {b}, within each task: intervals and p of t tests over its samples (uncorrected). They speak about "
        f"{POPULATIONS['samples']}.",
        "The samples that decide are those whose leaving out shrinks the difference most; the last columns say how few of them it takes to "
        "turn its sign, and name the first.",
    ]
    return {"sentences": sentences, "table": Table(columns, tuple(rows), frozenset({0, 6}))}


def _pair(comparison: "Comparison", samples: "Samples") -> tuple[str, str, list[str]] | None:
    """The two best models (or the control and the best other) with samples of a common task, and those tasks."""
    ranked = [str(m) for m in comparison.ranks["model"] if str(m) in samples.models]
    if comparison.control is not None and str(comparison.control) in ranked:
        ranked = [*[m for m in ranked if m != str(comparison.control)][:1], str(comparison.control)]
    names = set(comparison.scores.task_names)
    for i, a in enumerate(ranked):
        for b in ranked[i + 1 :]:
            tasks = [t for t in samples.tasks if t in names and {a, b} <= set(samples.files[t])]
            if tasks:
                return a, b, tasks
    return None


def _needed(cumulative: "np.ndarray[Any, np.dtype[np.float64]]", difference: float) -> str:
    """How many samples have to go before the difference turns its sign."""
    turned = np.flatnonzero(cumulative <= 0 if difference >= 0 else cumulative >= 0)
    return f"{turned[0] + 1:,}" if difference != 0 and turned.size else TYPESET.none
