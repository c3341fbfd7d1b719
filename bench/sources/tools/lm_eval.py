"""lm-evaluation-harness: ``results_*.json`` with its standard errors.

The forms are those of lm_eval 0.3 (metrics by plain name) to 0.4.13 (by ``metric,filter``; `lm_eval/result_schema.py`).
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from stats.common.errors import InputError

from .json_file import load_json
from .long import Long, one_metric

#: The date at the end of a file's name.
DATED = re.compile(r"_?(\d{4}-\d\d-\d\dT[\d.:-]+)$")
_MODEL = re.compile(r"(?:^|,)(?:peft|delta|pretrained|model|path|engine)=([^,]+)")
#: Numbers of a task's results, or of a logged sample, that are not a metric.
NO_METRIC = ("alias", "name", "sample_len", "sample_count", "doc_id")


def is_results(content: Any) -> bool:
    """Whether JSON is what lm_eval writes."""
    return (
        isinstance(content, dict)
        and isinstance(content.get("results"), dict)
        and any(key in content for key in ("configs", "config", "versions", "group_subtasks"))
    )


def read_results(paths: Sequence[Path], metric: Sequence[str] | None = None) -> Long:
    """Read aggregated results; of several runs of a model on a task the newest counts, as in lm_eval."""
    frames = [_results(path) for path in paths]
    frame = pd.concat(frames, ignore_index=True)
    if frame.empty:
        raise InputError(f"{paths[0]} holds no metric of any task: expected lm-evaluation-harness results")
    frame, notes = one_metric(frame, metric, (), str(paths[0]))
    keys = ["model", "task"]
    newest = frame.sort_values("date", kind="stable").drop_duplicates(keys, keep="last").sort_index()
    older = len(frame) - len(newest)
    notes += [f"{older} older results of the same model and task left out"] if older else []
    groups = sorted(set().union(*(f.attrs["groups"] for f in frames)))
    notes += [f"groups left out, since they are means of their tasks: {', '.join(groups)}"] if groups else []
    return Long(newest.drop(columns="date"), "lm-evaluation-harness results", notes=tuple(notes))


def _results(path: Path) -> pd.DataFrame:
    content = load_json(path)
    if not is_results(content):
        raise InputError(
            f"{path}: expected lm-evaluation-harness results, JSON with 'results' and 'configs' or 'versions'"
        )
    subtasks = content.get("group_subtasks") or {}
    groups = {str(name) for name, children in subtasks.items() if children} | set(content.get("groups") or {})
    up, sizes = content.get("higher_is_better") or {}, content.get("n-samples") or {}
    rows = []
    for task, values in content["results"].items():
        if task in groups or not isinstance(values, dict):
            continue
        for key, value in values.items():
            name, _, variant = key.partition(",")
            if (
                name in NO_METRIC
                or name.endswith("_stderr")
                or isinstance(value, bool)
                or not isinstance(value, int | float)
            ):
                continue
            error = values.get(f"{name}_stderr,{variant}" if variant else f"{name}_stderr")
            rows.append(
                {
                    "model": _model(content, path),
                    "task": task,
                    "metric": key.removesuffix(",none"),
                    "score": float(value),
                    "stderr": float(error) if isinstance(error, int | float) else None,
                    "higher_is_better": (up.get(task) or {}).get(name),
                    "n_samples": (sizes.get(task) or {}).get("effective"),
                    "date": str(content.get("date") or date_of(path)),
                }
            )
    frame = pd.DataFrame(
        rows, columns=["model", "task", "metric", "score", "stderr", "higher_is_better", "n_samples", "date"]
    )
    frame.attrs["groups"] = groups & set(content["results"])
    return frame


def _model(content: dict[str, Any], path: Path) -> str:
    config = content.get("config") or {}
    arguments = config.get("model_args") or ""
    if isinstance(arguments, dict):
        arguments = ",".join(f"{k}={v}" for k, v in arguments.items())
    said = _MODEL.search(str(arguments))
    return str(content.get("model_name") or (said[1] if said else "") or folder_model(path))


def folder_model(path: Path) -> str:
    """Return the model that a folder is named for."""
    return path.resolve().parent.name.replace("__", "/")


def date_of(path: Path) -> str:
    """Return the date in a file's name; empty where it has none."""
    found = DATED.search(path.stem)
    return found[1] if found else ""
