"""The numbers of one analysis: from scores and options to pairs, ranks and critical values."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common.text import plural
from ..effect_sizes._effects import paired_effects
from ..pairs import Pairs
from ..pairwise._bootstrap import bootstrap, model_intervals
from ..posthoc import adjust, nemenyi_critical_difference
from ..posthoc._bonferroni_dunn import dunn_critical_difference
from ..ranking import rank_confidence
from ..results import Floats, PairwiseResult
from ..scores import Scores
from .options import Options
from .sample_level import at_level
from .score_bounds import possible_means
from .tests import Test
from .tests.registry import matched, smallest_adjusted


@dataclass(frozen=True)
class Analysis:
    """The numbers of one analysis; made by `analyse`.

    Attributes
    ----------
    pairs, ranks : DataFrame
        As in `Comparison`.
    correction : str
        The correction that was applied.
    test_name, interval, rank_set : str
        The exact names of the test, the intervals and the rank sets.
    units : str
        What was taken as independent.
    n_units : int
    smallest_pvalue, smallest_adjusted_pvalue : float
        That a pair can reach with any data, before and after the correction.
    critical : dict
        Critical differences of mean ranks: ``nemenyi``, and with a control ``bonferroni_dunn``.
    notes : list of str
        What an analyst must know beside the numbers.
    """

    pairs: pd.DataFrame
    ranks: pd.DataFrame
    correction: str
    test_name: str
    interval: str
    rank_set: str
    units: str
    n_units: int
    smallest_pvalue: float
    smallest_adjusted_pvalue: float
    critical: dict[str, float]
    notes: list[str]


def analyse(scores: Scores, options: Options) -> Analysis:
    """Test all pairs, decide which differ, and rank the models: the one place where that happens.

    Parameters
    ----------
    scores : Scores
        Models in rank order.
    options : Options

    Returns
    -------
    Analysis
    """
    test = matched(options)
    level = at_level(scores, options)
    tested = test.run(scores, options) if level is None else level.pairs
    adjusted, significant = _decide(tested, test, options)
    intervals = _intervals(scores, tested, options) if level is None else tested
    pairs = _pair_table(scores, tested, intervals, adjusted, significant, options)
    ranks, rank_set = _rank_table(scores, options) if level is None else (level.ranks, level.rank_set)
    k, n = scores.n_models, scores.n_tasks
    units, n_units = _units(scores, options)
    smallest, after = smallest_adjusted(test, options, n_units if test.name == "sign-flip" else n, k, len(pairs))
    n_complete = int(scores.table.notna().all(axis=1).sum())
    critical = {"nemenyi": nemenyi_critical_difference(k, n_complete, options.alpha) if n_complete else float("nan")}
    if options.control is not None:
        critical["bonferroni_dunn"] = dunn_critical_difference(k, n, options.alpha)
    return Analysis(
        pairs=pairs,
        ranks=ranks,
        correction=test.own_correction or ("none" if tested.pvalue is None else options.correction),
        test_name=tested.method,
        interval=intervals.method,
        rank_set=rank_set,
        units=units,
        n_units=n_units,
        smallest_pvalue=smallest,
        smallest_adjusted_pvalue=after,
        critical=critical,
        notes=[],
    )


def _units(scores: Scores, options: Options) -> tuple[str, int]:
    if options.groups:
        return f"groups of {plural(scores.unit)}", len(np.unique(scores.groups))
    rows = plural(scores.unit)
    return {"tasks": rows, "samples": "samples", "both": f"{rows} and samples"}[options.level], scores.n_tasks


def _decide(found: PairwiseResult, test: Test, options: Options) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Adjusted p-values, and which pairs are significant."""
    if found.pvalue is None:
        return np.full(len(found.first), np.nan), np.asarray(found.extra["significant"], dtype=bool)
    if found.pvalue_adjusted is not None and test.own_correction is not None:
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
