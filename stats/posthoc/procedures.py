"""The procedures of the corrections: sorted p-values, and the size of the whole table with its NaN, to adjusted ones."""

import numpy as np

from ..common.errors import InputError
from ..results import Floats


def none(p: Floats, n_hypotheses: int) -> Floats:
    """The p-values as they are."""
    return p


def bonferroni(p: Floats, n_hypotheses: int) -> Floats:
    """Bonferroni: times the number of hypotheses."""
    return p * len(p)


def holm(p: Floats, n_hypotheses: int) -> Floats:
    """Holm (1979): step-down Bonferroni."""
    return np.maximum.accumulate(p * np.arange(len(p), 0, -1))


def _step_up(p: Floats) -> Floats:
    return np.minimum.accumulate(p[::-1])[::-1]


def hochberg(p: Floats, n_hypotheses: int) -> Floats:
    """Hochberg (1988): step-up, with Holm's factors."""
    return _step_up(p * np.arange(len(p), 0, -1))


def bh(p: Floats, n_hypotheses: int) -> Floats:
    """Benjamini and Hochberg (1995): step-up control of the false discovery rate."""
    return _step_up(p * (len(p) / np.arange(1, len(p) + 1)))


def by(p: Floats, n_hypotheses: int) -> Floats:
    """Benjamini and Yekutieli (2001): the same under any dependence."""
    return np.asarray(bh(p, n_hypotheses) * (1 / np.arange(1, len(p) + 1)).sum())


def hommel(p: Floats, n_hypotheses: int) -> Floats:
    """Hommel's procedure in O(m log m) (Meijer, Krebs and Goeman 2019, Biometrical J. 61, 1242-1258).

    At level alpha it rejects p when h p <= alpha, with h the size of the largest set of the largest p-values that
    Simes' test at alpha retains. So the adjusted p is the least over s of the larger of s p and A(s + 1), where A(s)
    is the largest Simes p-value of the t largest p-values, t >= s.
    """
    m = len(p)
    largest = np.zeros(m + 2)
    largest[1 : m + 1] = np.maximum.accumulate(_simes_of_largest(p)[::-1])[::-1]
    # s p rises and A(s + 1) falls with s: bisect for the first s at which s p is the larger.
    low, high = np.zeros(m, dtype=np.intp), np.full(m, m, dtype=np.intp)
    while (low < high).any():
        middle = (low + high) // 2
        risen = middle * p >= largest[middle + 1]
        low, high = np.where(risen, low, middle + 1), np.where(risen, middle, high)
    return np.asarray(np.where(low > 0, np.minimum(low * p, largest[low]), largest[1]))


def _simes_of_largest(p: Floats) -> Floats:
    """Simes' p-value, min over j of s p_(m-s+j) / j, of the s largest of sorted p-values, for s = 1, ..., m.

    The minimum is the least slope from (m - s, 0) to the points (i, p_(i)) on its right: it is attained on their lower
    convex hull, which grows point by point from the right.
    """
    m = len(p)
    values = p.tolist()
    hull: list[int] = []  # positions 1..m, the leftmost last
    found = np.empty(m)
    for i in range(m, 0, -1):
        y = values[i - 1]
        while len(hull) >= 2:
            b, c = hull[-1], hull[-2]
            if (values[b - 1] - y) * (c - i) < (values[c - 1] - y) * (b - i):
                break
            hull.pop()
        hull.append(i)
        # Slopes from (i - 1, 0) fall and then rise along the hull.
        left, right = 0, len(hull) - 1
        while left < right:
            middle = (left + right) // 2
            b, c = hull[middle], hull[middle + 1]
            if values[b - 1] * (c - i + 1) < values[c - 1] * (b - i + 1):
                right = middle
            else:
                left = middle + 1
        b = hull[left]
        found[m - i] = (m - i + 1) * values[b - 1] / (b - i + 1)
    return found


def shaffer(p: Floats, n_hypotheses: int) -> Floats:
    """Shaffer (1986), static: at most as many hypotheses are true as the logic of equality allows."""
    k = int((1 + np.sqrt(1 + 8 * n_hypotheses)) / 2 + 1e-9)
    if k * (k - 1) // 2 != n_hypotheses:
        raise InputError(
            f"shaffer got {n_hypotheses} p-values: expected k(k-1)/2, one for every pair of k models; use 'holm'"
        )
    possible = np.asarray(true_hypotheses(k))
    remaining = n_hypotheses - np.arange(len(p))
    at_most = possible[np.searchsorted(possible, remaining, side="right") - 1]
    return np.maximum.accumulate(p * at_most)


def true_hypotheses(k: int) -> list[int]:
    """How many of the k(k-1)/2 equalities can be true at once, ascending (Shaffer 1986, the set S(k)).

    S(k) is the union over j of C(j, 2) + S(k - j), with S(0) = S(1) = {0}.

    Examples
    --------
    >>> true_hypotheses(4)
    [0, 1, 2, 3, 6]
    """
    # Bit s of sets[k] says whether s equalities can be true: a union of shifted bit strings.
    sets = [1, 1]
    for size in range(2, k + 1):
        union = 0
        for j in range(1, size + 1):
            union |= sets[size - j] << (j * (j - 1) // 2)
        sets.append(union)
    return [s for s in range(k * (k - 1) // 2 + 1) if sets[k] >> s & 1]
