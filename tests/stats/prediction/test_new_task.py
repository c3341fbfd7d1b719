"""The rank on a further task: order statistics counted by hand, coverage on simulated tasks, and what is asked of the input."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, rankdata

from stats.common.errors import InputError
from stats.prediction import predict_new_task


def _tasks(rng, n_tasks, n_models=12, noise=1.0, abilities=None):
    abilities = np.linspace(0, 3, n_models) if abilities is None else abilities
    values = abilities[None, :] + rng.normal(0, noise, (n_tasks, n_models))
    return pd.DataFrame(values, [f"t{i}" for i in range(n_tasks)], [f"m{j}" for j in range(n_models)])


def test_intervals_are_the_order_statistics_of_the_ranks():
    frame = _tasks(np.random.default_rng(0), 41)
    found = predict_new_task(frame, confidence_level=0.85)
    assert found.confidence_level == pytest.approx(36 / 42)  # j = floor(42 x .15 / 2) = 3: (42 - 6) / 42
    ranks = np.sort(np.apply_along_axis(rankdata, 1, -frame.to_numpy()), axis=0)
    rows = found.models.set_index("model").loc[list(frame.columns)]
    assert rows["rank_low"].tolist() == ranks[2].astype(int).tolist()
    assert rows["rank_high"].tolist() == ranks[38].astype(int).tolist()


def test_the_probability_of_being_best_is_the_share_of_tasks_with_its_binomial_interval():
    frame = _tasks(np.random.default_rng(1), 30)
    found = predict_new_task(frame)
    first = frame.idxmax(axis=1).value_counts()
    for row in found.models.itertuples():
        wins = int(first.get(row.model, 0))
        assert row.tasks_best == wins
        assert row.p_best == pytest.approx(wins / 30)
        expected = binomtest(wins, 30).proportion_ci(found.confidence_level, method="exact")
        assert (row.p_best_low, row.p_best_high) == pytest.approx((expected.low, expected.high))
    assert found.models["p_best"].sum() == pytest.approx(1)


@pytest.mark.parametrize("n_known", [0, 4])
def test_the_interval_holds_on_tasks_that_were_not_there(n_known):
    rng = np.random.default_rng(2)
    held = []
    for _ in range(60):
        frame = _tasks(rng, 25)
        new = frame.iloc[24]
        known = {m: float(100 * new[m]) for m in rng.choice(frame.columns, n_known, replace=False)}  # other units
        found = predict_new_task(frame.iloc[:24], like=known or None, confidence_level=0.8)
        rows = found.models.set_index("model").loc[list(frame.columns)]
        rank = pd.Series(rankdata(-new), new.index)
        others = [m for m in frame.columns if m not in known]
        held += list(((rows["rank_low"] <= rank) & (rank <= rows["rank_high"]))[others])
    assert np.mean(held) > 0.8 - 4 * np.sqrt(0.8 * 0.2 / 60)  # ranks of one task go together: 60 draws


def test_scores_on_the_task_narrow_the_interval_where_tasks_hang_together():
    """Two kinds of task that turn the models round: five scores say which kind the new one is."""
    rng = np.random.default_rng(3)
    up, down = np.linspace(0, 4, 12), np.linspace(4, 0, 12)
    frame = pd.concat([_tasks(rng, 20, abilities=up, noise=0.5), _tasks(rng, 20, abilities=down, noise=0.5)])
    frame.index = pd.Index([f"t{i}" for i in range(40)])
    blind = predict_new_task(frame, confidence_level=0.85).models
    known = {f"m{j}": float(up[j]) for j in (0, 3, 6, 9, 11)}
    told = predict_new_task(frame, like=known, confidence_level=0.85).models
    width = lambda found: float((found["rank_high"] - found["rank_low"]).median())  # noqa: E731
    assert width(told) < width(blind) / 2
    assert told["model"].iloc[0] in ("m9", "m10", "m11")


def test_a_family_or_tasks_like_it_are_the_population():
    frame = _tasks(np.random.default_rng(4), 30)
    families = pd.DataFrame({"family": ["STS"] * 20 + ["Retrieval"] * 10}, frame.index)
    from stats.scores import Scores

    scores = Scores.from_frame(frame, rows="tasks", tasks=families)
    by_family = predict_new_task(scores, family="STS")
    by_name = predict_new_task(scores, like=[f"t{i}" for i in range(20)])
    pd.testing.assert_frame_equal(by_family.models, by_name.models)
    assert by_family.n_tasks == 20


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"confidence_level": 0.95}, "at most 92 %: 95 % needs 39; ask for less"),
        ({"family": "STS"}, "STS"),
        ({"like": ["t99"]}, "t99"),
        ({"like": {"m0": 1.0, "m1": 2.0}}, "at least 3 models"),
        ({"like": {"m0": 1.0, "m1": 1.0, "m2": 1.0}}, "not all equal"),
        ({"like": {"m0": 1.0, "m1": 2.0, "other": 1.0}}, "other"),
    ],
)
def test_what_cannot_be_answered_is_said_in_one_line(options, message):
    frame = _tasks(np.random.default_rng(5), 24)
    with pytest.raises(InputError, match=message) as error:
        predict_new_task(frame, **options)
    assert "\n" not in str(error.value)


def test_missing_scores_are_asked_about():
    frame = _tasks(np.random.default_rng(6), 24)
    frame.iloc[0, 0] = np.nan
    with pytest.raises(InputError, match="choose_coverage"):
        predict_new_task(frame)
