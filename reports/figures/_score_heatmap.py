"""Heat map of scores: models by tasks, families marked."""

from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from reports.style import INK, MUTED, PAPER, RULE
from stats.common import text
from stats.common.errors import InputError
from stats.common.text import TYPESET

from .canvas.axes import name_ticks, tidy
from .canvas.frame import colour_map, framed, inside
from .canvas.layout import size_in_points, text_width, widest
from .canvas.look import Look, adjustable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stats import Comparison


@adjustable
def score_heatmap(
    comparison: "Comparison",
    ax: "Axes | None" = None,
    *,
    order: Literal["rank", "cluster"] = "rank",
    look: Look,
) -> "Axes":
    """Draw each score as its difference from the task's mean over the models.

    Parameters
    ----------
    comparison : Comparison
    ax : Axes, optional
    order : {"rank", "cluster"}
        Order of the models: by mean rank, or so that alike ones are neighbours. Tasks stand by family, within a family
        so that alike ones are neighbours (average linkage on correlation distance).
    {shared}

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If `order` is none of the two.

    Examples
    --------
    The better of two that are .1 apart is .05 above the mean of both, task by task:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> comparison = embsig.compare(scores, rng=0)
    >>> ax = embsig.score_heatmap(comparison)
    >>> ax.images[0].get_array().round(9).tolist()
    [[0.05, 0.05, 0.05, 0.05, 0.05, 0.05], [-0.05, -0.05, -0.05, -0.05, -0.05, -0.05]]
    """
    from matplotlib.ticker import MaxNLocator

    if order not in ("rank", "cluster"):
        raise InputError(f"order={order!r}: expected 'rank' or 'cluster'")
    scores = comparison.scores
    models = [str(m) for m in comparison.ranks["model"]]
    values = scores.table[models].to_numpy(float)
    centred = values - np.nanmean(values, axis=1, keepdims=True)
    if not scores.higher_is_better:
        centred = -centred
    families = [text.name(f) if f is not None else "" for f in scores.tasks["family"]]
    columns, spans = _task_order(centred, families)
    rows = list(range(len(models))) if order == "rank" else _alike(centred.T)
    image = centred[columns][:, rows].T
    task_names = [text.name(scores.task_names[i]) for i in columns]
    model_names = [look.name(models[j]) for j in rows]
    size = look.size if len(models) <= 60 else 0.75 * look.size
    cell_height = size * 1.3
    cell_width = max(cell_height, look.size * 1.25)
    limit = float(np.nanquantile(np.abs(image), 0.98)) or 1.0
    which = "higher" if scores.higher_is_better else "lower"
    note = (
        f"Colour: score minus the task's mean over these models, cut off at ±{TYPESET.fixed(limit, 3)}; "
        f"the darker the better ({which} is better). Models by {'mean rank' if order == 'rank' else 'similarity'}."
    )
    if np.isnan(image).any():
        note += " Grey with a cross: no score."
    colour_bar = None
    if ax is None:
        left = widest(model_names, size) + 10
        slant = np.sin(np.pi / 3) * widest(task_names, look.size - 1)
        overhang = max(text_width(task_names[-1], look.size - 1) * 0.5, 40.0)
        width, height = cell_width * len(task_names), cell_height * len(models)
        base = 3.2 * look.size if any(families) else look.size
        ax = framed(
            look,
            width,
            height,
            left=left,
            right=overhang,
            top=slant + 14,
            below=base + 40,
            note=note,
            least=(width * 0.95, height * 0.95),
        )
        wide, high = size_in_points(ax)
        colour_bar = ax.inset_axes(
            (0, -(base + 14) / high, max(min(150.0, wide), 80.0) / wide, 7 / high), transform=ax.transAxes
        )
    else:
        inside(ax, look)
    drawn = ax.imshow(
        image, aspect="auto", cmap=colour_map(look.palette.diverging), vmin=-limit, vmax=limit, interpolation="none"
    )
    gone = np.argwhere(np.isnan(image))
    if len(gone):
        ax.set_facecolor(RULE)
        ax.plot(gone[:, 1], gone[:, 0], ls="none", marker="x", ms=0.45 * size, mew=0.6, color=MUTED)
    tidy(ax, size=look.size, spines=())
    name_ticks(ax, "y", np.arange(len(models), dtype=float), model_names, size=size)
    ax.xaxis.tick_top()
    name_ticks(ax, "x", np.arange(len(task_names), dtype=float), task_names, size=look.size - 1, rotation=60)
    _mark_families(ax, spans, len(models), cell_width, look.size)
    if colour_bar is not None:
        bar = ax.figure.colorbar(drawn, cax=colour_bar, orientation="horizontal")
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=look.size - 1, length=2, width=0.6, labelcolor=INK)
        bar.locator = MaxNLocator(4 if wide > 120 else 2)
        bar.update_ticks()
    return ax


def _mark_families(ax: "Axes", spans: list[tuple[str, int, int]], rows: int, cell_width: float, size: float) -> None:
    """White lines between families, their names below in two lines that do not collide."""
    from .canvas.layout import pack

    centres = [((first + last) / 2, name) for name, first, last in spans if name]
    boxes = [
        (x * cell_width - text_width(name, size - 1) / 2, x * cell_width + text_width(name, size - 1) / 2)
        for x, name in centres
    ]
    lanes = pack(boxes, gap=6)
    for (x, name), lane in zip(centres, lanes, strict=True):
        ax.annotate(
            name, (x, rows - 0.5), xytext=(0, -5 - min(lane, 2) * size * 1.25), textcoords="offset points",
            fontsize=size - 1, color=MUTED, ha="center", va="top", annotation_clip=False, parse_math=False,
        )  # fmt: skip
    for _, first, _ in spans:
        if first:
            ax.axvline(first - 0.5, color=PAPER, lw=2)


def _task_order(centred: npt.NDArray[np.float64], families: list[str]) -> tuple[list[int], list[tuple[str, int, int]]]:
    """Tasks family by family, alike ones together; and per family its first and last column."""
    columns: list[int] = []
    spans: list[tuple[str, int, int]] = []
    for family in dict.fromkeys(families):
        own = [i for i, f in enumerate(families) if f == family]
        arranged = [own[i] for i in _alike(centred[own])]
        spans.append((family, len(columns), len(columns) + len(own) - 1))
        columns += arranged
    return columns, spans


def _alike(rows: npt.NDArray[np.float64]) -> list[int]:
    """Order of the rows in which alike ones are neighbours."""
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering

    filled = np.nan_to_num(rows)
    if len(filled) < 3:
        return list(range(len(filled)))
    norm = filled - filled.mean(axis=1, keepdims=True)
    length = np.linalg.norm(norm, axis=1, keepdims=True)
    norm = np.divide(norm, length, out=np.zeros_like(norm), where=length > 0)
    distance = np.clip(1 - norm @ norm.T, 0, 2)[np.triu_indices(len(norm), 1)]
    tree = linkage(distance, "average")
    return [int(i) for i in leaves_list(optimal_leaf_ordering(tree, distance))]
