"""Friedman and Iman-Davenport: against R, Demsar 2006 and scipy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from stats import InputError, UndefinedWarning, conover, friedman, iman_davenport, mean_ranks


def table(values):
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(
        values, index=[f"t{i}" for i in range(len(values))], columns=[f"m{j}" for j in range(values.shape[1])]
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [("untied", "friedman"), ("tied", "friedman_tied"), ("rounding", "rounding_friedman")],
)
def test_equals_r(r_values, data, expected):
    found = friedman(table(r_values[data]))
    np.testing.assert_allclose([found.statistic, found.pvalue], r_values[expected], rtol=1e-10)


def test_demsars_printed_aucs(demsar):
    # The printed AUCs are rounded and tie one data set: ranks 3.143, 2, 2.929, 1.929 and chi2 10.952, p .01199.
    np.testing.assert_allclose(mean_ranks(demsar), [3.143, 2.000, 2.929, 1.929], atol=5e-4)
    found = friedman(demsar)
    assert found.statistic == pytest.approx(10.952, abs=5e-4)
    assert found.pvalue == pytest.approx(0.01199, abs=5e-6)
    assert found.df == 3


def test_demsars_unrounded_ranks(demsar):
    # One more digit parts the two on "voting", and the mean ranks are the paper's; so is its chi2, not corrected for ties.
    table_ = demsar.copy()
    table_.loc["voting", "C4.5+cf"] += 1e-4
    ranks = mean_ranks(table_)
    np.testing.assert_allclose(ranks, [3.143, 2.000, 2.893, 1.964], atol=5e-4)
    assert 12 * 14 / 20 * ((ranks**2).sum() - 25) == pytest.approx(9.28, abs=5e-3)


def test_iman_davenport_is_a_function_of_friedman(demsar):
    found, chi2 = iman_davenport(demsar), friedman(demsar).statistic
    assert found.statistic == pytest.approx(13 * chi2 / (14 * 3 - chi2))
    assert (found.df1, found.df2) == (3, 39)
    assert found.pvalue == pytest.approx(scipy_stats.f.sf(found.statistic, 3, 39))
    # The paper's own numbers: chi2 9.28 gives F 3.69.
    assert pytest.approx(3.69, abs=5e-3) == 13 * 9.28 / (14 * 3 - 9.28)


def test_without_ties_it_is_the_classical_formula(r_values):
    x = r_values["untied"]
    ranks = scipy_stats.rankdata(-x, axis=1).sum(axis=0)
    classical = 12 / (12 * 6 * 7) * (ranks**2).sum() - 3 * 12 * 7
    assert friedman(table(x)).statistic == pytest.approx(classical)


def test_identical_models():
    found = friedman(table([[1, 1], [2, 2]]))
    assert (found.statistic, found.pvalue) == (0, 1)
    assert iman_davenport(table([[1, 1], [2, 2]])).pvalue == 1


def test_perfect_agreement_and_a_single_task():
    perfect = iman_davenport(table([[3, 2, 1], [6, 5, 4], [9, 8, 7]]))
    # Three tasks rank three equal models alike in 6 of the 216 ways that they can: p was 0.
    assert perfect.statistic == np.inf
    assert perfect.pvalue == pytest.approx(1 / 36)
    with pytest.warns(UndefinedWarning, match="no degrees of freedom"):
        assert np.isnan(iman_davenport(table([[3, 2, 1]])).pvalue)
    with pytest.warns(UndefinedWarning, match="Conover's t and p are undefined"):
        assert np.isnan(conover(table([[3, 2, 1]])).pvalue).all()


def test_direction_and_order_do_not_matter(small):
    expected = friedman(small).statistic
    assert friedman(-small.table).statistic == pytest.approx(expected)
    assert friedman(small.table.iloc[::-1, ::-1]).statistic == pytest.approx(expected)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 5)] * 4), min_size=2, max_size=10))
def test_equals_scipy_where_scipy_is_defined(rows):
    x = np.array(rows, dtype=float)
    found = friedman(table(x))
    if all(len(set(row)) == 1 for row in rows):
        assert found.pvalue == 1
        return
    expected = scipy_stats.friedmanchisquare(*x.T)
    np.testing.assert_allclose(
        [found.statistic, found.pvalue], [expected.statistic, expected.pvalue], rtol=1e-9, atol=1e-12
    )


def test_near_ties_are_ties():
    x = np.array([[0.1 + 0.2, 0.3, 0.5], [0.3, 0.1 + 0.2, 0.4], [0.2, 0.2, 0.1]])
    assert friedman(table(x)).statistic == pytest.approx(friedman(table(x.round(6))).statistic)


def test_one_model_is_an_error():
    with pytest.raises(InputError, match="got 1 model"):
        friedman(table([[1], [2]]))
