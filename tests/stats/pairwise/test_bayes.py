"""The Bayesian tests against baycomp, scipy, and their own two ways of summing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate
from scipy.stats import t as student

from stats.common.errors import InputError
from stats.pairwise import _walsh
from stats.pairwise.bayes import bayes_signed_rank, bayes_t
from stats.scores import Scores


def _frame(values):
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(values, index=[f"t{i}" for i in range(len(values))], columns=list("abcdef")[: values.shape[1]])


def _table(n, k=3, seed=0, scale=0.02):
    return _frame(np.random.default_rng(seed).normal(0.5, scale, (n, k)) + 0.01 * np.arange(k))


@pytest.mark.parametrize("rope", [0.0, 0.01])
def test_signed_rank_is_baycomps(rope):
    baycomp = pytest.importorskip("baycomp")
    table = _table(15)
    found = bayes_signed_rank(table, rope=rope, n_resamples=20_000, rng=0).to_frame()
    for row in found.itertuples():
        theirs = baycomp.SignedRankTest.probs(
            table[row.model_b].to_numpy(), table[row.model_a].to_numpy(), rope, nsamples=20_000, random_state=1
        )
        ours = (row.p_worse, row.p_better) if rope == 0 else (row.p_worse, row.p_equivalent, row.p_better)
        assert ours == pytest.approx(theirs, abs=0.02)


def test_t_is_baycomps():
    baycomp = pytest.importorskip("baycomp")
    table = _table(10)
    found = bayes_t(table, rope=0.005, correlation=0.1).to_frame().iloc[0]
    left, rope, right = baycomp.CorrelatedTTest.probs(
        table["b"].to_numpy(), table["a"].to_numpy(), rope=0.005, runs=1
    )  # runs = 1: the test share is 1 / 10
    assert (found["p_worse"], found["p_equivalent"], found["p_better"]) == pytest.approx((left, rope, right), abs=1e-9)


def test_expected_loss_of_t_is_the_integral():
    table = _table(8)
    found = bayes_t(table).to_frame().iloc[0]
    d = (table["a"] - table["b"]).to_numpy()
    posterior = student(7, d.mean(), d.std(ddof=1) / np.sqrt(8))
    expected = integrate.quad(lambda x: -x * posterior.pdf(x), -np.inf, 0)[0]
    assert found["expected_loss_a"] == pytest.approx(expected, rel=1e-6)
    assert found["expected_loss_b"] - found["expected_loss_a"] == pytest.approx(d.mean(), rel=1e-6)


@given(
    st.lists(st.lists(st.integers(0, 8), min_size=3, max_size=3), min_size=1, max_size=9),
    st.sampled_from([0.0, 0.5, 1.0, 2.0]),
)
@settings(max_examples=25, deadline=None)
def test_products_and_sorting_are_one_sum(values, rope):
    table = _frame(values)
    table = table.mask(table == 7)
    if table.isna().all(axis=0).any():
        return
    found = []
    for limit in (64, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_walsh, "_PRODUCT_LIMIT", limit)
            found.append(bayes_signed_rank(table, rope=rope, n_resamples=200, rng=1).to_frame())
    for column in ("p_better", "p_equivalent", "p_worse"):
        assert found[0][column].tolist() == pytest.approx(found[1][column].tolist(), abs=1e-12)


def test_quadratic_form_by_brute_force():
    d = np.array([0.3, -0.1, 0.2, 0.05])
    found = bayes_signed_rank(_frame(np.c_[d, 0 * d]), rope=0.04, n_resamples=400, rng=7).to_frame().iloc[0]
    rng = np.random.default_rng(7)
    z = np.r_[0, d]
    weights = np.c_[rng.gamma(0.5, size=400), rng.standard_gamma(1.0, size=(400, 4))]
    weights /= weights.sum(axis=1, keepdims=True)
    sums = z[:, None] + z[None, :]
    wins = np.zeros(3)
    for w in weights:
        theta = [(np.outer(w, w) * part).sum() for part in (sums > 0.08, np.abs(sums) <= 0.08, sums < -0.08)]
        wins[int(np.argmax(theta))] += 1
    assert (found["p_better"], found["p_equivalent"], found["p_worse"]) == pytest.approx(wins / 400)
    means = weights @ z
    assert found["expected_loss_a"] == pytest.approx(np.maximum(-means, 0).mean())
    assert (found["low"], found["high"]) == pytest.approx(np.quantile(means, [0.025, 0.975]))


@pytest.mark.parametrize("rope", [0.0, 0.01])
def test_draws_near_a_tie_are_decided_in_double_precision(rope, monkeypatch):
    """Single precision may only decide what its rounding cannot turn round: on many draws the counts are those of double."""
    table = _table(41, 4)
    quick = bayes_signed_rank(table, rope=rope, n_resamples=20_000, rng=0).to_frame()
    monkeypatch.setattr(_walsh, "_PRODUCT_LIMIT", 0)
    plain = bayes_signed_rank(table, rope=rope, n_resamples=20_000, rng=0).to_frame()
    pd.testing.assert_frame_equal(quick, plain, check_exact=True)


def test_swapping_models_swaps_the_answer_and_direction_turns_it():
    table = _table(12, 2)
    one = bayes_signed_rank(table, rope=0.005, n_resamples=500, rng=0).extra
    other = bayes_signed_rank(table[["b", "a"]], rope=0.005, n_resamples=500, rng=0).extra
    down = Scores.build(table, pd.DataFrame(index=table.index), higher_is_better=False)
    turned = bayes_signed_rank(down, rope=0.005, n_resamples=500, rng=0).extra
    assert one["p_better"] == pytest.approx(other["p_worse"])
    assert turned["p_better"] == pytest.approx(one["p_worse"])
    assert turned["expected_loss_a"] == pytest.approx(one["expected_loss_b"])


def test_a_pair_does_not_depend_on_the_batch():
    table = _table(10, 5)
    every = bayes_signed_rank(table, n_resamples=500, rng=0).to_frame().set_index(["model_a", "model_b"])
    two = bayes_signed_rank(table[["b", "d"]], n_resamples=500, rng=0).to_frame().iloc[0]
    assert every.loc[("b", "d"), "p_better"] == two["p_better"]


def test_the_order_of_tasks_changes_no_draw():
    table = _table(10, 3)
    here, there = (bayes_signed_rank(t, n_resamples=200, rng=0).to_frame() for t in (table, table.iloc[::-1]))
    pd.testing.assert_frame_equal(here, there)


def test_identical_models_are_equivalent_or_even():
    table = _frame([[0.5, 0.5], [0.1 + 0.2, 0.3], [0.7, 0.7]])
    even = bayes_signed_rank(table, n_resamples=100, rng=0).to_frame().iloc[0]
    assert (even["p_better"], even["p_equivalent"], even["p_worse"]) == (0.5, 0.0, 0.5)
    same = bayes_signed_rank(table, rope=0.01, n_resamples=100, rng=0).to_frame().iloc[0]
    assert same["p_equivalent"] == 1
    by_t = bayes_t(table).to_frame().iloc[0]
    assert (by_t["p_better"], by_t["p_worse"]) == (0.5, 0.5)
    assert bayes_t(table, rope=0.01).extra["p_equivalent"].tolist() == [1.0]


@pytest.mark.parametrize("options", [{"rope": -1}, {"prior": 0}, {"n_resamples": 0}, {"confidence_level": 1.0}])
def test_bad_options(options):
    with pytest.raises(InputError, match="expected"):
        bayes_signed_rank(_table(5), **options)
    with pytest.raises(InputError, match="correlation"):
        bayes_t(_table(5), correlation=1.0)
