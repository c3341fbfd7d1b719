"""critical_difference: choose the form and hand over."""

from typing import TYPE_CHECKING, Literal

from reports.figures.canvas.look import Look, adjustable
from stats.common.errors import InputError

from .content import Bars, content

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison

#: Up to so many models the diagram is Demsar's own; beyond it is a ladder.
CLASSIC_MODELS = 25


@adjustable
def critical_difference(
    comparison: "Comparison",
    ax: "Axes | None" = None,
    *,
    form: Literal["auto", "classic", "ladder"] = "auto",
    bars: Bars = "auto",
    lanes: int = 12,
    look: Look,
) -> "Axes":
    """Draw the critical-difference diagram: mean ranks, and bars over models that cannot be told apart.

    The classic form is Demsar's (2006, figure 1): models hang from an axis of mean ranks. The ladder, for many
    models, goes down the page in rank order: a dot at each model's rank, a whisker over the ranks it may have, and the
    bars upright beside them.

    Parameters
    ----------
    comparison : Comparison
        What ``embsig.compare`` found.
    ax : Axes, optional
        Where to draw; the diagram then fits itself to it (as the Axes' size is now). Without it a new figure is made
        as large as the names ask for.
    form : {"auto", "classic", "ladder"}
        ``"auto"``: classic up to 25 models.
    bars : {"auto", "cliques", "differences", "nemenyi", "none"}
        ``"cliques"``: maximal runs in rank order in which no pair is significant in `comparison`. ``"nemenyi"``:
        maximal runs of mean ranks closer than the Nemenyi critical difference, which is drawn above the axis.
        ``"differences"``: no bars, but a bracket with an unequal sign for every pair that differs. ``"auto"``: as the comparison
        was tested, brackets where at most 12 pairs and less than a quarter of all differ (bars would read as groups); against a
        control no bars, but filled and hollow markers.
    lanes : int
        At most so many columns (ladder) of bars; what is left out is said in the figure.
    {shared}

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If an option is none of those named.

    Notes
    -----
    No name is ever cut: long ones are wrapped (classic) or widen the figure (ladder).

    References
    ----------
    Demsar, J. (2006). Statistical comparisons of classifiers over multiple data sets. JMLR 7, 1-30.

    Examples
    --------
    a wins every task, so the mean ranks are 1 and 2:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> ax = embsig.critical_difference(comparison)
    >>> comparison.ranks["mean_rank"].tolist()
    [1.0, 2.0]
    """
    from .classic import draw_classic
    from .ladder import draw_ladder

    if form not in ("auto", "classic", "ladder"):
        raise InputError(f"form={form!r}: expected 'auto', 'classic' or 'ladder'")
    what = content(comparison, bars=bars, names=look.names)
    if form == "ladder" or (form == "auto" and len(what.models) > CLASSIC_MODELS):
        return draw_ladder(comparison, what, ax, look=look, lanes=lanes)
    return draw_classic(what, ax, look=look)
