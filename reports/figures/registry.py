"""The figures by the names that ``embsig plot`` takes."""

from collections.abc import Callable
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stats.common import text
from stats.common.errors import InputError, unknown
from stats.common.writing import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison


def _figure(name: str) -> "Callable[..., Axes]":
    def draw(comparison: "Comparison", ax: "Axes | None" = None, **options: Any) -> "Axes":
        figure: Axes = getattr(import_module("reports.figures"), name)(comparison, ax, **options)
        return figure

    draw.__name__ = draw.__qualname__ = name
    draw.__doc__ = f"Draw `reports.{name}`."
    return draw


#: Kind of figure -> function of a Comparison (and `ax`) that draws it and returns the Axes.
PLOTS: "dict[str, Callable[..., Axes]]" = {
    kind: _figure(kind.replace("-", "_"))
    for kind in (
        "critical-difference",
        "rank-intervals",
        "forest",
        "comparison-matrix",
        "score-heatmap",
        "performance-profile",
        "family-profile",
        "bootstrap-density",
        "equivalence-triangle",
        "power-curve",
        "design-effects",
    )
}


def plot_kind(kind: str) -> "Callable[..., Axes]":
    """Return the function that draws this kind of figure; underscores do for dashes.

    Raises
    ------
    InputError
        If there is no such kind; the nearest one is suggested.
    """
    wanted = kind.strip().lower().replace("_", "-")
    wanted = {"cd": "critical-difference", "heatmap": "score-heatmap", "matrix": "comparison-matrix"}.get(
        wanted, wanted
    )
    if wanted not in PLOTS:
        raise unknown("kind of figure", kind, PLOTS)
    return PLOTS[wanted]


def plot_ending(kind: str, path: str | PathLike[str]) -> str:
    """Return the ending of the file that a figure is to be drawn into.

    Raises
    ------
    InputError
        If there is no such kind, or it cannot be written so.
    """
    from .canvas.save import FORMATS

    draw = plot_kind(kind)
    path = Path(path)
    ending = path.suffix.lower().lstrip(".")
    if ending == "tex":
        if draw.__name__ != "critical_difference":
            raise InputError(f"{kind} cannot be written as TeX: choose svg, pdf or png (tex: critical-difference only)")
    elif ending not in FORMATS:
        raise InputError(f"cannot write {path.name!r}: expected a file that ends in {', '.join(FORMATS)} or tex")
    return ending


def save_plot(kind: str, comparison: "Comparison", path: str | PathLike[str], **options: Any) -> Path:
    """Draw a figure into a file.

    Parameters
    ----------
    kind : str
        A key of `PLOTS`.
    comparison : Comparison
    path : path-like
        Ends in svg, pdf or png; in tex for the critical-difference diagram.
    **options
        Go to the figure.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the kind or the ending is unknown.
    """
    from .canvas.save import close, save_figure

    draw = plot_kind(kind)
    path = Path(path)
    if plot_ending(kind, path) == "tex":
        from .critical import critical_difference_tikz

        write_whole(path, critical_difference_tikz(comparison, **options))
        return path
    ax = draw(comparison, **options)
    try:
        return save_figure(
            ax,
            path,
            title=f"{kind}, {comparison.n_models} models, {text.count(comparison.n_tasks, comparison.scores.unit)}",
        )
    finally:
        close(ax)
