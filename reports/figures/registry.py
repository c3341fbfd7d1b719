"""The figures by the names that ``embsig plot`` takes: every fact about each of them, in one place."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stats.common import text
from stats.common.errors import InputError, unknown
from stats.common.registry import Registry
from stats.common.text import TYPESET
from stats.common.writing import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison


def _always(comparison: "Comparison") -> bool:
    return True


@dataclass(frozen=True)
class Figure:
    """A kind of figure; calling it draws it.

    Attributes
    ----------
    name : str
        As users call it.
    title : str
        As a heading over it says it.
    function : str or callable
        Function of a Comparison and ``ax`` that draws and returns the Axes; by name one of `reports.figures`, so that
        matplotlib is loaded when the first figure is drawn.
    caption : callable
        Comparison to what the figure shows, for those who cannot see it.
    needs : str
        What a comparison must have for it, in words; empty: any has.
    possible : callable
        Whether this comparison has it.
    aliases : tuple of str
        Other names for it.
    decides : bool
        Whether it shows what a test decides. The others need the scores alone, so that nothing long has to be computed for them.
    tex : str
        Name of the function of `reports.figures` that writes it as TeX; empty: none does.

    Examples
    --------
    >>> import embsig
    >>> embsig.PLOTS["forest"].name, embsig.PLOTS["forest"].title
    ('forest', 'Differences from one model')
    """

    name: str
    title: str
    function: "str | Callable[..., Axes]"
    caption: "Callable[[Comparison], str]"
    needs: str = ""
    possible: "Callable[[Comparison], bool]" = _always
    aliases: tuple[str, ...] = ()
    decides: bool = True
    tex: str = ""

    def __call__(self, comparison: "Comparison", ax: "Axes | None" = None, **options: Any) -> "Axes":
        """Draw it."""
        function = _of_figures(self.function) if isinstance(self.function, str) else self.function
        drawn: Axes = function(comparison, ax, **options)
        return drawn


def _of_figures(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(import_module("reports.figures"), name)
    return found


#: Kinds of figures by name. Others' are found by the entry points of the group ``embsig.figures``.
PLOTS: Registry[Figure] = Registry("kind of figure", Figure, "embsig.figures")


def register_figure(figure: Figure, *, replace: bool = False) -> None:
    """Make a kind of figure known to `save_plot`, ``Comparison.plot`` and the command line by its name.

    Parameters
    ----------
    figure : Figure
    replace : bool
        Take the place of one of the same name.

    Raises
    ------
    InputError
        If the name is taken.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import embsig
    >>> embsig.register_figure(replace(embsig.PLOTS["forest"], name="wood", aliases=()))
    >>> embsig.plot_kind("wood").title
    'Differences from one model'
    >>> embsig.PLOTS.unregister("wood")
    """
    PLOTS.register(figure, replace=replace)


def _over(c: "Comparison") -> str:
    return f"over {text.count(c.n_tasks, c.scores.unit)}"


def _has_families(c: "Comparison") -> bool:
    return bool(c.families)


def _has_main_effects(c: "Comparison") -> bool:
    return c.design is not None and bool((c.design.contrasts["kind"] == "main").any())


def _diagram(c: "Comparison") -> str:
    bars = f"{text.count(len(c.cliques), 'bar')} over models that cannot be told apart. " if c.control is None else ""
    return (
        f"Mean ranks of {text.count(c.n_models, 'model')} {_over(c)}, best first: "
        f"{TYPESET.listing([str(m) for m in c.ranks['model']], 6)}. {bars}The ranking below gives the numbers."
    )


def _sizes(c: "Comparison") -> str:
    found = next(iter(c.further["cost"].values()))
    return f"The mean score of {text.count(len(found.frame), 'model')} against their size, and the highest mean up to each size. {found.text}"


for _figure in (
    Figure(
        "critical-difference",
        "Critical-difference diagram",
        "critical_difference",
        _diagram,
        aliases=("cd",),
        tex="critical_difference_tikz",
    ),
    Figure(
        "rank-intervals",
        "Ranks with their confidence sets",
        "rank_intervals",
        lambda c: f"The rank of each model {_over(c)} with the set of ranks that it may have at {c.method.percent}.",
    ),
    Figure(
        "forest",
        "Differences from one model",
        "forest",
        lambda c: f"The difference between each model and one model, with {c.method.percent} intervals.",
    ),
    Figure(
        "comparison-matrix",
        "All pairs",
        "comparison_matrix",
        lambda c: "The difference within every pair of models and its adjusted p-value.",
        aliases=("matrix",),
    ),
    Figure(
        "score-heatmap",
        "Scores by model and task",
        "score_heatmap",
        lambda c: (
            "How far each model lies above or below the mean of all models on each task. The best mean rank has "
            f"{text.name(c.ranks['model'].iloc[0])}."
        ),
        aliases=("heatmap",),
        decides=False,
    ),
    Figure(
        "performance-profile",
        "Performance profile",
        "performance_profile",
        lambda c: (
            "For each of the leading models the share of tasks on which it comes within a given distance of the best "
            "score."
        ),
        decides=False,
    ),
    Figure(
        "family-profile",
        "Ranks by task family",
        "family_profile",
        lambda c: (
            "The rank of each of the leading models within each task family; the tables of the families give the "
            "numbers."
        ),
        needs="task families with two tasks or more",
        possible=_has_families,
    ),
    Figure(
        "bootstrap-density",
        "How differences vary with the tasks",
        "bootstrap_density",
        lambda c: "The bootstrap distribution of each model's difference from one model.",
    ),
    Figure(
        "equivalence-triangle",
        "Better, equivalent or worse",
        "equivalence_triangle",
        lambda c: "The posterior probabilities that each model is better than, equivalent to or worse than one model.",
    ),
    Figure(
        "power-curve",
        "Power curve",
        "power_curve",
        lambda c: (
            "The probability of a significant result against the size of a true difference, for half, all and twice "
            "the tasks."
        ),
        needs="three tasks or more, and conclusions about others like them",
        decides=False,
        possible=lambda c: c.n_tasks >= 3 and c.method.level != "samples",
    ),
    Figure(
        "coverage",
        "Models and tasks compared",
        "coverage_trade_off",
        lambda c: (
            "How many models have every task that stays, against the number of tasks left out; the filled point was compared."
        ),
        needs="to be of all tasks together",
        decides=False,
        possible=lambda c: c.coverage is not None,
    ),
    Figure(
        "frontier",
        "Quality against size",
        "size_frontier",
        _sizes,
        needs="model cards that know a model's size (cards=)",
        possible=lambda c: bool(c.further.get("cost")),
        aliases=("pareto", "size"),
    ),
    Figure(
        "design-effects",
        "Effects of the design factors",
        "design_effects",
        lambda c: (
            "The main effect of each design choice over all tasks and per family, with intervals; the table gives "
            "the numbers."
        ),
        needs="a design (design=, on the command line --design)",
        possible=_has_main_effects,
    ),
):
    register_figure(_figure)


def plot_kind(kind: str) -> Figure:
    """Return the figure of this kind; underscores do for dashes.

    Parameters
    ----------
    kind : str
        A key of `PLOTS`, or an alias of it.

    Returns
    -------
    Figure
        To be called with a comparison.

    Raises
    ------
    InputError
        If there is no such kind; the nearest one is suggested.

    Examples
    --------
    >>> import embsig
    >>> embsig.plot_kind("cd").name
    'critical-difference'
    """
    wanted = kind.strip().lower().replace("_", "-")
    for figure in PLOTS.values():
        if wanted == figure.name or wanted in figure.aliases:
            return figure
    raise unknown("kind of figure", kind, PLOTS)


def plot_ending(kind: str, path: str | PathLike[str]) -> str:
    """Return the ending of the file that a figure is to be drawn into.

    Raises
    ------
    InputError
        If there is no such kind, or it cannot be written so.
    """
    from .canvas.save import FORMATS

    figure = plot_kind(kind)
    path = Path(path)
    ending = path.suffix.lower().lstrip(".")
    if ending == "tex":
        if not figure.tex:
            able = " and ".join(name for name, other in PLOTS.items() if other.tex)
            raise InputError(f"{kind} cannot be written as TeX: choose svg, pdf or png (tex: {able} only)")
    elif ending not in FORMATS:
        raise InputError(f"cannot write {path.name!r}: expected a file that ends in {', '.join(FORMATS)} or tex")
    return ending


def check_options(kind: str, path: str | PathLike[str], options: Mapping[str, Any]) -> None:
    """Refuse options that a figure does not have.

    Raises
    ------
    InputError
        If one is not the figure's; those that have it are named.
    """
    wanted = "tex" if plot_ending(kind, path) == "tex" else "picture"
    for option in options:
        if option == "dpi":
            if Path(path).suffix.lower() != ".png":
                raise InputError(f"dpi is for png: {Path(path).name!r} has no resolution")
        elif option not in _options(plot_kind(kind), wanted):
            if wanted == "tex" and option in _options(plot_kind(kind), "picture"):
                raise InputError(f"{kind} as tex has no option {option}: write svg, pdf or png to have it")
            able = [name for name, other in PLOTS.items() if option in _options(other, wanted)]
            raise InputError(
                f"{kind} has no option {option}{' (--style)' if option == 'form' else ''}"
                + (f"; {TYPESET.listing(able)} {'has' if len(able) == 1 else 'have'} it" if able else "")
            )


def _options(figure: Figure, wanted: str) -> Collection[str]:
    """The names of a figure's own options."""
    function: Any = figure.tex if wanted == "tex" else figure.function
    if not function:
        return ()
    found = signature(_of_figures(function) if isinstance(function, str) else function).parameters.values()
    return [p.name for p in found if p.kind is p.KEYWORD_ONLY]


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
        Go to the figure; ``dpi`` is the resolution of a png.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the kind or the ending is unknown, or the figure has no such option.

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> import tempfile
    >>> from pathlib import Path
    >>> embsig.save_plot("forest", comparison, Path(tempfile.mkdtemp(), "forest.svg")).name
    'forest.svg'
    """
    from .canvas.save import close, save_figure

    figure = plot_kind(kind)
    path = Path(path)
    check_options(kind, path, options)
    dpi = options.pop("dpi", 200.0)
    if plot_ending(kind, path) == "tex":
        if "width" in options:
            options["width"] *= 2.54  # TeX's pictures are measured in centimetres
        write_whole(path, _of_figures(figure.tex)(comparison, **options))
        return path
    ax = figure(comparison, **options)
    try:
        return save_figure(
            ax,
            path,
            dpi=dpi,
            title=f"{figure.title}, {text.count(comparison.n_models, 'model')}, {text.count(comparison.n_tasks, comparison.scores.unit)}",
        )
    finally:
        close(ax)
