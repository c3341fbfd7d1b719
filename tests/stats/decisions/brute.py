"""The procedure again in few lines and by brute force over all 2^n sign vectors, to be held against."""

from itertools import combinations, product

import numpy as np
from scipy.stats import rankdata


def statistic(d: np.ndarray, kind: str) -> float:
    """Of one pair's differences, by the textbook."""
    if kind == "mean":
        return d.sum() / np.sqrt((d**2).sum()) if d.any() else 0.0
    d = d[d != 0]
    if not len(d):
        return 0.0
    w = rankdata(np.abs(d)) if kind == "signed-rank" else np.ones(len(d))
    return float((np.sign(d) * w).sum() / np.sqrt((w**2).sum()))


def adjusted(rows: np.ndarray, kind: str, side: int = 0, control: int | None = None) -> dict[tuple[int, int], float]:
    """Share of all 2^n sign vectors whose largest statistic of all pairs reaches each pair's own."""
    k, n = rows.shape
    pairs = (
        [(i, j) for i, j in combinations(range(k), 2)]
        if control is None
        else [(i, control) for i in range(k) if i != control]
    )
    turn = (lambda t: abs(t)) if side == 0 else (lambda t: side * t)
    largest = []
    for signs in product((1, -1), repeat=n):
        largest.append(max(turn(statistic(np.array(signs) * (rows[i] - rows[j]), kind)) for i, j in pairs))
    found = {}
    for i, j in pairs:
        own = turn(statistic(rows[i] - rows[j], kind))
        found[i, j] = float(np.mean(np.array(largest) >= own - 1e-6))
    return found
