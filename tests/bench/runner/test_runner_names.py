"""Models and tasks by name: what each name means, and the one clear line for a name that means nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import evaluate
from bench.runner.backends.in_process import run_here
from bench.runner.grid.jobs import Job
from bench.runner.grid.models import resolve_models
from bench.runner.grid.prompts import Prompts
from bench.runner.grid.tasks import resolve_tasks
from bench.runner.run_folder.records import Store
from bench.suites.paper import PAPER
from stats.common.errors import InputError

RANDOM = "mteb/baseline-random-encoder"


def test_a_folder_is_named_after_itself_and_its_content_is_its_revision(tiny_model: Path, tmp_path: Path) -> None:
    (spec,) = resolve_models([tiny_model])
    assert (spec.name, spec.kind, len(spec.revision)) == ("local/tiny", "folder", 16)
    copy = shutil.copytree(tiny_model, tmp_path / "other" / "model")
    (copy / "README.md").write_text("changed")
    (same,) = resolve_models([str(copy)])
    assert (same.name, same.revision) == ("local/other-model", spec.revision)
    (copy / "config_sentence_transformers.json").write_text("{}")
    assert resolve_models([copy])[0].revision != spec.revision
    assert resolve_models([f"mine={copy}"])[0].name == "local/mine"


def test_two_folders_of_one_name_are_told_apart(tiny_model: Path, tmp_path: Path) -> None:
    copies = [shutil.copytree(tiny_model, tmp_path / parent / "tiny") for parent in ("one", "two")]
    (copies[1] / "config_sentence_transformers.json").write_text("{}")
    assert [s.name for s in resolve_models(copies)] == ["local/one-tiny", "local/two-tiny"]
    assert len(resolve_models([copies[0], copies[0]])) == 1


def test_registered_names_and_variants(tiny_decoder: Callable[[str], Path]) -> None:
    registered, variant = resolve_models([RANDOM, f"model-5@{tiny_decoder('llama')}"])
    assert (registered.name, registered.kind) == (RANDOM, "registry")
    assert (variant.name, variant.kind) == ("embsig/model-5@llama", "variant")
    (other,) = resolve_models([f"model-1@{tiny_decoder('llama')}"])
    assert other.revision != variant.revision


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("./no/such/folder", "no folder ./no/such/folder: expected a model folder"),
        ("sentence-transformers/all-MiniLM-L6-v3", "did you mean 'sentence-transformers/all-MiniLM-L6-v2'"),
        ("model-55", "unknown model 'model-55'; did you mean 'model-5'"),
        (3, "got a model of type int"),
    ],
)
def test_a_model_that_is_none(model: object, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        resolve_models([model])
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is not a model folder: expected modules\.json or config\.json"):
        resolve_models([tmp_path])
    with pytest.raises(InputError, match="no model to run"):
        resolve_models([])


def test_tasks_by_name_subset_family_benchmark_and_suite() -> None:
    assert [t.name for t in resolve_tasks(["STS13", "STS12", "STS13"])] == ["STS13", "STS12"]
    (some,) = resolve_tasks(["SIB200Classification:eng_Latn"])
    assert some.subsets == ("eng_Latn",)
    english = resolve_tasks(benchmark="MTEB(eng, v2)")
    assert len(english) == 41
    assert len(resolve_tasks(benchmark="MTEB(eng, v2)", families=["STS"])) == 9
    assert {t.family for t in resolve_tasks(benchmark="MTEB(eng, v2)", families=["STS,Reranking"])} == {
        "STS",
        "Reranking",
    }
    assert {t.family for t in resolve_tasks(families=["Summarization"])} == {"Summarization"}
    assert "STS12" in {t.name for t in resolve_tasks(suite="paper")}


def test_a_benchmark_restricts_subsets() -> None:
    (sts22,) = [t for t in resolve_tasks(benchmark="MTEB(eng, v2)") if t.name.startswith("STS22")]
    assert sts22.subsets == ("en",)
    assert sts22.make().hf_subsets == ["en"]


def test_an_aggregate_follows_its_parts() -> None:
    specs = resolve_tasks(["CQADupstackRetrieval"])
    assert specs[-1].name == "CQADupstackRetrieval"
    assert specs[-1].parts == tuple(s.name for s in specs[:-1])
    assert len(specs) == 13


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"tasks": ["STSBenchmrk"]}, "unknown task 'STSBenchmrk'; did you mean 'STSBenchmark'"),
        ({"tasks": ["SIB200Classification:english"]}, "task SIB200Classification has no subset 'english'"),
        ({"families": ["STSS"]}, "unknown task family 'STSS'"),
        ({"benchmark": "MTEB(eng,v2)"}, r"unknown benchmark 'MTEB\(eng,v2\)'; did you mean .*MTEB\(eng, v2\)"),
        ({"suite": "papers"}, "unknown suite 'papers'"),
        ({}, "no task to run"),
        ({"tasks": [3]}, "got a task of type int"),
    ],
)
def test_a_task_that_is_none(asked: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        resolve_tasks(**asked)  # type: ignore[arg-type]  # bad values are the point
    assert "\n" not in str(caught.value)


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=r"output folder .* cannot be written"):
        evaluate(RANDOM, "STS12", output=tmp_path / "file" / "run")
    with pytest.raises(InputError, match="output folder /proc/run cannot be written"):
        evaluate(RANDOM, "STS12", output="/proc/run")


def test_an_output_in_use(tmp_path: Path) -> None:
    with Store(tmp_path).locked(), pytest.raises(InputError, match="is in use by process"):
        evaluate(RANDOM, "STS12", output=tmp_path, data_root=tmp_path)


@pytest.mark.parametrize("bad", [{"batch_tokens": 0}, {"threads": -1}])
def test_numbers_out_of_range(tmp_path: Path, bad: dict[str, int]) -> None:
    with pytest.raises(InputError, match="expected at least 1"):
        evaluate(RANDOM, "STS12", output=tmp_path, **bad)  # type: ignore[arg-type]  # bad values are the point


def test_data_that_is_not_there_fails_that_job_only(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    run = evaluate(RANDOM, ["STS12"], output=tmp_path / "out", data_root=tmp_path / "data")
    assert [(o.status, o.reason.split(":")[0]) for o in run.outcomes] == [("failed", "no data for STS12")]


def test_a_full_disk_ends_the_run_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno
    import os

    from mteb import mocks

    from bench.runner.grid.jobs import Settings

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (model,) = resolve_models([RANDOM])
    task = next(t for t in mocks.ALL_MOCK_TASK_TEST_GRID if t.metadata.name == "MockSTSTask")
    (spec,) = resolve_tasks([task])
    store = Store(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"No space left on device; make room .* what is finished is kept") as caught:
        run_here([Job(model, spec)], Settings(threads=1), store, lambda event: None, 1)
    assert "\n" not in str(caught.value)
    monkeypatch.undo()
    assert evaluate(RANDOM, task, output=tmp_path).exit_status == 0


def test_prompts_by_mode_and_file(tmp_path: Path) -> None:
    from mteb.get_tasks import _TASKS_REGISTRY

    retrieval, sts = (_TASKS_REGISTRY[n]().metadata for n in ("SciFact", "STSBenchmark"))
    assert Prompts.parse(None).text(sts, None) is None
    assert Prompts.parse("none").text(sts, None) == ""
    task = Prompts.parse("task")
    assert (
        task.text(retrieval, "query")
        == "Given a scientific claim, retrieve documents that support or refute the claim "
    )
    assert task.text(retrieval, "document") == ""
    assert task.text(sts, None) == "Retrieve semantically similar text. "
    path = tmp_path / "prompts.json"
    path.write_text('{"SciFact-query": "claim: ", "Retrieval": "search: ", "default": "text: "}')
    table = Prompts.parse(path)
    assert [table.text(retrieval, r) for r in ("query", "document")] == ["claim: ", "search: "]
    assert table.text(sts, None) == "text: "
    assert table.identity != Prompts.parse({"default": "x"}).identity
    paper = Prompts.parse("paper")
    assert paper.text(retrieval, "query").startswith("Given a scientific claim, retrieve documents that support or")
    assert paper.text(retrieval, "document") == ""
    reranking = _TASKS_REGISTRY["AskUbuntuDupQuestions"]().metadata
    assert {paper.text(reranking, role) for role in ("query", "document")} == {
        "Retrieve duplicate questions from AskUbuntu forum"
    }
    assert {name.removesuffix("-query").removesuffix("-document") for name in paper.table} == {
        name for names in PAPER.values() for name in names
    }
    path.write_text("[1]")
    with pytest.raises(InputError, match="expected a JSON object of instruction texts"):
        Prompts.parse(path)
    with pytest.raises(InputError, match="prompt 'nosuch': expected none, task, model, paper or a JSON file"):
        Prompts.parse("nosuch")


def test_a_prompt_for_a_model_that_sets_its_own_is_refused(tmp_path: Path) -> None:
    from mteb import mocks

    task = next(t for t in mocks.ALL_MOCK_TASK_TEST_GRID if t.metadata.name == "MockSTSTask")
    run = evaluate(RANDOM, task, output=tmp_path, prompt="task")
    assert "sets its own prompts: leave prompt out" in run.outcomes[0].reason
