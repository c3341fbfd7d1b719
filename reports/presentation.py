"""What the methods of `stats.Comparison` call: ``.plot``, ``.report``, ``.explore``, ``.to_latex``, ``.to_markdown``."""

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stats.common.errors import InputError

from .figures.registry import plot_kind
from .page import html_report
from .tables import latex_table, markdown_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison


def plot(comparison: "Comparison", kind: str, ax: "Axes | None", **options: Any) -> "Axes":
    """Draw one figure."""
    return plot_kind(kind)(comparison, ax, **options)


def report(comparison: "Comparison", path: str | PathLike[str], **options: Any) -> Path:
    """Write the page."""
    html_report(comparison, path, **options)
    return Path(path)


def explore(comparison: "Comparison", **options: Any) -> Any:
    """Make the widget."""
    try:
        from .page.explorer import Explorer
    except ImportError:
        raise InputError(
            "explore() shows a widget, which needs anywidget: pip install 'embsig[notebook]'; without it, "
            "report('report.html') writes the same page for a browser"
        ) from None
    return Explorer(comparison, **options)


def to_latex(comparison: "Comparison", **options: Any) -> str:
    """Write a table as LaTeX."""
    return latex_table(comparison, **options)


def to_markdown(comparison: "Comparison", **options: Any) -> str:
    """Write a table as Markdown."""
    return markdown_table(comparison, **options)
