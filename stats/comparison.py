"""Comparison: everything one analysis found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from .scores import Scores


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Everything one analysis found; made by `compare`."""

    method: dict[str, Any]
    scores: Scores
    excluded: Mapping[str, Mapping[str, str]]
    omnibus: dict[str, dict[str, float]]
    nemenyi_critical_difference: float
    ranks: pd.DataFrame
    pairs: pd.DataFrame
    cliques: list[list[str]]
    uncovered_pairs: list[tuple[str, str]]
    conclusions: list[str]
    warnings: list[str]
    smallest_pvalue: float
    control: str | None = None
    families: dict[str, "Comparison"] = field(default_factory=dict)
    audit: Any = None
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def n_tasks(self) -> int:
        """Number of tasks compared on."""
        return self.scores.n_tasks

    @property
    def n_models(self) -> int:
        """Number of models compared."""
        return self.scores.n_models

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists, numbers and strings; NaN becomes None."""
        return {
            "method": self.method,
            "n_tasks": self.n_tasks,
            "n_models": self.n_models,
            "excluded": {k: dict(v) for k, v in self.excluded.items()},
            "omnibus": self.omnibus,
            "nemenyi_critical_difference": self.nemenyi_critical_difference,
            "smallest_pvalue": self.smallest_pvalue,
            "control": self.control,
            "ranks": self.ranks.to_dict("records"),
            "pairs": self.pairs.to_dict("records"),
            "cliques": self.cliques,
            "uncovered_pairs": [list(p) for p in self.uncovered_pairs],
            "conclusions": self.conclusions,
            "warnings": self.warnings,
            "families": {name: c.to_dict() for name, c in self.families.items()},
            "audit": None if self.audit is None else self.audit.to_dict(),
            "provenance": self.provenance,
        }

    def __str__(self) -> str:
        return "\n".join(self.conclusions) + "\n\n" + self.ranks.to_string(index=False)

    def _repr_html_(self) -> str:
        return str(self.ranks.to_html(index=False))
