"""What one further method found: a table, with the words that make each of its numbers traceable."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ..common.jsonable import plain, records


@dataclass(frozen=True, eq=False)
class Finding:
    """What one further method of a comparison found.

    Attributes
    ----------
    title : str
        Its name, for headings.
    method : str
        Exactly what was done.
    source : str
        Where it is from: author, year, place.
    n_tasks : int
        Number of tasks that it rests on.
    frame : DataFrame
        Its table.
    values : dict
        Its single numbers.
    text : str
        In one or two sentences.
    warnings : tuple of str
        Known limits.
    """

    title: str
    method: str
    source: str
    n_tasks: int
    frame: pd.DataFrame
    values: dict[str, float] = field(default_factory=dict)
    text: str = ""
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """``title, method, source, n_tasks, text, warnings``, the single numbers, and ``rows``."""
        words = {name: getattr(self, name) for name in ("title", "method", "source", "n_tasks", "text")}
        found = {**words, "warnings": list(self.warnings), **self.values, "rows": records(self.frame)}
        return {key: plain(value) for key, value in found.items()}

    def to_frame(self) -> pd.DataFrame:
        """The table."""
        return self.frame.copy()

    def __str__(self) -> str:
        said = [f"{self.title}: {self.method} ({self.n_tasks} tasks; {self.source})", self.text, *self.warnings]
        return "\n".join([*(s for s in said if s), self.frame.head(20).to_string(index=False)])

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show([f"{self.title}: {self.method}.", self.text], self.frame, warnings=self.warnings)


#: Findings by group (``rankings``, ``agreement``, ``effects``, ``planning``, ``variance``, ``prediction``, ``robustness``, ``clean``, ``cost``) and name.
Findings = dict[str, dict[str, Finding]]
GROUPS = ("rankings", "agreement", "effects", "planning", "variance", "prediction", "robustness", "clean", "cost")
