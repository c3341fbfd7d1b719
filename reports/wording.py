"""The exact words for what an analysis did, used by every figure, table and page."""

from typing import TYPE_CHECKING

from stats.comparison.conclusions import CORRECTIONS, TESTS, is_bayesian

from . import display

if TYPE_CHECKING:
    from stats import Comparison


def by_test(comparison: "Comparison", *, with_level: bool = True) -> str:
    """Return ``Holm-corrected Wilcoxon signed-rank test, α = 0.05``."""
    method = comparison.method
    test = TESTS.get(str(method.get("test")), str(method.get("test")))
    level = with_level and "alpha" in method
    if is_bayesian(method):
        return f"{test}, probability {1 - float(method['alpha']):g} or more" if level else test
    correction = CORRECTIONS.get(str(method.get("correction")), "")  # Nemenyi's test has its own
    return f"{correction} {test}".strip() + (f", α = {method['alpha']:g}" if level else "")


def confidence(comparison: "Comparison") -> str:
    """Return ``95 %``."""
    return f"{100 * float(comparison.method.get('confidence_level', 0.95)):g} %"


def tasks_phrase(comparison: "Comparison") -> str:
    """Return ``over 41 tasks``."""
    return f"over {display.count(comparison.n_tasks, comparison.scores.unit)}"
