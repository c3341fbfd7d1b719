"""What a critical-difference diagram says, before it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from stats.common import text
from stats.common.errors import InputError
from stats.common.text import TYPESET

if TYPE_CHECKING:
    from stats import Comparison

Bars = Literal["auto", "cliques", "differences", "nemenyi", "none"]
#: Where at most so many pairs, and less than a quarter of all, differ, these are drawn rather than who is alike.
FEW_DIFFERENCES = 12


@dataclass(frozen=True)
class Content:
    """Models in rank order with the bars, the ruler and the words of a diagram.

    Attributes
    ----------
    models, names : tuple of str
        The models, best first, and how they are written.
    ranks : tuple of float
        Mean ranks.
    rank_texts : tuple of str
        The mean ranks, told apart.
    bars : tuple of (int, int)
        First and last position of each bar, or of each bracket over two that differ.
    unequal : bool
        Whether they are such brackets.
    ruler : float or None
        Length of the critical difference, where the bars are Nemenyi's.
    control : int or None
        Position of the control.
    differs : tuple of bool
        Whether each model differs from the control (all False without one).
    heading, notes : str, tuple of str
        Words above and below.
    """

    models: tuple[str, ...]
    names: tuple[str, ...]
    ranks: tuple[float, ...]
    rank_texts: tuple[str, ...]
    bars: tuple[tuple[int, int], ...]
    unequal: bool
    ruler: float | None
    control: int | None
    differs: tuple[bool, ...]
    heading: str
    notes: tuple[str, ...]


def content(comparison: "Comparison", *, bars: Bars = "auto", names: Mapping[str, str] | None = None) -> Content:
    """Gather what the diagram of a comparison says."""
    if bars not in ("auto", "cliques", "differences", "nemenyi", "none"):
        raise InputError(f"bars={bars!r}: expected 'auto', 'cliques', 'differences', 'nemenyi' or 'none'")
    table = comparison.ranks.sort_values("mean_rank", kind="stable")
    models = [str(m) for m in table["model"]]
    ranks = [float(r) for r in table["mean_rank"]]
    position = {m: i for i, m in enumerate(models)}
    control = position.get(str(comparison.control)) if comparison.control is not None else None
    if bars == "auto":
        bars = "none" if control is not None else "nemenyi" if comparison.method.test == "nemenyi" else "cliques"
        if bars == "cliques" and _few(comparison) and len(_differences(comparison)) <= FEW_DIFFERENCES:
            bars = "differences"
    spans: list[tuple[int, int]] = []
    ruler = None
    if bars == "nemenyi":
        ruler = float(comparison.nemenyi_critical_difference)
        spans = _rank_intervals(ranks, ruler)
    elif bars == "cliques":
        for clique in comparison.cliques:
            places = sorted(position[str(m)] for m in clique)
            if len(places) > 1:
                spans.append((places[0], places[-1]))
    elif bars == "differences":
        spans = [(min(position[a], position[b]), max(position[a], position[b])) for a, b in _differences(comparison)]
    return Content(
        models=tuple(models),
        names=tuple(text.name((names or {}).get(m, m)) for m in models),
        ranks=tuple(ranks),
        rank_texts=tuple(TYPESET.ranks(ranks)),
        bars=tuple(sorted(spans)),
        unequal=bars == "differences",
        ruler=ruler,
        control=control,
        differs=_differs(comparison, models, control),
        heading=f"Mean rank over {text.count(comparison.n_tasks, comparison.scores.unit)}, 1 is best",
        notes=_notes(comparison, bars, spans, control, names),
    )


def _rank_intervals(ranks: list[float], width: float) -> list[tuple[int, int]]:
    """Maximal runs of ranks no further apart than `width`."""
    spans: list[tuple[int, int]] = []
    for first, rank in enumerate(ranks):
        last = int(np.searchsorted(ranks, rank + width * (1 + 1e-12), side="right")) - 1
        if last > first and (not spans or last > spans[-1][1]):
            spans.append((first, last))
    return spans


def _differs(comparison: "Comparison", models: list[str], control: int | None) -> tuple[bool, ...]:
    if control is None:
        return (False,) * len(models)
    pairs = comparison.pairs
    hits = pairs[pairs["significant"].astype(bool)]
    against = hits[(hits["model_a"] == models[control]) | (hits["model_b"] == models[control])]
    touched = set(against["model_a"].astype(str)) | set(against["model_b"].astype(str))
    return tuple(m in touched and i != control for i, m in enumerate(models))


def _notes(
    comparison: "Comparison",
    bars: Bars,
    spans: list[tuple[int, int]],
    control: int | None,
    names: Mapping[str, str] | None,
) -> tuple[str, ...]:
    notes: list[str] = []
    phrase = comparison.method.caption(TYPESET)
    alpha = comparison.method.alpha
    if control is not None:
        notes.append(
            f"Filled: differs from the control {text.name((names or {}).get(str(comparison.control), comparison.control))} ({phrase}). "
            "Hollow: cannot be told apart from it."
        )
    if bars == "differences":
        brackets = "The bracket joins" if len(spans) == 1 else "Each bracket joins"
        drawn = f"{brackets} two that differ; no other two can be told apart." if spans else "No two can be told apart."
        notes.append(f"{_differ_of(comparison)} ({phrase}). {drawn}")
    elif bars == "nemenyi":
        joined = "Bars join models whose mean ranks are closer than it." if spans else "No two models are closer."
        notes.append(f"Critical difference of the Nemenyi test, α = {alpha:g}. {joined}")
    elif bars == "cliques":
        differ = "The two models differ" if len(comparison.ranks) == 2 else "All pairs differ"
        notes.append(f"Bars join models that cannot be told apart ({phrase})." if spans else f"{differ} ({phrase}).")
        notes += [f"{_differ_of(comparison)}. The bars are no groups."] if spans and _few(comparison) else []
        uncovered = len(comparison.uncovered_pairs)
        if uncovered:
            notes.append(
                f"{text.count(uncovered, 'further pair')} cannot be told apart but {'shares' if uncovered == 1 else 'share'} "
                "no bar, because a model ranked between them differs from one of the two."
            )
    return tuple(notes)


def _differences(comparison: "Comparison") -> list[tuple[str, str]]:
    pairs = comparison.pairs
    hits = pairs[pairs["significant"].fillna(False).astype(bool)]
    return list(zip(hits["model_a"].astype(str), hits["model_b"].astype(str), strict=True))


def _n_differences(comparison: "Comparison") -> int:
    return int(comparison.pairs["significant"].fillna(False).astype(bool).sum())


def _few(comparison: "Comparison") -> bool:
    """Whether so few pairs differ that bars alone would read as groups: two bars over ten models may mean one decided pair."""
    return 0 < 4 * _n_differences(comparison) < len(comparison.pairs)


def _differ_of(comparison: "Comparison") -> str:
    hits = _n_differences(comparison)
    return f"{hits:,} of {text.count(len(comparison.pairs), 'pair')} {'differs' if hits == 1 else 'differ'}"
