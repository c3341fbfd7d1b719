"""Which models and tasks are compared."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ..common.errors import InputError
from ..coverage import Coverage, CoveragePolicy, choose_coverage
from ..pairs import control_index
from ..ranking import mean_ranks
from ..resampling.resampler import group_numbers
from ..scores import Scores
from .options import Options

#: More models than this have so many pairs that their table would not fit into a small machine's memory.
MOST_MODELS = 3_000


def with_groups(scores: Scores, options: Options) -> tuple[Scores, Options]:
    """Groups of tasks that were given by label become the task table's own."""
    groups = options.groups
    if groups is not None and not isinstance(groups, bool):
        labels = group_numbers(scores, groups)
        scores, groups = replace(scores, tasks=scores.tasks.assign(group=np.asarray(labels).astype(str))), True
    return scores, replace(options, groups=groups or None)


def cover(
    scores: Scores,
    policy: CoveragePolicy | None,
    *,
    require: Sequence[str],
    require_tasks: Sequence[str],
    min_tasks: int | None,
) -> Coverage:
    """Which models are compared on which tasks: by the policy asked for; a benchmark's block is chosen in the open by default."""
    if policy is None:
        chooses = bool(scores.provenance.get("benchmark") or require or require_tasks or min_tasks)
        policy = "auto" if chooses else "models"
    return choose_coverage(
        scores, policy=policy, require_models=require, require_tasks=require_tasks, min_tasks=min_tasks
    )


def choose(scores: Scores, *, top: int | None, control: str | None) -> tuple[Scores, list[str]]:
    """The scores to compare, the best of them where so asked, and what to say of it."""
    chosen, notes = enough(scores), []
    if control is not None:
        control_index(chosen.models, control)
    if top is not None:
        chosen, note = best(chosen, top, control)
        notes += [note] if note else []
    if chosen.n_models > MOST_MODELS:
        raise InputError(
            f"got {chosen.n_models:,} models, {chosen.n_models * (chosen.n_models - 1) // 2:,} pairs: expected at most "
            f"{MOST_MODELS:,} models; choose the best (top) or some by name"
        )
    return chosen, notes


def enough(scores: Scores) -> Scores:
    """The scores, if there are two models and two tasks or more."""
    for number, word in ((scores.n_models, "model"), (scores.n_tasks, "task")):
        if number < 2:
            raise InputError(
                f"got {number} {word}{'' if number == 1 else 's'} to compare: expected at least two; add {word}s"
                + (", or another policy for missing scores" if scores.excluded[word + "s"] else "")
            )
    return scores


def best(scores: Scores, top: int, control: str | None) -> tuple[Scores, str | None]:
    """The best models by mean rank, with the others among the excluded."""
    if isinstance(top, bool) or not isinstance(top, int) or top < 2:
        raise InputError(f"top={top!r}: expected a whole number of models, two or more")
    order = in_rank_order(scores).models
    kept = [m for m in order[:top] if m != control] + ([control] if control is not None else [])
    reason = f"not among the best {top} by mean rank"
    gone = {m: reason for m in order if m not in kept}
    chosen = scores.select(models=kept)
    excluded = {"models": {**scores.excluded["models"], **gone}, "tasks": scores.excluded["tasks"]}
    note = (
        f"The best {top} models were chosen by these same scores; tests and rank sets treat them as chosen beforehand."
    )
    return replace(chosen, excluded=excluded), note if gone else None


def in_rank_order(scores: Scores) -> Scores:
    """Models by mean rank, then mean score, then name."""
    means = scores.table.mean(axis=0).to_numpy()
    order = pd.DataFrame(
        {
            "rank": mean_ranks(scores).to_numpy().round(12),
            "mean": -means if scores.higher_is_better else means,
            "model": scores.models,
        }
    ).sort_values(["rank", "mean", "model"], kind="stable")
    return replace(scores, table=scores.table[order["model"].tolist()])
