"""Bradley-Terry against R (tests/golden/bradley_terry.R), the model confidence set against its definition, agreement by hand."""

import numpy as np
import pandas as pd
import pytest

from stats.common.errors import InputError
from stats.ranking._agreement import agreement, kendall_w
from stats.ranking._bradley_terry import _Davidson, bradley_terry
from stats.ranking._model_confidence_set import model_confidence_set
from stats.scores import Scores

WINS = np.array([[0, 7, 9, 4], [3, 0, 6, 5], [1, 4, 0, 2], [6, 5, 8, 0]], dtype=float)
TIES = np.array([[0, 2, 0, 3], [2, 0, 1, 1], [0, 1, 0, 4], [3, 1, 4, 0]], dtype=float)


def _frame(values, names="abcdefgh"):
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(values, index=[f"t{i}" for i in range(len(values))], columns=list(names)[: values.shape[1]])


def _noise(n, k, seed, shift=0.0):
    return _frame(np.random.default_rng(seed).normal(0, 1, (n, k)) + shift * np.arange(k))


# -- Bradley-Terry -----------------------------------------------------------------------------------------------


def test_abilities_without_ties_are_rs_logistic_regression():
    fit = _Davidson(WINS, np.zeros((4, 4)))
    assert fit.ability == pytest.approx([0.56004055330, -0.09860464504, -0.90855720945, 0.44712130118], abs=1e-9)
    assert fit.tie == 0


def test_davidsons_ties_against_r():
    fit = _Davidson(WINS, TIES)
    assert fit.ability == pytest.approx([0.603266, -0.092828, -0.908789, 0.398351], abs=2e-5)
    assert fit.tie == pytest.approx(0.405891, abs=2e-5)


def test_probabilities_sum_to_one_and_follow_the_abilities():
    found = bradley_terry(_frame(np.random.default_rng(1).integers(0, 5, (30, 4)) + np.array([0, 0, 1, 1])), rng=0)
    win, tie, loss = found.probability("c", "a")
    assert win + tie + loss == pytest.approx(1)
    assert (win > loss) == (found.ability[2] > found.ability[0])
    assert tie > 0


def test_standard_errors_are_those_of_drawing_tasks():
    table = _noise(60, 4, 2, 0.3)
    found = bradley_terry(table, rng=0)
    rng = np.random.default_rng(0)
    again = [
        bradley_terry(_frame(table.to_numpy()[rng.integers(0, 60, 60)]), rng=0, n_resamples=1).ability
        for _ in range(150)
    ]
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(np.std(again, axis=0), rel=0.2)


def test_a_model_that_wins_everything_needs_a_prior():
    table = _frame([[3, 1, 2], [3, 2, 1], [3, 1, 2]])
    with pytest.raises(InputError, match=r"a and the other models .* give a prior"):
        bradley_terry(table)
    found = bradley_terry(table, prior=0.1, rng=0)
    assert np.isfinite(found.ability).all()
    assert found.to_frame()["model"].iloc[0] == "a"


def test_direction_order_and_missing_scores():
    table = _noise(25, 3, 3, 0.2)
    down = bradley_terry(Scores.build(-table, pd.DataFrame(index=table.index), higher_is_better=False), rng=0)
    assert down.ability == pytest.approx(bradley_terry(table, rng=0).ability)
    swapped = bradley_terry(table[["c", "b", "a"]].iloc[::-1], rng=0)
    assert swapped.ability[::-1] == pytest.approx(down.ability)
    gappy = table.mask(np.random.default_rng(0).random(table.shape) < 0.2)
    assert np.isfinite(bradley_terry(gappy, rng=0).ability).all()


def test_rank_sets_hold_the_rank_and_tell_clear_orders():
    found = bradley_terry(_noise(60, 4, 5, 1.0), rng=0).to_frame()
    assert found["model"].tolist() == ["d", "c", "b", "a"]
    assert (found["rank_low"] <= found["rank"]).all()
    assert (found["rank"] <= found["rank_high"]).all()
    assert found["in_top_set"].tolist() == [True, False, False, False]


def test_identical_models_share_a_rank():
    table = _noise(30, 3, 6)
    table["d"] = table["a"]
    found = bradley_terry(table, rng=0).to_frame().set_index("model")
    assert found.loc["a", "rank"] == found.loc["d", "rank"]
    assert found.loc["a", "ability"] == pytest.approx(found.loc["d", "ability"])


# -- model confidence set ----------------------------------------------------------------------------------------


def _by_definition(values, n_resamples, seed):
    """Hansen et al. (2011), step by step, with the same resamples."""
    from stats.resampling.resampler import Resampler

    n = len(values)
    losses = -values
    draws = Resampler.make(n, n_resamples, seed).replicates(np.ascontiguousarray(losses.T)).T
    left, p, found = list(range(values.shape[1])), 0.0, {}
    while len(left) > 1:
        shortfall = {i: losses[:, i].mean() - np.mean([losses[:, j].mean() for j in left]) for i in left}
        boot = {i: draws[:, i] - np.mean([draws[:, j] for j in left], axis=0) - shortfall[i] for i in left}
        error = {i: np.sqrt(np.mean(boot[i] ** 2)) for i in left}
        t = {i: shortfall[i] / error[i] for i in left}
        worst = max(t, key=lambda i: t[i])
        null = np.max([boot[i] / error[i] for i in left], axis=0)
        p = max(p, (np.sum(null >= t[worst] - 1e-12) + 1) / (n_resamples + 1))
        found[worst] = p
        left.remove(worst)
    found[left[0]] = 1.0
    return found


def test_model_confidence_set_by_its_definition():
    table = _noise(30, 5, 7, 0.15)
    found = model_confidence_set(table, n_resamples=500, rng=3).frame.set_index("model")["pvalue"]
    expected = _by_definition(table.sort_index().to_numpy(), 500, 3)  # tasks are drawn in the order of their names
    assert [found["abcde"[i]] for i in range(5)] == pytest.approx([expected[i] for i in range(5)])


def test_the_order_of_tasks_changes_no_model_confidence_set():
    table = _noise(12, 4, 7, 0.15)
    here, there = (model_confidence_set(t, n_resamples=200, rng=3).frame for t in (table, table.iloc[::-1]))
    pd.testing.assert_frame_equal(here, there)


def test_p_values_grow_towards_the_last_one_standing():
    found = model_confidence_set(_noise(40, 6, 8, 0.2), n_resamples=300, rng=0)
    assert found.frame["pvalue"].is_monotonic_decreasing
    assert found.frame["pvalue"].iloc[0] == 1
    wider = model_confidence_set(_noise(40, 6, 8, 0.2), n_resamples=300, rng=0, confidence_level=0.99)
    assert set(found.models) <= set(wider.models)


def test_identical_models_stay_together():
    table = _noise(20, 2, 9)
    table["c"] = table["a"]
    found = model_confidence_set(table, n_resamples=300, rng=0)
    assert ("a" in found.models) == ("c" in found.models)
    same = _frame(np.repeat(np.arange(8.0)[:, None], 3, axis=1))
    assert len(model_confidence_set(same, n_resamples=50, rng=0).models) == 3


# -- agreement ---------------------------------------------------------------------------------------------------


def test_kendalls_w_by_hand():
    # Rank sums 4, 5, 9, 12 - 6 off: S = sum of squares about 7.5 = 41; W = 12 * 41 / (9 * 60) = .9111
    table = _frame([[4, 3, 2, 1], [4, 3, 2, 1], [3, 4, 1, 2]])
    sums = np.array([1 + 1 + 2, 2 + 2 + 1, 3 + 3 + 4, 4 + 4 + 3])
    assert kendall_w(table) == pytest.approx(12 * ((sums - 7.5) ** 2).sum() / (9 * 60))


def test_leaving_out_what_decides():
    table = _frame([[5, 4, 3, 2], [5, 4, 3, 2], [1, 9, 8, 7], [1, 9, 2, 3]])
    scores = Scores.build(table, pd.DataFrame({"family": ["A", "A", "B", "B"]}, index=table.index))
    found = agreement(scores)
    tasks = found.tasks.set_index("task")
    assert tasks.loc["t0", "closest"] == "t1"
    assert tasks.loc["t0", "closest_correlation"] == 1.0
    assert found.redundant["task"].tolist() == []  # of four models two orders are alike by chance, 1 in 24
    families = found.families.set_index("family")
    assert families.loc["A", "best_without"] == "b"
    assert families.loc["B", "best_without"] == "a"
    assert families.loc["B", "best_changes"]
    assert "Kendall's W" in str(found)


def test_full_agreement_is_one_and_none_is_near_zero():
    assert agreement(_frame(np.tile([3.0, 2, 1], (5, 1)))).kendall_w == 1
    assert kendall_w(_noise(200, 5, 0)) < 0.03


@pytest.mark.parametrize("function", [bradley_terry, model_confidence_set, agreement])
def test_too_little_is_refused(function):
    with pytest.raises(InputError, match="expected at least two"):
        function(_frame([[1, 2]]))


@pytest.mark.parametrize(
    ("function", "better"), [(bradley_terry, "rank_confidence"), (model_confidence_set, "top_set")]
)
def test_few_tasks_are_named_with_the_better_choice(function, better):
    assert better in function(_noise(10, 3, 0), n_resamples=50, rng=0).warnings[0]
    assert function(_noise(30, 3, 0), n_resamples=50, rng=0).warnings == ()


def test_models_that_tie_everywhere_need_a_prior():
    same = _frame(np.repeat(np.arange(6.0)[:, None], 3, axis=1))
    with pytest.raises(InputError, match="no model beats another on any task"):
        bradley_terry(same)
    found = bradley_terry(same, prior=0.1, n_resamples=50, rng=0)
    assert found.ability == pytest.approx([0, 0, 0])
    assert found.to_frame()["rank"].tolist() == [1, 1, 1]
