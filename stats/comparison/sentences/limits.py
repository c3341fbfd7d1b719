"""What an analyst must know about the limits of an analysis."""

import numpy as np

from ...common import text as wording
from ...effect_sizes.skewness import skewness_bound
from ...pairs import Pairs
from ...pairwise._bootstrap import FEW_UNITS
from ...resampling.resampler import Resampler
from ...scores import Scores
from ..comparison import Comparison
from ..options import Options
from .conclusions import pool_pairs

#: Above so many times the variance of independent tasks, the grouping of tasks is spoken of.
INFLATION = 1.25


def is_binary(scores: Scores) -> bool:
    """Whether every score is 0 or 1, such as wrong and right; missing ones aside."""
    return bool((scores.table.isin([0.0, 1.0]) | scores.table.isna()).to_numpy().all())


def remark(found: Comparison, options: Options, n_complete: int) -> list[str]:
    """What an analyst must know about the limits of this analysis."""
    n, tasks = found.n_tasks, wording.count(found.n_tasks, "task")
    least, adjusted = found.smallest_pvalue, found.method.smallest_adjusted_pvalue
    said = []
    if len(found.pairs) and (found.pairs["tie"] == found.pairs["n"]).all():
        said.append(f"The models have the same scores on {tasks}: there is no difference to test.")
    elif adjusted > options.alpha:
        how = f", {wording.bound(adjusted)} after the correction for {wording.count(pool_pairs(found), 'pair')}"
        said.append(
            f"With {tasks} no pair could have been significant, whatever the signs of the differences: the smallest "
            f"possible p-value is {wording.bound(least)}{how if adjusted != least else ''} ({found.method.caption()})."
        )
    if not found.method.facts.has_pvalues and 2.0 / 2**n > options.alpha:
        said.append(
            f"The Bayesian probabilities from {tasks} are overconfident: with so few, no rank test could tell two "
            f"models apart at alpha = {options.alpha:g}."
        )
    said += [*_wide_rope(found), *_median_in_ties(found)]
    if found.method.facts.estimand == "mean rank" and adjusted <= options.alpha < 2.0 / 2**n:
        said.append(
            f"With {tasks} no test of two models by themselves could tell them apart (smallest p-value {wording.bound(2.0 / 2**n)}): what "
            f"the {found.method.facts.title} says rests on all models having one spread of ranks."
        )
    small = ", and its p-values too small" if options.test == "bootstrap" else ""
    if n < FEW_UNITS and options.interval not in ("studentized", "symmetric"):
        said.append(
            f"Bootstrap intervals ({options.interval}) from {tasks} are too narrow{small}; interval='symmetric' holds "
            "its level better."
        )
    if unshared := int((found.pairs["n"] == 0).sum()):
        said.append(f"{wording.count(unshared, 'pair').capitalize()} shared no task and could not be compared.")
    if n_complete < n:
        said.append(
            f"The omnibus tests{' of whole tasks' if 'skillings_mack' in found.omnibus else ''} and the critical difference rest on the "
            f"{n_complete if n_complete != 1 else 'only one'} of {tasks} with every score."
        )
    ranks = found.ranks
    astray = ranks[(ranks["rank"] < ranks["rank_low"]) | (ranks["rank"] > ranks["rank_high"])]
    if len(astray):
        said.append(
            f"The rank of {astray['model'].iloc[0]} lies outside its confidence set: it goes by mean rank, the set by the decisions about "
            "pairs of models, each on the tasks that both have."
        )
    return [*wrong(found), *said, *_skewed(found, options), *_grouped(found.scores, options)]


def _wide_rope(found: Comparison) -> list[str]:
    """A region of practical equivalence that no difference could leave."""
    rope = found.method.rope
    values = found.scores.values
    with np.errstate(invalid="ignore"):
        spread = np.nanmax(values, axis=1) - np.nanmin(values, axis=1)
    largest = float(np.nanmax(spread))
    if not rope or rope < largest:
        return []
    return [
        f"The region of practical equivalence, ±{rope:g}, is wider than any difference there is between these scores (the largest on a "
        f"task is {wording.number(largest)}): every pair comes out as equivalent. Give rope in the units of the scores."
    ]


def wrong(found: Comparison) -> list[str]:
    """What the audit calls an error, and scales that do not go together: no result is what it seems, so it is said before any."""
    if found.audit is None:
        return []
    findings = found.audit.findings
    serious = findings[(findings["severity"] == "error") | (findings["kind"] == "task_scales")]
    return [f"Fix the scores before trusting this comparison: {text}." for text in serious["text"]]


def _skewed(found: Comparison, options: Options) -> list[str]:
    """Significant pairs of which the test says less about means than it seems."""
    if not found.method.facts.of_symmetry or options.level != "tasks":
        return []
    if is_binary(found.scores):
        return []  # differences of 0 and 1 are skewed wherever one model is better, and equal signs are equal means
    pairs = found.pairs
    strong = pairs[pairs["significant"] & (pairs["skewness"].abs() > skewness_bound(pairs["n"].to_numpy()))]
    if strong.empty:
        return []
    a, b, skewness = strong[["model_a", "model_b", "skewness"]].iloc[0]
    total = int(pairs["significant"].sum())
    if total == 1:
        which = f"The differences of the significant pair, {a} and {b}, are strongly skewed (skewness {skewness:+.1f})"
    else:
        some = "all" if len(strong) == total else f"{len(strong):,} of the"
        named = f"those of {a} and {b} (skewness {skewness:+.1f})"
        which = f"The differences of {some} {total:,} significant pairs are strongly skewed, {'' if len(strong) == 1 else 'such as '}{named}"
    return [
        f"{which}: this test then says that most tasks lean one way, not that the means "
        "differ. For means, the bootstrap test with the Romano-Wolf correction holds its level."
    ]


def _grouped(scores: Scores, options: Options) -> list[str]:
    """Tasks cut from one source that move together, in an analysis that takes them as independent."""
    groups = scores.groups
    n, n_groups = scores.n_tasks, len(np.unique(groups))
    if options.groups or options.level != "tasks" or n_groups == n or n_groups < 2:
        return []
    pairs = Pairs.of(scores, options.control)
    together, apart = Resampler.make(n, 1, 0, groups=groups), Resampler.make(n, 1, 0)
    ratios = []
    for block in pairs.slices(4 * n):
        d = pairs.differences(block)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratios.append((together.observed_error(d) / apart.observed_error(d)) ** 2)
    ratio = np.concatenate(ratios)
    if not np.isfinite(ratio).any() or (inflation := float(np.median(ratio[np.isfinite(ratio)]))) <= INFLATION:
        return []
    return [
        f"Tasks of one source move together: taken as {n_groups} groups, a mean difference has {inflation:.1f} times the variance that "
        f"{n} independent tasks would give it (median of {wording.count(len(ratio), 'pair')}), so p-values and rank sets "
        "that take tasks for independent are too small. The sign-flip and the bootstrap test take groups as a whole (groups=True, --groups)."
    ]


def _median_in_ties(found: Comparison) -> list[str]:
    """Where a test that leaves ties out finds a difference, and the median of all differences is 0 with its interval."""
    pairs = found.pairs
    odd = pairs[pairs["significant"].eq(True) & pairs["low"].abs().le(2e-12) & pairs["high"].abs().le(2e-12)]
    if not len(odd):
        return []
    first = odd.iloc[0]
    return [
        f"{first['model_a']} and {first['model_b']} tie on {first['tie']:,} of {first['n']:,}: the {found.method.facts.title} leaves ties out, and "
        "the median difference, with its interval, is 0 whatever the others are. --test sign compares wins with losses, and the mean "
        "difference says how large it is."
    ]
