"""The bootstrap within tasks: which samples were drawn, and which tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError
from ..ranking.rank_confidence import RankConfidence
from ..results import Floats, PairwiseResult, pair_indices
from ..samples import Samples
from ..ties import RELATIVE, rank_rows
from ._pairs import check_level, control_index

Level = Literal["samples", "both"]

#: What each level of resampling speaks about.
POPULATIONS = {
    "tasks": "other tasks like these",
    "samples": "other samples from these same tasks",
    "both": "other tasks like these, with other samples",
}


@dataclass(frozen=True, eq=False, repr=False)
class SampleBootstrap:
    """What resampling samples within tasks says; made by `bootstrap_samples`.

    Attributes
    ----------
    level : str
        ``samples`` or ``both``.
    population : str
        What the intervals speak about.
    pairs : PairwiseResult
        Mean over tasks, every pair: difference, interval, p-value.
    models : DataFrame
        ``model, mean, low, high`` of the mean over tasks, and ``mean_rank, mean_rank_low, mean_rank_high``.
    tasks : DataFrame
        ``task, model, n_samples, score, standard_error, low, high``: samples drawn within the task.
    task_pairs : DataFrame
        ``task, model_a, model_b, n_samples, difference, low, high, pvalue``: likewise.
    ranks : RankConfidence
        Simultaneous confidence sets for the ranks by mean rank.
    confidence_level : float
    n_resamples : int
    method : str
    """

    level: str
    population: str
    pairs: PairwiseResult
    models: pd.DataFrame
    tasks: pd.DataFrame
    task_pairs: pd.DataFrame
    ranks: RankConfidence
    confidence_level: float
    n_resamples: int
    method: str

    def to_frame(self) -> pd.DataFrame:
        """The pairs of models over all tasks."""
        return self.pairs.to_frame()

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists, numbers and strings."""
        tables = {"pairs": self.to_frame(), "models": self.models, "tasks": self.tasks, "task_pairs": self.task_pairs}
        plain = {
            name: t.astype(object).where(t.notna(), None).to_dict("records")  # NaN is null
            for name, t in tables.items()
        }
        words = {"level": self.level, "population": self.population, "method": self.method, "text": str(self)}
        return words | {"confidence_level": self.confidence_level, "resamples": self.n_resamples} | plain

    def __str__(self) -> str:
        settled = int((self.task_pairs["pvalue"] <= 1 - self.confidence_level).sum())
        return (
            f"Intervals speak about {self.population}. Within single tasks, samples alone settle {settled:,} of "
            f"{len(self.task_pairs):,} comparisons at p <= {1 - self.confidence_level:.2g} (uncorrected)."
        )

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show([str(self)], self.to_frame())


def bootstrap_samples(
    samples: Samples,
    *,
    level: Level = "samples",
    models: Sequence[str] | None = None,
    tasks: Sequence[str] | None = None,
    control: str | None = None,
    n_resamples: int = 2000,
    confidence_level: float = 0.95,
    rng: int | np.random.Generator | None = None,
) -> SampleBootstrap:
    """Bootstrap the samples of every task, paired over models, for any metric.

    Parameters
    ----------
    samples : Samples
        Read one task at a time; tasks that one of the models lacks are left out.
    level : {"samples", "both"}
        ``samples``: the tasks stay, their samples are drawn anew: would other samples of these tasks say the same?
        ``both``: tasks are drawn first, and the samples of every drawn task each time anew.
    models, tasks : sequence of str, optional
        Only these.
    control : str, optional
        Compare every model (a) with this one (b) only.
    n_resamples : int
    confidence_level : float
    rng : int, Generator or None
        Every task has its own stream, so its numbers do not depend on which other tasks there are.

    Returns
    -------
    SampleBootstrap

    Raises
    ------
    InputError
        If fewer than two models share a task, or an option is unknown.

    Notes
    -----
    Every metric is recomputed from weights that say how often a sample was drawn: a mean is a product with the weights,
    Spearman's correlation and average precision take one sort for all resamples, V-measure a sparse product. Samples are
    drawn within their split and subset. Intervals are percentile intervals; the p-value is the interval turned round,
    ``2 (b + 1) / (B + 1)`` with b the number of resamples on the rarer side of 0. Rank sets come from the bootstrap
    max-t of all pairs of mean ranks.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap, ch. 8 (two-sample and nested data). Koehn,
    P. (2004). Statistical significance tests for machine translation evaluation. EMNLP, 388-395. Mogstad et al. (2024),
    Review of Economic Studies 91, 476-518 (rank sets).
    """
    if level not in ("samples", "both"):
        raise InputError(f"level={level!r}: expected 'samples' or 'both'")
    confidence = check_level(confidence_level, "confidence_level")
    if n_resamples < 2:
        raise InputError(f"n_resamples={n_resamples!r}: expected at least 2, such as 2,000")
    chosen = samples.select(models=models, tasks=tasks)
    names = chosen.models
    shared = [t for t in chosen.tasks if set(chosen.files[t]) == set(names)]
    if len(names) < 2 or not shared:
        raise InputError(
            f"{len(names)} model(s) share the samples of {len(shared)} task(s): expected two models with a task in common"
        )
    if control is None:
        first, second = pair_indices(len(names))
    else:
        (at,) = control_index(names, control)
        first = np.delete(np.arange(len(names), dtype=np.intp), at)
        second = np.full(len(names) - 1, at, dtype=np.intp)
    generator = np.random.default_rng(rng)
    root = int(generator.integers(2**63))
    scores = np.empty((len(shared), len(names)))
    draws = np.empty((n_resamples, len(shared), len(names)))
    sizes, directions = [], set()
    for t, task in enumerate(shared):
        held = chosen.task(task, names)
        stream = np.random.default_rng([root, *task.encode()])
        scores[t] = held.values()[0]
        draws[:, t] = held.resample(n_resamples, stream)
        sizes.append(held.n_samples)
        directions.add(held.higher_is_better)
    if len(directions) > 1:
        raise InputError("some tasks count up and some down: select tasks of one direction")
    higher = directions.pop()
    tasks_table = _task_table(shared, names, sizes, scores, draws, confidence)
    task_pairs = _task_pairs(shared, names, sizes, scores, draws, confidence, first, second)
    if level == "both":
        draws = _redraw_tasks(draws, generator)
    means = draws.mean(axis=1)
    difference = scores.mean(axis=0)[first] - scores.mean(axis=0)[second]
    boot = (means[:, first] - means[:, second]).T
    pvalue, low, high = _interval(boot, confidence, float(np.abs(scores).max()))
    method = f"paired bootstrap over {'tasks and samples' if level == 'both' else 'samples within tasks'}, percentile, {n_resamples:,} resamples"
    pairs = PairwiseResult(
        tuple(names), first, second, np.full(len(first), len(shared), dtype=np.int64), difference, method,
        low=low, high=high, pvalue=pvalue, confidence_level=confidence,
    )  # fmt: skip
    ranks = rank_rows(draws.reshape(-1, len(names)), higher_is_better=higher).reshape(draws.shape).mean(axis=1)
    sets = _rank_sets(names, scores, ranks, higher, confidence)
    table = pd.DataFrame({"model": names, "mean": scores.mean(axis=0)})
    table["low"], table["high"] = _quantiles(means.T, confidence)
    table["mean_rank"] = sets.estimate
    table["mean_rank_low"], table["mean_rank_high"] = _quantiles(ranks.T, confidence)
    return SampleBootstrap(
        level, POPULATIONS[level], pairs, table, tasks_table, task_pairs, sets, confidence, n_resamples, method
    )


def deciding_samples(samples: Samples, task: str, model_a: str, model_b: str) -> pd.DataFrame:
    """Which samples of a task decide the difference of two models.

    Parameters
    ----------
    samples : Samples
    task, model_a, model_b : str

    Returns
    -------
    DataFrame
        ``split, subset, sample, contribution, cumulative``: by how much the difference a - b falls when the sample is left
        out, the largest contribution in the difference's own direction first; `cumulative` is what would about be left of
        the difference without this sample and all above. How many rows it takes to turn its sign says how few samples the
        verdict hangs on.

    Notes
    -----
    A contribution is computed by leaving one sample out; their sum over several samples is a first-order approximation.
    """
    held = samples.task(task, [model_a, model_b])
    difference = float(held.value(model_a)[0] - held.value(model_b)[0])
    contribution = held.influence(model_a) - held.influence(model_b)
    order = np.argsort(-contribution if difference >= 0 else contribution, kind="stable")
    table = held.units.iloc[order].reset_index(drop=True)
    return table.assign(contribution=contribution[order], cumulative=difference - np.cumsum(contribution[order]))


def _redraw_tasks(draws: Floats, rng: np.random.Generator) -> Floats:
    """Draw tasks, and for each its samples: shape (n_resamples, n_tasks, n_models), the same each time.

    A task that is drawn twice shall bring different samples, so every place takes the task's draws in an order of its own.
    """
    n_resamples, n_tasks, _ = draws.shape
    task = rng.integers(0, n_tasks, size=(n_resamples, n_tasks))
    at = np.stack([rng.permutation(n_resamples) for _ in range(n_tasks)], axis=1)
    return draws[at, task]


def _interval(boot: Floats, level: float, size: float) -> tuple[Floats, Floats, Floats]:
    """p-value, low and high of rows of resamples."""
    tolerance = RELATIVE * size
    rarer = np.minimum((boot <= tolerance).sum(axis=1), (boot >= -tolerance).sum(axis=1))
    low, high = _quantiles(boot, level)
    return np.minimum(1.0, 2 * (rarer + 1) / (boot.shape[1] + 1)), low, high


def _quantiles(boot: Floats, level: float) -> tuple[Floats, Floats]:
    low, high = np.quantile(boot, [(1 - level) / 2, (1 + level) / 2], axis=1)
    return low, high


def _task_table(
    tasks: list[str], names: list[str], sizes: list[int], scores: Floats, draws: Floats, level: float
) -> pd.DataFrame:
    parts = []
    for t, task in enumerate(tasks):
        low, high = _quantiles(draws[:, t].T, level)
        error = draws[:, t].std(axis=0, ddof=1)
        columns = {"score": scores[t], "standard_error": error, "low": low, "high": high}
        parts.append(pd.DataFrame({"task": task, "model": names, "n_samples": sizes[t], **columns}))
    return pd.concat(parts, ignore_index=True)


def _task_pairs(
    tasks: list[str],
    names: list[str],
    sizes: list[int],
    scores: Floats,
    draws: Floats,
    level: float,
    first: npt.NDArray[np.intp],
    second: npt.NDArray[np.intp],
) -> pd.DataFrame:
    labels = np.asarray(names, dtype=object)
    parts = []
    for t, task in enumerate(tasks):
        boot = (draws[:, t, first] - draws[:, t, second]).T
        pvalue, low, high = _interval(boot, level, float(np.abs(scores[t]).max()))
        columns = {"difference": scores[t, first] - scores[t, second], "low": low, "high": high, "pvalue": pvalue}
        pair = {"task": task, "model_a": labels[first], "model_b": labels[second], "n_samples": sizes[t]}
        parts.append(pd.DataFrame(pair | columns))
    return pd.concat(parts, ignore_index=True)


def _rank_sets(names: list[str], scores: Floats, flat: Floats, higher: bool, level: float) -> RankConfidence:
    """Rank sets from the joint bootstrap of all differences of mean ranks, of shape (n_resamples, n_models)."""
    k = len(names)
    estimate = rank_rows(scores, higher_is_better=higher).mean(axis=0)
    first, second = pair_indices(k)
    gap = estimate[first] - estimate[second]
    boot = flat[:, first] - flat[:, second]
    error = boot.std(axis=0, ddof=1)
    moving = error > 1e-12
    largest = np.max(np.abs(boot - gap)[:, moving] / error[moving], axis=1, initial=0.0)
    critical = float(np.quantile(largest, level))
    surely = np.where(moving, np.abs(gap) > critical * error, np.abs(gap) > 1e-12)
    better = np.zeros((k, k), dtype=bool)  # better[i, j]: i is surely better than j
    better[first, second], better[second, first] = surely & (gap < 0), surely & (gap > 0)
    rank = 1 + (estimate[None, :] < estimate[:, None] - 1e-12).sum(axis=1)
    return RankConfidence(
        tuple(names), estimate, rank, 1 + better.sum(axis=0), k - better.sum(axis=1), level, True,
        "bootstrap max-t of all pairs of mean ranks",
    )  # fmt: skip
