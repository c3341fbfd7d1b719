"""Where things go on a figure: text measured, names wrapped, neighbours kept apart, bars packed into lanes."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

_PATHS = TextToPath()
#: Hinted text at 72 to 300 dots per inch is wider than its outlines by up to this share of its size in points.
_HINTING = 0.55
Floats = npt.NDArray[np.float64]


@lru_cache(maxsize=20_000)
def _outline_width(text: str, weight: str) -> float:
    """Width of a line at a size of 1 point; outlines grow with the size exactly."""
    font = FontProperties(size=100, weight=weight)
    return float(_PATHS.get_text_width_height_descent(text, font, False)[0]) / 100


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of one line in points, with room for what hinting on a screen adds."""
    return (size + _HINTING) * _outline_width(text, weight) if text else 0.0


def widest(texts: Sequence[str], size: float, weight: str = "normal") -> float:
    """Width of the widest of these lines in points; 0 for none."""
    return max((text_width(t, size, weight) for t in texts), default=0.0)


def wrap(text: str, width: float, size: float, weight: str = "normal", *, even: bool = True) -> list[str]:
    """Break a text into lines no wider than `width` points: after blanks, slashes, dashes, underscores, dots, else anywhere.

    Nothing is ever left out. The lines are as few as they can be, and then, if asked, as even as they can be.
    """
    lines = _fill(text, width, size, weight)
    if len(lines) < 2 or not even:
        return lines
    low, high = width / 2, width
    for _ in range(6):
        middle = (low + high) / 2
        tried = _fill(text, middle, size, weight)
        if len(tried) <= len(lines):
            lines, high = tried, middle
        else:
            low = middle
    return lines


#: What a line is broken after; never within a number (0.05) or between it and its per cent.
_WHOLE = r"(?:[^\s/_.:\-]|(?<=\d)\.(?=\d)|(?<=\d) (?=%))"
_PIECE = re.compile(rf"{_WHOLE}*+[\s/_.:\-]|{_WHOLE}++")


def _fill(text: str, width: float, size: float, weight: str) -> list[str]:
    if text_width(text, size, weight) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for piece in _PIECE.findall(text):
        if line and text_width((line + piece).rstrip(), size, weight) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
        while text_width(line.rstrip(), size, weight) > width and len(line) > 1:
            cut = len(line) - 1
            while cut > 1 and text_width(line[:cut], size, weight) > width:
                cut -= 1
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line.rstrip()] if line.strip() else lines


def spread(positions: Sequence[float] | Floats, gap: float) -> Floats:
    """Move sorted positions as little as possible (least squares) until neighbours are `gap` apart.

    Pool-adjacent-violators on the positions less their running gaps.

    Examples
    --------
    >>> spread([0.0, 0.0, 10.0], 2.0).tolist()
    [-1.0, 1.0, 10.0]
    """
    blocks: list[tuple[float, int]] = []
    for i, x in enumerate(positions):
        mean, size = float(x) - i * gap, 1
        while blocks and blocks[-1][0] > mean:
            before, n = blocks.pop()
            mean, size = (before * n + mean * size) / (n + size), n + size
        blocks.append((mean, size))
    flat = np.concatenate([np.full(n, m) for m, n in blocks]) if blocks else np.empty(0)
    return np.asarray(flat + gap * np.arange(len(flat)))


def pack(spans: Sequence[tuple[float, float]], gap: float) -> list[int]:
    """Give every span a lane so that two in one lane are at least `gap` apart; as few lanes as possible.

    Examples
    --------
    >>> pack([(0, 3), (2, 5), (4, 6)], gap=.5)
    [0, 1, 0]
    """
    ends: list[float] = []
    lanes = [0] * len(spans)
    for i in sorted(range(len(spans)), key=lambda i: (spans[i][0], -spans[i][1])):
        low, high = spans[i]
        lane = next((j for j, end in enumerate(ends) if end + gap <= low), len(ends))
        if lane == len(ends):
            ends.append(high)
        ends[lane] = high
        lanes[i] = lane
    return lanes


def nice_step(span: float, room: int) -> float:
    """Return the smallest step of 1, 2, 5 x 10^n that cuts `span` into at most `room` parts."""
    rough = span / max(room, 1)
    power = 10.0 ** np.floor(np.log10(max(rough, 1e-12)))
    return float(next((m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9)), 10 * power))


def new_axes(width: float, height: float) -> Axes:
    """Axes that fill a new figure of this size in points."""
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(width / 72, height / 72))
    return figure.add_axes((0.0, 0.0, 1.0, 1.0))


def panel(width: float, height: float, *, left: float, right: float, top: float, bottom: float) -> Axes:
    """Axes of this size in a new figure with these margins, all in points."""
    import matplotlib.pyplot as plt

    total_width, total_height = left + width + right, top + height + bottom
    figure = plt.figure(figsize=(total_width / 72, total_height / 72))
    return figure.add_axes((left / total_width, bottom / total_height, width / total_width, height / total_height))


def size_in_points(ax: Axes) -> tuple[float, float]:
    """Width and height of the axes in points."""
    box = ax.get_window_extent()
    scale = 72 / ax.get_figure(root=True).dpi  # type: ignore[union-attr]  # an axes in use has a figure
    return box.width * scale, box.height * scale


def in_points(ax: Axes, width: float, height: float) -> None:
    """Make points the axes' own units, with the origin at its lower left and nothing drawn around it."""
    ax.set_axis_off()
    ax.set_xlim(0, width)
    ax.set_ylim(0, height)
    ax.set_autoscale_on(False)


def write(ax: Axes, x: float, y: float, text: str, *, size: float, **kwargs: Any) -> Any:
    """Put a text there as it is: a dollar sign in a name is a dollar sign."""
    kwargs.setdefault("va", "center_baseline")
    return ax.text(x, y, text, fontsize=size, parse_math=False, **kwargs)


def write_above(ax: Axes, lines: Sequence[str], *, left: float, above: float, size: float) -> None:
    """Write a title in lines: the last so many points above the axes, starting so many points left of them."""
    from reports.style import INK

    ax.annotate(
        "\n".join(lines), (0, 1), xycoords="axes fraction", xytext=(-left, above), textcoords="offset points",
        fontsize=size, weight="bold", color=INK, ha="left", va="bottom", linespacing=1.25, annotation_clip=False, parse_math=False,
    )  # fmt: skip
