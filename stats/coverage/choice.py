"""Which models are compared on which tasks: the choice, and what each other choice would have given."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common.errors import InputError, unknown
from ..common.text import count, listing
from ..scores import Scores, as_scores
from .blocks import Block, Flags, largest_block

#: Of the scores in the largest block within the bounds, the chosen one must hold this share. Of blocks of nearly one size the one that
#: leaves the benchmark most nearly whole is the better answer: without the slack a thirtieth task would go for three models of seventy.
ENOUGH = 0.95

#: By default this share of the tasks stays, so that the ranking is still one of the benchmark that was asked for.
TASK_SHARE = 0.9


@dataclass(frozen=True)
class Step:
    """What dropping so many tasks gives.

    Attributes
    ----------
    drop : tuple of str
        The tasks to leave out so that most models are complete.
    models : int
        How many models have a score on every other task.
    """

    drop: tuple[str, ...]
    models: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"drop": list(self.drop), "models": self.models}


@dataclass(frozen=True, eq=False)
class Coverage:
    """The block of models and tasks that an analysis uses, and the trade-off that it was chosen from.

    Attributes
    ----------
    tasks_asked, tasks_used : int
    models_seen, models_used : int
        Models with a score at all, and those with a score on every task used.
    policy : str
        ``"auto"``, ``"models"``, ``"tasks"`` or ``"keep"``.
    dropped_tasks : tuple of str
    trade_off : tuple of Step
        From no task dropped to as many as the bounds allow; steps that gain no model are left out.
    scores : Scores
        What is used; its `excluded` names everything that was dropped with the reason.
    """

    tasks_asked: int
    tasks_used: int
    models_seen: int
    models_used: int
    policy: str
    dropped_tasks: tuple[str, ...]
    trade_off: tuple[Step, ...]
    scores: Scores

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without the scores."""
        return {
            "policy": self.policy,
            "tasks_asked": self.tasks_asked,
            "tasks_used": self.tasks_used,
            "models_seen": self.models_seen,
            "models_used": self.models_used,
            "dropped_tasks": list(self.dropped_tasks),
            "trade_off": [step.to_dict() for step in self.trade_off],
        }

    def to_frame(self) -> pd.DataFrame:
        """The trade-off as a table: ``dropped, models, tasks, drop``."""
        return pd.DataFrame(
            {
                "dropped": [len(s.drop) for s in self.trade_off],
                "models": [s.models for s in self.trade_off],
                "tasks": [self.tasks_asked - len(s.drop) for s in self.trade_off],
                "drop": ["; ".join(s.drop) for s in self.trade_off],
            }
        )

    def __str__(self) -> str:
        return " ".join(self.sentences())

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show(self.sentences() or ["Every model has every task."], self.to_frame())

    def sentences(self) -> list[str]:
        """What was chosen, and what it cost, as the first lines of a report say it."""
        used = f"{count(self.models_used, 'model')} of {self.models_seen:,} on {self.tasks_used:,} of {self.tasks_asked:,} tasks"
        whole = next((s.models for s in self.trade_off if not s.drop), 0)
        if self.policy == "auto" and self.dropped_tasks:
            names = listing(list(self.dropped_tasks), 4)
            return [
                f"Compared: {used}. Left out so that more models are complete: {names} "
                f"({count(whole, 'model')} with every task, {self.models_used:,} without)."
            ]
        said = (
            [f"Compared: {used}."]
            if (self.models_used, self.tasks_used) != (self.models_seen, self.tasks_asked)
            else []
        )
        better = max(self.trade_off, key=lambda s: s.models, default=None)
        if self.policy == "models" and better is not None and better.models >= 1.5 * max(self.models_used, 1):
            said.append(
                f"Without {listing(list(better.drop), 4)} there would be {better.models:,} models: --coverage auto, or "
                + " ".join(f"--task '!{t}'" for t in better.drop[:3])
                + (" ..." if len(better.drop) > 3 else "")
            )
        return said


def choose_coverage(
    scores: Scores | pd.DataFrame,
    *,
    task_share: float = TASK_SHARE,
    min_tasks: int | None = None,
    require_models: Sequence[str] = (),
    require_tasks: Sequence[str] = (),
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
        At least so many tasks stay, in place of the share.
    require_models, require_tasks : sequence of str
        Models that must be complete, tasks that must stay.

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
    given = as_scores(scores)
    for names, known, kind in ((require_models, given.models, "model"), (require_tasks, given.task_names, "task")):
        for name in names:
            if name not in known:
                raise unknown(kind, name, known)
    seen = given.complete("keep")
    missing = seen.table.isna().to_numpy()
    n_tasks = len(missing)
    least = _least_tasks(given.n_tasks, task_share, min_tasks)
    most_dropped = max(0, n_tasks - least)
    required = np.isin(seen.models, list(require_models))
    blocks = _blocks(seen, missing, most_dropped, required, require_tasks)
    if not blocks:
        raise InputError(_impossible(seen, missing, require_models, least))
    chosen = _choose(blocks, n_tasks)
    empty = [t for t in given.task_names if t not in seen.task_names]
    dropped = tuple(seen.task_names[i] for i in chosen.dropped)
    kept = seen.select(tasks=[t for t in seen.task_names if t not in dropped]) if dropped else seen
    complete = kept.complete("models")
    reasons = {t: _reason(missing[seen.task_names.index(t)], blocks[0], chosen) for t in dropped}
    complete = complete.with_excluded(tasks=reasons)
    return Coverage(
        tasks_asked=given.n_tasks,
        tasks_used=complete.n_tasks,
        models_seen=seen.n_models,
        models_used=complete.n_models,
        policy="auto",
        dropped_tasks=(*empty, *dropped),
        trade_off=tuple(
            Step((*empty, *(seen.task_names[i] for i in b.dropped)), len(b.models)) for b in _gains(blocks)
        ),
        scores=complete,
    )


def _least_tasks(asked: int, share: float, min_tasks: int | None) -> int:
    if min_tasks is not None:
        if not 1 <= min_tasks <= asked:
            raise InputError(f"min_tasks={min_tasks}: expected 1 to {asked}, the number of tasks")
        return min_tasks
    if not 0 < share <= 1:
        raise InputError(f"task_share={share:g}: expected more than 0 and at most 1, such as .9")
    return asked - floor(asked * (1 - share) + 1e-9)


def _blocks(
    scores: Scores, missing: Flags, most_dropped: int, required: Flags, require_tasks: Sequence[str]
) -> list[Block]:
    """The largest block for every number of dropped tasks, as far as what is required allows."""
    kept = np.isin(scores.task_names, list(require_tasks))
    families = np.asarray(
        [-1 if f is None else scores.families.index(f) for f in scores.tasks["family"]], dtype=np.int64
    )
    found = []
    for n_dropped in range(most_dropped + 1):
        block = largest_block(missing, n_dropped, families=families, kept_tasks=kept, kept_models=required)
        if block is not None and block.models:
            found.append(block)
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


def _impossible(scores: Scores, missing: Flags, require_models: Sequence[str], least: int) -> str:
    lacking = {m: int(missing[:, scores.models.index(m)].sum()) for m in require_models if m in scores.models}
    worst = max(lacking, key=lambda m: lacking[m]) if lacking else None
    if worst is not None and lacking[worst]:
        return (
            f"model {worst!r} lacks {count(lacking[worst], 'task')} of {scores.n_tasks}, and at least {least} tasks must stay: "
            f"allow fewer (--min-tasks {scores.n_tasks - lacking[worst]}), or do not require it"
        )
    fewest = int(missing.sum(axis=0).min())
    return (
        f"none of the {scores.n_models:,} models has a score on {least} of the {scores.n_tasks} tasks: allow fewer "
        f"(--min-tasks {scores.n_tasks - fewest})"
    )
