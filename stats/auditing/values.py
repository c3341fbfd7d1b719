"""Checks of the scores themselves: range, scale, copies, outliers, tasks that count twice."""

import re
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np

from ..results import Floats
from .scales import bounds, points
from .view import Mask, Problem, View, plural, some

#: A score is an outlier beyond this many robust standard deviations (Iglewicz & Hoaglin 1993 take 3.5 for a
#: single sample; a table holds thousands of cells, and its residuals have heavier tails than the normal).
OUTLIER = 5.0

#: Medians of fewer models or tasks call ordinary scores outliers: in normal tables of 41 x 5, three in ten had one.
OUTLIER_SIZE = 10

#: And by less than this share of the task's typical score, a deviation gives no cause for concern.
OUTLIER_SHARE = 0.1

#: Two models with as many shared tasks and this share of exactly equal scores are called near copies.
NEAR_COPY_TASKS, NEAR_COPY_SHARE = 10, 0.9

#: Result files are rounded to six decimals.
DECIMALS = 6


def checks() -> list[Callable[[View], Iterator[Problem]]]:
    """All checks of this module."""
    return [out_of_range, identical_models, duplicate_names, outliers, constant_tasks, counted_twice]


def _impossible(view: View) -> Mask:
    low, high = bounds(view)
    factor = np.where(points(view), 100.0, 1.0)[None, :]
    with np.errstate(invalid="ignore"):
        above = view.values > high[:, None] * factor + 1e-9
        below = view.values < low[:, None] * factor - 1e-9
    return np.asarray(above | below, dtype=bool)


def out_of_range(view: View) -> Iterator[Problem]:
    """Scores that the task's metric cannot take."""
    cells = _impossible(view)
    if cells.any():
        low, high = bounds(view)
        row, column = np.argwhere(cells)[0]
        text = (
            f"{plural(int(cells.sum()), 'score')} outside the range of the metric, such as {view.values[row, column]:.4g} "
            f"of {view.models[column]} on {view.tasks[row]} ({low[row]:g} to {high[row]:g})"
        )
        yield Problem("out_of_range", "error", text, cells=cells)


def identical_models(view: View) -> Iterator[Problem]:
    """Models with the same score on every task they share, or on nearly every one."""
    k = len(view.models)
    equal = np.zeros((k, k))
    for t in range(len(view.tasks)):
        here = np.flatnonzero(view.present[t])
        _, codes, counts = np.unique(np.round(view.values[t, here], DECIMALS), return_inverse=True, return_counts=True)
        for code in np.flatnonzero(counts > 1):
            same = here[codes == code]
            equal[np.ix_(same, same)] += 1
    np.fill_diagonal(equal, 0)
    copies = (equal == view.shared) & (equal >= min(3, len(view.tasks)))
    near = ~copies & (view.shared >= NEAR_COPY_TASKS) & (equal >= NEAR_COPY_SHARE * view.shared)
    for kind, pairs, what in (
        ("identical_models", copies, "the same score on every task they share"),
        ("near_copies", near, "the same score on nine tenths or more of the tasks they share"),
    ):
        if pairs.any():
            named = [f"{view.models[i]} = {view.models[j]}" for i, j in np.argwhere(np.triu(pairs, 1))]
            text = f"{plural(len(named), 'pair')} of models with {what} ({some(named)})"
            yield Problem(kind, "warning", text, pairs=pairs)


def duplicate_names(view: View) -> Iterator[Problem]:
    """Models whose names differ only in the organisation, in case or in separators."""
    by_name: dict[str, list[int]] = defaultdict(list)
    for j, model in enumerate(view.models):
        plain = re.sub(r"[^a-z0-9]", "", str(model).lower().rsplit("/", 1)[-1])
        if len(plain) >= 5:
            by_name[plain].append(j)
    pairs = np.zeros((len(view.models), len(view.models)), dtype=bool)
    for same in by_name.values():
        pairs[np.ix_(same, same)] = True
    np.fill_diagonal(pairs, False)
    if pairs.any():
        named = [" = ".join(str(view.models[j]) for j in same) for same in by_name.values() if len(same) > 1]
        text = f"{plural(len(named), 'model')} perhaps listed under two names ({some(named)})"
        yield Problem("duplicate_names", "warning", text, pairs=pairs)


def outliers(view: View) -> Iterator[Problem]:
    """Scores far from what the model's other scores and the task's other models say.

    The expectation is additive (task median plus model median); the residual is measured by the larger of the
    task's and the model's own median absolute deviation, so that an odd model is not an outlier everywhere.
    """
    if min(view.values.shape) < OUTLIER_SIZE:
        return
    expected, deviation = _deviations(view.values)
    with np.errstate(invalid="ignore"):
        typical = np.where(view.present, np.abs(expected), 1.0)
        large = np.abs(view.values - expected) > OUTLIER_SHARE * typical
    cells = view.present & (np.abs(deviation) > OUTLIER) & large & ~_impossible(view)
    if cells.any():
        order = np.argsort(-np.abs(np.where(cells, deviation, 0)), axis=None)[:3]
        examples = [
            f"{view.models[j]} on {view.tasks[i]} {view.values[i, j]:.3f}, expected about {expected[i, j]:.2f}"
            for i, j in (np.unravel_index(int(o), cells.shape) for o in order)
            if cells[i, j]
        ]
        text = f"{plural(int(cells.sum()), 'score')} far from what the rest of the table says ({'; '.join(examples)})"
        yield Problem("outliers", "warning", text, cells=cells)


def _deviations(values: Floats) -> tuple[Floats, Floats]:
    """Return the additive expectation and the robust standardized residual, both of shape (T, k)."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # empty rows and columns have no median
        task = np.nanmedian(values, axis=1, keepdims=True)
        model = np.nanmedian(values - task, axis=0, keepdims=True)
        task = task + np.nanmedian(values - task - model, axis=1, keepdims=True)
        residual = values - task - model
        spread = np.fmax(
            np.nanmedian(np.abs(residual), axis=1, keepdims=True), np.nanmedian(np.abs(residual), axis=0, keepdims=True)
        )
        # 1.4826 makes the median absolute deviation estimate a normal standard deviation.
        deviation = residual / (1.4826 * np.where(spread > 0, spread, np.nan))
    return np.asarray(task + model), np.nan_to_num(deviation)


def constant_tasks(view: View) -> Iterator[Problem]:
    """Tasks on which every model has the same score: they tell nothing."""
    rows = np.asarray(
        [
            p.sum() > 1 and len(np.unique(np.round(v[p], DECIMALS))) == 1
            for v, p in zip(view.values, view.present, strict=True)
        ],
        dtype=bool,
    )
    if rows.any():
        tasks = [str(t) for t in view.tasks[rows]]
        text = f"{plural(len(tasks), 'task')} with the same score for every model ({some(tasks)})"
        yield Problem("constant_tasks", "note", text, cells=rows[:, None] & view.present, tasks=tasks)


def counted_twice(view: View) -> Iterator[Problem]:
    """Several versions of one task, or an aggregate beside its parts, in one table."""
    names = {str(t): i for i, t in enumerate(view.tasks)}
    rows = np.zeros(len(view.tasks), dtype=bool)
    found = []
    for task, parts in zip(view.tasks, view.task_column("parts"), strict=True):
        inside = [p for p in str(parts or "").split() if p in names]
        if inside:
            found.append(f"{task} and {plural(len(inside), 'part')} of it")
            rows[[names[str(task)], *(names[p] for p in inside)]] = True
    versions: dict[str, list[str]] = defaultdict(list)
    for name in names:
        versions[re.sub(r"(HardNegatives)?(\.v\d+)?$", "", name).removesuffix("Retrieval")].append(name)
    for same in versions.values():
        if len(same) > 1:
            found.append(" and ".join(same))
            rows[[names[n] for n in same]] = True
    if found:
        text = f"{plural(len(found), 'task')} counted more than once ({some(found)})"
        tasks = [str(t) for t in view.tasks[rows]]
        yield Problem("counted_twice", "warning", text, cells=rows[:, None] & view.present, tasks=tasks)
