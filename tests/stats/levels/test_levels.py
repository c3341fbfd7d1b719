"""Levels: crossed factors and samples within tasks, against closed forms, t tests and recomputation without each sample."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as reference

from stats.common.errors import InputError
from stats.levels import crossed, sample_level
from stats.levels.combined import half_width, pvalues
from stats.samples import Samples, write_task
from stats.scores import Scores


def _long(rng, models, n_tasks, n_seeds, seed_sd, column="seed"):
    rows = []
    for model in models:
        lift = rng.normal(size=n_seeds) * seed_sd
        task = rng.normal(size=n_tasks)
        for t in range(n_tasks):
            rows += [(model, f"t{t}", s, 50 + task[t] + lift[s] + 0.1 * rng.normal()) for s in range(n_seeds)]
    return Scores.from_frame(pd.DataFrame(rows, columns=["model", "task", column, "score"]))


def _samples(folder, tasks):
    """Task -> model -> scores."""
    for task, of_model in tasks.items():
        for model, scores in of_model.items():
            frame = pd.DataFrame({"sample": [f"s{i}" for i in range(len(scores))], "score": scores})
            write_task(folder, task, model, frame, {"metric": "mean", "main_score": float(np.mean(scores))})
    return Samples.open(folder)


def test_one_part_is_a_t_test_and_parts_add_as_squares_of_half_widths():
    d, v = np.array([0.3, 0.3]), np.array([[0.01, 0.0], [0.01, 0.02]])
    df = np.array([[4.0, 1.0], [4.0, 3.0]])
    p = pvalues(d, v, df)
    assert p[0] == pytest.approx(2 * reference.t.sf(0.3 / 0.1, 4), rel=1e-12)
    # By definition: at alpha = p the squared half widths of the parts add to the squared difference.
    widths = reference.t.isf(p[1] / 2, df[1]) ** 2 * v[1]
    assert widths.sum() == pytest.approx(0.09, rel=1e-9)
    assert half_width(v, df, p)[1] == pytest.approx(0.3, rel=1e-9)


def test_no_difference_has_p_1_and_one_without_variance_p_0():
    assert pvalues(np.array([0.0, 0.1]), np.zeros((2, 1)), np.ones((2, 1))).tolist() == [1.0, 0.0]


def test_tiny_p_values_are_those_of_t():
    assert pvalues(np.array([50.0]), np.array([[1.0]]), np.array([[40.0]]))[0] == pytest.approx(
        2 * reference.t.sf(50, 40), rel=1e-9
    )


def test_a_p_value_is_at_most_alpha_exactly_where_the_interval_excludes_0():
    rng = np.random.default_rng(0)
    n = 5000
    df = np.stack([rng.choice([1, 2, 4, 13, 40], n), rng.uniform(1, 9, n)], axis=1)
    variances = rng.chisquare(2, size=(n, 2)) * rng.choice([0, 1e-6, 1, 10], (n, 2), p=[0.05, 0.1, 0.45, 0.4])
    variances[variances.sum(axis=1) == 0] = 1.0
    difference = rng.normal(size=n) * rng.choice([1e-3, 1, 10, 1000], n)
    p = pvalues(difference, variances, df)
    for alpha in (0.5, 0.05, 0.005, 1e-4, 1e-8):
        excludes = np.abs(difference) >= half_width(variances, df, alpha)
        assert ((p <= alpha * (1 + 1e-9)) == excludes).all()
    # No smaller than each part alone would make it.
    for v, f in zip(variances.T, df.T, strict=True):
        here = v > 0
        alone = 2 * reference.t.sf(np.abs(difference[here]) / np.sqrt(v[here]), f[here])
        assert (p[here] >= alone * (1 - 1e-7)).all()


@pytest.mark.parametrize("df", [1.0, 1.3, 2.7, 3.99, 4.7, 17.2, 400.0])
def test_a_single_part_is_scipys_t_at_any_degrees_of_freedom(df):
    t = np.array([1e-4, 0.1, 1.0, 3.0, 30.0, 1e4])
    found = pvalues(t, np.ones((6, 1)), np.full((6, 1), df))
    assert found == pytest.approx(2 * reference.t.sf(t, df), rel=1e-7)


def test_without_seeds_it_is_the_paired_t_test():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(7, 3)), index=list("stuvwxy"), columns=list("abc"))
    found = crossed(frame).to_frame()
    expected = reference.ttest_rel(frame["a"], frame["b"])
    assert found.loc[0, "pvalue"] == pytest.approx(expected.pvalue, rel=1e-9)
    low, high = expected.confidence_interval(0.95)
    assert found.loc[0, ["low_marginal", "high_marginal"]].tolist() == pytest.approx([low, high])
    joint = expected.confidence_interval(1 - 0.05 / 3)
    assert found.loc[0, ["low", "high"]].tolist() == pytest.approx(list(joint))


def test_seeds_add_their_variance_by_hand():
    # a: seeds lift both tasks by 0 and .2; b has two equal runs. Differences by task: .3 and .1, mean .2.
    rows = [("a", "x", 1, 0.5), ("a", "x", 2, 0.7), ("a", "y", 1, 0.4), ("a", "y", 2, 0.6)]
    rows += [("b", t, s, v) for t, v in (("x", 0.3), ("y", 0.4)) for s in (1, 2)]
    found = crossed(Scores.from_frame(pd.DataFrame(rows, columns=["model", "task", "seed", "score"])))
    row = found.to_frame().iloc[0]
    # Tasks: sd .2 / sqrt(2), variance / 2 = .01; seeds of a: variance .02 / 2 = .01; of b: 0.
    assert row["standard_error"] == pytest.approx(np.sqrt(0.02))
    quantile = reference.t.ppf(0.975, 1)
    assert row["high"] == pytest.approx(0.2 + np.sqrt(quantile**2 * 0.01 + quantile**2 * 0.01))
    assert found.shares.set_index("component")["share"].tolist() == pytest.approx([0.5, 0.5])


def test_it_is_never_narrower_than_over_tasks_alone():
    rng = np.random.default_rng(1)
    for _ in range(50):
        scores = _long(rng, "abc", 4, 2, rng.choice([0, 0.3, 2]))
        both, tasks = crossed(scores).to_frame(), crossed(scores.table).to_frame()
        assert ((both["high"] - both["low"]) >= (tasks["high"] - tasks["low"]) - 1e-12).all()
        assert (both["pvalue"] >= tasks["pvalue"] - 1e-12).all()


def test_a_seed_effect_no_longer_makes_equal_models_differ():
    # The tasks level rejects about half of these; Monte Carlo error at 5 % in 300 is 1.3 %.
    rng = np.random.default_rng(2)
    rejected = np.zeros(2)
    for _ in range(300):
        scores = _long(rng, "ab", 41, 3, 0.7)
        rejected += [crossed(s).pairs.pvalue[0] <= 0.05 for s in (scores, scores.table)]
    assert rejected[0] / 300 < 0.05 + 3 * 0.013 < 0.3 < rejected[1] / 300


def test_shares_say_add_seeds_not_tasks():
    found = crossed(_long(np.random.default_rng(3), "ab", 30, 2, 3.0))
    assert "add training seeds, not tasks" in str(found)
    assert found.shares["share"].sum() == pytest.approx(1)


def test_a_model_with_one_run_is_given_the_others_variance():
    rows = [("a", t, s, 0.5 + 0.2 * s) for t in "xyz" for s in (0, 1)] + [("b", t, 0, 0.4) for t in "xyz"]
    found = crossed(Scores.from_frame(pd.DataFrame(rows, columns=["model", "task", "seed", "score"])))
    # One run of a has variance .02; its mean of two .01, b's single run .02.
    assert found.to_frame()["standard_error"].iloc[0] == pytest.approx(np.sqrt(0.03))
    assert "b has one seed only" in found.notes[0]


def test_prompts_are_shared_and_cancel_where_they_help_both():
    prompts = {0: 0.0, 1: 0.3, 2: -0.2}
    rows = [
        (m, t, p, base + lift) for m, base in (("a", 0.5), ("b", 0.3)) for t in "xyz" for p, lift in prompts.items()
    ]
    rows[0] = ("a", "x", 0, 0.56)
    found = crossed(Scores.from_frame(pd.DataFrame(rows, columns=["model", "task", "prompt", "score"])))
    # By prompt the mean differences are .22, .2, .2: variance .0004 / 3 over 3 prompts.
    by_prompt = np.var([0.22, 0.2, 0.2], ddof=1) / 3
    by_task = np.var([0.22, 0.2, 0.2], ddof=1) / 3
    assert found.to_frame()["standard_error"].iloc[0] == pytest.approx(np.sqrt(by_prompt + by_task))
    assert found.shares["component"].tolist() == ["task", "prompt"]


def test_groups_of_tasks_are_units():
    frame = pd.DataFrame({"a": [1.0, 1.2, 2.0, 2.2, 3.0, 3.4], "b": np.zeros(6)}, index=list("uvwxyz"))
    found = crossed(frame, groups=["p", "p", "q", "q", "r", "r"]).to_frame()
    expected = reference.ttest_1samp([1.1, 2.1, 3.2], 0)
    assert found["pvalue"].iloc[0] == pytest.approx(expected.pvalue)
    with pytest.raises(InputError, match="two or more"):
        crossed(frame, groups=["p"] * 6)


def test_identical_models_have_p_1():
    frame = pd.DataFrame({"a": [0.1, 0.2], "b": [0.1, 0.2], "c": [0.3, 0.5]}, index=["x", "y"])
    assert crossed(frame).pairs.pvalue[0] == 1.0


def test_samples_of_one_task_are_a_t_test_of_fewer_degrees_of_freedom(tmp_path):
    rng = np.random.default_rng(4)
    a, b = rng.random(40), rng.random(40)
    row = sample_level(_samples(tmp_path, {"x": {"a": a, "b": b}})).to_frame().iloc[0]
    expected = reference.ttest_rel(a, b)
    assert row["statistic"] == pytest.approx(expected.statistic)
    # Their differences have less kurtosis than 3: 2 / (2 / 39 + 3 / 40) degrees of freedom.
    df = 2 / (2 / 39 + 3 / 40)
    assert row["df"] == pytest.approx(df)
    assert row["pvalue"] == pytest.approx(2 * reference.t.sf(abs(expected.statistic), df))


def test_samples_add_up_over_tasks_with_satterthwaites_degrees(tmp_path):
    rng = np.random.default_rng(5)
    tasks = {t: {m: rng.random(n) for m in "ab"} for t, n in (("x", 10), ("y", 50))}
    row = sample_level(_samples(tmp_path, tasks)).to_frame().iloc[0]
    d = [tasks[t]["a"] - tasks[t]["b"] for t in "xy"]
    v = [x.var(ddof=1) / len(x) / 4 for x in d]
    df = [
        2
        / (
            2 / (len(x) - 1)
            + max(3, len(x) * ((x - x.mean()) ** 4).sum() / ((x - x.mean()) ** 2).sum() ** 2 - 3) / len(x)
        )
        for x in d
    ]
    assert row["standard_error"] == pytest.approx(np.sqrt(sum(v)))
    assert row["df"] == pytest.approx(sum(v) ** 2 / sum(x**2 / f for x, f in zip(v, df, strict=True)))


def test_a_metric_that_is_no_mean_has_the_jackknifes_error(tmp_path):
    rng = np.random.default_rng(6)
    gold = rng.random(30)
    near = {m: gold + rng.normal(size=30) * s for m, s in (("a", 0.3), ("b", 0.6))}
    for model, similarity in near.items():
        frame = pd.DataFrame({"sample": range(30), "similarity": similarity, "gold": gold})
        rho = reference.spearmanr(similarity, gold).statistic
        write_task(tmp_path, "sts", model, frame, {"metric": "spearman", "main_score": rho})
    row = sample_level(Samples.open(tmp_path)).to_frame().iloc[0]
    kept = ~np.eye(30, dtype=bool)
    without = [np.subtract(*(reference.spearmanr(near[m][k], gold[k]).statistic for m in "ab")) for k in kept]
    assert row["standard_error"] == pytest.approx(np.sqrt(29 / 30 * ((without - np.mean(without)) ** 2).sum()))


def test_strata_are_resampled_by_themselves(tmp_path):
    scores = {"a": [0.9, 0.8, 0.5, 0.1], "b": [0.5, 0.6, 0.4, 0.2]}
    for model, values in scores.items():
        frame = pd.DataFrame({"sample": range(4), "subset": list("ppqq"), "score": values})
        write_task(tmp_path, "x", model, frame, {"metric": "mean", "main_score": float(np.mean(values))})
    # Differences .4, .2 and .1, -.1: variance .02 / 2 in either subset, a quarter of their sum.
    error = sample_level(Samples.open(tmp_path)).to_frame()["standard_error"].iloc[0]
    assert error == pytest.approx(np.sqrt((0.01 + 0.01) / 4))


def test_many_samples_are_taken_in_groups_without_changing_the_error_by_much(tmp_path):
    rng = np.random.default_rng(7)
    a, b = rng.random(30_000), rng.random(30_000)
    row = sample_level(_samples(tmp_path, {"x": {"a": a, "b": b}})).to_frame().iloc[0]
    # 2,000 groups: relative error of a standard deviation 1 / sqrt(2 * 1,999) = 1.6 %.
    assert row["standard_error"] == pytest.approx((a - b).std(ddof=1) / np.sqrt(30_000), rel=0.05)


def test_intervals_are_simultaneous_and_agree_with_the_adjusted_p(tmp_path):
    rng = np.random.default_rng(8)
    models = {m: rng.random(200) + 0.03 * i for i, m in enumerate("abcd")}
    found = sample_level(_samples(tmp_path, {"x": models}), correction="bonferroni").to_frame()
    excludes = (found["low"] > 0) | (found["high"] < 0)
    assert (excludes == (found["pvalue_adjusted"] <= 0.05)).all()
    assert 0 < excludes.sum() < len(found)


def test_equal_answers_have_p_1_and_a_single_sample_is_refused(tmp_path):
    same = sample_level(_samples(tmp_path / "a", {"x": {"a": [0.1, 0.4], "b": [0.1, 0.4]}}))
    assert same.pairs.pvalue.tolist() == [1.0]
    with pytest.raises(InputError, match="single sample"):
        sample_level(_samples(tmp_path / "b", {"x": {"a": [0.1], "b": [0.4]}}))
