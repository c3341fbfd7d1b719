"""compare: from scores to everything that can be said about them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from .comparison import Comparison
from .errors import InputError
from .omnibus import friedman, iman_davenport
from .pairwise import bootstrap, wilcoxon
from .posthoc import adjust, critical_difference
from .ranking.cliques import cliques, uncovered_pairs
from .ranking.mean_ranks import mean_ranks
from .results import PairwiseResult
from .scores import Policy, Scores, as_scores

#: Tests by name: scores and options to a PairwiseResult with a p-value per pair.
TESTS: dict[str, Callable[..., PairwiseResult]] = {}


def compare(
    scores: Scores | pd.DataFrame,
    *,
    test: str = "wilcoxon",
    correction: str = "holm",
    alpha: float = 0.05,
    control: str | None = None,
    missing: Policy = "models",
    families: bool = True,
    n_resamples: int = 10_000,
    confidence_level: float | None = None,
    zero_method: str = "wilcox",
    alternative: str = "two-sided",
    level: str = "tasks",
    top: int | None = None,
    rng: int | np.random.Generator | None = None,
) -> Comparison:
    """Compare models on tasks (first version: Wilcoxon signed-rank)."""
    given = as_scores(scores)
    full = given.complete(missing)
    if full.n_models < 2 or full.n_tasks < 2:
        raise InputError(f"got {full.n_models} model(s) and {full.n_tasks} task(s): expected at least two of both")
    confidence = 1 - alpha if confidence_level is None else confidence_level
    seed = int(np.random.default_rng(rng).integers(2**32)) if not isinstance(rng, int | np.integer) else int(rng)
    if top is not None:
        kept = mean_ranks(full).sort_values(kind="stable").index[:top]
        full = replace(full.select(models=list(kept)), excluded=full.excluded)
    mr = mean_ranks(full).sort_values(kind="stable")
    full = full._take(models=list(mr.index))
    tested = wilcoxon(full, zero_method=zero_method, alternative=alternative, control=control)  # type: ignore[arg-type]  # checked there
    adjusted = adjust(tested.pvalue, correction)  # type: ignore[arg-type]  # never None here
    boot = bootstrap(full, n_resamples=n_resamples, confidence_level=confidence, control=control, rng=seed)
    pairs = _pair_table(full, tested, boot, adjusted, alpha)
    k, n = full.n_models, full.n_tasks
    matrix = np.zeros((k, k), dtype=bool)
    matrix[tested.first, tested.second] = matrix[tested.second, tested.first] = adjusted <= alpha
    fr, idv = friedman(full), iman_davenport(full)
    values = full.values
    means = values.mean(axis=0)
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=n_resamples) / n
    low, high = np.quantile(weights @ values, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    significant_better = [
        (matrix[i] & (mr.to_numpy() < mr.to_numpy()[i])).sum() for i in range(k)
    ]
    significant_worse = [(matrix[i] & (mr.to_numpy() > mr.to_numpy()[i])).sum() for i in range(k)]
    ranks = pd.DataFrame(
        {
            "model": list(mr.index),
            "mean": means,
            "mean_low": low,
            "mean_high": high,
            "mean_rank": mr.to_numpy(),
            "rank": np.arange(1, k + 1),
            "rank_low": 1 + np.array(significant_better),
            "rank_high": k - np.array(significant_worse),
        }
    )
    ranks["in_top_set"] = ranks["rank_low"] == 1
    smallest = 2.0 / 2**n
    method: dict[str, Any] = {
        "test": test,
        "correction": correction,
        "alpha": alpha,
        "confidence_level": confidence,
        "level": level,
        "resamples": n_resamples,
        "seed": seed,
        "test_name": tested.method,
        "zero_method": zero_method,
        "alternative": alternative,
        "interval": boot.method,
        "rank_set": "pairwise tests",
        "missing": missing,
    }
    named = list(mr.index)
    conclusions = [
        f"{fr.method}: chi2({fr.df}) = {fr.statistic:.3f}, p = {fr.pvalue:.3g}.",
        f"{named[0]} has the best mean rank ({mr.iloc[0]:.3f}) over {n} tasks.",
    ]
    result = Comparison(
        method=method,
        scores=full,
        excluded=full.excluded,
        omnibus={
            "friedman": {"statistic": fr.statistic, "df": fr.df, "pvalue": fr.pvalue},
            "iman_davenport": {"statistic": idv.statistic, "df1": idv.df1, "df2": idv.df2, "pvalue": idv.pvalue},
        },
        nemenyi_critical_difference=critical_difference(k, n, alpha),
        ranks=ranks,
        pairs=pairs,
        cliques=cliques(named, matrix) if control is None else [],
        uncovered_pairs=uncovered_pairs(named, matrix) if control is None else [],
        conclusions=conclusions,
        warnings=[],
        smallest_pvalue=smallest,
        control=control,
        provenance=dict(full.provenance),
    )
    if not families:
        return result
    parts = {}
    for name in full.families:
        part = full.family(name)
        if part.n_tasks >= 2:
            parts[name] = compare(
                part,
                test=test,
                correction=correction,
                alpha=alpha,
                control=control,
                missing=missing,
                families=False,
                n_resamples=n_resamples,
                confidence_level=confidence_level,
                zero_method=zero_method,
                alternative=alternative,
                level=level,
                rng=seed,
            )
    return replace(result, families=parts)


def _pair_table(
    scores: Scores, tested: PairwiseResult, boot: PairwiseResult, adjusted: Any, alpha: float
) -> pd.DataFrame:
    names = np.asarray(scores.models, dtype=object)
    rows = scores.values.T
    d = rows[tested.first] - rows[tested.second]
    sign = 1 if scores.higher_is_better else -1
    return pd.DataFrame(
        {
            "model_a": names[tested.first],
            "model_b": names[tested.second],
            "n": tested.n,
            "difference": tested.difference,
            "low": boot.low,
            "high": boot.high,
            "statistic": tested.statistic,
            "pvalue": tested.pvalue,
            "pvalue_adjusted": adjusted,
            "significant": adjusted <= alpha,
            "effect_size": ((d > 0).sum(axis=1) - (d < 0).sum(axis=1)) / tested.n,
            "win": (sign * d > 0).sum(axis=1),
            "tie": (d == 0).sum(axis=1),
            "loss": (sign * d < 0).sum(axis=1),
        }
    )
