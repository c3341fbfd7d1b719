"""Models gained by every number of tasks given up, and which of these choices was compared."""

from typing import TYPE_CHECKING

from reports.style import INK, MUTED
from stats.common import text
from stats.common.errors import InputError

from .canvas.axes import tidy
from .canvas.frame import framed, inside
from .canvas.layout import write
from .canvas.look import Look, adjustable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison

_WIDTH, _HEIGHT = 300.0, 170.0


@adjustable
def coverage_trade_off(
    comparison: "Comparison",
    ax: "Axes | None" = None,
    *,
    look: Look,
) -> "Axes":
    """Draw how many models have every task that stays, against the number of tasks left out.

    Parameters
    ----------
    comparison : Comparison
    ax : Axes, optional
    {shared}

    Returns
    -------
    Axes
        One point per step of the trade-off (see `embsig.choose_coverage`), exact at each number of tasks; the filled one was compared.

    Raises
    ------
    InputError
        If the comparison does not know what it was chosen from.
    """
    from matplotlib.ticker import MaxNLocator

    coverage = comparison.coverage
    if coverage is None:
        raise InputError(
            "this comparison does not know which models and tasks it was chosen from: compare again, over all families"
        )
    steps = [(len(step.drop), step.models) for step in coverage.trade_off]
    used = (len(coverage.dropped_tasks), coverage.models_used)
    note = " ".join(coverage.sentences()) or f"Every one of {text.count(coverage.models_used, 'model')} has every task."
    if ax is None:
        ax = framed(look, _WIDTH, _HEIGHT, left=5.5 * look.size, right=16, top=18, below=4.25 * look.size, note=note)
    else:
        inside(ax, look)
    tidy(ax, size=look.size, spines=("bottom", "left"), grid="y")
    ax.plot(
        [x for x, _ in steps],
        [y for _, y in steps],
        color=MUTED,
        lw=1,
        marker="o",
        ms=4,
        mfc="white",
        mec=INK,
        drawstyle="steps-post",
    )
    ax.plot(*used, marker="o", ms=6, color=look.palette.accent, ls="none")
    most = max([used[1], *(y for _, y in steps)])
    for x, y in dict.fromkeys([*steps, used]):
        write(ax, x, y + 0.04 * most, f"{y:,}", size=look.size - 1, color=INK, ha="center", va="bottom")
    widest = max([used[0], *(x for x, _ in steps)])
    ax.set_xlim(-0.5, widest + 0.5)
    ax.set_ylim(0, 1.15 * most)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(f"tasks left out, of {coverage.tasks_asked:,}", fontsize=look.size, color=INK)
    ax.set_ylabel("models with every other task", fontsize=look.size, color=INK)
    return ax
