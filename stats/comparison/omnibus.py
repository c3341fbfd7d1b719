"""The omnibus tests of a comparison."""

from contextlib import suppress
from typing import Any

from ..common.errors import InputError
from ..omnibus import friedman, iman_davenport
from ..omnibus._aligned_ranks import aligned_ranks
from ..omnibus._quade import quade
from ..omnibus._skillings_mack import skillings_mack
from ..scores import Scores

#: So many tasks, by the number of models, for which Friedman's exact distribution takes no time.
_EXACT = {2: 500, 3: 100, 4: 20, 5: 8, 6: 4}


def omnibus_tests(scores: Scores) -> tuple[dict[str, dict[str, Any]], int]:
    """The omnibus tests on complete tasks, each with its method and n, and the number of those tasks."""
    present = scores.table.notna().to_numpy()
    n_complete, k = int(present.all(axis=1).sum()), scores.n_models
    found: dict[str, dict[str, Any]] = {}
    if n_complete == 0:
        nan = float("nan")
        found["friedman"] = {"statistic": nan, "df": k - 1, "pvalue": nan}
        found["iman_davenport"] = {"statistic": nan, "df1": k - 1, "df2": 0, "pvalue": nan}
    else:
        found["friedman"] = _row(friedman(scores), "df")
        if n_complete <= _EXACT.get(k, 0):
            with suppress(InputError):  # ties can make many more rank sums than a table of this size has without
                found["friedman_exact"] = _row(friedman(scores, method="exact"))
        found["iman_davenport"] = _row(iman_davenport(scores), "df1", "df2")
        found["quade"] = _row(quade(scores), "df1", "df2")
        found["aligned_ranks"] = _row(aligned_ranks(scores), "df")
    if n_complete < scores.n_tasks and (present.sum(axis=1) >= 2).any():
        found["skillings_mack"] = _row(skillings_mack(scores), "df")
    return found, n_complete


def _row(result: Any, *freedom: str) -> dict[str, Any]:
    return {
        "statistic": result.statistic,
        **{name: getattr(result, name) for name in freedom},
        "pvalue": result.pvalue,
        "method": result.method,
        "n_tasks": result.n_tasks,
    }
