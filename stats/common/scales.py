"""Are tasks on one scale? The one criterion, for the audit and for means over tasks."""

import warnings

import numpy as np
import numpy.typing as npt

#: Above this a score is not a fraction, and up to 1 it is one (or a correlation).
ABOVE = 1.5

#: So many times the typical score of the other tasks make another scale.
OTHER_SCALE = 20.0


def typical_scores(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Median size of every task's scores, shape (n_tasks,); NaN of a task without scores."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # empty rows have no median
        found: npt.NDArray[np.float64] = np.nanmedian(np.abs(values), axis=1)
    return found


def tasks_apart(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Tasks of the scale that fewer are on, where some are in fractions and others typically 20 times as large or more.

    Parameters
    ----------
    values : ndarray of shape (n_tasks, n_models)

    Examples
    --------
    >>> tasks_apart(np.array([[.8, .7], [.9, .8], [30., 40.]])).tolist()
    [False, False, True]
    """
    typical = typical_scores(values)
    low, high = typical <= 1, typical > ABOVE
    if not low.any() or not high.any() or np.median(typical[high]) < OTHER_SCALE * np.median(typical[low]):
        return np.zeros(len(typical), dtype=bool)
    return low if low.sum() < high.sum() else high
