"""What compare does with the Bayesian test, with samples, and with a design."""

import json

import numpy as np
import pandas as pd
import pytest

from stats import Comparison, InputError, Samples, Scores, bayes_signed_rank, compare, conover, crossed, sample_level
from stats.samples import write_task


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    values = 0.5 + rng.normal(0, 0.1, (12, 1)) + rng.normal(0, 0.01, (12, 4)) + np.array([0, 0.001, 0.03, 0.05])
    return pd.DataFrame(values, index=[f"t{i}" for i in range(12)], columns=list("abcd"))


@pytest.fixture
def samples(tmp_path):
    rng = np.random.default_rng(1)
    for task in ("x", "y", "z"):
        common = rng.random(50)
        for at, model in enumerate(("a", "b", "c")):
            score = common + rng.normal(0.1 * at, 0.05, 50)
            rows = pd.DataFrame({"sample": [f"q{i}" for i in range(50)], "score": score})
            meta = {"metric": "mean", "main_score": float(score.mean()), "family": "Retrieval"}
            write_task(tmp_path, task, model, rows, meta)
    return Samples.open(tmp_path)


def test_bayes_says_probabilities_and_no_p_values(frame):
    found = compare(frame, test="bayes", rope=0.005, n_resamples=2000, rng=0)
    assert found.pairs["pvalue"].isna().all()
    assert found.method["correction"] == "none"
    assert "rope 0.005" in found.method["test_name"]
    by_hand = bayes_signed_rank(found.scores, rope=0.005, n_resamples=2000, rng=0)
    assert found.pairs["p_better"].tolist() == by_hand.extra["p_better"].tolist()
    sure = np.maximum(found.pairs["p_better"], found.pairs["p_worse"]) >= 0.95
    assert found.pairs["significant"].tolist() == sure.tolist()
    assert json.loads(json.dumps(found.to_dict()))["pairs"][0]["pvalue"] is None


def test_the_level_of_samples_takes_the_place_of_tasks(samples):
    found = compare(samples, level="samples", rng=0)
    assert found.method["level"] == "samples"
    assert found.method["test"] == "stratified-t"
    assert found.method["population"] == "other samples from these same tasks"
    alone = sample_level(samples, models=found.scores.models)
    assert found.pairs["low"].tolist() == alone.pairs.low.tolist()
    assert found.pairs["significant"].all()
    assert found.ranks["model"].tolist() == ["c", "b", "a"]
    assert found.ranks["rank_high"].tolist() == [1, 2, 3]
    assert set(found.families) == {"Retrieval"}
    assert "t test over samples" in str(found)


def test_both_levels_are_the_crossed_model_which_needs_no_samples(frame):
    found = compare(frame, level="both", families=False, rng=0)
    by_hand = crossed(found.scores).pairs
    assert found.method["test"] == "crossed-t"
    assert found.pairs["pvalue"].tolist() == by_hand.pvalue.tolist()
    # Holm decides one pair more than its single-step intervals show: that one is cut at 0.
    more = (found.pairs["low"] - by_hand.low).abs() > 1e-15
    assert (found.pairs["significant"] | ~more).all()
    assert found.pairs["low"][~more].tolist() == by_hand.low[~more.to_numpy()].tolist()
    told = found.pairs["significant"]
    spread = found.ranks["rank_high"] - found.ranks["rank_low"]
    assert int(spread.sum()) == 2 * int((~told).sum())
    with_control = compare(frame, level="both", control="a", families=False, rng=0)
    told = int(with_control.pairs["significant"].sum())  # ranks are read from what was compared
    spread = with_control.ranks["rank_high"] - with_control.ranks["rank_low"]
    assert int(spread.sum()) == 4 * 3 - 2 * told


def test_seeds_are_spoken_of_wherever_there_are_any():
    rng = np.random.default_rng(0)
    rows = [
        (m, f"t{t}", s, 50 + lift + 0.1 * rng.normal())
        for m in "ab"
        for s, lift in enumerate(3 * rng.normal(size=2))
        for t in range(8)
    ]
    scores = Scores.from_frame(pd.DataFrame(rows, columns=["model", "task", "seed", "score"]))
    found = compare(scores, n_resamples=100, rng=0)
    assert any("add training seeds, not tasks" in s for s in found.conclusions)
    assert any("With other tasks and seeds, 0 of 1 pair can be told apart" in s for s in found.conclusions)


def test_levels_need_samples_and_have_a_test_of_their_own(samples, frame):
    with pytest.raises(InputError, match="needs the samples of a run"):
        compare(frame, level="samples")
    with pytest.raises(InputError, match="has a test of its own"):
        compare(samples, test="wilcoxon", level="both")
    with pytest.raises(InputError, match="expected one of tasks, samples, both"):
        compare(samples, level="seeds")
    with pytest.raises(InputError, match="leave groups out"):
        compare(samples, level="samples", groups=True)
    with pytest.raises(InputError, match="belongs to a level"):
        compare(frame, test="crossed-t")
    found = compare(samples, rng=0)
    assert found.method["level"] == "tasks"
    assert "--level samples" in found.conclusions[-1]


def test_a_design_comes_along_and_survives_the_file(frame, tmp_path):
    design = pd.DataFrame(
        {"pooling": ["eos", "mean", "eos", "mean"], "attention": ["causal"] * 2 + ["both"] * 2}, index=list("abcd")
    )
    found = compare(frame, design=design, n_resamples=300, rng=0)
    assert found.design is not None
    effects = found.design.main_effects().set_index("factor")
    assert effects.loc["attention", "mean_difference"] == pytest.approx(
        (frame["c"] + frame["d"] - frame["a"] - frame["b"]).mean() / 2
    )
    path = tmp_path / "comparison.json"
    found.save(path)
    read = Comparison.load(path)
    assert read.design is not None
    pd.testing.assert_frame_equal(read.design.contrasts, found.design.contrasts, check_dtype=False)
    assert found.to_dict()["design"]["conclusions"] == found.design.conclusions
    assert compare(frame, rng=0).design is None


def test_conover_and_the_other_omnibus_tests_are_reachable(frame):
    found = compare(frame, test="conover", correction="bh", rng=0)
    assert found.method["test_name"] == "Conover after Friedman, t with 33 degrees of freedom"
    by_hand = conover(found.scores, correction="bh")
    assert found.pairs["pvalue_adjusted"].tolist() == pytest.approx(by_hand.pvalue_adjusted.tolist())
    assert set(found.omnibus) == {"friedman", "friedman_exact", "iman_davenport", "quade", "aligned_ranks"}
    with pytest.raises(InputError, match="for all pairs"):
        compare(frame, test="conover", control="a")
    gappy = frame.mask(np.eye(12, 4, dtype=bool))
    assert compare(gappy, missing="keep", rng=0).omnibus["skillings_mack"]["df"] == 3


def test_a_rope_that_no_difference_can_leave_is_warned_about():
    rng = np.random.default_rng(0)
    fractions = pd.DataFrame({"A": rng.random(24)}, index=[f"D{i}" for i in range(24)])
    fractions["B"] = fractions["A"] - 0.02
    for table, rope, warned in ((fractions, 1.0, True), (fractions, 0.01, False), (100 * fractions, 1.0, False)):
        found = compare(table, test="bayes", rope=rope, n_resamples=200, rng=0)
        assert any("is wider than any difference" in w for w in found.warnings) == warned


def test_conover_on_three_tasks_says_what_it_rests_on():
    alike = pd.DataFrame([[1.0, 2, 3, 4]] * 3, index=list("xyz"), columns=list("abcd"))
    found = compare(alike, test="conover", n_resamples=100, rng=0)
    # Perfect agreement of three tasks on four models has the chance (1 / 24)^2.
    assert found.pairs["pvalue"].tolist() == pytest.approx([1 / 576] * 6)
    assert any("no test of two models by themselves could tell them apart" in w for w in found.warnings)
    enough = pd.DataFrame(np.random.default_rng(0).normal(size=(9, 4)), columns=list("abcd"))
    assert not any("by themselves" in w for w in compare(enough, test="conover", n_resamples=100, rng=0).warnings)


@pytest.mark.parametrize("test", ["bayes", "bayes-t"])
def test_bayes_speaks_of_probabilities_and_never_of_significance(test):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(0.02 * rng.normal(size=(14, 4)) + [0.5, 0.52, 0.55, 0.5], columns=list("abcd"))
    for control in (None, "a"):
        found = compare(frame, test=test, rope=0.005, control=control, n_resamples=500, rng=0)
        said = " ".join([*found.conclusions[1:], *found.summary().split(". ")[1:]])
        assert "ignifican" not in said
        assert "clearly" not in said
        assert "simultaneous confidence" not in said
        assert "probability" in found.conclusions[1]
    best = compare(frame, test=test, rope=0.005, n_resamples=500, rng=0)
    row = best.pairs.iloc[0]
    assert row["p_better"] + row["p_worse"] + row["p_equivalent"] == pytest.approx(1)
    assert any(s.startswith("c is better than b with probability ") for s in best.conclusions)
