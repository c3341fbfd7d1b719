"""The one result type of all-pairs analyses."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

#: The columns of `PairwiseResult.to_frame`, in this order; those that do not apply are left out.
PAIR_COLUMNS = (
    "model_a",
    "model_b",
    "n",
    "difference",
    "low",
    "high",
    "statistic",
    "pvalue",
    "pvalue_adjusted",
    "method",
)


def pair_indices(k: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Index arrays (i, j), i < j, of the k(k-1)/2 unordered pairs, in row order."""
    return np.triu_indices(k, 1)


def n_pairs(k: int, control: str | None = None) -> int:
    """The number of pairs of k models; with a control, of those that it is in."""
    return k - 1 if control is not None else k * (k - 1) // 2


@dataclass(frozen=True, eq=False)
class PairwiseResult:
    """What one method found for every pair of models at once; arrays have shape (n_pairs,).

    Attributes
    ----------
    models : tuple of str
        Names of the k models.
    first, second : ndarray of int
        Indices into `models`: the pair's a and b.
    n : ndarray of int
        Number of tasks that the pair's numbers rest on.
    difference : ndarray
        a minus b: positive means a is better when higher is better.
    method : str
        The exact method, never "auto".
    low, high : ndarray, optional
        Confidence interval of `difference` at `confidence_level`.
    statistic, pvalue, pvalue_adjusted : ndarray, optional
    confidence_level : float, optional
    alternative : str
    extra : dict
        Further arrays of shape (n_pairs,), which become further columns.

    Examples
    --------
    Five of six signs would do; all six give 2 / 2^6:

    >>> import embsig
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> found = embsig.sign_test(scores)
    >>> float(found.pvalue[0])
    0.03125
    >>> found.models
    ('a', 'b')
    """

    models: tuple[str, ...]
    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    n: npt.NDArray[np.int64]
    difference: Floats
    method: str
    low: Floats | None = None
    high: Floats | None = None
    statistic: Floats | None = None
    pvalue: Floats | None = None
    pvalue_adjusted: Floats | None = None
    confidence_level: float | None = None
    alternative: str = "two-sided"
    extra: dict[str, npt.NDArray[Any]] = field(default_factory=dict, repr=False)

    def to_frame(self) -> pd.DataFrame:
        """One row per unordered pair, with the columns of `PAIR_COLUMNS` that apply, then the extra ones."""
        names = np.asarray(self.models, dtype=object)
        columns: dict[str, Any] = {"model_a": names[self.first], "model_b": names[self.second]}
        for name in PAIR_COLUMNS[2:-1]:
            value = getattr(self, name)
            if value is not None:
                columns[name] = value
        return pd.DataFrame(columns | {"method": self.method} | self.extra)

    def confidence_interval(self) -> pd.DataFrame:
        """``model_a, model_b, low, high``; an error where the method gives no interval."""
        if self.low is None or self.high is None:
            raise AttributeError(f"{self.method} gives no confidence interval")
        return self.to_frame()[["model_a", "model_b", "low", "high"]]

    def _repr_html_(self) -> str:
        from .notebook import show

        return show([f"{self.method}, {self.alternative}."], self.to_frame().drop(columns="method"))
