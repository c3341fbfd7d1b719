"""What to do next: how many more tasks would decide the pairs that one asks about first."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..common import text
from ..planning.deciding import MOST_TASKS, tasks_to_decide
from ..ties import differences
from .comparison import Comparison
from .sentences.conclusions import pool_pairs
from .tests import TESTS
from .tests.registry import simulated_as

_POWER = 0.8
#: With fewer tasks their differences have no spread to speak of; with more of them tied, an experiment without ties is another one.
_FEWEST, _TIED = 5, 0.25


@dataclass(frozen=True)
class _Step:
    better: str
    worse: str
    n: int
    effect: float
    tasks: float
    low: float
    high: float


def next_steps(comparison: Comparison) -> str:
    """Say how many more tasks would decide the best model against the next one, and the pair that is nearest to a decision.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    str
        A paragraph; empty where nothing is left to decide, or where it cannot be said: tests without p-values, samples as units,
        groups of tasks, tasks of two directions, fewer than five tasks, many ties.

    Examples
    --------
    Six tasks, of which one is against a: p = 2 * 5 / 2^6 = .16.

    >>> from embsig import compare
    >>> frame = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.37], "b": [0.8, 0.71, 0.62, 0.53, 0.44, 0.4]})
    >>> next_steps(compare(frame, rng=0)).split(";")[0]
    '6 more tasks would decide a against b, if it is better by the 0.0617 seen here (12 in all'
    """
    if not _can_be_said(comparison):
        return ""
    # As many share the level as by Bonferroni; the joint corrections need a little less than that.
    level = comparison.method.alpha / pool_pairs(comparison)
    test = simulated_as(TESTS[comparison.method.test])
    steps = [s for row in _asked(comparison) if (s := _step(comparison, row, level, test)) is not None]
    if not steps:
        return ""
    reachable = [s for s in steps if np.isfinite(s.tasks)]
    said = [_sentence(comparison, s) for s in steps]
    if reachable:
        how = f"{TESTS[test].title} at p <= {text.bound(level)}, simulated experiments on tasks like these"
        said.append(
            f"So many decide {text.percent(_POWER)} of the time ({how}). Settle on a number before you look again: testing after every "
            "task that is added does not hold its level."
        )
    return " ".join(said)


def _can_be_said(c: Comparison) -> bool:
    method = c.method
    plain = method.level == "tasks" and not method.groups and method.alternative == "two-sided"
    return plain and method.facts.has_pvalues and not c.scores.mean_refused


def _asked(c: Comparison) -> "list[pd.Series[Any]]":
    """The undecided pairs that are asked about first: of the first two (of the control), and that of the smallest p."""
    waiting = c.pairs[(c.pairs["verdict"] == "undecided") & c.pairs["pvalue"].notna()]
    if waiting.empty:
        return []
    first = waiting.iloc[0] if c.control is not None else _leading(c, waiting)
    nearest = waiting.loc[waiting["pvalue"].sort_values(kind="stable").index[0]]
    rows = [row for row in (first, nearest) if row is not None]
    return rows if len(rows) < 2 or rows[0].name != rows[1].name else rows[:1]


def _leading(c: Comparison, waiting: pd.DataFrame) -> "pd.Series[Any] | None":
    two = [str(m) for m in c.ranks["model"].iloc[:2]]
    here = waiting[waiting["model_a"].isin(two) & waiting["model_b"].isin(two)]
    return None if here.empty else here.iloc[0]


def _step(c: Comparison, row: "pd.Series[Any]", level: float, test: str) -> _Step | None:
    """The plan of a pair; None where it cannot be made, or says no more than that the pair was near."""
    a, b = str(row["model_a"]), str(row["model_b"])
    both = c.scores.table[[a, b]].dropna()
    d = differences(both[a].to_numpy(), both[b].to_numpy())
    n = len(d)
    if n < _FEWEST or float((d == 0).mean()) > _TIED or float(d.mean()) * float(row["difference"]) <= 0:
        return None
    found = tasks_to_decide(d, level, power=_POWER, test=test, rng=c.method.seed)
    if found[0] <= n:
        return None
    ahead = (d.mean() > 0) == c.scores.higher_is_better
    return _Step(*((a, b) if ahead else (b, a)), n, abs(float(d.mean())), *found)


def _sentence(c: Comparison, step: _Step) -> str:
    better, worse = text.name(step.better), text.name(step.worse)
    if not np.isfinite(step.tasks):
        return (
            f"More than {MOST_TASKS:,} tasks would be needed to decide {better} against {worse}, if it is better by the "
            f"{text.fixed(step.effect, c.places)} seen here: choose between these two by something else, such as cost."
        )
    most = f"{step.high:,.0f}" if np.isfinite(step.high) else f"more than {MOST_TASKS:,}"
    return (
        f"{text.count(int(step.tasks) - step.n, 'more task')} would decide {better} against {worse}, if it is better by the "
        f"{text.fixed(step.effect, c.places)} seen here ({step.tasks:,.0f} in all; {step.low:,.0f} to {most}, as the spread is itself "
        f"estimated, from {text.count(step.n, 'task')})."
    )
