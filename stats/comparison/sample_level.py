"""Comparing by resampled samples: what takes the place of tests over tasks."""

import pandas as pd

from ..pairwise.sample_bootstrap import SampleBootstrap, bootstrap_samples
from ..scores import Scores
from .options import Options


def resample(scores: Scores, options: Options) -> SampleBootstrap | None:
    """The bootstrap of samples, where the level asks for it."""
    if options.samples is None:
        return None
    return bootstrap_samples(
        options.samples,
        level="both" if options.level == "both" else "samples",
        models=scores.models,
        tasks=scores.task_names,
        control=options.control,
        n_resamples=options.n_resamples,
        confidence_level=options.confidence_level,
        rng=options.seed,
    )


def resampled_ranks(found: SampleBootstrap) -> tuple[pd.DataFrame, str]:
    """The rank table by resampled samples."""
    table, sets = found.models, found.ranks
    return pd.DataFrame(
        {
            "model": table["model"],
            "mean": table["mean"],
            "mean_low": table["low"],
            "mean_high": table["high"],
            "mean_rank": table["mean_rank"],
            "rank": sets.rank,
            "rank_low": sets.low,
            "rank_high": sets.high,
            "in_top_set": sets.low == 1,
            "mean_rank_low": table["mean_rank_low"],
            "mean_rank_high": table["mean_rank_high"],
        }
    ), sets.method
