"""Axes with what stands around them: title above, axis label and note below, in a figure of the size asked for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reports.style import INK

from .axes import caption, caption_height, wide_label
from .layout import panel, wrap, write_above
from .look import Look, NoRoom

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap

_EDGE = 4.0


def framed(
    look: Look, width: float, height: float, *, left: float, right: float, top: float, below: float, note: str,
    label: str = "", least: tuple[float, float] = (110.0, 60.0), foot: float | None = None,
) -> "Axes":  # fmt: skip
    """Make a figure around axes that would be `width` x `height` points large.

    Parameters
    ----------
    look : Look
        Its width and height are those of the whole figure: the axes get what the margins leave.
    left, right, top : float
        Margins in points: room for names and legends.
    below : float
        Room under the axes for tick labels and the like.
    note : str
        What stands at the foot.
    label : str
        Of the x axis, wrapped over the whole width.
    least : (float, float)
        The axes' least size.
    foot : float, optional
        Size of the note's type; without it one point less than the other type.

    Raises
    ------
    NoRoom
        If the margins leave less than that.
    """
    small = look.size - 1 if foot is None else foot
    total = look.width or left + width + right
    inner = total - left - right
    if look.width is not None and inner < least[0]:
        raise NoRoom(left + right + least[0], look.height or top + below + least[1])
    lines = wrap(label, total - 2 * _EDGE, look.size) if label else []
    under = below + len(lines) * look.size * 1.3
    bottom = under + caption_height(note, total - 2 * _EDGE, small) + _EDGE
    heading = wrap(look.title, total - 2 * _EDGE, look.size + 1, "bold") if look.title else []
    above = top + len(heading) * (look.size + 1) * 1.35
    rest = height if look.height is None else look.height - above - bottom
    if look.height is not None and rest < least[1]:
        raise NoRoom(look.width or total, above + bottom + least[1])
    ax = panel(inner, rest, left=left, right=right, top=above, bottom=bottom)
    if lines:
        wide_label(ax, lines, left=left - _EDGE, width=total - 2 * _EDGE, size=look.size)
    caption(ax, note, left=left - _EDGE, width=total - 2 * _EDGE, below=under, size=small)
    if heading:
        write_above(ax, heading, left=left - _EDGE, above=top, size=look.size + 1)
    return ax


def inside(ax: "Axes", look: Look, label: str = "") -> None:
    """Label the x axis of axes that were given, and write the title above them."""
    if label:
        ax.set_xlabel(label, fontsize=look.size, color=INK, parse_math=False)
    if look.title:
        ax.set_title(look.title, fontsize=look.size + 1, color=INK, loc="left", weight="bold", parse_math=False)


def colour_map(stops: Sequence[str]) -> "LinearSegmentedColormap":
    """A continuous map through these colours."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("embsig", list(stops))
