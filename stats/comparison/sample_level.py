"""Comparing at the level of samples, or of tasks, samples and training runs together: what takes the place of tests over tasks."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..common.errors import InputError
from ..levels import crossed, sample_level
from ..ranking import mean_ranks
from ..results import PairwiseResult, pair_indices
from ..scores import Scores
from .options import Options

#: The test that a level implies.
TEST_OF_LEVEL = {"tasks": "wilcoxon", "samples": "stratified-t", "both": "crossed-t"}


@dataclass(frozen=True, eq=False)
class AtLevel:
    """What a level says of the pairs, and of the models with the sets of their ranks."""

    pairs: PairwiseResult
    ranks: pd.DataFrame
    rank_set: str
    n_samples: int | None = None


def at_level(scores: Scores, options: Options) -> AtLevel | None:
    """The comparison by samples or by crossed factors, where the level asks for it."""
    if options.level == "tasks":
        return None
    pairs, models, n_samples = _compared(scores, options, options.control)
    # Ranks are of all models among one another, whatever the pairs asked for.
    everyone = pairs if options.control is None else _compared(scores, options, None)[0]
    low, high = _rank_sets(everyone, scores.higher_is_better)
    mean_rank = mean_ranks(scores).to_numpy()
    k = scores.n_models
    ranks = pd.DataFrame(
        {
            "model": scores.models,
            "n": scores.table.notna().sum(axis=0).to_numpy(),
            "status": np.where(scores.table.notna().all(axis=0), "complete", "partial"),
            "mean": models["mean"].to_numpy(),
            "mean_low": models["low"].to_numpy(),
            "mean_high": models["high"].to_numpy(),
            "mean_rank": mean_rank,
            "rank": 1 + (mean_rank[None, :] < mean_rank[:, None] - 1e-12).sum(axis=1),
            "rank_low": low,
            "rank_high": high,
            "in_top_set": low == 1,
            "mean_rank_low": np.full(k, np.nan),
            "mean_rank_high": np.full(k, np.nan),
        }
    )
    return AtLevel(pairs, ranks, f"by mean, from simultaneous intervals of all pairs ({everyone.method})", n_samples)


def run_at_level(scores: Scores, options: Options) -> PairwiseResult:
    """The pairs of `at_level`, as a test."""
    found = at_level(scores, options)
    if found is None:
        raise InputError(
            f"test={options.test!r} belongs to a level: leave test out and give level='samples' or level='both'"
        )
    return found.pairs


def _compared(scores: Scores, options: Options, control: str | None) -> tuple[PairwiseResult, pd.DataFrame, int | None]:
    """The pairs, the models, and on how many samples they were compared where these are what varies."""
    asked: dict[str, Any] = {
        "control": control,
        "correction": "none",  # the analysis applies its own
        "confidence_level": options.confidence_level,
    }
    if options.level == "both":
        both = crossed(scores, groups=options.groups, **asked)
        return both.pairs, both.models, None
    if options.samples is None:
        raise InputError("level='samples' needs the samples of a run: give samples=, or compare Samples.open(folder)")
    found = sample_level(options.samples, models=scores.models, tasks=scores.task_names, rng=options.seed, **asked)
    return found.pairs, found.models, int(found.tasks.drop_duplicates("task")["n_samples"].sum())


def _rank_sets(found: PairwiseResult, higher_is_better: bool) -> tuple[Any, Any]:
    """Best and worst rank by mean: 1 + the number surely better, k - the number surely worse."""
    k = len(found.models)
    first, second = pair_indices(k)
    low, high = np.asarray(found.low), np.asarray(found.high)
    better, worse = (low > 0, high < 0) if higher_is_better else (high < 0, low > 0)
    beaten = np.bincount(second[better], minlength=k) + np.bincount(first[worse], minlength=k)
    beats = np.bincount(first[better], minlength=k) + np.bincount(second[worse], minlength=k)
    return 1 + beaten, k - beats
