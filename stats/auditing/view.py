"""The scores and what is known about them as aligned arrays, and the problems that checks find in them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..results import Floats
from ..scores import Scores

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]
Severity = Literal["error", "warning", "note"]

#: What stands for "not known" where a revision or version is named.
UNNAMED = frozenset({"", "none", "nan", "null", "dataset revision not available", "mteb version not available"})


class View:
    """Aligned arrays of one `Scores`; rows are tasks, columns are models, shape (T, k) throughout."""

    def __init__(self, scores: Scores) -> None:
        self.scores = scores
        self.values: Floats = scores.values
        self.present: Mask = ~np.isnan(self.values)
        self.models = np.asarray(scores.models, dtype=object)
        self.tasks = np.asarray(scores.task_names, dtype=object)
        cells = scores.cells
        self.cells = cells if cells is not None and {"task", "model"} <= set(cells.columns) else None
        if self.cells is not None:
            rows = pd.Index(self.tasks).get_indexer(self.cells["task"])
            columns = pd.Index(self.models).get_indexer(self.cells["model"])
            self._known = (rows >= 0) & (columns >= 0)
            self._at = rows[self._known], columns[self._known]

    def has(self, *columns: str) -> bool:
        """Whether the cells have these columns."""
        return self.cells is not None and set(columns) <= set(self.cells.columns)

    def grid(self, column: str, fill: Any = None) -> npt.NDArray[np.object_]:
        """One column of the cells as an array of shape (T, k); `fill` where there is no cell."""
        grid = np.full(self.values.shape, fill, dtype=object)
        if self.cells is not None:
            grid[self._at] = self.cells[column].to_numpy(dtype=object)[self._known]
        return grid

    def flags(self, column: str) -> Mask:
        """A column of truth values; False where there is no cell or it is not known."""
        return np.asarray(
            [[value is True or value == 1 for value in row] for row in self.grid(column, False)], dtype=bool
        )

    def codes(self, column: str) -> tuple[Codes, list[str]]:
        """A column of names as numbers, -1 where not known, and the names."""
        grid = self.grid(column)
        flat = [None if _unnamed(v) else str(v) for v in grid.ravel()]
        codes, names = pd.factorize(pd.Series(flat, dtype=object))
        return np.asarray(codes, dtype=np.int64).reshape(grid.shape), [str(n) for n in names]

    def task_column(self, column: str) -> npt.NDArray[np.object_]:
        """A column of the task table, shape (T,); None where unknown."""
        if column not in self.scores.tasks:
            return np.full(len(self.tasks), None, dtype=object)
        values = self.scores.tasks[column]
        return values.astype(object).where(values.notna(), None).to_numpy(dtype=object)

    @cached_property
    def shared(self) -> Floats:
        """How many tasks each pair of models shares, shape (k, k)."""
        return together(self.present)


def _unnamed(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value)) or str(value).strip().lower() in UNNAMED


def together(mask: Mask) -> Floats:
    """For every pair of columns, on how many rows both are true, shape (k, k)."""
    as_float = mask.astype(np.float32)
    return np.asarray(as_float.T @ as_float, dtype=np.float64)


def one_hot(labels: Codes, known: Mask) -> Mask:
    """One row per (task, label): which models have that label on that task, shape (n, k)."""
    rows, columns = np.nonzero(known)
    keys = rows * (int(labels.max(initial=0)) + 1) + labels[rows, columns]
    names, position = np.unique(keys, return_inverse=True)
    out = np.zeros((len(names), known.shape[1]), dtype=bool)
    out[position, columns] = True
    return out


@dataclass(frozen=True)
class Problem:
    """What one check found.

    Exactly one of `cells`, `labels`, `lost` and `pairs` says which comparisons it touches; all None: none.

    Attributes
    ----------
    kind : str
        The check's name.
    severity : {"error", "warning", "note"}
        Numbers that are wrong; scores that are not comparable; what a reader should know.
    text : str
        One sentence.
    cells : ndarray of bool, shape (T, k), optional
        Scores with the problem: it touches every comparison of one of them.
    labels : ndarray of int, shape (T, k), optional
        It touches every comparison of two scores whose labels differ; -1 differs from none.
    lost : ndarray of bool, shape (T, k), optional
        Missing scores: it touches every comparison that there would be with them.
    pairs : ndarray of bool, shape (k, k), optional
        It touches all comparisons of these pairs of models.
    models, tasks : sequence of str
        Whom it concerns, the most concerned first; derived from the arrays where empty.
    """

    kind: str
    severity: Severity
    text: str
    cells: Mask | None = None
    labels: Codes | None = None
    lost: Mask | None = None
    pairs: Mask | None = None
    models: Sequence[str] = field(default=())
    tasks: Sequence[str] = field(default=())

    def concerned(self, view: View) -> Mask:
        """The single scores with the problem, shape (T, k): of differing labels, those in a task's minority."""
        if self.cells is not None:
            return self.cells & view.present
        if self.lost is not None:
            return self.lost
        if self.pairs is not None:
            return view.present & self.pairs.any(axis=1)
        return np.zeros(view.present.shape, dtype=bool) if self.labels is None else minority(self.labels, view.present)

    def counts(self, view: View) -> Floats:
        """On how many tasks the comparison of each pair is touched, shape (k, k), the diagonal 0."""
        if self.cells is not None:
            counts = view.shared - together(view.present & ~self.cells)
        elif self.lost is not None:
            counts = together(view.present | self.lost) - view.shared
        elif self.pairs is not None:
            counts = np.where(self.pairs, view.shared, 0.0)
        elif self.labels is not None:
            known = view.present & (self.labels >= 0)
            counts = together(known) - together(one_hot(self.labels, known))
        else:
            counts = np.zeros((len(view.models), len(view.models)))
        np.fill_diagonal(counts, 0.0)
        return counts


def minority(labels: Codes, present: Mask) -> Mask:
    """Scores whose label is known and not the commonest of their task."""
    out = np.zeros(present.shape, dtype=bool)
    for t in range(len(labels)):
        known = present[t] & (labels[t] >= 0)
        if known.any():
            out[t] = known & (labels[t] != np.bincount(labels[t][known]).argmax())
    return out


def touched_by_any(problems: Sequence[Problem], view: View) -> int:
    """How many (pair, task) comparisons at least one problem touches; missing scores make none."""
    bad = np.zeros(view.present.shape, dtype=bool)
    paired = np.zeros((len(view.models), len(view.models)), dtype=bool)
    for problem in problems:
        if problem.cells is not None:
            bad |= problem.cells
        if problem.pairs is not None:
            paired |= problem.pairs
    labelled = [p.labels for p in problems if p.labels is not None]
    first, second = np.nonzero(np.triu(paired, 1))
    total = 0
    for t in range(len(view.tasks)):
        clean = view.present[t] & ~bad[t]
        n, n_clean = int(view.present[t].sum()), int(clean.sum())
        total += (n * (n - 1) - n_clean * (n_clean - 1)) // 2
        if not labelled:
            total += int((clean[first] & clean[second]).sum())
            continue
        here = np.flatnonzero(clean)
        touched = paired[np.ix_(here, here)]
        for labels in labelled:
            own = labels[t, here]
            touched |= (own[:, None] != own[None, :]) & (own >= 0)[:, None] & (own >= 0)[None, :]
        total += int(np.triu(touched, 1).sum())
    return total


def some(names: Sequence[str], n: int = 3) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(names[:n])
    return f"{shown} and {len(names) - n} more" if len(names) > n else shown


def plural(n: int, noun: str) -> str:
    """``1 model``, ``2 models``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
