"""Of MTEB results it is said what was read, as of tables."""

import json
from typing import Any

import pytest

from bench import read
from embsig.cli.app import main


def _sentence(scores: Any) -> str:
    return str(scores.provenance["read"]["sentence"])


@pytest.fixture
def two_models(tmp_path: Any, write_result: Any) -> Any:
    for model, scores in (("org/a", (0.5, 0.6)), ("org/b", (0.4, 0.7))):
        for task, score in zip(("STS12", "STS13"), scores, strict=True):
            write_result(model, task, {"test": {"default": score}})
    return tmp_path


def test_a_tree_says_tasks_models_and_files(two_models: Any) -> None:
    assert _sentence(read(two_models)) == "read as 2 tasks x 2 models, MTEB results of 4 files, scores as fractions"


def test_what_is_missing_and_left_out_is_said(two_models: Any, write_result: Any) -> None:
    write_result("org/a", "STS14", {"test": {"default": 0.5}})
    bare = next(two_models.glob("**/org__b/*"))
    (bare / "model_meta.json").unlink()
    read_ = read(two_models).provenance["read"]
    assert read_["sentence"].endswith("set aside: 2 files (without model_meta.json)")
    write_result("org/c", "STS12", {"test": {"default": 0.5}})
    assert _sentence(read(two_models)).endswith("; 2 of 6 scores missing")


def test_a_file_with_two_main_scores_is_used_and_said_to_be(two_models: Any) -> None:
    file = next(two_models.glob("**/org__a/*/STS12.json"))
    content = json.loads(file.read_text())
    content["scores"]["test"].append({**content["scores"]["test"][0], "main_score": 0.9})
    file.write_text(json.dumps(content))
    scores = read(two_models)
    assert scores.table.loc["STS12", "org/a"] == pytest.approx(0.7)  # (.5 + .9) / 2, as with mteb
    assert _sentence(scores).endswith("; 1 file with two main scores of one subset, whose mean counts")
    assert scores.provenance["read"]["set_aside"] == {}


def test_a_benchmark_and_a_unit_are_named(two_models: Any) -> None:
    assert "MTEB results of 4 files for MTEB(eng, v2), scores as fractions; 78 of 82 scores missing" in _sentence(
        read(two_models, benchmark="MTEB(eng, v2)")
    )
    assert _sentence(read(two_models, unit="language")).startswith("read as 2 languages x 2 models")


def test_scores_that_authors_reported_are_counted(two_models: Any, write_result: Any) -> None:
    write_result("org/a", "STS15", {"test": {"default": 0.5}}, revision="external")
    assert "1 score self-reported by the models' authors" in _sentence(read(two_models))


def test_the_command_says_it_on_stderr(two_models: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["scores", str(two_models), "-o", str(two_models / "s.csv")])
    assert done.value.code in (0, None)
    assert "embsig: read as 2 tasks x 2 models, MTEB results of 4 files" in capsys.readouterr().err


def test_results_in_memory_say_it_too(two_models: Any) -> None:
    results = pytest.importorskip("mteb.results")
    path = next(two_models.glob("**/org__a/*/STS12.json"))
    task = results.TaskResult.model_validate(json.loads(path.read_text()) | {"evaluation_time": 1.0})
    assert _sentence(read([task])).startswith("read as 1 task x 1 model, MTEB results")
