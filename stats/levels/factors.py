"""What the levels of a random factor (training seeds, prompts) say about the variance of a difference of means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common import text as wording
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


def has_factors(scores: Scores, *names: str) -> bool:
    """Whether any model was scored with several training seeds or prompts (or of those named, with one)."""
    cells = scores.cells
    return cells is not None and any(
        column in cells and bool((cells[column].map(_count) > 1).any())
        for column, _ in (FACTORS[name] for name in names or FACTORS)
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
        if shared:
            levels = levels_of(scores, name)
            part = None if levels is None else _shared(name, levels, first, second, models)
        else:
            of_model = _tables(cells, column, models)
            most = max((t.shape[1] for t in of_model.values()), default=0)
            part = None if most < 2 else _own(name, of_model, models, first, second)
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


def _shared(name: str, levels: "Levels", first: Indices, second: Indices, models: tuple[str, ...]) -> Part | None:
    """A factor whose levels are the same for all models: differences are taken level by level, on the tasks of both."""
    if levels.lacking(models) or len(levels.names) < 2:
        return None
    found = []
    for a, b in zip(first, second, strict=True):
        d = levels.values[models[a]] - levels.values[models[b]]
        d = d[~np.isnan(d).any(axis=1)]
        if not len(d):
            return None
        found.append(_of_levels(d))
    parts = np.array(found)
    return Part(name, parts[:, 0], parts[:, 1], parts[:, 2], len(levels.names))


@dataclass(frozen=True, eq=False)
class Levels:
    """The scores by every level of a factor whose levels all models share.

    Attributes
    ----------
    names : tuple of str
        Levels that every model which has any was scored by, on all its tasks.
    values : mapping
        Model -> scores, shape (n_tasks, n_levels), in the order of the score table's tasks; NaN where it has none.
    all_names : tuple of str
        Those, too, that some model or task lacks.
    """

    names: tuple[str, ...]
    values: Mapping[str, Floats]
    all_names: tuple[str, ...]

    def lacking(self, models: Iterable[str]) -> list[str]:
        """Models that were scored by no level."""
        return [m for m in models if m not in self.values]


def levels_of(scores: Scores, factor: str) -> Levels | None:
    """The levels of a shared factor by name, or by position where a table does not name them; None where there are none."""
    column = FACTORS[factor][0]
    cells = scores.cells
    if cells is None or column not in cells:
        return None
    named = f"{factor}_names"
    rows = [
        (str(task), str(model), scored, tuple(map(str, range(len(scored)))) if named not in cells else names)
        for task, model, scored, names in zip(
            cells["task"], cells["model"], cells[column], cells[named] if named in cells else cells[column], strict=True
        )
        if _count(scored)
    ]
    every = list(dict.fromkeys(str(name) for *_, names in rows for name in names))
    task_at, level_at = ({name: i for i, name in enumerate(of)} for of in (scores.task_names, every))
    values: dict[str, Floats] = {}
    for task, model, scored, names in rows:
        if model in scores.models and task in task_at:
            table = values.setdefault(model, np.full((len(task_at), len(every)), np.nan))
            table[task_at[task], [level_at[str(n)] for n in names]] = scored
    whole = np.ones(len(every), dtype=bool)
    for table in values.values():
        whole &= ~np.isnan(table[~np.isnan(table).all(axis=1)]).any(axis=0)
    kept = {model: table[:, whole] for model, table in values.items()}
    return (
        Levels(tuple(n for n, here in zip(every, whole, strict=True) if here), kept, tuple(every)) if values else None
    )


def not_shared(scores: Scores, factor: str) -> tuple[str, ...]:
    """A line that a factor was left out because not all models share two levels of it; nothing where it was not."""
    levels = levels_of(scores, factor)
    if levels is None or len(levels.all_names) < 2:
        return ()
    if lacking := levels.lacking(scores.models):
        return (
            f"The variance over {factor}s is left out: {wording.listing(lacking, 3)} {'has' if len(lacking) == 1 else 'have'} no score by "
            f"each {factor}.",
        )
    if len(levels.names) < 2:
        return (
            f"The variance over {factor}s is left out: the models share {wording.count(len(levels.names), factor)} on all tasks.",
        )
    return ()


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
