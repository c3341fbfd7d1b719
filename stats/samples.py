"""Samples: what every model did on every sample, one Parquet file per model and task.

Layout, under the folder of a run::

    samples/<task>/<model>.parquet

with the names percent-encoded (``org/name`` is ``org%2Fname``). Columns:

==============  ========================================================================================================
``sample``      stable id of the sample within its split and subset, text
``split``       optional; "default" where absent
``subset``      optional; "default" where absent
``experiment``  optional: the same metric computed several times (classification, clustering), then averaged
``level``       optional: levels of a hierarchical clustering, averaged likewise
the metric's    ``score`` | ``correct`` | ``similarity`` and ``gold`` (more ``similarity_*`` for a maximum over several,
                more always meaning more alike) | ``cluster`` and ``gold`` | ``prediction`` and ``gold``
==============  ========================================================================================================

The main score is the mean over (split, subset) of the mean over levels and experiments of the metric. The file's
key-value metadata holds, under ``embsig.samples``, a JSON object: ``schema`` (version), ``task``, ``model``, ``metric``
(a key of ``stats.metrics.METRICS``, or ``mean_spearman``), ``main_score``, and what else is known: ``family``,
``main_score_name``, ``model_revision``, ``dataset_revision``, ``higher_is_better``, ...
"""

import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pandas as pd

from .common.errors import InputError
from .common.matching import matching
from .common.parquet import reading_parquet
from .common.writing import replacing
from .held_samples import SCHEMA, Held, hold, item_groups, item_table, main_score
from .metrics.task import TaskSamples
from .sample_checks import refuse_different_data, refuse_other_checksum, refuse_other_score
from .scores import Scores

_KEY = b"embsig.samples"


def file_name(name: str) -> str:
    """A task's or model's name as a file name that reads back, on every file system.

    Examples
    --------
    >>> file_name("org/model")
    'org%2Fmodel'
    """
    return quote(name, safe=" ()+,=@~").replace(".", "%2E") if set(name) == {"."} else quote(name, safe=" ()+,=@~")


def write_task(
    folder: str | PathLike[str], task: str, model: str, frame: pd.DataFrame, meta: Mapping[str, Any]
) -> Path:
    """Write what one model did on one task; the file is complete or not there at all.

    Parameters
    ----------
    folder : path-like
        The folder of the run; the file goes to ``samples/<task>/<model>.parquet`` below it.
    task, model : str
        Names.
    frame : DataFrame
        Columns as in this module's text.
    meta : mapping
        At least ``metric`` and ``main_score``; JSON values.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the metric is unknown, its columns are missing, or the samples do not give the main score that is stated.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    for needed in ("metric", "main_score"):
        if needed not in meta:
            raise InputError(f"samples of {model!r} on {task!r}: the metadata lack {needed!r}")
    content = {"schema": SCHEMA, "task": task, "model": model, **meta}
    found = main_score(task, model, frame, content)
    stated = float(meta["main_score"])
    if not abs(found - stated) <= 1e-6 * max(1.0, abs(stated)):
        raise InputError(
            f"samples of {model!r} on {task!r} give {found:.8f} by {meta['metric']!r}, but the main score is {stated:.8f}: "
            "expected the samples that the score was computed from"
        )
    path = Path(folder) / "samples" / file_name(task) / f"{file_name(model)}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    arrow = arrow.replace_schema_metadata({_KEY: json.dumps(content, sort_keys=True).encode()})
    with replacing(path) as part:
        pq.write_table(arrow, part, compression="zstd")
    return path


@dataclass(frozen=True, eq=False, repr=False)
class Samples:
    """Per-sample scores or predictions of models on tasks, read one task at a time.

    Attributes
    ----------
    files : mapping
        task -> model -> file, or `Held` where the samples are in memory.
    provenance : mapping
        Where they came from, if a reader said so.
    checksums : mapping
        File -> the SHA-256 that the run stated of it (two where it was written again since the manifest); a file with another is refused.
    allow_different_data : bool
        Whether `task` puts together what was made on different data.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> frame = pd.DataFrame({"sample": ["q1", "q2"], "score": [.2, .6]})
    >>> _ = write_task(folder, "SciFact", "org/model", frame, {"metric": "mean", "main_score": .4})
    >>> samples = Samples.open(folder)
    >>> samples, round(samples.recompute("SciFact", "org/model"), 12)
    (Samples(1 tasks x 1 models), 0.4)
    """

    files: Mapping[str, Mapping[str, Path | Held]]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    checksums: Mapping[Path, Collection[str]] = field(default_factory=dict)
    allow_different_data: bool = False

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        unit: str = "sample",
        metric: str | None = None,
        higher_is_better: bool = True,
        provenance: Mapping[str, Any] | None = None,
    ) -> "Samples":
        """Make Samples in memory from a long table of scores per sample.

        Parameters
        ----------
        frame : DataFrame
            Columns ``model``, ``sample``, ``score``; optionally ``task`` (else there is one, called "all"), ``split``,
            ``subset``, and ``group``: samples of one group, such as questions about one passage, are one unit.
        unit : str
            What a sample is called: "query", "item", "document", ...
        metric : str, optional
            The name of the score, such as "nDCG@10".
        higher_is_better : bool
        provenance : mapping, optional

        Raises
        ------
        InputError
            If a column is missing, a score is not a finite number, or a model has a sample twice.

        Examples
        --------
        >>> frame = pd.DataFrame({"model": ["a", "a", "b", "b"], "sample": ["q1", "q2"] * 2, "score": [.2, .6, .4, .4]})
        >>> Samples.from_frame(frame, unit="query").items().table.to_numpy().tolist()
        [[0.2, 0.4], [0.6, 0.4]]
        """
        return cls(hold(frame, unit, metric, higher_is_better), dict(provenance or {}))

    @classmethod
    def open(cls, folder: str | PathLike[str]) -> "Samples":
        """Find the samples of a run; nothing is read yet.

        Parameters
        ----------
        folder : path-like
            The folder of a run, or the ``samples`` folder in it.

        Raises
        ------
        InputError
            If there are none.
        """
        root = Path(folder)
        root = root / "samples" if (root / "samples").is_dir() else root
        files: dict[str, dict[str, Path | Held]] = {}
        # Names are sorted, and paths made from them: a path costs many times a name, and there may be a million.
        for folder_name in _names(root):
            here = root / folder_name
            of_task: dict[str, Path | Held] = {
                unquote(n.removesuffix(".parquet")): here / n for n in _names(here) if n.endswith(".parquet")
            }
            if of_task:
                files[unquote(folder_name)] = of_task
        if not files:
            raise InputError(
                f"{folder} holds no samples: expected samples/<task>/<model>.parquet, as `embsig run` writes them"
            )
        return cls(files)

    def _repr_html_(self) -> str:
        from .notebook import show

        rows = [{"task": task, "n_models": len(models), "models": list(models)} for task, models in self.files.items()]
        return show([repr(self)], pd.DataFrame(rows))

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks."""
        return list(self.files)

    @property
    def models(self) -> list[str]:
        """Names of the models that have samples of any task."""
        return list(dict.fromkeys(m for models in self.files.values() for m in models))

    def matching(
        self, *, models: str | Iterable[str] | None = None, tasks: str | Iterable[str] | None = None
    ) -> "Samples":
        """Only these models and tasks, by name or by shell pattern, as `Scores.select` takes them."""
        return self.select(
            models=None if models is None else matching(models, self.models, "model"),
            tasks=None if tasks is None else matching(tasks, self.tasks, "task"),
        )

    def select(self, *, models: Sequence[str] | None = None, tasks: Sequence[str] | None = None) -> "Samples":
        """Only these models and tasks, by exact name and in this order; an unknown name is an error."""
        for kind, asked, known in (("model", models, self.models), ("task", tasks, self.tasks)):
            unknown = [name for name in asked or () if name not in known]
            if unknown:
                raise InputError(f"no samples of {kind} {unknown[0]!r}: there are {', '.join(known[:6])}")
        chosen = self.tasks if tasks is None else list(tasks)
        wanted = self.models if models is None else list(models)
        kept = {t: {m: self.files[t][m] for m in wanted if m in self.files[t]} for t in chosen}
        return replace(self, files={t: found for t, found in kept.items() if found})

    def meta(self, task: str, model: str) -> dict[str, Any]:
        """What a file says about itself."""
        import pyarrow.parquet as pq

        path = self._held(task, model)
        if isinstance(path, Held):
            return dict(path.meta)
        with reading_parquet(path), path.open("rb") as file:
            refuse_other_checksum(path, file, self.checksums)
            metadata = pq.read_schema(file).metadata
        return self._meta(metadata, path)

    def read(self, task: str, model: str) -> pd.DataFrame:
        """The rows of one model on one task, as they were written."""
        return self._open(task, model)[0]

    def _open(self, task: str, model: str) -> tuple[pd.DataFrame, dict[str, Any]]:
        """The rows of a file and what it says about itself, from one opening of it."""
        import pyarrow.parquet as pq

        path = self._held(task, model)
        if isinstance(path, Held):
            return path.frame, dict(path.meta)
        # A handle of our own: a path would have pyarrow guess partitions from it.
        with reading_parquet(path), path.open("rb") as file:
            refuse_other_checksum(path, file, self.checksums)
            table = pq.ParquetFile(file).read(use_threads=False)
            frame: pd.DataFrame = table.to_pandas()
        return frame, self._meta(table.schema.metadata, path)

    def task(self, task: str, models: Iterable[str] | None = None) -> TaskSamples:
        """Read one task of all its models (or of some) onto common samples.

        Raises
        ------
        InputError
            If models disagree on the metric, the dataset revision, the data or the samples, or the samples in a file do
            not give its main score.
        """
        chosen = list(self.files.get(task, {}) if models is None else models)
        opened = {m: self._open(task, m) for m in chosen}
        frames = {m: frame for m, (frame, _) in opened.items()}
        metas = {m: meta for m, (_, meta) in opened.items()}
        for key in ("metric", "dataset_revision", "higher_is_better"):
            found = {json.dumps(meta.get(key)) for meta in metas.values()}
            if len(found) > 1:
                raise InputError(
                    f"task {task!r}: the models differ in {key} ({', '.join(sorted(found))}); evaluate them alike"
                )
        if not self.allow_different_data:
            refuse_different_data(task, metas)
        first = next(iter(metas.values()), None)
        if first is None:
            raise InputError(f"no samples of task {task!r}: there are {', '.join(self.tasks[:6])}")
        read = TaskSamples.build(
            task, frames, str(first["metric"]), first.get("family"), bool(first.get("higher_is_better", True))
        )
        for model, meta in metas.items():
            refuse_other_score(read, model, meta, self.files[task][model])
        return read

    def recompute(self, task: str, model: str) -> float:
        """The main score, computed from the samples."""
        return main_score(task, model, self.read(task, model), self.meta(task, model))

    def scores(self) -> Scores:
        """The recorded main scores as a table; NaN where a model has no samples of a task."""
        metas = {t: {m: self.meta(t, m) for m in models} for t, models in self.files.items()}
        table = pd.DataFrame(
            [[metas[t].get(m, {}).get("main_score", float("nan")) for m in self.models] for t in self.tasks],
            index=self.tasks,
            columns=self.models,
        )
        first = [next(iter(of_task.values())) for of_task in metas.values()]
        tasks = pd.DataFrame(
            {
                "family": [f.get("family") for f in first],
                "metric": [f.get("main_score_name", f["metric"]) for f in first],
            },
            index=self.tasks,
        )
        directions = {bool(f.get("higher_is_better", True)) for f in first}
        if len(directions) > 1:
            raise InputError("higher is better on some tasks and lower on others: select tasks of one direction")
        provenance = {"source": "samples", **self.provenance}
        return Scores.build(table, tasks, provenance=provenance, higher_is_better=directions.pop())

    def items(self, task: str | None = None) -> Scores:
        """The scores of one task's samples as a table, a row a sample: what tests over queries or items compare.

        Parameters
        ----------
        task : str, optional
            Needed where there are several.

        Returns
        -------
        Scores
            Its `unit` says what a row is; a sample that a model lacks is NaN. Samples of several splits or subsets have
            their names before their own.

        Raises
        ------
        InputError
            If there are several tasks and none is named, or the task's metric is not a mean over samples.
        """
        if task is None and len(self.files) != 1:
            raise InputError(f"there are samples of {len(self.files)} tasks ({', '.join(self.tasks[:4])}): name one")
        task = self.tasks[0] if task is None else task
        opened = {model: self._open(task, model) for model in self.select(tasks=[task]).models}
        table, meta = item_table(task, opened)
        about = pd.DataFrame({"metric": meta.get("main_score_name"), "n_samples": 1}, index=table.index)
        if (groups := item_groups(opened, list(table.index))) is not None:
            about["group"] = groups
        return Scores.build(
            table,
            about,
            provenance={"source": "samples", **self.provenance, "task": task},
            higher_is_better=bool(meta.get("higher_is_better", True)),
            unit=str(meta.get("unit", "sample")),
        )

    def as_scores(self) -> Scores:
        """What is compared by default: the main scores of several tasks; of one task, its samples where they have scores."""
        if len(self.files) == 1:
            with suppress(InputError):  # of a correlation, or of repeated experiments, samples have no score each
                return self.items()
        return self.scores()

    def _held(self, task: str, model: str) -> Path | Held:
        try:
            return self.files[task][model]
        except KeyError:
            raise InputError(
                f"no samples of {model!r} on {task!r}: there are {len(self.models)} models and {len(self.tasks)} tasks"
            ) from None

    @staticmethod
    def _meta(metadata: Mapping[bytes, bytes] | None, path: Path) -> dict[str, Any]:
        raw = (metadata or {}).get(_KEY)
        if raw is None:
            raise InputError(f"{path} is not a samples file: its metadata lack {_KEY.decode()!r}")
        try:
            content: dict[str, Any] = json.loads(raw)
        except (ValueError, RecursionError):
            content = {}
        if isinstance(content, dict) and content.get("schema", SCHEMA) != SCHEMA:
            raise InputError(
                f"{path} has samples schema {content.get('schema')!r}; this version reads {SCHEMA}: update embsig"
            )
        if not (
            isinstance(content, dict)
            and "schema" in content
            and isinstance(content.get("metric"), str)
            and isinstance(content.get("main_score"), int | float)
            and isinstance(content.get("family"), str | None)
            and isinstance(content.get("main_score_name", ""), str)
        ):
            raise InputError(
                f"{path}: its {_KEY.decode()!r} metadata are damaged or lack metric or main_score; evaluate it again"
            )
        return content

    def __repr__(self) -> str:
        return f"Samples({len(self.tasks)} tasks x {len(self.models)} models)"


def _names(folder: Path) -> list[str]:
    """Names in a folder, sorted, dot files left out; none where it is not a folder."""
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return []
