"""The cheap look for rows that are made of others misses none of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.intake.aggregate_candidates import candidates, rounding

MADE = {
    "mean": lambda rest, families: rest.mean(axis=0),
    "mean where there are scores": lambda rest, families: np.nanmean(rest, axis=0),
    "sum": lambda rest, families: rest.sum(axis=0),
    "mean of families": lambda rest, families: np.mean(
        [rest[families == f].mean(axis=0) for f in dict.fromkeys(families)], axis=0
    ),
    "block before": lambda rest, families: rest[:2].mean(axis=0),
    "block after": lambda rest, families: rest[-2:].mean(axis=0),
}


@pytest.mark.parametrize("kind", MADE)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(4, 70), digits=st.integers(1, 6), scale=st.sampled_from([1.0, 100.0]))
def test_what_is_made_of_the_others_is_a_candidate(kind, seed, n, digits, scale):
    rng = np.random.default_rng(seed)
    rest = np.round(rng.random((n, 5)) * scale, digits)
    families = np.asarray(["A", "B", "C"] * n, dtype=object)[:n]
    if kind == "mean where there are scores":
        rest[1, 0] = np.nan
    at = {"block before": 2, "block after": n - 2}.get(kind, int(rng.integers(n + 1)))
    row = np.round(MADE[kind](rest, families), digits)
    values = np.insert(rest, at, row, axis=0)
    families = np.insert(families, at, "A")
    if kind == "mean of families":  # the row's own family counts without it
        families[at] = "other"
    rows = list(range(n + 1))
    assert at in candidates(values, rows, rows, np.full(n + 1, digits), families)


def test_nearly_no_row_of_a_plain_table_is_looked_at_closely():
    values = np.random.default_rng(0).random((100, 20)).round(6)
    rows = list(range(100))
    assert len(candidates(values, rows, rows, np.full(100, 6), None)) < 5


def test_rounding_is_half_a_unit_of_each():
    assert rounding(np.array([0.5, np.nan]), 1, 2) == pytest.approx(0.05 + 0.005, rel=1e-3)
