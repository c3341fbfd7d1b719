"""The classic diagram as TikZ, set in the paper's own type."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from reports.figures.canvas.layout import pack, spread
from reports.tex import escape_tex

from .classic import domain, rank_ticks
from .content import Bars, content

if TYPE_CHECKING:
    from stats import Comparison


def critical_difference_tikz(
    comparison: "Comparison",
    *,
    bars: Bars = "auto",
    names: Mapping[str, str] | None = None,
    title: str | None = None,
    width: float = 6.0,
    standalone: bool = True,
) -> str:
    """Return the critical-difference diagram as TikZ code.

    Parameters
    ----------
    comparison : Comparison
    bars, names
        As in `critical_difference`.
    title : str, optional
        Words above it.
    width : float
        Length of the rank axis in cm.
    standalone : bool
        A document of its own, or the ``tikzpicture`` alone, for ``\\input``.

    Returns
    -------
    str

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> "tikzpicture" in embsig.critical_difference_tikz(comparison)
    True
    """
    what = content(comparison, bars=bars, names=names)
    k = len(what.models)
    half = (k + 1) // 2
    low, high = domain(what.ranks)
    x = (np.asarray(what.ranks) - low) / (high - low) * width
    elbows = spread(x, 0.1)
    out: list[str] = [r"\begin{tikzpicture}[x=1cm,y=1cm,every node/.style={font=\small,inner sep=1.5pt}]"]
    out.append(f"\\node[anchor=south] at ({width / 2:.3f},0.55) {{{escape_tex(what.heading)}}};")
    out.append(f"\\draw (0,0) -- ({width:g},0);")
    for tick in rank_ticks(low, high, int(width / 0.7)):
        at = (tick - low) / (high - low) * width
        out.append(f"\\draw ({at:.3f},0) -- ({at:.3f},0.12) node[anchor=south] {{{tick:.0f}}};")
    if title:
        above = 1.1 if what.ruler is None else 1.6
        out.append(f"\\node[anchor=south,font=\\bfseries] at ({width / 2:.3f},{above}) {{{escape_tex(title)}}};")
    if what.ruler is not None:
        length = min(what.ruler / (high - low), 1.0) * width
        out.append(
            f"\\draw[|-|] (0,1.25) -- ({length:.3f},1.25) node[anchor=west,inner sep=4pt] {{critical difference {what.ruler:.2f}}};"
        )
    step = 0.3 if what.unequal else 0.2
    lanes = pack([(float(x[a]), float(x[b])) for a, b in what.bars], gap=0.2)
    for (a, b), lane in zip(what.bars, lanes, strict=True):
        y = -0.2 - step * lane
        if what.unequal:
            middle = (x[a] + x[b]) / 2
            out.append(
                f"\\draw[gray] ({x[a]:.3f},{y + 0.08:.2f}) |- ({x[b]:.3f},{y:.2f}) -- ++(0,0.08) ({middle:.3f},{y:.2f}) "
                "node[fill=white,text=black,inner sep=0.5pt,font=\\scriptsize] {$\\neq$};"
            )
            continue
        out.append(f"\\draw[line width=1.8pt] ({x[a] - 0.06:.3f},{y:.2f}) -- ({x[b] + 0.06:.3f},{y:.2f});")
    bend = -0.25 - step * (max(lanes, default=-1) + 1)
    for i in range(k):
        left = i < half
        row = bend - 0.45 - 0.45 * (i if left else k - 1 - i)
        edge, anchor = (-0.3, "east") if left else (width + 0.3, "west")
        rank = f"\\textcolor{{gray}}{{{what.rank_texts[i]}}}"
        name = escape_tex(what.names[i])
        if what.control == i:
            name = f"\\textbf{{{name}}}"
        label = f"{name}~~{rank}" if left else f"{rank}~~{name}"
        out.append(
            f"\\draw ({x[i]:.3f},0) -- ({x[i]:.3f},{bend:.2f}) -- ({elbows[i]:.3f},{bend - 0.2:.2f}) -- "
            f"({elbows[i]:.3f},{row:.2f}) -- ({edge:g},{row:.2f}) node[anchor={anchor}] {{{label}}};"
        )
        if what.control is not None:
            fill = "black" if what.differs[i] or what.control == i else "white"
            out.append(f"\\draw[fill={fill}] ({x[i]:.3f},0) circle (2pt);")
    bottom = bend - 0.45 * half - 0.35
    words = escape_tex(" ".join(what.notes))
    out.append(
        f"\\node[anchor=north,text width={width + 6:g}cm,font=\\footnotesize] at ({width / 2:.3f},{bottom:.2f}) {{{words}}};"
    )
    out.append(r"\end{tikzpicture}")
    body = "\n".join(out) + "\n"
    if not standalone:
        return body
    return (
        "\\documentclass[border=4pt]{standalone}\n\\usepackage[T1]{fontenc}\n\\usepackage[utf8]{inputenc}\n\\usepackage{tikz}\n"
        f"\\begin{{document}}\n{body}\\end{{document}}\n"
    )
