"""All pairs at a glance: differences above the diagonal, adjusted p-values below it."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from reports.style import INK, MUTED, RULE
from reports.tables.rows import has_probabilities, records
from stats.common import text
from stats.common.text import TYPESET

from .canvas.axes import luminance, name_ticks, tidy
from .canvas.frame import colour_map, framed, inside
from .canvas.layout import text_width, widest
from .canvas.look import Look, adjustable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison

#: Up to so many models the cells hold wins, ties and losses too; up to so many they hold a number each.
_DETAILED, _NUMBERED = 12, 30
#: Greys of the adjusted p below the diagonal: up to this p (or doubt), this grey.
_GREYS = ((0.001, "#4a4f55"), (0.01, "#83898f"), (0.05, "#bfc4c9"), (np.inf, "#ffffff"))


@adjustable
def comparison_matrix(comparison: "Comparison", ax: "Axes | None" = None, *, look: Look) -> "Axes":
    """Draw every pair of models: row minus column above the diagonal, the adjusted p below it.

    Parameters
    ----------
    comparison : Comparison
        Of all pairs, not against a control.
    ax : Axes, optional
    {shared}

    Returns
    -------
    Axes
        Models by mean rank. Up to 12 models the cells hold wins/ties/losses too, up to 30 one number each; beyond,
        colour alone: above the diagonal where the pair differs, below it in four greys.

    Examples
    --------
    The pair's difference .1 and its p = 2 / 2^6 = .031 stand in the cells:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> ax = embsig.comparison_matrix(comparison)
    >>> any("0.031" in text.get_text() for text in ax.texts)
    True
    """
    from matplotlib.collections import PatchCollection
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Rectangle

    models = [str(m) for m in comparison.ranks["model"]]
    bayes = has_probabilities(comparison)
    show = TYPESET.chance if bayes else partial(TYPESET.pvalue, symbol="")
    k = len(models)
    detailed, numbered = k <= _DETAILED, k <= _NUMBERED
    size = look.size * (1.0 if detailed else 0.8 if numbered else 0.7)
    difference, p, significant, counts = _matrices(comparison, models)
    digits = text.places(comparison.ranks["mean"])
    if not detailed:
        digits = max(digits - 1, 1)
    labels = [look.name(m) for m in models]
    cell_width = text_width("−" + "0" * (digits + 2), size) + 8 if numbered else size * 1.25
    cell_height = size * (3.4 if detailed else 2.0) if numbered else size * 1.25
    if detailed:
        cell_width = max(cell_width, widest([c for row in counts for c in row], size - 1) + 8)
    note = _note(comparison, detailed, numbered)
    if ax is None:
        left = widest(labels, size) + 10
        heads = widest(labels, size) if numbered else size
        slant = np.sin(np.pi / 3) * heads
        overhang = max(text_width(labels[-1], size) * 0.5 + 8, 12.0) if numbered else 12.0
        width, height = cell_width * k, cell_height * k
        ax = framed(
            look, width, height, left=left, right=overhang, top=slant + 16, below=8, note=note, foot=max(size - 1, 3),
            least=(width * 0.98, height * 0.98),
        )  # fmt: skip
    else:
        inside(ax, look)
    colours = colour_map(look.palette.diverging)
    limit = float(np.nanquantile(np.abs(difference), 0.95)) or 1.0
    sign = 1 if comparison.scores.higher_is_better else -1
    faces = np.ones((k, k, 3))
    for i, j in zip(*np.nonzero(~np.eye(k, dtype=bool)), strict=True):
        if j > i and significant[i, j]:
            faces[i, j] = colours(0.5 + 0.42 * float(np.clip(sign * difference[i, j] / limit, -1, 1)))[:3]
        elif j < i and np.isfinite(p[i, j]):
            doubt = 1 - p[i, j] if bayes else p[i, j]
            faces[i, j] = to_rgb(next(grey for most, grey in _GREYS if doubt <= most + 1e-12))
        if numbered:
            written = show(p[i, j]) if j < i else TYPESET.fixed(difference[i, j], digits, signed=True)
            below = counts[i][j] if j > i and detailed else ""
            _write_cell(ax, i, j, written, below, size, face=faces[i, j], bold=bool(j > i and significant[i, j]))
    if numbered:
        cells = [(i, j) for i in range(k) for j in range(k) if i != j]
        squares = [Rectangle((j - 0.5, i - 0.5), 1, 1) for i, j in cells]
        ax.add_collection(
            PatchCollection(squares, facecolor=[faces[c] for c in cells], edgecolor=RULE, linewidth=0.4, zorder=1)
        )
    else:
        ax.imshow(faces, aspect="auto", interpolation="none", zorder=1)
    ax.plot([-0.5, k - 0.5], [-0.5, k - 0.5], color=MUTED, lw=0.8, zorder=2)
    ax.set_xlim(-0.5, k - 0.5)
    ax.set_ylim(k - 0.5, -0.5)
    tidy(ax, size=size, spines=() if numbered else ("left", "right", "top", "bottom"))
    name_ticks(ax, "y", np.arange(k, dtype=float), labels, size=size)
    ax.xaxis.tick_top()
    if numbered:
        name_ticks(ax, "x", np.arange(k, dtype=float), labels, size=size, rotation=60)
    else:
        every = [0, *range(9, k, 10)]
        name_ticks(ax, "x", [float(i) for i in every], [str(i + 1) for i in every], size=size + 1)
    return ax


def _matrices(
    comparison: "Comparison", models: list[str]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.bool_], list[list[str]]]:
    k = len(models)
    place = {m: i for i, m in enumerate(models)}
    difference, p = np.full((k, k), np.nan), np.full((k, k), np.nan)
    significant = np.zeros((k, k), dtype=bool)
    counts = [[""] * k for _ in range(k)]
    bayes = has_probabilities(comparison)
    for row in records(comparison.pairs):
        i, j = place[str(row.model_a)], place[str(row.model_b)]
        difference[i, j], difference[j, i] = row.difference, -row.difference
        p[i, j] = p[j, i] = max(row.p_better, row.p_worse) if bayes else row.pvalue_adjusted
        significant[i, j] = significant[j, i] = bool(row.significant)
        counts[i][j] = f"{row.win:.0f}/{row.tie:.0f}/{row.loss:.0f}"
        counts[j][i] = f"{row.loss:.0f}/{row.tie:.0f}/{row.win:.0f}"
    return difference, p, significant, counts


def _write_cell(
    ax: "Axes", i: int, j: int, text: str, below: str, size: float, *, face: npt.NDArray[np.float64], bold: bool
) -> None:
    ink = "#fcfcfc" if luminance(face) < 0.25 else INK
    weight = "bold" if bold else "normal"
    shift = 0.18 if below else 0.0
    ax.text(j, i - shift, text, fontsize=size, ha="center", va="center_baseline", color=ink, weight=weight, zorder=3)
    if below:
        ax.text(j, i + 0.24, below, fontsize=size - 1, ha="center", va="center_baseline", color=ink, zorder=3)


def _note(comparison: "Comparison", detailed: bool, numbered: bool) -> str:
    better = "higher" if comparison.scores.higher_is_better else "lower"
    above = (
        "Above the diagonal: row minus column" + (", with the row's wins/ties/losses" if detailed else "")
        if numbered
        else "Above the diagonal: colour of row minus column"
    )
    if has_probabilities(comparison):
        what, limits = "probability that the likelier one is better", "over 0.999, 0.99, 0.95, and below"
    else:
        what, limits = "adjusted p", "up to 0.001, 0.01, 0.05, and above"
    below = (
        f"Below: {what}, the darker the {'surer' if has_probabilities(comparison) else 'smaller'}"
        if numbered
        else f"Below: {what} in four greys, dark to white: {limits}"
    )
    return (
        f"{above}; coloured{' and bold' if numbered else ''} where the pair differs ({comparison.method.caption(TYPESET)}; the darker, the better "
        f"the row; {better} is better). {below}. Models by mean rank."
    )
