"""Rank confidence sets, one model per row."""

from typing import TYPE_CHECKING

from .canvas.look import Look, adjustable
from .critical.content import content
from .critical.ladder import draw_ladder

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison


@adjustable
def rank_intervals(comparison: "Comparison", ax: "Axes | None" = None, *, look: Look) -> "Axes":
    """Draw each model's rank with the confidence set of its rank, best model at the top.

    Parameters
    ----------
    comparison : Comparison
    ax : Axes, optional
        Where to draw; the figure then fits itself to it.
    {shared}

    Returns
    -------
    Axes
        The ladder of `critical_difference` without its bars.

    Examples
    --------
    a is first on every task, b second, and so are their mean ranks:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> ax = embsig.rank_intervals(comparison)
    >>> [t.get_text() for t in ax.texts if t.get_text() in ("1.00", "2.00")]
    ['1.00', '2.00']
    """
    return draw_ladder(comparison, content(comparison, bars="none", names=look.names), ax, look=look, lanes=0)
