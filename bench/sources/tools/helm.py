"""HELM: run folders with ``run_spec.json``, ``stats.json`` and ``per_instance_stats.json``."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from stats.common.errors import InputError

from .json_file import load_json
from .long import Long, one_metric

_MAIN = Path(__file__).resolve().parents[2] / "data" / "helm_main_metrics.json"
#: What a run's name says of the model, and not of the task.
_MODEL = re.compile(r"(?:^|(?<=[:,]))(?:model|model_deployment)=[^,]*,?")


def is_run(folder: Path) -> bool:
    """Whether a folder is a run of HELM."""
    return (folder / "run_spec.json").is_file() and (folder / "stats.json").is_file()


@cache
def main_metrics() -> dict[str, list[str]]:
    """Run group -> its main metric and split, as HELM's schemas have them (crfm-helm 0.5.16)."""
    found: dict[str, list[str]] = json.loads(_MAIN.read_text(encoding="utf-8"))["groups"]
    return found


def read_runs(folders: Sequence[Path], metric: Sequence[str] | None = None, *, samples: bool = False) -> Long:
    """Read runs: of every scenario the main metric of its group, on the group's split and without perturbations.

    Parameters
    ----------
    folders : sequence of Path
    metric : sequence of str, optional
        Metrics by name in place of the main ones.
    samples : bool
        Read every instance (``per_instance_stats.json``).

    Raises
    ------
    InputError
        If a file is damaged, or a scenario has several metrics and none that is known as its main one.
    """
    rows: list[dict[str, Any]] = []
    for folder in folders:
        spec = load_json(folder / "run_spec.json")
        adapter = spec.get("adapter_spec") if isinstance(spec, dict) else None
        model = str(adapter.get("model") or adapter.get("model_deployment") or "") if isinstance(adapter, dict) else ""
        if not model or not isinstance(spec.get("name"), str):
            raise InputError(f"{folder / 'run_spec.json'}: expected 'name' and 'adapter_spec' with its model")
        task = _MODEL.sub("", spec["name"]).rstrip(":,")
        main, split = next(
            (main_metrics()[g] for g in reversed(spec.get("groups") or []) if g in main_metrics()), ("", None)
        )
        named = {"model": model, "task": task, "main": main}
        found = _instances(folder) if samples else _stats(folder / "stats.json", load_json(folder / "stats.json"))
        here = [named | row for row in found if split is None or row["split"] in (None, split)]
        asked = [row for row in here if row["metric"] == main] if main and not metric else here
        rows += asked or here
    frame = pd.DataFrame(rows)
    if frame.empty:
        raise InputError(f"{folders[0]}: no metric on the split that HELM reports")
    frame, notes = one_metric(frame, metric, (), str(folders[0]))
    keys = ["model", "task", "metric", *(["sample"] if samples else [])]
    # Trials (other in-context examples) and sub-splits of one scenario are averaged, as HELM's tables do.
    mean = frame.groupby(keys, sort=False, as_index=False).agg({"score": "mean"})
    if len(mean) < len(frame):
        notes.append("several trials of one scenario are averaged, as HELM does")
    return Long(mean, "HELM runs", unit="instance", notes=tuple(notes))


def _stats(path: Path, listed: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(listed, list):
        raise InputError(f"{path}: expected a list of statistics")
    for stat in listed:
        name = stat.get("name") if isinstance(stat, dict) else None
        if not isinstance(name, dict) or "name" not in name:
            raise InputError(f"{path}: expected statistics with a name, got {str(stat)[:60]!r}")
        if not name.get("perturbation") and isinstance(stat.get("mean"), int | float):
            yield {"metric": str(name["name"]), "split": name.get("split"), "score": float(stat["mean"])}


def _instances(folder: Path) -> Iterator[dict[str, Any]]:
    path = folder / "per_instance_stats.json"
    if not path.is_file():
        raise InputError(
            f"{folder} has no per_instance_stats.json: its instances cannot be compared, only its scenarios"
        )
    for instance in load_json(path):
        if not isinstance(instance, dict) or "instance_id" not in instance:
            raise InputError(f"{path}: expected instances with an instance_id, got {str(instance)[:60]!r}")
        if not instance.get("perturbation"):
            for row in _stats(path, instance.get("stats")):
                yield row | {"sample": str(instance["instance_id"])}
