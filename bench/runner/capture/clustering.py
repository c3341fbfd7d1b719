"""Clustering: the cluster of every text in every experiment."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from .prediction_source import rows_of


def builder(task: Any) -> Callable[[Any, Any, str, str], pd.DataFrame] | None:
    """The function that tables a task's predictions, if it is a clustering task."""
    from mteb.abstasks import AbsTaskClustering, AbsTaskClusteringLegacy

    if isinstance(task, AbsTaskClustering):
        return _bootstrapped
    return _by_set if isinstance(task, AbsTaskClusteringLegacy) else None


def _bootstrapped(task: Any, predictions: Any, split: str, subset: str) -> pd.DataFrame:
    """``level, experiment, sample, cluster, gold``: a row for every draw.

    mteb draws texts with replacement in every experiment and does not save which; the task's random state remembers
    them (`RecordingRandom`).
    """
    stated = rows_of(task, split, subset)[task.label_column_name]
    kept = task.rng_state.sampled
    originals = np.arange(len(stated)) if kept is None else np.asarray(kept)
    gold = [label if isinstance(label, list) else [label] for label in (stated[int(i)] for i in originals)]
    draws = iter(task.rng_state.draws)
    frames = []
    for level, experiments in enumerate(predictions.values()):
        labels = [str(g[level]) if len(g) > level else "-1" for g in gold]
        here = np.flatnonzero(np.asarray(labels) != "-1")
        for experiment, clusters in enumerate(experiments):
            drawn = here[np.asarray(next(draws))]
            frames.append(
                pd.DataFrame(
                    {
                        "level": np.int16(level),
                        "experiment": np.int16(experiment),
                        "sample": originals[drawn].astype(str),
                        "cluster": np.asarray(clusters, dtype=np.int32),
                        "gold": [labels[t] for t in drawn],
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def _by_set(task: Any, predictions: Any, split: str, subset: str) -> pd.DataFrame:
    """``level, experiment, sample, cluster, gold``; an experiment is one of the data's own sets of texts."""
    assigned = iter(predictions)
    frames = []
    for number, row in enumerate(rows_of(task, split, subset)):
        gold = [str(label) for label in row[task.label_column_name]]
        # A set with one label is not clustered: its V-measure is 1 whatever the clusters.
        clusters = next(assigned) if len(set(gold)) > 1 else [0] * len(gold)
        frames.append(
            pd.DataFrame(
                {
                    "level": np.int16(0),
                    "experiment": np.int16(number),
                    "sample": [f"{number}-{i}" for i in range(len(gold))],
                    "cluster": np.asarray(clusters, dtype=np.int32),
                    "gold": gold,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
