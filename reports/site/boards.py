"""What the site's own pages say of one benchmark: a summary that is kept, so that a page made before is not made again."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reports.page.opening import answer
from reports.tables.rows import records
from stats.common import text

if TYPE_CHECKING:
    from stats import Comparison


@dataclass(frozen=True)
class Standing:
    """Where one model stands on one benchmark: its rank with the set it may have, Borda's rank, whether it may be the best."""

    model: str
    rank: float
    low: int | None
    high: int | None
    top: bool
    mean: float | None
    borda: float | None


@dataclass(frozen=True)
class Board:
    """One benchmark of the site.

    Attributes
    ----------
    name : str
    tasks, tasks_asked, models, models_seen : int
        Compared, and asked for or met in the source.
    pairs, decided : int
    families, languages : list of str
    modalities, domains : list of str
        What its tasks are made of, and what at least half of them are about.
    answer : list of str
        The sentences that its page opens with.
    audit : str
    standings : list of Standing
        In rank order.
    """

    name: str
    tasks: int
    tasks_asked: int
    models: int
    models_seen: int
    pairs: int
    decided: int
    families: list[str]
    languages: list[str]
    answer: list[str]
    audit: str
    standings: list[Standing] = field(default_factory=list)
    modalities: list[str] = field(default_factory=lambda: ["text"])
    domains: list[str] = field(default_factory=list)

    @property
    def slug(self) -> str:
        """The name of its folder."""
        return slug(self.name)

    @property
    def top(self) -> list[Standing]:
        """Those that may be the best."""
        return [s for s in self.standings if s.top]

    @property
    def borda_first(self) -> str:
        """Whom the leaderboard shows first."""
        ranked = [s for s in self.standings if s.borda is not None]
        return min(ranked, key=lambda s: (s.borda or 0.0, s.rank)).model if ranked else ""

    @property
    def kind(self) -> str:
        """Its modalities in words, by which the index is ordered: ``text``, ``image and text``, ``audio, text and video``."""
        return " and ".join(filter(None, [", ".join(self.modalities[:-1]), self.modalities[-1]]))

    @property
    def tongues(self) -> list[str]:
        """Its languages without their scripts: ``eng`` of ``eng-Latn``."""
        return sorted({language.split("-")[0] for language in self.languages})

    @classmethod
    def of(
        cls, comparison: "Comparison", name: str, *, modalities: Sequence[str] = ("text",), domains: Sequence[str] = ()
    ) -> "Board":
        """Gather what a comparison of this benchmark says; what its tasks are made of and about, the definitions know."""
        coverage, scores = comparison.coverage, comparison.scores
        points = _borda(comparison)
        standings = [
            Standing(
                str(row.model),
                float(row.rank),
                _whole(row.rank_low),
                _whole(row.rank_high),
                bool(row.in_top_set) if pd.notna(row.in_top_set) else False,
                None if scores.two_directions or not np.isfinite(row.mean) else float(row.mean),
                points.get(str(row.model)),
            )
            for row in records(comparison.ranks)
        ]
        tasks = scores.tasks
        languages = {
            part
            for value in tasks.get("languages", pd.Series(dtype=object)).dropna()
            for part in re.findall(r"\w+-\w+|\w+", str(value))
        }
        return cls(
            name=name,
            tasks=comparison.n_tasks,
            tasks_asked=comparison.n_tasks if coverage is None else coverage.tasks_asked,
            models=comparison.n_models,
            models_seen=comparison.n_models if coverage is None else coverage.models_seen,
            pairs=len(comparison.pairs),
            decided=int(comparison.pairs["significant"].fillna(False).astype(bool).sum()),
            families=sorted({str(f) for f in tasks.get("family", pd.Series(dtype=object)).dropna()}),
            languages=sorted(languages),
            answer=answer(comparison),
            audit="" if comparison.audit is None else str(comparison.audit.headline),
            standings=standings,
            modalities=sorted(modalities),
            domains=sorted(domains),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> "Board":
        """Make it from what `to_dict` gave."""
        return cls(**{**given, "standings": [Standing(**s) for s in given["standings"]]})


def slug(name: str) -> str:
    """Return a name that every file system and address takes: ``mteb-eng-v2-1a2b3c``; different names never share one.

    Examples
    --------
    >>> slug("MTEB(eng, v2)")
    'mteb-eng-v2-be8658'
    """
    readable = re.sub(r"[^a-z0-9]+", "-", text.name(name).lower()).strip("-")[:80] or "unnamed"
    return f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def _whole(value: Any) -> int | None:
    return int(value) if np.isfinite(value) else None


def _borda(comparison: "Comparison") -> dict[str, float]:
    found = comparison.further.get("rankings", {}).get("borda")
    if found is None or not {"model", "rank"} <= set(found.frame.columns):
        return {}
    return {str(m): float(r) for m, r in zip(found.frame["model"], found.frame["rank"], strict=True)}
