"""Clean tasks in the page: which model was trained on which task, and the decisions on the tasks of neither."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .packing import packed

if TYPE_CHECKING:
    from stats import Comparison

#: Codes of a pair's verdict, as in `views`.
_VERDICTS = {"undecided": 0, "a": 1, "b": 2, "equivalent": 3}


def training(comparison: "Comparison") -> tuple[npt.NDArray[np.bool_], int] | None:
    """Return whether each model was trained on each task, shape (n_models, n_tasks) in rank order, and of how many models that is unknown.

    None where it is known of no model, or no model was trained on any of the tasks.
    """
    scores, models = comparison.scores, [str(m) for m in comparison.ranks["model"]]
    if scores.cells is None or "trained_on" not in scores.cells:
        return None
    wide = scores.cells.pivot(index="model", columns="task", values="trained_on").reindex(
        index=models, columns=scores.task_names
    )
    known = wide.notna().any(axis=1)
    trained: npt.NDArray[np.bool_] = wide.fillna(False).infer_objects().to_numpy(dtype=bool)
    return (trained, int((~known).sum())) if trained.any() else None


def clean_data(comparison: "Comparison", place: Mapping[str, int]) -> dict[str, Any] | None:
    """Return what the script needs for its choice of clean tasks; the view is there where the engine was asked for it."""
    found = training(comparison)
    if found is None:
        return None
    trained, unknown = found
    return {
        "trained": packed({"trained": ("u1", trained.ravel())}),
        "unknown": unknown,
        "view": _view(comparison, place),
    }


def _view(comparison: "Comparison", place: Mapping[str, int]) -> dict[str, Any] | None:
    finding = comparison.further.get("clean", {}).get("clean_tasks")
    if finding is None:
        return None
    pairs: pd.DataFrame = finding.frame
    columns = {name: ("f4", pairs[f"{name}_clean"].to_numpy(float)) for name in ("difference", "low", "high")}
    codes = [_VERDICTS.get(v, 0) for v in pairs["verdict_clean"]]
    return {
        "name": "clean tasks",
        "tasks": comparison.n_tasks,
        "names": [],
        "decided": int(np.count_nonzero(codes)),
        "models": packed({"model": ("u2", sorted(place.values()))}),
        "pairs": packed(
            {
                "a": ("u2", [place[str(m)] for m in pairs["model_a"]]),
                "b": ("u2", [place[str(m)] for m in pairs["model_b"]]),
                "verdict": ("u1", codes),
                "n": ("u2", np.nan_to_num(pairs["n_clean"].to_numpy(float)).astype(np.uint16)),
                **columns,
            }
        ),
    }
