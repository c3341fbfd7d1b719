"""Axes whose lines have a legend: under them in a figure of their own, which is then narrow; beside axes that were given."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from reports.style import INK

from .frame import framed, inside
from .layout import size_in_points, widest
from .look import Look, NoRoom

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: In sizes of the type: the margins beside the axes; what the ticks and the label of the x axis take up under them.
_LEFT, _RIGHT, _UNDER = 4.75, 1.5, 4.25
#: Of the legend likewise: where it starts, the sample of a line, its distance from the words, between columns, between rows, below all.
_EDGE, _SAMPLE, _PAD, _BETWEEN, _SPACE, _BELOW = 0.5, 2.6, 0.8, 1.6, 0.35, 0.8


def with_legend(
    ax: "Axes | None", look: Look, width: float, height: float, labels: Sequence[str], note: str
) -> "tuple[Axes, Callable[[], None]]":
    """Return axes of `width` x `height` points, and what writes their legend once the lines are drawn.

    Parameters
    ----------
    ax : Axes, optional
        Axes that were given: these are returned, and their legend is beside them.
    labels : sequence of str
        The legend's words.
    note : str
        At the foot of a new figure.

    Raises
    ------
    NoRoom
        If the figure that was asked for is narrower than the widest label.
    """
    if ax is not None:
        inside(ax, look)
        return ax, lambda: _write(ax, look.size, loc="center left", bbox_to_anchor=(1.01, 0.5), borderaxespad=0.3)
    size = look.size
    one = widest(labels, size) + (_SAMPLE + _PAD) * size
    least = one + 2 * _EDGE * size
    if look.width is not None and look.width < least:
        raise NoRoom(least, look.height or height)
    total = look.width or max(width + (_LEFT + _RIGHT) * size, least)
    # Two columns at most: read downwards, more would be a puzzle.
    columns = 2 if len(labels) > 2 and 2 * one + (_BETWEEN + 2 * _EDGE) * size <= total else 1
    rows = -(-len(labels) // columns)
    made = framed(
        look, total - (_LEFT + _RIGHT) * size, height, left=_LEFT * size, right=_RIGHT * size, top=10,
        below=(_UNDER + rows * (1 + _SPACE) + _BELOW) * size, note=note,
    )  # fmt: skip

    def write() -> None:
        across, high = size_in_points(made)
        corner = (-(_LEFT - _EDGE) * size / across, -_UNDER * size / high)
        _write(made, size, loc="upper left", bbox_to_anchor=corner, borderaxespad=0.0, ncols=columns)

    return made, write


def _write(ax: "Axes", size: float, **place: object) -> None:
    drawn = ax.legend(  # type: ignore[call-overload]  # keywords by a mapping
        **place, frameon=False, fontsize=size, handlelength=_SAMPLE, handletextpad=_PAD, columnspacing=_BETWEEN,
        labelspacing=_SPACE, borderpad=0.0, labelcolor=INK,
    )  # fmt: skip
    for entry in drawn.get_texts():
        entry.set_parse_math(False)
