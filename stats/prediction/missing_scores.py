"""Rank the incomplete, honestly: scores that a model lacks are predicted from those it has, with calibrated intervals."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common.errors import InputError
from ..common.text import count
from ..common.threads import same_bits_on_any_cores
from ..pairs import check_level
from ..results import Floats
from ..scores import Scores, as_scores
from .conformal import folds, reach
from .gaussian import Flags, GaussianTasks

#: Fewer complete models than this say nothing about the others: 20 calibrate a 95 % interval at least.
LEAST_COMPLETE = 20

#: A model that lacks a larger share of the tasks is not ranked.
MOST_MISSING = 0.5

_N_FOLDS = 10


@dataclass(frozen=True, eq=False)
class Prediction:
    """Every model's place, with the scores that it lacks predicted.

    Attributes
    ----------
    models : DataFrame
        One row per model, best first: ``model, n, n_missing, status, mean, mean_low, mean_high, rank, rank_low, rank_high, worst_low``.
        ``status`` is ``"complete"``, ``"provisional"`` (some scores are predicted) or ``"unranked"`` (more than half are missing).
        ``mean`` is over all tasks, predicted ones included, in the scores' units; its interval and that of the rank are those of the
        missing scores alone: what stood there had these tasks been run. A complete model's are single numbers. ``worst_low`` is the
        lower end if the tasks that are missing are those on which the model does worst for its means: by masked replays that drop the worst.
    cells : DataFrame
        One row per predicted score: ``model, task, family, score, low, high``.
    calibration : DataFrame
        One row per missing pattern: ``n_missing, models, rmse, coverage, worst_coverage``; from replays on complete models.
    confidence_level : float
    method : str

    Examples
    --------
    Two tasks that always differ by .1: the missing one is the other less .1.

    >>> from embsig import predict_missing
    >>> level = np.linspace(.4, .8, 40)
    >>> frame = pd.DataFrame([level, level - .1], ["x", "y"], [f"maker{i}/m" for i in range(40)])
    >>> frame.loc["y", "maker20/m"] = np.nan
    >>> cell = predict_missing(frame).cells.iloc[0]
    >>> print(f"{abs(cell['score'] - (level[20] - .1)):.2f}")
    0.00
    """

    models: pd.DataFrame
    cells: pd.DataFrame
    calibration: pd.DataFrame
    confidence_level: float
    method: str
    table: pd.DataFrame = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """The table of models."""
        return self.models

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "method": self.method,
            "confidence_level": self.confidence_level,
            "models": self.models.to_dict("records"),
            "calibration": self.calibration.to_dict("records"),
        }

    def __str__(self) -> str:
        counts = self.models["status"].value_counts()
        return (
            f"{self.method}. {count(int(counts.get('complete', 0)), 'complete model')}, "
            f"{counts.get('provisional', 0):,} provisional, {counts.get('unranked', 0):,} unranked."
        )

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show([str(self)], self.models)


@same_bits_on_any_cores
def predict_missing(
    scores: Scores | pd.DataFrame,
    *,
    confidence_level: float = 0.95,
    makers: dict[str, str] | None = None,
    rng: int = 0,
) -> Prediction:
    """Predict the scores that models lack, and rank every model that has at least half of them.

    The scores of complete models are taken for draws of a multivariate normal with a shrunk correlation (Ledoit and Wolf 2004); what a
    model lacks is predicted by the conditional mean given what it has. How far such predictions are off is not taken from the normal
    but measured: each missing pattern is laid over every complete model, whose makers' models are left out of the fit, and the interval
    reaches as many predicted standard deviations as hold there (split conformal; Lei et al. 2018). This takes an incomplete model for
    exchangeable with the complete ones of other makers. It need not be where tasks were left out because they went badly, hence ``worst_low``.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; NaN where a score is missing.
    confidence_level : float
    makers : dict, optional
        Model to maker; by default what stands before the first ``/`` of the name.
    rng : int
        Seed of the folds.

    Returns
    -------
    Prediction

    Raises
    ------
    InputError
        If fewer than 20 models are complete.

    Examples
    --------
    Two tasks that always differ by .1: the missing one is the other less .1.

    >>> level = np.linspace(.4, .8, 40)
    >>> frame = pd.DataFrame([level, level - .1], ["x", "y"], [f"maker{i}/m" for i in range(40)])
    >>> frame.loc["y", "maker20/m"] = np.nan
    >>> cell = predict_missing(frame).cells.iloc[0]
    >>> print(f"{abs(cell['score'] - (level[20] - .1)):.2f}")
    0.00
    """
    check_level(confidence_level, "confidence_level")
    given = as_scores(scores).complete("keep")
    table = given.table
    values = table.to_numpy(dtype=np.float64).T
    missing = np.isnan(values)
    lacking = missing.sum(axis=1)
    whole = np.flatnonzero(lacking == 0)
    if len(whole) < LEAST_COMPLETE:
        raise InputError(
            f"{count(len(whole), 'model')} of {given.n_models:,} {'has' if len(whole) == 1 else 'have'} every task: expected at least "
            f"{LEAST_COMPLETE} to predict the others from; leave out the tasks that few have (choose_coverage, --coverage auto)"
        )
    makers = makers or {}
    labels = [makers.get(given.models[i], given.models[i].split("/")[0]) for i in whole]
    replay = _Replay.make(values[whole], folds(labels, min(_N_FOLDS, len(set(labels))), rng), confidence_level)
    model = GaussianTasks.fit(values[whole])
    filled, ends = values.copy(), dict[int, tuple[float, float, float]]()
    cells: list[pd.DataFrame] = []
    calibration = []
    ranked = (lacking > 0) & (lacking <= MOST_MISSING * given.n_tasks)
    patterns, member = np.unique(missing[ranked], axis=0, return_inverse=True)
    for p, pattern in enumerate(patterns):
        who = np.flatnonzero(ranked)[member == p]
        mean, covariance = model.conditional(values[who], pattern)
        filled[np.ix_(who, pattern)] = mean
        found = replay.calibrate(pattern)
        spread = float(np.sqrt(max(covariance.sum(), 0.0))) / given.n_tasks
        centre = filled[who].mean(axis=1)
        for i, m in zip(who, centre, strict=True):
            ends[int(i)] = (m - found.reach * spread, m + found.reach * spread, m - found.worst_reach * spread)
        cells.append(_cells(given, who, pattern, mean, found.cell_reach * np.sqrt(np.diag(covariance))))
        calibration.append({"n_missing": int(pattern.sum()), "models": len(who), **found.measured})
    return Prediction(
        models=_model_table(given, filled, lacking, ranked, ends),
        cells=pd.concat(cells, ignore_index=True) if cells else pd.DataFrame(columns=_CELLS),
        calibration=pd.DataFrame(calibration, columns=["n_missing", "models", "rmse", "coverage", "worst_coverage"]),
        confidence_level=confidence_level,
        method=(
            f"missing scores by conditional normal means, {100 * confidence_level:g} % split-conformal intervals calibrated on "
            f"{count(len(whole), 'complete model')} of {count(len(set(labels)), 'maker')}"
        ),
        table=pd.DataFrame(filled.T, index=table.index, columns=table.columns),
    )


@dataclass(frozen=True, eq=False)
class _Calibrated:
    """Of one missing pattern: how many predicted standard deviations hold, and what the replays found."""

    reach: float
    worst_reach: float
    cell_reach: Floats
    measured: dict[str, float]


@dataclass(frozen=True, eq=False)
class _Replay:
    """Complete models, each predicted by the models of other makers."""

    rows: Floats
    fold: npt.NDArray[np.int64]
    models: list[GaussianTasks]
    level: float

    @classmethod
    def make(cls, rows: Floats, fold: npt.NDArray[np.int64], level: float) -> "_Replay":
        return cls(rows, fold, [GaussianTasks.fit(rows[fold != f]) for f in range(int(fold.max()) + 1)], level)

    def calibrate(self, pattern: Flags) -> _Calibrated:
        """Lay the pattern over every complete model, and over the tasks on which each does worst."""
        error, spread, cell_error = self._errors(pattern)
        standardised = np.abs(error) / spread
        worst = self._worst_errors(int(pattern.sum()))
        held = [
            standardised[self.fold == f] <= reach(standardised[self.fold != f], self.level)
            for f in np.unique(self.fold)
        ]
        found = reach(standardised, self.level)
        return _Calibrated(
            reach=found,
            worst_reach=max(found, reach(np.maximum(worst, 0.0), self.level)),
            cell_reach=np.asarray([reach(np.abs(c), self.level) for c in cell_error.T]),
            measured={
                "rmse": float(np.sqrt(np.mean(error**2))),
                "coverage": float(np.concatenate(held).mean()),
                "worst_coverage": float(np.mean(worst <= found)),
            },
        )

    def _errors(self, pattern: Flags) -> tuple[Floats, Floats, Floats]:
        """Error of the mean over all tasks, its predicted standard deviation, and standardised errors of the single scores."""
        n_tasks = self.rows.shape[1]
        error, spread = np.empty(len(self.rows)), np.empty(len(self.rows))
        cells = np.empty((len(self.rows), int(pattern.sum())))
        for f, model in enumerate(self.models):
            here = self.fold == f
            mean, covariance = model.conditional(self.rows[here], pattern)
            off = mean - self.rows[here][:, pattern]
            error[here] = off.sum(axis=1) / n_tasks
            spread[here] = np.sqrt(max(covariance.sum(), 1e-300)) / n_tasks
            cells[here] = off / np.sqrt(np.maximum(np.diag(covariance), 1e-300))
        return error, spread, cells

    def _worst_errors(self, n_missing: int) -> Floats:
        """Standardised errors of the mean (predicted less true) where every model lacks the tasks that are worst for it."""
        n_tasks = self.rows.shape[1]
        found = np.empty(len(self.rows))
        for f, model in enumerate(self.models):
            for i in np.flatnonzero(self.fold == f):
                z = (self.rows[i] - model.mean) / model.sd
                pattern = np.zeros(n_tasks, dtype=bool)
                pattern[np.argsort(z, kind="stable")[:n_missing]] = True
                mean, covariance = model.conditional(self.rows[i][None, :], pattern)
                error = float((mean[0] - self.rows[i][pattern]).sum())
                found[i] = error / np.sqrt(max(covariance.sum(), 1e-300))
        return found


_CELLS = ["model", "task", "family", "score", "low", "high"]


def _cells(given: Scores, who: npt.NDArray[np.intp], pattern: Flags, mean: Floats, half: Floats) -> pd.DataFrame:
    tasks = np.flatnonzero(pattern)
    families = given.tasks["family"].to_numpy()
    return pd.DataFrame(
        {
            "model": np.repeat([given.models[i] for i in who], len(tasks)),
            "task": np.tile([given.task_names[t] for t in tasks], len(who)),
            "family": np.tile(families[tasks], len(who)),
            "score": mean.ravel(),
            "low": (mean - half).ravel(),
            "high": (mean + half).ravel(),
        }
    )


def _model_table(
    given: Scores,
    filled: Floats,
    lacking: npt.NDArray[np.int64],
    ranked: Flags,
    ends: dict[int, tuple[float, float, float]],
) -> pd.DataFrame:
    """Means, their intervals, and the ranks that follow from both."""
    n_tasks = given.n_tasks
    complete = lacking == 0
    shown = complete | ranked
    mean = np.full(len(lacking), np.nan)
    mean[shown] = filled[shown].mean(axis=1)
    low, high, worst = mean.copy(), mean.copy(), mean.copy()
    for i, (a, b, c) in ends.items():
        low[i], high[i], worst[i] = a, b, c
    sign = 1.0 if given.higher_is_better else -1.0
    better, best, least = sign * mean, np.maximum(sign * low, sign * high), np.minimum(sign * low, sign * high)
    # Surely ahead: its whole interval lies above the other's. A complete model's interval is a point.
    surely_ahead = (least[None, :] > best[:, None]).sum(axis=1)
    surely_behind = (best[None, :] < least[:, None]).sum(axis=1)
    rank = np.full(len(mean), np.nan)
    rank[shown] = 1 + (better[None, shown] > better[shown][:, None]).sum(axis=1)
    frame = pd.DataFrame(
        {
            "model": given.models,
            "n": n_tasks - lacking,
            "n_missing": lacking,
            "status": np.where(complete, "complete", np.where(ranked, "provisional", "unranked")),
            "mean": mean,
            "mean_low": low,
            "mean_high": high,
            "rank": pd.array(rank, dtype="Int64"),
            "rank_low": pd.array(np.where(shown, 1 + surely_ahead, np.nan), dtype="Int64"),
            "rank_high": pd.array(np.where(shown, int(shown.sum()) - surely_behind, np.nan), dtype="Int64"),
            "worst_low": worst,
        }
    )
    return frame.sort_values(["rank", "model"], na_position="last", kind="stable").reset_index(drop=True)
