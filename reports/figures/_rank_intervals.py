"""Rank confidence sets, one model per row."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reports.style import FONT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison


def rank_intervals(
    comparison: "Comparison",
    ax: "Axes | None" = None,
    *,
    names: Mapping[str, str] | None = None,
    width: float | None = None,
    font_size: float = FONT,
    title: str | None = None,
) -> "Axes":
    """Draw each model's rank with the confidence set of its rank, best model at the top.

    Parameters
    ----------
    comparison : Comparison
    ax : Axes, optional
        Where to draw; the figure then fits itself to it.
    names : mapping, optional
        How to write a model's name, where not by the name itself.
    width : float, optional
        Width of a new figure in inches.
    font_size : float
        In points.
    title : str, optional

    Returns
    -------
    Axes
        The ladder of `critical_difference` without its bars.
    """
    from .critical import critical_difference

    return critical_difference(
        comparison, ax, form="ladder", bars="none", names=names, width=width, font_size=font_size, title=title
    )
