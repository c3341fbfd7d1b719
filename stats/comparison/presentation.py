"""How a comparison is shown: by a module that is looked up by its name when it is first asked, as pandas does for plotting.

`stats` computes and imports nobody above it; who works with numbers alone never loads matplotlib or jinja2.
"""

from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from .comparison import Comparison

#: The module that shows comparisons; it has the functions of `Presentation`.
PRESENTATION = "reports.presentation"


class Presentation(Protocol):
    """What the module named `PRESENTATION` provides."""

    def plot(self, comparison: "Comparison", kind: str, ax: Any, **options: Any) -> Any:
        """Draw one figure and return its Axes."""

    def report(self, comparison: "Comparison", path: str | PathLike[str], **options: Any) -> Path:
        """Write the page and return where it is."""

    def explore(self, comparison: "Comparison", **options: Any) -> Any:
        """Return the page as a widget of a notebook."""

    def to_latex(self, comparison: "Comparison", **options: Any) -> str:
        """Write a table as LaTeX."""

    def to_markdown(self, comparison: "Comparison", **options: Any) -> str:
        """Write a table as Markdown."""


def presentation() -> Presentation:
    """Return the module that shows comparisons."""
    return cast(Presentation, import_module(PRESENTATION))
