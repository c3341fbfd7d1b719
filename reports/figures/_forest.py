"""Forest plot: differences to one model with their intervals, overall and per family."""

from typing import TYPE_CHECKING

from reports.style import MUTED, PAPER, RULE
from reports.tables.rows import records
from stats.common import text
from stats.common.text import TYPESET
from stats.comparison.sentences.conclusions import ESTIMATES

from .canvas.axes import (
    CUT_NOTE,
    draw_interval,
    is_cut,
    name_ticks,
    reference_model,
    tidy,
    window,
)
from .canvas.frame import framed, inside
from .canvas.layout import size_in_points, text_width, widest
from .canvas.look import Look, adjustable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison

#: Where a row lies, what it is called, and its difference, interval and significance (a heading has none).
Row = tuple[float, str, tuple[float, float, float, bool] | None]

_WIDTH = 260.0
_FAMILY_MODELS = 8


@adjustable
def forest(
    comparison: "Comparison",
    ax: "Axes | None" = None,
    *,
    model: str | None = None,
    families: bool | None = None,
    look: Look,
) -> "Axes":
    """Draw the difference of every model to one of them, with its confidence interval.

    Parameters
    ----------
    comparison : Comparison
    ax : Axes, optional
        Where to draw; without it a new figure is made as large as the names ask for.
    model : str, optional
        Compare with this model; without it with the control, or the best mean rank.
    families : bool, optional
        Repeat the rows for every task family; without it, where there are at most 8 models.
    {shared}

    Returns
    -------
    Axes
        Filled marks: significant after correction; hollow marks: cannot be told apart.

    Raises
    ------
    InputError
        If the comparison has no such model.

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> ax = embsig.forest(comparison, model="b")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['a']
    """
    reference = reference_model(comparison, model)
    parts = [(f"all {text.count(comparison.n_tasks, comparison.scores.unit)}", comparison)]
    if families or (families is None and comparison.n_models <= _FAMILY_MODELS):
        parts += [(f"{text.name(f)} ({part.n_tasks})", part) for f, part in comparison.families.items()]
    written = {m: look.name(m) for m in map(str, comparison.ranks["model"])}
    order = [m for m in written if m != reference]
    rows: list[Row] = []
    y = 0.0
    for label, part in parts:
        if len(parts) > 1:
            rows.append((y, label, None))
            y += 1
        found = differences(part, reference)
        for other in order:
            if other in found:
                rows.append((y, written[other], found[other]))
                y += 1
        y += 0.6
    direction = "" if comparison.scores.higher_is_better else " (lower is better)"
    x_label = f"{ESTIMATES.get(comparison.method.estimand, 'difference')} from {written[reference]}{direction}"
    note = (
        f"Marks: difference; whiskers: {comparison.method.percent} interval. Filled: significant "
        f"({comparison.method.caption(TYPESET)}); hollow: cannot be told apart."
    )
    note += cut_note(rows)
    if ax is None:
        ax = around_rows(look, rows, y, note=note, label=x_label)
    else:
        inside(ax, look, x_label)
    draw_rows(ax, rows, y, look)
    return ax


def around_rows(look: Look, rows: list[Row], bottom: float, *, note: str, label: str) -> "Axes":
    """Axes for the rows of a forest plot, as wide as their words ask for."""
    words = [t for _, t, values in rows if values]
    left = 14 + max(widest(words, look.size), widest([t for _, t, values in rows if not values], look.size, "bold"))
    height = (bottom + 0.2) * look.size * 1.5
    return framed(
        look, _WIDTH, height, left=left, right=12, top=0.5 * look.size + 4, below=2.2 * look.size + 6, note=note, label=label,
        least=(90, height * 0.8),
    )  # fmt: skip


def differences(part: "Comparison", reference: str) -> dict[str, tuple[float, float, float, bool]]:
    """Return per other model: its score minus the reference's, the interval's ends, whether significant."""
    pairs = part.pairs
    found: dict[str, tuple[float, float, float, bool]] = {}
    for row in records(pairs[(pairs["model_a"] == reference) | (pairs["model_b"] == reference)]):
        if str(row.model_b) == reference:
            found[str(row.model_a)] = (row.difference, row.low, row.high, bool(row.significant))
        else:
            found[str(row.model_b)] = (-row.difference, -row.high, -row.low, bool(row.significant))
    return found


def _spans(rows: list[Row]) -> tuple[list[float], list[float], list[float]]:
    """Differences, lower and upper ends of the rows that have them."""
    values = [v[:3] for *_, v in rows if v is not None]
    return [v[0] for v in values], [v[1] for v in values], [v[2] for v in values]


def cut_note(rows: list[Row]) -> str:
    """Return what the caption says where an interval will be cut; else nothing."""
    values, lows, highs = _spans(rows)
    return CUT_NOTE if is_cut(lows, highs, window(values, lows, highs)) else ""


def draw_rows(ax: "Axes", rows: list[Row], bottom: float, look: Look) -> None:
    """Draw the rows of a forest plot, headings in bold, down to `bottom`."""
    size, accent = look.size, look.palette.accent
    tidy(ax, size=size, grid="x")
    ax.axvline(0, color=MUTED, lw=0.9, zorder=1)
    shown = [(y, *values) for y, _, values in rows if values is not None]
    span = window(*_spans(rows))
    for y, value, low, high, significant in shown:
        colour = accent if significant else MUTED
        draw_interval(ax, y, low, high, span, color=colour, lw=1.3 if significant else 1.0, zorder=2)
        ax.plot(
            [value], [y], marker="o" if significant else "D", ms=4.2 if significant else 3.8,
            color=colour, mfc=accent if significant else PAPER, mew=1.0, zorder=3, ls="none",
        )  # fmt: skip
    name_ticks(ax, "y", [y for y, *_ in rows], [label for _, label, _ in rows], size=size)
    for label, (y, _, values) in zip(ax.get_yticklabels(), rows, strict=True):
        if values is None:
            label.set_fontweight("bold")
            ax.axhline(y + 0.5, color=RULE, lw=0.6, zorder=0)
    ax.set_ylim(bottom - 0.2, -0.7)
    ax.set_xlim(*span)
    room = size_in_points(ax)[0] / (text_width("−0.0000", size) * 1.5)
    ax.locator_params(axis="x", nbins=int(min(max(room, 2), 8)), min_n_ticks=3)
