"""compare: from scores to everything that can be said about them."""

from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..auditing._audit import audit as audit_scores
from ..common import text as wording
from ..common.errors import InputError, said_in_result
from ..common.units import in_units, plural
from ..effect_sizes._effects import paired_effects
from ..factors import factorial
from ..pairs import Alternative, Pairs, check_alternative, check_level, control_index
from ..pairwise._bootstrap import Interval, Statistic, bootstrap, model_intervals
from ..pairwise._wilcoxon import ZeroMethod
from ..pairwise.sample_bootstrap import POPULATIONS
from ..planning.plans import check_effect
from ..posthoc import adjust, nemenyi_critical_difference
from ..posthoc._adjust import METHODS
from ..posthoc._bonferroni_dunn import dunn_critical_difference
from ..ranking import cliques, mean_ranks, rank_confidence, uncovered_pairs
from ..resampling.resampler import Groups, group_numbers
from ..results import Floats, PairwiseResult
from ..samples import Samples
from ..scores import Policy, Scores, as_scores
from . import tests as registry
from .comparison import Comparison
from .conclusions import conclude
from .details import find_further
from .finding import GROUPS, Findings
from .limits import is_binary, remark
from .omnibus import omnibus_tests
from .sample_level import check_resampling, resample, resampled_ranks
from .score_bounds import possible_means
from .tests import Options

#: More models than this have so many pairs that their table would not fit into a small machine's memory.
MOST_MODELS = 3_000


@said_in_result
def compare(
    scores: Scores | Samples | pd.DataFrame,
    *,
    test: str | None = None,
    correction: str = "holm",
    alpha: float = 0.05,
    control: str | None = None,
    missing: Policy = "models",
    families: bool = True,
    n_resamples: int = 10_000,
    confidence_level: float | None = None,
    interval: Interval = "symmetric",
    statistic: Statistic = "mean",
    groups: Groups = None,
    zero_method: ZeroMethod = "wilcox",
    alternative: Alternative = "two-sided",
    level: str = "tasks",
    samples: Samples | None = None,
    design: pd.DataFrame | None = None,
    rope: float = 0.0,
    top: int | None = None,
    details: bool = False,
    effect: float | None = None,
    rng: int | np.random.Generator | None = None,
) -> Comparison:
    """Compare models on tasks: omnibus tests, all pairs, ranks, cliques, effects, conclusions; overall and per family.

    Parameters
    ----------
    scores : Scores, Samples or DataFrame
        Rows tasks, columns models. Of Samples, their main scores.
    test : str, optional
        The test of every pair; by default ``"wilcoxon"`` and, where samples are resampled (`level`), ``"bootstrap"``: ``"wilcoxon", "sign", "sign-flip", "paired-t", "bootstrap", "nemenyi", "conover"``,
        ``"bonferroni-dunn"`` with a control, ``"bayes"`` (signed rank) or ``"bayes-t"``. Wilcoxon's and the other tests by
        ranks or signs say that one model tends to be better; where differences are strongly skewed that is not
        the same as a higher mean, and a warning says so: ``"bootstrap"`` is about means.
    correction : str
        A method of `adjust`, or ``"romano-wolf"`` with the tests ``"bootstrap"`` and ``"sign-flip"``, or
        ``"bonferroni-dunn"`` with a control, which sets the test. The family is all pairs of
        this analysis; families of tasks are corrected each by itself. Nemenyi's test has its own.
    alpha : float
        A pair is significant where its adjusted p-value is at most alpha.
    control : str, optional
        Compare every model with this one only: it is b of every pair, so a positive difference means higher
        than the control.
    missing : {"models", "tasks", "keep"}
        What to do about missing scores: keep the models that have every task, keep the tasks that every model has, or
        keep all and compare each pair on the tasks it shares (omnibus tests use complete tasks).
    families : bool
        Compare within every task family that has two tasks or more, too.
    n_resamples : int
        Of bootstraps and random sign vectors.
    confidence_level : float, optional
        Of all intervals and rank sets; 1 - alpha by default.
    interval : {"symmetric", "studentized", "percentile", "basic", "bca"}
        The bootstrap interval of differences and means (see `bootstrap`). The symmetric studentized one holds its level from
        five tasks on, the plain studentized one all but for heavy tails; the others are too narrow below about 40
        (docs/validity.md). With two or three tasks both are unbounded.
    statistic : {"mean", "family_mean"}
        The mean score over tasks, or the mean of the families' means.
    groups : bool or sequence, optional
        Resample and sign-flip groups of tasks as a whole: True for the task table's groups, or a label per
        task. The rank tests take tasks as they come.
    zero_method : {"wilcox", "pratt", "zsplit"}
        Of the Wilcoxon test.
    alternative : {"two-sided", "greater", "less"}
        One-sided tests need a control: in all pairs, which model is a is decided by the data.
    level : {"tasks", "samples", "both"}
        What is resampled: tasks (would other tasks like these say the same?), the samples of every task (would
        other samples of these tasks?), or both. The latter two need samples, and are a bootstrap.
    samples : Samples, optional
        What the models did on every sample; the scores' own where Samples are compared.
    design : DataFrame, optional
        Factors of the models (see `factorial`): the result's ``design`` says which choice matters.
    rope : float
        Half the width of the region of practical equivalence of the Bayesian tests, in score units.
    top : int, optional
        Only the so many models of best mean rank over these tasks, and the control.
    details : bool
        Also what takes longer: Bradley-Terry abilities, the model confidence set, rank sets by mean score, all effect sizes
        with intervals, the smallest difference that these tasks show, intervals from published replicates.
    effect : float, optional
        A difference of mean scores that matters, in the scores' units: how many tasks it needs, and how often
        these find it.
    rng : int, Generator or None
        Seed. One seed gives the same numbers, and a family the same as by itself; None draws one and notes it.

    Returns
    -------
    Comparison
        What an analyst must know beside the results, such as that no outcome could have been significant, is in its
        ``warnings``; nothing is raised as a Python warning.

    Raises
    ------
    InputError
        If fewer than two models or two tasks are left, or an option is unknown.

    References
    ----------
    Demsar, J. (2006). Statistical comparisons of classifiers over multiple data sets. JMLR 7, 1-30. Benavoli, A.,
    Corani, G. and Mangili, F. (2016). Should we really use post-hoc tests based on mean-ranks? JMLR 17, 1-10.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [.9, .8, .7, .8, .9, .6], "b": [.5, .5, .6, .4, .7, .5]}, index=list("uvwxyz"))
    >>> comparison = compare(frame, rng=0)
    >>> comparison.pairs[["statistic", "pvalue", "win"]].to_dict("records")  # all 6 signs alike: 2 / 2^6
    [{'statistic': 0.0, 'pvalue': 0.03125, 'win': 6}]
    """
    check_level(alpha, "alpha")
    check_alternative(alternative)
    if alternative != "two-sided" and control is None:
        raise InputError(
            f"alternative={alternative!r} needs a control: in all pairs, which model is a would be chosen by the data"
        )
    if effect is not None:
        check_effect(effect)
    samples = scores if isinstance(scores, Samples) else samples
    given = as_scores(scores)
    if given.unit != "task":
        level = "tasks"  # the rows are samples themselves: drawing them is all that drawing samples could be
    test = test or ("wilcoxon" if level == "tasks" else "bootstrap")
    check_resampling(level, samples, test, correction, statistic, groups, alternative)
    if statistic not in ("mean", "family_mean"):
        raise InputError(f"statistic={statistic!r}: expected 'mean' or 'family_mean'")
    if groups is not None and not isinstance(groups, bool):
        labels = group_numbers(given, groups)
        given, groups = replace(given, tasks=given.tasks.assign(group=np.asarray(labels).astype(str))), True
    chosen = _enough(given.complete(missing))
    if control is not None:
        control_index(chosen.models, control)
    notes = []
    if top is not None:
        chosen, note = _top(chosen, top, control)
        notes += [note] if note else []
    if chosen.n_models > MOST_MODELS:
        raise InputError(
            f"got {chosen.n_models:,} models, {chosen.n_models * (chosen.n_models - 1) // 2:,} pairs: expected at most "
            f"{MOST_MODELS:,} models; choose the best (top) or some by name"
        )
    options = Options(
        test="bonferroni-dunn" if correction == "bonferroni-dunn" else test,
        correction=correction,
        alpha=float(alpha),
        confidence_level=1 - alpha if confidence_level is None else check_level(confidence_level, "confidence_level"),
        control=control,
        zero_method=zero_method,
        alternative=alternative,
        n_resamples=n_resamples,
        interval=interval,
        statistic=statistic,
        groups=groups or None,
        seed=_seed(rng),
        rope=rope,
        level=level,
        samples=samples if level != "tasks" else None,
    )
    registry.find(options)
    parts: dict[str, Comparison] = {}
    for family in chosen.families if families else []:
        part = chosen.family(family)
        if missing == "keep":
            part = part.complete("keep")
        if part.n_tasks < 2 or part.n_models < 2 or (control is not None and control not in part.models):
            notes.append(f"{family} has {wording.count(part.n_tasks, 'task')} to compare on: no comparison within it.")
            continue
        parts[family] = _analyse(part, replace(options, statistic="mean"), missing)
    further, without = find_further(_in_rank_order(chosen), options, details=details, effect=effect)
    found = _analyse(chosen, options, missing, parts, [*notes, *without], further, audited=True)
    if design is None:
        return found
    effects = factorial(
        given,
        design,
        alpha=options.alpha,
        correction=correction if correction in METHODS and correction != "shaffer" else "holm",
        n_resamples=n_resamples,
        confidence_level=options.confidence_level,
        rng=options.seed,
    )
    return replace(found, design=effects)


def _analyse(
    scores: Scores,
    options: Options,
    missing: str,
    families: dict[str, Comparison] | None = None,
    notes: list[str] | None = None,
    further: Findings | None = None,
    *,
    audited: bool = False,
) -> Comparison:
    """One analysis, of all tasks or of a family."""
    scores = _in_rank_order(scores)
    test = registry.find(options)
    resampled = resample(scores, options)
    tested_pairs = test.run(scores, options) if resampled is None else resampled.pairs
    adjusted, significant = _decide(tested_pairs, test, options)
    intervals = _intervals(scores, tested_pairs, options) if resampled is None else tested_pairs
    pairs = _pair_table(scores, tested_pairs, intervals, adjusted, significant, options)
    ranks, rank_set = _rank_table(scores, options) if resampled is None else resampled_ranks(resampled)
    k, n = scores.n_models, scores.n_tasks
    units = len(np.unique(scores.groups)) if options.groups else n
    least, least_adjusted = registry.least_adjusted(
        test, options, units if options.test == "sign-flip" else n, k, len(pairs)
    )
    omnibus, n_complete = omnibus_tests(scores)
    matrix = np.zeros((k, k), dtype=bool)
    matrix[tested_pairs.first, tested_pairs.second] = matrix[tested_pairs.second, tested_pairs.first] = significant
    all_pairs = options.control is None
    method: dict[str, Any] = {
        "test": options.test,
        "correction": test.correction or ("none" if tested_pairs.pvalue is None else options.correction),
        "alpha": options.alpha,
        "confidence_level": options.confidence_level,
        "level": options.level,
        "population": in_units(POPULATIONS[options.level], scores.unit),
        "resamples": options.n_resamples,
        "seed": options.seed,
        "units": plural(scores.unit),
        "n_units": units,
        "test_name": tested_pairs.method,
        "zero_method": options.zero_method if options.test == "wilcoxon" else None,
        "rope": options.rope if options.test.startswith("bayes") else None,
        "alternative": options.alternative,
        "interval": intervals.method,
        "effect_size": "matched-pairs rank-biserial correlation",
        "rank_set": rank_set,
        "statistic": options.statistic,
        "groups": bool(options.groups),
        "missing": missing,
        "smallest_adjusted_pvalue": least_adjusted,
    }
    if not all_pairs:
        method["bonferroni_dunn_critical_difference"] = dunn_critical_difference(k, n, options.alpha)
    found = Comparison(
        method=method,
        scores=scores,
        excluded=scores.excluded,
        omnibus=omnibus,
        nemenyi_critical_difference=nemenyi_critical_difference(k, n_complete, options.alpha)
        if n_complete
        else float("nan"),
        ranks=ranks,
        pairs=pairs,
        cliques=cliques(scores.models, matrix) if all_pairs else [],
        uncovered_pairs=uncovered_pairs(scores.models, matrix) if all_pairs else [],
        conclusions=[],
        warnings=[],
        smallest_pvalue=least,
        control=options.control,
        families=families or {},
        audit=audit_scores(scores) if audited else None,
        further=further or {group: {} for group in GROUPS},
        provenance={**scores.provenance, "scores_sha256": scores.sha256, "software": _software()},
    )
    warnings = [*remark(found, options, n_complete, units), *(notes or [])]
    concluded = conclude(found)
    if options.test in ("wilcoxon", "sign") and is_binary(scores):
        concluded.append("Every score is 0 or 1: between two models this is McNemar's exact test.")
    said = [[in_units(text, scores.unit, scores.models) for text in texts] for texts in (concluded, warnings)]
    return replace(found, conclusions=said[0], warnings=said[1])


def _enough(scores: Scores) -> Scores:
    for number, word in ((scores.n_models, "model"), (scores.n_tasks, "task")):
        if number < 2:
            raise InputError(
                f"got {number} {word}{'' if number == 1 else 's'} to compare: expected at least two; add {word}s"
                + (", or another policy for missing scores" if scores.excluded[word + "s"] else "")
            )
    return scores


def _top(scores: Scores, top: int, control: str | None) -> tuple[Scores, str | None]:
    """The best models by mean rank, with the others among the excluded."""
    if isinstance(top, bool) or not isinstance(top, int) or top < 2:
        raise InputError(f"top={top!r}: expected a whole number of models, two or more")
    order = _in_rank_order(scores).models
    kept = [m for m in order[:top] if m != control] + ([control] if control is not None else [])
    reason = f"not among the best {top} by mean rank"
    gone = {m: reason for m in order if m not in kept}
    chosen = scores.select(models=kept)
    excluded = {"models": {**scores.excluded["models"], **gone}, "tasks": scores.excluded["tasks"]}
    note = (
        f"The best {top} models were chosen by these same scores; tests and rank sets treat them as chosen beforehand."
    )
    return replace(chosen, excluded=excluded), note if gone else None


def _in_rank_order(scores: Scores) -> Scores:
    """Models by mean rank, then mean score, then name."""
    means = scores.table.mean(axis=0).to_numpy()
    order = pd.DataFrame(
        {
            "rank": mean_ranks(scores).to_numpy().round(12),
            "mean": -means if scores.higher_is_better else means,
            "model": scores.models,
        }
    ).sort_values(["rank", "mean", "model"], kind="stable")
    return replace(scores, table=scores.table[order["model"].tolist()])


def _decide(found: PairwiseResult, test: registry.Test, options: Options) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Adjusted p-values, and which pairs are significant."""
    if found.pvalue is None:
        return np.full(len(found.first), np.nan), np.asarray(found.extra["significant"], dtype=bool)
    if found.pvalue_adjusted is not None and test.correction is not None:
        adjusted = found.pvalue_adjusted
    else:
        adjusted = adjust(found.pvalue, options.correction)
    return adjusted, np.asarray(adjusted <= options.alpha)


def _intervals(scores: Scores, found: PairwiseResult, options: Options) -> PairwiseResult:
    """Intervals of the mean differences: the test's own, or else the bootstrap's."""
    if found.low is not None and options.statistic == "mean":
        return replace(found, method="t interval") if options.test == "paired-t" else found
    return bootstrap(
        scores,
        n_resamples=options.n_resamples,
        confidence_level=options.confidence_level,
        method=options.interval,
        statistic=options.statistic,
        groups=options.groups,
        control=options.control,
        rng=options.seed,
    )


def _pair_table(
    scores: Scores,
    found: PairwiseResult,
    intervals: PairwiseResult,
    adjusted: Floats,
    significant: npt.NDArray[np.bool_],
    options: Options,
) -> pd.DataFrame:
    names = np.asarray(scores.models, dtype=object)
    pairs = Pairs.of(scores, options.control)
    effects = paired_effects(pairs, options.confidence_level, higher_is_better=scores.higher_is_better)
    undefined = np.full(len(pairs), np.nan)
    columns = {
        "model_a": names[found.first],
        "model_b": names[found.second],
        "n": found.n,
        "difference": intervals.difference,
        "low": intervals.low,
        "high": intervals.high,
        "statistic": undefined if found.statistic is None else found.statistic,
        "pvalue": undefined if found.pvalue is None else found.pvalue,
        "pvalue_adjusted": adjusted,
        "significant": significant,
        "effect_size": effects["rank_biserial"],
        **{name: effects[name] for name in ("win", "tie", "loss")},
        **{name: effects[name] for name in ("hodges_lehmann", "hodges_lehmann_low", "hodges_lehmann_high")},
        **{name: effects[name] for name in ("d_z", "common_language", "skewness")},
    }
    return pd.DataFrame(columns | {name: v for name, v in found.extra.items() if name not in columns})


def _rank_table(scores: Scores, options: Options) -> tuple[pd.DataFrame, str]:
    """The rank table, and the exact name of its rank sets."""
    shared: dict[str, Any] = {
        "n_resamples": options.n_resamples,
        "confidence_level": options.confidence_level,
        "groups": options.groups,
        "rng": options.seed,
    }
    means = model_intervals(scores, method=options.interval, statistic=options.statistic, **shared)
    mean_rank = model_intervals(scores, method=options.interval, statistic="mean_rank", **shared)
    sets = rank_confidence(scores, by="mean_rank", **shared)
    # With few tasks a studentized interval can leave the values that a mean can take at all.
    least, most = possible_means(scores)
    k = scores.n_models
    return pd.DataFrame(
        {
            "model": scores.models,
            "mean": means["estimate"],
            "mean_low": means["low"].clip(least, most),
            "mean_high": means["high"].clip(least, most),
            "mean_rank": sets.estimate,
            "rank": sets.rank,
            "rank_low": sets.low,
            "rank_high": sets.high,
            "in_top_set": sets.low == 1,
            "mean_rank_low": mean_rank["low"].clip(1, k),
            "mean_rank_high": mean_rank["high"].clip(1, k),
        }
    ), sets.method


def _seed(rng: int | np.random.Generator | None) -> int:
    """A seed that gives the same numbers again."""
    if isinstance(rng, int | np.integer) and not isinstance(rng, bool):
        if rng < 0:
            raise InputError(f"rng={rng}: expected a seed that is not negative")
        return int(rng)
    return int(np.random.default_rng(rng).integers(2**32))


def _software() -> dict[str, str]:
    found = {}
    for package in ("embsig", "numpy", "scipy", "pandas"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # run from a tree that is not installed
            found[package] = "unknown"
    return found
