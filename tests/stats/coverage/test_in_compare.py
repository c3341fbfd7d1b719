"""Coverage in compare: the default of a benchmark, its sentence and JSON, and options that an error proposes."""

import json

import numpy as np
import pandas as pd
import pytest

from reports import text_report
from stats import Comparison, Scores, compare
from stats.common.errors import InputError


def _scores(benchmark: str | None = "MTEB(made up)") -> Scores:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        rng.normal(0.6, 0.05, (12, 9)), [f"t{i}" for i in range(12)], [f"m{j}" for j in range(9)]
    ) + np.linspace(0, 0.1, 9)
    frame.loc["t4", [f"m{j}" for j in range(2, 9)]] = np.nan
    return Scores.from_frame(frame, rows="tasks", provenance={"benchmark": benchmark} if benchmark else {})


def test_a_benchmark_is_compared_on_the_chosen_block_and_says_so():
    found = compare(_scores(), n_resamples=200, rng=0)
    assert (found.n_models, found.n_tasks) == (9, 11)
    said = found.to_dict()["coverage"]
    assert (said["policy"], said["tasks_asked"], said["tasks_used"], said["models_seen"]) == ("auto", 12, 11, 9)
    assert said["trade_off"] == [{"drop": [], "models": 2}, {"drop": ["t4"], "models": 9}]
    assert any("t4" in s and "2 models with every task, 9 without" in s for s in found.conclusions)
    assert found.excluded["tasks"] == {"t4": "7 models without a score; 2 complete with it, 9 without"}


def test_a_table_keeps_its_models_and_tells_what_else_there_is():
    found = compare(_scores(None), n_resamples=200, rng=0)
    assert (found.n_models, found.n_tasks) == (2, 12)
    sentence = next(s for s in found.conclusions if "--coverage auto" in s)
    assert "9 models" in sentence
    assert compare(_scores(None), missing="auto", n_resamples=200, rng=0).n_models == 9


def test_what_is_required_is_there():
    assert compare(_scores(), require_tasks=["t4"], n_resamples=200, rng=0).n_models == 2
    assert compare(_scores(), control="m8", n_resamples=200, rng=0).n_models == 9
    values = _scores(None).values.copy()
    values[np.arange(12), np.arange(12) % 9] = np.nan
    frame = pd.DataFrame(values, _scores(None).task_names, _scores(None).models)
    with pytest.raises(InputError, match="--coverage auto"):
        compare(frame, missing="tasks")


def test_keep_ranks_nobody_from_few_tasks():
    scores = _scores(None)
    table = scores.table.copy()
    table.loc[table.index[1:], "m0"] = np.nan
    table.loc["t0", "m0"] = 0.99
    found = compare(table, missing="keep", n_resamples=200, rng=0)
    assert "m0" not in found.scores.models
    assert found.excluded["models"]["m0"] == "too few scores to be ranked: 1 of 12 tasks"


def test_a_first_place_on_a_part_of_the_benchmark_says_so():
    scores = _scores()
    table = scores.table.copy()
    table.iloc[3:] = np.nan
    part = Scores.from_frame(table, rows="tasks", provenance={"benchmark": "MTEB(made up)"})
    found = compare(part, n_resamples=200, rng=0)
    assert "ranks first on only 3 of the 12 tasks asked for: " in found.conclusions[1]
    said = next(s for s in found.conclusions if s.startswith("Compared: "))
    assert (
        said
        == "Compared: all 9 models that have scores, on 3 of 12 tasks. t3, t4, t5, t6 and 5 more have no score of any model here."
    )
    assert "asked for" not in " ".join(compare(scores, n_resamples=200, rng=0).conclusions)


def test_who_is_not_compared_stays_visible_with_the_reason():
    table = _scores(None).table.drop(index="t4")
    table.loc["t0", "m1"] = np.nan
    table.loc["t0":"t8", "m2"] = np.nan
    found = compare(table, n_resamples=200, rng=0)
    rows = [(r.model, r.n, r.status, r.reason) for r in found.coverage.incomplete]
    assert rows[0] == ("m1", 10, "provisional", "no score on t0")
    assert rows[1][:3] == ("m2", 3, "unranked")
    text = text_report(found)
    assert "Not compared, as they lack scores: 2 models; 1 with half of the tasks or more is provisional." in text
    assert "10 of 11  provisional  no score on t0" in text
    assert found.to_dict()["coverage"]["incomplete"][0]["status"] == "provisional"


def test_analysed_but_not_shown_is_not_left_out():
    table = _scores(None).table.drop(index="t4")
    table.loc["t0", "m1"] = np.nan
    said = " ".join(compare(table, top=3, n_resamples=200, rng=0).conclusions)
    assert "1 model was left out: m1 (no score on t0). 5 further models were analysed but are not shown." in said


def test_saved_and_loaded(tmp_path):
    found = compare(_scores(), n_resamples=200, rng=0)
    found.save(tmp_path / "c.json")
    again = Comparison.load(tmp_path / "c.json")
    assert again.coverage is not None
    assert again.coverage.to_dict() == found.coverage.to_dict()


def test_on_the_command_line(cli, tmp_path):
    _scores(None).to_csv(tmp_path / "scores.csv")
    for option, models in ((["--coverage", "auto"], 9), (["--missing", "models"], 2), (["--task", "!t4"], 9)):
        code, out, err = cli("compare", tmp_path / "scores.csv", *option, "--resamples", "200", "--format", "json")
        assert code == 0, err
        assert json.loads(out)["n_models"] == models
    code, _, err = cli("compare", tmp_path / "scores.csv", "--coverage", "atuo")
    assert code == 2
    assert "auto" in err


def test_a_new_task_from_a_file_of_scores_or_of_tasks(cli, tmp_path):
    _scores(None).table.drop(index="t4").to_csv(tmp_path / "scores.csv")
    for name, text in (
        ("scores", "model,score\nm0,.5\nm3,.6\nm6,.7\n"),
        ("tasks", "t0\nt1\nt2\nt3\nt5\nt6\nt7\nt8\nt9\n"),
    ):
        (tmp_path / f"{name}.txt").write_text(text)
        code, out, err = cli(
            "compare",
            tmp_path / "scores.csv",
            "--like",
            tmp_path / f"{name}.txt",
            "--resamples",
            "200",
            "--format",
            "json",
        )
        assert code == 0, err
        assert {row["model"] for row in json.loads(out)["prediction"]["new_task"]["rows"]} >= {"m1", "m8"}
    (tmp_path / "bad.txt").write_text("m0,good\nm1,.5\n")
    code, _, err = cli("compare", tmp_path / "scores.csv", "--like", tmp_path / "bad.txt")
    assert (code, "expected model,score" in err) == (2, True)
    for text, said in (
        ("m0,.5\nm1,nan\n", "got 'm1,nan', expected model,score"),
        ("m0,1e999\nm1,.5\n", "got 'm0,1e999', expected model,score"),
        ("m0,.5\nm1,.4\nm0,.6\n", "model 'm0' has two scores, 0.5 and 0.6: keep one of them"),
    ):
        (tmp_path / "bad.txt").write_text(text)
        code, _, err = cli("compare", tmp_path / "scores.csv", "--like", tmp_path / "bad.txt")
        assert (code, said in err) == (2, True), err
    (tmp_path / "few.txt").write_text("m0,.5\nstranger,.4\n")
    code, out, err = cli("compare", tmp_path / "scores.csv", "--like", tmp_path / "few.txt", "--resamples", "200")
    assert code == 0, err
    assert "stranger is not among the models compared" in " ".join(out.split())
