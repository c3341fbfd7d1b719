"""Adjusted p-values: corrections for testing many hypotheses."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..common.errors import InputError, unknown
from ..results import Floats


def adjust(pvalues: npt.ArrayLike, method: str = "holm") -> Floats:
    """Adjust p-values for multiple testing.

    An adjusted p-value is the smallest level at which the hypothesis is rejected when the whole family is
    tested; adjusted p-values keep the order of the raw ones and never exceed 1.

    Parameters
    ----------
    pvalues : array_like
        P-values of any shape. NaN stays NaN and is no member of the family.
    method : str
        Family-wise error rate: ``"bonferroni"``; ``"holm"`` (step-down, any dependence); ``"hochberg"`` and
        ``"hommel"`` (need positive dependence); ``"shaffer"`` (static procedure for all pairs of k models: at most
        as many hypotheses can be true as the logic of equality allows). False discovery rate: ``"bh"``
        (positive dependence) and ``"by"`` (any dependence). ``"none"`` leaves them as they are.

    Returns
    -------
    ndarray
        Of the same shape.

    Raises
    ------
    InputError
        If the method is unknown, a p-value is outside 0-1, or ``"shaffer"`` gets a number of p-values that is no
        k(k-1)/2.

    References
    ----------
    Holm (1979), Scand. J. Statist. 6, 65-70. Hochberg (1988), Biometrika 75, 800-802. Hommel (1988), Biometrika 75,
    383-386. Shaffer (1986), JASA 81, 826-831. Benjamini and Hochberg (1995), JRSS B 57, 289-300. Benjamini and
    Yekutieli (2001), Ann. Statist. 29, 1165-1188.

    Examples
    --------
    Holm multiplies the smallest of three by 3, the next by 2, and keeps the order:

    >>> adjust([.01, .04, .03], "holm").round(6).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(pvalues, dtype=np.float64)
    if method not in METHODS:
        raise unknown("correction", method, METHODS)
    flat = p.ravel()
    known = ~np.isnan(flat)
    if ((flat[known] < 0) | (flat[known] > 1)).any():
        raise InputError("p-values must lie between 0 and 1")
    adjusted = np.full(flat.shape, np.nan)
    if known.any():
        raw = flat[known]
        order = np.argsort(raw, kind="stable")
        values = np.empty(len(raw))
        values[order] = np.minimum(1.0, METHODS[method](raw[order], len(flat)))
        adjusted[known] = values
    return adjusted.reshape(p.shape)


def _none(p: Floats, n_hypotheses: int) -> Floats:
    return p


def _bonferroni(p: Floats, n_hypotheses: int) -> Floats:
    return p * len(p)


def _holm(p: Floats, n_hypotheses: int) -> Floats:
    return np.maximum.accumulate(p * np.arange(len(p), 0, -1))


def _step_up(p: Floats) -> Floats:
    return np.minimum.accumulate(p[::-1])[::-1]


def _hochberg(p: Floats, n_hypotheses: int) -> Floats:
    return _step_up(p * np.arange(len(p), 0, -1))


def _bh(p: Floats, n_hypotheses: int) -> Floats:
    return _step_up(p * (len(p) / np.arange(1, len(p) + 1)))


def _by(p: Floats, n_hypotheses: int) -> Floats:
    return np.asarray(_bh(p, n_hypotheses) * (1 / np.arange(1, len(p) + 1)).sum())


def _hommel(p: Floats, n_hypotheses: int) -> Floats:
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


def _shaffer(p: Floats, n_hypotheses: int) -> Floats:
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


#: Corrections by name: sorted p-values and the size of the whole table (with its NaN) to adjusted ones.
METHODS: dict[str, Callable[[Floats, int], Floats]] = {
    "none": _none,
    "bonferroni": _bonferroni,
    "holm": _holm,
    "hochberg": _hochberg,
    "hommel": _hommel,
    "bh": _bh,
    "by": _by,
    "shaffer": _shaffer,
}
