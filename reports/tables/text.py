"""The report for a terminal: what is decided, the ranking and what to do next, then sentences and tables in plain characters."""

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reports.given import check_comparison
from stats.common import text
from stats.common.text import PLAIN, TYPESET, Text
from stats.common.units import in_units
from stats.comparison.next_steps import next_steps
from stats.comparison.sentences.limits import wrong

from .drawn import decided_pairs, rank_lines
from .rows import Table, frame_table, incomplete_rows, method_lines, omnibus_rows, pair_rows, ranking, relevant_pairs

if TYPE_CHECKING:
    import pandas as pd

    from stats import Comparison
    from stats.comparison.finding import Finding

_WIDTH = 100
#: What every comparison finds beside its test is said in a sentence; `named_frame` has the table.
_SAID_IN_WORDS = {("rankings", "borda"), ("agreement", "tasks"), ("agreement", "families")}
_ROWS = 10


def text_table(table: Table, *, indent: int = 0) -> str:
    """Lay a table out in columns, two blanks apart; nothing is cut.

    Examples
    --------
    >>> print(text_table(Table(("model", "p"), (("a", "0.5"),), frozenset({0}))))
    model    p
    a      0.5
    """
    widths = [max(len(line[i]) for line in (table.columns, *table.rows)) for i in range(len(table.columns))]
    lines = []
    for row in (table.columns, *table.rows):
        cells = [
            cell.ljust(width) if i in table.text_columns else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(" " * indent + "  ".join(cells).rstrip())
    return "\n".join(lines)


def text_report(comparison: "Comparison", *, pairs: int = 20, width: int = _WIDTH) -> str:
    """Say what a comparison found, for a terminal.

    Parameters
    ----------
    comparison : Comparison
    pairs : int
        At most so many pairs are listed.
    width : int
        Sentences are broken at this column; tables are as wide as their names.

    Returns
    -------
    str
        What makes all of it worthless, if anything does, the decided pairs, the ranking, what to do next, warnings and the audit's headline, the conclusions in sentences, pairs, groups,
        the omnibus tests, families and what other methods say; ends in a line feed.

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> embsig.text_report(comparison).splitlines()[0]
    'Decided, 1 of 1 pair: a over b.'
    """
    check_comparison(comparison, "text_report")
    shown_names = [text.name(m) for m in comparison.scores.models]

    def paragraph(said: str, mark: str = "") -> str:
        return textwrap.fill(
            in_units(text.name(said), comparison.scores.unit, shown_names), width, initial_indent=mark, subsequent_indent=" " * len(mark),
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip

    first = wrong(comparison)
    parts = [paragraph(w, "warning: ") for w in first]
    parts.append(paragraph(decided_pairs(comparison)))
    parts.append(_drawn_ranking(comparison) + f"\n\n* may be the best ({comparison.method.percent} top set)")
    if waiting := incomplete_rows(comparison, _ROWS):
        parts.append(text_table(waiting[0]) + "\n\n" + paragraph(waiting[1]))
    if further := next_steps(comparison):
        parts.append(paragraph(further, "Next: "))
    remarks = [paragraph(w, "warning: ") for w in comparison.warnings if w not in first]
    headline = getattr(comparison.audit, "headline", None)
    if headline:
        remarks.append(paragraph(str(headline), "audit: "))
    if remarks:
        parts.append("\n".join(remarks))
    parts.append("\n".join(paragraph(sentence) for sentence in comparison.conclusions))
    if comparison.design is not None:
        parts.append("\n".join(paragraph(sentence) for sentence in comparison.design.conclusions))
    shown, which = relevant_pairs(comparison, pairs)
    method = paragraph(f"{which} {comparison.method.caption()}; a - b > 0: a scores higher.")
    parts.append(text_table(pair_rows(comparison, shown, PLAIN)) + "\n\n" + method)
    if comparison.cliques:
        groups = [
            paragraph(", ".join(text.name(m) for m in clique), f"{text.letters(i)}: ")
            for i, clique in enumerate(comparison.cliques[:12])
        ]
        more = len(comparison.cliques) - len(groups)
        groups += [f"and {text.count(more, 'more group')}"] if more else []
        parts.append("Cannot be told apart:\n" + "\n".join(groups))
    parts.append(text_table(omnibus_rows(comparison, PLAIN)))
    if comparison.families:
        parts.append(text_table(family_rows(comparison, PLAIN)))
    for key, finding in comparison_findings(comparison):
        said = [paragraph(f"{finding.title}: {finding.text}".rstrip(": "))]
        said += [paragraph(w, "warning: ") for w in finding.warnings]
        if key not in _SAID_IN_WORDS:
            more = len(finding.frame) - _ROWS
            said.append(text_table(frame_table(_telling(finding.frame).head(_ROWS), PLAIN), indent=2))
            said += [f"  and {text.count(more, 'more row')}"] if more > 0 else []
            said.append(paragraph(f"({finding.method}; {finding.source}; {text.count(finding.n_tasks, 'task')})"))
        parts.append("\n".join(said))
    parts.append("\n".join(paragraph(line) for line in method_lines(comparison)))
    return "\n\n".join(parts) + "\n"


def _telling(frame: "pd.DataFrame") -> "pd.DataFrame":
    """The table with the rows first that tell most: of a frontier, by ascending cost, its own from the best model down."""
    if "on_frontier" not in frame:
        return frame
    on = frame["on_frontier"].astype(bool)
    return frame.assign(_on=on)[::-1].sort_values("_on", ascending=False, kind="stable").drop(columns="_on")


def _drawn_ranking(comparison: "Comparison") -> str:
    """The ranking, with the ranks that each model may have drawn beside the numbers."""
    table = ranking(comparison, PLAIN)
    drawn = rank_lines(comparison)
    last = len(table.columns)
    head = f"1 to {comparison.n_pool:,}"
    rows = tuple((*row, line) for row, line in zip(table.rows, drawn, strict=True))
    return text_table(Table((*table.columns, head), rows, table.text_columns | {last}))


def comparison_findings(comparison: "Comparison") -> Iterator[tuple[tuple[str, str], "Finding"]]:
    """Group and name of every further finding, with the finding."""
    for group, named in comparison.further.items():
        for name, finding in named.items():
            yield (group, name), finding


def family_rows(comparison: "Comparison", style: Text = TYPESET) -> Table:
    """One row per task family: its tasks, the best model, how many may be the best, the omnibus p."""
    rows = []
    for family, part in comparison.families.items():
        best = part.ranks.iloc[0]
        others = int((part.ranks["rank"] == best["rank"]).sum()) - 1
        top = int(part.ranks["in_top_set"].fillna(False).astype(bool).sum())
        rows.append(
            (
                text.name(family),
                f"{part.n_tasks}",
                text.name(best["model"]) + (f" and {others:,} more" if others else ""),
                f"{top:,} of {part.n_models:,}",
                f"{int(part.pairs['significant'].astype(bool).sum()):,} of {len(part.pairs):,}",
                style.pvalue(float(part.omnibus.get("friedman", {}).get("pvalue", float("nan"))), symbol=""),
            )
        )
    best_of = "best mean rank" if comparison.n_models >= comparison.n_pool else "best mean rank shown"
    columns = ("family", "tasks", best_of, "may be the best", "significant pairs", "Friedman p")
    if comparison.control is not None:  # no two models were compared but with the control: any of them may be the best
        return Table(columns[:3] + columns[4:], tuple(row[:3] + row[4:] for row in rows), frozenset({0, 2}))
    return Table(columns, tuple(rows), frozenset({0, 2}))
