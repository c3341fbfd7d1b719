"""Weighted metrics: what a metric would be had every sample been drawn as often as its weight says.

Each takes a cell (the rows of one model on one split, subset, level and experiment) and a matrix of weights, one row
a resample, and returns one value a row. With all weights 1 it is the metric itself.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from ..results import Floats
from ._cells import Cell
from .accuracy import weighted_best_accuracy
from .average_precision import weighted_average_precision
from .f1 import weighted_f1
from .kendall import weighted_kendall
from .means import weighted_mean
from .spearman import weighted_spearman
from .v_measure import weighted_v_measure


class Metric(NamedTuple):
    """A metric by name: the columns it needs, and how it is computed."""

    columns: tuple[str, ...]
    compute: Callable[[Cell, Floats], Floats]


def _best(compute: Callable[[Cell, Floats, str], Floats]) -> Callable[[Cell, Floats], Floats]:
    """The best over all columns whose name begins with ``similarity``, each a way to measure it."""

    def best(cell: Cell, weights: Floats) -> Floats:
        columns = [c for c in cell.columns if c.startswith("similarity")]
        return np.asarray(np.max([compute(cell, weights, c) for c in columns], axis=0))

    return best


_SIMILARITY = ("similarity", "gold")

#: Metrics by the name in a file's metadata.
METRICS: dict[str, Metric] = {
    "mean": Metric(("score",), weighted_mean),
    "accuracy": Metric(("correct",), partial(weighted_mean, column="correct")),
    "spearman": Metric(_SIMILARITY, weighted_spearman),
    "average_precision": Metric(_SIMILARITY, weighted_average_precision),
    "max_average_precision": Metric(_SIMILARITY, _best(weighted_average_precision)),
    "max_accuracy": Metric(_SIMILARITY, _best(weighted_best_accuracy)),
    "v_measure": Metric(("cluster", "gold"), weighted_v_measure),
    "kendalltau": Metric(("prediction", "gold"), weighted_kendall),
    "f1_macro": Metric(("prediction", "gold"), weighted_f1),
    "f1_weighted": Metric(("prediction", "gold"), partial(weighted_f1, average="weighted")),
}

__all__ = [
    "METRICS",
    "Cell",
    "Metric",
    "weighted_average_precision",
    "weighted_best_accuracy",
    "weighted_f1",
    "weighted_kendall",
    "weighted_mean",
    "weighted_spearman",
    "weighted_v_measure",
]
