"""Quality against size: which models may be the best at their size, and the smallest of those that may be the best of all."""

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from reports.style import INK, MUTED, PAPER, RULE
from stats.common import text
from stats.common.errors import InputError
from stats.comparison.cost import amount

from .canvas.axes import tidy
from .canvas.frame import framed, inside
from .canvas.layout import size_in_points, spread, widest, write
from .canvas.look import Look, adjustable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison

_WIDTH, _HEIGHT = 260.0, 220.0
#: So many models are named, those of the frontier first.
_NAMED = 14


@adjustable
def size_frontier(
    comparison: "Comparison",
    ax: "Axes | None" = None,
    *,
    cost: str | None = None,
    look: Look,
) -> "Axes":
    """Draw every model's mean score against its size, the frontier, and which models are surely off it.

    Parameters
    ----------
    comparison : Comparison
        Made with model cards (``embsig compare`` and `embsig plot` have mteb's; in Python ``compare(..., cards=embsig.model_cards(models))``).
    ax : Axes, optional
    cost : str, optional
        ``"n_parameters"`` or ``"n_active_parameters"``, or ``"bytes_per_vector"`` of a run of several dimensions or precisions; the default is the
        last where it is known, else the first.
    {shared}

    Returns
    -------
    Axes
        A filled mark may be the best model by the comparison's decisions, the ringed one is the smallest of these; a hollow one is surely
        worse than the best, but no model as small is surely better; a small grey one is surely worse than a model as small. The line is
        the highest mean up to each size (see `embsig.frontier`).

    Raises
    ------
    InputError
        If the comparison does not know the models' sizes.
    """
    name, table = _sizes(comparison, cost)
    smallest = table.loc[table["in_top_set"], "model"].head(1).tolist()
    labelled = _labelled(table, smallest)
    words = [look.name(m) for m in labelled["model"]]
    ax = _panel(ax, look, words, _note(comparison, table, smallest, name, look))
    tidy(ax, size=look.size, spines=("bottom", "left"), grid="y")
    _scale(ax, table["cost"], name)
    ax.set_xlabel(name.removeprefix("n_").replace("_", " "), fontsize=look.size, color=INK)
    ax.set_ylabel("mean score", fontsize=look.size, color=INK)
    line = table[table["on_frontier"]]
    ax.plot(
        [*line["cost"], table["cost"].max()], [*line["mean"], line["mean"].iloc[-1]], color=MUTED, lw=1,
        drawstyle="steps-post", zorder=2,
    )  # fmt: skip
    off = table["surely_dominated_by"].notna()
    best = table["in_top_set"].astype(bool)
    marks: tuple[tuple[pd.DataFrame, dict[str, Any]], ...] = (
        (table[off & ~best], {"ms": 2.6, "mfc": RULE, "mec": RULE}),
        (table[~off & ~best], {"ms": 4.6, "mfc": PAPER, "mec": INK}),
        (table[best], {"ms": 4.6, "mfc": look.palette.accent, "mec": look.palette.accent}),
        (table[table["model"].isin(smallest)], {"ms": 9.0, "mfc": "none", "mec": INK}),
    )
    for rows, style in marks:
        ax.plot(rows["cost"], rows["mean"], ls="none", marker="o", zorder=3, **style)
    _name(ax, labelled, words, smallest, look)
    return ax


def _sizes(comparison: "Comparison", cost: str | None) -> tuple[str, pd.DataFrame]:
    """The name of a size and the models by it, smallest first."""
    found = comparison.further.get("cost", {})
    name = next(iter(found), "") if cost is None else cost
    if name not in found:
        if found:
            raise InputError(
                f"this comparison does not know the models' {name}: it knows {text.TYPESET.listing(list(found))}"
            )
        raise InputError(
            "this comparison does not know how large its models are: expected models of mteb's registry, by their names there; in Python, "
            "cards of your own (compare(..., cards=))"
        )
    return name, found[name].frame


def _labelled(table: pd.DataFrame, smallest: list[str]) -> pd.DataFrame:
    """Models that are named: all of few; else the smallest of the best, those on the frontier, and the best."""
    if len(table) <= _NAMED:
        return table
    first = table["model"].isin(smallest).astype(int) * 2 + table["on_frontier"].astype(int)
    order = table.assign(_first=first).sort_values(["_first", "mean"], ascending=False, kind="stable")
    return table.loc[sorted(order.index[:_NAMED])]


def _note(comparison: "Comparison", table: pd.DataFrame, smallest: list[str], name: str, look: Look) -> str:
    n_best = int(table["in_top_set"].sum())
    said = f"Filled: may be the best ({n_best:,} of {text.count(len(table), 'model')} of known size)."
    if smallest:
        size = amount(float(table.loc[table["model"] == smallest[0], "cost"].iloc[0]), name)
        said += f" Ringed: {'the smallest of these' if n_best > 1 else 'this one'}, {look.name(smallest[0])} ({size})"
        said += "; nothing shows that it is worse than the best." if n_best > 1 else "."
    said += (
        f" Hollow: no model as small is surely better. Grey: one is ({comparison.method.percent}, all pairs together)."
        " Line: the highest mean up to each size."
    )
    unknown = comparison.n_pool - len(table)
    return said + (f" The size of {text.count(unknown, 'model')} is not known." if unknown > 0 else "")


def _panel(ax: "Axes | None", look: Look, words: list[str], note: str) -> "Axes":
    if ax is not None:
        inside(ax, look)
        return ax
    height = max(_HEIGHT, 1.3 * look.size * (len(words) + 1))
    return framed(
        look, _WIDTH, height, left=5.5 * look.size, right=widest(words, look.size, "bold") + 26, top=18,
        below=4.25 * look.size, note=note, least=(110, 1.3 * look.size * (len(words) + 1)),
    )  # fmt: skip


def _scale(ax: "Axes", costs: "pd.Series[float]", name: str) -> None:
    """A logarithmic scale of sizes, in words; linear below the smallest where one is 0 (a model of looked-up vectors has no active parameters)."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    above = costs[costs > 0]
    if above.empty:
        ax.xaxis.set_major_locator(MaxNLocator(2))
    elif (costs <= 0).any():
        ax.set_xscale("symlog", linthresh=float(above.min()))
        ax.set_xlim(-0.2 * float(above.min()), 1.6 * float(costs.max()))
    else:
        ax.set_xscale("log")
        ax.set_xlim(float(above.min()) / 1.6, float(costs.max()) * 1.6)
        low, high = ax.get_xlim()
        if (
            math.floor(math.log10(high)) - math.ceil(math.log10(low)) < 2
        ):  # powers of ten alone would leave two labels, or none
            ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 70 * low else (1.0, 3.0)))
    if name == "bytes_per_vector":
        ax.xaxis.set_major_locator(LogLocator(base=2, numticks=12))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
    if name.endswith("parameters"):
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _short(x)))
        ax.xaxis.set_minor_formatter(NullFormatter())


def _short(value: float) -> str:
    """A number of parameters on the scale.

    Examples
    --------
    >>> [_short(x) for x in (0, 1e5, 2e7, 1e9, 1.2e10)]
    ['0', '0.1 M', '20 M', '1 B', '12 B']
    """
    return f"{value / 1e9:,.4g} B" if value >= 1e9 else f"{value / 1e6:,.4g} M" if value > 0 else "0"


def _name(ax: "Axes", labelled: pd.DataFrame, words: list[str], smallest: list[str], look: Look) -> None:
    """Write names at the right, apart from one another, each with a thin line to its mark."""
    height = size_in_points(ax)[1]
    low, high = ax.get_ylim()
    order = labelled["mean"].to_numpy().argsort(kind="stable")
    at = (labelled["mean"].to_numpy()[order] - low) / (high - low) * height
    gap = 1.25 * look.size
    places = spread(at, gap)
    # Neither above nor below the axes: there are others' words.
    places = places - max(0.0, places[-1] - height) + max(0.0, -(places[0] - max(0.0, places[-1] - height)))
    for row, place in zip(order, places, strict=True):
        model, x, y = (labelled[c].iloc[row] for c in ("model", "cost", "mean"))
        ax.annotate(
            "", (x, y), (1.02, place / height), textcoords="axes fraction",
            arrowprops={"arrowstyle": "-", "color": RULE, "lw": 0.6, "shrinkA": 0, "shrinkB": 3}, zorder=1, annotation_clip=False,
        )  # fmt: skip
        write(
            ax, 1.03, place / height, words[row], size=look.size, color=INK, ha="left", transform=ax.transAxes,
            weight="bold" if model in smallest else "normal",
        )  # fmt: skip
