"""Axes in the house's own look, without touching the global settings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from reports.style import FONT, INK, MUTED, RULE, SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison


def tidy(
    ax: "Axes", *, size: float = FONT, spines: Sequence[str] = ("bottom",), grid: Literal["x", "y", ""] = ""
) -> None:
    """Give the axes thin spines, small ticks, type of `size` points and, if asked, a light grid."""
    for side, spine in ax.spines.items():
        spine.set_visible(side in spines)
        spine.set_color(INK)
        spine.set_linewidth(0.7)
    ax.tick_params(labelsize=size, width=0.7, length=3, color=INK, labelcolor=INK)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(True, axis=grid, color=RULE, linewidth=0.5)


def name_ticks(
    ax: "Axes", axis: Literal["x", "y"], positions: Sequence[float] | npt.NDArray[np.float64], names: Sequence[str],
    *, size: float = FONT, rotation: float = 0,
) -> None:  # fmt: skip
    """Write names along an axis as they are: a dollar sign in a name is a dollar sign."""
    which = ax.xaxis if axis == "x" else ax.yaxis
    which.set_ticks(list(positions), list(names))
    for label in which.get_ticklabels():
        label.set_parse_math(False)
        label.set_fontsize(size)
        label.set_color(INK)
        if rotation:
            label.set_rotation(rotation)
            label.set_rotation_mode("anchor")
            label.set_horizontalalignment("left" if rotation > 0 else "right")
    which.set_tick_params(length=0)


def caption(ax: "Axes", text: str, *, left: float, width: float, below: float, size: float = SMALL) -> None:
    """Write a note below the axes: so many points below, starting so many points left of it, no wider than `width`."""
    from .layout import wrap

    lines = wrap(text, width, size, even=False)
    ax.annotate(
        "\n".join(lines), (0, 0), xycoords="axes fraction", xytext=(-left, -below), textcoords="offset points",
        fontsize=size, color=MUTED, ha="left", va="top", linespacing=1.3, annotation_clip=False, parse_math=False,
    )  # fmt: skip


def wide_label(ax: "Axes", lines: Sequence[str], *, left: float, width: float, size: float) -> None:
    """Write the label of the x axis in lines, centred over the whole figure (`left` points left of the axes, `width` wide)."""
    ax.annotate(
        "\n".join(lines), (0, 0), xycoords="axes fraction", xytext=(-left + width / 2, -2.2 * size),
        textcoords="offset points", fontsize=size, color=INK, ha="center", va="top", linespacing=1.25, annotation_clip=False,
        parse_math=False,
    )  # fmt: skip


def caption_height(text: str, width: float, size: float = SMALL) -> float:
    """Height of such a note in points."""
    from .layout import wrap

    return len(wrap(text, width, size, even=False)) * size * 1.35


#: Added to a caption where an interval is cut.
CUT_NOTE = " An arrow: the interval continues beyond the figure."


def window(values: Sequence[float], lows: Sequence[float], highs: Sequence[float]) -> tuple[float, float]:
    """Return the part of the axis to draw for values with intervals, and 0.

    With few tasks an interval can be many times as wide as all differences together, or unbounded; such a one is cut, so
    that the others stay readable: no end is farther from the values than twice what the values and the typical
    interval take up.
    """
    at = np.asarray([0.0, *(v for v in values if np.isfinite(v))])
    ends = np.asarray([*lows, *highs], dtype=float)
    ends = ends[np.isfinite(ends)]
    half = np.asarray([(h - low) / 2 for low, h in zip(lows, highs, strict=True) if np.isfinite(h - low)])
    most = 2 * (np.ptp(at) + (float(np.median(half)) if half.size else 0.0))
    low, high = (float(f(np.append(np.clip(ends, at.min() - most, at.max() + most), at))) for f in (np.min, np.max))
    margin = 0.06 * (high - low) or 0.5
    return low - margin, high + margin


def draw_interval(ax: "Axes", y: float, low: float, high: float, span: tuple[float, float], **style: Any) -> None:
    """Draw an interval at height `y`, with an arrow where it goes on beyond `span`; nothing where it is undefined."""
    if np.isnan(low) or np.isnan(high):
        return
    ax.plot([max(low, span[0]), min(high, span[1])], [y, y], **style)
    tip = {"color": style["color"], "ls": "none", "ms": 4.5, "zorder": style.get("zorder", 2), "clip_on": False}
    if low < span[0]:
        ax.plot([span[0]], [y], marker=4, **tip)
    if high > span[1]:
        ax.plot([span[1]], [y], marker=5, **tip)


def is_cut(lows: Sequence[float], highs: Sequence[float], span: tuple[float, float]) -> bool:
    """Whether any of the intervals goes on beyond `span`."""
    return any(low < span[0] or high > span[1] for low, high in zip(lows, highs, strict=True))


def luminance(colour: Sequence[float] | npt.NDArray[np.float64]) -> float:
    """Relative luminance (WCAG 2) of an RGB colour with parts from 0 to 1; ink on it is dark above 0.18, clearly so above 0.3."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def reference_model(comparison: "Comparison", model: str | None) -> str:
    """Return the model that others are compared with: the one named, else the control, else the best mean rank.

    Raises
    ------
    InputError
        If the comparison does not have that model.
    """
    from stats.common.errors import InputError, did_you_mean

    models = [str(m) for m in comparison.ranks["model"]]
    chosen = model if model is not None else comparison.control if comparison.control is not None else models[0]
    if str(chosen) not in models:
        raise InputError(f"model {chosen!r} is not among the {len(models)} compared{did_you_mean(str(chosen), models)}")
    if comparison.control is not None and str(chosen) != str(comparison.control):
        raise InputError(
            f"model {chosen!r}: this comparison has pairs with its control {comparison.control!r} only; compare without control"
        )
    return str(chosen)
