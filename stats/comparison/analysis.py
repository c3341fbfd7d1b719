"""The numbers of one analysis: from scores and options to pairs, ranks and critical values."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..common.text import plural
from ..decisions.means import simultaneous_means
from ..effect_sizes._effects import paired_effects
from ..pairs import Pairs
from ..pairwise._bootstrap import model_intervals
from ..posthoc import dunn_critical_difference, nemenyi_critical_difference
from ..posthoc.corrections import CORRECTIONS
from ..scores import Scores
from .deciding import Decided
from .options import Options
from .sample_level import AtLevel
from .score_bounds import possible_means
from .tests import Test
from .tests.registry import MAX_T, matched, smallest_adjusted


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


def analyse(scores: Scores, options: Options, decided: Decided) -> Analysis:
    """Put what was decided about the pairs beside effects, and rank the models by it.

    Parameters
    ----------
    scores : Scores
        Models in rank order.
    options : Options
    decided : Decided
        Of these scores.

    Returns
    -------
    Analysis
    """
    test, decisions = matched(options), decided.decisions
    ranks = _rank_table(scores, options) if decided.level is None else decided.level.ranks
    k, n = scores.n_models, scores.n_tasks
    units, n_units = _units(scores, options, decided.level)
    smallest, after = smallest_adjusted(test, options, n_units, k, len(decisions.first))
    if options.correction == MAX_T:
        after = max(smallest, np.nan_to_num(decisions.least_adjusted, nan=smallest))
    n_complete = int(scores.table.notna().all(axis=1).sum())
    critical = {"nemenyi": nemenyi_critical_difference(k, n_complete, options.alpha) if n_complete else float("nan")}
    if options.control is not None:
        critical["bonferroni_dunn"] = dunn_critical_difference(k, n, options.alpha)
    low, high = decisions.rank_sets()
    return Analysis(
        pairs=_pair_table(scores, decided, options),
        ranks=ranks.assign(rank_low=low, rank_high=high, in_top_set=low == 1),
        correction=test.own_correction or ("none" if decided.result.pvalue is None else options.correction),
        test_name=decided.result.method,
        interval=_interval_name(options, test),
        rank_set="1 + the number of models surely better to k - the number surely worse, by the decisions about pairs",
        units=units,
        n_units=n_units,
        smallest_pvalue=smallest,
        smallest_adjusted_pvalue=after,
        critical=critical,
        notes=[],
    )


def _units(scores: Scores, options: Options, level: AtLevel | None) -> tuple[str, int]:
    if level is not None and level.n_samples is not None:
        return "samples", level.n_samples
    if options.groups:
        return f"groups of {plural(scores.unit)}", len(np.unique(scores.groups))
    rows = plural(scores.unit)
    return {"tasks": rows, "both": f"{rows} and samples"}[options.level], scores.n_tasks


def _interval_name(options: Options, test: Test) -> str:
    """How the simultaneous intervals of the pairs were made."""
    if options.correction == MAX_T:
        return "simultaneous, the same test inverted at the joint critical value"
    if test.own_correction in ("studentized range", "bonferroni-dunn"):
        return "simultaneous, mean ranks plus and minus the critical difference"
    if not test.has_pvalues:
        return "credible, each by itself"
    kind = CORRECTIONS.find(options.correction).kind
    shown = {
        "none": "each by itself, the same test inverted",
        "single-step": "simultaneous, the same test inverted",
        "false discovery rate": "false coverage rate (Benjamini and Yekutieli 2005), the same test inverted",
    }
    return shown.get(
        kind, f"simultaneous, the same test inverted in a single step, cut at 0 where {options.correction} decides more"
    )


def _pair_table(scores: Scores, decided: Decided, options: Options) -> pd.DataFrame:
    names, found, result = np.asarray(scores.models, dtype=object), decided.decisions, decided.result
    level = options.confidence_level
    effects = paired_effects(
        Pairs.of(scores, options.control),
        level,
        higher_is_better=scores.higher_is_better,
        known=found.ranks.effects() if found.ranks is not None and level == 1 - found.alpha else None,
    )
    columns = {
        "model_a": names[found.first],
        "model_b": names[found.second],
        "n": found.n,
        "difference": found.estimate,
        "low": found.low,
        "high": found.high,
        "low_marginal": found.low_marginal,
        "high_marginal": found.high_marginal,
        "statistic": np.full(len(found.first), np.nan) if result.statistic is None else result.statistic,
        "pvalue": found.pvalue,
        "pvalue_adjusted": found.pvalue_adjusted,
        "significant": found.decided,
        "verdict": found.verdict,
        "effect_size": effects["rank_biserial"],
        **{name: effects[name] for name in ("win", "tie", "loss")},
        "mean_difference": found.mean_difference,
        **{name: effects[name] for name in ("hodges_lehmann", "hodges_lehmann_low", "hodges_lehmann_high")},
        **{name: effects[name] for name in ("d_z", "common_language", "skewness")},
    }
    if options.margin:
        columns["non_inferior"] = found.non_inferior
    return pd.DataFrame(columns | {name: v for name, v in result.extra.items() if name not in columns})


def _rank_table(scores: Scores, options: Options) -> pd.DataFrame:
    """Means with intervals that hold at once, mean ranks, and the positions by them."""
    shared: dict[str, Any] = {
        "n_resamples": options.n_resamples,
        "confidence_level": options.confidence_level,
        "groups": options.groups,
        "rng": options.seed,
    }
    mean, low, high = simultaneous_means(scores, by_family=options.statistic == "family_mean", **shared)
    if (
        scores.mean_refused
    ):  # a mean over accuracies and turned errors, or over fractions and perplexities, says nothing
        mean, low, high = (np.full(scores.n_models, np.nan) for _ in range(3))
    mean_rank = model_intervals(scores, method=options.interval, statistic="mean_rank", **shared)
    estimate = mean_rank["estimate"].to_numpy(dtype=np.float64)
    # With few tasks a studentized interval can leave the values that a mean can take at all.
    least, most = possible_means(scores)
    k, n = scores.n_models, scores.table.notna().sum(axis=0).to_numpy()
    return pd.DataFrame(
        {
            "model": scores.models,
            "n": n,
            "status": np.where(n == scores.n_tasks, "complete", "partial"),
            "mean": mean,
            "mean_low": low.clip(least, most),
            "mean_high": high.clip(least, most),
            "mean_rank": estimate,
            "rank": 1 + (estimate[None, :] < estimate[:, None] - 1e-12 * k).sum(axis=1),
            "rank_low": 1,
            "rank_high": k,
            "in_top_set": True,
            "mean_rank_low": mean_rank["low"].clip(1, k),
            "mean_rank_high": mean_rank["high"].clip(1, k),
        }
    )
