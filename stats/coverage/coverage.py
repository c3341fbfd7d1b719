"""What `choose_coverage` found: the block, the trade-off, and who waits outside."""

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from ..common.text import count, listing
from ..scores import Scores


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


@dataclass(frozen=True)
class Row:
    """A model that is not compared because it lacks scores, and stays visible.

    Attributes
    ----------
    model : str
    n : int
        On how many of the tasks used it has a score.
    status : str
        ``"provisional"`` with half of the tasks used or more, else ``"unranked"``.
    reason : str
        What it lacks.
    """

    model: str
    n: int
    status: str
    reason: str


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
    empty_tasks : tuple of str
        Of the dropped tasks, those on which no model has a score.
    incomplete : tuple of Row
        The models that are not compared, those with most of the tasks used first.

    Examples
    --------
    b has two of the three tasks; without the third, both models are complete:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7], "b": [0.8, 0.7, None]}, index=["t", "u", "v"])
    >>> coverage = embsig.choose_coverage(scores, min_tasks=2)
    >>> coverage.dropped_tasks, coverage.models_used
    (('v',), 2)
    """

    tasks_asked: int
    tasks_used: int
    models_seen: int
    models_used: int
    policy: str
    dropped_tasks: tuple[str, ...]
    trade_off: tuple[Step, ...]
    scores: Scores
    empty_tasks: tuple[str, ...] = ()
    incomplete: tuple[Row, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without the scores."""
        return {
            "policy": self.policy,
            "tasks_asked": self.tasks_asked,
            "tasks_used": self.tasks_used,
            "models_seen": self.models_seen,
            "models_used": self.models_used,
            "dropped_tasks": list(self.dropped_tasks),
            "empty_tasks": list(self.empty_tasks),
            "trade_off": [step.to_dict() for step in self.trade_off],
            "incomplete": [asdict(row) for row in self.incomplete],
        }

    @classmethod
    def from_dict(cls, found: dict[str, Any], scores: Scores) -> "Coverage":
        """What `to_dict` wrote, with the scores that were used."""
        steps = tuple(Step(tuple(s["drop"]), s["models"]) for s in found["trade_off"])
        tasks: dict[str, Any] = {name: tuple(found.get(name, ())) for name in ("dropped_tasks", "empty_tasks")}
        rows = tuple(Row(**row) for row in found.get("incomplete", ()))
        rest: dict[str, Any] = {k: v for k, v in found.items() if k not in ("trade_off", "incomplete", *tasks)}
        return cls(**rest, **tasks, trade_off=steps, incomplete=rows, scores=scores)

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
        of = f"{self.models_used:,} of the" if self.models_used != self.models_seen else "all"
        used = f"{of} {count(self.models_seen, 'model')} that have scores, on {self.tasks_used:,} of {self.tasks_asked:,} tasks"
        whole = next((s.models for s in self.trade_off if set(s.drop) == set(self.empty_tasks)), 0)
        empty = (
            f" {listing(list(self.empty_tasks), 4)} {'has' if len(self.empty_tasks) == 1 else 'have'} no score of any model here."
            if self.empty_tasks
            else ""
        )
        given_up = [t for t in self.dropped_tasks if t not in set(self.empty_tasks)]
        if self.policy == "auto" and given_up:
            every = "every other task" if self.empty_tasks else "every task"
            return [
                f"Compared: {used}. Left out so that more models are complete: {listing(given_up, 4)} "
                f"({count(whole, 'model')} with {every}, {self.models_used:,} without).{empty}"
            ]
        said = (
            [f"Compared: {used}.{empty}"]
            if (self.models_used, self.tasks_used) != (self.models_seen, self.tasks_asked)
            else []
        )
        better = max(self.trade_off, key=lambda s: s.models, default=None)
        if self.policy == "models" and better is not None and better.models >= 1.5 * max(self.models_used, 1):
            drop = [t for t in better.drop if t not in set(self.empty_tasks)]
            said.append(
                f"Without {listing(drop, 4)} there would be {better.models:,} models: --coverage auto, or "
                + " ".join(f"--task '!{t}'" for t in drop[:3])
                + (" ..." if len(drop) > 3 else "")
            )
        return said
