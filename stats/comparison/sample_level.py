"""Comparing by resampled samples: what takes the place of tests over tasks."""

import pandas as pd

from ..common.errors import InputError, unknown
from ..pairwise.sample_bootstrap import POPULATIONS, SampleBootstrap, bootstrap_samples
from ..samples import Samples
from ..scores import Scores
from .tests import Options


def check_resampling(
    level: str, samples: Samples | None, test: str, correction: str, statistic: str, groups: object, alternative: str
) -> None:
    """Raise InputError unless the level is known, and fits the samples, the test and the correction."""
    if level not in POPULATIONS:
        raise unknown("level", level, POPULATIONS)
    if level == "tasks":
        return
    if samples is None:
        raise InputError(f"level={level!r} needs the samples of a run: give samples=, or compare Samples.open(folder)")
    if test != "bootstrap" or correction == "romano-wolf":
        raise InputError(
            f"level={level!r} is a bootstrap: got test={test!r}, correction={correction!r}; use test='bootstrap' with a "
            "correction such as 'holm'"
        )
    if groups or statistic != "mean" or alternative != "two-sided":
        raise InputError(
            f"level={level!r} resamples single tasks and compares means, two-sided: leave groups, statistic and "
            "alternative as they are"
        )


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
