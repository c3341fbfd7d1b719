"""The bootstrap within tasks: which samples were drawn, and which tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..common.errors import InputError
from ..common.threads import same_bits_on_any_cores
from ..pairs import check_level, control_index
from ..ranking._rank_confidence import RankConfidence
from ..resampling.resampler import Subtractor
from ..resampling.within_tasks import Gathered, Redrawn, blocks, central, compare_pairs
from ..results import Floats, PairwiseResult, pair_indices
from ..samples import Samples
from ..ties import rank_rows

Level = Literal["samples", "both"]

#: Most comparisons within tasks that are tabulated: above it, `task_pairs` has no rows.
MAX_TASK_PAIRS = 2_000_000

#: Differences of mean ranks that vary less than this do not vary.
_STILL = 1e-12

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
        ``task, model_a, model_b, n_samples, difference, low, high, pvalue``: likewise. Empty where it would have more than
        two million rows: name some models or tasks, or a control.
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
        speaks = f"Intervals speak about {self.population}."
        if self.task_pairs.empty:
            n = len(self.tasks) // len(self.models) * len(self.to_frame())
            return (
                f"{speaks} Within single tasks, {n:,} comparisons are too many to tabulate: name some models or tasks, or a "
                "control."
            )
        settled = int((self.task_pairs["pvalue"] <= 1 - self.confidence_level).sum())
        return (
            f"{speaks} Within single tasks, samples alone settle {settled:,} of "
            f"{len(self.task_pairs):,} comparisons at p <= {1 - self.confidence_level:.2g} (uncorrected)."
        )

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show([str(self)], self.to_frame())


@same_bits_on_any_cores
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
        Read one task at a time, so that memory is bounded by the largest task; tasks that one of the models lacks are left
        out.
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

    Examples
    --------
    Four queries of one task, a better by .1 on each: so it is in every resample.

    >>> import tempfile
    >>> from stats.samples import write_task
    >>> folder = tempfile.TemporaryDirectory()
    >>> for model, scores in {"a": [.6, .7, .8, .9], "b": [.5, .6, .7, .8]}.items():
    ...     frame = pd.DataFrame({"sample": list("wxyz"), "score": scores})
    ...     _ = write_task(folder.name, "Quora", model, frame, {"metric": "mean", "main_score": frame["score"].mean()})
    >>> found = bootstrap_samples(Samples.open(folder.name), n_resamples=99, rng=0)
    >>> found.pairs.low.round(9).tolist(), found.pairs.pvalue.tolist()
    ([0.1], [0.02])
    >>> folder.cleanup()
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
    redrawn = Redrawn(n_resamples, len(shared), generator) if level == "both" else None
    by_pairs = len(shared) * len(first) <= MAX_TASK_PAIRS
    gathered = Gathered(names, first, second, len(shared), n_resamples, confidence, redrawn, by_pairs=by_pairs)
    scores = np.empty((len(shared), len(names)))
    directions = set()
    for t, task in enumerate(shared):
        held = chosen.task(task, names)
        stream = np.random.default_rng([root, *task.encode()])
        scores[t] = held.values()[0]
        draws = held.resample(n_resamples, stream)
        gathered.add(task, held.n_samples, scores[t], draws, held.higher_is_better)
        directions.add(held.higher_is_better)
    if len(directions) > 1:
        raise InputError("some tasks count up and some down: select tasks of one direction")
    higher = directions.pop()
    means, ranks = gathered.means, gathered.mean_ranks
    difference = scores.mean(axis=0)[first] - scores.mean(axis=0)[second]
    pvalue, low, high = compare_pairs(means, first, second, confidence, float(np.abs(scores).max()))
    method = f"paired bootstrap over {'tasks and samples' if level == 'both' else 'samples within tasks'}, percentile, {n_resamples:,} resamples"
    pairs = PairwiseResult(
        tuple(names), first, second, np.full(len(first), len(shared), dtype=np.int64), difference, method,
        low=low, high=high, pvalue=pvalue, confidence_level=confidence,
    )  # fmt: skip
    sets = _rank_sets(names, scores, ranks, higher, confidence)
    table = pd.DataFrame({"model": names, "mean": scores.mean(axis=0)})
    table["low"], table["high"] = central(means.T.copy(), confidence)
    table["mean_rank"] = sets.estimate
    table["mean_rank_low"], table["mean_rank_high"] = central(ranks.T.copy(), confidence)
    return SampleBootstrap(
        level, POPULATIONS[level], pairs, table, gathered.tasks, gathered.task_pairs, sets, confidence, n_resamples,
        method,
    )  # fmt: skip


@same_bits_on_any_cores
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

    References
    ----------
    Broderick, T., Giordano, R. and Meager, R. (2020). An automatic finite-sample robustness metric: when can dropping a little data
    make a big difference? arXiv:2011.14999.

    Examples
    --------
    Differences .3, 0 and 0 on three queries: .1 in the mean, 0 without the first, .15 without the second or third.

    >>> import tempfile
    >>> from stats.samples import write_task
    >>> folder = tempfile.TemporaryDirectory()
    >>> for model, scores in {"a": [.9, .7, .8], "b": [.6, .7, .8]}.items():
    ...     frame = pd.DataFrame({"sample": list("xyz"), "score": scores})
    ...     _ = write_task(folder.name, "Quora", model, frame, {"metric": "mean", "main_score": frame["score"].mean()})
    >>> found = deciding_samples(Samples.open(folder.name), "Quora", "a", "b")
    >>> found["sample"].iloc[0], found["contribution"].round(9).tolist()
    ('x', [0.1, -0.05, -0.05])
    >>> folder.cleanup()
    """
    held = samples.task(task, [model_a, model_b])
    difference = float(held.value(model_a)[0] - held.value(model_b)[0])
    contribution = held.influence(model_a) - held.influence(model_b)
    order = np.argsort(-contribution if difference >= 0 else contribution, kind="stable")
    table = held.units.iloc[order].reset_index(drop=True)
    return table.assign(contribution=contribution[order], cumulative=difference - np.cumsum(contribution[order]))


def _rank_sets(names: list[str], scores: Floats, flat: Floats, higher: bool, level: float) -> RankConfidence:
    """Rank sets from the joint bootstrap of all differences of mean ranks, of shape (n_resamples, n_models)."""
    k = len(names)
    estimate = rank_rows(scores, higher_is_better=higher).mean(axis=0)
    first, second = pair_indices(k)
    gap = estimate[first] - estimate[second]
    error, largest = np.empty(len(gap)), np.zeros(len(flat))
    subtract = Subtractor(np.ascontiguousarray(flat.T))
    for block in blocks(len(gap), len(flat)):
        boot = subtract(first[block], second[block])
        error[block] = boot.std(axis=1, ddof=1)
        here = error[block] > _STILL
        t = np.abs(boot[here] - gap[block][here, None]) / error[block][here, None]
        np.maximum(largest, t.max(axis=0, initial=0.0), out=largest)
    critical = float(np.quantile(largest, level))
    surely = np.where(error > _STILL, np.abs(gap) > critical * error, np.abs(gap) > _STILL)
    better = np.zeros((k, k), dtype=bool)  # better[i, j]: i is surely better than j
    better[first, second], better[second, first] = surely & (gap < 0), surely & (gap > 0)
    rank = 1 + (estimate[None, :] < estimate[:, None] - 1e-12).sum(axis=1)
    return RankConfidence(
        tuple(names), estimate, rank, 1 + better.sum(axis=0), k - better.sum(axis=1), level, True,
        "bootstrap max-t of all pairs of mean ranks",
    )  # fmt: skip
