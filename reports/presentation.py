"""What the methods of `stats.Comparison` call: ``.plot``, ``.report``, ``.to_latex``, ``.to_markdown``."""

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


def to_latex(comparison: "Comparison", **options: Any) -> str:
    """Write a table as LaTeX."""
    return latex_table(comparison, **options)


def to_markdown(comparison: "Comparison", **options: Any) -> str:
    """Write a table as Markdown."""
    return markdown_table(comparison, **options)
