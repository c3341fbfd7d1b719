"""Samples that are in memory in place of files: from a long table to what a file would hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .common.errors import InputError, unknown
from .common.tables import numbers
from .metrics import METRICS
from .metrics.means import MEANS
from .metrics.task import TaskSamples

if TYPE_CHECKING:
    from .samples import Samples

#: Version of the samples' form.
SCHEMA = 1


@dataclass(frozen=True, eq=False)
class Held:
    """What one model did on one task, in memory in place of a file: the rows, and what a file's metadata would say."""

    frame: pd.DataFrame
    meta: Mapping[str, Any]


class Repeated(Held):
    """What one model did on one task several times (with several prompts): its experiments, read when they are asked for.

    Parameters
    ----------
    samples : Samples
        That hold each by itself.
    task : str
    models : mapping
        What each is called -> the model in `samples`.
    model : str
        What they are called together.
    """

    def __init__(self, samples: "Samples", task: str, models: Mapping[str, str], model: str) -> None:
        # Frozen: fields are set past the dataclass, which is the only time that they are.
        object.__setattr__(self, "_of", (samples, task, dict(models), model))

    _of: tuple["Samples", str, dict[str, str], str]

    @property
    def frame(self) -> pd.DataFrame:
        """The rows of all, an experiment each, or several each."""
        samples, task, models, _ = self._of
        parts = []
        for name, model in models.items():
            rows = samples.read(task, model)
            own = rows["experiment"].astype(str) if "experiment" in rows else ""
            parts.append(rows.assign(experiment=name + " " + own))
        return pd.concat(parts, ignore_index=True)

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the first says of itself, with the mean of the main scores."""
        samples, task, models, model = self._of
        said = [samples.meta(task, m) for m in models.values()]
        mean = float(np.mean([m["main_score"] for m in said]))
        return {**said[0], "model": model, "main_score": mean, "experiments": list(models)}


def hold(
    frame: pd.DataFrame, unit: str, metric: str | None, higher_is_better: bool
) -> dict[str, dict[str, Path | Held]]:
    """Task -> model -> samples, from a long table of scores (see `stats.Samples.from_frame`).

    Raises
    ------
    InputError
        If a column is missing, a score is not a finite number, or a model has a sample twice.
    """
    for column in ("model", "sample", "score"):
        if column not in frame:
            raise InputError(f"samples lack the column {column!r}: there are {', '.join(map(str, frame.columns))}")
    if frame.empty:
        raise InputError("samples: the table has no rows; expected one for every model and sample")
    frame = frame.assign(task="all") if "task" not in frame else frame
    rows = frame[[c for c in ("task", "model", "split", "subset", "sample") if c in frame]].astype(str)
    twice = rows.duplicated()
    if twice.any():
        first = rows[twice].iloc[0]
        raise InputError(
            f"model {first['model']!r} has several scores of {unit} {first['sample']!r}"
            + (f" on {first['task']!r}" if frame["task"].nunique() > 1 else "")
            + ": expected one (of repeated runs, head the column that tells them apart 'seed')"
        )
    score = frame["score"].astype(float) if pd.api.types.is_bool_dtype(frame["score"]) else frame["score"]
    if "group" in frame:
        rows["group"] = frame["group"].where(frame["group"].notna(), rows["sample"]).astype(str)
    rows["score"] = numbers(
        score, lambda i: f"model {rows['model'].iloc[i]!r}, {unit} {rows['sample'].iloc[i]!r}", "the samples"
    )
    rows = rows[rows["score"].notna()]
    if rows.empty:
        raise InputError(f"samples: no {unit} has a score")
    said = {"schema": SCHEMA, "metric": "mean", "unit": unit, "higher_is_better": higher_is_better}
    files: dict[str, dict[str, Path | Held]] = {}
    for key, part in rows.groupby(["task", "model"], sort=False):
        task, model = map(str, key)
        kept = part.drop(columns=["task", "model"]).reset_index(drop=True)
        meta = {**said, "task": task, "model": model, "main_score_name": metric or "mean"}
        files.setdefault(task, {})[model] = Held(kept, {**meta, "main_score": main_score(task, model, kept, meta)})
    return files


def item_table(
    task: str, opened: Mapping[str, tuple[pd.DataFrame, Mapping[str, Any]]]
) -> tuple[pd.DataFrame, Mapping[str, Any]]:
    """The scores of one task's samples, a row a sample and a column a model, and what the last model's samples say.

    Parameters
    ----------
    task : str
    opened : mapping
        Model -> its rows, and what they say about themselves.

    Raises
    ------
    InputError
        If the task's metric is not a mean over samples.
    """
    columns: dict[str, pd.Series[float]] = {}
    meta: Mapping[str, Any] = {}
    for model, (frame, meta) in opened.items():
        column = MEANS.get(str(meta["metric"]))
        if column is None or "experiment" in frame or "level" in frame:
            raise InputError(
                f"task {task!r}: {meta['metric']!r} is not a mean of a score per sample, so its samples have none to compare; "
                "use level='samples'"
            )
        columns[model] = pd.Series(frame[column].to_numpy(dtype=float), index=_sample_names(frame))
        if not columns[model].index.is_unique:
            raise InputError(f"task {task!r}: {model!r} has several scores of one sample; use level='samples'")
    return pd.DataFrame(columns), meta


def item_groups(opened: Mapping[str, tuple[pd.DataFrame, Mapping[str, Any]]], items: Sequence[str]) -> list[str] | None:
    """The group of every item, such as the passage that questions are about; None where the samples name none."""
    found: dict[str, str] = {}
    for frame, _ in opened.values():
        if "group" not in frame:
            return None
        found |= dict(zip(_sample_names(frame), frame["group"], strict=True))
    return [found[item] for item in items]


def _sample_names(frame: pd.DataFrame) -> list[str]:
    """Names of the samples, with their split and subset before them where there are several."""
    parts = [frame[c].astype(str) for c in ("split", "subset") if c in frame and frame[c].nunique() > 1]
    return ["/".join(names) for names in zip(*parts, frame["sample"].astype(str), strict=True)]


def main_score(task: str, model: str, frame: pd.DataFrame, meta: Mapping[str, Any]) -> float:
    """The main score of one model on one task, from its samples."""
    metric = str(meta["metric"])
    if metric not in (*METRICS, "mean_spearman"):
        raise unknown("metric", metric, [*METRICS, "mean_spearman"])
    return float(TaskSamples.build(task, {model: frame}, metric, meta.get("family")).value(model)[0])
