"""Bootstrap distributions of the differences to one model."""

from typing import TYPE_CHECKING

import numpy as np

from reports.style import INK, MUTED, RULE
from stats.comparison.on_request import bootstrap_densities
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
from .canvas.layout import widest
from .canvas.look import Look, adjustable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison

_WIDTH = 280.0


@adjustable
def bootstrap_density(
    comparison: "Comparison",
    ax: "Axes | None" = None,
    *,
    model: str | None = None,
    most: int = 20,
    look: Look,
) -> "Axes":
    """Draw how each model's difference to one of them varies when the tasks are drawn again.

    Parameters
    ----------
    comparison : Comparison
    ax : Axes, optional
    model : str, optional
        Compare with this model; without it with the control, or the best mean rank.
    most : int
        At most so many models: those nearest in rank.
    {shared}

    Returns
    -------
    Axes
        One density per model (Gaussian kernel, Scott's rule) of the paired bootstrap over tasks with the comparison's own
        seed; the line under it is the comparison's interval.

    Raises
    ------
    InputError
        If the comparison has no such model.

    Examples
    --------
    The dot is a's difference from b, .1 on every task:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> ax = embsig.bootstrap_density(comparison, model="b")
    >>> [round(float(x), 9) for x in ax.lines[-1].get_xdata()]
    [0.1]
    """
    from ._forest import differences

    reference = reference_model(comparison, model)
    models = [str(m) for m in comparison.ranks["model"]]
    home = models.index(reference)
    near = sorted((m for m in models if m != reference), key=lambda m: abs(models.index(m) - home))[:most]
    shown = [m for m in models if m in near]
    drawn = bootstrap_densities(comparison, reference, tuple(shown))
    grid = drawn.grid
    found = differences(comparison, reference)
    labels = [look.name(m) for m in shown]
    note = (
        f"Densities of the mean difference over {drawn.n_resamples:,} resamples of the tasks; line and dot: {comparison.method.percent} "
        f"interval and {ESTIMATES.get(comparison.method.estimand, 'difference')}. "
        "Coloured with a solid edge: the interval leaves out 0; grey with a dashed edge: it does not."
    )
    lows, highs = [found[m][1] for m in shown], [found[m][2] for m in shown]
    span = window([float(grid[0]), float(grid[-1])], lows, highs)
    if is_cut(lows, highs, span):
        note += CUT_NOTE
    if len(models) - 1 > len(shown):
        note += f" The {len(shown)} models nearest in rank, of {len(models) - 1}."
    x_label = f"difference from {look.name(reference)}"
    if ax is None:
        row = 2.1 * look.size
        ax = framed(
            look, _WIDTH, row * (len(shown) + 0.6), left=widest(labels, look.size) + 12, right=12, top=8,
            below=2.2 * look.size + 6, note=note, label=x_label, least=(110, 0.6 * row * (len(shown) + 0.6)),
        )  # fmt: skip
    else:
        inside(ax, look, x_label)
    tidy(ax, size=look.size)
    ax.axvline(0, color=MUTED, lw=0.9, zorder=1)
    for i, m in enumerate(shown):
        value, low, high, _ = found[m]
        apart = low > 0 or high < 0
        density = drawn.density[i]
        if np.isfinite(density).all():
            top = i - 0.85 * density / density.max()
            keep = density > 1e-3 * density.max()
            ax.fill_between(
                grid[keep],
                i,
                top[keep],
                color=look.palette.accent if apart else RULE,
                alpha=0.35,
                lw=0,
                zorder=2 + 0.01 * i,
            )
            ax.plot(
                grid[keep], top[keep], color=look.palette.accent if apart else MUTED, lw=0.9, ls="-" if apart else "--",
                zorder=2 + 0.01 * i,
            )  # fmt: skip
        draw_interval(ax, i, low, high, span, color=INK, lw=1.4, solid_capstyle="butt", zorder=4)
        ax.plot([value], [i], marker="o", ms=3.4, color=INK, zorder=4)
    name_ticks(ax, "y", np.arange(len(shown), dtype=float), labels, size=look.size)
    ax.set_ylim(len(shown) - 0.5, -1.0)
    ax.set_xlim(*span)
    ax.locator_params(axis="x", nbins=6)
    return ax
