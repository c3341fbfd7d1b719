"""Random cases, with ties, ones and zeros, against R alone (tests/golden/audit.R)."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stats import adjust, bonferroni_dunn, effects, friedman, quade
from stats.posthoc._bonferroni_dunn import dunn_critical_difference
from stats.resampling.blocks import Memory
from stats.resampling.intervals import Sample
from stats.resampling.resampler import Resampler, Stratum

from .conftest import GOLDEN


@pytest.fixture(scope="module")
def r() -> dict[str, Any]:
    return json.loads((GOLDEN / "audit.json").read_text())


def frame(values) -> pd.DataFrame:
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(values, [f"t{i:02}" for i in range(len(values))], [f"m{j}" for j in range(values.shape[1])])


def pair(a, b) -> pd.DataFrame:
    return frame(np.column_stack([a, b]))


@pytest.mark.parametrize("method", ["bonferroni", "holm", "hochberg", "hommel", "bh", "by"])
def test_p_adjust(r, method):
    for p, expected in zip(r["p"], r[method], strict=True):
        np.testing.assert_allclose(adjust(p, method), expected, rtol=1e-12, atol=1e-15)


def test_hodges_lehmann_at_three_levels_is_wilcox_tests(r):
    expected = np.reshape(r["hodges_lehmann"], (len(r["differences"]), 3, 3))
    for d, of_levels in zip(r["differences"], expected, strict=True):
        for level, values in zip((0.9, 0.95, 0.99), of_levels, strict=True):
            found = effects(pair(d, np.zeros(len(d))), confidence_level=level).extra
            names = ("hodges_lehmann", "hodges_lehmann_low", "hodges_lehmann_high")
            np.testing.assert_allclose([found[n][0] for n in names], values, atol=1e-9)


@pytest.mark.parametrize("name", ["d_z", "share"])
def test_noncentral_t_and_binomial_intervals(r, name):
    for d, values in zip(r["differences"], r[name], strict=True):
        found = effects(pair(d, np.zeros(len(d)))).extra
        names = ("d_z", "d_z_low", "d_z_high") if name == "d_z" else ("common_language_low", "common_language_high")
        np.testing.assert_allclose([found[n][0] for n in names], values, atol=1e-5)  # R's pt says 1e-7, uniroot more


@pytest.mark.parametrize("name", ["cliffs_delta", "rank_biserial"])
def test_correlations_with_a_jackknife_done_task_by_task(r, name):
    for a, d, values in zip(r["x"], r["differences"], r[name], strict=True):
        b = np.round(np.asarray(a) - d, 1)
        found = effects(pair(a, b)).extra
        np.testing.assert_allclose(
            [found[name][0], found[f"{name}_low"][0], found[f"{name}_high"][0]], values, atol=1e-9
        )


def test_omnibus_tests_of_tied_tables(r):
    for table, of_quade, of_friedman in zip(r["tables"], r["quade"], r["friedman"], strict=True):
        found = quade(frame(table))
        np.testing.assert_allclose([found.statistic, found.pvalue], of_quade, rtol=1e-9)
        found = friedman(frame(table))
        np.testing.assert_allclose([found.statistic, found.pvalue], of_friedman, rtol=1e-9)
    assert friedman(frame(r["three"]), method="exact").pvalue == pytest.approx(r["friedman_exact"][0])


def test_bca_on_the_resamples_written_out(r):
    d = np.array(r["differences"][3])
    counts = np.array([np.bincount(np.array(row, dtype=int), minlength=len(d)) for row in r["draws"]], dtype=float)
    resampler = Resampler((Stratum(np.eye(len(d)), counts),))
    values = d[None]
    sample = Sample(values, values.mean(axis=1), np.full(1, np.nan), np.array([1e-12]), resampler, Memory())
    low, high, _ = sample.interval("bca", 0.95, "two-sided")
    np.testing.assert_allclose([low[0], high[0]], r["bca"], rtol=1e-9)


def test_bonferroni_dunn(r):
    found = bonferroni_dunn(frame(r["dunn_table"]), control="m0")
    np.testing.assert_allclose(found.statistic, r["dunn_z"], rtol=1e-9)
    np.testing.assert_allclose(found.pvalue_adjusted, r["dunn_p"], rtol=1e-9)
    assert dunn_critical_difference(5, 11) == pytest.approx(r["dunn_q"][0] * np.sqrt(30 / 66))
