"""Show what an analysis found: diagrams, tables, HTML.

Importing this package is cheap: matplotlib is imported when the first figure is drawn.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .figures._bootstrap_density import bootstrap_density
    from .figures._comparison_matrix import comparison_matrix
    from .figures._design_effects import design_effects
    from .figures._equivalence_triangle import equivalence_triangle
    from .figures._family_profile import family_profile
    from .figures._forest import forest
    from .figures._performance_profile import performance_profile
    from .figures._power_curve import power_curve
    from .figures._rank_intervals import rank_intervals
    from .figures._score_heatmap import score_heatmap
    from .figures.canvas.save import save_figure
    from .figures.critical import critical_difference, critical_difference_tikz
    from .figures.registry import PLOTS, Figure, plot_kind, register_figure, save_plot
    from .page import html_report
    from .tables import (
        TABLES,
        csv_table,
        gate_junit,
        gate_markdown,
        latex_table,
        markdown_table,
        named_frame,
        text_report,
    )

__room_of__ = "embsig"  # by this line embsig's guard knows its own: another distribution may overwrite the file

#: Public name -> the module that defines it.
_HOME = {
    "PLOTS": ".figures.registry",
    "Figure": ".figures.registry",
    "plot_kind": ".figures.registry",
    "register_figure": ".figures.registry",
    "save_plot": ".figures.registry",
    "save_figure": ".figures.canvas.save",
    "bootstrap_density": ".figures",
    "comparison_matrix": ".figures",
    "critical_difference": ".figures",
    "critical_difference_tikz": ".figures",
    "design_effects": ".figures",
    "equivalence_triangle": ".figures",
    "family_profile": ".figures",
    "forest": ".figures",
    "performance_profile": ".figures",
    "power_curve": ".figures",
    "rank_intervals": ".figures",
    "score_heatmap": ".figures",
    "html_report": ".page",
    "TABLES": ".tables",
    "csv_table": ".tables",
    "named_frame": ".tables",
    "gate_junit": ".tables",
    "gate_markdown": ".tables",
    "latex_table": ".tables",
    "markdown_table": ".tables",
    "text_report": ".tables",
}

__all__ = [
    "PLOTS",
    "TABLES",
    "Figure",
    "bootstrap_density",
    "comparison_matrix",
    "critical_difference",
    "critical_difference_tikz",
    "csv_table",
    "design_effects",
    "equivalence_triangle",
    "family_profile",
    "forest",
    "gate_junit",
    "gate_markdown",
    "html_report",
    "latex_table",
    "markdown_table",
    "named_frame",
    "performance_profile",
    "plot_kind",
    "power_curve",
    "rank_intervals",
    "register_figure",
    "save_figure",
    "save_plot",
    "score_heatmap",
    "text_report",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
