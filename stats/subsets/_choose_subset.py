"""choose_subset: the tasks to evaluate when there is not room for all."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common import text
from ..common.errors import InputError
from ..pairs import check_level
from ..prediction.conformal import folds
from ..prediction.gaussian import GaussianTasks
from ..results import Floats
from ..scores import Scores, as_scores
from .foretelling import Foretelling
from .result import Subset
from .selection import choose

#: Fewer models do not show how tasks move together.
LEAST_MODELS = 30
_TOP = 30


def choose_subset(
    scores: Scores | pd.DataFrame,
    costs: Mapping[str, float] | None = None,
    *,
    budget: float = 0.2,
    level: float = 0.95,
    makers: Mapping[str, str] | None = None,
    rng: int = 0,
) -> Subset:
    """Choose the tasks, of at most a share of the cost of all, from which the mean over all tasks is predicted best.

    Parameters
    ----------
    scores : Scores or DataFrame
        Of models that were evaluated on all tasks: rows tasks, columns models. A model that lacks a score is left out.
    costs : mapping of task to float, optional
        What evaluating each costs, in any unit (seconds, characters); by default all the same.
    budget : float
        Share of the sum of the costs, more than 0 and at most 1.
    level : float
        Of the intervals.
    makers : mapping of model to maker, optional
        By default what stands before the first ``/`` of the name. A maker's models never predict one another when the choice is validated.
    rng : int
        Seed of the folds.

    Returns
    -------
    Subset

    Raises
    ------
    InputError
        If fewer than 30 models have every task, a cost is missing or negative, or no task is within the budget.

    Notes
    -----
    Scores of a model are taken for a draw of a multivariate normal with a shrunk correlation (Ledoit and Wolf 2004), tasks are chosen by the variance that they leave to the mean
    (`stats.subsets.selection.choose`), and what was not evaluated is predicted by its conditional mean. How far that is off is measured, not taken from the normal (split conformal;
    Lei et al. 2018). What the choice is worth is measured around all of it, in ten folds of makers: choice, fit and intervals are made without the models that they are tried on.

    Examples
    --------
    Three tasks of which two are always the same: one of these and the third say all.

    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.uniform(.3, .8, (2, 60))
    >>> frame = pd.DataFrame([a, a, b], ["x", "y", "z"], [f"maker{i}/m" for i in range(60)])
    >>> found = choose_subset(frame, {"x": 1., "y": 2., "z": 1.}, budget=.5)
    >>> sorted(found.chosen), found.cost
    (['x', 'z'], 0.5)
    """
    check_level(level, "level")
    given = as_scores(scores)
    whole = given.table.loc[:, given.table.notna().all()]
    if whole.shape[1] < LEAST_MODELS or whole.shape[0] < 3:
        raise InputError(
            f"{text.count(whole.shape[1], 'model')} with all of {text.count(whole.shape[0], 'task')}: expected at least {LEAST_MODELS} models that have every task, and three tasks; "
            "leave out tasks that few have (--task), or give more results"
        )
    share = _shares(costs, [str(t) for t in whole.index])
    if not 0 < budget <= 1:
        raise InputError(
            f"budget={budget:g}: expected a share of the cost of all tasks, more than 0 and at most 1, such as 0.2 (20%)"
        )
    if share.min() > budget:
        raise InputError(
            f"budget={text.percent(budget)}: not even the cheapest task, {whole.index[int(share.argmin())]}, {text.percent(round(float(share.min()), 4))} of the cost of all, is within it"
        )
    values = whole.to_numpy(dtype=np.float64).T
    models = [str(m) for m in whole.columns]
    labels = [(makers or {}).get(m, m.split("/")[0]) for m in models]
    if len(set(labels)) < 3:
        raise InputError(
            f"models of {text.count(len(set(labels)), 'maker')}: expected three at least, so that the choice can be tried on models of others (makers=)"
        )
    tried = _validated(values, labels, share, budget, level, rng, higher=given.higher_is_better)
    chosen = choose(GaussianTasks.fit(values), share, budget)
    final = Foretelling.calibrated(values, labels, share, budget, level, rng, higher=given.higher_is_better)
    weights = np.zeros(len(share))
    weights[final.tasks] = final.weights
    table = pd.DataFrame(
        {
            "task": whole.index.astype(str),
            "cost": share,
            "chosen": np.isin(np.arange(len(share)), final.tasks),
            "weight": weights,
        }
    )
    table = table.sort_values(["chosen", "weight"], ascending=False, kind="stable", ignore_index=True)
    return Subset(
        tasks=table, intercept=final.intercept, budget=budget, cost=float(share[final.tasks].sum()), half_widths=final.halves, border=final.border, pair_half_width=final.pair_half, level=level,
        validation=tried[0], top10=tried[1], spread=chosen.spread, least_spread=chosen.least, _largest=float(np.abs(values).max()),
    )  # fmt: skip


def _shares(costs: Mapping[str, float] | None, tasks: list[str]) -> Floats:
    if costs is None:
        return np.full(len(tasks), 1 / len(tasks))
    lacking = [t for t in tasks if t not in costs]
    if lacking:
        raise InputError(
            f"no cost of {text.listing(lacking, 3)}: expected one of every task; count each task alike (--costs tasks), or leave them out (--task '!{lacking[0]}')"
        )
    found = np.array([float(costs[t]) for t in tasks])
    if not (np.isfinite(found).all() and (found >= 0).all() and found.sum() > 0):
        raise InputError(
            "a cost is not a finite number, or below 0: expected what evaluating each task costs, in any unit"
        )
    return np.asarray(found / found.sum())


def _validated(
    values: Floats, makers: list[str], share: Floats, budget: float, level: float, seed: int, *, higher: bool
) -> tuple[pd.DataFrame, float]:
    """What choice, prediction and intervals are worth on models of makers that they had not seen."""
    fold = folds(makers, min(10, len(set(makers))), seed)
    predicted, half, pair_half = (np.empty(len(values)) for _ in range(3))
    for f in np.unique(fold):
        here = fold == f
        kept = [m for m, out in zip(makers, here, strict=True) if not out]
        model = Foretelling.calibrated(values[~here], kept, share, budget, level, seed, higher=higher)
        predicted[here], pair_half[here] = model(values[here]), model.pair_half
        half[here] = model.half(predicted[here])
    truth = values.mean(axis=1)
    order = np.argsort(-truth if higher else truth, kind="stable")
    rows = []
    for name, who in (("all", order), (f"top {_TOP}", order[:_TOP])):
        rows.append({"models": name, **_worth(values, predicted, half, pair_half, who)})
    ahead = np.argsort(-predicted if higher else predicted, kind="stable")
    return pd.DataFrame(rows), len(set(order[:10]) & set(ahead[:10])) / 10


def _worth(
    values: Floats, predicted: Floats, half: Floats, pair_half: Floats, who: npt.NDArray[np.intp]
) -> dict[str, float]:
    from scipy.stats import spearmanr

    truth, found = values[who].mean(axis=1), predicted[who]
    error = found - truth
    i, j = np.triu_indices(len(who), 1)
    apart, really = found[i] - found[j], truth[i] - truth[j]
    decided = np.abs(apart) > np.maximum(pair_half[who][i], pair_half[who][j])
    spread = [float(np.std(values[who[a]] - values[who[b]], ddof=1)) for a, b in zip(i, j, strict=True)]
    return {
        "n": len(who), "rmse": float(np.sqrt((error**2).mean())), "rho": float(spearmanr(found, truth).statistic), "coverage": float((np.abs(error) <= half[who]).mean()),
        "half_width": float(half[who].mean()), "decided": float(decided.mean()), "wrong": float((decided & (np.sign(apart) != np.sign(really))).mean()),
        "paired_error": float(np.median(spread)) / values.shape[1] ** 0.5,
    }  # fmt: skip
