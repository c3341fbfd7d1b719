"""Places among Walsh averages against all averages in order, to the last bit."""

from itertools import pairwise

import numpy as np
import pytest

from stats import walsh_averages
from stats.ties import deviations, doubled_midranks, squared_midranks
from stats.walsh_averages import order_statistics

KINDS = {
    "normal": lambda rng, m, n: rng.normal(0.01, 0.05, (m, n)),
    "rounded": lambda rng, m, n: rng.normal(0, 0.05, (m, n)).round(3),
    "few values": lambda rng, m, n: rng.integers(-3, 4, (m, n)) * 0.1,
    "outliers": lambda rng, m, n: rng.standard_cauchy((m, n)) ** 3,
    "mostly 0": lambda rng, m, n: np.where(rng.random((m, n)) < 0.7, 0.0, rng.normal(0, 1, (m, n))),
    "constant": lambda rng, m, n: np.full((m, n), 0.1),
    "far from 0": lambda rng, m, n: 0.5 + 1e-13 * rng.normal(0, 1, (m, n)),
    "tiny": lambda rng, m, n: 1e-90 * rng.normal(0, 1, (m, n)),
    "huge": lambda rng, m, n: 1e90 * rng.normal(0, 1, (m, n)),
    "some of each": lambda rng, m, n: np.where(
        np.arange(m)[:, None] % 3 == 0,
        0.0,
        rng.normal(0, 1, (m, n)) ** np.where(np.arange(m)[:, None] % 3 == 1, 1, 9),
    ),
}


def by_sorting(d: np.ndarray, places: np.ndarray) -> np.ndarray:
    i, j = np.triu_indices(d.shape[1])
    return np.take_along_axis(np.sort((d[:, i] + d[:, j]) / 2, axis=1), places, axis=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("n", [1, 2, 13, 40, 73, 130, 161])
def test_every_place_is_the_number_that_sorting_gives(
    kind: str, fast: bool, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walsh_averages, "_keys_are_fast", lambda: fast)
    rng, m = np.random.default_rng(n), 30
    d = KINDS[kind](rng, m, n)
    places = rng.integers(0, n * (n + 1) // 2, (m, 9))
    places[:, 0], places[:, 1] = 0, n * (n + 1) // 2 - 1
    places[:, 3] = np.minimum(places[:, 2] + 1, places[:, 1])
    assert np.array_equal(order_statistics(d, places), by_sorting(d, places))


@pytest.mark.parametrize("kind", KINDS)
def test_rows_beyond_the_first_block_are_the_numbers_that_sorting_gives(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walsh_averages, "_keys_are_fast", lambda: True)
    monkeypatch.setattr(walsh_averages, "_BYTES_AT_ONCE", 60_000)  # keys of four rows at once
    monkeypatch.setattr(walsh_averages, "_ROWS_AT_ONCE", 50)
    rng, m, n = np.random.default_rng(1), 150, 60
    d = KINDS[kind](rng, m, n)
    places = rng.integers(0, n * (n + 1) // 2, (m, 5))
    assert np.array_equal(order_statistics(d, places), by_sorting(d, places))


@pytest.mark.parametrize("fast", [True, False])
def test_where_averages_are_spread_out_few_are_sorted(fast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(d: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, int]:
        raise AssertionError("sorted all averages")

    monkeypatch.setattr(walsh_averages, "_keys_are_fast", lambda: fast)
    monkeypatch.setattr(walsh_averages, "_sorted", refuse)
    d = KINDS["normal"](np.random.default_rng(0), 70, 150)
    places = np.tile([[300, 5_661, 5_662, 11_000]], (70, 1))
    assert np.array_equal(order_statistics(d, places), by_sorting(d, places))


def test_sorting_by_vector_instructions_is_found_out_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for nanoseconds, fast in ((10_000, True), (200_000, False)):
        walsh_averages._keys_are_fast.cache_clear()
        clock = iter(range(0, 10 * nanoseconds, nanoseconds))
        monkeypatch.setattr(walsh_averages.time, "perf_counter_ns", lambda clock=clock: next(clock))
        assert walsh_averages._keys_are_fast() is fast
    walsh_averages._keys_are_fast.cache_clear()


def by_neighbours(values: np.ndarray, size: np.ndarray) -> list[int]:
    """Doubled midranks of one row, one value after the other: who is within rounding of the one before shares its rank."""
    order = sorted(range(len(values)), key=lambda i: (np.isnan(values[i]), values[i]))
    runs = [[order[0]]]
    for before, i in pairwise(order):
        largest = max(0.0 if values[j] == 0 else size[j] for j in (before, i))
        if values[i] - values[before] <= 1e-12 * largest:
            runs[-1].append(i)
        else:
            runs.append([i])
    ranks, below = [0] * len(values), 0
    for run in runs:
        for i in run:
            ranks[i] = 2 * below + len(run) + 1
        below += len(run)
    return ranks


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 2, 17])
def test_midranks_are_those_of_going_from_neighbour_to_neighbour(kind: str, n: int) -> None:
    rng = np.random.default_rng(n)
    d = KINDS[kind](rng, 40, n)
    d[::3] *= 1 + 1e-14 * rng.normal(0, 1, (14, n))  # equal within rounding, not to the last bit
    d[rng.random(d.shape) < 0.1] = np.nan
    size = np.abs(d) * 10 ** rng.integers(0, 3, d.shape)
    expected = [by_neighbours(row, sizes) for row, sizes in zip(d, size, strict=True)]
    nan = np.isnan(d)
    assert np.where(nan, 0, doubled_midranks(d, size)).tolist() == np.where(nan, 0, expected).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_deviations_are_0_where_all_differences_are_one(kind: str) -> None:
    rng = np.random.default_rng(5)
    d = KINDS[kind](rng, 60, 9)
    d[:20] = d[:20, :1]  # constant, and with missing ones
    d[10:30][rng.random((20, 9)) < 0.4] = np.nan
    size = np.abs(np.where(np.isnan(d), 1.0, d)) + rng.random(d.shape)
    mean = np.array([row[~np.isnan(row)].mean() if not np.isnan(row).all() else np.nan for row in d])
    found = deviations(d, mean, size)
    for row, at, about, scale in zip(d, found, mean, size, strict=True):
        here = ~np.isnan(row)
        same = all(abs(x - about) <= 1e-12 * s and x != 0 for x, s in zip(row[here], scale[here], strict=True))
        assert at[here].tolist() == ([0.0] * here.sum() if same else (row[here] - about).tolist())
        assert not at[~here].any()


def test_sums_of_squared_midranks_are_those_of_the_midranks() -> None:
    rng = np.random.default_rng(3)
    for kind in KINDS.values():
        d = kind(rng, 40, 17)
        size = np.abs(d) + rng.random(d.shape)
        assert np.array_equal(squared_midranks(d, size), (doubled_midranks(d, size) ** 2).sum(axis=1))
