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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pandas as pd

from .common.errors import InputError, unknown
from .common.parquet import reading_parquet
from .common.writing import replacing
from .metrics import METRICS
from .metrics.task import TaskSamples
from .scores import Scores

SCHEMA = 1
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
    found = _main_score(task, model, frame, content)
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
        task -> model -> file.

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

    files: Mapping[str, Mapping[str, Path]]

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
        files: dict[str, dict[str, Path]] = {}
        # Names are sorted, and paths made from them: a path costs many times a name, and there may be a million.
        for folder_name in _names(root):
            here = root / folder_name
            of_task = {unquote(n.removesuffix(".parquet")): here / n for n in _names(here) if n.endswith(".parquet")}
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

    def select(self, *, models: Sequence[str] | None = None, tasks: Sequence[str] | None = None) -> "Samples":
        """Only these models and tasks, by exact name and in this order; an unknown name is an error."""
        for kind, asked, known in (("model", models, self.models), ("task", tasks, self.tasks)):
            unknown = [name for name in asked or () if name not in known]
            if unknown:
                raise InputError(f"no samples of {kind} {unknown[0]!r}: there are {', '.join(known[:6])}")
        chosen = self.tasks if tasks is None else list(tasks)
        wanted = self.models if models is None else list(models)
        kept = {t: {m: self.files[t][m] for m in wanted if m in self.files[t]} for t in chosen}
        return Samples({t: found for t, found in kept.items() if found})

    def meta(self, task: str, model: str) -> dict[str, Any]:
        """What a file says about itself."""
        import pyarrow.parquet as pq

        path = self._path(task, model)
        with reading_parquet(path):
            metadata = pq.read_schema(path).metadata
        return self._meta(metadata, path)

    def read(self, task: str, model: str) -> pd.DataFrame:
        """The rows of one model on one task, as they were written."""
        return self._open(task, model)[0]

    def _open(self, task: str, model: str) -> tuple[pd.DataFrame, Mapping[bytes, bytes] | None]:
        """The rows of a file and its metadata, from one opening of it."""
        import pyarrow.parquet as pq

        path = self._path(task, model)
        # A handle of our own: a path would have pyarrow guess partitions from it.
        with reading_parquet(path), path.open("rb") as file:
            table = pq.ParquetFile(file).read(use_threads=False)
            frame: pd.DataFrame = table.to_pandas()
        return frame, table.schema.metadata

    def task(self, task: str, models: Iterable[str] | None = None) -> TaskSamples:
        """Read one task of all its models (or of some) onto common samples.

        Raises
        ------
        InputError
            If models disagree on the metric, the dataset revision or the samples.
        """
        chosen = list(self.files.get(task, {}) if models is None else models)
        opened = {m: self._open(task, m) for m in chosen}
        frames = {m: frame for m, (frame, _) in opened.items()}
        metas = {m: self._meta(metadata, self._path(task, m)) for m, (_, metadata) in opened.items()}
        for key in ("metric", "dataset_revision", "higher_is_better"):
            found = {json.dumps(meta.get(key)) for meta in metas.values()}
            if len(found) > 1:
                raise InputError(
                    f"task {task!r}: the models differ in {key} ({', '.join(sorted(found))}); evaluate them alike"
                )
        first = next(iter(metas.values()), None)
        if first is None:
            raise InputError(f"no samples of task {task!r}: there are {', '.join(self.tasks[:6])}")
        return TaskSamples.build(
            task, frames, str(first["metric"]), first.get("family"), bool(first.get("higher_is_better", True))
        )

    def recompute(self, task: str, model: str) -> float:
        """The main score, computed from the samples."""
        return _main_score(task, model, self.read(task, model), self.meta(task, model))

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
            raise InputError("some tasks count up and some down: select tasks of one direction")
        return Scores.build(table, tasks, provenance={"source": "samples"}, higher_is_better=directions.pop())

    def _path(self, task: str, model: str) -> Path:
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
            raise InputError(f"{path} is no samples file: its metadata lack {_KEY.decode()!r}")
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
    """Names in a folder, sorted, dot files left out; none where it is no folder."""
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return []


def _main_score(task: str, model: str, frame: pd.DataFrame, meta: Mapping[str, Any]) -> float:
    metric = str(meta["metric"])
    if metric not in (*METRICS, "mean_spearman"):
        raise unknown("metric", metric, [*METRICS, "mean_spearman"])
    return float(TaskSamples.build(task, {model: frame}, metric, meta.get("family")).value(model)[0])
