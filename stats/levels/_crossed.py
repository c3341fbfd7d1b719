"""The crossed model: other tasks like these, with other samples, other training seeds and other prompts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..common import text as wording
from ..common.errors import InputError
from ..pairs import Pairs, check_level
from ..posthoc import adjust
from ..resampling.resampler import Groups, group_numbers
from ..results import Floats, PairwiseResult
from ..scores import Scores, as_scores
from .combined import half_width, pvalues
from .factors import Indices, Part, factor_parts, not_shared

#: Components as a sentence says them.
_WORDS = {"task": "tasks", "sample": "samples within tasks", "seed": "training seeds", "prompt": "prompts"}


def _words_of(table: Scores) -> dict[str, str]:
    """What the parts are called; the runs of a table may be folds."""
    return {**_WORDS, "seed": table.runs}


@dataclass(frozen=True, eq=False, repr=False)
class Crossed:
    """What the crossed model says; made by `crossed`.

    Attributes
    ----------
    pairs : PairwiseResult
        Mean over tasks of every pair: difference, simultaneous interval, the difference over its standard error, p-value,
        adjusted p-value; in ``extra`` the interval by itself (``low_marginal, high_marginal``) and ``standard_error``.
    models : DataFrame
        ``model, mean, low, high``: a t interval over tasks, with the model's own seeds.
    shares : DataFrame
        ``component, n, variance, share``: what the variance of a mean difference is made of, the median over pairs;
        ``task``, ``sample`` (of the tasks' part what sampling explains; only where samples were given), ``seed``, ``prompt``.
    text : str
        In words, with what more of which would help most.
    notes : tuple of str
        What was assumed.

    Examples
    --------
    Without seeds it is the paired t test: differences .1, .2, .3, t = .2 / (.1 / sqrt 3) = 3.4641, p = .0742.

    >>> from embsig import crossed
    >>> frame = pd.DataFrame({"a": [.5, .7, .6], "b": [.4, .5, .3]}, index=list("xyz"))
    >>> crossed(frame).to_frame()[["statistic", "pvalue"]].round(4).values.tolist()
    [[3.4641, 0.0742]]
    """

    pairs: PairwiseResult
    models: pd.DataFrame
    shares: pd.DataFrame
    text: str
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """The pairs of models."""
        return self.pairs.to_frame()

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists, numbers and strings."""
        tables = {"pairs": self.to_frame(), "models": self.models, "shares": self.shares}
        plain = {name: t.astype(object).where(t.notna(), None).to_dict("records") for name, t in tables.items()}
        return {"text": self.text, "notes": list(self.notes)} | plain

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show([self.text, *self.notes], self.to_frame())


def crossed(
    scores: Scores | pd.DataFrame,
    *,
    sampling: Mapping[str, Floats] | None = None,
    groups: Groups = None,
    control: str | None = None,
    correction: str = "holm",
    confidence_level: float = 0.95,
) -> Crossed:
    """Compare models over other tasks like these, freshly sampled, with other training runs and other prompts.

    Observed differences on tasks hold the noise of the samples within the tasks already, so tasks alone answer for other
    tasks with other samples, whatever their sizes. What they do not show is what they share: a lucky training
    seed lifts all tasks of a model at once, a prompt that suits it does too. Their variance is added.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models, or a long table with ``seed`` or ``prompt``: scores over several of them are averaged.
    sampling : mapping, optional
        Task -> standard errors of the pairs' differences within the task (`sample_level`'s, in the order of the pairs):
        only for the shares of variance.
    groups : bool or sequence, optional
        Groups of tasks as units: True for the task table's own, or a label per task.
    control : str, optional
        Compare every model (a) with this one (b) only.
    correction : str
        A method of `adjust`. Intervals are simultaneous by Bonferroni's inequality.
    confidence_level : float

    Returns
    -------
    Crossed

    Raises
    ------
    InputError
        With fewer than two models or two units of tasks.

    Notes
    -----
    The variance of a pair's mean difference is estimated by V_task + V_seed + V_prompt, each the variance of the means by
    one factor's levels, as if the others were fixed (interactions are counted more than once, never left out). Seeds are
    each model's own, and their part is the sum of the two models' with Welch's degrees of freedom; prompts and tasks are
    shared and differences taken level by level. p-values and intervals are Banerjee's, which have at least
    their level by proof for independent normal parts (but for Welch's approximation in the sum of two models' seeds: 5.4 % at
    5 % in the worst case simulated, 41 tasks and two seeds that matter to one model only), and are never narrower than over
    tasks alone. Differences of unequal
    variance over tasks keep a t test's level, too, for alpha up to .083 (Ibragimov and Mueller 2010).

    References
    ----------
    Banerjee, S. (1960). Sankhya 22, 357-358. Ibragimov, R. and Mueller, U. K. (2010). t-statistic based correlation and
    heterogeneity robust inference. JBES 28, 453-468. Owen, A. B. (2007). The pigeonhole bootstrap. Ann. Appl. Stat. 1,
    386-411 (variance of crossed means). Bouthillier, X. et al. (2021). Accounting for variance in machine
    learning benchmarks. MLSys 3.

    Examples
    --------
    Without seeds it is the paired t test: differences .1, .2, .3, t = .2 / (.1 / sqrt 3) = 3.4641, p = .0742.

    >>> frame = pd.DataFrame({"a": [.5, .7, .6], "b": [.4, .5, .3]}, index=list("xyz"))
    >>> crossed(frame).to_frame()[["statistic", "pvalue"]].round(4).values.tolist()
    [[3.4641, 0.0742]]
    """
    level = check_level(confidence_level, "confidence_level")
    table = as_scores(scores)
    pairs = Pairs.of(table, control)
    units = task_units(table, groups)
    n, difference = pairs.summary()
    tasks = variance_over_tasks(pairs, units, difference)
    if not (tasks.df >= 1).all():
        raise InputError(
            f"a pair of models shares {wording.count(int(tasks.df.min()) + 1, 'unit')} of tasks: expected two or more; add tasks"
        )
    parts = [tasks, *factor_parts(table, pairs.models, pairs.first, pairs.second)]
    variances, df = (np.stack([getattr(p, name) for p in parts], axis=1) for name in ("variance", "df"))
    error = np.sqrt(variances.sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where(difference == 0, 0.0, difference / error)
    p = pvalues(difference, variances, df)
    alpha = 1 - level
    alone, joint = half_width(variances, df, alpha), half_width(variances, df, alpha / len(difference))
    words = _words_of(table)
    over = wording.listing([words[p.name] for p in parts])
    result = PairwiseResult(
        pairs.models, pairs.first, pairs.second, n, difference, f"t test over {over}, variances added (Banerjee)"
        if len(parts) > 1 else "t test over tasks",
        low=difference - joint, high=difference + joint, statistic=statistic, pvalue=p,
        pvalue_adjusted=adjust(p, correction), confidence_level=level,
        extra={"low_marginal": difference - alone, "high_marginal": difference + alone, "standard_error": error},
    )  # fmt: skip
    shares = _shares(parts, sampling, table.task_names)
    notes = tuple(
        f"{wording.listing(list(part.borrowed))} {'has' if len(part.borrowed) == 1 else 'have'} one {part.name} only: the variance "
        f"of the others' {words[part.name]} is taken for {'its' if len(part.borrowed) == 1 else 'their'} own."
        for part in parts
        if part.borrowed
    )
    notes += not_shared(table, "prompt")
    return Crossed(result, _models(table, units, level), shares, _words(shares, words), notes)


def task_units(table: Scores, groups: Groups) -> Indices:
    """The unit of every task: itself, or its group."""
    labels = None if groups is None or groups is False else group_numbers(table, groups)
    return np.arange(table.n_tasks) if labels is None else np.unique(labels, return_inverse=True)[1]


def variance_over_tasks(pairs: Pairs, units: Indices, difference: Floats) -> Part:
    """The variance of mean differences over tasks, or groups of tasks, as they come."""
    variance, df = np.empty(len(pairs)), np.empty(len(pairs))
    member = np.eye(int(units.max()) + 1)[units]  # (n_tasks, n_units)
    for block in pairs.slices(4 * len(units)):
        d = pairs.differences(block)
        here = ~np.isnan(d)
        with np.errstate(invalid="ignore"):
            centred = np.where(here, d - difference[block, None], 0.0)
        # A row of equal differences varies by rounding only.
        still = np.abs(centred) <= 1e-12 * np.nan_to_num(pairs.sizes(block))
        centred[still.all(axis=1)] = 0.0
        sums, filled = centred @ member, (here @ member) > 0
        n_units = filled.sum(axis=1)
        df[block] = n_units - 1.0
        with np.errstate(invalid="ignore", divide="ignore"):
            variance[block] = (sums**2).sum(axis=1) * n_units / (n_units - 1.0) / here.sum(axis=1) ** 2
    return Part("task", variance, variance, df, int(units.max()) + 1)


def _models(table: Scores, units: Indices, level: float) -> pd.DataFrame:
    """Mean over tasks of every model, with its interval over tasks and its own seeds."""
    rows = Pairs(
        (*table.models, ""), np.arange(table.n_models), np.full(table.n_models, table.n_models),
        np.vstack([table.values.T, np.zeros(table.n_tasks)]),
    )  # fmt: skip
    mean = rows.summary()[1]
    tasks = variance_over_tasks(rows, units, mean)
    parts = [tasks, *(p for p in factor_parts(table, tuple(table.models), rows.first, rows.first) if p.name == "seed")]
    # A pair of a model with itself counts its seeds twice.
    variances = np.stack([p.variance / (1 if p.name == "task" else 2) for p in parts], axis=1)
    df = np.stack([p.df / (1 if p.name == "task" else 2) for p in parts], axis=1)
    with np.errstate(invalid="ignore"):
        half = half_width(variances, np.maximum(df, 1.0), 1 - level)
    half = np.where(tasks.df < 1, np.inf, half)
    return pd.DataFrame({"model": table.models, "mean": mean, "low": mean - half, "high": mean + half})


def _shares(parts: list[Part], sampling: Mapping[str, Floats] | None, tasks: list[str]) -> pd.DataFrame:
    """Medians over pairs of the parts of the variance of a mean difference."""
    rows = []
    for part in parts:
        own = np.maximum(part.own, 0.0)
        if part.name == "task" and sampling is not None and set(tasks) <= set(sampling):
            noise = np.mean([np.asarray(sampling[t]) ** 2 for t in tasks], axis=0) / len(tasks)
            noise = np.minimum(noise, own)
            rows += [("task", part.n, float(np.median(own - noise))), ("sample", part.n, float(np.median(noise)))]
        else:
            rows.append((part.name, part.n, float(np.median(own))))
    frame = pd.DataFrame(rows, columns=["component", "n", "variance"])
    total = float(frame["variance"].sum())
    return frame.assign(share=frame["variance"] / total if total > 0 else np.nan)


def _words(shares: pd.DataFrame, words: Mapping[str, str]) -> str:
    """What the variance is made of, and what more of which would help."""
    if len(shares) < 2 or shares["share"].isna().any():
        return "All of the variance of a mean difference is between tasks, samples included: only more tasks narrow it."
    names, parts = [str(c) for c in shares["component"]], shares["share"].to_numpy()
    told = ", ".join(
        f"{wording.percent(round(share, 2))} {words[name]}" for name, share in zip(names, parts, strict=True)
    )
    most = names[int(parts.argmax())]
    advice = {
        "task": "add tasks",
        "sample": "add tasks, or samples to them",
        "seed": f"add {words['seed']}, not tasks",
        "prompt": "add prompts, not tasks",
    }[most]
    return f"The variance of a mean difference (median of pairs) is {told}: to narrow it, {advice}."
