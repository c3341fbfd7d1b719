"""What the levels of a random factor (training seeds, prompts) say about the variance of a difference of means."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..results import Floats
from ..scores import Scores
from .combined import welch

Indices = npt.NDArray[np.intp]

#: A variance below this share of the squared scores is rounding.
_STILL = 1e-24

#: The column of ``cells`` that holds a factor's scores, and whether models share its levels: every model has training
#: runs of its own, and all are asked with the same prompts.
FACTORS = {"seed": ("seed_scores", False), "prompt": ("prompt_scores", True)}


@dataclass(frozen=True, eq=False)
class Part:
    """One part of the variance of every pair's mean difference.

    Attributes
    ----------
    name : str
    variance : ndarray, shape (n_pairs,)
        Of the mean difference, with what the factor's levels share with other factors: never too small on average.
    own : ndarray, shape (n_pairs,)
        The same without what is particular to one level and one task; may be negative.
    df : ndarray, shape (n_pairs,)
    n : int
        The usual number of levels.
    borrowed : tuple of str
        Models with one level only, whose variance is taken to be that of the others.
    """

    name: str
    variance: Floats
    own: Floats
    df: Floats
    n: int
    borrowed: tuple[str, ...] = ()


def has_factors(scores: Scores) -> bool:
    """Whether any model was scored with several training seeds or prompts."""
    cells = scores.cells
    return cells is not None and any(
        column in cells and bool((cells[column].map(_count) > 1).any()) for column, _ in FACTORS.values()
    )


def _count(levels: object) -> int:
    return len(levels) if isinstance(levels, list | tuple | np.ndarray) else 0


def factor_parts(scores: Scores, models: tuple[str, ...], first: Indices, second: Indices) -> list[Part]:
    """The parts of all factors beside tasks that these scores have several levels of."""
    cells = scores.cells
    found = []
    for name, (column, shared) in FACTORS.items():
        if cells is None or column not in cells:
            continue
        of_model = _tables(cells, column, models)
        most = max((t.shape[1] for t in of_model.values()), default=0)
        if most < 2:
            continue
        part = _shared(name, of_model, models, first, second) if shared else _own(name, of_model, models, first, second)
        if part is not None:
            found.append(part)
    return found


def _tables(cells: pd.DataFrame, column: str, models: tuple[str, ...]) -> dict[str, Floats]:
    """Per model, its scores by task and level: the levels that all of its tasks have."""
    found = {}
    # In the order of the tasks' names, so that those of two models can be subtracted.
    for model, of_model in cells.sort_values("task", kind="stable").groupby("model", sort=False):
        rows = [tuple(r) for r in of_model[column] if _count(r)]
        fewest = min((len(r) for r in rows), default=0)
        if str(model) in models and fewest:
            found[str(model)] = np.array([r[:fewest] for r in rows], dtype=np.float64)
    return found


def _own(
    name: str, of_model: dict[str, Floats], models: tuple[str, ...], first: Indices, second: Indices
) -> Part | None:
    """A factor of which every model has levels of its own."""
    variance, own, df = (np.full(len(models), np.nan) for _ in range(3))
    sizes = []
    for at, model in enumerate(models):
        table = of_model.get(model)
        if table is not None and table.shape[1] >= 2:
            variance[at], own[at], df[at] = _of_levels(table)
            sizes.append(table.shape[1])
    known = ~np.isnan(variance)
    if not known.any():
        return None
    borrowed = tuple(m for m, k in zip(models, known, strict=True) if not k)
    if borrowed:
        # One run says nothing about how runs differ: it is given the others' variance of a single run.
        runs = np.array([of_model[m].shape[1] for m, k in zip(models, known, strict=True) if k])
        single = float((variance[known] * runs).mean())
        pooled, of_pool = welch(variance[known] * runs / known.sum(), df[known])
        variance[~known], df[~known] = single if pooled > 0 else 0.0, of_pool
        own[~known] = float((own[known] * runs).mean())
    total, freedom = welch(np.stack([variance[first], variance[second]], 1), np.stack([df[first], df[second]], 1))
    return Part(name, total, own[first] + own[second], freedom, int(np.median(sizes)), borrowed)


def _shared(
    name: str, of_model: dict[str, Floats], models: tuple[str, ...], first: Indices, second: Indices
) -> Part | None:
    """A factor whose levels are the same for all models: differences are taken level by level."""
    if set(models) - set(of_model):
        return None
    levels = min(t.shape[1] for t in of_model.values())
    tasks = min(t.shape[0] for t in of_model.values())
    if levels < 2:
        return None
    found = np.array(
        [
            _of_levels(of_model[models[a]][:tasks, :levels] - of_model[models[b]][:tasks, :levels])
            for a, b in zip(first, second, strict=True)
        ]
    )
    return Part(name, found[:, 0], found[:, 1], found[:, 2], levels)


def _of_levels(table: Floats) -> tuple[float, float, float]:
    """Variance of the mean over levels (tasks x levels): with what is particular to a task, and without; its df."""
    n_tasks, n = table.shape
    by_level = table.mean(axis=0)
    variance = float(by_level.var(ddof=1)) / n
    variance = 0.0 if variance <= _STILL * float(np.abs(table).max()) ** 2 else variance
    if n_tasks < 2:
        return variance, variance, n - 1.0
    rest = table - by_level - table.mean(axis=1, keepdims=True) + table.mean()
    particular = float((rest**2).sum()) / ((n_tasks - 1) * (n - 1)) / (n_tasks * n)
    return variance, variance - particular, n - 1.0
