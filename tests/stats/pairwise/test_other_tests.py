"""Sign, sign-flip and t tests: against R, scipy and all sign vectors."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from stats import InputError, UndefinedWarning, bayes_t, paired_t, sign_flip, sign_test


def table(values):
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(
        values, index=[f"t{i:02}" for i in range(len(values))], columns=[f"m{j}" for j in range(values.shape[1])]
    )


def against_zero(differences):
    return table(np.column_stack([differences, np.zeros(len(differences))]))


def test_sign_test_equals_r(r_values):
    np.testing.assert_allclose(sign_test(table(r_values["untied"])).pvalue, r_values["sign_p"], rtol=1e-12)


def test_demsars_sign_test_is_not_significant():
    # 11 wins of 14 (table 2 of the paper): the exact two-sided p is .0574.
    found = sign_test(against_zero([0.1] * 11 + [-0.1] * 3))
    np.testing.assert_allclose(found.pvalue, 0.057373046875)
    assert found.statistic.tolist() == [11]


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_sign_test_one_sided_equals_scipy(alternative):
    d = np.array([0.2, 0.1, -0.1, 0.0, 0.4, 0.3, -0.5, 0.2])
    expected = scipy_stats.binomtest(5, 7, alternative=alternative).pvalue
    np.testing.assert_allclose(sign_test(against_zero(d), alternative=alternative).pvalue, expected)


def test_t_test_equals_r(r_values):
    found = paired_t(table(r_values["untied"]))
    np.testing.assert_allclose(found.statistic, r_values["t"], rtol=1e-10)
    np.testing.assert_allclose(found.pvalue, r_values["t_p"], rtol=1e-10)
    np.testing.assert_allclose(found.low, r_values["t_low"], rtol=1e-9)
    np.testing.assert_allclose(found.low + found.high, 2 * found.difference, rtol=1e-9)


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_t_test_one_sided_equals_scipy(r_values, alternative):
    x = r_values["untied"]
    expected = scipy_stats.ttest_rel(x[:, 0], x[:, 1], alternative=alternative).pvalue
    np.testing.assert_allclose(paired_t(table(x), alternative=alternative).pvalue[0], expected)


def test_t_test_of_constant_differences():
    found = paired_t(table([[0.5, 0.4, 0.5], [0.7, 0.6, 0.7], [0.2, 0.1, 0.2]]))
    assert found.statistic.tolist() == [np.inf, 0.0, -np.inf]
    assert found.pvalue.tolist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize("least", [1e-13, 1e-17, 1e-200])
def test_t_test_of_models_that_differ_on_one_task_by_rounding(least):
    """Differences x, 0, ..., 0 have t = (x / n) / sqrt(x^2 / n^2) = 1 with any x, as R's t.test says; never p = 0."""
    a = np.array([0.5, 0.6, 0.7, 0.8, 0.0, 0.3, 0.2, 0.1])
    b = np.where(a == 0, least, a)
    found = paired_t(table(np.column_stack([a, b])))
    assert found.statistic[0] == pytest.approx(-1.0)
    assert found.pvalue[0] == pytest.approx(2 * scipy_stats.t.sf(1, 7))
    assert found.low[0] < 0 < found.high[0]
    assert bayes_t(table(np.column_stack([a, b]))).extra["p_worse"][0] == pytest.approx(scipy_stats.t.cdf(1, 7))


def test_t_test_of_one_shared_task_is_undefined():
    frame = table([[0.5, 0.4], [0.7, np.nan]])
    with pytest.warns(UndefinedWarning, match=r"1 pair\(s\) share fewer than two tasks"):
        found = paired_t(frame)
    with pytest.warns(UndefinedWarning, match="their probabilities are undefined"):
        assert np.isnan(bayes_t(frame).extra["p_better"]).all()
    assert found.n.tolist() == [1]
    assert np.isnan(found.pvalue).all()
    assert np.isnan(found.low).all()


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_sign_flip_is_exact_for_few_tasks(alternative):
    d = np.array([0.3, -0.1, 0.25, 0.05, 0.4, -0.2, 0.1])
    sums = np.array([(np.array(s) * d).sum() for s in product([-1, 1], repeat=len(d))])
    expected = {
        "two-sided": np.mean(np.abs(sums) >= abs(d.sum()) - 1e-12),
        "greater": np.mean(sums >= d.sum() - 1e-12),
        "less": np.mean(sums <= d.sum() + 1e-12),
    }[alternative]
    found = sign_flip(against_zero(d), alternative=alternative)
    np.testing.assert_allclose(found.pvalue, expected, rtol=1e-12)
    assert "all 128 sign vectors" in found.method


def test_sign_flip_equals_scipys_permutation_test(r_values):
    x = r_values["untied"]
    expected = scipy_stats.permutation_test(
        (x[:, 0], x[:, 1]), lambda a, b, axis: np.mean(a - b, axis=axis), permutation_type="samples", n_resamples=np.inf
    ).pvalue
    np.testing.assert_allclose(sign_flip(table(x)).pvalue[0], expected, rtol=1e-12)


def test_random_sign_vectors_come_close_and_count_the_data(r_values):
    frame = table(r_values["untied"])
    exact, sampled = sign_flip(frame), sign_flip(frame, n_resamples=2000, rng=1)
    np.testing.assert_allclose(sampled.pvalue, exact.pvalue, atol=4 * np.sqrt(0.25 / 2000))
    assert sampled.pvalue.min() >= 1 / 2001
    np.testing.assert_array_equal(sampled.pvalue, sign_flip(frame, n_resamples=2000, rng=1).pvalue)
    assert (sampled.pvalue != sign_flip(frame, n_resamples=2000, rng=2).pvalue).any()


def test_the_order_of_tasks_does_not_matter(small):
    here, there = (sign_flip(t, n_resamples=100, rng=0).pvalue for t in (small.table, small.table.iloc[::-1]))
    np.testing.assert_array_equal(here, there)


def test_groups_flip_together():
    # Two groups: only four sign vectors, so nothing below 2/4.
    found = sign_flip(against_zero([0.1, 0.2, 0.3, 0.4]), groups=["x", "x", "y", "y"])
    assert found.pvalue.tolist() == [0.5]


@pytest.mark.parametrize("test", [sign_test, paired_t, sign_flip])
def test_identical_models_and_batches(small, test):
    together = test(small, **({"rng": 0} if test is sign_flip else {})).to_frame().set_index(["model_a", "model_b"])
    assert together.loc[("d", "d again"), "pvalue"] == 1
    for a, b in together.index:
        alone = test(small.table[[a, b]], **({"rng": 0} if test is sign_flip else {})).pvalue[0]
        np.testing.assert_allclose(alone, together.loc[(a, b), "pvalue"], rtol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 20)] * 3), min_size=2, max_size=8))
def test_swapping_models_negates(rows):
    values = np.array(rows) / 20
    for test in (sign_test, paired_t, sign_flip):
        here, there = test(table(values)), test(table(values[:, ::-1]))
        np.testing.assert_allclose(here.difference, -there.difference[::-1], atol=1e-15)
        np.testing.assert_allclose(here.pvalue, there.pvalue[::-1], rtol=1e-9)


def test_errors_say_what_was_expected(small):
    with pytest.raises(InputError, match="confidence_level=95: expected a number strictly between 0 and 1"):
        paired_t(small, confidence_level=95)
    with pytest.raises(InputError, match="groups has 1 labels for 12 tasks"):
        sign_flip(small, groups=["x"])
