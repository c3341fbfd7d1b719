"""`embsig subset` as it is typed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stats.samples import write_task


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    ability = rng.normal(0.6, 0.08, 60)
    tasks = ["STSBenchmark", "BIOSSES", "SciFact", "Banking77Classification", "NFCorpus"]
    frame = pd.DataFrame(
        {t: ability + rng.normal(0, 0.02, 60) for t in tasks}, [f"maker{i // 2}/m{i}" for i in range(60)]
    )
    path = tmp_path / "scores.csv"
    frame.rename_axis("model").to_csv(path)
    return path


def test_the_cheapest_tasks_by_mtebs_statistics_and_by_a_file(table: Path, cli: Any, tmp_path: Path) -> None:
    ended, out, _ = cli("subset", str(table), "--budget", "20%", "--format", "json")
    assert ended == 0
    said = json.loads(out)
    assert said["cost"] <= 0.2
    assert "SciFact" not in said["chosen"]  # two thirds of all characters
    costs = tmp_path / "costs.csv"
    costs.write_text("task,cost\nSciFact,1\nSTSBenchmark,9\nBIOSSES,9\nBanking77Classification,9\nNFCorpus,9\n")
    ended, out, _ = cli("subset", str(table), "--budget", "0.05", "--costs", str(costs), "--format", "json")
    assert ended == 0
    assert json.loads(out)["chosen"] == ["SciFact"]


def test_seconds_of_a_run_count(table: Path, cli: Any, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    jobs = [
        {"task": t, "status": "done", "seconds": s}
        for t, s in {
            "STSBenchmark": 1,
            "BIOSSES": 50,
            "SciFact": 50,
            "Banking77Classification": 50,
            "NFCorpus": 50,
        }.items()
    ]
    (run / "runs.jsonl").write_text(json.dumps({"jobs": jobs}) + "\n")
    ended, out, _ = cli("subset", str(table), "--budget", "10%", "--costs", str(run), "--format", "json")
    assert ended == 0
    assert json.loads(out)["chosen"] == ["STSBenchmark"]


def test_models_that_were_run_on_the_subset_are_predicted(table: Path, cli: Any, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text("model,STSBenchmark,BIOSSES,SciFact,Banking77Classification,NFCorpus\nmine,.7,.7,.7,.7,.7\n")
    ended, out, _ = cli("subset", str(table), "--costs", "tasks", "--budget", "40%", "--predict", str(new))
    assert ended == 0
    assert out.startswith("2 of 5 tasks, 40 % of the cost")
    name, predicted, low, high = out.splitlines()[-1].split()
    assert name == "mine"
    assert float(low) < 0.7 < float(high)
    assert abs(float(predicted) - 0.7) < 0.03


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--budget", "20"], "--budget 20: expected a share of the cost of all tasks, such as 20% or 0.2"),
        (["--budget", "much"], "--budget much: expected a share"),
        (["--costs", "nowhere"], "no costs at nowhere"),
    ],
)
def test_bad_input_is_one_line(table: Path, cli: Any, arguments: list[str], says: str) -> None:
    ended, _, said = cli("subset", str(table), *arguments)
    assert ended == 2
    assert says in said


def test_a_task_that_mteb_does_not_know_has_no_cost(table: Path, cli: Any, tmp_path: Path) -> None:
    frame = pd.read_csv(table).rename(columns={"NFCorpus": "MyTask"})
    frame.to_csv(tmp_path / "own.csv", index=False)
    ended, _, said = cli("subset", str(tmp_path / "own.csv"))
    assert ended == 2
    assert "no cost of MyTask" in said
    assert "--costs tasks" in said


def _items_run(folder: Path, names: "list[str]", seed: int) -> Path:
    rng = np.random.default_rng(seed)
    hard = np.random.default_rng(0).normal(0, 1.5, 100)
    for name in names:
        right = (rng.random(100) < 1 / (1 + np.exp(hard - rng.normal()))).astype(bool)
        frame = pd.DataFrame({"sample": [f"q{i}" for i in range(100)], "correct": right})
        write_task(
            folder,
            "Topics",
            name,
            frame,
            {"metric": "accuracy", "main_score": right.mean(), "family": "Classification"},
        )
    return folder


def test_samples_within_tasks(cli: Any, tmp_path: Path) -> None:
    run = _items_run(tmp_path / "run", [f"maker{i // 2}/m{i}" for i in range(6)], 1)
    new = _items_run(tmp_path / "new", ["other/new"], 2)
    ended, out, _ = cli("subset", str(run), "--items", "--budget", "30%", "--predict", str(new), "--format", "json")
    found = json.loads(out)
    assert (ended, found["n"], found["n_all"], len(found["items"])) == (0, 30, 100, 30)
    assert found["predicted"][0]["low"] < found["predicted"][0]["predicted"] < found["predicted"][0]["high"]
    ended, out, _ = cli("subset", str(run), "--items")
    assert "20 of 100 samples" in out
    assert "Topics: 20 of 100" in out
    ended, _, said = cli("subset", str(run), "--items", "--costs", "tasks")
    assert (ended, "leave it out with --items" in said) == (2, True)
