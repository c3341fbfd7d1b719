"""What a comparison once said against itself: each is a test on the public scores or on the case it was met on."""

import re

import numpy as np
import pandas as pd
import pytest

from stats import Comparison, Scores, compare


@pytest.fixture(scope="module")
def best_ten(eng_v2) -> Comparison:
    ten = eng_v2.top(10)
    return compare(ten, n_resamples=2_000, rng=0)


def signs(c: Comparison) -> pd.Series:
    """Where the shown interval excludes 0."""
    return (c.pairs["low"] > 0) | (c.pairs["high"] < 0)


def test_as_many_pairs_are_significant_as_intervals_exclude_0(best_ten):
    """2 of 45 pairs were significant, 11 intervals excluded 0."""
    assert best_ten.pairs["significant"].sum() == signs(best_ten).sum()
    assert (best_ten.pairs["significant"] == signs(best_ten)).all()


def test_what_cannot_be_told_apart_has_an_interval_with_0(best_ten, eng_v2):
    """Said: "Cannot be told apart: 95 % interval [+0.0024, +0.0222]"."""
    for c in (best_ten, compare(eng_v2, top=10, n_resamples=500, rng=0)):
        for sentence in [*c.conclusions, *re.split(r"(?<=\.) ", c.summary())]:
            for ends in (
                re.findall(r"95 % interval \[([^,]+), ([^\]]+)\]", sentence)
                if "cannot be told apart" in sentence
                else []
            ):
                low, high = (float(e.replace("−", "-")) for e in ends)
                assert low <= 0 <= high, sentence


def test_the_only_one_that_could_be_best_is_surely_better_than_each_that_is_not(best_ten):
    """Said: "No other model could be the best" beside "cannot be told apart, adjusted p = 0.11"."""
    ranks, pairs = best_ten.ranks, best_ten.pairs
    for row in ranks.itertuples():
        beaten = pairs[
            ((pairs["model_a"] == row.model) & (pairs["verdict"] == "b"))
            | ((pairs["model_b"] == row.model) & (pairs["verdict"] == "a"))
        ]
        assert bool(row.in_top_set) == beaten.empty
        assert row.rank_low == 1 + len(beaten)
    assert best_ten.top_set == ranks.loc[ranks["in_top_set"], "model"].tolist()


def test_the_best_of_a_pool_are_those_of_the_pool(eng_v2):
    """--top 10 put another model first than the whole pool did, with a rank between 1 and 9 that was between 1 and 27."""
    whole = compare(eng_v2, n_resamples=500, rng=0)
    shown = compare(eng_v2, top=10, n_resamples=500, rng=0)
    pd.testing.assert_frame_equal(shown.ranks, whole.ranks.head(10))
    assert (shown.n_models, shown.n_pool) == (10, 183)
    assert shown.ranks["rank_high"].iloc[0] > 10
    kept = whole.pairs["model_a"].isin(shown.scores.models) & whole.pairs["model_b"].isin(shown.scores.models)
    pd.testing.assert_frame_equal(shown.pairs, whole.pairs[kept].reset_index(drop=True))
    with_control = compare(eng_v2, top=5, control="mteb/baseline-random-encoder", n_resamples=500, rng=0)
    assert (with_control.n_pool, len(with_control.pairs)) == (183, 5)


def test_no_bar_joins_a_pair_that_differs(best_ten):
    for clique in best_ten.cliques:
        inside = best_ten.pairs["model_a"].isin(clique) & best_ten.pairs["model_b"].isin(clique)
        assert not best_ten.pairs.loc[inside, "significant"].any()


def test_eight_tasks_can_tell_five_models_apart():
    """Wilcoxon with Holm could find nothing, whatever the scores; the same statistic by joint flips can."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(8, 5)) * 0.02 + 0.05 * np.arange(5), index=[f"t{i}" for i in range(8)])
    frame.columns = list("abcde")
    assert not compare(frame, correction="holm", rng=0).pairs["significant"].any()
    assert compare(frame, rng=0).pairs["significant"].any()


def test_a_family_in_which_nothing_can_be_told_says_so():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        rng.normal(size=(13, 6)), index=pd.Index([f"t{i:02}" for i in range(13)], name="task"), columns=list("abcdef")
    )
    tasks = pd.DataFrame({"family": ["STS"] * 10 + ["Retrieval"] * 3}, index=table.index)
    found = compare(Scores.build(table, tasks), rng=0)
    (sentence,) = (s for s in found.conclusions if s.startswith("Retrieval"))
    assert "so few tasks could not tell any two models apart" in sentence
    assert "0 of 15" not in sentence
    assert found.families["Retrieval"].powerless


def test_the_first_of_a_family_need_not_be_among_those_shown():
    values = np.array([[0.9, 0.8, 0.1]] * 8 + [[0.1, 0.2, 0.9]] * 4) + np.arange(12)[:, None] / 1000
    table = pd.DataFrame(values, index=pd.Index([f"t{i:02}" for i in range(12)], name="task"), columns=list("abc"))
    tasks = pd.DataFrame({"family": ["STS"] * 8 + ["Retrieval"] * 4}, index=table.index)
    found = compare(Scores.build(table, tasks), top=2, rng=0)
    (sentence,) = (s for s in found.conclusions if s.startswith("Retrieval"))
    assert "b is the best of those shown, at rank 2 of 3" in sentence
    assert found.families["Retrieval"].n_pool == 3


def test_mean_and_mean_rank_disagree_and_both_are_said():
    """Pelt ranked first and was to be the only one that could be best, while amoc had the higher mean."""
    frame = pd.DataFrame(
        {"steady": [0.6] * 9 + [0.1] * 3, "bold": [0.55] * 9 + [0.9] * 3, "last": [0.1] * 12},
        index=[f"t{i:02}" for i in range(12)],
    )
    found = compare(frame, rng=0)
    (first,) = (s for s in found.conclusions if "ranks first" in s)
    assert first.startswith("steady ranks first")
    assert "By mean score another model is first: bold" in first


def test_decimals_that_tie_have_their_exact_p():
    """scipy/scipy#17667: the differences 0.1 (twice), -0.1, 0.2, 0.3 and 0.4 in decimals; 24 of 64 sign vectors reach W = 5 or less."""
    a = np.array([0.3, 0.8, 0.4, 0.5, 0.7, 0.9])
    b = np.array([0.2, 0.7, 0.5, 0.3, 0.4, 0.5])
    found = compare(pd.DataFrame({"a": a, "b": b}, index=list("uvwxyz")), rng=0).pairs
    ranks = np.array([2, 2, 2, 4, 5, 6])
    sums = [sum(r for r, bit in zip(ranks, np.binary_repr(i, 6), strict=True) if bit == "1") for i in range(64)]
    right = min(1.0, 2 * np.mean(np.array(sums) <= 2))
    assert found["pvalue"].tolist() == [right]
    assert found["pvalue_adjusted"].tolist() == [right]


@pytest.mark.parametrize("method", ["wilcox", "pratt", "zsplit"])
def test_balanced_wins_and_losses_among_zeros_have_p_1(method):
    """scipy/scipy#10223: 12 wins, 30 zeros and 12 losses are symmetric."""
    d = np.array([0.01 * (i + 1) for i in range(12)] + [0.0] * 30 + [-0.01 * (i + 1) for i in range(12)])
    found = compare(
        pd.DataFrame({"a": 0.5 + d, "b": 0.5}, index=[f"t{i:02}" for i in range(54)]), zero_method=method, rng=0
    )
    assert found.pairs["pvalue_adjusted"].tolist() == [1.0]
    assert found.pairs["low"].item() <= 0 <= found.pairs["high"].item()


def test_unbounded_is_written_as_what_it_is(tmp_path):
    frame = pd.DataFrame({"a": [0.5, 0.7, 0.6], "b": [0.4, 0.5, 0.55]}, index=list("xyz"))
    found = compare(frame, rng=0)
    assert found.pairs["low"].tolist() == [-np.inf]
    found.pairs.to_csv(tmp_path / "pairs.csv", index=False)
    assert pd.read_csv(tmp_path / "pairs.csv")["high"].tolist() == [np.inf]
    assert "no pair could have been significant" in " ".join(found.warnings)


def test_the_best_of_a_pool_against_a_control_are_corrected_for_the_pool():
    """The best 5 of 30 equal models, chosen on the same tasks and tested as if they had been named before: a false "better" in 13-14 %."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        rng.normal(size=(14, 30)), [f"t{i:02}" for i in range(14)], [f"m{i:02}" for i in range(30)]
    )  # fmt: skip
    whole = compare(frame, control="m00", n_resamples=500, rng=0).pairs.set_index("model_a")
    shown = compare(frame, top=5, control="m00", n_resamples=500, rng=0).pairs.set_index("model_a")
    assert 4 <= len(shown) <= 5
    columns = ["low", "high", "pvalue_adjusted", "verdict"]
    pd.testing.assert_frame_equal(shown[columns], whole.loc[shown.index, columns])
    named_before = compare(frame[[*shown.index, "m00"]], control="m00", n_resamples=500, rng=0).pairs.set_index(
        "model_a"
    )
    assert (shown["pvalue_adjusted"] > named_before.loc[shown.index, "pvalue_adjusted"]).all()


def test_tasks_of_one_source_are_units_unless_one_says_otherwise():
    """Known groups of tasks were ignored: ten equal models were called different in 38 %."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(np.repeat(rng.normal(size=(7, 4)), 2, axis=0), columns=list("abcd"))
    table.index = pd.Index([f"t{i:02}" for i in range(14)], name="task")
    scores = Scores.build(table, pd.DataFrame({"group": [f"g{i // 2}" for i in range(14)]}, index=table.index))
    known = compare(scores, rng=0)
    assert known.method.n_units == 7
    assert any("14 tasks count as 7 units" in s for s in known.conclusions)
    assert (known.pairs["pvalue"] * 2**6 % 1 == 0).all()  # shares of the sign vectors of seven units
    alone = compare(scores, rng=0, groups="none")
    assert alone.method.n_units == 14
    assert (alone.pairs["pvalue"] <= known.pairs["pvalue"]).any()
