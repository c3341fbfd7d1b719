"""Tables for Markdown."""

import re
from typing import TYPE_CHECKING

from reports.given import check_comparison
from stats.common import text
from stats.common.text import TYPESET

from .named import named_frame
from .rows import Table, frame_table, method_lines, pair_rows, ranking, relevant_pairs

if TYPE_CHECKING:
    from stats import Comparison

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~$&#])")


def escape_markdown(text: str) -> str:
    r"""Write a text so that Markdown shows it as it is.

    Examples
    --------
    >>> escape_markdown("e5_large|v2")
    'e5\\_large\\|v2'
    """
    return _SPECIAL.sub(r"\\\1", text)


def _lay_out(table: Table) -> str:
    rule = ["---" if i in table.text_columns else "--:" for i in range(len(table.columns))]
    lines = [list(table.columns), rule, *([escape_markdown(c) for c in row] for row in table.rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def markdown_table(comparison: "Comparison", *, pairs: int = 0, table: str | None = None) -> str:
    """Write the ranking, and on request pairs, as Markdown tables; or one other table.

    Parameters
    ----------
    comparison : Comparison
    pairs : int
        List up to so many pairs below the ranking.
    table : str, optional
        This table instead, by its name in `TABLES`, with the method below it.

    Returns
    -------
    str
        The ranking (a star marks the models that may be the best) and a line on the method; ends in a line feed.

    Examples
    --------
    Means (.9 + ... + .4) / 6 = .65 and .55:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> embsig.markdown_table(comparison).splitlines()[2][:12]
    '| 1 | a | 1 '
    """
    check_comparison(comparison, "markdown_table")
    if table is not None:
        frame, words = named_frame(comparison, table)
        return f"{_lay_out(frame_table(frame))}\n\n{escape_markdown(words)}\n"
    note = (
        f"Mean rank over {text.count(comparison.n_tasks, comparison.scores.unit)}, 1 is best; \\*: may be the best "
        f"({comparison.method.percent} top set). {comparison.method.caption(TYPESET)}."
    )
    parts = [_lay_out(ranking(comparison)), note]
    if pairs:
        shown, which = relevant_pairs(comparison, pairs)
        parts += [_lay_out(pair_rows(comparison, shown)), which]
    parts.append(escape_markdown(" ".join(method_lines(comparison))))
    return "\n\n".join(parts) + "\n"
