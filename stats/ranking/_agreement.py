"""How far tasks agree on the ranking, and what the ranking owes to single tasks."""

from dataclasses import dataclass
from functools import cache
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtr

from ..common.errors import InputError
from ..common.threads import same_bits_on_any_cores
from ..omnibus import friedman
from ..results import Floats
from ..scores import Scores, as_scores
from ..ties import rank_rows

#: The most models of which all orders are gone through: 5,040.
_ENUMERATED = 7
#: Up to so many models all pairs are counted; of more, scipy sorts.
_FEW = 500


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far tasks agree on the ranking of models.

    Attributes
    ----------
    kendall_w : float
        Kendall's coefficient of concordance: 0 for none, 1 where all tasks rank alike; corrected for ties.
    pvalue : float
        Of no agreement (Friedman's test).
    tasks : DataFrame
        One row per task: ``task, family, discrimination`` (Spearman's correlation of its scores with the mean rank over the
        other tasks), ``closest, closest_correlation`` (the task it is most alike) and ``closest_pvalue`` (how probable it is that any
        other task is so much alike by chance), ``tau_without`` (Kendall's tau-b of the ranking without it with the full
        one), ``best_without`` and ``best_changes``.
    families : DataFrame
        The same for whole families: ``family, n_tasks, tau_alone`` (of the ranking by this family alone with the full one),
        ``tau_without, best_without, best_changes``.
    n_tasks, n_models : int
    """

    kendall_w: float
    pvalue: float
    tasks: pd.DataFrame
    families: pd.DataFrame
    n_tasks: int
    n_models: int

    def to_frame(self) -> pd.DataFrame:
        """One row per task."""
        return self.tasks.copy()

    @property
    def redundant(self) -> pd.DataFrame:
        """Tasks whose ranking another repeats almost exactly (Spearman at least .95), and not by chance.

        Two rankings of three models are the same in one case of six: where any other task would rank so much alike by
        chance with a probability above 5 %, it is not a repetition.
        """
        alike = (self.tasks["closest_correlation"] >= 0.95) & (self.tasks["closest_pvalue"] <= 0.05)
        return self.tasks[alike].reset_index(drop=True)

    def __str__(self) -> str:
        changing = self.tasks.loc[self.tasks["best_changes"], "task"].tolist()
        least = self.tasks.iloc[int(np.argmin(self.tasks["tau_without"].fillna(np.inf)))]
        shown = (
            f" The best model changes without {', '.join(map(str, changing[:5]))}."
            if changing
            else (" No single task decides which model is best.")
        )
        tau = float(least["tau_without"])
        # A tau of 1 comes with rounding, and one just below it shall not read 1.000.
        if np.isnan(tau):  # equal models have no ranking that could change
            depends = "The models share one rank, which no task changes."
        elif tau < 1 - 1e-9:
            shown_tau = f"{tau:.3f}" if tau < 0.9995 else f"{tau:.{int(np.ceil(-np.log10(1 - tau))) + 1}f}"
            depends = f"The ranking depends most on {least['task']} (Kendall's tau {shown_tau} without it)."
        else:
            depends = "Without any one task the ranking is the same."
        return (
            f"Kendall's W = {self.kendall_w:.3f} over {self.n_tasks} tasks and {self.n_models} models. {depends}{shown}"
        )

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show([str(self)], self.to_frame())


def kendall_w(scores: Scores | pd.DataFrame) -> float:
    """Kendall's coefficient of concordance between tasks, corrected for ties: Friedman's chi-square / (N (k - 1)).

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; tasks that a model lacks are left out.

    Returns
    -------
    float

    Raises
    ------
    InputError
        With fewer than two models, or no task that all of them have.

    References
    ----------
    Kendall, M. G. and Babington Smith, B. (1939). The problem of m rankings. Ann. Math. Statist. 10, 275-287.

    Examples
    --------
    Two tasks that agree fully, W = 1:

    >>> kendall_w(pd.DataFrame({"a": [3., 3], "b": [2., 2], "c": [1., 1]}, index=["x", "y"]))
    1.0
    """
    found = friedman(scores)
    return found.statistic / (found.n_tasks * (found.n_models - 1))


@same_bits_on_any_cores
def agreement(scores: Scores | pd.DataFrame) -> Agreement:
    """Agreement of tasks on the ranking by mean rank, and how it stands when tasks or families are left out.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; tasks that a model lacks are left out.

    Returns
    -------
    Agreement

    Raises
    ------
    InputError
        With fewer than two models or two tasks.

    References
    ----------
    Kendall and Babington Smith (1939). Ann. Math. Statist. 10, 275-287. Perlitz, Y. et al. (2024). Do these LLM
    benchmarks agree? arXiv:2407.13696.

    Examples
    --------
    Tasks x and y agree, z is their reverse: without z the ranking is x's own.

    >>> frame = pd.DataFrame({"a": [3., 3, 1], "b": [2., 2, 2], "c": [1., 1, 3]}, index=["x", "y", "z"])
    >>> found = agreement(frame)
    >>> found.tasks["discrimination"].tolist(), found.tasks["closest"].tolist()[:2]
    ([nan, nan, -1.0], ['y', 'x'])
    """
    table = as_scores(scores).complete("tasks")
    if table.n_models < 2 or table.n_tasks < 2:
        raise InputError(f"got {table.n_models} model(s) and {table.n_tasks} task(s): expected at least two of both")
    ranks = rank_rows(table.values, higher_is_better=table.higher_is_better)
    names = np.asarray(table.models, dtype=object)
    total = ranks.sum(axis=0)
    rows = []
    alike = _correlations(ranks)
    np.fill_diagonal(alike, -np.inf)
    for t, task in enumerate(table.task_names):
        rest = (total - ranks[t]) / (table.n_tasks - 1)
        closest = int(np.argmax(np.nan_to_num(alike[t], nan=-np.inf)))
        row = {"task": task, "family": table.tasks["family"].iloc[t], "discrimination": _spearman(ranks[t], rest)}
        row |= {"closest": table.task_names[closest], "closest_correlation": alike[t, closest]}
        by_chance = _chance(ranks[t], ranks[closest]) * (table.n_tasks - 1)
        row["closest_pvalue"] = min(1.0, by_chance)
        rows.append(row | _without(names, rest, total))
    families = []
    for family in table.families if len(table.families) > 1 else []:
        here = (table.tasks["family"] == family).to_numpy()
        row = {"family": family, "n_tasks": int(here.sum()), "tau_alone": _tau(ranks[here].sum(axis=0), total)}
        families.append(row | _without(names, ranks[~here].mean(axis=0), total))
    columns = ["family", "n_tasks", "tau_alone", "tau_without", "best_without", "best_changes"]
    found = friedman(table)
    return Agreement(
        kendall_w(table),
        found.pvalue,
        pd.DataFrame(rows),
        pd.DataFrame(families, columns=columns),
        table.n_tasks,
        table.n_models,
    )


def _without(names: Floats, rest: Floats, total: Floats) -> dict[str, object]:
    best = int(np.argmin(rest.round(9)))
    before = np.flatnonzero(total.round(9) == total.round(9).min())
    return {"tau_without": _tau(rest, total), "best_without": names[best], "best_changes": best not in before}


def _tau(a: Floats, b: Floats) -> float:
    a, b = a.round(9), b.round(9)
    if len(a) > _FEW:
        from scipy.stats import kendalltau  # half a second to import

        return float(kendalltau(a, b).statistic)
    first, second = (np.sign(x[:, None] - x) for x in (a, b))
    # Of all ordered pairs, those that are not tied in a, and in b.
    untied = np.sqrt((first**2).sum()) * np.sqrt((second**2).sum())
    return float(np.clip((first * second).sum() / untied, -1, 1)) if untied else float("nan")


def _correlations(ranks: Floats) -> Floats:
    """Spearman's correlation of every two tasks; NaN where one does not tell models apart."""
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    squares = (centred**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.clip(centred @ centred.T / np.sqrt(np.outer(squares, squares)), -1, 1))


def _chance(a: Floats, b: Floats) -> float:
    """How probable a correlation of ranks as large as theirs is by chance: over all orders of up to 7 models, else by t."""
    k = len(a)
    correlation = float(_correlations(np.stack([a, b]))[0, 1])
    if np.isnan(correlation):
        return 1.0
    if k > _ENUMERATED:
        with np.errstate(divide="ignore"):
            return float(stdtr(k - 2, -correlation * np.sqrt((k - 2) / max(1 - correlation**2, 1e-300))))
    products = a[_orders(k)] @ b
    return float((products >= float(a @ b) - 1e-9).mean())


@cache
def _orders(k: int) -> npt.NDArray[np.intp]:
    return np.array(list(permutations(range(k))), dtype=np.intp)


def _spearman(a: Floats, b: Floats) -> float:
    return float(_correlations(rank_rows(np.stack([a, b.round(9)])))[0, 1])
