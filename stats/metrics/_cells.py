"""What a metric sees: the rows of one model on one task, cut into cells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..results import Floats

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Cell:
    """The rows that one value of a metric is computed from: one split, subset, level and experiment.

    Attributes
    ----------
    unit : ndarray of int, shape (n_rows,)
        Which sample of the task every row belongs to: an index into the columns of a weight matrix.
    columns : mapping
        Arrays of shape (n_rows,): ``score``, ``correct``, ``similarity``, ``gold``, ``cluster``, ``prediction``, ...
    prepared : dict
        What a metric keeps between blocks of weights (a sort order, a coding of labels).
    """

    unit: Indices
    columns: Mapping[str, npt.NDArray[Any]]
    prepared: dict[str, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.unit)

    def weigh(self, weights: Floats) -> Floats:
        """Weights of the rows, shape (n_resamples, n_rows), from weights of the samples."""
        return np.asarray(weights[:, self.unit])


def tie_groups(values: npt.NDArray[Any], *, descending: bool = False) -> tuple[Indices, Indices]:
    """Sort order, and where each run of equal values ends in it.

    Examples
    --------
    >>> order, ends = tie_groups(np.array([.2, .1, .2]))
    >>> order.tolist(), ends.tolist()
    ([1, 0, 2], [0, 2])
    """
    order = np.argsort(-values if descending else values, kind="stable")
    ordered = values[order]
    return order, np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
