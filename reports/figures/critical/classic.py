"""Demsar's diagram: models hang from an axis of mean ranks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reports.figures.canvas.layout import (
    Floats,
    in_points,
    new_axes,
    nice_step,
    pack,
    size_in_points,
    spread,
    text_width,
    widest,
    wrap,
    write,
)
from reports.figures.canvas.look import Look, NoRoom
from reports.style import INK, MUTED, PAGE, PAPER

from .content import Content

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP = 4.0  # between a name, its rank and its line
_BAR = 6.5  # height of a lane of bars
_BRACKET = 9.0  # height of a lane of brackets over models that differ
_EDGE = 3.0  # blank at the figure's edges
_AXIS = 190.0  # the axis is never shorter than this where the figure is made to measure


@dataclass(frozen=True)
class _Plan:
    """Everything measured, in points from the figure's upper left corner."""

    width: float
    height: float
    font: float
    left: float
    axis: tuple[float, float]
    labels: list[list[str]]
    rows: list[float]
    lane_of: list[int]
    scale: tuple[float, float]
    notes: list[str]
    title: list[str]
    top: float
    elbows: Floats
    true_x: Floats


def domain(ranks: tuple[float, ...]) -> tuple[float, float]:
    """The part of the rank scale that is drawn: all of it for few models, else what the ranks take up.

    The best ten of a larger pool have mean ranks beyond ten.
    """
    k = len(ranks)
    if k <= 10 and max(ranks) <= max(k, 2):
        return 1.0, float(max(k, 2))
    low, high = np.floor(min(ranks)), np.ceil(max(ranks))
    return float(low), float(high if high > low else low + 1)


def rank_ticks(low: float, high: float, room: int) -> Floats:
    """At most about `room` whole ranks to write along the scale, evenly spaced: 1, 3, 5 or 5, 10, 15, never 1, 5, 10."""
    step = max(nice_step(high - low, max(room, 1)), 1.0)
    first = low if step <= 2 else np.ceil(low / step) * step
    return np.asarray(np.arange(first, high + 1e-9, step))


def _plan(what: Content, font: float, width: float, limit: float, title: str | None) -> _Plan:
    k = len(what.models)
    half = (k + 1) // 2
    digits = widest(what.rank_texts, font)
    weights = ["bold" if what.control == i else "normal" for i in range(k)]
    labels = [wrap(n, limit, font, w) for n, w in zip(what.names, weights, strict=True)]
    column = [
        max((widest(lines, font, w) for lines, w in list(zip(labels, weights, strict=True))[part]), default=0.0)
        for part in (slice(half), slice(half, None))
    ]
    reach = digits + 3 * _GAP + _EDGE
    stem = 10.0
    x0, x1 = column[0] + reach + stem, width - (column[1] + reach + stem if k > 1 else reach)
    low, high = domain(what.ranks)
    true_x = x0 + (np.asarray(what.ranks) - low) / (high - low) * (x1 - x0)
    # Stems of near ties are bent apart below the bars, so that no two elbows become one line.
    elbows = spread(true_x, 3.0)
    shift = max(float(x0 - stem + 2 - elbows[0]), 0.0) - max(float(elbows[-1] - (x1 + stem - 2)), 0.0)
    elbows = elbows + shift
    heading = wrap(title, width - 2 * _EDGE, font + 1, "bold") if title else []
    y = _EDGE + len(heading) * (font + 1) * 1.35
    y += 1.7 * font  # heading
    if what.ruler is not None:
        y += 1.9 * font
    y += 1.5 * font + 5  # tick labels, ticks
    axis_y = y
    lane_of = pack([(float(true_x[a]) - 2, float(true_x[b]) + 2) for a, b in what.bars], gap=5.0)
    y += 6 + (_BRACKET if what.unequal else _BAR) * (max(lane_of, default=-1) + 1) + 9 + 0.35 * font
    rows = [0.0] * k
    bottoms = []
    for order in (list(range(half)), list(range(k - 1, half - 1, -1))):
        at = y
        for i in order:
            height = len(labels[i]) * font * 1.2
            rows[i] = at + height / 2
            at += height + 0.35 * font
        bottoms.append(at)
    y = max(bottoms) + 0.5 * font
    notes = [line for note in what.notes for line in wrap(note, width - 2 * _EDGE, font - 1, even=False)]
    y += len(notes) * (font - 1) * 1.35 + _EDGE
    return _Plan(
        width, y, font, x0, (x0, x1), labels, rows, lane_of, (low, high), notes, heading, axis_y, elbows, true_x
    )


def _fit(what: Content, font: float, width: float, height: float, title: str | None) -> _Plan:
    """Shrink type until the diagram fits a given box."""
    while True:
        plan = _plan(what, font, width, (width - 60) * 0.36 - widest(what.rank_texts, font), title)
        if plan.height <= height or font <= 2:
            return plan
        font *= 0.95


def draw_classic(what: Content, ax: "Axes | None", *, look: Look) -> "Axes":
    """Draw Demsar's diagram of `what`."""
    width, font_size, title = look.width, look.size, look.title
    if ax is None:
        natural = widest(what.names, font_size, "normal" if what.control is None else "bold")
        side = widest(what.rank_texts, font_size) + 3 * _GAP + _EDGE + 10
        if width is None:
            limit = min(natural, 190.0)
            total = max(2 * (limit + side) + _AXIS, min(PAGE * 72, 2 * (limit + side) + 40 * len(what.models)))
            if what.ruler is not None:
                total = max(total, text_width(_ruler_words(what), font_size) + 2 * side)
            total = max(total, text_width(what.heading, font_size) + 150)
        else:
            total = width
            limit = min(natural, (total - 2 * side - min(_AXIS, 0.3 * total)) / 2)
            if limit < min(natural, 11 * font_size):
                raise NoRoom(2 * (11 * font_size + side) / 0.7, look.height or 0.0)
        plan = _plan(what, font_size, total, limit, title)
        height = look.height or plan.height
        if height < plan.height - 0.5:
            raise NoRoom(total, plan.height)
        ax = new_axes(total, height)
    else:
        box, height = size_in_points(ax)
        plan = _fit(what, font_size, box, height, title)
    in_points(ax, plan.width, height)
    _draw(ax, what, plan, height, look)
    return ax


def _ruler_words(what: Content) -> str:
    return f"critical difference {what.ruler:.2f}"


def _draw(ax: "Axes", what: Content, plan: _Plan, height: float, look: Look) -> None:
    def up(y: float) -> float:
        return height - y

    font, (x0, x1), (low, high) = plan.font, plan.axis, plan.scale
    y = _EDGE
    for line in plan.title:
        y += (font + 1) * 1.35
        write(ax, plan.width / 2, up(y - (font + 1) * 0.6), line, size=font + 1, ha="center", weight="bold", color=INK)
    middle = (x0 + x1) / 2
    half = text_width(what.heading, font) / 2
    middle = min(max(middle, _EDGE + half), plan.width - _EDGE - half)
    write(ax, middle, up(y + 0.8 * font), what.heading, size=font, ha="center", color=INK)
    y += 1.7 * font
    for x, words, ha, side in ((x0, "← better", "left", -1), (x1, "worse →", "right", 1)):
        if side * (x - middle) > half + text_width(words, font) + font:
            write(ax, x, up(y - 0.9 * font), words, size=font, ha=ha, color=MUTED, style="italic")
    if what.ruler is not None:
        _draw_ruler(ax, what, plan, up(y + 0.8 * font))
    axis_y = up(plan.top)
    ax.plot([x0, x1], [axis_y, axis_y], color=INK, lw=0.9, solid_capstyle="butt", zorder=3)
    room = int((x1 - x0) / max(2.6 * font, widest([f"{high:.0f}"], font) + 1.5 * font))
    ticks = rank_ticks(low, high, room)
    for tick in ticks:
        x = x0 + (tick - low) / (high - low) * (x1 - x0)
        ax.plot([x, x], [axis_y, axis_y + 4], color=INK, lw=0.9, zorder=3)
        write(ax, x, axis_y + 4 + 0.8 * font, f"{tick:.0f}", size=font, ha="center", color=INK)
    for (a, b), lane in zip(what.bars, plan.lane_of, strict=True):
        bar_y = axis_y - 6 - (_BRACKET if what.unequal else _BAR) * lane
        if what.unequal:
            _draw_bracket(ax, plan.true_x[a : b + 1], bar_y, font)
            continue
        ax.plot(
            [plan.true_x[a] - 2, plan.true_x[b] + 2], [bar_y, bar_y], color=INK, lw=3.2, solid_capstyle="butt", zorder=4
        )
    bend = axis_y - 6 - (_BRACKET if what.unequal else _BAR) * (max(plan.lane_of, default=-1) + 1)
    split = (len(what.models) + 1) // 2
    for i, lines in enumerate(plan.labels):
        _draw_model(ax, what, plan, i, lines, i < split, axis_y, bend, up(plan.rows[i]), look.palette.accent)
    y = height - plan.height + _EDGE + len(plan.notes) * (font - 1) * 1.35
    for line in plan.notes:
        y -= (font - 1) * 1.35
        write(ax, _EDGE, y + (font - 1) * 0.5, line, size=font - 1, color=MUTED)


def _draw_bracket(ax: "Axes", at: Floats, y: float, font: float) -> None:
    """A thin line over two models that differ, with an unequal sign, so that nobody takes it for a bar over alike ones."""
    x0, x1 = float(at[0]), float(at[-1])
    widest_gap = int(np.argmax(np.diff(at)))  # between the stems, which would strike the sign through
    ax.plot([x0, x0, x1, x1], [y + 3, y, y, y + 3], color=MUTED, lw=0.8, zorder=4, solid_capstyle="butt")
    write(
        ax, float(at[widest_gap : widest_gap + 2].mean()), y, "≠", size=font, ha="center", color=INK, zorder=5,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.4},
    )  # fmt: skip


def _draw_ruler(ax: "Axes", what: Content, plan: _Plan, y: float) -> None:
    (x0, x1), (low, high) = plan.axis, plan.scale
    ruler = float(what.ruler or 0.0)
    length = min(ruler / (high - low), 1.0) * (x1 - x0)
    ax.plot([x0, x0 + length], [y, y], color=INK, lw=1.1, zorder=3)
    for x in (x0, x0 + length):
        ax.plot([x, x], [y - 2.5, y + 2.5], color=INK, lw=1.1, zorder=3)
    words = _ruler_words(what) + (" (longer than the axis)" if ruler > high - low else "")
    at, ha = x0 + length + _GAP, "left"
    if at + text_width(words, plan.font) > plan.width - _EDGE:
        at, ha = max(x0 - _GAP, text_width(words, plan.font) + _EDGE), "right"
        if at > x0:
            at, ha = plan.width - _EDGE, "right"
    write(ax, at, y, words, size=plan.font, ha=ha, color=INK)


def _draw_model(
    ax: "Axes",
    what: Content,
    plan: _Plan,
    i: int,
    lines: list[str],
    left: bool,
    axis_y: float,
    bend: float,
    y: float,
    accent: str,
) -> None:
    font = plan.font
    side = -1 if left else 1
    is_control = what.control == i
    colour = accent if is_control else INK
    digits = widest(what.rank_texts, font)
    edge = plan.axis[0] - 10 if left else plan.axis[1] + 10
    x, elbow = float(plan.true_x[i]), float(plan.elbows[i])
    ax.plot(
        [x, x, elbow, elbow, edge], [axis_y, bend, bend - 7, y, y], color=colour, lw=1.3 if is_control else 0.8,
        zorder=2, solid_joinstyle="round",
    )  # fmt: skip
    if what.control is not None:
        full = what.differs[i] or is_control
        ax.plot(
            [x], [axis_y], marker="D" if is_control else "o", ms=4.5, color=colour, mfc=colour if full else PAPER,
            mew=0.9, zorder=6, clip_on=False,
        )  # fmt: skip
    write(ax, edge + side * _GAP, y, what.rank_texts[i], size=font, ha="right" if left else "left", color=MUTED)
    at = edge + side * (digits + 2 * _GAP)
    for row, line in enumerate(lines):
        write(
            ax, at, y + ((len(lines) - 1) / 2 - row) * font * 1.2, line, size=font, ha="right" if left else "left",
            color=colour, weight="bold" if is_control else "normal",
        )  # fmt: skip
