"""Predicted scores: against closed forms, by replays of simulated models, and what is said of those who lack too much."""

import numpy as np
import pandas as pd
import pytest

from stats.common.errors import InputError
from stats.prediction import predict_missing
from stats.prediction.conformal import folds, reach
from stats.prediction.gaussian import GaussianTasks


def _table(rng, n_models=80, n_tasks=12, noise=0.03):
    """Scores with one ability a model, a difficulty a task, and noise."""
    ability, difficulty = rng.normal(0.6, 0.08, n_models), rng.normal(0, 0.1, n_tasks)
    values = ability[None, :] + difficulty[:, None] + rng.normal(0, noise, (n_tasks, n_models))
    return pd.DataFrame(values, [f"t{i}" for i in range(n_tasks)], [f"maker{j // 2}/m{j}" for j in range(n_models)])


def test_the_conditional_is_that_of_the_bivariate_normal():
    """E[y | x] = my + r sy (x - mx) / sx and var = (1 - r^2) sy^2 (any textbook), with r given."""
    model = GaussianTasks(np.array([0.5, 0.6]), np.array([0.1, 0.2]), np.array([[1.0, 0.8], [0.8, 1.0]]))
    mean, covariance = model.conditional(np.array([[0.7, np.nan]]), np.array([False, True]))
    assert mean.item() == pytest.approx(0.6 + 0.8 * 0.2 * (0.7 - 0.5) / 0.1)
    assert covariance.item() == pytest.approx((1 - 0.8**2) * 0.2**2)


def test_the_reach_is_the_conformal_quantile():
    errors = np.random.default_rng(0).permutation(np.arange(1.0, 100.0))
    assert reach(errors, 0.95) == 95  # ceil(100 x .95) of 99
    assert reach(errors, 0.999) == np.inf


def test_models_of_one_maker_share_their_fold():
    labels = ["a"] * 7 + ["b", "b", "c", "d", "e", "f"]
    found = folds(labels, 3, 0)
    assert len({f for f, name in zip(found, labels, strict=True) if name == "a"}) == 1
    assert set(found) == {0, 1, 2}
    assert max(np.bincount(found)) == 7


def test_intervals_of_means_ranks_and_scores_hold():
    """Replays of simulated models: 95 % intervals hold for 95 % of masked models, within 4 Monte Carlo errors."""
    rng = np.random.default_rng(5)
    held = {"mean": [], "rank": [], "cell": []}
    for _ in range(40):
        truth = _table(rng)
        masked = truth.copy()
        who = rng.choice(80, 12, replace=False)
        for j in who:
            masked.iloc[rng.choice(12, rng.integers(1, 7), replace=False), j] = np.nan
        found = predict_missing(masked)
        rows = found.models.set_index("model").loc[truth.columns[who]]
        means = truth.mean()
        full_rank = means.rank(ascending=False).astype(int)
        held["mean"] += list((rows["mean_low"] <= means[rows.index]) & (means[rows.index] <= rows["mean_high"]))
        held["rank"] += list((rows["rank_low"] <= full_rank[rows.index]) & (full_rank[rows.index] <= rows["rank_high"]))
        values = [truth.loc[t, m] for t, m in zip(found.cells["task"], found.cells["model"], strict=True)]
        held["cell"] += list((found.cells["low"] <= values) & (values <= found.cells["high"]))
    for kind, flags in held.items():
        error = np.sqrt(0.95 * 0.05 / len(flags)) * (2 if kind == "cell" else 1)  # a model's scores go together
        assert np.mean(flags) > 0.95 - 4 * error, kind
        if kind != "rank":
            assert np.mean(flags) < 0.95 + 6 * error, kind


def test_statuses_and_what_is_not_ranked():
    table = _table(np.random.default_rng(1))
    table.iloc[:3, 0] = np.nan
    table.iloc[:7, 1] = np.nan
    found = predict_missing(table).models.set_index("model")
    assert found.loc["maker0/m0", "status"] == "provisional"
    assert found.loc["maker0/m0", "n"] == 9
    assert found.loc["maker0/m0", "mean_low"] < found.loc["maker0/m0", "mean"] < found.loc["maker0/m0", "mean_high"]
    assert found.loc["maker0/m0", "worst_low"] <= found.loc["maker0/m0", "mean_low"]
    assert found.loc["maker0/m1", "status"] == "unranked"
    assert pd.isna(found.loc["maker0/m1", "rank"])
    complete = found[found["status"] == "complete"]
    assert (complete["mean_low"] == complete["mean_high"]).all()
    assert found.index[-1] == "maker0/m1"


def test_leaving_out_the_worst_tasks_is_not_covered_and_is_told():
    """Replays that drop every model's worst tasks: the plain interval misses, the lower end by those replays does not."""
    rng = np.random.default_rng(3)
    plain, guarded = [], []
    for _ in range(25):
        truth = _table(rng, noise=0.06)
        z = truth.sub(truth.mean(axis=1), axis=0).div(truth.std(axis=1), axis=0)
        masked = truth.copy()
        who = rng.choice(80, 10, replace=False)
        for j in who:
            masked.iloc[np.argsort(z.iloc[:, j].to_numpy())[:4], j] = np.nan
        rows = predict_missing(masked).models.set_index("model").loc[truth.columns[who]]
        means = truth.mean()[rows.index]
        plain += list(means >= rows["mean_low"])
        guarded += list(means >= rows["worst_low"])
    assert np.mean(plain) < 0.8
    assert np.mean(guarded) > 0.9


def test_lower_is_better_turns_the_ranks():
    from stats.scores import Scores

    table = _table(np.random.default_rng(2))
    table.iloc[0, 0] = np.nan
    up = predict_missing(Scores.from_frame(table, rows="tasks")).models.set_index("model")
    down = predict_missing(Scores.from_frame(1 - table, rows="tasks", higher_is_better=False)).models.set_index("model")
    assert up["rank"].to_dict() == down["rank"].to_dict()
    assert up["rank_low"].to_dict() == down["rank_low"].to_dict()


def test_too_few_complete_models_end_in_one_line():
    table = _table(np.random.default_rng(4), n_models=22)
    table.iloc[0, :5] = np.nan
    with pytest.raises(InputError, match="17 models of 22 have every task: expected at least 20"):
        predict_missing(table)


def test_one_seed_gives_the_same_bytes_and_the_order_of_models_does_not_matter():
    table = _table(np.random.default_rng(6))
    table.iloc[:2, 3] = np.nan
    first, again = predict_missing(table), predict_missing(table)
    pd.testing.assert_frame_equal(first.models, again.models, check_exact=True)
