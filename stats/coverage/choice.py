"""Which models are compared on which tasks: the choice, and what each other choice would have given."""

from collections.abc import Sequence
from math import floor
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common.errors import InputError, unknown
from ..common.text import count
from ..missing import Policy
from ..scores import Scores, as_scores
from .blocks import Block, Flags, largest_block
from .coverage import Coverage, Row, Step

#: Of the scores in the largest block within the bounds, the chosen one must hold this share. Of blocks of nearly one size the one that
#: leaves the benchmark most nearly whole is the better answer: without the slack a thirtieth task would go for three models of seventy.
ENOUGH = 0.95

#: By default this share of the tasks stays, so that the ranking is still one of the benchmark that was asked for.
TASK_SHARE = 0.9

#: Fewer models make no comparison.
LEAST_MODELS = 2

#: A model with a smaller share of the tasks is not ranked beside others (policy "keep"): a rank from one task is not a rank.
KEPT_SHARE = 0.5

CoveragePolicy = Literal["auto", "models", "tasks", "keep"]


def choose_coverage(
    scores: Scores | pd.DataFrame,
    *,
    task_share: float = TASK_SHARE,
    min_tasks: int | None = None,
    require_models: Sequence[str] = (),
    require_tasks: Sequence[str] = (),
    policy: CoveragePolicy = "auto",
) -> Coverage:
    """Choose the block of complete models and tasks, and say what every other number of dropped tasks would give.

    For every number of tasks that may be dropped, the tasks whose absence leaves most models complete are found exactly (an integer
    programme, `stats.coverage.blocks`). Of these blocks the one with the fewest tasks dropped is chosen that holds at least 95 % of the
    scores of the largest.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; NaN where a score is missing.
    task_share : float
        At least this share of the tasks stays; so does a task of every family.
    min_tasks : int, optional
        At least so many tasks stay, in place of the share and of a task of every family.
    require_models, require_tasks : sequence of str
        Models that must be complete, tasks that must stay.
    policy : {"auto", "models", "tasks", "keep"}
        ``"auto"`` chooses the block; the others are those of `Scores.complete`, with the same trade-off beside them.

    Returns
    -------
    Coverage

    Raises
    ------
    InputError
        If a name is unknown, or what is required cannot be had together.

    Examples
    --------
    The third task keeps two of three models out:

    >>> nan = float("nan")
    >>> frame = pd.DataFrame({"a": [.5, .6, .7], "b": [.4, .5, nan], "c": [.3, .6, nan]}, index=["x", "y", "z"])
    >>> found = choose_coverage(frame, min_tasks=2)
    >>> [(step.drop, step.models) for step in found.trade_off], found.scores.task_names
    ([((), 1), (('z',), 3)], ['x', 'y'])
    """
    if policy not in get_args(CoveragePolicy):
        raise unknown("missing", policy, get_args(CoveragePolicy))
    given = as_scores(scores)
    for names, known, kind in ((require_models, given.models, "model"), (require_tasks, given.task_names, "task")):
        for name in names:
            if name not in known:
                raise unknown(kind, name, known)
    if given.table.isna().to_numpy().all():
        raise InputError(
            f"none of the {given.n_models:,} models has a score on any of the {given.n_tasks:,} tasks: check what the source holds "
            "(embsig audit SOURCE)"
        )
    seen = given.complete("keep")
    missing = seen.table.isna().to_numpy()
    least = _least_tasks(given.n_tasks, task_share, min_tasks)
    required = np.isin(seen.models, list(require_models))
    # Of queries and items nobody chooses single ones, and there may be thousands.
    most_dropped = max(0, len(missing) - least) if seen.unit == "task" or policy == "auto" else 0
    blocks = _blocks(seen, missing, most_dropped, required, require_tasks, families=min_tasks is None)
    enough = [b for b in blocks if len(b.models) >= min(LEAST_MODELS, seen.n_models)]
    if policy != "auto":
        try:
            used, dropped = _by_policy(given, policy), tuple[str, ...]()
        except InputError as error:
            cure = _cure(seen, missing, required, require_tasks, enough=bool(enough))
            raise InputError(f"{error}; {cure}") from error
    elif enough:
        chosen = _choose(enough, len(missing))
        dropped = tuple(seen.task_names[i] for i in chosen.dropped)
        used = seen.select(tasks=[t for t in seen.task_names if t not in dropped]).complete("models")
        used = used.with_excluded(
            tasks={t: _reason(missing[seen.task_names.index(t)], blocks[0], chosen) for t in dropped}
        )
    else:
        raise InputError(_impossible(seen, missing, required, require_tasks, least))
    here = set(seen.task_names)
    empty = [t for t in given.task_names if t not in here]
    return Coverage(
        tasks_asked=given.n_tasks,
        tasks_used=used.n_tasks,
        models_seen=seen.n_models,
        models_used=used.n_models,
        policy=policy,
        dropped_tasks=(*empty, *dropped),
        trade_off=tuple(
            Step((*empty, *(seen.task_names[i] for i in b.dropped)), len(b.models)) for b in _gains(blocks)
        ),
        scores=used,
        empty_tasks=tuple(empty),
        incomplete=_incomplete(given, used),
    )


def _incomplete(given: Scores, used: Scores) -> tuple[Row, ...]:
    """The models that are not among those used, by how many of the tasks used they have."""
    compared, n_tasks = set(used.models), used.n_tasks
    n = given.table.loc[used.task_names].notna().sum(axis=0)
    left = [m for m in given.models if m not in compared]
    rows = [
        Row(
            m,
            int(n[m]),
            "provisional" if n[m] >= KEPT_SHARE * n_tasks else "unranked",
            used.excluded["models"].get(m) or f"no score on {count(n_tasks - int(n[m]), 'task')}",
        )
        for m in left
    ]
    return tuple(sorted(rows, key=lambda row: (-row.n, row.model)))


def _by_policy(given: Scores, policy: Policy) -> Scores:
    """The scores under a policy of `Scores.complete`; kept incomplete models need half of the tasks."""
    used = given.complete(policy)
    if policy != "keep":
        return used
    n = used.table.notna().sum(axis=0)
    few = [str(m) for m in used.models if n[m] < KEPT_SHARE * used.n_tasks]
    if not few or len(few) == used.n_models:
        return used
    kept = used.select(models=[m for m in used.models if m not in set(few)])
    return kept.with_excluded(models={m: f"too few scores to be ranked: {n[m]} of {used.n_tasks} tasks" for m in few})


def _least_tasks(asked: int, share: float, min_tasks: int | None) -> int:
    if min_tasks is not None:
        if not 1 <= min_tasks <= asked:
            raise InputError(f"min_tasks={min_tasks}: expected 1 to {asked}, the number of tasks")
        return min_tasks
    if not 0 < share <= 1:
        raise InputError(f"task_share={share:g}: expected more than 0 and at most 1, such as .9")
    return asked - floor(asked * (1 - share) + 1e-9)


def _blocks(
    scores: Scores, missing: Flags, most_dropped: int, required: Flags, require_tasks: Sequence[str], *, families: bool
) -> list[Block]:
    """The largest block for every number of dropped tasks, as far as what is required allows."""
    kept = np.isin(scores.task_names, list(require_tasks))
    numbers = np.asarray(
        [-1 if f is None or not families else scores.families.index(f) for f in scores.tasks["family"]], dtype=np.int64
    )
    found = []
    for n_dropped in range(most_dropped + 1):
        block = largest_block(missing, n_dropped, families=numbers, kept_tasks=kept, kept_models=required)
        if block is not None and block.models:
            found.append(block)
            if len(block.models) == missing.shape[1]:
                break  # dropping more gains no model: no such block is the largest, or a step of the trade-off
    return found


def _choose(blocks: list[Block], n_tasks: int) -> Block:
    """The block with the fewest tasks dropped that holds nearly as many scores as the largest."""
    sizes = [len(b.models) * (n_tasks - len(b.dropped)) for b in blocks]
    return next(b for b, size in zip(blocks, sizes, strict=True) if size >= ENOUGH * max(sizes))


def _gains(blocks: list[Block]) -> list[Block]:
    """Only the steps that gain a model."""
    found: list[Block] = []
    for block in blocks:
        if not found or len(block.models) > len(found[-1].models):
            found.append(block)
    return found


def _reason(missing: npt.NDArray[np.bool_], whole: Block, chosen: Block) -> str:
    before = len(whole.models) if not whole.dropped else 0
    what = "it" if len(chosen.dropped) == 1 else f"the {len(chosen.dropped)} tasks left out"
    return (
        f"{count(int(missing.sum()), 'model')} without a score; {before:,} complete with {what}, "
        f"{len(chosen.models):,} without"
    )


def _impossible(scores: Scores, missing: Flags, required: Flags, require_tasks: Sequence[str], least: int) -> str:
    """Why there is no block, and how many tasks must be given up for one."""
    n_tasks, lacking = len(missing), missing.sum(axis=0)
    if (lacking[required] > n_tasks - least).any():
        worst = int(np.argmax(np.where(required, lacking, -1)))
        return (
            f"model {scores.models[worst]!r} lacks {count(int(lacking[worst]), 'task')} of {n_tasks}, and at least {least} tasks must "
            f"stay: allow fewer (--min-tasks {n_tasks - int(lacking[worst])}), or do not require it"
        )
    if (fewer := _fewer_tasks(scores, missing, required, require_tasks)) is not None:
        return (
            f"fewer than two of the {scores.n_models:,} models have a score on {least} of the {n_tasks} tasks and on one of every "
            f"family: {fewer[1]:,} have one on {fewer[0]} (--min-tasks {fewer[0]})"
        )
    return f"no two of the {scores.n_models:,} models have a score on the same task: nothing can be compared"


def _cure(scores: Scores, missing: Flags, required: Flags, require_tasks: Sequence[str], *, enough: bool) -> str:
    """What does leave something where a policy does not."""
    if not enough and scores.unit == "task":
        if (fewer := _fewer_tasks(scores, missing, required, require_tasks)) is None:
            return "no two of them have a score on the same task"
        return f"--coverage auto --min-tasks {fewer[0]} chooses tasks and models together"
    if not enough and (missing.sum(axis=1) > missing.shape[1] - LEAST_MODELS).all():
        return f"no two of them have a score on the same {scores.unit}"
    return "--coverage auto chooses tasks and models together"


def _fewer_tasks(
    scores: Scores, missing: Flags, required: Flags, require_tasks: Sequence[str]
) -> tuple[int, int] | None:
    """The most tasks on which two models or more have a score, and how many do; None where there is no such task."""
    n_tasks = len(missing)
    kept = np.isin(scores.task_names, list(require_tasks))
    free = np.full(n_tasks, -1, dtype=np.int64)  # families may go: fewer tasks were asked for
    for n_dropped in range(1, n_tasks):
        block = largest_block(missing, n_dropped, families=free, kept_tasks=kept, kept_models=required)
        if block is not None and len(block.models) >= LEAST_MODELS:
            return n_tasks - n_dropped, len(block.models)
    return None
