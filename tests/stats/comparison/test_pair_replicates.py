"""Two models on a task where scores are means of runs: against scipy's Welch intervals."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from stats import compare
from stats.comparison.pair_replicates import replicate_differences


def seeds(runs: dict[tuple[str, str], list[float]]) -> pd.DataFrame:
    rows = [(t, m, i, v) for (t, m), values in runs.items() for i, v in enumerate(values)]
    return pd.DataFrame(rows, columns=["task", "model", "seed", "score"])


def test_intervals_are_welchs():
    rng = np.random.default_rng(0)
    runs = {
        (f"t{t}", m): list(rng.normal(0.5 + 0.1 * (m == "a"), 0.02, 3 + (m == "b"))) for t in range(3) for m in "abc"
    }
    found = replicate_differences(compare(seeds(runs), n_resamples=50, rng=0))
    assert "training runs" in found.method
    assert len(found.tasks) == 9
    for row in found.tasks.itertuples():
        a, b = runs[row.task, row.model_a], runs[row.task, row.model_b]
        known = ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
        assert (row.low, row.high) == pytest.approx((known.low, known.high))
        assert row.difference == pytest.approx(np.mean(a) - np.mean(b))
        assert row.n_samples == min(len(a), len(b))


def test_runs_that_never_differ_have_an_interval_of_no_width_and_one_run_has_none():
    runs = {(f"t{t}", m): [0.5 + 0.1 * (m == "a") + 0.01 * t] * (2 if t else 1) for t in range(3) for m in "ab"}
    found = replicate_differences(compare(seeds(runs), n_resamples=50, rng=0)).tasks
    assert set(found["task"]) == {"t1", "t2"}
    np.testing.assert_allclose(found[["low", "high"]], np.outer(found["difference"], [1, 1]))
    alone = pd.DataFrame({"a": [0.5, 0.6, 0.7], "b": [0.4, 0.5, 0.5]}, index=["x", "y", "z"])
    assert replicate_differences(compare(alone, n_resamples=50, rng=0)) is None
