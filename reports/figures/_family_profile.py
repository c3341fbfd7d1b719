"""Family profile: where each model wins."""

from typing import TYPE_CHECKING

import numpy as np

from reports.style import INK, MUTED, PAPER
from stats.common import text
from stats.common.errors import InputError
from stats.common.text import TYPESET

from .canvas.axes import luminance, name_ticks, tidy
from .canvas.frame import colour_map, framed, inside
from .canvas.layout import text_width, widest
from .canvas.look import Look, adjustable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison


@adjustable
def family_profile(comparison: "Comparison", ax: "Axes | None" = None, *, most: int = 30, look: Look) -> "Axes":
    """Draw each model's rank within every task family, beside its rank over all tasks.

    Parameters
    ----------
    comparison : Comparison
        With families.
    ax : Axes, optional
    most : int
        At most so many models, by mean rank; the others are counted in the note.
    {shared}

    Returns
    -------
    Axes
        A cell per model and family with the rank in it; the darker the better. A dot: it may be the best there.

    Raises
    ------
    InputError
        If the comparison has no families.

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> long = pd.DataFrame({"model": list("aaaabbbb"), "task": list("tuvw") * 2, "family": ["STS", "STS", "Retrieval", "Retrieval"] * 2, "score": [0.9, 0.8, 0.7, 0.6, 0.8, 0.7, 0.6, 0.5]})
    >>> comparison = embsig.compare(long, rng=0)
    >>> ax = embsig.family_profile(comparison)
    >>> sorted(comparison.families)
    ['Retrieval', 'STS']
    """
    from matplotlib.patches import Rectangle

    if not comparison.families:
        raise InputError(
            "these scores have no task families: give a long table with a column 'family', or read MTEB results"
        )
    every = [str(m) for m in comparison.ranks["model"]]
    models = every[:most]
    if comparison.control is not None and str(comparison.control) not in models:
        models = [*models[: most - 1], str(comparison.control)]
    parts = {"all": comparison, **comparison.families}
    heads = [f"all ({comparison.n_tasks})"] + [f"{text.name(f)} ({p.n_tasks})" for f, p in comparison.families.items()]
    ranks = np.full((len(models), len(parts)), np.nan)
    top = np.zeros(ranks.shape, dtype=bool)
    for j, part in enumerate(parts.values()):
        table = part.ranks.assign(model=part.ranks["model"].astype(str)).set_index("model")
        ranks[:, j] = table["rank"].reindex(models).to_numpy(float)
        if comparison.control is None:  # against a control no two other models were compared: any may be the best
            top[:, j] = table["in_top_set"].reindex(models).fillna(False).to_numpy(bool)
    labels = [look.name(m) for m in models]
    note = "Rank by mean rank within the family (its number of tasks), 1 is best."
    note += " Dot: may be the best there." if top.any() else ""
    if len(every) > len(models):
        note += f" The other {text.count(len(every) - len(models), 'model')} are not shown."
    cell_width, cell_height = max(3.25 * look.size, text_width("000", look.size) + 12), look.size * 1.7
    if ax is None:
        left = widest(labels, look.size) + 10
        slant = np.sin(np.pi / 4) * widest(heads, look.size)
        overhang = np.cos(np.pi / 4) * text_width(heads[-1], look.size) + 6
        overhang = max(
            overhang,
            *(
                np.cos(np.pi / 4) * text_width(h, look.size) - cell_width * (len(heads) - 1 - j)
                for j, h in enumerate(heads)
            ),
        )
        width, height = cell_width * len(heads), cell_height * len(models)
        ax = framed(
            look,
            width,
            height,
            left=left,
            right=overhang,
            top=slant + 16,
            below=6,
            note=note,
            least=(width * 0.9, height * 0.8),
        )
    else:
        inside(ax, look)
    colours = colour_map(look.palette.sequential)
    worst = float(np.nanmax(ranks))
    for (i, j), rank in np.ndenumerate(ranks):
        share = ((rank - 1) / max(worst - 1, 1)) ** 0.6 if np.isfinite(rank) else 1.0
        # Nothing reaches beyond the axes, and to name a clip path for every cell would be a quarter of the figure.
        ax.add_patch(
            Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=colours(share), edgecolor=PAPER, lw=1.2, clip_on=False)
        )
        ink = "#fcfcfc" if luminance(colours(share)) < 0.3 else "#111111"
        ax.text(
            j, i, f"{rank:.0f}" if np.isfinite(rank) else TYPESET.none, ha="center", va="center_baseline",
            fontsize=look.size, color=ink,
        )  # fmt: skip
        if top[i, j]:
            ax.plot([j + 0.36], [i - 0.27], marker="o", ms=2.6, color=ink, mew=0, ls="none", clip_on=False)
    ax.set_xlim(-0.5, len(heads) - 0.5)
    ax.set_ylim(len(models) - 0.5, -0.5)
    tidy(ax, size=look.size, spines=())
    name_ticks(ax, "y", np.arange(len(models), dtype=float), labels, size=look.size)
    ax.xaxis.tick_top()
    name_ticks(ax, "x", np.arange(len(heads), dtype=float), heads, size=look.size, rotation=45)
    ax.axvline(0.5, color=INK, lw=0.8)
    for label in ax.get_yticklabels():
        if comparison.control is not None and label.get_text() == look.name(comparison.control):
            label.set_fontweight("bold")
    ax.tick_params(axis="x", labelcolor=INK, color=MUTED)
    return ax
