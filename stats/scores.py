"""Scores: the frozen table of main scores that every analysis starts from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from .common.errors import InputError, did_you_mean
from .common.hashing import file_hash, table_hash
from .common.matching import matching
from .common.objects import as_frame
from .common.parquet import reading_parquet
from .common.scales import tasks_apart
from .common.tables import LONG_TASK_COLUMNS, Rows, clean_task_table, parse
from .common.text import plural
from .common.textfile import packed, read_cells
from .common.writing import csv_text, write_whole
from .missing import Policy, lacking
from .scores_parquet import PARQUET_KEY, Excluded, kept_beside, nothing_excluded, write_parquet


@dataclass(frozen=True, eq=False, repr=False)
class Scores:
    """Main scores of models on tasks, with what is known about the tasks and where it all came from.

    Make one with `from_frame`, `from_csv` or `from_parquet`, or with ``embsig.read_scores`` from MTEB results.

    Attributes
    ----------
    table : DataFrame
        Scores, float64; rows are tasks, columns are models (as in Demsar 2006). NaN is a missing score and
        nothing else.
    tasks : DataFrame
        One row per task, in the table's order, with the columns ``family`` (MTEB task type), ``group`` (tasks
        cut from one source share one), ``metric``, ``n_samples`` and ``languages``; missing where unknown.
    cells : DataFrame or None
        One row per (task, model) with what is known about that evaluation: ``revision``, ``dataset_revision``,
        ``mteb_version``, ``external``, ``replicates``, ... `audit` reads it.
    provenance : mapping
        Where the scores came from: ``source``, ``sha256``, ``benchmark``, versions, date.
    higher_is_better : bool
        The direction of every score in the table.
    excluded : mapping
        ``{"models": {name: reason}, "tasks": {name: reason}}``: what `complete` dropped.
    unit : str
        What a row is: "task", or "query", "item", "document" where the rows are the samples of one task.

    Examples
    --------
    >>> import pandas as pd
    >>> scores = Scores.from_frame(pd.DataFrame({"task": ["STS12", "STS13"], "a": [.8, .7], "b": [.6, None]}))
    >>> scores.n_tasks, scores.n_models
    (2, 2)
    >>> scores.complete().excluded["models"]
    {'b': 'no score on STS13'}
    """

    table: pd.DataFrame
    tasks: pd.DataFrame
    cells: pd.DataFrame | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    higher_is_better: bool = True
    excluded: Excluded = field(default_factory=nothing_excluded)
    unit: str = "task"

    # -- making ------------------------------------------------------------------------------------------------

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        rows: Rows | None = None,
        higher_is_better: bool = True,
        tasks: pd.DataFrame | None = None,
        provenance: Mapping[str, Any] | None = None,
        source: str = "the table",
    ) -> "Scores":
        """Make Scores from a wide or long DataFrame.

        Parameters
        ----------
        frame : DataFrame
            Long: columns ``model, task, score`` and optionally ``family, group, metric, split, subset, n_samples,
            languages, seed``. Wide: a first column (or an index) headed ``task`` (models are columns) or
            ``model`` (tasks are columns).
        rows : {"tasks", "models"}, optional
            What the rows of a wide table are, where no heading says so.
        higher_is_better : bool
            The direction of the scores.
        tasks : DataFrame, optional
            A task table, indexed by task, that takes the place of the one in a long frame.
        provenance : mapping, optional
            Where the scores came from.
        source : str
            What to call the table in an error.

        Returns
        -------
        Scores

        Raises
        ------
        InputError
            If the layout is not clear, a name is empty or doubled, or a score is not a finite number.
        """
        parsed = parse(frame, rows=rows, source=source)
        info = parsed.tasks if tasks is None else clean_task_table(tasks.reindex(parsed.table.index), source)
        return cls.build(
            parsed.table, info, cells=parsed.cells, provenance=provenance, higher_is_better=higher_is_better
        )

    @classmethod
    def build(
        cls,
        table: pd.DataFrame,
        tasks: pd.DataFrame,
        *,
        cells: pd.DataFrame | None = None,
        provenance: Mapping[str, Any] | None = None,
        higher_is_better: bool = True,
        unit: str = "task",
    ) -> "Scores":
        """Assemble Scores from parts that are clean already (readers use this)."""
        known = {
            c: tasks[c] if c in tasks else pd.Series([None] * len(tasks), index=tasks.index, dtype=object)
            for c in LONG_TASK_COLUMNS
        }
        rest = {str(c): tasks[c] for c in tasks if c not in known}
        info = pd.DataFrame(known | rest, index=table.index)
        info["n_samples"] = pd.to_numeric(info["n_samples"], errors="coerce").astype("Int64")
        for column in ("family", "group", "metric", "languages"):
            values = info[column].to_numpy(dtype=object, copy=True)
            values[info[column].isna().to_numpy()] = None
            info[column] = pd.Series(values, index=info.index, dtype=object)
        return cls(
            table.astype(np.float64).rename_axis(index="task", columns="model"),
            info.rename_axis("task"),
            cells,
            dict(provenance or {}),
            higher_is_better,
            unit=unit,
        )

    @classmethod
    def from_csv(
        cls,
        path: str | PathLike[str],
        *,
        rows: Rows | None = None,
        higher_is_better: bool = True,
        separator: str | None = None,
    ) -> "Scores":
        """Read a CSV or TSV file, wide or long (see `from_frame`).

        Parameters
        ----------
        path : path-like
            The file. ``.tsv`` means tabs; a ``.gz``, ``.zst``, ``.bz2`` or ``.xz`` ending is decompressed.
        rows, higher_is_better
            As in `from_frame`.
        separator : str, optional
            The column separator, if it is neither of the two.

        Returns
        -------
        Scores

        Raises
        ------
        InputError
            If the file cannot be read as such a table.
        """
        path = Path(path)
        return cls.from_frame(
            read_cells(path, what="scores", separator=separator),
            rows=rows,
            higher_is_better=higher_is_better,
            source=str(path),
            provenance={"source": str(path), "sha256": file_hash(path), "format": "csv"},
        )

    @classmethod
    def from_parquet(
        cls, path: str | PathLike[str], *, rows: Rows | None = None, higher_is_better: bool | None = None
    ) -> "Scores":
        """Read a Parquet file: one that `to_parquet` wrote, or a wide or long table (see `from_frame`)."""
        import pyarrow.parquet as pq

        path = Path(path)
        with reading_parquet(path), path.open("rb") as file:  # a path would have pyarrow guess partitions from it
            arrow = pq.read_table(file)
            frame = arrow.to_pandas()
        kept = kept_beside((arrow.schema.metadata or {}).get(PARQUET_KEY, b"{}"), path)
        direction = kept.get("higher_is_better", True) if higher_is_better is None else higher_is_better
        provenance = kept.get("provenance") or {"source": str(path), "sha256": file_hash(path), "format": "parquet"}
        read = cls.from_frame(frame, rows=rows, higher_is_better=direction, source=str(path), provenance=provenance)
        turned = [t for t in kept.get("turned", ()) if t in read.table.index]
        read = read.turn(turned) if turned else read
        read = read.with_signed(t for t in kept.get("signed", ()) if t in read.table.index)
        return replace(read, excluded=kept.get("excluded", nothing_excluded()), unit=str(kept.get("unit", "task")))

    # -- looking -----------------------------------------------------------------------------------------------

    @property
    def models(self) -> list[str]:
        """Names of the models, in the table's order."""
        return [str(m) for m in self.table.columns.to_numpy(dtype=object)]

    @property
    def task_names(self) -> list[str]:
        """Names of the tasks, in the table's order."""
        return [str(t) for t in self.table.index.to_numpy(dtype=object)]

    @property
    def n_models(self) -> int:
        """How many models there are."""
        return self.table.shape[1]

    @property
    def n_tasks(self) -> int:
        """How many tasks there are."""
        return self.table.shape[0]

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """The scores as an array of shape (n_tasks, n_models)."""
        return np.asarray(self.table.to_numpy(dtype=np.float64))

    @property
    def families(self) -> list[str]:
        """The task families, in order of first appearance; empty where none is known."""
        return [str(f) for f in dict.fromkeys(self.tasks["family"].dropna())]

    @property
    def groups(self) -> npt.NDArray[np.int64]:
        """A group number per task, shape (n_tasks,): tasks cut from one source share one, others stand alone."""
        names = [g if g is not None else ("", t) for g, t in zip(self.tasks["group"], self.task_names, strict=True)]
        return np.asarray(pd.factorize(pd.Series(names, dtype=object))[0], dtype=np.int64)

    @property
    def runs(self) -> str:
        """What repeated scores of a model on a task are: "training seeds", "folds" or "runs"."""
        said = str(self.provenance.get("runs", ""))
        return said if said in ("folds", "runs") else "training seeds"

    @property
    def sha256(self) -> str:
        """Hash of the content: names, values and direction, independent of the order of rows and columns."""
        return table_hash(self.table, higher_is_better=self.higher_is_better)

    # -- choosing ----------------------------------------------------------------------------------------------

    def family(self, *names: str) -> "Scores":
        """Only the tasks of these families; a name that no task has is an error."""
        for name in names:
            if name not in self.families:
                raise InputError(
                    f"unknown task family {name!r}: these scores have {', '.join(self.families) or 'no families'}"
                    f"{did_you_mean(name, self.families)}"
                )
        return self._take(tasks=[t for t, f in zip(self.task_names, self.tasks["family"], strict=True) if f in names])

    def select(
        self, *, models: str | Iterable[str] | None = None, tasks: str | Iterable[str] | None = None
    ) -> "Scores":
        """Only these models and tasks, by name or by shell pattern (``"BAAI/*"``), in the table's order; ``"!NAME"`` leaves out.

        Raises
        ------
        InputError
            If a name or pattern matches nothing; the nearest names are suggested.
        """
        return self._take(
            models=None if models is None else matching(models, self.models, "model"),
            tasks=None if tasks is None else matching(tasks, self.task_names, "task"),
        )

    def top(self, k: int) -> "Scores":
        """The `k` models of the best mean score (models with a missing score have no mean and come last)."""
        if k < 1:
            raise InputError(f"top={k}: expected at least 1 model")
        means = self.table.mean(axis=0, skipna=False)
        best = means.sort_values(ascending=not self.higher_is_better, kind="stable", na_position="last").index[:k]
        return self._take(models=[m for m in self.models if m in set(best)])

    def complete(self, policy: Policy = "models") -> "Scores":
        """Deal with missing scores, and say in `excluded` by name what was dropped and why.

        Parameters
        ----------
        policy : {"models", "tasks", "keep"}
            ``"models"`` keeps the models that have every task, as the leaderboard's mean does; ``"tasks"`` keeps
            the tasks that every model has; ``"keep"`` drops only what has no score at all.

        Returns
        -------
        Scores

        Raises
        ------
        InputError
            If nothing is left.
        """
        dropped_models, dropped_tasks = lacking(self, policy)
        if not dropped_models and not dropped_tasks:
            return self
        kept_models = [m for m in self.models if m not in dropped_models]
        kept_tasks = [t for t in self.task_names if t not in dropped_tasks]
        taken = self._take(models=kept_models, tasks=kept_tasks)
        excluded = {
            "models": {**self.excluded["models"], **dropped_models},
            "tasks": {**self.excluded["tasks"], **dropped_tasks},
        }
        return replace(taken, excluded=excluded)

    def with_values(self, values: npt.NDArray[np.float64]) -> "Scores":
        """The same tasks and models with other scores, shape (n_tasks, n_models)."""
        return replace(self, table=pd.DataFrame(values, index=self.table.index, columns=self.table.columns))

    def with_excluded(
        self, *, models: Mapping[str, str] | None = None, tasks: Mapping[str, str] | None = None
    ) -> "Scores":
        """The same scores, with further models and tasks named as excluded, each with its reason."""
        added = {"models": models or {}, "tasks": tasks or {}}
        return replace(self, excluded={kind: {**self.excluded[kind], **names} for kind, names in added.items()})

    @property
    def turned(self) -> list[str]:
        """Tasks whose scores stand in the table with the other sign, so that one direction holds for all of it."""
        if "turned" not in self.tasks:
            return []
        return [t for t, turned in zip(self.task_names, self.tasks["turned"], strict=True) if turned is True]

    @property
    def signed(self) -> list[str]:
        """Tasks of which lower is better, whose scores came with the other sign, so that higher is better."""
        if "signed" not in self.tasks:
            return []
        return [t for t, signed in zip(self.task_names, self.tasks["signed"], strict=True) if signed is True]

    def with_signed(self, tasks: Iterable[str]) -> "Scores":
        """The same scores, of which these tasks came with the other sign (see `signed`)."""
        named = set(tasks)
        if not named:
            return self
        marks = pd.Series([t in named for t in self.task_names], index=self.tasks.index, dtype=object)
        return replace(self, tasks=self.tasks.assign(signed=marks))

    @property
    def two_directions(self) -> list[str]:
        """The tasks of which lower is better, where higher is better on others: a mean over all of them says nothing.

        Also those that came with their sign turned (task column ``signed``). Empty where all tasks have one direction.
        """
        here = {*self.signed, *self.turned}
        down = [t for t in self.task_names if t in here]
        return down if self.turned or len(down) < self.n_tasks else []

    @property
    def other_scale(self) -> list[str]:
        """The tasks, the fewer, that are on another scale than the rest: fractions beside larger numbers (`tasks_apart`)."""
        return [t for t, odd in zip(self.task_names, tasks_apart(self.values), strict=True) if odd]

    @property
    def mean_refused(self) -> Literal["", "directions", "scales"]:
        """Why a mean over all tasks says nothing: they are of two directions, or on scales of which the larger makes the mean."""
        return "directions" if self.two_directions else "scales" if self.other_scale else ""

    def turn(self, tasks: Iterable[str]) -> "Scores":
        """Take tasks as counted the other way: their scores change sign, and `turned` names them.

        Ranks, wins and differences then have one direction over all tasks. Means over tasks of both directions mean nothing.

        Parameters
        ----------
        tasks : iterable of str
            Names of tasks; one that is turned already is turned back.

        Examples
        --------
        >>> import pandas as pd
        >>> scores = Scores.from_frame(pd.DataFrame({"task": ["acc", "rmse"], "a": [.9, .2], "b": [.8, .3]})).turn(["rmse"])
        >>> scores.table.loc["rmse"].tolist(), scores.turned
        ([-0.2, -0.3], ['rmse'])
        """
        named = set(tasks)
        here = np.asarray([t in named for t in self.task_names])
        table = self.table.mul(np.where(here, -1.0, 1.0), axis=0)
        info = self.tasks.copy()
        before = set(self.turned)
        info["turned"] = pd.Series(
            [(t in named) != (t in before) for t in self.task_names], index=info.index, dtype=object
        )
        if {"low", "high"} <= set(info.columns):
            low, high = (pd.to_numeric(info[c], errors="coerce") for c in ("low", "high"))
            info["low"], info["high"] = low.where(~here, -high), high.where(~here, -low)
        return replace(self, table=table, tasks=info)

    def _take(self, *, models: Sequence[str] | None = None, tasks: Sequence[str] | None = None) -> "Scores":
        models = self.models if models is None else models
        tasks = self.task_names if tasks is None else tasks
        cells = self.cells
        if cells is not None:
            cells = cells[cells["model"].isin(models) & cells["task"].isin(tasks)].reset_index(drop=True)
        return replace(
            self, table=self.table.loc[list(tasks), list(models)], tasks=self.tasks.loc[list(tasks)], cells=cells
        )

    # -- writing -----------------------------------------------------------------------------------------------

    def to_frame(self, *, long: bool = False) -> pd.DataFrame:
        """Return a plain DataFrame: wide (first column ``task``), or long (``model, task, family, score``), missing scores left out.

        Turned tasks have their own sign; a long frame then has a column ``direction``. Groups that the source named, or that rows of one task are,
        are a column ``group``, so that what is read again has the same units; those that MTEB's names imply are found again by the names.
        """
        if turned := self.turned:
            plain = self.turn(turned).to_frame(long=long)
            down = plain["task"].isin(turned) == self.higher_is_better
            return plain.assign(direction=np.where(down, "lower", "higher")) if long else plain
        if not long:
            return self.table.reset_index().rename_axis(columns=None)
        melted = (
            self.table.rename_axis(columns="model")
            .reset_index()
            .melt(id_vars="task", var_name="model", value_name="score")
        )
        melted["family"] = melted["task"].map(self.tasks["family"])
        columns = ["model", "task", "family", "score"]
        if self.provenance.get("own_groups"):
            melted["group"] = melted["task"].map(self.tasks["group"])
            columns.append("group")
        return melted.loc[melted["score"].notna(), columns].reset_index(drop=True)

    def to_csv(self, path: str | PathLike[str], *, long: bool = False) -> None:
        """Write `to_frame` as CSV, compressed as the name ends; floats are written so that they read back exactly."""
        write_whole(path, packed(csv_text(self.to_frame(long=long)).encode(), Path(path)))

    def to_parquet(self, path: str | PathLike[str]) -> None:
        """Write the scores that there are as a long Parquet file that `from_parquet` reads back.

        Of the task table and the cells, the columns that a long table can have are kept.
        """
        write_parquet(self, path)

    def __repr__(self) -> str:
        missing = int(self.table.isna().to_numpy().sum())
        source = self.provenance.get("source")
        return (
            f"Scores({self.n_tasks} {plural(self.unit)} x {self.n_models} models, {len(self.families)} families, {missing} missing"
            f"{f', from {source}' if source else ''})"
        )

    def _repr_html_(self) -> str:
        from .notebook import show

        most = 12
        shown = self.table.iloc[:, :most].reset_index(names="task", allow_duplicates=True)
        more = self.n_models - most
        return show([f"{self!r}{f': the first {most} models' if more > 0 else ''}"], shown)


#: What makes Scores of objects that `stats` itself does not know: paths, results of mteb. The front door adds to it.
SOURCES: list[Callable[[Any], "Scores | None"]] = []


def as_scores(scores: Any) -> Scores:
    """Scores as they are, or made of any table (rows tasks, columns models), or of what has `as_scores`, as Samples do.

    Parameters
    ----------
    scores : Scores, Samples, DataFrame or other table
        What `stats.common.objects.as_frame` takes; with ``import embsig`` also paths and results of mteb.

    Returns
    -------
    Scores
        The same object, where it is one already.

    Raises
    ------
    InputError
        If it is none of them, or holds something that is not a finite number.

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> embsig.as_scores(scores).models
    ['a', 'b']
    """
    if isinstance(scores, Scores):
        return scores
    if callable(made := getattr(scores, "as_scores", None)):
        return cast("Scores", made())
    for source in SOURCES:
        if (found := source(scores)) is not None:
            return found
    frame = as_frame(scores)
    if frame is None:
        raise InputError(
            f"got {type(scores).__name__}: expected Scores or a DataFrame with tasks as rows and models as columns"
        )
    first = str(frame.columns[0]).lower() if len(frame.columns) else ""
    named = str(frame.index.name).lower() if frame.index.name is not None else first
    long = {"model", "task", "score"} <= {str(c).lower() for c in frame.columns}
    if long or named in ("task", "tasks", "model", "models"):
        return Scores.from_frame(frame)
    return Scores.from_frame(frame.rename(index=str), rows="tasks")
