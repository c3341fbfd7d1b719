"""The data that a prediction belongs to."""

from typing import Any


def rows_of(task: Any, split: str, subset: str) -> Any:
    """Rows of a split as mteb evaluates them."""
    return splits_of(task, subset)[split]


def splits_of(task: Any, subset: str) -> Any:
    """All splits of a subset; a task with one subset may leave the level out."""
    if subset not in task.dataset and subset == "default":
        return task.dataset
    return task.dataset[subset]
