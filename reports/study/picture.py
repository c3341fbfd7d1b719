"""Designs by families: every design's difference from one of them, a column a family."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reports.figures.canvas.axes import name_ticks, tidy
from reports.figures.canvas.frame import framed
from reports.figures.canvas.layout import nice_step, widest, write
from reports.figures.canvas.look import Look
from reports.style import INK, MUTED, PAPER, RULE
from stats.common import text
from stats.common.text import TYPESET

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMN, _GAP = 104.0, 10.0


def _reach(table: pd.DataFrame) -> float:
    """How far the axis goes.

    All intervals of one difference by itself are seen, and those of all together where they are no more than three times as long. From two or three
    training seeds these can be a hundred times as long, and everything else a dot.
    """
    alone, together = (
        float(np.nanmax(np.abs(table[list(ends)].to_numpy(float))))
        for ends in (("low_marginal", "high_marginal"), ("low", "high"))
    )
    return 1.04 * min(together, 3 * alone)


def designs_by_family(table: pd.DataFrame, *, baseline: str, names: dict[str, str]) -> "Axes":
    """Draw differences from the baseline with two intervals: thick by itself, thin together with all others of the figure.

    Parameters
    ----------
    table : DataFrame
        Of `bench.study.designs_by_family`: ``family, model, difference, low, high, low_marginal, high_marginal, n``.
    baseline : str
    names : dict
        How a design is written.

    Returns
    -------
    Axes
    """
    look = Look()
    families = list(dict.fromkeys(table["family"]))
    models = list(dict.fromkeys(table["model"]))
    reach = _reach(table)
    cut = bool(np.nanmax(np.abs(table[["low", "high"]].to_numpy(float))) > reach)
    labels = [names.get(m, m) for m in models]
    note = (
        f"Difference in mean score from {names.get(baseline, baseline)}. Thick: 95 % interval of the difference by itself; thin: of all "
        f"{len(table)} together; both over other tasks of the family and other training seeds. Filled: the thin one leaves 0 out."
        + (" A thin line that ends in an arrow goes on." if cut else "")
    )
    size = look.size
    height = len(models) * size * 1.75
    ax = framed(
        look, len(families) * (_COLUMN + _GAP) - _GAP, height, left=widest(labels, size) + 12, right=10, top=size * 2.2,
        below=size * 2.2, note=note,
    )  # fmt: skip
    step = nice_step(reach, 2)
    for column, family in enumerate(families):
        middle = column * (_COLUMN + _GAP) + _COLUMN / 2
        scale = _COLUMN / 2 / reach
        part = table[table["family"] == family].set_index("model").loc[models]
        heading = f"{text.name(family)} ({int(part['n'].iloc[0])})"
        write(ax, middle, -1.15, heading, size=size, ha="center", weight="bold", color=INK)
        ax.plot([middle, middle], [-0.6, len(models) - 0.4], color=MUTED, lw=0.9, zorder=1)
        for tick in (-step, step):
            if abs(tick) <= reach:
                ax.plot([middle + tick * scale] * 2, [-0.6, len(models) - 0.4], color=RULE, lw=0.5, zorder=0)
        for y, row in enumerate(part.itertuples()):
            decided = row.low > 0 or row.high < 0
            colour = look.palette.accent if decided else MUTED
            ends = (row.low, row.high, row.low_marginal, row.high_marginal, row.difference)
            at = [middle + scale * min(max(float(v), -reach), reach) for v in ends]
            ax.plot(at[:2], [y, y], color=colour, lw=0.9, zorder=2, solid_capstyle="butt")
            for end, place, shape in ((-row.low, at[0], "<"), (row.high, at[1], ">")):
                if end > reach:
                    ax.plot([place], [y], marker=shape, ms=2.6, mew=0, color=colour, zorder=2, ls="none", clip_on=False)
            ax.plot(at[2:4], [y, y], color=colour, lw=2.6, zorder=3, solid_capstyle="butt")
            ax.plot(
                at[4:],
                [y],
                marker="o",
                ms=4.0,
                color=colour,
                mfc=colour if decided else PAPER,
                mew=1.0,
                zorder=4,
                ls="none",
            )
    ax.set_xlim(-_GAP / 2, len(families) * (_COLUMN + _GAP) - _GAP / 2)
    ax.set_ylim(len(models) - 0.4, -0.6)
    tidy(ax, size=size, spines=())
    name_ticks(ax, "y", np.arange(len(models), dtype=float), labels, size=size)
    ticks, words = [], []
    for column in range(len(families)):
        middle = column * (_COLUMN + _GAP) + _COLUMN / 2
        for value in (-step, 0.0, step):
            ticks.append(middle + value * _COLUMN / 2 / reach)
            words.append(TYPESET.fixed(value, max(0, -int(np.floor(np.log10(step)))), signed=True) if value else "0")
    name_ticks(ax, "x", ticks, words, size=size - 1)
    return ax
