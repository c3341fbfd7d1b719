"""F1 of predicted labels, averaged over labels."""

import numpy as np

from ..results import Floats
from ._cells import Cell


def weighted_f1(cell: Cell, weights: Floats, average: str = "macro") -> Floats:
    """F1 under every row of weights: 2 tp / (2 tp + fp + fn) of every label, averaged.

    Parameters
    ----------
    cell : Cell
        With the columns ``prediction`` and ``gold``.
    weights : ndarray, shape (n_resamples, n_units)
        How often every sample is drawn.
    average : {"macro", "weighted"}
        Mean over the labels drawn (as gold or prediction), or weighted by how often each is gold.

    Returns
    -------
    ndarray, shape (n_resamples,)

    Examples
    --------
    Labels a: tp 1, fn 1, so 2/3; b: tp 1, fp 1, so 2/3.

    >>> cell = Cell(np.arange(3), {"prediction": np.array(["a", "b", "b"]), "gold": np.array(["a", "a", "b"])})
    >>> weighted_f1(cell, np.ones((1, 3))).round(4).tolist()
    [0.6667]
    """
    if "f1" not in cell.prepared:
        from scipy import sparse  # here, since nobody waits for it who has no F1

        gold, predicted = np.asarray(cell.columns["gold"]), np.asarray(cell.columns["prediction"])
        labels, codes = np.unique(np.concatenate([gold, predicted]), return_inverse=True)
        shape = (len(labels), weights.shape[1])
        as_gold, as_predicted = codes[: len(gold)], codes[len(gold) :]
        right = as_gold == as_predicted
        one = np.ones(len(gold))
        cell.prepared["f1"] = (
            sparse.csr_array((one, (as_gold, cell.unit)), shape=shape),
            sparse.csr_array((one, (as_predicted, cell.unit)), shape=shape),
            sparse.csr_array((one[right], (as_gold[right], cell.unit[right])), shape=shape),
        )
    golds, predictions, hits = ((coding @ weights.T).T for coding in cell.prepared["f1"])
    seen = golds + predictions
    with np.errstate(invalid="ignore", divide="ignore"):
        f1 = np.where(seen > 0, 2 * hits / seen, 0.0)
        if average == "weighted":
            return np.asarray((f1 * golds).sum(axis=1) / golds.sum(axis=1))
        return np.asarray(f1.sum(axis=1) / (seen > 0).sum(axis=1))
