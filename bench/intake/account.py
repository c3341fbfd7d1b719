"""What was understood of a source, as it is said: one sentence, what was set aside, what was turned."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stats.common.errors import InputError
from stats.common.text import count, listing
from stats.scores import Scores


@dataclass
class Account:
    """Kept while a source is read.

    Attributes
    ----------
    source : str
        How errors call it.
    strict : bool
        Whether setting something aside is an error.
    layout : str
        "wide", "long", ...
    rows : str
        Of a wide table, what its rows are: "tasks" or "models".
    set_aside : dict
        Name with its kind ("column Average") -> why.
    notes : list of str
        What else must be known: which metric, which encoding, what was taken for what.
    turned : list of str
        Tasks of the other direction than the table's.
    runs : str
        What repeated scores are: "seeds", "folds" or "runs"; empty where there are none.
    unit : str
        What a row is.
    chose_metric : bool
        Whether there was a choice of metrics to make.
    """

    source: str
    strict: bool = False
    layout: str = ""
    rows: str = ""
    set_aside: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    runs: str = ""
    unit: str = "task"
    chose_metric: bool = False

    def aside(self, what: str, why: str, name: str, axis: str) -> None:
        """Note that a row or column is not a score; with `strict`, refuse it."""
        if self.strict:
            option = f"--{axis} '!{name}'" if axis in ("task", "model") else "remove it"
            raise InputError(f"{self.source}: {what} is not a score but {why}; {option}, or read without --strict")
        self.set_aside[what] = why

    def note(self, sentence: str) -> None:
        """Say something once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def about(self, scores: Scores) -> dict[str, Any]:
        """What `Scores.provenance["read"]` and the JSON key ``read`` hold."""
        return {
            "sentence": self.sentence(scores),
            "set_aside": dict(self.set_aside),
            "turned": list(scores.turned),
            "notes": list(self.notes),
        }

    def sentence(self, scores: Scores) -> str:
        """Say what was read in one line."""
        head = [f"read as {count(scores.n_tasks, self.unit)} x {count(scores.n_models, 'model')}"]
        head += [part for part in (self.layout, scale(scores)) if part]
        parts = [", ".join(head)]
        if self.set_aside:
            parts.append("set aside: " + self._aside())
        if scores.turned:
            parts.append("lower is better: " + listing(list(scores.turned), 8))
        elif not scores.higher_is_better:
            parts.append("lower is better")
        return "; ".join([*parts, *self.notes])

    def _aside(self) -> str:
        """What was set aside, by reason."""
        by_reason: dict[str, list[str]] = {}
        for what, why in self.set_aside.items():
            by_reason.setdefault(why, []).append(what)
        return ", ".join(f"{listing(names, 6)} ({why})" for why, names in by_reason.items())


def scale(scores: Scores) -> str:
    """Say which scale most of the scores are on, where it is one of the two usual ones."""
    values = np.abs(scores.values[np.isfinite(scores.values)])
    if not len(values) or scores.turned:
        return ""
    if values.max() <= 1:
        return "scores as fractions"
    return "scores in points" if np.median(values) > 1.5 and values.max() <= 100 else ""
