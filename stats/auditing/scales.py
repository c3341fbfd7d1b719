"""Checks of the scales that scores are on: points (0-100) beside fractions (0-1), among models, tasks or single scores."""

import warnings
from collections.abc import Callable, Iterator

import numpy as np

from ..common.scales import ABOVE, tasks_apart, typical_scores
from ..results import Floats
from .view import Mask, Problem, View, plural, some

#: Points and fractions of one task: typically so many times apart, and with a gap between them that spread does not explain.
HUNDREDFOLD, GAP = (50.0, 200.0), 5.0

#: Decades by which a model's ratio to the others may vary over tasks (median absolute deviation) and still be one factor. On RTEB(beta) 99 % of the
#: models stay below .27, and a random encoder, whose scores are small but no hundredth of anything, is at .63.
DECADES = 0.35


def checks() -> list[Callable[[View], Iterator[Problem]]]:
    """All checks of this module."""
    return [scale, task_scales]


def bounds(view: View) -> tuple[Floats, Floats]:
    """The smallest and largest value that each task's metric can take, NaN where not known, each of shape (T,)."""
    low, high = (np.asarray([np.nan if v is None else float(v) for v in view.task_column(c)]) for c in ("low", "high"))
    return low, high


def points(view: View) -> Mask:
    """Models whose scores are in points (0-100) where the metric is a fraction (0-1), shape (k,)."""
    _, high = bounds(view)
    fraction = (high <= 1)[:, None] & view.present
    above = fraction & (view.values > ABOVE)
    return np.asarray(above.sum(axis=0) > 0.5 * fraction.sum(axis=0), dtype=bool)


def scale(view: View) -> Iterator[Problem]:
    """Models, or single scores, in points (0-100) among others in fractions (0-1), or the other way round."""
    models = _odd_models(view)
    cells: Mask = np.asarray((models[None, :] & view.present) | _odd_cells(view, models))
    if not cells.any():
        return
    whole: Mask = np.asarray(cells.any(axis=0) & ~(view.present & ~cells).any(axis=0))
    if not (cells & ~whole[None, :]).any():
        named = [str(m) for m in view.models[whole]]
        what = f"the scores of {plural(len(named), 'model')} are on another scale than the rest"
    else:
        named = [f"{view.values[i, j]:.4g} of {view.models[j]} on {view.tasks[i]}" for i, j in np.argwhere(cells)[:3]]
        what = f"{plural(int(cells.sum()), 'score')} on another scale than the rest of the task"
    yield Problem("scale", "error", f"{what}, 0-100 beside 0-1 ({some(named)})", cells=cells)


def _odd_models(view: View) -> Mask:
    """Models on another scale than most, shape (k,)."""
    mixed = points(view)
    if mixed.any():
        return mixed if mixed.mean() <= 0.5 else np.asarray(~mixed & ~mixed.all())
    mixed = _hundredfold(view)
    return np.asarray(mixed & (mixed.mean() < 0.5))  # of one half and the other, no scale is the usual one


def _hundredfold(view: View) -> Mask:
    """Models whose scores are about 100 times, or a hundredth of, the other models' throughout (not merely bad ones), shape (k,)."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # empty rows and columns have no median
        typical = np.nanmedian(np.abs(view.values), axis=1, keepdims=True)
        ratios = np.log10(np.abs(view.values) / typical)
        ratio = np.nanmedian(ratios, axis=0)
        spread = np.nanmedian(np.abs(ratios - ratio), axis=0)
    enough = view.present.sum(axis=0) >= 3
    return np.asarray(enough & (np.abs(np.abs(np.nan_to_num(ratio)) - 2) < 0.3) & (spread <= DECADES), dtype=bool)


def _odd_cells(view: View, models: Mask) -> Mask:
    """Scores of the scale that fewer have, on tasks that have both, shape (T, k); of tasks whose range is not known."""
    size = np.abs(view.values)
    here = view.present & ~models[None, :] & np.isnan(bounds(view)[1])[:, None] & (size > 0)
    fractions, in_points = here & (size <= 1), here & (size > ABOVE) & (size <= 100)
    alone = ~(here & ~fractions & ~in_points).any(axis=1)
    both: Mask = np.asarray(fractions.any(axis=1) & in_points.any(axis=1) & alone)
    for row in np.flatnonzero(both):
        low, high = size[row, fractions[row]], size[row, in_points[row]]
        apart = HUNDREDFOLD[0] <= np.median(high) / np.median(low) <= HUNDREDFOLD[1]
        both[row] = apart and high.min() >= GAP * low.max()
    fractions, in_points = fractions & both[:, None], in_points & both[:, None]
    return fractions if fractions.sum() < in_points.sum() else in_points


def task_scales(view: View) -> Iterator[Problem]:
    """Tasks whose scores are all in fractions beside tasks whose scores are all larger: the larger ones would make the mean."""
    odd = tasks_apart(view.values)
    if not odd.any():
        return
    typical = typical_scores(view.values)
    rest = ~odd & ((typical <= 1) | (typical > ABOVE))
    tasks = [str(t) for t in view.tasks[odd]]
    text = (
        f"{plural(len(tasks), 'task')} on another scale than the rest, with scores of about {np.median(typical[odd]):.3g} beside "
        f"{np.median(typical[rest]):.3g} ({some(tasks)}): the larger ones would make a mean over all tasks"
    )
    yield Problem("task_scales", "warning", text, cells=odd[:, None] & view.present, tasks=tasks)
