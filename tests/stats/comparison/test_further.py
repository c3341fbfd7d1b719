"""What compare says beside its test: every further method, as its own function says it, and the warnings that the data call for."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import reports
from reports.tables.named import FURTHER
from stats import (
    Comparison,
    InputError,
    Scores,
    agreement,
    bayes_t,
    borda,
    bradley_terry,
    compare,
    effects,
    friedman,
    minimum_detectable_effect,
    model_confidence_set,
    rank_confidence,
    replicate_intervals,
    required_tasks,
    variance_components,
)
from stats.planning import spread_neighbours
from stats.prediction import predict_new_task
from stats.robustness import rank_robustness

QUICK = {"n_resamples": 200, "rng": 0}
DETAILS = {
    "rankings": {"borda", "mean", "bradley_terry", "model_confidence_set"},
    "agreement": {"tasks", "families"},
    "effects": {"pairs"},
    "planning": {"minimum_detectable_effect", "required_tasks", "power"},
    "variance": set(),
    "prediction": {"new_task"},
    "robustness": {"rules"},
    "clean": set(),
    "cost": set(),
}


@pytest.fixture(scope="module")
def scores() -> Scores:
    rng = np.random.default_rng(5)
    index = pd.Index([f"t{i:02}" for i in range(12)], name="task")
    table = pd.DataFrame(np.round(rng.normal([0.6, 0.57, 0.55, 0.5], 0.05, (12, 4)), 3), index, list("abcd"))
    return Scores.build(table, pd.DataFrame({"family": ["STS"] * 7 + ["Retrieval"] * 5}, index=index))


@pytest.fixture(scope="module")
def full(scores) -> Comparison:
    return compare(scores, details=True, effect=0.02, **QUICK)


def test_every_method_is_reached_and_is_that_of_its_own_function(full):
    assert {group: set(named) for group, named in full.further.items()} == DETAILS
    s = full.scores
    frames = {(group, name): f.frame for group, named in full.further.items() for name, f in named.items()}
    same = pd.testing.assert_frame_equal
    same(frames["rankings", "borda"], borda(s))
    by_mean = rank_confidence(s, by="mean", method="bootstrap-t", **QUICK).to_frame()
    same(frames["rankings", "mean"], by_mean.rename(columns={"estimate": "mean"}))
    same(frames["rankings", "bradley_terry"], bradley_terry(s, **QUICK).to_frame())
    same(frames["rankings", "model_confidence_set"], model_confidence_set(s, **QUICK).frame)
    same(frames["agreement", "tasks"], agreement(s).tasks)
    same(frames["agreement", "families"], agreement(s).families)
    found = effects(s).to_frame()
    same(frames["effects", "pairs"], found[frames["effects", "pairs"].columns.tolist()])
    planned = {"n_comparisons": 6, "pairs": spread_neighbours(s), "rng": 0}
    same(frames["planning", "minimum_detectable_effect"], minimum_detectable_effect(s, **planned).frame)
    same(frames["planning", "required_tasks"], required_tasks(s, 0.02, **planned).frame)
    same(frames["prediction", "new_task"], predict_new_task(s, confidence_level=0.8).models)
    same(frames["robustness", "rules"], rank_robustness(s).rules)


def test_every_number_is_traceable_in_json(full):
    d = full.to_dict()
    for group, names in DETAILS.items():
        assert set(d[group]) == names
        for found in d[group].values():
            assert found["method"]
            assert found["source"]
            assert found["n_tasks"] == 12
            assert found["rows"]
    assert d["agreement"]["tasks"]["kendall_w"] == agreement(full.scores).kendall_w
    for test in d["omnibus"].values():
        assert test["method"]
        assert test["n_tasks"] == 12
    assert d["families"]["STS"]["rankings"] == {}
    json.dumps(d, allow_nan=False)


def test_the_cheap_ones_are_always_there_and_the_rest_on_request(scores):
    found = compare(scores, **QUICK).further
    assert {group: set(named) for group, named in found.items() if named} == {
        "rankings": {"borda"}, "agreement": {"tasks", "families"}
    }  # fmt: skip


def test_saved_and_loaded(full, tmp_path):
    full.save(tmp_path / "c.json")
    again = Comparison.load(tmp_path / "c.json")
    assert json.dumps(again.to_dict()) == json.dumps(full.to_dict())
    assert again.further["rankings"]["bradley_terry"].warnings == full.further["rankings"]["bradley_terry"].warnings


def test_every_form_shows_them(full):
    text, page = reports.text_report(full), reports.html_report(full)
    for group, named in full.further.items():
        for key, finding in named.items():
            assert (group, key) in FURTHER.values()
            assert finding.title in text
            assert f"<h3>{finding.title.replace(chr(39), '&#39;')}</h3>" in page
            assert finding.source[1:].replace("'", "&#39;").split(";")[0] in page  # its first letter is a capital
    for name in reports.TABLES:
        if name in (
            "design",
            "seeds",
            "training-runs",
            "variance-parts",
            "prompts",
            "replicates",
            "incomplete-models",
            "clean",
            "size",
            "active-size",
            "vector-size",
        ):
            with pytest.raises(InputError, match=f"no table '{name}': it needs"):
                reports.named_frame(full, name)
            continue
        frame, method = reports.named_frame(full, name)
        assert len(reports.csv_table(frame).splitlines()) == len(frame) + 1
        assert method
        assert reports.markdown_table(full, table=name).count("\n|") == len(frame) + 1
        assert reports.latex_table(full, table=name).count("\\\\\n") == len(frame) + 1
    with pytest.raises(InputError, match="unknown table 'elo': expected one of pairs, ranks"):
        reports.named_frame(full, "elo")


def test_a_model_that_wins_everything_gets_a_prior_and_says_so():
    frame = pd.DataFrame({"a": [3.0, 3, 3, 3], "b": [1.0, 2, 1, 2], "c": [2.0, 1, 2, 1]}, index=list("wxyz"))
    found = compare(frame, details=True, **QUICK).further["rankings"]["bradley_terry"]
    assert "prior 0.1" in found.method
    assert np.isfinite(found.frame["ability"]).all()


def test_seeds_and_replicates_where_the_scores_have_them():
    long = pd.DataFrame(
        [
            (m, t, s, 0.5 + 0.1 * (m == "a") + 0.01 * s * len(t))
            for m in "ab"
            for t in ("x", "yy", "zzz")
            for s in (1, 2)
        ],
        columns=["model", "task", "seed", "score"],
    )
    table = Scores.from_frame(long)
    found = compare(table, **QUICK).further["variance"]["seeds"]
    pd.testing.assert_frame_equal(found.frame, variance_components(compare(table, **QUICK).scores).frame)
    compared = compare(table, **QUICK)
    runs = compared.further["variance"]["training_runs"]
    assert runs.text in compared.conclusions
    assert reports.named_frame(compared, "training-runs")[0] is runs.frame
    assert "Welch t test, Holm-corrected, alpha = 0.05" in runs.text
    frame = pd.DataFrame({"a": [0.5, 0.6], "b": [0.4, 0.5]}, index=["x", "y"])
    cells = pd.DataFrame({"task": ["x"], "model": ["a"], "replicates": [[0.4, 0.5, 0.6]]})
    published = Scores.build(frame, pd.DataFrame(index=["x", "y"]), cells=cells)
    found = compare(published, details=True, **QUICK)
    pd.testing.assert_frame_equal(found.further["variance"]["replicates"].frame, replicate_intervals(published))
    assert "variance" not in {g for g, named in compare(published, **QUICK).further.items() if named}


def test_what_cannot_be_had_is_said(scores):
    table = scores.table.copy()
    for i in range(11):
        table.iloc[i, i % 4] = np.nan
    found = compare(replace(scores, table=table), missing="keep", details=True, **QUICK)
    assert set(found.further["agreement"]) == set()
    assert any(w.startswith("No agreement (tasks): got 4 model(s) and 1 task(s)") for w in found.warnings)
    assert found.further["rankings"]["borda"].frame["n_tasks"].min() < 12


def test_the_bayesian_t_test_is_a_test_of_compare(scores):
    found = compare(scores, test="bayes-t", rope=0.01, families=False, **QUICK)
    alone = bayes_t(found.scores, rope=0.01)
    np.testing.assert_array_equal(found.pairs["p_better"], alone.extra["p_better"])
    np.testing.assert_array_equal(found.pairs["low"], alone.low)
    sure = np.maximum(alone.extra["p_better"], alone.extra["p_worse"]) >= 0.95
    assert found.pairs["significant"].tolist() == sure.tolist()
    assert found.method["test_name"].startswith("Bayesian t")
    assert "P(equivalent)" in reports.text_report(found)


def test_the_exact_friedman_stands_beside_the_chi_square_in_small_tables(scores):
    found = compare(scores, **QUICK)
    assert found.omnibus["friedman_exact"]["pvalue"] == friedman(found.scores, method="exact").pvalue
    big = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 6)), columns=list("abcdef")).rename(index=str)
    assert "friedman_exact" not in compare(big, **QUICK).omnibus


# -- warnings ----------------------------------------------------------------------------------------------------


def test_strongly_skewed_differences_are_named_where_the_test_is_of_symmetry():
    rng = np.random.default_rng(0)
    base = rng.normal(0, 1, 41)
    frame = pd.DataFrame(
        {"a": base + rng.exponential(1, 41) + 0.2, "b": base, "c": base + rng.normal(0, 1, 41)}
    ).rename(index=str)
    found = compare(frame, **QUICK)
    told = [w for w in found.warnings if "strongly skewed" in w]
    assert len(told) == 1
    assert "those of a and b" in told[0]
    assert "bootstrap test with the Romano-Wolf correction" in told[0]
    assert not any("skewed" in w for w in compare(frame, test="bootstrap", **QUICK).warnings)
    assert not any("skewed" in w for w in compare(frame[["b", "c"]] + [1, 0], **QUICK).warnings)


def test_tasks_of_one_source_that_move_together_are_named():
    rng = np.random.default_rng(1)
    noise = np.repeat(rng.normal(size=(8, 5)), 3, axis=0) + 0.3 * rng.normal(size=(24, 5))
    frame = pd.DataFrame(noise, columns=list("abcde")).rename(index=lambda i: f"t{i:02}")
    groups = pd.DataFrame({"group": [f"g{i // 3}" for i in range(24)]}, index=frame.index)
    together = Scores.build(frame, groups)
    told = [w for w in compare(together, groups="none", **QUICK).warnings if "move together" in w]
    assert len(told) == 1
    assert "taken as 8 groups" in told[0]
    assert not any("move together" in w for w in compare(together, **QUICK).warnings)
    assert compare(together, **QUICK).method.n_units == 8
    apart = Scores.build(frame.sample(frac=1, random_state=0).set_axis(frame.index), groups)
    assert not any("move together" in w for w in compare(apart, groups="none", **QUICK).warnings)
    assert not any("move together" in w for w in compare(frame, **QUICK).warnings)


@pytest.mark.parametrize(("k", "said"), [(2, False), (4, False), (5, True)])
def test_a_task_agrees_least_only_where_chance_would_not_turn_it_round(k: int, said: bool) -> None:
    table = np.tile(np.linspace(0.3, 0.7, k), (6, 1)) + np.linspace(0, 0.05, 6)[:, None]
    table[0] = table[0, ::-1]
    found = compare(Scores.from_frame(pd.DataFrame(table, list("abcdef"), [f"m{j}" for j in range(k)]), rows="tasks"))
    assert ("a agrees least with the other tasks (Spearman -1.00)" in found.further["agreement"]["tasks"].text) == said
