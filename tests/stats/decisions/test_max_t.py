"""max_t against brute force over all sign vectors, published procedures and hand-made cases."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from stats.common.errors import InputError
from stats.decisions import joint_max_t, max_t
from stats.pairwise import wilcoxon
from stats.scores import Scores

from .brute import adjusted

KINDS = ("signed-rank", "mean", "sign")


def _frame(rows):
    rows = np.asarray(rows, dtype=float)
    return pd.DataFrame(
        rows.T, index=[f"t{i:02}" for i in range(rows.shape[1])], columns=[f"m{i}" for i in range(len(rows))]
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("world", ["plain", "rounded", "twins"])
def test_adjusted_p_is_that_of_all_sign_vectors(kind, world):
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 1000, size=(4, 8)) / 1000 + np.array([0.4, 0.2, 0, 0])[:, None]
    if world == "rounded":
        rows = rows.round(1)
    if world == "twins":
        rows[3] = rows[0]
    found = max_t(_frame(rows), statistic=kind)
    right = adjusted(np.round(rows * 1000), kind)
    joint = np.array([right[i, j] for i, j in zip(found.first, found.second, strict=True)])
    # Never below the pair's own exact p-value, which its joint one cannot be either.
    assert found.pvalue_adjusted == pytest.approx(joint, abs=1e-9)


@pytest.mark.parametrize(("alternative", "side"), [("greater", 1), ("less", -1)])
def test_one_sided_against_a_control(alternative, side):
    rows = np.random.default_rng(5).integers(0, 50, size=(4, 7)) + np.array([30, 10, 0, 5])[:, None]
    found = max_t(_frame(rows), alternative=alternative, control="m3")
    right = adjusted(rows, "signed-rank", side, control=3)
    assert found.pvalue_adjusted == pytest.approx([right[i, 3] for i in range(3)], abs=1e-9)
    assert np.isinf(found.high if side > 0 else found.low).all()


def test_a_pair_alone_is_wilcoxon_exactly():
    """The depression data of Hollander and Wolfe (1999), example 3.1, and a tenth pair: Wilcoxon's exact p, Walsh averages 9 and 47 of 55."""
    d = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30, 0.2])
    other = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29, 0.1])
    found = max_t(_frame([d, other]))
    right = scipy_stats.wilcoxon(d, other, method="exact")
    assert found.pvalue_adjusted == pytest.approx([right.pvalue], abs=1e-12)
    averages = np.sort([(x + y) / 2 for i, x in enumerate(d - other) for y in (d - other)[i:]])
    # Hollander and Wolfe's table A.4: of 10 differences P(W <= 8) = .0244, so the 9th smallest of 55 averages.
    assert (found.low[0], found.high[0]) == pytest.approx((averages[8], averages[-9]))
    assert found.estimate[0] == pytest.approx(np.median(averages))


def test_marginal_p_values_are_those_of_wilcoxon():
    rng = np.random.default_rng(0)
    frame = _frame(rng.normal(size=(6, 60)).round(1))
    found = max_t(frame, rng=0)
    assert found.pvalue == pytest.approx(wilcoxon(frame).pvalue, rel=1e-12)


def test_mean_interval_is_a_t_interval_with_the_critical_value_of_the_flips():
    rows = np.random.default_rng(2).normal(size=(3, 12))
    found = max_t(_frame(rows), statistic="mean")
    c = found.critical
    t = c * np.sqrt(11 / (12 - c**2))
    for at, (i, j) in enumerate(zip(found.first, found.second, strict=True)):
        d = rows[i] - rows[j]
        reach = t * d.std(ddof=1) / np.sqrt(12)
        assert (found.low[at], found.high[at]) == pytest.approx((d.mean() - reach, d.mean() + reach), rel=1e-3)


def test_near_constant_differences_have_a_narrow_interval():
    found = max_t(_frame([[0.013, 0.009, 0.01, 0.01, 0.01, 0.01, 0.02], [0.0] * 7]))
    # W takes 28, 27, 26, ... with midranks 1, 3.5 (four times), 6, 7: P(|S| >= 26) = 4/128 <= .05 < P(|S| >= 21): averages 4 and 25 of 28.
    assert (found.low[0], found.high[0]) == pytest.approx((0.0095, 0.015))
    assert found.verdict.tolist() == ["a"]


@pytest.mark.parametrize("kind", ["signed-rank", "mean"])
def test_eleven_equal_differences_and_a_tie_have_a_finite_interval(kind):
    found = max_t(_frame([[0.01] * 11 + [0.0], [0.0] * 12]), statistic=kind)
    assert np.isfinite([found.low[0], found.high[0]]).all()
    assert 0 < found.low[0] <= found.high[0] < 0.012
    assert found.pvalue_adjusted[0] <= 0.05


def test_five_tasks_decide_nothing_and_say_so():
    found = max_t(_frame([[0.9] * 5, [0.5] * 5, [0.1] * 5]))
    assert found.powerless
    assert np.isinf(found.critical)
    assert (found.low == -np.inf).all()
    assert (found.high == np.inf).all()
    assert found.counts()["undecided"] == 3
    assert found.pvalue_adjusted.tolist() == [1 / 16] * 3


@pytest.mark.parametrize("kind", KINDS)
def test_identical_models_have_p_1_and_harm_nobody(kind):
    rows = np.random.default_rng(1).normal(size=(3, 9)) + np.array([2.0, 0, 0])[:, None]
    rows[2] = rows[1]
    found = max_t(_frame(rows), statistic=kind)
    alone = max_t(_frame(rows[:2]), statistic=kind)
    assert found.pvalue_adjusted[2] == 1
    assert (found.estimate[2], found.low[2] <= 0 <= found.high[2]) == (0.0, True)
    assert kind == "sign" or (found.low[2], found.high[2]) == (0.0, 0.0)  # equal on all of nine tasks
    assert found.pvalue_adjusted[0] == pytest.approx(alone.pvalue_adjusted[0])


def test_eight_tasks_five_models_can_decide_where_holm_cannot():
    rows = np.arange(5)[:, None] * 1.0 + np.random.default_rng(0).normal(size=(5, 8)) * 0.1
    assert max_t(_frame(rows)).decided.all()
    assert min(10 * wilcoxon(_frame(rows)).pvalue) > 0.05


def test_groups_are_units_of_their_mean():
    rows = np.random.default_rng(4).normal(size=(3, 12))
    labels = [str(i // 2) for i in range(12)]
    grouped = max_t(_frame(rows), groups=labels)
    means = max_t(_frame(rows.reshape(3, 6, 2).mean(axis=2)))
    assert (grouped.n_units, grouped.units) == (6, "groups of tasks")
    assert grouped.pvalue_adjusted.tolist() == means.pvalue_adjusted.tolist()
    assert grouped.estimate == pytest.approx(means.estimate)
    assert grouped.n.tolist() == [12] * 3


def test_missing_scores_leave_each_pair_its_own_tasks():
    rows = np.random.default_rng(6).normal(size=(3, 10)) + np.array([3.0, 0, 0])[:, None]
    rows[0, :3] = np.nan
    found = max_t(_frame(rows))
    assert found.n.tolist() == [7, 7, 10]
    assert found.pvalue[0] == pytest.approx(scipy_stats.wilcoxon(rows[0, 3:], rows[1, 3:], method="exact").pvalue)
    rows[1, 3:] = np.nan
    apart = max_t(_frame(rows))
    assert np.isnan([apart.pvalue_adjusted[0], apart.low[0], apart.high[0], apart.estimate[0]]).all()
    assert apart.verdict[0] == "undecided"


def test_parts_hold_together_and_powerless_ones_cost_nothing():
    rng = np.random.default_rng(7)
    frame = _frame(rng.normal(size=(4, 13)))
    whole = Scores.from_frame(frame, rows="tasks")
    small, large = whole.select(tasks=["t00", "t01", "t02"]), whole.select(tasks=[f"t{i:02}" for i in range(11)])
    alone = max_t(whole)
    found = joint_max_t([whole, small])
    assert found[0].critical == alone.critical
    assert found[1].powerless
    joint = joint_max_t([whole, large])
    assert joint[0].critical == joint[1].critical >= alone.critical
    assert (joint[0].pvalue_adjusted >= alone.pvalue_adjusted).all()


def test_order_of_tasks_and_threads_change_nothing(monkeypatch):
    frame = _frame(np.random.default_rng(8).normal(size=(9, 30)))
    found = max_t(frame, rng=1).to_frame()
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    pd.testing.assert_frame_equal(max_t(frame.iloc[::-1], rng=1).to_frame(), found, check_exact=True)


def test_equivalence_and_non_inferiority_by_the_same_intervals():
    d = np.array([0.001, -0.001, 0.002, 0.0, -0.002, 0.001, -0.001, 0.0005])
    found = max_t(_frame([0.5 + d, np.full(8, 0.5)]), margin=0.01)
    assert found.verdict.tolist() == ["equivalent"]
    assert found.non_inferior.tolist() == ["both"]
    assert max_t(_frame([0.5 + d, np.full(8, 0.5)]), margin=0.001).verdict.tolist() == ["undecided"]
    assert max_t(_frame([0.7 + d, np.full(8, 0.5)]), margin=0.01).non_inferior.tolist() == ["a"]


def test_directions_where_lower_is_better():
    scores = Scores.from_frame(_frame([[0.9] * 6, [0.5] * 6]), rows="tasks", higher_is_better=False)
    found = max_t(scores)
    assert (found.verdict.tolist(), found.low[0] > 0) == (["b"], True)
    assert [r.tolist() for r in found.rank_sets()] == [[2, 1], [2, 1]]


@pytest.mark.parametrize(
    "options",
    [{"statistic": "median"}, {"alternative": "more"}, {"zero_method": "x"}, {"margin": -1}, {"n_resamples": 0}],
)
def test_wrong_options_are_one_clear_line(options):
    with pytest.raises(InputError):
        max_t(_frame(np.zeros((2, 16))), **options)
