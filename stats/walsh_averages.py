"""Order statistics of Walsh averages, the means of two differences (each with itself too), without sorting all of them.

Of n differences there are n (n + 1) / 2 averages; the intervals of the signed-rank test need a handful of places among them. Differences are
put on a lattice, whose sums are counted by one convolution; the counts say between which two steps of the lattice a place lies, and only the
sums there, some dozens, are formed and sorted. What is returned is the very number that sorting all averages would have: the lattice decides
where to look, never a value.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from .results import Floats

Places = npt.NDArray[np.int64]

#: Of fewer differences, all averages are sorted as quickly.
_FEW = 72
#: About how many differences are worked on at once, so that their lattices stay in a core's own cache.
_AT_ONCE = 6_400
#: Places so close to one another are looked for together.
_NEAR = 8
#: A row of whose averages a larger share lies in one step of the lattice (ties, outliers) is sorted.
_CROWDED = 0.2
#: Sums of squares of counts up to which a convolution in single precision is right to a fortieth, and is rounded to the whole number it is.
_SINGLE = 30_000


def order_statistics(d: Floats, places: Places) -> Floats:
    """The averages at these places, counted from 0 in ascending order, of every row of differences.

    Parameters
    ----------
    d : ndarray, shape (m, n)
        Differences; none is missing.
    places : ndarray of int, shape (m, r)
        From 0 to n (n + 1) / 2 - 1.

    Returns
    -------
    ndarray, shape (m, r)

    Examples
    --------
    The averages of 0, 2 and 6 are 0, 1, 2, 3, 4 and 6:

    >>> order_statistics(np.array([[6.0, 0, 2]]), np.array([[1, 5]])).tolist()
    [[1.0, 6.0]]
    """
    m, n = d.shape
    found = np.empty(places.shape)
    look = _sorted if n < _FEW else _by_lattice
    step = max(8, _AT_ONCE // n)
    for start in range(0, m, step):
        here = slice(start, start + step)
        found[here] = look(np.ascontiguousarray(d[here]), places[here])
    return found


def _sorted(d: Floats, places: Places) -> Floats:
    """By all averages in order."""
    m, n = d.shape
    averages = np.empty((m, n * (n + 1) // 2))
    at = 0
    for i in range(n):  # `d[:, rows] + d[:, columns]` by arrays of indices takes as long as the sorting
        np.add(d[:, i:], d[:, i : i + 1], out=averages[:, at : at + n - i])
        at += n - i
    averages /= 2
    averages.sort(axis=1)
    return np.asarray(np.take_along_axis(averages, places, axis=1))


def _by_lattice(d: Floats, places: Places) -> Floats:
    m, n = d.shape
    size = 1 << (4 * n - 1).bit_length()
    ordered = np.sort(d, axis=1)
    steps, usable = _steps(ordered, size)
    counts = np.bincount((steps + (np.arange(m) * size)[:, None]).ravel(), minlength=m * size).reshape(m, size)
    upto = _upto(counts)
    usable &= upto[:, -1] == n * (n + 1)
    columns = _windows(places)
    low = _first_step(upto, np.stack([places[:, some].min(axis=1) for some in columns], axis=1))
    high = _first_step(upto, np.stack([places[:, some].max(axis=1) for some in columns], axis=1))
    rows = np.arange(m)[:, None]
    # A sum of steps a + b = s lies in [s, s + 2): what may be at a place of step s has steps from s - 1 to s + 1.
    below = np.where(low >= 2, upto[rows, np.maximum(low - 2, 0)], 0.0)
    held = upto[rows, np.minimum(high + 1, 2 * size - 1)] - below
    usable &= (held <= _CROWDED * n * (n + 1)).all(axis=1)
    found = np.empty(places.shape)
    if not usable.all():
        found[~usable] = _sorted(d[~usable], places[~usable])
        if not usable.any():
            return found
        ordered, steps, counts = ordered[usable], steps[usable], counts[usable]
        low, high, below, held = low[usable], high[usable], below[usable], held[usable]
    sums = _sums_between(ordered, steps, counts, low, high, (held / 2).astype(np.int64).ravel())
    every, wanted, before = np.arange(len(ordered)), places[usable], (below / 2).astype(np.int64)
    for at, some in enumerate(columns):
        for column in some:
            found[usable, column] = sums[every, at, wanted[:, column] - before[:, at]] / 2
    return found


def _steps(ordered: Floats, size: int) -> tuple[Places, npt.NDArray[np.bool_]]:
    """On which step of a lattice of its own every difference of a row lies, and which rows have one.

    The lattice's width is a power of two: dividing by it is exact, so that no difference is on a wrong step by rounding.
    """
    exponent = np.frexp((ordered[:, -1] - ordered[:, 0]) / (size - 2))[1]
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.floor(np.ldexp(ordered, -exponent[:, None]))
        steps -= steps[:, :1]
    usable = np.asarray(steps[:, -1] < size)  # not where the steps leave the numbers
    steps[~usable] = 0.0
    return steps.astype(np.int64), usable


def _upto(counts: Places) -> Floats:
    """Twice how many averages have a sum of steps up to 0, 1, 2, ...: whole numbers."""
    from scipy import fft  # late: most tables have too few tasks for it

    size = counts.shape[1]
    drawn: npt.NDArray[Any] = counts.astype(np.float32)
    single = float(np.einsum("ij,ij->i", drawn, drawn).max()) < _SINGLE
    if not single:
        drawn = counts.astype(np.float64)
    spectrum: npt.NDArray[Any] = fft.rfft(drawn, 2 * size, axis=1)
    spectrum *= spectrum
    found = fft.irfft(spectrum, 2 * size, axis=1, overwrite_x=True)
    found[:, ::2] += drawn  # each difference with itself, which is in the square once, the others twice
    np.rint(found, out=found)
    if single and counts[0].sum() > 4_000:
        found = found.astype(np.float64)  # sums go beyond 2^24
    return np.asarray(np.cumsum(found, axis=1))


def _windows(places: Places) -> list[list[int]]:
    """Columns of places in groups that are close to one another in every row."""
    groups: list[list[int]] = []
    for column in np.argsort(places.mean(axis=0), kind="stable").tolist():
        if groups and np.abs(places[:, column] - places[:, groups[-1][0]]).max() <= _NEAR:
            groups[-1].append(column)
        else:
            groups.append([column])
    return groups


def _first_step(upto: Floats, places: Places) -> Places:
    """The least sum of steps up to which there are more averages than stand before each place: a search by halves in all rows at once."""
    m, width = upto.shape
    rows = (np.arange(m) * width)[:, None]
    flat, wanted = upto.ravel(), (2 * places + 1).astype(upto.dtype)
    at, half = np.repeat(rows, places.shape[1], axis=1), width // 2
    while half:
        at += half * (flat[at + half - 1] < wanted)
        half //= 2
    return np.asarray(at - rows)


def _sums_between(ordered: Floats, steps: Places, counts: Places, low: Places, high: Places, per: Places) -> Floats:
    """Ascending sums whose steps add up to low - 1 ... high + 1, `per` of each window: shape (m, windows, most), filled up with infinity."""
    m, n = ordered.shape
    size, windows = counts.shape[1], low.shape[1]
    # How many differences have a step of at most g: 0 before the lattice, n behind it, so that no index has to be clipped.
    table = np.empty((m, 3 * size), dtype=np.int32)
    table[:, :size], table[:, 2 * size :] = 0, n
    np.cumsum(counts, axis=1, out=table[:, size : 2 * size])
    flat = table.ravel()
    base = ((np.arange(m) * 3 * size + size)[:, None] - steps).astype(np.int32)[:, None, :]
    until = flat[(high.astype(np.int32) + 1)[:, :, None] + base]
    since = flat[(low.astype(np.int32) - 2)[:, :, None] + base]
    np.maximum(since, np.arange(n, dtype=np.int32), out=since)  # each pair of differences once
    runs = np.maximum(np.subtract(until, since, out=until), 0, out=until)
    some = np.flatnonzero(runs)
    length = runs.ravel()[some]
    row = some // (n * windows)
    values = ordered.ravel()
    start = row * n + since.ravel()[some] - (np.cumsum(length) - length)
    sums = values[np.arange(length.sum()) + np.repeat(start, length)]
    sums += np.repeat(values[row * n + some % n], length)
    found = np.full((m * windows, int(per.max())), np.inf)
    found[np.arange(found.shape[1]) < per[:, None]] = sums
    found.sort(axis=1)
    return found.reshape(m, windows, -1)
