"""The exact words for what an analysis did, used by every figure, table and page."""

from typing import TYPE_CHECKING

from . import display

if TYPE_CHECKING:
    from stats import Comparison


def by_test(comparison: "Comparison", *, with_level: bool = True) -> str:
    """Return ``Wilcoxon signed-rank test, Holm-corrected, α = 0.05``."""
    return comparison.method.caption(alpha="α" if with_level else None)


def confidence(comparison: "Comparison") -> str:
    """Return ``95 %``."""
    return comparison.method.percent


def tasks_phrase(comparison: "Comparison") -> str:
    """Return ``over 41 tasks``."""
    return f"over {display.count(comparison.n_tasks, comparison.scores.unit)}"
