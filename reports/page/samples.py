"""The section on samples: what holds within the tasks, and which examples decide."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports.tables.rows import Table, records
from stats.common import text
from stats.common.errors import InputError
from stats.common.text import TYPESET
from stats.comparison.on_request import task_intervals, within_tasks
from stats.comparison.pair_replicates import replicate_differences

from .packing import packed

if TYPE_CHECKING:
    from stats import Comparison, Samples
    from stats.comparison.on_request import TaskIntervals

_EXAMPLES = 3


def samples_section(comparison: "Comparison", samples: "Samples | None") -> dict[str, Any] | None:
    """Compare the two best models that have samples, task by task: intervals from the samples, and the deciding ones."""
    if samples is None:
        return None
    try:
        found = within_tasks(comparison, samples)
    except InputError as error:
        return {"sentences": [f"The samples could not be used: {error}."], "table": None}
    if found is None:
        return {"sentences": ["No two of the models compared have samples of a common task."], "table": None}
    digits = text.places(comparison.ranks["mean"])
    rows = [
        (
            text.name(row.task),
            f"{row.n_samples:,}",
            TYPESET.fixed(row.difference, digits, signed=True),
            TYPESET.interval(row.low, row.high, digits, signed=True),
            TYPESET.pvalue(row.pvalue, symbol=""),
            TYPESET.fixed(row.needed, 0),
            ", ".join(text.name(s) for s in row.first.head(_EXAMPLES)),
        )
        for row in records(found.tasks)
    ]
    columns = (
        "task",
        "samples",
        "difference",
        text.percent(found.confidence_level),
        "p",
        "how many turn it",
        "the first of them",
    )
    a, b = text.name(found.model_a), text.name(found.model_b)
    sentences = [
        f"{a} minus {b}, within each task: intervals and p-values of {found.method}. They speak about "
        f"{found.population}.",
        "The samples that decide are those whose omission shrinks the difference most; the last columns say how few of them it takes to "
        "turn its sign, and name the first.",
    ]
    return {"sentences": sentences, "table": Table(columns, tuple(rows), frozenset({0, 6}))}


def interval_data(
    comparison: "Comparison", samples: "Samples | None", place: Mapping[str, int]
) -> dict[str, Any] | None:
    """Return the interval of every pair within every task that has samples, or else several runs; None where no task has."""
    found = _within(comparison, samples)
    if found is None:
        return None
    tasks = {name: i for i, name in enumerate(comparison.scores.task_names)}
    frame = found.tasks
    return {
        "said": f"Lines: {text.percent(found.confidence_level)} intervals {found.method}, uncorrected.",
        "rows": packed(
            {
                "a": ("u2", [place[m] for m in frame["model_a"]]),
                "b": ("u2", [place[m] for m in frame["model_b"]]),
                "task": ("u2", [tasks[t] for t in frame["task"]]),
                "low": ("f4", frame["low"].to_numpy(float)),
                "high": ("f4", frame["high"].to_numpy(float)),
            }
        ),
    }


def _within(comparison: "Comparison", samples: "Samples | None") -> "TaskIntervals | None":
    """The intervals of pairs within tasks: over samples where there are any, else over the runs of each score."""
    found = None
    if samples is not None:
        try:
            found = task_intervals(comparison, samples)
        except InputError:
            return None
    return replicate_differences(comparison) if found is None else found
