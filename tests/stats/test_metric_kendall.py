"""Weighted Kendall's tau-b against scipy on data repeated as often as the weights say."""

import numpy as np
import pytest
from scipy.stats import kendalltau

from stats.metrics import Cell, weighted_kendall
from stats.metrics import kendall as home


@pytest.mark.parametrize("block", [4, 1 << 22])
def test_it_is_scipys_tau_of_the_repeated_data(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "_BLOCK", block)
    generator = np.random.default_rng(0)
    x, y = generator.integers(0, 8, 30) / 7, generator.integers(0, 5, 30) / 3
    weights = np.vstack([np.ones(30), generator.multinomial(30, np.full(30, 1 / 30), size=4)]).astype(float)
    found = weighted_kendall(Cell(np.arange(30), {"prediction": x, "gold": y}), weights)
    expected = [kendalltau(np.repeat(x, w.astype(int)), np.repeat(y, w.astype(int))).statistic for w in weights]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_a_constant_variable_has_none() -> None:
    cell = Cell(np.arange(3), {"prediction": np.ones(3), "gold": np.arange(3.0)})
    assert np.isnan(weighted_kendall(cell, np.ones((1, 3)))).all()
