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
from .analysis import Analysis
from .options import Options

#: How the reason begins that a model is not shown; all other reasons say why a model was not analysed.
NOT_SHOWN = "analysed, but "

#: More models than this have so many pairs that their table would not fit into a small machine's memory.
MOST_MODELS = 3_000


def with_groups(scores: Scores, options: Options) -> tuple[Scores, Options]:
    """Units: the task table's groups where it knows any, unless tasks were asked for; groups given by label become the table's own."""
    groups = options.groups
    if groups is None or isinstance(groups, bool | str):
        if isinstance(groups, str) and groups not in ("known", "none"):
            raise InputError(f"groups={groups!r}: expected 'known', 'none', or a label per task")
        wanted = groups not in (False, "none") and options.level != "samples"
        together = wanted and len(np.unique(scores.groups)) < scores.n_tasks
        return scores, replace(options, groups=True if together else None)
    labels = group_numbers(scores, groups)
    return replace(scores, tasks=scores.tasks.assign(group=np.asarray(labels).astype(str))), replace(
        options, groups=True
    )


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


def choose(scores: Scores, *, control: str | None) -> Scores:
    """The scores to analyse, models in rank order."""
    chosen = enough(scores)
    if control is not None:
        control_index(chosen.models, control)
    if chosen.n_models > MOST_MODELS:
        raise InputError(
            f"got {chosen.n_models:,} models, {chosen.n_models * (chosen.n_models - 1) // 2:,} pairs: expected at most "
            f"{MOST_MODELS:,} models; choose some by name"
        )
    return in_rank_order(chosen)


def enough(scores: Scores) -> Scores:
    """The scores, if there are two models and two tasks or more."""
    benchmark = scores.provenance.get("benchmark")
    if scores.n_tasks == 1 and scores.n_models > 1 and benchmark:
        raise InputError(f"got 1 task of {benchmark} to compare on: expected at least two; {_instead(scores)}")
    for number, word in ((scores.n_models, "model"), (scores.n_tasks, "task")):
        if number < 2:
            raise InputError(
                f"got {number} {word}{'' if number == 1 else 's'} to compare: expected at least two; add {word}s"
                + _lacking(scores, word)
            )
    return scores


def _instead(scores: Scores) -> str:
    """What to do where only one task of a benchmark has scores."""
    if subsets := scores.provenance.get("n_subsets"):
        return f"--unit subset compares on its {subsets:,} subsets"
    return "the source has scores on no other one: leave --benchmark out to compare on all the tasks that it has"


def _lacking(scores: Scores, word: str) -> str:
    """Where models or tasks were left out for scores that they lack: who, and the policy that leaves out less."""
    out = [(name, why) for name, why in scores.excluded[word + "s"].items() if why.startswith("no score")]
    if not out:
        return ""
    first, why = out[0]
    other = (
        "--missing tasks compares on the tasks that all models have"
        if word == "model"
        else "--missing models leaves out models"
    )
    return f", or take another policy for missing scores: {first} was left out ({why}); {other}, --missing keep every pair on what both have"


def best(scores: Scores, top: int | None, control: str | None) -> list[str] | None:
    """The best models by mean rank and the control, of scores in rank order; None where all are shown."""
    if top is None:
        return None
    if isinstance(top, bool) or not isinstance(top, int) or top < 2:
        raise InputError(f"top={top!r}: expected a whole number of models, two or more")
    kept = [m for m in scores.models[:top] if m != control] + ([control] if control is not None else [])
    return kept if len(kept) < scores.n_models else None


def only_shown(scores: Scores, numbers: Analysis, names: list[str]) -> tuple[Scores, pd.DataFrame, pd.DataFrame]:
    """Scores, ranks and pairs of the models that are shown; the others are named among the excluded."""
    if len(names) == scores.n_models:
        return scores, numbers.ranks, numbers.pairs
    shown = set(names)
    reason = f"{NOT_SHOWN}not among the {len(names)} shown"
    view = scores.select(models=names).with_excluded(models={m: reason for m in scores.models if m not in shown})
    ranks, pairs = numbers.ranks, numbers.pairs
    return (
        view,
        ranks[ranks["model"].isin(shown)].reset_index(drop=True),
        pairs[pairs["model_a"].isin(shown) & pairs["model_b"].isin(shown)].reset_index(drop=True),
    )


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
