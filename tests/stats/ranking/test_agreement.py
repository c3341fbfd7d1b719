"""Agreement of tasks: sentences that chance or rounding must not write."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from stats import agreement, compare


def _frame(values):
    return pd.DataFrame(
        values, index=[f"T{i}" for i in range(len(values))], columns=[f"m{i}" for i in range(values.shape[1])]
    )


@pytest.mark.parametrize("k", [2, 3, 4])
def test_noise_with_few_models_repeats_nothing(k):
    # With three models every sixth other task ranks them in the same order, with two every second.
    noise = _frame(np.random.default_rng(0).normal(size=(21, k)))
    found = agreement(noise)
    assert (found.tasks["closest_correlation"] >= 0.95).any()
    assert found.redundant.empty
    said = compare(noise, n_resamples=50, rng=0).further["agreement"]["tasks"].text
    assert "repeat another" not in said


def test_a_task_that_repeats_another_is_named():
    values = np.random.default_rng(1).normal(size=(8, 12))
    values[5] = values[2] + 1e-6 * np.arange(12)
    assert agreement(_frame(values)).redundant["task"].tolist() == ["T2", "T5"]


def test_the_chance_of_likeness_is_by_enumeration():
    values = np.random.default_rng(2).normal(size=(4, 5))
    found = agreement(_frame(values)).tasks.iloc[0]
    # By scipy's exact permutation of one ranking, times the three other tasks.
    from itertools import permutations

    closest = values[int(found["closest"][1:])]
    every = [spearmanr(p, closest).statistic for p in permutations(values[0])]
    share = np.mean(np.array(every) >= found["closest_correlation"] - 1e-9)
    assert found["closest_pvalue"] == pytest.approx(min(1, 3 * share))


def test_a_tau_of_one_within_rounding_is_no_dependence():
    frame = _frame(np.arange(24.0).reshape(4, 6) + 0.1)
    assert "Without any one task the ranking is the same." in str(agreement(frame))
    assert "1.000 without" not in str(agreement(frame))
    # Where many models trade a place or two, tau is shown with the digits that tell it from 1.
    values = (
        np.random.default_rng(3).normal(size=(60, 1))
        + np.arange(150)
        + 0.3 * np.random.default_rng(4).normal(size=(60, 150))
    )
    assert "1.000 without" not in str(agreement(_frame(values)))
