"""What evaluating a task costs: the characters that a model has to encode, from mteb's own statistics of the data."""

from collections.abc import Iterable, Mapping
from typing import Any

#: Of a task whose statistics tell texts only: characters of a text.
_OF_A_TEXT = 100


def task_costs(tasks: Iterable[str], subsets: Mapping[str, Iterable[str]] | None = None) -> dict[str, float]:
    """Characters that a model encodes on each task, which is nearly proportional to tokens and to time.

    Parameters
    ----------
    tasks : iterable of str
        Names in mteb.
    subsets : mapping of task to subsets, optional
        Only these subsets of a task.  [default: all that mteb evaluates]

    Returns
    -------
    dict of task to float
        Tasks that mteb does not know, or has no statistics of, are left out.

    Examples
    --------
    >>> costs = task_costs(["STSBenchmark", "Touche2020Retrieval.v3", "no such task"])  # doctest: +SKIP
    >>> costs  # doctest: +SKIP
    {'STSBenchmark': 147886.0, 'Touche2020Retrieval.v3': 636740108.0}
    """
    from mteb.get_tasks import _TASKS_REGISTRY

    found = {}
    for name in tasks:
        if name not in _TASKS_REGISTRY:
            continue
        task = _TASKS_REGISTRY[name]
        cost = _cost(task.metadata, (subsets or {}).get(name))
        if cost:
            found[name] = cost
    return found


def _cost(metadata: Any, subsets: Iterable[str] | None) -> float:
    statistics = metadata.descriptive_stats or {}
    splits = [s for s in (metadata.eval_splits or ()) if s in statistics]
    return sum(_of_split(statistics[s], subsets) for s in splits)


def _of_split(split: Mapping[str, Any], subsets: Iterable[str] | None) -> float:
    by_subset = split.get("hf_subset_descriptive_stats") or {}
    chosen = [by_subset[s] for s in subsets or () if s in by_subset]
    return sum(map(_characters, chosen)) if chosen else _characters(split)


def _characters(said: Mapping[str, Any]) -> float:
    if said.get("number_of_characters"):
        return float(said["number_of_characters"])
    lengths = [
        v.get("total_text_length") or 0
        for k, v in said.items()
        if k.endswith("text_statistics") and isinstance(v, dict)
    ]
    return float(sum(lengths) or _OF_A_TEXT * (said.get("num_samples") or 0))
