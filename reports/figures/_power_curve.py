"""Power curve: how large a difference has to be for so many tasks to show it."""

from typing import TYPE_CHECKING

import numpy as np

from reports.style import DASHES, FONT, INK, MARKERS, PALETTE, RULE
from stats.common import text
from stats.comparison.tests import TESTS
from stats.comparison.tests.registry import simulated_as

from .canvas.axes import caption, caption_height, tidy
from .canvas.layout import panel, widest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison

_WIDTH, _HEIGHT = 280.0, 170.0
#: A power at no difference of so many times alpha is explained.
_SKEWED = 1.5


def power_curve(
    comparison: "Comparison",
    ax: "Axes | None" = None,
    *,
    n_resamples: int = 400,
    font_size: float = FONT,
) -> "Axes":
    """Draw the probability of a significant result against the size of a true difference.

    Parameters
    ----------
    comparison : Comparison
    ax : Axes, optional
    n_resamples : int
        Simulated experiments per pair, difference and number of tasks.
    font_size : float

    Returns
    -------
    Axes
        Curves for half, all and twice the tasks with the level shared by all comparisons (Bonferroni), and for all tasks with a
        single comparison. Each is the median over up to 8 pairs of neighbours in mean score, spread over the ranking, by
        ``stats.planning.simulated_power``. The differences are named beforehand: this is no power of what was observed.

    Raises
    ------
    InputError
        If there are fewer than three tasks.
    """
    from stats.planning import minimum_detectable_effect, simulated_power, spread_neighbours

    pairs = spread_neighbours(comparison.scores, comparison.control)
    method = comparison.method
    test = simulated_as(method.facts)
    alpha, seed = method.alpha, method.seed
    n, m = comparison.n_tasks, len(comparison.pairs)
    scores = comparison.scores
    plan = minimum_detectable_effect(
        scores, alpha=alpha, n_comparisons=1, test=test, pairs=pairs, n_resamples=n_resamples, rng=seed
    )
    reach = 4.0 * (plan.typical if np.isfinite(plan.typical) else float(np.median(plan.frame["sd"])))
    effects = np.linspace(0, reach or 1.0, 17)
    kinds = [(n, m), (2 * n, m), *([(n, 1)] if m > 1 else [])]
    if n >= 6:
        kinds.insert(0, (n // 2, m))
    curves = [
        [
            float(
                np.median(
                    simulated_power(
                        scores, float(e), n_tasks=tasks, alpha=alpha, n_comparisons=shared, test=test, pairs=pairs,
                        n_resamples=n_resamples, rng=seed,
                    )["power"]
                )
            )
            for e in effects
        ]
        for tasks, shared in kinds
    ]  # fmt: skip
    labels = [f"{text.count(tasks, 'task')}, {text.count(shared, 'comparison')}" for tasks, shared in kinds]
    note = (
        f"{TESTS[test].title}, α = {alpha:g} shared by the comparisons; median of {text.count(len(pairs), 'pair')} of neighbours, simulated from "
        "the spread of their own differences. Dotted: 80 %."
    )
    if test == "wilcoxon" and max(curve[0] for curve in curves) > _SKEWED * alpha:
        note += (
            " Where a pair's differences are skewed the curve does not start at α: the test is about the middle of the "
            "differences, and their mean can be 0 where their middle is not."
        )
    if ax is None:
        legend = widest(labels, font_size) + 46
        left = 38.0
        foot = caption_height(note, left + _WIDTH + legend - 8, font_size - 1)
        ax = panel(_WIDTH, _HEIGHT, left=left, right=legend, top=10, bottom=34 + foot + 4)
        caption(ax, note, left=left - 4, width=left + _WIDTH + legend - 8, below=34, size=font_size - 1)
    tidy(ax, size=font_size, spines=("bottom", "left"), grid="y")
    ax.axhline(0.8, color=INK, lw=0.7, ls=":")
    for i, (curve, label) in enumerate(zip(curves, labels, strict=True)):
        ax.plot(
            effects, curve, color=PALETTE[i], ls=DASHES[i], lw=1.5, marker=MARKERS[i], ms=3.6, markevery=2, label=label
        )
    ax.set_xlim(0, effects[-1])
    ax.set_ylim(0, 1.02)
    ax.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"])
    ax.set_xlabel("true difference in mean score", fontsize=font_size, color=INK)
    ax.grid(True, axis="x", color=RULE, linewidth=0.3)
    ax.legend(
        loc="center left",
        bbox_to_anchor=(1.01, 0.5),
        frameon=False,
        fontsize=font_size,
        handlelength=2.6,
        labelcolor=INK,
    )
    return ax
