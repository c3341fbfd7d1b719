"""How many more tasks would decide: said where it can be, by the right number, and nowhere else."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.power import TTestPower

import stats
from reports import text_report
from stats.comparison.next_steps import next_steps
from stats.planning.deciding import MOST_TASKS, _Experiments, tasks_to_decide
from stats.planning.simulation import spread_df


def two(n: int, mean: float, spread: float = 0.03, seed: int = 0) -> pd.DataFrame:
    """Two models whose differences have this mean and this standard deviation exactly."""
    rng = np.random.default_rng(seed)
    d = rng.normal(size=n)
    d = (d - d.mean()) / d.std(ddof=1) * spread + mean
    b = rng.uniform(0.4, 0.8, n)
    return pd.DataFrame({"a": b + d, "b": b}, index=[f"t{i}" for i in range(n)])


@pytest.mark.parametrize(("mean", "level"), [(0.01, 0.05), (0.02, 0.05), (0.01, 0.005)])
def test_of_normal_differences_it_is_the_number_of_the_noncentral_t(mean: float, level: float) -> None:
    """By statsmodels' power of the t test, where many tasks know the spread."""
    frame = two(400, mean)
    right = TTestPower().solve_power(mean / 0.03, power=0.8, alpha=level)
    found, low, high = tasks_to_decide((frame["a"] - frame["b"]).to_numpy(), level, test="paired-t", n_values=400_000)
    assert found == pytest.approx(right, rel=0.06)
    assert low < found < high


def test_with_so_many_tasks_a_new_comparison_decides_four_times_out_of_five() -> None:
    """Against experiments made here, of normal differences, by scipy's Wilcoxon test."""
    d = (two(60, 0.012)["a"] - two(60, 0.012)["b"]).to_numpy()
    n = int(tasks_to_decide(d, 0.05, n_values=400_000)[0])
    drawn = np.random.default_rng(1).normal(0.012, 0.03, size=(2_000, n))
    share = (scipy_stats.wilcoxon(drawn, axis=1, method="asymptotic").pvalue <= 0.05).mean()
    assert share == pytest.approx(0.8, abs=0.05)


def test_a_difference_too_small_to_see_is_out_of_reach() -> None:
    assert np.isnan(tasks_to_decide((two(20, 1e-4)["a"] - two(20, 1e-4)["b"]).to_numpy(), 0.05)[0])
    assert next_steps(stats.compare(two(20, 1e-4), rng=0)).startswith(f"More than {MOST_TASKS:,} tasks would be needed")


def test_the_better_model_is_named_first_also_where_lower_is_better() -> None:
    frame = two(12, 0.012)
    up = next_steps(stats.compare(frame, rng=0))
    down = next_steps(stats.compare(stats.Scores.from_frame(frame.rename_axis("task"), higher_is_better=False), rng=0))
    assert "would decide a against b, if it is better by the 0.0120 seen here" in up
    assert "would decide b against a, if it is better by the 0.0120 seen here" in down


def test_queries_are_called_queries() -> None:
    frame = two(30, 0.01).rename_axis("query").reset_index()
    samples = stats.Samples.from_frame(
        frame.melt(id_vars="query", var_name="model", value_name="score").rename(columns={"query": "sample"}),
        unit="query",
        metric="nDCG@10",
    )
    said = text_report(stats.compare(samples.items(), rng=0))
    assert re.search(r"Next: \d+ more queries would", said)
    assert not re.search(r"\btasks?\b", said)


@pytest.mark.parametrize(
    "options",
    [{"test": "bayes"}, {"groups": ["x", "y"] * 6}, {"control": "b", "alternative": "greater", "correction": "holm"}],
    ids=["no p", "groups", "one-sided"],
)
def test_where_it_cannot_be_said_nothing_is(options: dict) -> None:
    assert next_steps(stats.compare(two(12, 0.005), rng=0, **options)) == ""


def test_nothing_is_said_of_ties_of_few_tasks_and_of_what_is_decided() -> None:
    tied = two(12, 0.005)
    tied.iloc[:6, 0] = tied.iloc[:6, 1]
    assert next_steps(stats.compare(tied, rng=0)) == ""
    assert next_steps(stats.compare(two(4, 0.005), rng=0)) == ""
    assert next_steps(stats.compare(two(30, 0.05), rng=0)) == ""
    assert "Next: " not in text_report(stats.compare(two(30, 0.05), rng=0))


def test_numbers_of_tasks_are_tried_on_the_same_values():
    residuals = np.array([-0.02, -0.01, 0.0, 0.01, 0.03])
    one, another = _Experiments(residuals, 0), _Experiments(residuals, 0)
    large = one.of(300, 250, None)
    small = one.of(10, 4_000, 2.0)
    np.testing.assert_array_equal(another.of(10, 4_000, 2.0), small)  # in whatever order they are asked for
    np.testing.assert_array_equal(another.of(300, 250, None), large)
    assert (large.shape, small.shape) == ((250, 300), (4_000, 10))
    # 40,000 values of twice the pilot's spread: the standard error of theirs is 2 * sd / sqrt(2 * 40,000)
    assert small.std() == pytest.approx(2 * residuals.std(), rel=0.02)
    ratio = large.std(axis=1) / residuals.std()  # every experiment has a spread of its own: the root of df / chi2
    df = spread_df(residuals)
    for share in (0.25, 0.5, 0.75):
        assert np.quantile(ratio, share) == pytest.approx(np.sqrt(df / scipy_stats.chi2.isf(share, df)), rel=0.15)
