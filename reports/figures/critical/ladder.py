"""The ladder: models down the page in rank order, for more models than Demsar's diagram can hold."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reports.figures.canvas.layout import (
    in_points,
    new_axes,
    pack,
    size_in_points,
    text_width,
    widest,
    wrap,
    write,
)
from reports.figures.canvas.look import Look, NoRoom
from reports.style import BAND, INK, MUTED, PAPER, RULE
from stats.common import text

from .classic import rank_ticks
from .content import Content

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison

_GAP = 6.0
_EDGE = 4.0
_PANEL = 250.0
_LEAST_PANEL = 60.0
_LANE, _BRACKET = 7.0, 11.0


@dataclass(frozen=True)
class _Plan:
    width: float
    height: float
    font: float
    row: float
    top: float
    bottom: float
    name_right: float
    rank_right: float
    panel: tuple[float, float]
    lanes_left: float
    bars: list[tuple[int, int, int]]
    title: list[str]
    notes: list[str]


def draw_ladder(
    comparison: "Comparison",
    what: Content,
    ax: "Axes | None",
    *,
    look: Look,
    lanes: int,
) -> "Axes":
    """Draw the ladder of `what`."""
    title = look.title
    bars, left_out = _lanes(what.bars, lanes)
    words = _words(comparison, what, len(what.bars), left_out)
    if ax is None:
        size = look.size if len(what.models) <= 60 else 0.8 * look.size
        plan = _plan(what, bars, words, size, look.width, title)
        height = look.height or plan.height
        if plan.panel[1] - plan.panel[0] < _LEAST_PANEL or plan.height > height + 0.5:
            raise NoRoom(plan.width + max(_LEAST_PANEL - plan.panel[1] + plan.panel[0], 0.0), plan.height)
        ax = new_axes(plan.width, height)
    else:
        box, height = size_in_points(ax)
        size = look.size
        plan = _plan(what, bars, words, size, box, title)
        while (plan.height > height or plan.panel[1] - plan.panel[0] < _LEAST_PANEL) and size > 1:
            size *= 0.96
            plan = _plan(what, bars, words, size, box, title)
    in_points(ax, plan.width, height)
    _draw(ax, comparison, what, plan, height, look.palette.accent)
    return ax


def _lanes(bars: tuple[tuple[int, int], ...], most: int) -> tuple[list[tuple[int, int, int]], int]:
    """Bars with their lanes, the longest first until no lane is left; and how many found none."""
    kept: list[tuple[int, int]] = []
    for bar in sorted(bars, key=lambda b: (b[0] - b[1], b[0])):
        trial = [*kept, bar]
        if max(pack([(float(a), float(b)) for a, b in trial], gap=0.5)) < most:
            kept = trial
    lanes = pack([(float(a), float(b)) for a, b in kept], gap=0.5)
    return [(a, b, lane) for (a, b), lane in zip(kept, lanes, strict=True)], len(bars) - len(kept)


def _words(comparison: "Comparison", what: Content, drawn: int, left_out: int) -> list[str]:
    level = comparison.method.percent
    notes = []
    if comparison.ranks["rank_low"].notna().any():
        top = "" if what.control is not None else f" Filled dots: may be the best ({level} top set)."
        notes.append(
            f"Dots: rank by mean rank over {text.count(comparison.n_tasks, comparison.scores.unit)}. Whiskers: {level} confidence set of the rank.{top}"
        )
    notes += what.notes
    if left_out:
        notes.append(
            f"{left_out:,} of {drawn:,} bars found no room and are left out, the shortest first: the table of cliques has them all."
        )
    return notes


def _plan(
    what: Content, bars: list[tuple[int, int, int]], words: list[str], font: float, width: float | None,
    title: str | None,
) -> _Plan:  # fmt: skip
    names = widest(what.names, font, "normal" if what.control is None else "bold")
    digits = max(widest(what.rank_texts, font), text_width("mean rank", font) * 0.55)
    n_lanes = max((lane for *_, lane in bars), default=-1) + 1
    lanes = n_lanes * (_BRACKET if what.unequal else _LANE) + (2 * _GAP if n_lanes else 0)
    name_right = _EDGE + names
    rank_right = name_right + 1.5 * _GAP + digits
    start = rank_right + 2 * _GAP
    end = start + _PANEL if width is None else width - _EDGE - lanes - _GAP
    total = end + _GAP + lanes + _EDGE
    heading = wrap(title, total - 2 * _EDGE, font + 2, "bold") if title else []
    notes = [line for note in words for line in wrap(note, total - 2 * _EDGE, font, even=False)]
    top = _EDGE + len(heading) * (font + 2) * 1.35 + (4.8 if heading else 4.2) * font
    row = 1.28 * font
    bottom = top + row * len(what.models)
    height = bottom + 2.4 * font + len(notes) * font * 1.35 + _EDGE
    return _Plan(
        total,
        height,
        font,
        row,
        top,
        bottom,
        name_right,
        rank_right,
        (start, end),
        end + 2 * _GAP,
        bars,
        heading,
        notes,
    )


def _draw(ax: "Axes", comparison: "Comparison", what: Content, plan: _Plan, height: float, accent: str) -> None:
    from matplotlib.collections import LineCollection, PatchCollection
    from matplotlib.patches import Rectangle

    k, font = len(what.models), plan.font
    start, end = plan.panel
    table = comparison.ranks.set_index("model").loc[list(what.models)]
    low, high = table["rank_low"].to_numpy(float), table["rank_high"].to_numpy(float)
    # The best of a larger pool have sets that reach beyond the number of models shown.
    places = int(np.nanmax([k, *high[np.isfinite(high)], *table["rank"].to_numpy(float)]))

    def up(y: float) -> float:
        return height - y

    def across(rank: float) -> float:
        return start + (rank - 0.5) / places * (end - start)

    rows = [up(plan.top + (i + 0.5) * plan.row) for i in range(k)]
    bands = [
        Rectangle((0, up(plan.top + min(i + 5, k) * plan.row)), plan.width, (min(i + 5, k) - i) * plan.row)
        for i in range(5, k if k > 10 else 0, 10)
    ]
    ax.add_collection(PatchCollection(bands, facecolor=BAND, edgecolor="none", zorder=0))
    y = _EDGE
    for line in plan.title:
        y += (font + 2) * 1.35
        write(ax, _EDGE, up(y - (font + 2) * 0.6), line, size=font + 2, weight="bold", color=INK)
    _axis(ax, places, plan, up, across)
    place = table["rank"].to_numpy(float)
    top_set = table["in_top_set"].fillna(False).to_numpy(bool) if "in_top_set" in table else np.zeros(k, dtype=bool)
    known = np.isfinite(low) & np.isfinite(high)
    colours = [accent if what.control == i else INK for i in range(k)]
    whiskers = [((across(low[i] - 0.5), rows[i]), (across(high[i] + 0.5), rows[i])) for i in range(k) if known[i]]
    ax.add_collection(
        LineCollection(
            whiskers, colors=[colours[i] for i in range(k) if known[i]], linewidths=max(0.12 * font, 0.5), zorder=3
        )
    )
    full = np.asarray(what.differs) if what.control is not None else top_set
    for i in range(k):
        is_control = what.control == i
        ax.plot(
            [across(place[i])], [rows[i]], marker="D" if is_control else "o", ms=0.5 * font, color=colours[i],
            mfc=colours[i] if full[i] or is_control else PAPER, mew=0.1 * font, zorder=4, ls="none",
        )  # fmt: skip
        weight = "bold" if is_control else "normal"
        write(ax, plan.name_right, rows[i], what.names[i], size=font, ha="right", color=colours[i], weight=weight)
        write(ax, plan.rank_right, rows[i], what.rank_texts[i], size=font, ha="right", color=MUTED)
    _draw_lanes(ax, what, plan, rows)
    y = height - plan.height + _EDGE + len(plan.notes) * font * 1.35
    for line in plan.notes:
        y -= font * 1.35
        write(ax, _EDGE, y + font * 0.5, line, size=font, color=MUTED)


def _draw_lanes(ax: "Axes", what: Content, plan: _Plan, rows: list[float]) -> None:
    """Upright bars over models that cannot be told apart, or brackets with an unequal sign over those that can."""
    from matplotlib.collections import LineCollection

    if what.unequal:
        for a, b, lane in plan.bars:
            x = plan.lanes_left + lane * _BRACKET
            ax.plot([x - 3, x, x, x - 3], [rows[a], rows[a], rows[b], rows[b]], color=MUTED, lw=0.8, zorder=3)
            write(
                ax, x, (rows[a] + rows[b]) / 2, "≠", size=plan.font, ha="center", color=INK, zorder=4,
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.4},
            )  # fmt: skip
        return
    spans = [
        ((x, rows[a] + 0.35 * plan.row), (x, rows[b] - 0.35 * plan.row))
        for a, b, lane in plan.bars
        for x in [plan.lanes_left + lane * _LANE]
    ]
    ax.add_collection(LineCollection(spans, colors=INK, linewidths=2.6, capstyle="butt", zorder=3))


def _axis(ax: "Axes", k: int, plan: _Plan, up: "Callable[[float], float]", across: "Callable[[float], float]") -> None:
    font, (start, end) = plan.font, plan.panel
    room = int((end - start) / (widest([str(k)], font) + 1.5 * font))
    for tick in rank_ticks(1.0, float(k), max(room, 2)):
        x = across(float(tick))
        ax.plot([x, x], [up(plan.top), up(plan.bottom)], color=RULE, lw=0.5, zorder=1)
        write(ax, x, up(plan.top - 0.75 * font), f"{tick:.0f}", size=font, ha="center", color=INK)
        write(ax, x, up(plan.bottom + 0.85 * font), f"{tick:.0f}", size=font, ha="center", color=INK)
    for y in (plan.top, plan.bottom):
        ax.plot([start, end], [up(y), up(y)], color=INK, lw=0.7, zorder=2)
    head = up(plan.top - 2.9 * font)
    write(ax, plan.rank_right, head + 1.1 * font, "mean", size=font, ha="right", color=MUTED)
    write(ax, plan.rank_right, head, "rank", size=font, ha="right", color=MUTED)
    words = "rank, 1 is best"
    write(ax, start, head, "← better", size=font, color=MUTED, style="italic")
    if end - start > text_width(words + "← betterworse →", font) + 4 * font:
        write(ax, (start + end) / 2, head, words, size=font, ha="center", color=INK)
    if end - start > text_width("← better" + "worse →", font) + font:
        write(ax, end, head, "worse →", size=font, ha="right", color=MUTED, style="italic")


if TYPE_CHECKING:
    from collections.abc import Callable
