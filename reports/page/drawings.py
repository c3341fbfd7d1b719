"""The figures of the page."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from reports.figures.canvas.save import close
from stats.common import text
from stats.common.text import TYPESET

from .svg import inline_svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from stats import Comparison

#: Families get a diagram of their own up to so many models.
_FAMILY_MODELS = 30


@dataclass(frozen=True)
class Drawing:
    """A figure in the page: its name, title, description, and itself."""

    name: str
    title: str
    description: str
    svg: Markup


def drawings(comparison: "Comparison") -> dict[str, Drawing]:
    """Draw every figure of the page: name -> drawing."""
    from reports import figures

    made: dict[str, Drawing] = {}

    def add(name: str, title: str, description: str, draw: "Callable[[], Axes]") -> None:
        ax = draw()
        try:
            svg = inline_svg(ax, name=name, title=title, description=description)
        finally:
            close(ax)
        made[name] = Drawing(name, title, description, Markup(svg))  # noqa: S704  # escaped by the XML writer

    best = text.name(comparison.ranks["model"].iloc[0])
    add(
        "critical-difference",
        "Critical-difference diagram",
        f"Mean ranks of {text.count(comparison.n_models, 'model')} over {text.count(comparison.n_tasks, comparison.scores.unit)}, best first: "
        f"{TYPESET.listing([str(m) for m in comparison.ranks['model']], 6)}. "
        f"{text.count(len(comparison.cliques), 'bar')} over models that cannot be told apart. The ranking below gives the numbers.",
        lambda: figures.critical_difference(comparison),
    )
    if comparison.families:
        add(
            "family-profile",
            "Ranks by task family",
            "The rank of each of the leading models within each task family; the tables of the families give the numbers.",
            lambda: figures.family_profile(comparison),
        )
        if comparison.n_models <= _FAMILY_MODELS:
            for i, (family, part) in enumerate(comparison.families.items()):
                add(
                    f"family-{i}",
                    f"Critical-difference diagram, {text.name(family)}",
                    f"Mean ranks over {text.count(part.n_tasks, part.scores.unit)} of the family {text.name(family)}; the best is "
                    f"{text.name(part.ranks['model'].iloc[0])}.",
                    lambda part=part: figures.critical_difference(part),  # type: ignore[misc]  # bound now
                )
    add(
        "score-heatmap",
        "Scores by model and task",
        f"How far each model lies above or below the mean of all models on each task. The best mean rank has {best}.",
        lambda: figures.score_heatmap(comparison),
    )
    add(
        "performance-profile",
        "Performance profile",
        "For each of the leading models the share of tasks on which it comes within a given distance of the best score.",
        lambda: figures.performance_profile(comparison),
    )
    design = getattr(comparison, "design", None)
    if design is not None and (design.contrasts["kind"] == "main").any():
        add(
            "design-effects",
            "Effects of the design factors",
            "The main effect of each design choice over all tasks and per family, with intervals; the table gives the numbers.",
            lambda: figures.design_effects(comparison),
        )
    if comparison.n_tasks >= 3:
        add(
            "power-curve",
            "Power curve",
            "The probability of a significant result against the size of a true difference, for half, all and twice the tasks.",
            lambda: figures.power_curve(comparison),
        )
    return made
