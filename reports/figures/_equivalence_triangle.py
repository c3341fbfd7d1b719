"""Equivalence triangle: how probable it is that a model is better than, equivalent to, or worse than another."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from reports.style import FONT, INK, MUTED, PAPER, RULE
from stats.common import text
from stats.common.errors import InputError
from stats.comparison.on_request import equivalence

from .canvas.axes import reference_model
from .canvas.layout import in_points, new_axes, size_in_points, text_width, widest, wrap, write
from .canvas.look import Look, NoRoom, adjustable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison

_SIDE = 230.0


@adjustable
def equivalence_triangle(
    comparison: "Comparison",
    ax: "Axes | None" = None,
    *,
    model: str | None = None,
    rope: float | None = None,
    most: int = 25,
    look: Look,
) -> "Axes":
    """Draw each model's probabilities to be better than, equivalent to, and worse than one of them, in a triangle.

    Parameters
    ----------
    comparison : Comparison
    ax : Axes, optional
    model : str, optional
        Compare with this model; without it with the control, or the best mean rank.
    rope : float, optional
        Half the width of the region of practical equivalence, in the unit of the scores; without it that of the
        comparison's own Bayesian test, if it has any, else 0.01 for fractions, 1 for points.
    most : int
        At most so many models: those nearest in rank.
    {shared}

    Returns
    -------
    Axes
        A numbered point per model (posterior of ``embsig.bayes_signed_rank``, with the comparison's seed) and the
        probabilities beside it.

    Raises
    ------
    InputError
        If the comparison has no such model, or `rope` is negative.

    Examples
    --------
    a is better on all six tasks, by ten times the rope, so nearly all of its posterior lies in the corner of better:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> ax = embsig.equivalence_triangle(comparison, model="b", rope=0.01)
    >>> words = [t.get_text() for t in ax.texts]
    >>> words[words.index("a") : words.index("a") + 3]
    ['a', 'better', '> .99']
    """
    if rope is None:
        rope = float(comparison.method.rope or (0.01 if text.places(comparison.ranks["mean"]) == 4 else 1.0))
    if not rope >= 0:
        raise InputError(f"rope={rope!r}: expected half a width of 0 or more, in the unit of the scores")
    reference = reference_model(comparison, model)
    models = [str(m) for m in comparison.ranks["model"]]
    home = models.index(reference)
    near = set(sorted((m for m in models if m != reference), key=lambda m: abs(models.index(m) - home))[:most])
    shown = [m for m in models if m in near]
    chances = equivalence(comparison, reference, tuple(shown), rope).to_numpy(float)
    rows = [
        (str(models.index(m) + 1), look.name(m), *(_chance(c) for c in p)) for m, p in zip(shown, chances, strict=True)
    ]
    note = f"Numbers: rank. Equivalent: within ±{rope:g} of {look.name(reference)}. Posterior of the Bayesian signed-rank test over {text.count(comparison.n_tasks, comparison.scores.unit)}."
    if len(models) - 1 > len(shown):
        note += f" The {len(shown)} models nearest in rank, of {len(models) - 1}."
    return _draw(ax, rows, chances, look.name(reference), note, look)


def _chance(p: float) -> str:
    return "< .01" if p < 0.005 else "> .99" if p > 0.995 else f"{p:.2f}".lstrip("0")


def _draw(
    ax: "Axes | None",
    rows: list[tuple[str, ...]],
    chances: npt.NDArray[np.float64],
    reference: str,
    note: str,
    look: Look,
) -> "Axes":
    def plan(font: float, side: float) -> tuple[float, float, list[float], list[str]]:
        columns = [widest([*(row[i] for row in rows), head], font) for i, head in enumerate(_HEADS)]
        margin = 5.0 * font
        start = 2 * margin + side
        width = start + sum(columns) + 12.0 * len(columns)
        notes = wrap(note, width - 8, font - 1, even=False)
        height = max(side * _RISE + 2.2 * margin, (len(rows) + 2.5) * font * 1.35) + len(notes) * (font - 1) * 1.35 + 6
        return width, height + top(font), columns, notes

    def top(font: float) -> float:
        return len(heading) * (font + 1) * 1.35

    font, side = look.size, _SIDE * look.size / FONT
    heading: list[str] = []
    width, height, columns, notes = plan(font, side)
    heading = wrap(look.title, (look.width or width) - 8, font + 1, "bold") if look.title else []
    width, height, columns, notes = plan(font, side)
    if ax is None:
        room = (look.width or width, look.height or height)
        if width > room[0] or height > room[1]:
            raise NoRoom(width, height)
        ax = new_axes(*room)
    else:
        room = size_in_points(ax)
        while (width > room[0] or height > room[1]) and font > 1:
            font, side = font * 0.95, side * 0.95
            width, height, columns, notes = plan(font, side)
    high = room[1] - top(font)
    in_points(ax, *room)
    margin = 5.0 * font
    base = high - margin - side * _RISE
    corners = np.array([[margin, base], [margin + side, base], [margin + side / 2, base + side * _RISE]])
    ax.fill(*corners.T, facecolor="none", edgecolor=INK, lw=0.9, zorder=2)
    centre = corners.mean(axis=0)
    for i in range(3):
        middle = (corners[i] + corners[(i + 1) % 3]) / 2
        ax.plot([centre[0], middle[0]], [centre[1], middle[1]], color=RULE, lw=0.8, zorder=1)
    for (x, y), words, place in zip(
        corners, ("worse", "better", "equivalent"), ("below", "below", "above"), strict=True
    ):
        write(
            ax,
            x,
            y + (1.2 if place == "above" else -1.4) * font,
            words,
            size=font,
            ha="center",
            color=INK,
            weight="bold",
        )
    below = wrap(f"than {reference}", side + 1.6 * margin, font)
    for i, line in enumerate(below):
        write(ax, margin + side / 2, base - (2.9 + 1.25 * i) * font, line, size=font, ha="center", color=MUTED)
    points = chances[:, [2, 0, 1]] @ corners
    ax.plot(*points.T, ls="none", marker="o", ms=4, color=look.palette.accent, mec=PAPER, mew=0.5, zorder=4)
    free = (margin * 0.1, base - 0.6 * font, 2 * margin + side, high)
    numbers = [row[0] for row in rows]
    labels = _labels(chances, numbers)
    named = points[[i for i, _ in labels]]
    places = _beside(named, [label for _, label in labels], font - 1, free, points)
    for (x, y), (lx, ly), (_, label) in zip(named, places, labels, strict=True):
        ax.plot([x, lx], [y, ly], color=MUTED, lw=0.4, zorder=3)
        write(ax, lx, ly, label, size=font - 1, ha="center", color=INK, zorder=5, va="center",
              bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6, "alpha": 0.85})  # fmt: skip
    _write_table(ax, rows, columns, (2 * margin + side, high - 1.6 * font), font)
    _write_words(ax, heading, notes, room[1], font)
    return ax


def _write_table(
    ax: "Axes", rows: list[tuple[str, ...]], columns: list[float], at: tuple[float, float], font: float
) -> None:
    x, y = at
    for i, (head, column) in enumerate(zip(_HEADS, columns, strict=True)):
        left = i == 1
        edge = x if left else x + column
        write(ax, edge, y, head, size=font, ha="left" if left else "right", color=MUTED)
        for j, row in enumerate(rows):
            write(ax, edge, y - (j + 1) * font * 1.35, row[i], size=font, ha="left" if left else "right", color=INK)
        x += column + 12


def _write_words(ax: "Axes", heading: list[str], notes: list[str], height: float, font: float) -> None:
    """The title at the top, the note at the foot."""
    for i, line in enumerate(heading):
        write(ax, 4, height - (i + 0.7) * (font + 1) * 1.35, line, size=font + 1, weight="bold", color=INK)
    foot = len(notes) * (font - 1) * 1.35 + 6
    for i, line in enumerate(notes):
        write(ax, 4, foot - 3 - (i + 0.6) * (font - 1) * 1.35, line, size=font - 1, color=MUTED)


_HEADS = ("", "model", "better", "equiv.", "worse")
_RISE = float(np.sqrt(3) / 2)
#: More than so many models of which one outcome has more than this probability get one label together.
_CROWD, _SURE = 4, 0.97


def _labels(chances: npt.NDArray[np.float64], numbers: list[str]) -> list[tuple[int, str]]:
    """Points to label, and what to write: a crowd in one corner is counted, for its points lie on each other."""
    crowded: dict[int, list[int]] = {}
    for i, row in enumerate(chances):
        if row.max() > _SURE:
            crowded.setdefault(int(row.argmax()), []).append(i)
    crowds = [members for members in crowded.values() if len(members) > _CROWD]
    together = {i for members in crowds for i in members}
    alone = [(i, number) for i, number in enumerate(numbers) if i not in together]
    return alone + [(members[0], f"{len(members)} models") for members in crowds]


def _beside(
    points: npt.NDArray[np.float64], texts: list[str], size: float, free: tuple[float, float, float, float],
    taken: npt.NDArray[np.float64],
) -> list[tuple[float, float]]:  # fmt: skip
    """A place for each text near its point, clear of all points `taken` and of the texts placed before."""
    boxes: list[tuple[float, float, float, float]] = [(x - 2.5, y - 2.5, x + 2.5, y + 2.5) for x, y in taken]
    places: list[tuple[float, float]] = []
    for (x, y), label in zip(points, texts, strict=True):
        half_width, half_height = text_width(label, size) / 2 + 1.0, size * 0.55
        for step in range(400):
            radius, angle = 7.0 + step * 0.28, step * 2.399963  # the golden angle
            at = (float(x + radius * np.cos(angle)), float(y + radius * np.sin(angle)))
            box = (at[0] - half_width, at[1] - half_height, at[0] + half_width, at[1] + half_height)
            inside = free[0] <= box[0] and free[1] <= box[1] and box[2] <= free[2] and box[3] <= free[3]
            clear = all(box[2] < b[0] or b[2] < box[0] or box[3] < b[1] or b[3] < box[1] for b in boxes)
            if inside and clear:
                break
        boxes.append(box)
        places.append(at)
    return places
