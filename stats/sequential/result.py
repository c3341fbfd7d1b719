"""What is known after every look, and when it was decided."""

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from ..common import text
from ..common.jsonable import plain, records

Verdict = Literal["ACCEPT", "REJECT", "UNDECIDED"]


@dataclass(frozen=True, eq=False, repr=False)
class Anytime:
    """A comparison that was looked at again and again; made by `anytime_tasks` and `anytime_samples`.

    Attributes
    ----------
    verdict : {"ACCEPT", "REJECT", "UNDECIDED"}
        ACCEPT: the candidate is not worse by the margin; REJECT: it is worse by more; at the first look that decided, else UNDECIDED.
    margin, alpha : float
        Whenever one stops, a verdict is wrong with probability at most alpha.
    looks : DataFrame
        A row a look: ``look`` (from 1), ``seen`` (tasks, or share of the samples), ``difference``, ``low`` and ``high`` (bounds that hold at all looks
        together with probability 1 - alpha; infinite where nothing is known yet), ``e_accept`` and ``e_reject`` (wealth of the bets against "worse by the margin or more" and "worse by the
        margin or less", decided at 2 / alpha).
    about : {"other tasks", "these samples", "other samples"}
        What the verdict speaks about: other tasks like these; what all samples of these tasks would give; other samples of these tasks.
    method : str
        What was done, and what it stands on.

    Examples
    --------
    Better by .01 each time: wealth 25.2 after eight tasks and 40.3 after nine; 40 decides.

    >>> from embsig import anytime_tasks
    >>> anytime_tasks([0.01] * 10, margin=0).verdict
    'ACCEPT'
    """

    verdict: Verdict
    margin: float
    alpha: float
    looks: pd.DataFrame
    about: str
    method: str

    @property
    def decided_at(self) -> int | None:
        """The look that decided, from 1; None where none did."""
        decided = self.looks[["e_accept", "e_reject"]].max(axis=1) >= 2 / self.alpha
        return None if self.verdict == "UNDECIDED" else int(decided.to_numpy().argmax()) + 1

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists, numbers and strings; infinite numbers are None."""
        named = {name: getattr(self, name) for name in ("verdict", "margin", "alpha", "about", "method", "decided_at")}
        return {**plain(named), "text": str(self), "looks": records(self.looks)}

    def __str__(self) -> str:
        at = self.decided_at
        row = self.looks.iloc[-1 if at is None else at - 1]
        places = max(4, len(f"{self.margin:g}".partition(".")[2]))
        shown = f"{text.fixed(row['difference'], places, signed=True)} {text.interval(row['low'], row['high'], places, signed=True)}"
        seen = (
            text.count(int(row["seen"]), "task")
            if self.about == "other tasks"
            else f"{text.percent(round(row['seen'], 2))} of the samples"
        )
        says = {
            "ACCEPT": f"not worse by {self.margin:g} or more",
            "REJECT": f"worse by more than {self.margin:g}",
            "UNDECIDED": f"worse by {self.margin:g} or not",
        }[self.verdict]
        level = text.percent(round(1 - self.alpha, 10))
        return f"{self.verdict}: {says}: {shown} (after {seen}; {level} at all looks together; about {self.about})"

    def __repr__(self) -> str:
        return f"Anytime({self.verdict}, {text.count(len(self.looks), 'look')})"

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show([str(self)], self.looks)
