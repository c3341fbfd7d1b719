"""Performance profile: how often, and how nearly, each model is the best."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from reports.style import DASHES, INK, MARKERS, PALETTE, RULE
from stats.common import text
from stats.common.errors import InputError
from stats.common.text import TYPESET

from .canvas.axes import tidy
from .canvas.legend import with_legend
from .canvas.look import Look, adjustable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison

#: On a page, at a telephone's width, type of 8 points is then one of 10 pixels.
_WIDTH, _HEIGHT = 250.0, 190.0
#: More grey lines than these nobody tells apart, and each weighs two kilobytes.
_DRAWN = 40


@adjustable
def performance_profile(
    comparison: "Comparison",
    ax: "Axes | None" = None,
    *,
    models: Sequence[str] | None = None,
    reach: float | None = None,
    look: Look,
) -> "Axes":
    """Draw, for each model, the share of tasks on which it comes within a distance of the best score.

    After Dolan and More (2002), with differences in place of their ratios, because scores are on one scale.

    Parameters
    ----------
    comparison : Comparison
    ax : Axes, optional
    models : sequence of str, optional
        Which models are drawn in colour (at most 8); without it those of the best mean rank. The others are grey.
    reach : float, optional
        Largest distance drawn, in units of the score; without it where the slowest coloured model has reached 90 %.
    {shared}

    Returns
    -------
    Axes

    References
    ----------
    Dolan, E. D. and More, J. J. (2002). Benchmarking optimization software with performance profiles. Mathematical
    Programming 91, 201-213.

    Examples
    --------
    a is the best everywhere, so its curve rises at 0; b is .1 away everywhere:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> ax = embsig.performance_profile(comparison)
    >>> [round(float(line.get_xdata()[1]), 9) for line in ax.lines]
    [0.0, 0.1]
    """
    every = [str(m) for m in comparison.ranks["model"]]
    chosen = [str(m) for m in models] if models is not None else every[:8]
    unknown = [m for m in chosen if m not in every]
    if unknown or len(chosen) > len(PALETTE):
        raise InputError(
            f"models={list(chosen)!r}: expected at most {len(PALETTE)} of the models compared"
            + (f"; unknown: {TYPESET.listing(unknown)}" if unknown else "")
        )
    table = comparison.scores.table[every]
    sign = 1.0 if comparison.scores.higher_is_better else -1.0
    values = sign * table.to_numpy(float)
    distance = np.nanmax(values, axis=1, keepdims=True) - values
    if reach is None:
        own = distance[:, [every.index(m) for m in chosen]]
        reach = float(np.nanmax(np.nanquantile(own, 0.9, axis=0))) or 1.0
    labels = [look.name(m) for m in chosen]
    note = (
        f"Share of the {text.count(comparison.n_tasks, comparison.scores.unit)} on which a model comes within a distance of the best of all "
        f"{text.count(len(every), 'model')}; further up and further left is better."
    )
    if len(every) > len(chosen):
        rest = text.count(len(every) - len(chosen), "model")
        note += (
            f" Grey: the other {rest}."
            if len(every) - len(chosen) <= _DRAWN
            else f" Grey: where the other {rest} are; darker: half of them."
        )
    ax, write_legend = with_legend(ax, look, _WIDTH, _HEIGHT, labels, note)
    tidy(ax, size=look.size, spines=("bottom", "left"), grid="y")
    others = [j for j, m in enumerate(every) if m not in chosen]
    _draw_others(ax, distance[:, others], reach)
    for i, model in enumerate(chosen):
        own = distance[:, every.index(model)]
        ax.ecdf(
            own[np.isfinite(own)], color=look.palette.colour(i), ls=DASHES[i], lw=1.5, zorder=3, label=labels[i], marker=MARKERS[i], ms=4,
            markevery=(1, max(len(own) // 8, 1)),
        )  # fmt: skip
    ax.set_ylabel("")
    ax.set_xlim(0, reach)
    ax.set_ylim(0, 1.02)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ax.set_xlabel("distance from the best score", fontsize=look.size, color=INK)
    write_legend()
    return ax


def _draw_others(ax: "Axes", distance: npt.NDArray[np.float64], reach: float) -> None:
    """A grey line each; of so many that nobody could follow one, what they cover, and their middle half."""
    from matplotlib.collections import LineCollection

    if distance.shape[1] <= _DRAWN:
        lines = [_steps(own, reach) for own in distance.T]
        ax.add_collection(LineCollection(lines, colors=RULE, linewidths=0.5, zorder=1))
        return
    at = np.linspace(0, reach, 200)
    shares = np.array(
        [
            np.searchsorted(np.sort(own[np.isfinite(own)]), at, side="right") / np.isfinite(own).sum()
            for own in distance.T
        ]
    )
    for low, high, strength in ((0.0, 1.0, 0.35), (0.25, 0.75, 0.6)):
        ends = np.quantile(shares, (low, high), axis=0)
        ax.fill_between(at, *ends, color=RULE, alpha=strength, lw=0, zorder=1)


def _steps(distances: npt.NDArray[np.float64], reach: float) -> npt.NDArray[np.float64]:
    """Corners of the empirical distribution function from 0 to beyond `reach`."""
    x = np.sort(distances[np.isfinite(distances)])
    y = np.arange(1, len(x) + 1) / len(x)
    x = np.concatenate([[0.0], x, [max(reach, x[-1])]])
    return np.column_stack([np.repeat(x, 2)[1:-1], np.repeat(np.concatenate([[0.0], y]), 2)])
