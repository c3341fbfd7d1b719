"""The exact words for what an analysis did, used by every figure, table and page."""

from typing import TYPE_CHECKING

from stats.comparing.conclusions import CORRECTIONS

from . import display

if TYPE_CHECKING:
    from stats import Comparison

#: Names of tests as a sentence says them, by the `method` key ``test``.
TESTS = {
    "wilcoxon": "Wilcoxon signed-rank test",
    "sign": "sign test",
    "sign-flip": "sign-flip permutation test",
    "paired-t": "paired t test",
    "bootstrap": "paired bootstrap test",
    "nemenyi": "Nemenyi test",
    "bonferroni-dunn": "z test of mean ranks",
    "conover": "Conover test",
    "bayes": "Bayesian signed-rank test",
    "bayes-t": "Bayesian t test",
}


def by_test(comparison: "Comparison", *, with_level: bool = True) -> str:
    """Return ``Holm-corrected Wilcoxon signed-rank test, α = 0.05``."""
    method = comparison.method
    test = TESTS.get(str(method.get("test")), str(method.get("test")))
    correction = (
        ""
        if method.get("test") in ("nemenyi", "bayes", "bayes-t")
        else CORRECTIONS.get(str(method.get("correction")), "")
    )
    if str(method.get("test")).startswith("bayes") and "alpha" in method:
        return f"{test}, probability {1 - float(method['alpha']):g} or more" if with_level else test
    suffix = f", α = {method['alpha']:g}" if with_level and "alpha" in method else ""
    return f"{correction} {test}".strip() + suffix


def confidence(comparison: "Comparison") -> str:
    """Return ``95 %``."""
    return f"{100 * float(comparison.method.get('confidence_level', 0.95)):g} %"


def tasks_phrase(comparison: "Comparison") -> str:
    """Return ``over 41 tasks``."""
    return f"over {display.count(comparison.n_tasks, 'task')}"
