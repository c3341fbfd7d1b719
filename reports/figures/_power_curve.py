"""Power curve: how large a difference has to be for so many tasks to show it."""

from typing import TYPE_CHECKING

from reports.style import DASHES, INK, MARKERS, RULE
from stats.common import text
from stats.comparison.on_request import power_curves

from .canvas.axes import tidy
from .canvas.legend import with_legend
from .canvas.look import Look, adjustable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison

#: On a page, at a telephone's width, type of 8 points is then one of 10 pixels.
_WIDTH, _HEIGHT = 250.0, 170.0


@adjustable
def power_curve(
    comparison: "Comparison",
    ax: "Axes | None" = None,
    *,
    look: Look,
) -> "Axes":
    """Draw the probability of a significant result against the size of a true difference.

    Parameters
    ----------
    comparison : Comparison
    ax : Axes, optional
    {shared}

    Returns
    -------
    Axes
        Curves for half, all and twice the tasks with the level shared by all comparisons (Bonferroni), and for all tasks with a
        single comparison. Each is the median over up to 8 pairs of neighbours in mean score, spread over the ranking, by
        ``embsig.simulated_power``. The differences are named beforehand: this is not the power of what was observed.

    Raises
    ------
    InputError
        If there are fewer than three tasks.

    Examples
    --------
    Three tasks can reach no p below 1/4, so they find nothing; six reach 1/32:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.72, 0.6, 0.53, 0.4, 0.35]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> ax = embsig.power_curve(comparison)
    >>> [(line.get_label(), round(float(line.get_ydata().max()), 2)) for line in ax.lines[1:3]]
    [('3 tasks, 1 comparison', 0.0), ('6 tasks, 1 comparison', 1.0)]
    """
    found = power_curves(comparison)
    alpha = comparison.method.alpha
    labels = [f"{text.count(tasks, 'task')}, {text.count(shared, 'comparison')}" for tasks, shared in found.kinds]
    note = (
        f"{found.test.title}, α = {alpha:g} shared by the comparisons; median of {text.count(found.n_pairs, 'pair')} of neighbours, simulated from "
        "the spread of their own differences, taken as symmetric about the true one. Dotted: 80 %."
    )
    ax, write_legend = with_legend(ax, look, _WIDTH, _HEIGHT, labels, note)
    tidy(ax, size=look.size, spines=("bottom", "left"), grid="y")
    ax.axhline(0.8, color=INK, lw=0.7, ls=":")
    for i, (curve, label) in enumerate(zip(found.curves, labels, strict=True)):
        ax.plot(
            found.effects,
            curve,
            color=look.palette.colour(i),
            ls=DASHES[i],
            lw=1.5,
            marker=MARKERS[i],
            ms=3.6,
            markevery=2,
            label=label,
        )
    ax.set_xlim(0, found.effects[-1])
    ax.set_ylim(0, 1.02)
    ax.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"])
    ax.set_xlabel("true difference in mean score", fontsize=look.size, color=INK)
    ax.grid(True, axis="x", color=RULE, linewidth=0.3)
    write_legend()
    return ax
