"""The section on the factors of a design: what is said over all tasks, what within families, and the tables."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from reports.tables.rows import Table, frame_table

if TYPE_CHECKING:
    from stats import Comparison

#: What the page calls a column otherwise than the tables of the analysis.
_TITLES = {"pvalue": "p", "pvalue_adjusted": "adjusted p", "pvalue_permutation": "p by permutation"}
#: Of a table these come first: what is compared, how much, and whether it is sure.
_FIRST = (
    "family", "kind", "factor", "a", "b", "at", "n", "difference", "low", "high", "pvalue_adjusted", "significant",
)  # fmt: skip
#: Of the table on families, which has no differences: where an effect is largest and least.
_ENDS = ("pvalue_adjusted", "significant", "best_family", "most", "worst_family", "least", "pvalue")


def design_section(comparison: "Comparison") -> dict[str, Any] | None:
    """Gather the factorial analysis, where the comparison carries one."""
    found = getattr(comparison, "design", None)
    if found is None:
        return None
    contrasts = found.contrasts
    tables = [
        (f"{words} ({len(contrasts[contrasts['kind'] == kind])})", _contrasts(contrasts, kind), kind == "main")
        for kind, words in (("main", "Main effects"), ("interaction", "Interactions"), ("simple", "Simple effects"))
        if (contrasts["kind"] == kind).any()
    ]
    others = (
        ("Does it depend on the family of tasks?", _ordered(found.by_family, (*_FIRST[:6], *_ENDS))),
        ("Aligned rank transform", found.aligned_ranks), ("Mixed model", found.mixed),
        ("Variance components of the mixed model", found.variance), ("What these models cannot answer", found.not_estimable),
    )  # fmt: skip
    tables += [(words, _table(frame), False) for words, frame in others if len(frame)]
    sentences, within = found.conclusions_by_scope()
    return {
        "sentences": sentences,
        "within": within,
        "warnings": list(found.warnings),
        "tables": tables,
    }


def _contrasts(contrasts: pd.DataFrame, kind: str) -> Table:
    """Return the contrasts of one kind, with the columns that say something."""
    chosen = contrasts[contrasts["kind"] == kind].drop(columns="kind")
    counts = chosen[["win", "tie", "loss"]].astype(int).astype(str).agg("/".join, axis=1)
    chosen = chosen.assign(**{"win/tie/loss": counts})
    blank = chosen["at"].isna() | (chosen["at"].astype(str) == "") if "at" in chosen else pd.Series([True])
    dropped = ["at"] if kind == "main" or blank.all() else []
    named = [c for c in (*_FIRST, "pvalue", "win/tie/loss") if c in chosen and c not in dropped]
    return _table(chosen[named])


def _ordered(frame: pd.DataFrame, first: tuple[str, ...]) -> pd.DataFrame:
    leading = [c for c in first if c in frame]
    return frame[leading + [c for c in frame.columns if c not in leading]]


def _table(frame: pd.DataFrame) -> Table:
    made = frame_table(frame)
    titles = {old.replace("_", " "): new for old, new in _TITLES.items()}
    return Table(tuple(titles.get(c, c) for c in made.columns), made.rows, made.text_columns)
