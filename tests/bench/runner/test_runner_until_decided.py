"""A run that stops when it is decided: order, looks, manifest, resuming, and what is refused of it afterwards."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import embsig
from bench import UntilDecided, evaluate, read_samples, read_scores
from bench.runner import until_decided
from bench.runner.until_decided import Looks
from bench.task_costs import task_costs
from stats import anytime_tasks
from stats.common.errors import InputError
from tiny_models import save_tiny_model

N_TASKS = 5
#: Tasks that are imagined before the first, each better by .01: with nine it is decided, so after three of the run's.
BEFORE = 6


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("two")
    return [f"{name}={save_tiny_model(folder / name, seed=i)}" for i, name in enumerate(("old", "new"))]


@pytest.fixture(scope="module")
def mock_tasks(mock_tasks: list[Any]) -> list[Any]:
    """Five that take no time."""
    names = ("STS", "PairClassification", "Retrieval", "BitextMining", "Summarization")
    return [next(t for t in mock_tasks if t.metadata.name == f"Mock{n}Task") for n in names]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory, models: list[str], mock_tasks: list[Any]) -> Path:
    """A run of which every task seems to be better by .01, which is decided after three."""
    out = tmp_path_factory.mktemp("stopped")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            until_decided, "anytime_tasks", lambda seen, **how: anytime_tasks([0.01] * (BEFORE + len(seen)), **how)
        )
        done = evaluate(
            models, mock_tasks[:N_TASKS], output=out, until_decided=UntilDecided(name("old"), 0.005, order="given")
        )
    assert done.decided is not None
    assert done.decided["verdict"] == "ACCEPT"
    assert {o.job.task.name for o in done.outcomes} == {t.metadata.name for t in mock_tasks[:3]}
    assert done.decided["text"] in str(done)
    return out


def name(model: str) -> str:
    return f"local/{model}"


def test_the_manifest_says_what_the_run_is(stopped: Path, mock_tasks: list[Any]) -> None:
    said = json.loads((stopped / "manifest.json").read_text())["until_decided"]
    assert said["left"] == [t.metadata.name for t in mock_tasks[3:N_TASKS]]
    assert (said["verdict"], said["candidate"], said["against"], said["margin"]) == (
        "ACCEPT",
        name("new"),
        name("old"),
        0.005,
    )
    assert len(said["looks"]) == BEFORE + 3
    assert [look["e_accept"] >= 40 for look in said["looks"]] == [False] * (BEFORE + 2) + [True]


def test_it_is_not_compared_as_if_it_were_full(stopped: Path, cli: Any, tmp_path: Path) -> None:
    line = "was stopped when it was decided (ACCEPT: local/new against local/old), with 2 tasks left"
    for arguments in (
        ["compare", str(stopped)],
        ["gate", str(stopped), "--baseline", name("old"), "--candidate", name("new"), "--margin", "0.005"],
        [
            "gate",
            str(stopped),
            "--baseline",
            name("old"),
            "--candidate",
            name("new"),
            "--margin",
            "0.005",
            "--level",
            "samples",
        ],
    ):
        ended, _, said = cli(*arguments)
        assert ended == 2, arguments
        assert line in said
        assert said.count("embsig: error") == 1
    for source in (str(stopped), read_scores(stopped), [str(stopped)]):
        with pytest.raises(InputError, match="was stopped when it was decided"):
            embsig.compare(source)
    two = {"baseline": name("old"), "candidate": name("new"), "margin": 0.005}
    with pytest.raises(InputError, match="was stopped when it was decided"):
        embsig.gate(read_samples([stopped]), level="samples", **two)
    assert read_scores(stopped).n_tasks == 3  # reading is free: a third model may be compared with one of them


def test_the_same_call_resumes_and_a_full_run_makes_it_full(
    stopped: Path, models: list[str], mock_tasks: list[Any], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    shutil.copytree(stopped, out)
    evaluate(models[:1], mock_tasks[:1], output=out)  # something else in this folder: the tasks are still left
    assert json.loads((out / "manifest.json").read_text())["until_decided"]["left"]
    full = evaluate(models, mock_tasks[:N_TASKS], output=out)
    assert full.to_frame()["status"].value_counts().to_dict() == {"cached": 6, "done": 4}
    assert "until_decided" not in json.loads((out / "manifest.json").read_text())
    embsig.compare(out)
    again = evaluate(
        models, mock_tasks[:N_TASKS], output=out, until_decided=UntilDecided(name("old"), 0.19, order="given")
    )
    assert again.decided is not None
    assert again.decided["left"] == []  # decided or not, everything is there
    embsig.compare(out)


def test_a_run_that_is_not_decided_is_a_full_one(models: list[str], mock_tasks: list[Any], tmp_path: Path) -> None:
    done = evaluate(models, mock_tasks[:2], output=tmp_path, until_decided=UntilDecided(name("old"), 0.005))
    assert done.decided is not None
    assert done.decided["verdict"] == "UNDECIDED"
    assert "all tasks are evaluated: `embsig gate` compares them as a whole" in done.decided["text"]
    assert len(done.outcomes) == 4


def jobs(names: list[str], two: tuple[str, ...] = ("a", "b")) -> list[Any]:
    from bench.runner.grid.jobs import Job
    from bench.runner.grid.models import ModelSpec
    from bench.runner.grid.tasks import resolve_tasks

    specs = [ModelSpec(n, "1", "object", None) for n in two]
    return [Job(m, t) for m in specs for t in resolve_tasks(names) if not t.parts]


def test_the_cheapest_come_first_and_tasks_of_one_source_together() -> None:
    names = ["TRECCOVID", "STS12", "STS13", "Banking77Classification", "STSBenchmark", "BIOSSES"]
    costs = task_costs(names)
    assert costs["STSBenchmark"] == 147886  # mteb's statistics: characters of both texts of 1,379 pairs
    assert costs["TRECCOVID"] == 191466532
    units = Looks(UntilDecided("a", 0.005), jobs(names), {}, None, 1, None)._units  # type: ignore[arg-type]
    order = [list(dict.fromkeys(job.task.name for job in unit)) for unit in units]
    assert order == [["BIOSSES"], ["Banking77Classification"], ["STS12", "STS13", "STSBenchmark"], ["TRECCOVID"]]
    assert all({job.model.name for job in unit} == {"a", "b"} for unit in units)


@pytest.mark.parametrize(
    ("asked", "two", "how", "says"),
    [
        (UntilDecided("c", 0.005), ("a", "b"), {}, "no model of this run is called 'c', the baseline: there are a and b"),
        (UntilDecided("a", 0.005), ("a", "b", "d"), {}, "takes two, the baseline and one candidate"),
        (UntilDecided("a", 0.005), ("a",), {}, "1 model (a): a run until decided takes two"),
        (UntilDecided("a", 0.5), ("a", "b"), {}, "margin=0.5 on scores of 0 to 1, as MTEB's are: on another scale"),
        (UntilDecided("a", 0.005, order="outcome"), ("a", "b"), {}, "unknown order 'outcome'"),
        (UntilDecided("a", 0.005), ("a", "b"), {"workers": 2}, "leave out workers and cluster"),
        (UntilDecided("a", 0.005, alpha=2), ("a", "b"), {}, "alpha=2"),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_line(asked: UntilDecided, two: tuple[str, ...], how: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as error:
        Looks(asked, jobs(["STS12"], two), {}, None, how.get("workers", 1), None)  # type: ignore[arg-type]
    assert says in str(error.value)


def test_the_command_says_what_it_lacks(cli: Any, models: list[str], tmp_path: Path) -> None:
    run = ["run", "-o", str(tmp_path / "r"), "-m", models[0], "-m", models[1], "-t", "STS12"]
    for more, says in (
        (["--until-decided", "--margin", "0.005"], "--until-decided needs --against BASELINE"),
        (["--against", "old", "--margin", "0.005"], "add --until-decided"),
        (["--until-decided", "--against", "old", "--margin", "0.005"], "no model of this run is called 'old'"),
    ):
        ended, _, said = cli(*run, *more)
        assert ended == 2
        assert says in said
