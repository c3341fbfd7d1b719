"""The level of samples: whether other samples of these same tasks would say the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtr, stdtrit

from ..common.errors import InputError
from ..common.text import count
from ..pairs import check_level, control_index
from ..posthoc import adjust
from ..results import Floats, PairwiseResult, pair_indices
from ..samples import Samples
from ..ties import differences
from .deviations import deviations

Indices = npt.NDArray[np.intp]

#: Most comparisons within tasks that are tabulated: above it, `task_pairs` has no rows.
MAX_TASK_PAIRS = 2_000_000
#: The excess kurtosis that degrees of freedom allow for, whatever the few samples at hand show: a double exponential's.
_KURTOSIS = 3.0
#: A variance below this share of the squared scores is rounding.
_STILL = 1e-28
#: About how many differences are held at once.
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False, repr=False)
class SampleLevel:
    """What the samples of fixed tasks say; made by `sample_level`.

    Attributes
    ----------
    pairs : PairwiseResult
        Mean over tasks of every pair: difference, simultaneous interval, t, p-value, adjusted p-value; in ``extra`` the
        interval by itself (``low_marginal, high_marginal``), ``standard_error`` and ``df``.
    models : DataFrame
        ``model, mean, standard_error, low, high`` of the mean over tasks.
    tasks : DataFrame
        ``task, model, n_samples, score, standard_error, low, high``.
    task_pairs : DataFrame
        ``task, model_a, model_b, n_samples, difference, low, high, pvalue``, each by itself. Empty where it would have
        more than two million rows.
    confidence_level : float
    correction : str

    Examples
    --------
    Four queries, a better by .1, .1, .1 and .5: mean .2, standard deviation .2, so standard error .1.

    >>> from embsig import Samples, sample_level
    >>> import tempfile
    >>> from stats.samples import write_task
    >>> folder = tempfile.TemporaryDirectory()
    >>> for model, scores in {"a": [.6, .7, .8, .9], "b": [.5, .6, .7, .4]}.items():
    ...     frame = pd.DataFrame({"sample": list("wxyz"), "score": scores})
    ...     _ = write_task(folder.name, "Quora", model, frame, {"metric": "mean", "main_score": sum(scores) / 4})
    >>> found = sample_level(Samples.open(folder.name))
    >>> found.to_frame()[["difference", "standard_error", "statistic"]].round(9).values.tolist()
    [[0.2, 0.1, 2.0]]
    >>> folder.cleanup()
    """

    pairs: PairwiseResult
    models: pd.DataFrame
    tasks: pd.DataFrame
    task_pairs: pd.DataFrame
    confidence_level: float
    correction: str

    def to_frame(self) -> pd.DataFrame:
        """The pairs of models over all tasks."""
        return self.pairs.to_frame()

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists, numbers and strings."""
        tables = {"pairs": self.to_frame(), "models": self.models, "tasks": self.tasks, "task_pairs": self.task_pairs}
        plain = {name: t.astype(object).where(t.notna(), None).to_dict("records") for name, t in tables.items()}
        return {"confidence_level": self.confidence_level, "correction": self.correction, "text": str(self)} | plain

    def __str__(self) -> str:
        adjusted = np.asarray(self.pairs.pvalue_adjusted)
        alpha = 1 - self.confidence_level
        told = int((adjusted <= alpha).sum())
        return (
            f"Over other samples of these same {count(int(self.pairs.n.max()), 'task')}, {told:,} of "
            f"{count(len(adjusted), 'pair')} differ ({self.pairs.method}, {self.correction}, alpha = {alpha:.2g})."
        )

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show([str(self)], self.to_frame())


def sample_level(
    samples: Samples,
    *,
    models: Sequence[str] | None = None,
    tasks: Sequence[str] | None = None,
    control: str | None = None,
    correction: str = "holm",
    confidence_level: float = 0.95,
    rng: int | np.random.Generator | None = 0,
) -> SampleLevel:
    """Compare models on these very tasks, over other samples of them.

    Parameters
    ----------
    samples : Samples
        Read one task at a time, so that memory is bounded by the largest task; tasks that one of the models lacks are left
        out.
    models, tasks : sequence of str, optional
        Only these.
    control : str, optional
        Compare every model (a) with this one (b) only.
    correction : str
        A method of `adjust`, for the adjusted p-values. Intervals are simultaneous by Bonferroni's inequality.
    confidence_level : float
    rng : int, Generator or None
        Only where a task has more than 2,000 samples, or 200 of a metric that is not a mean: these are taken in random groups.

    Returns
    -------
    SampleLevel

    Raises
    ------
    InputError
        If fewer than two models share a task, or a (split, subset) of a task has a single sample.

    Notes
    -----
    Samples are independent within every (split, subset) of a task, and the models' differences paired: the variance of
    the mean difference is the sum of the tasks' own over the square of their number. Its degrees of freedom are
    Satterthwaite's, of which every stratum of n samples brings ``2 / (2 / (n - 1) + kappa / n)``, kappa being the excess
    kurtosis of the differences, 3 at the least: with 0/1 scores that rarely differ, or strongly skewed ones, the variance
    itself is known from few samples. For a metric that is not a mean (Spearman, average precision, V-measure) the jackknife
    takes the place of the samples' own differences.

    References
    ----------
    Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components. Biometrics Bulletin 2,
    110-114. O'Neill, B. (2014). Some useful moment results in sampling problems. The American Statistician 68, 282-296
    (variance of a sample variance). Efron and Stein (1981), Ann. Statist. 9, 586-596 (jackknife).

    Examples
    --------
    Four queries, a better by .1, .1, .1 and .5: mean .2, standard deviation .2, so standard error .1.

    >>> import tempfile
    >>> from stats.samples import write_task
    >>> folder = tempfile.TemporaryDirectory()
    >>> for model, scores in {"a": [.6, .7, .8, .9], "b": [.5, .6, .7, .4]}.items():
    ...     frame = pd.DataFrame({"sample": list("wxyz"), "score": scores})
    ...     _ = write_task(folder.name, "Quora", model, frame, {"metric": "mean", "main_score": sum(scores) / 4})
    >>> found = sample_level(Samples.open(folder.name))
    >>> found.to_frame()[["difference", "standard_error", "statistic"]].round(9).values.tolist()
    [[0.2, 0.1, 2.0]]
    >>> folder.cleanup()
    """
    if not isinstance(samples, Samples):
        raise InputError(
            f"got {type(samples).__name__}: expected Samples, such as Samples.open(folder) or read_samples(folder) gives"
        )
    level = check_level(confidence_level, "confidence_level")
    chosen = samples.select(models=models, tasks=tasks)
    names = chosen.models
    shared = [t for t in chosen.tasks if set(chosen.files[t]) == set(names)]
    if len(names) < 2 or not shared:
        raise InputError(
            f"{len(names)} model(s) share the samples of {len(shared)} task(s): expected two models with a task in common"
        )
    first, second = _pairs(names, control)
    root = int(np.random.default_rng(rng).integers(2**63))
    by_pairs = len(shared) * len(first) <= MAX_TASK_PAIRS
    gathered = _Gathered(names, first, second, len(shared), level, by_pairs=by_pairs)
    directions = set()
    for task in shared:
        held = chosen.task(task, names)
        gathered.add(held.task, held.n_samples, held.values()[0], _strata(held, root))
        directions.add(held.higher_is_better)
    if len(directions) > 1:
        raise InputError("higher is better on some tasks and lower on others: select tasks of one direction")
    return gathered.result(correction)


def _strata(held: Any, root: int) -> list[Floats]:
    found = list(deviations(held, np.random.default_rng([root, *held.task.encode()])))
    if any(len(s) < 2 for s in found):
        raise InputError(
            f"task {held.task!r} has a split or subset with a single sample: expected two or more; leave the task out"
        )
    return found


def _pairs(names: list[str], control: str | None) -> tuple[Indices, Indices]:
    if control is None:
        return pair_indices(len(names))
    (at,) = control_index(names, control)
    return np.delete(np.arange(len(names), dtype=np.intp), at), np.full(len(names) - 1, at, dtype=np.intp)


class _Gathered:
    """Variances summed over tasks, and the tables by task."""

    def __init__(
        self, names: list[str], first: Indices, second: Indices, n_tasks: int, level: float, *, by_pairs: bool
    ) -> None:
        self._names, self._first, self._second = names, first, second
        self._n_tasks, self._level, self._by_pairs = n_tasks, level, by_pairs
        self._scores: list[Floats] = []
        self._of_pairs, self._of_models = _Sum(len(first)), _Sum(len(names))
        self._by_task: list[tuple[str, int, _Sum, _Sum | None]] = []

    def add(self, task: str, n_samples: int, scores: Floats, strata: list[Floats]) -> None:
        """Take in the next task: its scores, shape (k,), and the deviations of its strata."""
        # The score is the mean over strata, and a stratum's deviations are those of the score itself.
        self._scores.append(scores)
        size = float(np.abs(scores).max(initial=0.0)) ** 2
        models, pairs = _Sum(len(self._names)), _Sum(len(self._first))
        for units in strata:
            models.add(*_variance(units, size))
            pairs.add(*_pair_variances(units, self._first, self._second, size))
        self._of_models.merge(models, self._n_tasks)
        self._of_pairs.merge(pairs, self._n_tasks)
        # Of 700 models a task's pairs are 6 MB: kept for the table of tasks and pairs only, not for a thousand tasks in vain.
        self._by_task.append((task, n_samples, models, pairs if self._by_pairs else None))

    def result(self, correction: str) -> SampleLevel:
        """Everything, when all tasks are in."""
        means = np.mean(self._scores, axis=0)
        d = differences(means[self._first], means[self._second])
        error, df = np.sqrt(self._of_pairs.variance), self._of_pairs.df
        t, p = _t_test(d, error, df)
        alpha = 1 - self._level
        alone, joint = (stdtrit(df, 1 - a / 2) * error for a in (alpha, alpha / len(d)))
        pairs = PairwiseResult(
            tuple(self._names), self._first, self._second, np.full(len(d), self._n_tasks, dtype=np.int64), d,
            "stratified t test over the samples of these tasks",
            low=d - joint, high=d + joint, statistic=t, pvalue=p, pvalue_adjusted=adjust(p, correction),
            confidence_level=self._level,
            extra={"low_marginal": d - alone, "high_marginal": d + alone, "standard_error": error, "df": df},
        )  # fmt: skip
        models = pd.DataFrame({"model": self._names, "mean": means} | self._interval(means, self._of_models))
        return SampleLevel(pairs, models, self._tasks(), self._task_pairs(), self._level, correction)

    def _tasks(self) -> pd.DataFrame:
        """One row per task and model."""
        k = len(self._names)
        found = _joined([models for _, _, models, _ in self._by_task])
        scores = np.concatenate(self._scores)
        labels = {
            "task": self._repeated(0, k),
            "model": np.tile(np.asarray(self._names, dtype=object), len(self._scores)),
        }
        counted = {"n_samples": self._repeated(1, k), "score": scores}
        return pd.DataFrame(labels | counted | self._interval(scores, found))

    def _task_pairs(self) -> pd.DataFrame:
        """One row per task and pair; none where there are too many."""
        if not self._by_pairs:
            return pd.DataFrame()
        m, n, names = len(self._first), len(self._scores), np.asarray(self._names, dtype=object)
        found = _joined([pairs for _, _, _, pairs in self._by_task if pairs is not None])
        d = np.concatenate([differences(s[self._first], s[self._second]) for s in self._scores])
        labels = {"task": self._repeated(0, m)}
        labels |= {"model_a": np.tile(names[self._first], n), "model_b": np.tile(names[self._second], n)}
        told = self._interval(d, found)
        p = {"pvalue": _t_test(d, told.pop("standard_error"), found.df)[1]}
        return pd.DataFrame(labels | {"n_samples": self._repeated(1, m), "difference": d} | told | p)

    def _repeated(self, at: int, times: int) -> npt.NDArray[Any]:
        """Of every task its name (0) or number of samples (1), so many times."""
        kind = object if at == 0 else np.int64
        return np.repeat(np.array([row[at] for row in self._by_task], dtype=kind), times)

    def _interval(self, value: Floats, of: "_Sum") -> dict[str, Floats]:
        error = np.sqrt(of.variance)
        half = stdtrit(of.df, (1 + self._level) / 2) * error
        return {"standard_error": error, "low": value - half, "high": value + half}


class _Sum:
    """A sum of independent estimates of variance, with Satterthwaite's degrees of freedom."""

    def __init__(self, n: int) -> None:
        self.variance = np.zeros(n)
        self._spread = np.zeros(n)  # of V / df: what Satterthwaite's formula divides by
        self._least = np.full(n, np.inf)

    def add(self, variance: Floats, df: Floats) -> None:
        self.variance += variance
        self._spread += variance**2 / df
        self._least = np.minimum(self._least, df)

    def merge(self, of_task: "_Sum", n_tasks: int) -> None:
        """Add a task's variance to that of the mean over so many tasks."""
        self.variance += of_task.variance / n_tasks**2
        self._spread += of_task._spread / float(n_tasks) ** 4
        self._least = np.minimum(self._least, of_task._least)

    @property
    def df(self) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            found = self.variance**2 / self._spread
        return np.where(self._spread > 0, found, self._least)


def _joined(sums: list[_Sum]) -> _Sum:
    """Sums of several tasks, one after the other."""
    found = _Sum(0)
    found.variance, found._spread, found._least = (
        np.concatenate([getattr(s, name) for s in sums]) for name in ("variance", "_spread", "_least")
    )
    return found


def _pair_variances(units: Floats, first: Indices, second: Indices, size: float) -> tuple[Floats, Floats]:
    out = np.empty((2, len(first)))
    step = max(1, _BLOCK // len(units))
    for start in range(0, len(first), step):
        block = slice(start, start + step)
        out[:, block] = _variance(units[:, first[block]] - units[:, second[block]], size)
    return out[0], out[1]


def _variance(deviation: Floats, size: float) -> tuple[Floats, Floats]:
    """Variance of the sum of the units' contributions, per column, and its degrees of freedom."""
    n = len(deviation)
    squares = deviation**2
    total = squares.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        kurtosis = n * (squares**2).sum(axis=0) / total**2 - 3
    df = 2 / (2 / (n - 1) + np.maximum(np.nan_to_num(kurtosis), _KURTOSIS) / n)
    variance = total * (n / (n - 1))
    return np.where(variance <= _STILL * size, 0.0, variance), df


def _t_test(d: Floats, error: Floats, df: Floats) -> tuple[Floats, Floats]:
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(d == 0, 0.0, d / error)
    return t, np.where(d == 0, 1.0, np.minimum(1.0, 2 * stdtr(df, -np.abs(t))))
