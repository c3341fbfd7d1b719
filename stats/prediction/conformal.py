"""Split-conformal calibration: how many predicted standard deviations an interval must reach to hold."""

from math import ceil

import numpy as np
import numpy.typing as npt

from ..results import Floats


def reach(scores: Floats, level: float) -> float:
    """The conformal quantile of absolute standardised errors: the ceil((n + 1) level)-th smallest.

    An interval of so many standard deviations holds with at least this probability for a further model that is exchangeable with the
    calibrating ones (Vovk, Gammerman and Shafer 2005; Lei et al. 2018, JASA 113). Infinite where too few calibrate.

    Examples
    --------
    Nineteen errors: the 95 % quantile is the ceil(20 x .95) = 19th, the largest; of eighteen there is none.

    >>> reach(np.arange(1., 20.), .95), reach(np.arange(1., 19.), .95)
    (19.0, inf)
    """
    rank = ceil((len(scores) + 1) * level - 1e-12)
    return float(np.partition(scores, rank - 1)[rank - 1]) if rank <= len(scores) else float("inf")


def folds(labels: list[str], n_folds: int, seed: int) -> npt.NDArray[np.int64]:
    """A fold for every row, so that rows of one label share theirs: a maker's other models must not predict its own.

    Labels are dealt in a random order to the fold that has the fewest rows.
    """
    rng = np.random.default_rng(seed)
    names, member, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    load = np.zeros(n_folds, dtype=np.int64)
    fold_of = np.empty(len(names), dtype=np.int64)
    order = rng.permutation(len(names))
    for i in order[np.argsort(-sizes[order], kind="stable")]:
        fold_of[i] = int(np.argmin(load))
        load[fold_of[i]] += sizes[i]
    return np.asarray(fold_of[member], dtype=np.int64)
