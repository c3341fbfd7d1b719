"""Order statistics of Walsh averages, the means of two differences (each with itself too), without sorting all of them.

Of n differences there are n (n + 1) / 2 averages; the intervals of the signed-rank test need a handful of places among them. Differences are
put on a lattice, which says where to look, never a value: what is returned is the very number that sorting all averages would have.

Of some dozens of differences to a few hundred, the sums of two steps of a fine lattice are sorted as whole numbers of 32 bits that end in which
two differences they are of; vector instructions sort these in half the time of the averages. Of more, or where numpy has no such instructions, the
sums of a coarse lattice are counted by one convolution; the counts say between which two steps a place lies, and only the sums there,
some dozens, are formed and sorted.
"""

import time
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from .results import Floats

Places = npt.NDArray[np.int64]

#: Of fewer differences, all averages are sorted as quickly.
_FEW = 40
#: Of more differences, counting takes less time than sorting keys.
_MANY = 160
#: The same where keys are not sorted by vector instructions.
_FEW_UNVECTORED = 32
#: Nanoseconds for a key: vector instructions take two or three, others fifty.
_FAST = 15
#: About how many bytes of averages or keys, or how many differences on a lattice that is counted, are worked on at once, so that they stay in
#: a core's own cache.
_BYTES_AT_ONCE, _AT_ONCE = 800_000, 6_400
_ROWS_AT_ONCE = 400
#: How many sorted keys on either side of a place are looked at: at first, and where those are all within a step of it.
_BESIDE, _FARTHER = 3, 24
#: Places so close to one another are looked for together.
_NEAR = 8
#: A row of whose averages a larger share lies in one step of the lattice (ties, outliers) is sorted; where that is so of a larger share of rows, the next ones too.
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
    fast = _keys_are_fast()
    look = _sorted if n < (_FEW if fast else _FEW_UNVECTORED) else _by_keys if fast and n <= _MANY else _by_lattice
    step = max(8, _AT_ONCE // n if look is _by_lattice else _BYTES_AT_ONCE // (n * (n // 2 + 1) * 8))
    start = 0
    while start < m:
        here = slice(start, start + step)
        found[here], n_sorted = look(np.ascontiguousarray(d[here]), places[here])
        start += step
        if look is _by_keys and n_sorted > _CROWDED * step:
            look = _sorted  # ties or outliers, of which the next rows are likely to have as many
        elif look is _by_keys:
            step = max(step, _ROWS_AT_ONCE)  # all but the keys themselves takes less time of many rows at once
    return found


def _sorted(d: Floats, places: Places) -> tuple[Floats, int]:
    """By all averages in order; and of how many rows."""
    m, n = d.shape
    averages = np.empty((m, n // 2 + 1, n))
    np.add(_turned(d), d[:, None, :], out=averages)
    if n % 2 == 0:
        averages[:, -1, n // 2 :] = np.inf  # they are there already
    averages /= 2
    ordered = averages.reshape(m, -1)
    ordered.sort(axis=1)
    return np.take_along_axis(ordered, places, axis=1), m


def _turned(d: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Rows (m, n) turned on by 0 ... n // 2 places, shape (m, n // 2 + 1, n): added to the row, every two are met once, those n / 2 apart twice."""
    m, n = d.shape
    twice = np.concatenate([d, d[:, : n // 2]], axis=1)
    return np.lib.stride_tricks.as_strided(twice, (m, n // 2 + 1, n), (twice.strides[0], d.itemsize, d.itemsize))


@lru_cache(maxsize=16)
def _partners(n: int, size: int) -> tuple[Places, Places]:
    """Which two differences the ends of keys up to a size are of: the sum of one's number and n times the other's."""
    second, first = np.divmod(np.arange(size), n)
    second[second >= n] = 0  # of what pads the keys
    return first, second


@cache
def _keys_are_fast() -> bool:
    """Whether numpy sorts whole numbers of 32 bits by vector instructions here: tried, as it does not say."""
    keys = (np.arange(4_096, dtype=np.uint32) * np.uint32(2_654_435_761)).reshape(1, -1)
    best = np.inf
    for _ in range(3):
        start = time.perf_counter_ns()
        np.sort(keys, axis=1)
        best = min(best, time.perf_counter_ns() - start)
    return best < _FAST * keys.size


def _by_keys(d: Floats, places: Places) -> tuple[Floats, int]:
    """By keys in order: a sum of steps a + b = s lies in [s, s + 2), so that what is at a place of step s has steps from s - 1 to s + 1."""
    m, n = d.shape
    ordered = np.sort(d, axis=1)
    near, bits, usable = _keys_beside(ordered, places)
    values, (first, second) = ordered.ravel(), _partners(n, 1 << bits)
    row = np.repeat(np.arange(m) * n, places.shape[1])

    def sums(some: npt.NDArray[np.uint32], of: Places) -> Floats:
        ends = some & np.uint32((1 << bits) - 1)
        return np.asarray(values[of + first[ends]] + values[of + second[ends]])

    found = sums(near[:, _FARTHER], row)  # so wherever no other key is within a step
    steps = near[:, _FARTHER - 1 : _FARTHER + 2] >> np.uint32(bits)
    todo = np.flatnonzero((steps[:, 1:] - steps[:, :-1] <= 1).any(axis=1))
    for reach in (_BESIDE, _FARTHER):
        close = near[todo, _FARTHER - reach : _FARTHER + reach + 1]
        steps = close >> np.uint32(bits)
        inside = steps - steps[:, reach : reach + 1] + np.uint32(1) <= 2
        of_step = np.where(inside, sums(close, row[todo, None]), np.inf)
        of_step.sort(axis=1)
        found[todo] = of_step[np.arange(len(todo)), inside[:, :reach].sum(axis=1)]
        todo = todo[inside[:, 0] | inside[:, -1]]
        if not len(todo):
            break
    usable[todo // places.shape[1]] = False
    return _rest_sorted(d, places, usable, found.reshape(places.shape) / 2)


def _rest_sorted(d: Floats, places: Places, usable: npt.NDArray[np.bool_], found: Floats) -> tuple[Floats, int]:
    """What was found in the usable rows, and of the others what is found by sorting; and how many those are."""
    if usable.all():
        return found, 0
    found[~usable], n = _sorted(d[~usable], places[~usable])
    return found, n


def _keys_beside(ordered: Floats, places: Places) -> tuple[npt.NDArray[np.uint32], int, npt.NDArray[np.bool_]]:
    """Of the keys of all sums in order those at every place and `_FARTHER` on either side; the bits of a key that say which sum it is; usable rows.

    A key is the sum of two numbers: each begins with a difference's step and ends in which difference it is, the second one's times n.
    """
    m, n = ordered.shape
    width, reach = n * (n // 2 + 1), 2 * _FARTHER + 1
    bits = (n * n - 1).bit_length()
    steps, usable = _steps(ordered, (1 << 31 - bits) - 2)
    first = (steps + 1).astype(np.uint32) << np.uint32(bits)
    second = _turned(first + np.arange(n, dtype=np.uint32) * np.uint32(n))
    first += np.arange(n, dtype=np.uint32)
    near = np.empty((m, places.shape[1], reach), dtype=np.uint32)
    rows = max(1, _BYTES_AT_ONCE // (4 * width))
    held = np.empty((min(rows, m), width + 2 * _FARTHER), dtype=np.uint32)
    for start in range(0, m, rows):
        here = slice(start, start + rows)
        keys = held[: len(first[here])]
        keys[:, :_FARTHER], keys[:, -_FARTHER:] = 0, -1 % 2**32  # more than a step away from all others
        middle = keys[:, _FARTHER:-_FARTHER]
        np.add(second[here], first[here, None, :], out=middle.reshape(len(keys), -1, n))
        if n % 2 == 0:
            middle[:, -(n // 2) :] = -1 % 2**32  # they are there already
        middle.sort(axis=1)
        windows = np.lib.stride_tricks.sliding_window_view(keys, reach, axis=1)
        near[here] = windows[np.arange(len(keys))[:, None], places[here]]
    return near.reshape(-1, reach), bits, usable


def _by_lattice(d: Floats, places: Places) -> tuple[Floats, int]:
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
    found, n_sorted = _rest_sorted(d, places, usable, np.empty(places.shape))
    if n_sorted:
        if not usable.any():
            return found, n_sorted
        ordered, steps, counts = ordered[usable], steps[usable], counts[usable]
        low, high, below, held = low[usable], high[usable], below[usable], held[usable]
    sums = _sums_between(ordered, steps, counts, low, high, (held / 2).astype(np.int64).ravel())
    every, wanted, before = np.arange(len(ordered)), places[usable], (below / 2).astype(np.int64)
    for at, some in enumerate(columns):
        for column in some:
            found[usable, column] = sums[every, at, wanted[:, column] - before[:, at]] / 2
    return found, n_sorted


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
