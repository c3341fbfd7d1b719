"""One task's samples of all its models, evaluated under any weights of the samples."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common import text
from ..common.errors import InputError, unknown
from ..results import Floats
from . import METRICS
from ._cells import Cell
from .means import MEANS, weighted_means

#: What names a cell, in this order: the main score is the mean over (split, subset) of the mean over their cells.
CELL_KEYS = ("split", "subset", "level", "experiment")

#: Columns that hold numbers whatever the metric; the others may hold labels.
NUMERIC = frozenset({"score", "correct", "similarity"})

#: How many weights are held at once.
_BLOCK = 8_000_000


@dataclass(frozen=True, eq=False)
class TaskSamples:
    """What every model did on every sample of one task.

    Attributes
    ----------
    task : str
    metric : str
        A key of ``METRICS``.
    family : str or None
    models : tuple of str
    units : DataFrame, shape (n_samples, 3)
        ``split, subset, sample``: what is resampled. A row of a model belongs to one of them; several rows may (the
        experiments of a classification, the draws of a clustering).
    parts : mapping
        Model -> (split, subset) -> the cells of that model there.
    higher_is_better : bool
    """

    task: str
    metric: str
    family: str | None
    models: tuple[str, ...]
    units: pd.DataFrame
    parts: Mapping[str, Mapping[tuple[str, str], list[Cell]]]
    higher_is_better: bool = True

    @classmethod
    def build(
        cls,
        task: str,
        frames: Mapping[str, pd.DataFrame],
        metric: str,
        family: str | None,
        higher_is_better: bool = True,
    ) -> "TaskSamples":
        """Put the models' rows on common units.

        Parameters
        ----------
        task : str
        frames : mapping
            Model -> rows with ``sample``, the metric's columns and, where there are several, ``split, subset, level,
            experiment``.
        metric : str
            A key of ``METRICS``, or ``mean_spearman``: Spearman's correlation within every sample, averaged.

        Raises
        ------
        InputError
            If the metric is unknown, a column is missing, or two models were scored on different samples.
        """
        if metric == "mean_spearman":
            frames = {model: _within_sample_spearman(frame) for model, frame in frames.items()}
            metric = "mean"
        frames = {model: frame.reset_index(drop=True) for model, frame in frames.items()}
        if metric not in METRICS:
            raise unknown(f"metric of task {task!r},", metric, METRICS)
        keys: dict[str, _Keys] = {}
        alike: dict[str, str] = {}  # model -> the model whose rows stand for the same samples in the same order
        last = ""
        for model, frame in frames.items():
            found = _unit_keys(frame, task, model)
            if not last or not found.equal(keys[last]):
                last = model
            keys[model] = found if last == model else keys[last]  # held once
            alike[model] = last
        own = {model: keys[model].frame for model in keys if alike[model] == model}
        units = pd.concat([k.drop_duplicates() for k in own.values()]).drop_duplicates().reset_index(drop=True)
        number = pd.MultiIndex.from_frame(units)
        unit_of = {model: number.get_indexer(pd.MultiIndex.from_frame(k)) for model, k in own.items()}
        rows_of: dict[str, dict[Any, Any]] = {}
        parts = {}
        for model, frame in frames.items():
            absent = [c for c in METRICS[metric].columns if c not in frame]
            if absent:
                raise InputError(
                    f"samples of {model!r} on {task!r} lack the column {absent[0]!r}; metric {metric!r} needs "
                    + ", ".join(METRICS[metric].columns)
                )
            _refuse_undefined(frame, METRICS[metric].columns, task, model)
            unit = unit_of[alike[model]]
            repeated = "experiment" in frame or "level" in frame
            # Repeated ones, too: differences of samples that only one side has would be those of unpaired scores.
            if len(np.unique(unit)) < len(units):
                _refuse_other_samples(task, model, units, unit)
            if repeated:
                rows = _cell_rows(frame, keys[model])
            elif (found_rows := rows_of.get(alike[model])) is not None:
                rows = found_rows
            else:
                rows = rows_of[alike[model]] = _cell_rows(frame, keys[model])
            parts[model] = _cells(frame, rows, unit)
        return cls(task, metric, family, tuple(frames), units, parts, higher_is_better)

    def _repr_html_(self) -> str:
        from ..notebook import show

        scores = pd.DataFrame({"model": self.models, "score": [float(self.value(m)[0]) for m in self.models]})
        family = f" ({self.family})" if self.family else ""
        return show([f"{self.task}{family}: {self.n_samples:,} samples, scored by {self.metric}."], scores)

    @property
    def n_samples(self) -> int:
        """How many samples there are to draw."""
        return len(self.units)

    def value(self, model: str, weights: Floats | None = None) -> Floats:
        """The main score of one model under every row of weights.

        Parameters
        ----------
        model : str
        weights : ndarray, shape (n_resamples, n_samples), optional
            How often every unit is drawn; without it once each.

        Returns
        -------
        ndarray, shape (n_resamples,)
        """
        weights = np.ones((1, self.n_samples)) if weights is None else weights
        compute = METRICS[self.metric].compute
        blocks = [np.mean([compute(c, weights) for c in cells], axis=0) for cells in self.parts[model].values()]
        return np.asarray(np.mean(blocks, axis=0))

    def values(self, weights: Floats | None = None) -> Floats:
        """Main scores of all models, shape (n_resamples, n_models)."""
        weights = np.ones((1, self.n_samples)) if weights is None else weights
        column = MEANS.get(self.metric)
        if column is not None:
            return weighted_means([list(self.parts[m].values()) for m in self.models], weights, column)
        return np.stack([self.value(m, weights) for m in self.models], axis=1)

    def influence(self, model: str) -> Floats:
        """How much the main score falls when a sample is left out, per unit: shape (n_samples,).

        Computed by leaving out each in turn, which takes time quadratic in the number of samples but for means. For a
        mean of n samples it is (s_i - mean) / (n - 1).
        """
        column = MEANS.get(self.metric)
        if column is not None:
            return self._influence_on_mean(model, column)
        full = float(self.value(model)[0])
        out = np.empty(self.n_samples)
        step = max(1, _BLOCK // 4 // max(1, self.n_samples))
        for start in range(0, self.n_samples, step):
            here = np.arange(start, min(start + step, self.n_samples))
            weights = np.ones((len(here), self.n_samples))
            weights[np.arange(len(here)), here] = 0.0
            out[here] = full - self.value(model, weights)
        return out

    def _influence_on_mean(self, model: str, column: str) -> Floats:
        blocks = []
        for cells in self.parts[model].values():
            found = np.zeros((len(cells), self.n_samples))
            for row, cell in zip(found, cells, strict=True):
                values = np.asarray(cell.columns[column], dtype=np.float64)
                sums = np.bincount(cell.unit, weights=values, minlength=self.n_samples)
                sizes = np.bincount(cell.unit, minlength=self.n_samples)
                with np.errstate(invalid="ignore", divide="ignore"):
                    row[:] = values.mean() - (values.sum() - sums) / (len(values) - sizes)
                # A sample that is not in the cell changes nothing there.
                row[sizes == 0] = 0.0
            blocks.append(found.mean(axis=0))
        return np.asarray(np.mean(blocks, axis=0))


def _refuse_other_samples(task: str, model: str, units: pd.DataFrame, unit: npt.NDArray[Any]) -> None:
    """Raise InputError: a model lacks some of the samples that the models have between them."""
    absent = np.setdiff1d(np.arange(len(units)), unit)
    named = text.listing([str(s) for s in units["sample"].iloc[absent[:3]]])
    raise InputError(
        f"task {task!r}: {model!r} has {len(units) - len(absent):,} of the {len(units):,} samples that the models have between them (not "
        f"{named}{' and others' if len(absent) > 3 else ''}); expected the same samples of every model: evaluate it again on the same data"
    )


@dataclass(frozen=True, eq=False)
class _Keys:
    """Which sample every row stands for: arrays of text."""

    split: npt.NDArray[Any]
    subset: npt.NDArray[Any]
    sample: npt.NDArray[Any]

    @property
    def frame(self) -> pd.DataFrame:
        """As a table."""
        return pd.DataFrame({"split": self.split, "subset": self.subset, "sample": self.sample})

    def equal(self, other: "_Keys") -> bool:
        """Whether they are the same, in the same order."""
        return all(
            np.array_equal(a, b)
            for a, b in ((self.sample, other.sample), (self.split, other.split), (self.subset, other.subset))
        )


def _unit_keys(frame: pd.DataFrame, task: str, model: str) -> _Keys:
    if "sample" not in frame:
        raise InputError(
            f"samples of {model!r} on {task!r} lack the column 'sample': expected a stable id of every sample"
        )
    given = [
        frame[c].astype(str).to_numpy(dtype=object) if c in frame else np.full(len(frame), "default", dtype=object)
        for c in ("split", "subset", "sample")
    ]
    return _Keys(*given)


def _cell_rows(frame: pd.DataFrame, keys: _Keys) -> dict[Any, Any]:
    """Cell -> its rows."""
    by = {"split": keys.split, "subset": keys.subset} | {c: frame[c] for c in CELL_KEYS[2:] if c in frame}
    if (
        len(by) == 2
        and len(keys.split)
        and (keys.split == keys.split[0]).all()
        and (keys.subset == keys.subset[0]).all()
    ):
        return {(keys.split[0], keys.subset[0]): np.arange(len(frame))}
    return dict(pd.DataFrame(by).groupby(list(by), sort=False, dropna=False).indices)


def _cells(
    frame: pd.DataFrame, rows_of_cell: dict[Any, Any], unit: "npt.NDArray[np.intp]"
) -> dict[tuple[str, str], list[Cell]]:
    values = {str(c): frame[c].to_numpy() for c in frame if c not in (*CELL_KEYS, "sample")}
    parts: dict[tuple[str, str], list[Cell]] = {}
    for key, rows in rows_of_cell.items():
        cell = Cell(unit[rows], {c: v[rows] for c, v in values.items()})
        parts.setdefault((str(key[0]), str(key[1])), []).append(cell)
    return parts


def _refuse_undefined(frame: pd.DataFrame, columns: Iterable[str], task: str, model: str) -> None:
    """Raise InputError where a column of numbers holds something else, or a number that is missing or infinite."""
    for column in NUMERIC.intersection(columns):
        values = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        if not np.isfinite(values).all():
            row = int(np.argmin(np.isfinite(values)))
            raise InputError(
                f"samples of {model!r} on {task!r}: {column} of sample {str(frame['sample'].iloc[row])!r} is "
                f"{str(frame[column].iloc[row])[:40]!r}; expected a finite number"
            )


def _within_sample_spearman(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a sample: Spearman's correlation of its rows; a sample whose similarity or gold is constant is left out."""
    by = [c for c in (*CELL_KEYS, "sample") if c in frame]
    ranked = frame[by].copy()
    for column in ("similarity", "gold"):
        ranked[column] = frame.groupby(by, sort=False)[column].rank()
        ranked[column] -= ranked.groupby(by, sort=False)[column].transform("mean")
    ranked["xy"] = ranked["similarity"] * ranked["gold"]
    ranked["xx"], ranked["yy"] = ranked["similarity"] ** 2, ranked["gold"] ** 2
    sums = ranked.groupby(by, sort=False)[["xy", "xx", "yy"]].sum()
    sums = sums[(sums["xx"] > 0) & (sums["yy"] > 0)]
    return (sums["xy"] / np.sqrt(sums["xx"] * sums["yy"])).rename("score").reset_index()
