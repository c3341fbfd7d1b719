"""compare: from scores to everything that can be said about them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from ..common import text
from ..common.errors import InputError, said_in_result, unknown
from ..coverage import CoveragePolicy
from ..decisions.table import check_margin
from ..different_data import lacking, refuse
from ..factors import FactorialResult, factorial
from ..levels import POPULATIONS
from ..pairs import Alternative, check_level
from ..pairwise._bootstrap import Interval, Statistic
from ..pairwise._wilcoxon import ZeroMethod
from ..planning.plans import check_effect
from ..posthoc.corrections import CORRECTIONS
from ..resampling.resampler import Groups
from ..sample_checks import unproven_samples
from ..samples import Samples
from ..scores import Scores, as_scores
from ..stopped import refuse_stopped
from .assemble import assemble
from .comparison import Comparison
from .deciding import decide_all
from .details import find_further
from .leaderboard import Like, with_leaderboard
from .method import facts_of
from .options import DRAWS, Options, alpha_of, check_level_of, check_side, check_statistic, draws_for, level_of, seed_of
from .sample_level import TEST_OF_LEVEL
from .selection import best, choose, cover, in_rank_order, with_groups
from .sentences.limits import is_binary
from .tests.registry import MAX_T, default_correction, matched, unused

#: What is said where samples are at hand and are not asked.
_OTHER_LEVEL = (
    "All of this speaks about other tasks like these; level='samples' (--level samples) would say what holds for other samples of "
    "these same tasks."
)


@said_in_result
def compare(
    scores: Scores | Samples | pd.DataFrame,
    *,
    test: str | None = None,
    correction: str | None = None,
    alpha: float = 0.05,
    control: str | None = None,
    missing: CoveragePolicy | None = None,
    require: Sequence[str] = (),
    require_tasks: Sequence[str] = (),
    min_tasks: int | None = None,
    families: bool | Literal["joint", "separate"] = "joint",
    n_resamples: int | None = None,
    confidence_level: float | None = None,
    interval: Interval = "symmetric",
    statistic: Statistic = "mean",
    groups: Groups | Literal["known", "none"] = "known",
    zero_method: ZeroMethod = "wilcox",
    alternative: Alternative = "two-sided",
    level: str = "tasks",
    samples: Samples | None = None,
    design: pd.DataFrame | None = None,
    rope: float = 0.0,
    margin: float = 0.0,
    top: int | None = None,
    details: bool = False,
    clean: bool = False,
    cards: pd.DataFrame | None = None,
    like: Like = None,
    effect: float | None = None,
    allow_different_data: bool = False,
    rng: int | np.random.Generator | None = None,
) -> Comparison:
    """Compare models on tasks: omnibus tests, all pairs, ranks, cliques, effects, conclusions; overall and per family.

    Parameters
    ----------
    scores : Scores, Samples or DataFrame
        Rows tasks, columns models. Of Samples, their main scores.
    test : str, optional
        The test of every pair; by default ``"wilcoxon"``, the sign test (McNemar's) where every score is 0 or 1, and the level's own where `level` is another: ``"wilcoxon", "sign", "sign-flip", "paired-t", "bootstrap", "nemenyi", "conover"``,
        ``"bonferroni-dunn"`` with a control, ``"bayes"`` (signed rank) or ``"bayes-t"``. Wilcoxon's and the other tests by
        ranks or signs say that one model tends to be better; where differences are strongly skewed that is not
        the same as a higher mean, and a warning says so: ``"bootstrap"`` is about means.
    correction : str, optional
        ``"max-t"``, by joint sign flips of all pairs (see `max_t`; the default of the tests ``"wilcoxon", "sign"`` and ``"sign-flip"``);
        a method of `adjust` (``"holm"`` is the default of the others); ``"romano-wolf"`` with the tests ``"bootstrap"`` and
        ``"sign-flip"``; or ``"bonferroni-dunn"`` with a control, which sets the test. Nemenyi's test has its own. The interval of a pair
        inverts the test at the same level: with a correction in several steps it is the single-step one, cut at 0 where the correction
        decides more, so that a pair differs exactly where its interval excludes 0.
    alpha : float
        A pair is significant where its adjusted p-value is at most alpha.
    control : str, optional
        Compare every model with this one only: it is b of every pair, so a positive difference means higher
        than the control.
    missing : {"auto", "models", "tasks", "keep"}, optional
        What to do about missing scores: choose the block of models and tasks (see `choose_coverage`; the default where a benchmark was
        read), keep the models that have every task (the default elsewhere), keep the tasks that every model has, or
        keep the models that have half of them and compare each pair on the tasks it shares (omnibus tests use complete tasks).
    require, require_tasks : sequence of str
        Models that must be complete and tasks that must stay in the block.
    min_tasks : int, optional
        At least so many tasks stay, in place of nine in ten.
    families : {"joint", "separate"} or bool
        Compare within every task family that has two tasks or more, too: so that all claims, over all tasks and within families, hold
        together (by ``"max-t"``; other corrections take each analysis by itself), each by itself, or not at all (False).
    n_resamples : int, optional
        Of bootstraps and random sign vectors; by default 10,000, and 2,000 for more than 500,000 pairs, which is noted. The level holds with
        any number of sign vectors (the observed signs are counted in), and p-values are multiples of 1 / (their number + 1).
    confidence_level : float, optional
        1 - alpha, in other words: verdicts and intervals have one level.
    interval : {"symmetric", "studentized", "percentile", "basic", "bca"}
        The bootstrap interval of differences and means (see `bootstrap`). The symmetric studentized one holds its level from
        five tasks on, the plain studentized one all but for heavy tails; the others are too narrow below about 40
        (docs/validity.md). With two or three tasks both are unbounded.
    statistic : {"mean", "family_mean"}
        The mean score over tasks, or the mean of the families' means.
    groups : {"known", "none"} or sequence
        What is taken as independent: the task table's groups of tasks cut from one source, where it knows any, each task by itself, or
        groups by a label per task.
    zero_method : {"wilcox", "pratt", "zsplit"}
        Of the Wilcoxon test.
    alternative : {"two-sided", "greater", "less"}
        One-sided tests need a control: in all pairs, which model is a is decided by the data.
    level : {"tasks", "samples", "both"}
        What the verdict speaks about: other tasks like these, other samples of these same tasks (see `sample_level`; needs
        samples), or other tasks with other samples, training seeds and prompts (see `crossed`). The latter two imply their test.
    samples : Samples, optional
        What the models did on every sample; the scores' own where Samples are compared.
    design : DataFrame, optional
        Factors of the models (see `factorial`): the result's ``design`` says which choice matters.
    rope : float
        Half the width of the region of practical equivalence of the Bayesian tests, in score units.
    margin : float
        A difference that does not matter, in score units (of the tests by mean ranks, in ranks): pairs whose simultaneous interval lies
        within it have the verdict ``"equivalent"``, and ``non_inferior`` says which model is surely not worse by more.
    top : int, optional
        Show only the so many models of best mean rank over these tasks, and the control; ranks, sets and verdicts are those of all.
    details : bool
        Also what takes longer: Bradley-Terry abilities, the model confidence set, rank sets by mean score, all effect sizes
        with intervals, the smallest difference that these tasks show, intervals from published replicates.
    clean : bool
        Also every pair on the tasks that neither model was trained on (see `clean_comparison`).
    cards : DataFrame, optional
        Model cards (`embsig.model_cards`): also quality against size.
    like : sequence of str or mapping, optional
        Also every model's rank on a new task that is like these tasks, or on which these models have these scores (see `predict_new_task`).
    effect : float, optional
        A difference of mean scores that matters, in the scores' units: how many tasks it needs, and how often
        these find it.
    allow_different_data : bool
        Pair what was scored on different data (`stats.different_data`) too; every conclusion then says so.
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
    check_side(alternative, control)
    check_statistic(statistic)
    if effect is not None:
        check_effect(effect)
    samples = scores if isinstance(scores, Samples) else samples
    if samples is not None and allow_different_data:
        samples = replace(samples, allow_different_data=True)
    given = as_scores(scores)
    if given.unit != "task":
        level = "tasks"  # the rows are samples themselves: drawing them is all that drawing samples could be
    if level not in POPULATIONS:
        raise unknown("level", level, POPULATIONS)
    if test is None:
        # Between right and wrong the pseudo-median of the signed-rank test is 0 wherever ties prevail, whatever its p.
        test = "sign" if level == "tasks" and is_binary(given) else TEST_OF_LEVEL[level]
    asked_correction = correction
    correction = default_correction(test, level) if correction is None else correction
    if interval not in get_args(Interval):
        raise unknown("interval", interval, get_args(Interval))
    alpha = alpha_of(alpha, confidence_level)
    options = Options(
        test="bonferroni-dunn" if correction == "bonferroni-dunn" else test,
        correction=correction,
        alpha=float(alpha),
        confidence_level=level_of(confidence_level, alpha),
        control=control,
        zero_method=zero_method,
        alternative=alternative,
        n_resamples=DRAWS if n_resamples is None else n_resamples,
        interval=interval,
        statistic=statistic,
        groups=groups,
        seed=seed_of(rng),
        rope=rope,
        margin=check_margin(margin),
        families="joint" if families in ("joint", True) and correction == MAX_T else "separate",
        level=level,
        samples=samples if level != "tasks" else None,
    )
    check_level_of(options, samples, TEST_OF_LEVEL[level])
    matched(options)
    check_mean(given, options)
    given, options = with_groups(given, options)
    coverage = cover(
        given,
        missing,
        require=[*require, *(m for m in given.models if m == control)],
        require_tasks=require_tasks,
        min_tasks=min_tasks,
    )
    policy = coverage.policy
    chosen = choose(coverage.scores, control=control)
    options, fewer = draws_for(chosen.n_models, options, asked=n_resamples is not None)
    shown = best(chosen, top, control)
    refuse_stopped(chosen.provenance, chosen.models)
    notes = [
        *refuse(chosen, allow=allow_different_data),
        *lacking(chosen),
        *unproven_samples(options.samples),
        *fewer,
        *unused(options, asked_correction),
    ]
    parts, skipped = _families(chosen, options, policy) if families else ({}, [])
    whole, *within = decide_all([chosen, *parts.values()], options)
    narrow = replace(options, statistic="mean")
    compared = {
        name: assemble(part, narrow, policy, decided, shown=shown)
        for (name, part), decided in zip(parts.items(), within, strict=True)
    }
    further, without = find_further(chosen, options, details=details, effect=effect)
    found = assemble(
        chosen, options, policy, whole, compared, [*notes, *skipped, *without], further, shown=shown, audited=True,
        coverage=coverage,
    )  # fmt: skip
    other = [_OTHER_LEVEL] if samples is not None and level == "tasks" and given.unit == "task" else []
    found = replace(found, conclusions=[*found.conclusions, *coverage.sentences(), *other])
    found = with_leaderboard(
        found, given, coverage, whole.decisions, details=details, clean=clean, cards=cards, like=like
    )
    return found if design is None else replace(found, design=_by_design(given, design, options))


def check_mean(scores: Scores, options: Options) -> None:
    """Raise InputError where a test of means is asked of tasks of two directions, or of two scales."""
    why = scores.mean_refused
    if not why or facts_of(options.test).estimand != "mean":
        return
    odd = scores.two_directions or scores.other_scale
    how, one = (
        (f"lower is better on {text.listing(odd, 3)} and higher on others: a mean over both says nothing", "direction")
        if why == "directions"
        else (
            f"{text.listing(odd, 3)} {'is' if len(odd) == 1 else 'are'} on another scale than the others: the larger make the mean",
            "scale",
        )
    )
    raise InputError(
        f"test={options.test!r} compares mean scores, but {how}; take a test by ranks or signs (--test wilcoxon, --test sign), or tasks "
        f"of one {one} (--task '!{odd[0]}')"
    )


def _families(chosen: Scores, options: Options, missing: str) -> tuple[dict[str, Scores], list[str]]:
    """The scores of every family that has two tasks and two models or more, in rank order, and which have not."""
    parts: dict[str, Scores] = {}
    notes = []
    for family in chosen.families:
        part = chosen.family(family)
        if missing == "keep":
            part = part.complete("keep")
        if (
            part.n_tasks < 2
            or part.n_models < 2
            or (options.control is not None and options.control not in part.models)
        ):
            notes.append(
                f"{family} has {text.count(part.n_tasks, 'task')} to compare on, so nothing was compared within it."
            )
            continue
        parts[family] = in_rank_order(part)
    return parts, notes


def _by_design(given: Scores, design: pd.DataFrame, options: Options) -> FactorialResult:
    """The factorial analysis, by the correction of the pairs where it suits contrasts."""
    correction = CORRECTIONS.get(options.correction)
    suits = correction is not None and correction.adjust is not None and not correction.all_pairs_only
    return factorial(
        given,
        design,
        alpha=options.alpha,
        correction=options.correction if suits else "max-t",
        n_resamples=options.n_resamples,
        confidence_level=options.confidence_level,
        rng=options.seed,
    )
