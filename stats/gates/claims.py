"""The claims of a gate, decided jointly: over tasks by sign flips, over samples and over both by t intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtrit

from ..common.errors import InputError
from ..decisions import joint_max_t
from ..decisions.units import Units
from ..effect_sizes.skewness import strong_skewness
from ..levels import crossed, sample_level
from ..samples import Samples
from ..scores import Scores
from ..ties import RELATIVE, differences
from .more import more_units
from .result import Claim, Verdict


@dataclass(frozen=True)
class Asked:
    """One claim that is to be decided.

    Attributes
    ----------
    scope : str
    margin : float
    scores : Scores
        Main scores of candidate and baseline, in this order.
    samples : Samples or None
        Theirs, at the level of samples.
    """

    scope: str
    margin: float
    scores: Scores
    samples: Samples | None = None

    @property
    def sign(self) -> float:
        """1 where higher is better, else -1."""
        return 1.0 if self.scores.higher_is_better else -1.0


@dataclass(frozen=True)
class Found:
    """What the units of one claim say: by how much the candidate is better, with its interval and standard error; a strong skewness."""

    difference: float
    low: float
    high: float
    error: float
    df: float
    n_units: int
    unit: str
    verdict: Verdict
    skewness: float = 0.0


def over_tasks(
    asked: Sequence[Asked], *, alpha: float, groups: bool, n_resamples: int, rng: int | np.random.Generator | None
) -> list[Found]:
    """Decide over other tasks like these, all claims under the same sign flips.

    The test is of the hypothesis at the margin itself: the baseline's scores less the margin against the candidate's. Flips of the
    observed differences, without that shift, would be exact for a difference of 0 only, which is not where a gate can err.
    """
    if any(set(a.scores.task_names) - set(asked[0].scores.task_names) for a in asked):
        raise InputError("metrics of one gate must be of the same tasks: choose tasks that have all of them (--task)")
    parts = [_shifted(a) for a in asked]
    together = True if groups else None
    decided = joint_max_t(
        parts,
        statistic="mean",
        alpha=alpha,
        n_resamples=n_resamples,
        groups=together,
        control=parts[0].models[1],
        rng=rng,
    )
    found = []
    for a, part, d in zip(asked, parts, decided, strict=True):
        values = Units.of(part, True if groups else None, part.models[1]).differences()[0][0]
        n = len(values)
        error = float(np.std(values, ddof=1) / np.sqrt(n)) if n > 1 else np.inf
        verdict: Verdict = "ACCEPT" if d.low[0] > 0 else "REJECT" if d.high[0] < 0 else "UNDECIDED"
        mean, low, high = (float(v) - a.margin for v in (np.mean(values), d.low[0], d.high[0]))
        unit = "task" if d.units == "tasks" else "group of tasks"
        found.append(Found(mean, low, high, error, n - 1.0, n, unit, verdict, strong_skewness(values)))
    return found


def skewed(asked: Asked, found: Found) -> str:
    """What must be said of a verdict over tasks whose differences are not symmetric about the margin; nothing where they seem to be."""
    if not found.skewness:
        return ""
    return (
        f"{asked.scope}: the differences are strongly skewed (skewness {found.skewness:+.1f}), and sign flips test means exactly only where they are "
        "symmetric: with rare large losses up to 10 % of gates are wrong with 8 tasks, 7 % with 41. Look at the differences, or take "
        "--level samples (level='samples')."
    )


def _shifted(asked: Asked) -> Scores:
    """Scores of which higher is better, the candidate's raised by the margin: at the margin both are equal."""
    values = asked.scores.values * asked.sign
    raised = asked.scores.with_values(np.column_stack([values[:, 0] + asked.margin, values[:, 1]]))
    return replace(raised, higher_is_better=True)


def over_both(asked: Sequence[Asked], *, alpha: float, groups: bool) -> list[Found]:
    """Decide over other tasks with other samples, training seeds and prompts (`crossed`); claims share alpha by Bonferroni's inequality."""
    found = []
    for a in asked:
        pairs = crossed(
            a.scores,
            groups=True if groups else None,
            control=a.scores.models[1],
            confidence_level=1 - alpha / len(asked),
        ).pairs
        n = len(np.unique(a.scores.groups)) if groups else a.scores.n_tasks
        error = float(pairs.extra["standard_error"][0])
        half = float(pairs.high[0] - pairs.difference[0])  # type: ignore[index]  # crossed has intervals
        unit = "task" if n == a.scores.n_tasks else "group of tasks"
        found.append(_interval(a, float(pairs.difference[0]) * a.sign, half, error, n - 1.0, n, unit))
    return found


def over_samples(asked: Sequence[Asked], *, alpha: float, rng: int | np.random.Generator | None) -> list[Found]:
    """Decide over other samples of these tasks (`sample_level`); claims share alpha by Bonferroni's inequality."""
    found = []
    for a in asked:
        if a.samples is None:
            raise InputError(
                "level='samples' needs the samples of a run, or another tool's scores of every query or item"
            )
        level = sample_level(a.samples, control=a.scores.models[1], confidence_level=1 - alpha / len(asked), rng=rng)
        extra = level.pairs.extra
        df, own = float(extra["df"][0]), float(extra["standard_error"][0])
        joint = float(extra["high_marginal"][0] - level.pairs.difference[0])
        error = max(own, _least_error(a))
        half = joint if error == own else float(stdtrit(df, 1 - alpha / len(asked) / 2)) * error
        n = int(level.tasks.drop_duplicates("task")["n_samples"].sum())
        unit = str(a.samples.meta(a.samples.tasks[0], a.scores.models[0]).get("unit", "sample"))
        found.append(_interval(a, float(level.pairs.difference[0]) * a.sign, half, error, df, n, unit))
    return found


def _least_error(asked: Asked) -> float:
    """The standard error that a loss of the margin has where it comes from few samples on which much is lost.

    Samples that hardly differ say little of how much they could: with one query in 200 lost altogether, 200 queries show none of that in
    37 % of cases, and a variance of 0. At the margin, losses of size r are a share margin / r of the samples, with variance r times
    margin (less margin squared, which is left out): the score test's variance in place of Wald's (Tango 1998 for 0/1), with r the
    largest difference seen, or the range of the scores where no two differ. Of metrics that are not means, 0: all their samples
    bear on the score.
    """
    if asked.samples is None:
        return 0.0
    squared = 0.0
    for task in asked.samples.tasks:
        try:
            table = asked.samples.select(tasks=[task]).items(task).table
        except InputError:
            continue
        values = table.to_numpy()
        d = differences(values[:, 0], values[:, 1])
        largest = float(np.abs(d).max()) or max(1.0 if np.abs(values).max() <= 1 else 0.0, float(np.ptp(values)))
        squared += largest * asked.margin / len(d)
    return float(np.sqrt(squared)) / len(asked.samples.tasks)


def _interval(asked: Asked, difference: float, half: float, error: float, df: float, n: int, unit: str) -> Found:
    low, high = difference - half, difference + half
    # Two equal numbers that differ by rounding decide nothing.
    least = RELATIVE * max(1.0, float(np.nanmax(np.abs(asked.scores.values))))
    verdict: Verdict = (
        "ACCEPT" if low > least - asked.margin else "REJECT" if high < -asked.margin - least else "UNDECIDED"
    )
    return Found(difference, low, high, error, df, n, unit, verdict)


def as_claim(asked: Asked, found: Found, level: str, alpha: float) -> Claim:
    """What is said of a claim."""
    undecided = found.verdict == "UNDECIDED"
    more = [
        more_units(found.error, found.df, found.n_units, distance, alpha) if undecided else None
        for distance in (asked.margin, abs(found.difference + asked.margin))
    ]
    # Over few tasks no signs are extreme enough, however small the spread: p of n units is 2 / 2^n at the least.
    least = int(np.ceil(1 - np.log2(alpha))) if level == "tasks" else 0
    more = [None if m is None else max(m, least - found.n_units) for m in more]
    candidate, baseline = np.asarray(asked.scores.values).mean(axis=0)
    return Claim(
        scope=asked.scope, level=level, margin=asked.margin, n_tasks=asked.scores.n_tasks, n_units=found.n_units,
        unit=found.unit, baseline=float(baseline), candidate=float(candidate), difference=found.difference, low=found.low,
        high=found.high, verdict=found.verdict, more_if_equal=more[0], more_as_observed=more[1],
    )  # fmt: skip
