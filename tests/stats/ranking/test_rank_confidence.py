"""Confidence sets for ranks: by hand, by their properties, by their coverage."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stats import InputError, PowerWarning, mean_ranks, rank_confidence, romano_wolf, top_set


def table(values):
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(
        values, index=[f"t{i:02}" for i in range(len(values))], columns=[f"m{j}" for j in range(values.shape[1])]
    )


def test_sets_count_the_surely_better_and_the_surely_worse(small):
    found = rank_confidence(small, by="mean")
    pairs = romano_wolf(small, null="sign-flip").to_frame()
    for model, low, high in zip(found.models, found.low, found.high, strict=True):
        sure = pairs[(pairs["pvalue_adjusted"] <= 0.05 + 1e-12)]
        better = ((sure["model_b"] == model) & (sure["difference"] > 0)) | (
            (sure["model_a"] == model) & (sure["difference"] < 0)
        )
        worse = ((sure["model_a"] == model) & (sure["difference"] > 0)) | (
            (sure["model_b"] == model) & (sure["difference"] < 0)
        )
        assert (low, high) == (1 + better.sum(), 5 - worse.sum())


@pytest.mark.parametrize("by", ["mean_rank", "mean", "family_mean"])
@pytest.mark.parametrize("method", ["sign-flip", "bootstrap-t"])
def test_sets_hold_the_observed_rank(small, by, method):
    found = rank_confidence(small, by=by, method=method, n_resamples=400, rng=0)
    assert (found.low <= found.rank).all()
    assert (found.rank <= found.high).all()
    assert by.replace("_", " ") in found.method
    frame = found.to_frame()
    assert frame["rank"].is_monotonic_increasing
    assert found.top_set() == frame.loc[frame["rank_low"] == 1, "model"].tolist()


def test_identical_models_share_their_rank_and_set(small):
    found = rank_confidence(small).to_frame().set_index("model")
    columns = ["estimate", "rank", "rank_low", "rank_high"]
    assert found.loc["d", columns].tolist() == found.loc["d again", columns].tolist()
    assert found.loc["d", "rank"] == 4


def test_few_tasks_leave_every_rank_open():
    clear = table([[0.9, 0.5, 0.1]] * 5)
    found = rank_confidence(clear)
    assert found.low.tolist() == [1, 1, 1]
    assert found.high.tolist() == [3, 3, 3]
    assert rank_confidence(clear, confidence_level=0.9).low.tolist() == [1, 2, 3]


def test_a_single_models_set_is_no_wider(small):
    joint = rank_confidence(small)
    own = rank_confidence(small, simultaneous=False)
    assert (own.low >= joint.low).all()
    assert (own.high <= joint.high).all()
    assert own.method.startswith("marginal")


def test_direction_turns_the_sets_round(small):
    here, there = rank_confidence(small), rank_confidence(replace(small, higher_is_better=False))
    np.testing.assert_array_equal(here.low, 6 - there.high)
    np.testing.assert_array_equal(here.high, 6 - there.low)


def test_order_of_tasks_and_level_of_a_task_do_not_matter(small):
    expected = rank_confidence(small, by="mean")
    moved = rank_confidence(small.table.iloc[::-1] + np.linspace(-1, 1, 12)[:, None], by="mean")
    np.testing.assert_array_equal(moved.low, expected.low)
    np.testing.assert_array_equal(moved.high, expected.high)


def test_groups_are_fewer_than_tasks(small):
    groups = [f"g{i // 3}" for i in range(12)]
    assert rank_confidence(small, groups=groups).low.tolist() == [1] * 5


def test_missing_scores(small):
    table_ = small.table.copy()
    table_.iloc[0, 0] = np.nan
    found = rank_confidence(table_)
    np.testing.assert_allclose(found.estimate, mean_ranks(table_))


def test_a_rank_that_rests_on_easier_tasks_is_named():
    """Model a beats b on all 8 tasks that both have, and only b has the 6 easy ones: by its mean b is first, and is not."""
    a = [0.5 + 0.001 * i for i in range(8)] + [np.nan] * 6
    b = [0.4 + 0.0013 * i for i in range(8)] + [0.9 + 0.001 * i for i in range(6)]
    frame = pd.DataFrame({"a": a, "b": b}, [f"t{i:02}" for i in range(14)])
    with pytest.warns(PowerWarning, match="the rank of 'a' by the tasks it has lies outside its set"):
        found = rank_confidence(frame, by="mean", rng=0)
    assert found.rank.tolist() == [2, 1]
    assert found.low.tolist() == [1, 2]


def test_top_set(small):
    assert (
        top_set(small, by="mean", confidence_level=0.9)
        == rank_confidence(small, by="mean", confidence_level=0.9).top_set()
    )


@pytest.mark.parametrize("n_tasks", [7, 12, 30])
def test_all_ranks_are_held_at_once(n_tasks):
    """Two tiers of three equal models: no false order within a tier more often than the level allows."""
    rng = np.random.default_rng(n_tasks)
    held = 0
    for _ in range(100):
        x = rng.normal(size=(n_tasks, 1)) + rng.normal(
            [0, 0, 0, -1.5, -1.5, -1.5], [1, 1, 0.5, 1, 1, 0.5], (n_tasks, 6)
        )
        found = rank_confidence(table(x), by="mean", n_resamples=500, rng=rng)
        held += bool((found.low[:3] == 1).all() and (found.high[3:] == 6).all())
    assert held >= 95 - 3 * np.sqrt(100 * 0.05 * 0.95)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"by": "median"}, "by='median': expected"),
        ({"method": "bootstrap"}, "method='bootstrap': expected 'sign-flip' or 'bootstrap-t'"),
        ({"confidence_level": 95}, "confidence_level=95: expected"),
    ],
)
def test_errors_say_what_was_expected(small, options, words):
    with pytest.raises(InputError, match=words):
        rank_confidence(small, **options)
