"""The Wilcoxon signed-rank test: against R, coin, scipy and all sign vectors."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from stats import InputError, Scores, wilcoxon


def table(values):
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(
        values, index=[f"t{i:02}" for i in range(len(values))], columns=[f"m{j}" for j in range(values.shape[1])]
    )


def against_zero(differences):
    """One pair whose differences are exactly these."""
    return table(np.column_stack([differences, np.zeros(len(differences))]))


def by_enumeration(differences, zero_method="wilcox", alternative="two-sided"):
    """The p-value from all sign vectors of the nonzero differences."""
    d = np.asarray(differences, dtype=float)
    if zero_method == "wilcox":
        d = d[d != 0]
    ranks = scipy_stats.rankdata(np.abs(d).round(10))[d != 0]
    signs = np.sign(d[d != 0])
    if len(ranks) == 0:
        return 1.0
    plus = ranks[signs > 0].sum()
    sums = np.array([ranks[np.array(v) > 0].sum() for v in product([-1, 1], repeat=len(ranks))])
    upper, lower = np.mean(sums >= plus - 1e-9), np.mean(sums <= plus + 1e-9)
    return {"greater": upper, "less": lower, "two-sided": min(1.0, 2 * min(upper, lower))}[alternative]


def test_untied_pairs_equal_r(r_values):
    frame = table(r_values["untied"])
    np.testing.assert_allclose(wilcoxon(frame).pvalue, r_values["wilcoxon"], rtol=1e-12)
    np.testing.assert_allclose(wilcoxon(frame, alternative="greater").pvalue, r_values["wilcoxon_greater"], rtol=1e-12)


@pytest.mark.parametrize(("zero_method", "name"), [("wilcox", "coin_wilcoxon"), ("pratt", "coin_pratt")])
def test_ties_and_zeros_equal_coin(r_values, zero_method, name):
    for differences, expected in zip(r_values["tied"].T, r_values[name], strict=True):
        found = wilcoxon(against_zero(differences), zero_method=zero_method)
        np.testing.assert_allclose(found.pvalue, expected, rtol=1e-9)
        assert found.extra["exact"].all()


def test_one_sided_with_ties_and_zeros_equals_coin(r_values):
    for differences, expected in zip(r_values["tied"].T, r_values["coin_pratt_greater"], strict=True):
        found = wilcoxon(against_zero(differences), zero_method="pratt", alternative="greater")
        np.testing.assert_allclose(found.pvalue, expected, rtol=1e-9)


@pytest.mark.parametrize("zero_method", ["wilcox", "pratt", "zsplit"])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_ties_and_zeros_equal_all_sign_vectors(zero_method, alternative):
    rng = np.random.default_rng(3)
    for n in (1, 2, 3, 6, 9):
        differences = rng.integers(-3, 4, size=n) / 10
        found = wilcoxon(against_zero(differences), zero_method=zero_method, alternative=alternative)
        expected = by_enumeration(differences, zero_method, alternative)
        np.testing.assert_allclose(found.pvalue, expected, rtol=1e-12, err_msg=str(differences))


@pytest.mark.parametrize("zero_method", ["wilcox", "pratt", "zsplit"])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_beyond_fifty_equals_scipys_corrected_approximation(zero_method, alternative):
    d = np.random.default_rng(5).normal(0.2, 1, size=90).round(1)
    expected = scipy_stats.wilcoxon(
        d, zero_method=zero_method, alternative=alternative, correction=True, method="asymptotic"
    )
    found = wilcoxon(against_zero(d), zero_method=zero_method, alternative=alternative)
    np.testing.assert_allclose(found.pvalue, expected.pvalue, rtol=1e-9)
    np.testing.assert_allclose(found.statistic, expected.statistic)
    assert not found.extra["exact"].any()
    assert "normal approximation" in found.method


def test_beyond_fifty_equals_r(r_values):
    np.testing.assert_allclose(wilcoxon(against_zero(r_values["long"])).pvalue, r_values["long_p"], rtol=1e-9)


@pytest.mark.parametrize("n", [5, 20, 49, 50])
def test_untied_exact_equals_scipy_up_to_the_limit(n):
    d = np.random.default_rng(n).normal(0.3, 1, size=n)
    expected = scipy_stats.wilcoxon(d, method="exact")
    found = wilcoxon(against_zero(d))
    np.testing.assert_allclose(found.pvalue, expected.pvalue, rtol=1e-10)
    assert found.statistic == expected.statistic


def test_demsars_example(demsar):
    # Table 2 of the paper: R+ = 93, R- = 12 over 14 data sets, zeros split.
    pair = demsar[["C4.5+m", "C4.5"]]
    found = wilcoxon(pair, zero_method="zsplit")
    assert found.statistic.tolist() == [12.0]
    np.testing.assert_allclose(
        found.pvalue, by_enumeration((pair["C4.5+m"] - pair["C4.5"]).round(10), "pratt"), rtol=1e-12
    )


def test_the_depression_scale_example_of_r():
    # Hollander and Wolfe (1973), p. 29, in R's ?wilcox.test: V = 40, one-sided p = .01953.
    first = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    found = wilcoxon(table(np.column_stack([first, second])), alternative="greater")
    assert found.statistic.tolist() == [40.0]
    assert found.pvalue[0] == pytest.approx(10 / 512)


def test_identical_models_have_p_one(small):
    found = wilcoxon(small).to_frame().set_index(["model_a", "model_b"]).loc[("d", "d again")]
    assert found["pvalue"] == 1
    assert found["statistic"] == 0
    assert found["n_nonzero"] == 0


def test_the_p_of_a_pair_does_not_depend_on_the_batch(small):
    together = wilcoxon(small).to_frame().set_index(["model_a", "model_b"])["pvalue"]
    for a, b in together.index:
        alone = wilcoxon(small.table[[a, b]]).pvalue[0]
        assert alone == together[(a, b)]


def test_differences_that_agree_within_rounding_tie():
    a = np.array([0.1 + 0.2, 0.5, 0.9, 0.7])
    b = np.array([0.3, 0.4, 0.8, 0.4])  # differences 0, .1, .1 (in floats .0999...), .3
    found = wilcoxon(table(np.column_stack([a, b])))
    assert found.extra["n_nonzero"].tolist() == [3]
    assert found.pvalue.tolist() == [0.25]
    assert found.statistic.tolist() == [0.0]


def test_large_scores_do_not_blur_small_ones():
    """Rounding is measured task by task, not by the largest score in the table."""
    a = np.array([41_000.0, 0.5 + 2e-9, 0.5 + 1e-9, 0.6])
    b = np.array([41_000.0, 0.5, 0.5 + 2e-9, 0.5])
    found = wilcoxon(table(np.column_stack([a, b])))
    assert found.extra["n_nonzero"].tolist() == [3]
    assert found.statistic.tolist() == [1.0]


def test_missing_scores_leave_their_task_out_of_the_pair(r_values):
    values = r_values["untied"].copy()
    values[[1, 5], 0] = np.nan
    found = wilcoxon(table(values))
    without = wilcoxon(table(np.delete(r_values["untied"], [1, 5], axis=0)))
    with_zero = found.first == 0
    np.testing.assert_array_equal(found.n, np.where(with_zero, 10, 12))
    np.testing.assert_array_equal(found.pvalue[with_zero], without.pvalue[with_zero])


def test_a_control_is_b_of_every_pair(small):
    found = wilcoxon(small, control="b").to_frame()
    assert found["model_b"].unique().tolist() == ["b"]
    assert found["model_a"].tolist() == ["a", "c", "d", "d again"]
    overall = wilcoxon(small).to_frame().set_index(["model_a", "model_b"])
    assert found["difference"].iloc[0] == overall.loc[("a", "b"), "difference"]
    assert found["difference"].iloc[1] == -overall.loc[("b", "c"), "difference"]


scores = st.lists(st.tuples(*[st.integers(0, 20)] * 3), min_size=2, max_size=12).map(lambda rows: np.array(rows) / 20)


@settings(max_examples=40, deadline=None)
@given(scores, st.randoms(use_true_random=False))
def test_order_of_tasks_and_level_of_a_task_do_not_matter(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    shifts = np.array([random.randint(-5, 5) for _ in order])[:, None] / 4
    expected = wilcoxon(table(values)).pvalue
    np.testing.assert_array_equal(wilcoxon(table(values[order])).pvalue, expected)
    np.testing.assert_array_equal(wilcoxon(table(values + shifts)).pvalue, expected)


@settings(max_examples=40, deadline=None)
@given(scores)
def test_swapping_models_negates(values):
    here, there = wilcoxon(table(values)), wilcoxon(table(values[:, ::-1]))
    # Pairs (0,1), (0,2), (1,2) of the swapped table are (2,1), (2,0), (1,0) of this one.
    np.testing.assert_allclose(here.difference, -there.difference[::-1], atol=1e-15)
    np.testing.assert_array_equal(here.pvalue, there.pvalue[::-1])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
def test_the_exact_p_is_a_share_of_the_sign_vectors(differences):
    d = np.array(differences) / 8
    np.testing.assert_allclose(wilcoxon(against_zero(d)).pvalue, by_enumeration(d), rtol=1e-12)


def test_many_pairs_are_cut_in_blocks(r_values, monkeypatch):
    import sys

    expected = wilcoxon(table(r_values["untied"])).pvalue
    monkeypatch.setattr(sys.modules["stats.pairs"], "_BLOCK", 25)  # two pairs at a time
    np.testing.assert_array_equal(wilcoxon(table(r_values["untied"])).pvalue, expected)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"zero_method": "drop"}, "unknown zero_method 'drop': expected"),
        ({"alternative": "better"}, "alternative='better': expected"),
        ({"control": "m9"}, "control 'm9' is not among the 2 models"),
    ],
)
def test_errors_say_what_was_expected(options, words):
    with pytest.raises(InputError, match=words):
        wilcoxon(table([[1, 2], [3, 5]]), **options)


def test_one_model_is_an_error():
    with pytest.raises(InputError, match="got 1 model"):
        wilcoxon(Scores.from_frame(table([[1], [2]]), rows="tasks"))
