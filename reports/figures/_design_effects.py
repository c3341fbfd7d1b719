"""Design effects: what each design choice is worth, overall and per family."""

from typing import TYPE_CHECKING

from reports.tables.rows import records
from stats.common import text
from stats.common.errors import InputError

from ._forest import Row, around_rows, cut_note, draw_rows
from .canvas.frame import inside
from .canvas.look import Look, adjustable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison, FactorialResult


@adjustable
def design_effects(comparison: "Comparison", ax: "Axes | None" = None, *, look: Look) -> "Axes":
    """Draw the main effects of the design factors with their intervals, over all tasks and per family.

    Parameters
    ----------
    comparison : Comparison
        Made with a design (``compare(..., design=...)``).
    ax : Axes, optional
        Where to draw; without it a new figure is made as large as the names ask for.
    {shared}

    Returns
    -------
    Axes
        A block per contrast of two levels of a factor, a row per family. Filled marks: significant after correction. Behind
        the contrast, the adjusted p of its dependence on the family (see `factorial`, ``by_family``).

    Raises
    ------
    InputError
        If the comparison has no design, or no main effect can be estimated from it.

    Examples
    --------
    The mark is eos less mean, which is b less a, -.1 on every task:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> design = pd.DataFrame({"pooling": ["mean", "eos"]}, index=["a", "b"])
    >>> comparison = embsig.compare(scores, design=design, rng=0)
    >>> ax = embsig.design_effects(comparison)
    >>> [round(float(x), 9) for x in ax.lines[2].get_xdata()]
    [-0.1]
    """
    design = getattr(comparison, "design", None)
    if design is None:
        raise InputError(
            "this comparison has no design: give a table of design factors (design=, on the command line --design)"
        )
    main = design.contrasts[design.contrasts["kind"] == "main"]
    if main.empty:
        raise InputError("no main effect can be estimated from this design: see its table of what is not estimable")
    rows: list[Row] = []
    y = 0.0
    for (factor, a, b), block in main.groupby(["factor", "a", "b"], sort=False):
        heading = f"{text.name(factor)}: {text.name(a)} − {text.name(b)}"
        rows.append((y, heading + _depends(design, factor, a, b), None))
        y += 1
        for row in records(block):
            label = "all tasks" if row.family == "overall" else text.name(row.family)
            rows.append((y, f"{label} ({row.n})", (row.difference, row.low, row.high, bool(row.significant))))
            y += 1
        y += 0.6
    note = (
        f"Marks: difference at equal levels of the other factors, over the number of tasks beside each; whiskers: {comparison.method.percent} interval. "
        "Filled: significant after correction; hollow: not distinguishable from 0."
        + (
            ""
            if design.by_family.empty
            else " × family: whether the effect depends on the family, adjusted p (families permuted, and each with its own spread)."
        )
    ) + cut_note(rows)
    x_label = "difference in mean score" + ("" if comparison.scores.higher_is_better else " (lower is better)")
    if ax is None:
        ax = around_rows(look, rows, y, note=note, label=x_label)
    else:
        inside(ax, look, x_label)
    draw_rows(ax, rows, y, look)
    return ax


def _depends(design: "FactorialResult", factor: str, a: str, b: str) -> str:
    """The adjusted p of family x contrast, where there are families."""
    table = design.by_family
    if table.empty:
        return ""
    here = table[(table["kind"] == "main") & (table["factor"] == factor) & (table["a"] == a) & (table["b"] == b)]
    return f" (× family: {text.pvalue(float(here['pvalue_adjusted'].iloc[0]))})" if len(here) else ""
