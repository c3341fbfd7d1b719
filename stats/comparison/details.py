"""What `compare` says beside the tests: other rankings, agreement of tasks, effects, planning, levels of variance."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from ..common import text as wording
from ..common.errors import InputError
from ..effect_sizes._effects import effects
from ..factors.variance import variance_components
from ..levels import crossed
from ..levels.factors import has_factors
from ..pairwise._seed_t import seed_t
from ..pairwise.replicates import replicate_intervals
from ..planning import minimum_detectable_effect, required_tasks, simulated_power, spread_neighbours
from ..posthoc import adjust
from ..ranking import rank_confidence
from ..ranking._agreement import Agreement, agreement
from ..ranking._borda import borda
from ..ranking._bradley_terry import bradley_terry
from ..ranking._model_confidence_set import model_confidence_set
from ..results import n_pairs
from ..scores import Scores
from .finding import GROUPS, Finding, Findings
from .options import Options
from .prompts import choice_of_prompt, correction_of_pairs
from .tests import TESTS, Test
from .tests.registry import simulated_as

#: The prior, in wins each way, that keeps Bradley-Terry abilities finite where a model wins everything.
_PRIOR = 0.1
_EXPERIMENTS = 1000


def find_further(
    scores: Scores, options: Options, *, details: bool, effect: float | None
) -> tuple[Findings, list[str]]:
    """All findings that were asked for and can be had from these scores, and why others cannot.

    Parameters
    ----------
    scores : Scores
    options : Options
    details : bool
        Those that take longer, too.
    effect : float or None
        A difference of mean scores that matters: plan for it.
    """
    found: Findings = {group: {} for group in GROUPS}
    notes = []
    for group, name, make in _wanted(scores, details=details, effect=effect):
        try:
            found[group][name] = make(scores, options)
        except InputError as error:
            notes.append(f"No {group} ({name.replace('_', ' ')}): {error}.")
    return found, notes


_Maker = Callable[[Scores, Options], Finding]


def _wanted(scores: Scores, *, details: bool, effect: float | None) -> Iterator[tuple[str, str, _Maker]]:
    """Group, name and maker of every finding."""
    cells = () if scores.cells is None else tuple(scores.cells.columns)
    yield "rankings", "borda", _borda
    if details:
        yield "rankings", "mean", _by_mean
        yield "rankings", "bradley_terry", _bradley_terry
        yield "rankings", "model_confidence_set", _model_confidence_set
    agreed = cache(lambda: agreement(scores))
    # That items agree on the ranking, or repeat one another, says nothing: most have one of few values.
    if scores.unit == "task":
        yield "agreement", "tasks", lambda _scores, _options: _agreement_of_tasks(agreed())
    if len(scores.families) > 1:
        yield "agreement", "families", lambda _scores, _options: _agreement_of_families(agreed())
    if details:
        yield "effects", "pairs", _effects
        yield "planning", "minimum_detectable_effect", lambda s, o: detectable(s, _planned(s, o))
    if effect is not None:
        yield "planning", "required_tasks", lambda s, o: _required(s, o, effect)
        yield "planning", "power", lambda s, o: _power(s, o, effect)
    if "seed_scores" in cells and scores.cells is not None and scores.cells["seed_scores"].map(len).max() > 1:
        yield "variance", "seeds", _seeds
        yield "variance", "training_runs", _training_runs
    if has_factors(scores):
        yield "variance", "crossed", _crossed
    if has_factors(scores, "prompt"):
        yield "variance", "prompts", choice_of_prompt
    if details and "replicates" in cells and scores.cells is not None and scores.cells["replicates"].map(len).any():
        yield "variance", "replicates", _replicates


# -- rankings ----------------------------------------------------------------------------------------------------


def _borda(scores: Scores, options: Options) -> Finding:
    frame = borda(scores)
    first, most = frame.iloc[0], scores.n_tasks * (scores.n_models - 1)
    return Finding(
        "Borda count",
        "as many points on every task as models less the rank, ties sharing the mean rank, none where a score is missing",
        "de Borda (1781); MMTEB (Enevoldsen et al. 2025), as the leaderboard takes it",
        scores.n_tasks,
        frame,
        text=f"{first['model']} has the most points, {first['points']:,.10g} of {most:,} possible.",
    )


def _could_be_best(names: list[str], scores: Scores, options: Options, what: str) -> str:
    level = wording.percent(options.confidence_level)
    return f"{len(names):,} of {scores.n_models:,} models {what} at {level} confidence: {wording.listing(names)}."


def _by_mean(scores: Scores, options: Options) -> Finding:
    found = rank_confidence(
        scores, by="mean", method="bootstrap-t", groups=options.groups, confidence_level=options.confidence_level,
        n_resamples=options.n_resamples, rng=options.seed,
    )  # fmt: skip
    return Finding(
        "Ranks by mean score",
        found.method,
        "Mogstad, Romano, Shaikh and Wilhelm (2024)",
        scores.n_tasks,
        found.to_frame().rename(columns={"estimate": "mean"}),
        text=_could_be_best(found.top_set(), scores, options, "could be the best by mean score"),
    )


def _bradley_terry(scores: Scores, options: Options) -> Finding:
    drawn: dict[str, Any] = {
        "confidence_level": options.confidence_level, "n_resamples": options.n_resamples, "rng": options.seed
    }  # fmt: skip
    try:
        found = bradley_terry(scores, **drawn)
    except InputError:
        found = bradley_terry(scores, prior=_PRIOR, **drawn)
    frame = found.to_frame()
    best = [str(m) for m in frame.loc[frame["in_top_set"], "model"]]
    return Finding(
        "Bradley-Terry abilities",
        f"{found.method}; sandwich intervals; {found.ranks.method}, {options.n_resamples:,} draws",
        "Bradley and Terry (1952); Davidson (1970)",
        found.n_tasks,
        frame,
        {"tie": found.tie},
        _could_be_best(best, scores, options, "could be the best by ability"),
        found.warnings,
    )


def _model_confidence_set(scores: Scores, options: Options) -> Finding:
    found = model_confidence_set(
        scores, groups=options.groups, confidence_level=options.confidence_level, n_resamples=options.n_resamples,
        rng=options.seed,
    )  # fmt: skip
    return Finding(
        "Model confidence set",
        found.method,
        "Hansen, Lunde and Nason (2011)",
        found.n_tasks,
        found.frame,
        text=_could_be_best(found.models, scores, options, "are in the set of those that may have the best mean"),
        warnings=found.warnings,
    )


# -- agreement ---------------------------------------------------------------------------------------------------

#: Fewer models are ranked in the opposite order by chance in more than one task of a hundred (1 / 4! = .042, 1 / 5! = .008).
_FEW_MODELS = 5
_AGREEMENT = "Kendall and Babington Smith (1939); Perlitz et al. (2024)"


def _agreement_of_tasks(found: Agreement) -> Finding:
    redundant, least = found.redundant, found.tasks["discrimination"].to_numpy(dtype=np.float64)
    text = [str(found)]
    # Of k models that differ by chance alone, one task in k! is ranked in exactly the opposite order: with few models the task
    # that agrees least says nothing of itself.
    if found.n_models >= _FEW_MODELS and not np.isnan(least).all():
        worst = found.tasks.iloc[int(np.nanargmin(least))]
        text.append(f"{worst['task']} agrees least with the other tasks (Spearman {worst['discrimination']:.2f}).")
    if len(redundant):
        text.append(
            f"{wording.count(len(redundant), 'task')} nearly repeat another (Spearman at least 0.95): "
            f"{wording.listing([str(t) for t in redundant['task']])}."
        )
    return Finding(
        "Agreement of tasks",
        "Kendall's W of ranks, corrected for ties (p: Friedman's chi-square); Spearman's correlation of a task with the "
        "mean rank over the others (discrimination) and with the task most like it; Kendall's tau-b of the ranking without it",
        _AGREEMENT,
        found.n_tasks,
        found.tasks,
        {"kendall_w": found.kendall_w, "pvalue": found.pvalue},
        " ".join(text),
    )


def _agreement_of_families(found: Agreement) -> Finding:
    changes = [str(f) for f in found.families.loc[found.families["best_changes"].astype(bool), "family"]]
    return Finding(
        "Stability by family",
        "Kendall's tau-b of the ranking by mean rank with the full one: by the family alone, and without it",
        _AGREEMENT,
        found.n_tasks,
        found.families,
        text=(
            f"The best model changes without {wording.listing(changes)}."
            if changes
            else "No family decides by itself which model is the best."
        ),
    )


# -- effects, planning -------------------------------------------------------------------------------------------


def _effects(scores: Scores, options: Options) -> Finding:
    frame = effects(scores, confidence_level=options.confidence_level, control=options.control).to_frame()
    names = ("hodges_lehmann", "rank_biserial", "cliffs_delta", "d_z", "common_language")
    columns = [f"{name}{end}" for name in names for end in ("", "_low", "_high")]
    return Finding(
        "Effect sizes",
        f"intervals at {wording.percent(options.confidence_level)}, each by itself: Hodges-Lehmann exact, rank-biserial and Cliff's "
        "delta Feng-Cliff with a jackknife error, d_z noncentral t (for normal differences), common language Clopper-Pearson",
        "Hodges and Lehmann (1963); Kerby (2014); Cliff (1993); Cohen (1988); McGraw and Wong (1992)",
        scores.n_tasks,
        frame[["model_a", "model_b", "n", *columns, "skewness"]],
    )


def planned(scores: Scores, test: Test, alpha: float, control: str | None, seed: int) -> dict[str, Any]:
    """How this comparison's pairs are simulated: their test, their number, a few neighbours that stand for all."""
    return {
        "alpha": alpha,
        "n_comparisons": n_pairs(scores.n_models, control),
        "test": simulated_as(test),
        "pairs": spread_neighbours(scores, control),
        "n_resamples": _EXPERIMENTS,
        "rng": seed,
    }


def _planned(scores: Scores, options: Options) -> dict[str, Any]:
    return planned(scores, TESTS[options.test], options.alpha, options.control, options.seed)


_POWER = "Collings and Hamilton (1988); Hoenig and Heisey (2001)"


def detectable(scores: Scores, plan_of: dict[str, Any]) -> Finding:
    """The smallest difference that these tasks show four times out of five."""
    plan = minimum_detectable_effect(scores, **plan_of)
    values = {"typical": plan.typical, "power": 0.8}
    return Finding(
        "Smallest difference seen", plan.method, _POWER, scores.n_tasks, plan.frame, values, plan.text
    )  # fmt: skip


def _required(scores: Scores, options: Options, effect: float) -> Finding:
    plan = required_tasks(scores, effect, **_planned(scores, options))
    values = {"effect": effect, "typical": plan.typical, "power": 0.8}
    return Finding("Tasks needed", plan.method, _POWER, scores.n_tasks, plan.frame, values, plan.text)


def _power(scores: Scores, options: Options, effect: float) -> Finding:
    planned = _planned(scores, options)
    frame = simulated_power(scores, effect, **planned)
    typical = float(frame["power"].median())
    return Finding(
        "Power",
        f"{planned['test']} test at alpha / {planned['n_comparisons']}, {_EXPERIMENTS:,} experiments a pair, simulated from the "
        "pair's own differences",
        _POWER,
        scores.n_tasks,
        frame,
        {"effect": effect, "typical": typical},
        f"These {scores.n_tasks} tasks find a difference of {effect:g} {wording.percent(round(typical, 2))} of the time (median of "
        f"{wording.count(len(frame), 'pair')}).",
    )


# -- levels of variance ------------------------------------------------------------------------------------------


def _seeds(scores: Scores, options: Options) -> Finding:
    found = variance_components(scores)
    return Finding(
        "Training seeds",
        "variance components of task, training seed and residual by the method of moments, task x seed crossed",
        "Searle, Casella and McCulloch (1992); Bouthillier et al. (2021)",
        int(found.frame["n_tasks"].max()),
        found.frame,
        text=found.text,
    )


def _crossed(scores: Scores, options: Options) -> Finding:
    found = crossed(
        scores,
        groups=options.groups,
        control=options.control,
        correction=correction_of_pairs(options).name,
        confidence_level=options.confidence_level,
    )
    told = int((np.asarray(found.pairs.pvalue_adjusted) <= options.alpha).sum())
    called = {"seed": scores.runs.removeprefix("training ")}
    factors = wording.listing([called.get(name, f"{name}s") for name in found.shares["component"]])
    return Finding(
        "What the variance is made of",
        f"shares of the variance of a mean difference, crossed factors ({factors}); {found.pairs.method}",
        "Owen (2007); Banerjee (1960)",
        scores.n_tasks,
        found.shares,
        {"significant": told},
        f"{found.text} With other {factors}, {told:,} of "
        f"{wording.count(len(found.pairs.first), 'pair')} can be told apart (level='both', --level both).",
        found.notes,
    )


def _training_runs(scores: Scores, options: Options) -> Finding:
    found = seed_t(scores, confidence_level=options.confidence_level, control=options.control)
    correction = correction_of_pairs(options)
    frame = (
        replace(found, pvalue_adjusted=adjust(np.asarray(found.pvalue), correction.name))
        .to_frame()
        .drop(columns="method")
    )
    told = int((frame["pvalue_adjusted"] <= options.alpha).sum())
    seeds = sorted({int(v) for column in ("seeds_a", "seeds_b") for v in frame[column].dropna()})
    word, undefined = scores.runs.removeprefix("training "), int(frame["pvalue"].isna().sum())
    each = wording.count(seeds[0], word.removesuffix("s")) if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]} {word}"
    notes = [f"{wording.count(undefined, 'pair')} lack a second seed of a model or a shared task."] if undefined else []
    if word == "folds":
        notes.append(
            "Folds share training data, so their spread understates that of new data (Nadeau and Bengio, 2003)."
        )
    return Finding(
        "Pairs over training runs",
        f"{found.method}, {correction.name}, alpha = {options.alpha:g}",
        "Welch (1947); Bouthillier et al. (2021)",
        int(found.n.max()),
        frame,
        {"significant": told},
        f"Over other {'folds of' if word == 'folds' else 'training runs on'} these same tasks {told:,} of {wording.count(len(frame), 'pair')} can be told apart ({each} a "
        f"model; Welch t test, {correction.phrase}, alpha = {options.alpha:g}).",
        tuple(notes),
    )


def _replicates(scores: Scores, options: Options) -> Finding:
    frame = replicate_intervals(scores, confidence_level=options.confidence_level)
    n_tasks = int(frame["task"].nunique())
    middle = float(frame["standard_error"].median()) if len(frame) else float("nan")
    return Finding(
        "Published replicates",
        f"t intervals at {wording.percent(options.confidence_level)} over the runs that a score is the mean of",
        "mteb's scores_per_experiment and v_measures",
        n_tasks,
        frame,
        {"median_standard_error": middle},
        f"{wording.count(n_tasks, 'task')} {'was' if n_tasks == 1 else 'were'} scored as means of several runs; the "
        f"median of their standard errors is {wording.number(middle, 2)}.",
    )
