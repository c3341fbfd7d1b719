"""V-measure of a clustering against gold labels."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..results import Floats
from ._cells import Cell

if TYPE_CHECKING:
    from scipy import sparse


def weighted_v_measure(cell: Cell, weights: Floats) -> Floats:
    """V-measure under every row of weights: the harmonic mean of homogeneity and completeness.

    Parameters
    ----------
    cell : Cell
        With the columns ``cluster`` and ``gold``.
    weights : ndarray, shape (n_resamples, n_units)
        How often every sample is drawn.

    Returns
    -------
    ndarray, shape (n_resamples,)
        As in scikit-learn, homogeneity is 1 with a single gold label and completeness 1 with a single cluster.

    References
    ----------
    Rosenberg, A. and Hirschberg, J. (2007). V-measure. EMNLP-CoNLL, 410-420, equations 1-2.

    Examples
    --------
    Four texts, two labels, each in its own cluster but one text: H(C) = ln 2, H(K) = .5623, mutual information
    .2158, V = 2 * .2158 / (.6931 + .5623) = .3437

    >>> cell = Cell(np.arange(4), {"cluster": np.array([0, 0, 0, 1]), "gold": np.array([0, 0, 1, 1])})
    >>> weighted_v_measure(cell, np.ones((1, 4))).round(4).tolist()
    [0.3437]
    """
    joint, clusters, golds = _codings(cell, weights.shape[1])
    total = (weights @ np.bincount(cell.unit, minlength=weights.shape[1]))[:, None]
    h_joint, h_cluster, h_gold = (_entropy(_count(weights, coding), total) for coding in (joint, clusters, golds))
    # Homogeneity I/H(gold) and completeness I/H(cluster) have the harmonic mean 2 I / (H(gold) + H(cluster)).
    information = np.maximum(h_cluster + h_gold - h_joint, 0.0)
    homogeneity = _ratio(information, h_gold)
    completeness = _ratio(information, h_cluster)
    both = homogeneity + completeness
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(both > 0, 2 * homogeneity * completeness / both, 0.0)


def _codings(cell: Cell, n_units: int) -> "tuple[sparse.csr_array, sparse.csr_array, sparse.csr_array]":
    if "v_measure" not in cell.prepared:
        cluster, gold = (
            np.unique(np.asarray(cell.columns[name]), return_inverse=True)[1] for name in ("cluster", "gold")
        )
        pair = cluster.astype(np.int64) * (int(gold.max(initial=0)) + 1) + gold
        joint = np.unique(pair, return_inverse=True)[1]
        cell.prepared["v_measure"] = tuple(_one_hot(codes, cell, n_units) for codes in (joint, cluster, gold))
    joint_, cluster_, gold_ = cell.prepared["v_measure"]
    return joint_, cluster_, gold_


def _one_hot(codes: npt.NDArray[Any], cell: Cell, n_units: int) -> "sparse.csr_array":
    """How many rows of every sample (columns) carry every code (rows)."""
    from scipy import sparse  # here, since nobody waits for it who has no clusters

    shape = (int(codes.max(initial=-1)) + 1, n_units)
    return sparse.csr_array((np.ones(len(codes)), (codes, cell.unit)), shape=shape)


def _count(weights: Floats, coding: "sparse.csr_array") -> Floats:
    return np.asarray((coding @ weights.T).T)


def _entropy(counts: Floats, total: Floats) -> Floats:
    """Entropy in nats of every row."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = counts / total
        return np.asarray(-np.where(share > 0, share * np.log(share), 0.0).sum(axis=1))


def _ratio(information: Floats, entropy: Floats) -> Floats:
    """Information / entropy, 1 where there is nothing to know."""
    known = entropy > 1e-12
    return np.where(known, information / np.where(known, entropy, 1.0), 1.0)
