"""compare: from scores to everything that can be said about them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ..common import text
from ..common.errors import said_in_result, unknown
from ..coverage import CoveragePolicy
from ..factors import FactorialResult, factorial
from ..levels import POPULATIONS
from ..pairs import Alternative, check_level
from ..pairwise._bootstrap import Interval, Statistic
from ..pairwise._wilcoxon import ZeroMethod
from ..planning.plans import check_effect
from ..posthoc.corrections import CORRECTIONS
from ..resampling.resampler import Groups
from ..samples import Samples
from ..scores import Scores, as_scores
from .assemble import assemble
from .comparison import Comparison
from .details import find_further
from .leaderboard import with_leaderboard
from .options import Options, check_level_of, check_side, check_statistic, level_of, seed_of
from .sample_level import TEST_OF_LEVEL
from .selection import choose, cover, in_rank_order, with_groups
from .tests.registry import matched

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
    correction: str = "holm",
    alpha: float = 0.05,
    control: str | None = None,
    missing: CoveragePolicy | None = None,
    require: Sequence[str] = (),
    require_tasks: Sequence[str] = (),
    min_tasks: int | None = None,
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
    clean: bool = False,
    cards: pd.DataFrame | None = None,
    effect: float | None = None,
    rng: int | np.random.Generator | None = None,
) -> Comparison:
    """Compare models on tasks: omnibus tests, all pairs, ranks, cliques, effects, conclusions; overall and per family.

    Parameters
    ----------
    scores : Scores, Samples or DataFrame
        Rows tasks, columns models. Of Samples, their main scores.
    test : str, optional
        The test of every pair; by default ``"wilcoxon"``, and the level's own where `level` is another: ``"wilcoxon", "sign", "sign-flip", "paired-t", "bootstrap", "nemenyi", "conover"``,
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
    missing : {"auto", "models", "tasks", "keep"}, optional
        What to do about missing scores: choose the block of models and tasks (see `choose_coverage`; the default where a benchmark was
        read), keep the models that have every task (the default elsewhere), keep the tasks that every model has, or
        keep the models that have half of them and compare each pair on the tasks it shares (omnibus tests use complete tasks).
    require, require_tasks : sequence of str
        Models that must be complete and tasks that must stay in the block.
    min_tasks : int, optional
        At least so many tasks stay, in place of nine in ten.
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
        What the verdict speaks about: other tasks like these, other samples of these same tasks (see `sample_level`; needs
        samples), or other tasks with other samples, training seeds and prompts (see `crossed`). The latter two imply their test.
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
    clean : bool
        Also every pair on the tasks that neither model was trained on (see `clean_comparison`).
    cards : DataFrame, optional
        Model cards (`bench.model_cards`): also quality against size.
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
    check_side(alternative, control)
    check_statistic(statistic)
    if effect is not None:
        check_effect(effect)
    samples = scores if isinstance(scores, Samples) else samples
    given = as_scores(scores)
    if given.unit != "task":
        level = "tasks"  # the rows are samples themselves: drawing them is all that drawing samples could be
    if level not in POPULATIONS:
        raise unknown("level", level, POPULATIONS)
    test = TEST_OF_LEVEL[level] if test is None else test
    options = Options(
        test="bonferroni-dunn" if correction == "bonferroni-dunn" else test,
        correction=correction,
        alpha=float(alpha),
        confidence_level=level_of(confidence_level, alpha),
        control=control,
        zero_method=zero_method,
        alternative=alternative,
        n_resamples=n_resamples,
        interval=interval,
        statistic=statistic,
        groups=groups,
        seed=seed_of(rng),
        rope=rope,
        level=level,
        samples=samples if level != "tasks" else None,
    )
    check_level_of(options, samples, TEST_OF_LEVEL[level])
    matched(options)
    given, options = with_groups(given, options)
    coverage = cover(
        given,
        missing,
        require=[*require, *(m for m in given.models if m == control)],
        require_tasks=require_tasks,
        min_tasks=min_tasks,
    )
    policy = coverage.policy
    chosen, notes = choose(coverage.scores, top=top, control=control)
    parts, skipped = _families(chosen, options, policy) if families else ({}, [])
    further, without = find_further(in_rank_order(chosen), options, details=details, effect=effect)
    found = assemble(chosen, options, policy, parts, [*notes, *skipped, *without], further, audited=True)
    other = [_OTHER_LEVEL] if samples is not None and level == "tasks" and given.unit == "task" else []
    found = replace(found, coverage=coverage, conclusions=[*found.conclusions, *coverage.sentences(), *other])
    found = with_leaderboard(found, given, coverage, details=details, clean=clean, cards=cards)
    return found if design is None else replace(found, design=_by_design(given, design, options))


def _families(chosen: Scores, options: Options, missing: str) -> tuple[dict[str, Comparison], list[str]]:
    """A comparison within every family that has two tasks and two models or more, and which have not."""
    parts: dict[str, Comparison] = {}
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
        parts[family] = assemble(part, replace(options, statistic="mean"), missing)
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
