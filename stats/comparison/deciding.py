"""Decisions: every analysis of one comparison, with the correction that holds over them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..common.errors import InputError
from ..decisions import joint_max_t
from ..decisions.corrected import Tested, decide, level_of_a_pair
from ..decisions.table import Decisions, Flags, least_differences
from ..decisions.units import unit_scores
from ..effect_sizes._effects import rank_biserial
from ..pairs import Pairs
from ..posthoc import adjust
from ..posthoc.corrections import CORRECTIONS
from ..results import Floats, PairwiseResult
from ..scores import Scores
from .options import Options
from .sample_level import AtLevel, at_level
from .tests import Test
from .tests.base import Ends
from .tests.registry import MAX_T, matched


@dataclass(frozen=True)
class Decided:
    """What was decided about the pairs of one analysis, and what the test said before.

    Attributes
    ----------
    decisions : Decisions
    result : PairwiseResult
        Of the test: its statistic and what it adds to the table of pairs.
    level : AtLevel or None
        What another level than that of tasks says.
    """

    decisions: Decisions
    result: PairwiseResult
    level: AtLevel | None = None


def decide_all(parts: Sequence[Scores], options: Options) -> list[Decided]:
    """Decide about all pairs of the whole and of the families of its tasks.

    By joint sign flips the claims of all parts hold together, unless each is to be corrected by itself; under any other correction each is.

    Parameters
    ----------
    parts : sequence of Scores
        The whole first; models in rank order.
    options : Options

    Returns
    -------
    list of Decided
        One of every part.
    """
    test = matched(options)
    if options.correction != MAX_T or test.own_correction != MAX_T:
        return [_alone(part, options, test) for part in parts]
    together = [list(parts)] if options.families == "joint" else [[part] for part in parts]
    found = [decisions for some in together for decisions in _flipped(some, options, test)]
    return [Decided(d, _tested(part, options, test, d)) for part, d in zip(parts, found, strict=True)]


def _flipped(parts: list[Scores], options: Options, test: Test) -> list[Decisions]:
    return joint_max_t(
        parts,
        statistic=test.flips,  # type: ignore[arg-type]  # `matched` has seen to it
        alpha=options.alpha,
        n_resamples=options.n_resamples,
        groups=options.groups,
        alternative=options.alternative,
        control=options.control,
        margin=options.margin,
        zero_method=options.zero_method,
        rng=options.seed,
    )


def _tested(part: Scores, options: Options, test: Test, found: Decisions) -> PairwiseResult:
    """The test's own statistic, by which its p-value is known; of the flipped mean, the mean."""
    if test.flips == "signed-rank" and found.ranks is not None:
        known = found.ranks
        return PairwiseResult(
            found.models, found.first, found.second, found.n, found.mean_difference, found.method,
            statistic=known.statistic(options.alternative), pvalue=found.pvalue, alternative=options.alternative,
            extra={"n_nonzero": known.n_nonzero, "exact": known.exact},
        )  # fmt: skip
    if test.flips != "mean":
        return replace(test.run(unit_scores(part, options.groups), options), method=found.method)
    return PairwiseResult(
        found.models, found.first, found.second, found.n, found.mean_difference, found.method,
        statistic=found.estimate, pvalue=found.pvalue,
    )  # fmt: skip


def _alone(part: Scores, options: Options, test: Test) -> Decided:
    """One analysis under a correction of single p-values, or one that is the test's own."""
    level = at_level(part, options)
    rows = part if level is not None or test.takes_groups else unit_scores(part, options.groups)
    result = test.run(rows, options) if level is None else level.pairs
    if len(result.first) != len(Pairs.of(part, options.control)):
        raise InputError(
            f"test={test.name!r} got a model without a whole unit: expected every model to have all tasks of some group; use "
            "groups='none' (--groups none)"
        )
    significant: Flags | None = None
    if result.pvalue is None:
        adjusted, significant = np.full(len(result.first), np.nan), np.asarray(result.extra["significant"], dtype=bool)
    elif result.pvalue_adjusted is not None and test.own_correction is not None:
        adjusted = result.pvalue_adjusted
    else:
        adjusted = adjust(result.pvalue, options.correction)
    pairs = Pairs.of(part, options.control)
    n, mean_difference = pairs.summary()
    tested = Tested(
        models=result.models,
        first=result.first,
        second=result.second,
        n=n,
        mean_difference=mean_difference,
        statistic=_or_nan(result.statistic, len(n)),
        pvalue=_or_nan(result.pvalue, len(n)),
        direction=_direction(rows, options, test, result) if level is None else result.difference,
        least=_least(pairs, test.estimand),
        estimand=str(test.estimand),
        method=result.method,
    )

    def ends(alpha: float) -> Ends:
        if level is None:
            return test.ends(rows, options, result, alpha)
        return result.difference, result.extra["low_marginal"], result.extra["high_marginal"]

    joint = _joint_ends(rows, options, test, result, level)
    decisions = decide(
        tested,
        adjusted,
        ends,
        alpha=options.alpha,
        single_step=_single_step(options, test, tested.pvalue, adjusted),
        significant=significant,
        joint=joint,
        **_described(part, rows, options),
    )
    return Decided(decisions, result, level)


def _joint_ends(
    rows: Scores, options: Options, test: Test, result: PairwiseResult, level: AtLevel | None
) -> Ends | None:
    """Simultaneous intervals that are more than those of a single pair at a smaller level."""
    if level is not None:
        return result.difference, np.asarray(result.low), np.asarray(result.high)
    joint = test.joint_ends.get(options.correction)
    return None if joint is None else joint(rows, options, result, options.alpha)


def _described(part: Scores, rows: Scores, options: Options) -> dict[str, Any]:
    n_units = len(np.unique(part.groups)) if options.groups else part.n_tasks
    return {
        "units": "groups of tasks" if n_units < part.n_tasks else "tasks",
        "n_units": n_units,
        "margin": options.margin,
        "higher_is_better": part.higher_is_better,
        "control": options.control,
    }


def _single_step(options: Options, test: Test, pvalue: Floats, adjusted: Floats) -> float:
    """The level of one pair's interval; a test with a correction of its own inverts itself at alpha."""
    if test.own_correction == "bonferroni-dunn":
        return options.alpha / max(1, len(pvalue))
    if test.own_correction is not None or not test.has_pvalues:
        return options.alpha
    return level_of_a_pair(
        options.correction, CORRECTIONS.find(options.correction).kind, pvalue, adjusted, options.alpha
    )


def _direction(rows: Scores, options: Options, test: Test, result: PairwiseResult) -> Floats:
    """Which way each pair leans by what the test looks at: zeros and ties can leave the estimate at 0 where the test decides."""
    pairs = Pairs.of(rows, options.control)
    found = np.empty(len(pairs))
    for block in pairs.slices():
        d = pairs.differences(block)
        if test.estimand == "pseudo-median":
            found[block] = rank_biserial(d, pairs.sizes(block))
        elif test.estimand == "win rate":
            found[block] = (d > 0).sum(axis=1) - (d < 0).sum(axis=1)
    if not test.has_pvalues:
        return np.asarray(result.extra["p_better"] - result.extra["p_worse"]) * (1 if rows.higher_is_better else -1)
    if test.estimand in ("pseudo-median", "win rate"):
        return found
    return test.ends(rows, options, result, options.alpha)[0]


def _least(pairs: Pairs, estimand: str) -> Floats:
    if estimand in ("mean rank", "win rate"):
        return np.full(len(pairs), 1e-12)
    found = np.empty(len(pairs))
    for block in pairs.slices():
        found[block] = least_differences(pairs.sizes(block))
    return found


def _or_nan(values: Floats | None, m: int) -> Floats:
    return np.full(m, np.nan) if values is None else values
