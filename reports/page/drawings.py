"""The figures of the page."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from markupsafe import Markup

from reports.figures.canvas.save import close
from reports.figures.registry import PLOTS
from stats.common import text

from .svg import inline_svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from stats import Comparison

#: Families get a diagram of their own up to so many models, where a pair is decided in them.
_FAMILY_MODELS = 30
#: Larger maps of scores the script draws on a canvas that scrolls, with labels that can be read.
_MAP_MODELS, _MAP_TASKS = 40, 60


@dataclass(frozen=True)
class Drawing:
    """A figure in the page: its name, title, description, and itself."""

    name: str
    title: str
    description: str
    svg: Markup


#: The figures of the page, in its order, beside those of the families.
_SHOWN = (
    "critical-difference", "family-profile", "score-heatmap", "performance-profile", "frontier",
    "design-effects", "power-curve",
)  # fmt: skip


def drawings(comparison: "Comparison") -> dict[str, Drawing]:
    """Draw every figure of the page: name -> drawing."""
    made: dict[str, Drawing] = {}

    def add(name: str, title: str, description: str, draw: "Callable[[], Axes]") -> None:
        ax = draw()
        try:
            svg = inline_svg(ax, name=name, title=title, description=description)
        finally:
            close(ax)
        made[name] = Drawing(name, title, description, Markup(svg))  # noqa: S704  # escaped by the XML writer

    for figure in map(PLOTS.__getitem__, _SHOWN):
        large = comparison.n_models > _MAP_MODELS or comparison.n_tasks > _MAP_TASKS
        if figure.possible(comparison) and not (figure.name == "score-heatmap" and large):
            add(figure.name, figure.title, figure.caption(comparison), partial(figure, comparison))
    if comparison.n_models <= _FAMILY_MODELS:
        diagram = PLOTS["critical-difference"]
        for i, (family, part) in enumerate(comparison.families.items()):
            if not part.pairs["significant"].fillna(False).astype(bool).any():
                continue  # all bars would join all models: the ranking beside it says as much
            add(
                f"family-{i}",
                f"{diagram.title}, {text.name(family)}",
                f"Mean ranks over {text.count(part.n_tasks, part.scores.unit)} of the family {text.name(family)}; the best is "
                f"{text.name(part.ranks['model'].iloc[0])}.",
                partial(diagram, part),
            )
    return made
