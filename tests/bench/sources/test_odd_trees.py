"""Trees as they are found: what cannot be read is named, and a number is the one that the files say or none."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import read_scores
from embsig.cli.app import main
from stats.common.errors import InputError

Write = Callable[..., Path]


def one(score: float) -> dict[str, dict[str, float]]:
    return {"test": {"default": score}}


def left_out(source: Path) -> dict[str, str]:
    """The files that could not be read, by path in the source."""
    found: dict[str, str] = read_scores(source).provenance["left_out"].get("unreadable_files", {})
    return found


def test_a_link_to_nothing_is_named(tmp_path: Path, write_result: Write) -> None:
    """A download from the hub is a tree of links, and what was not fetched a link to nothing."""
    path = write_result("a", "STS12", one(0.5))
    path.with_name("STS13.json").symlink_to(tmp_path / "blobs" / "0123")
    assert left_out(tmp_path) == {"results/a/r1/STS13.json": "a link to a file that is not there"}
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "0123").write_text(path.read_text().replace("STS12", "STS13"))
    assert read_scores(tmp_path).table["a"].to_dict() == {"STS12": 0.5, "STS13": 0.5}


@pytest.mark.parametrize("content", ["", "{", "[1]"])
def test_a_card_that_cannot_be_read_is_named(tmp_path: Path, write_result: Write, content: str) -> None:
    """The results beside it are left out, as without a card, and not without a word."""
    write_result("a", "STS12", one(0.5))
    (write_result("b", "STS12", one(0.6)).parent / "model_meta.json").write_text(content)
    assert list(left_out(tmp_path)) == ["results/b/r1/model_meta.json"]
    assert read_scores(tmp_path).models == ["a"]


def test_a_card_without_a_name_leaves_that_of_the_folder(tmp_path: Path, write_result: Write) -> None:
    path = write_result("org/a", "STS12", one(0.5))
    (path.parent / "model_meta.json").write_text(json.dumps({"name": " ", "revision": "r1"}))
    assert read_scores(tmp_path).models == ["org/a"]


def test_names_that_look_the_same_are_said(tmp_path: Path, write_result: Write) -> None:
    for number, name in enumerate(("org/a", "org/a\u200b", "org/B", "org/b")):
        path = write_result(f"org/m{number}", "STS12", one(0.5))
        (path.parent / "model_meta.json").write_text(json.dumps({"name": name, "revision": "r1"}))
    said = read_scores(tmp_path).provenance["read"]["sentence"]
    assert "models 'org/a' and 'org/a\\u200b' look the same, taken as 2" in said
    assert "models 'org/B' and 'org/b' differ in case alone, taken as 2" in said


def test_blanks_about_a_name_make_no_model(tmp_path: Path, write_result: Write) -> None:
    """Two folders of one model then, which are asked about."""
    write_result("org/a", "STS12", one(0.5))
    path = write_result("org/c", "STS12", one(0.6))
    (path.parent / "model_meta.json").write_text(json.dumps({"name": "org/a ", "revision": "r1"}))
    with pytest.raises(InputError, match="2 folders of model 'org/a' by their model_meta"):
        read_scores(tmp_path)


def test_a_result_without_a_task_is_named(tmp_path: Path, write_result: Write) -> None:
    path = write_result("a", "STS12", one(0.5))
    path.with_name("STS13.json").write_text(path.read_text().replace("STS12", " "))
    assert left_out(tmp_path) == {"results/a/r1/STS13.json": "without a task's name"}


def test_a_mean_beyond_the_largest_sum_is_finite(tmp_path: Path, write_result: Write) -> None:
    """Absurd, and for the audit to say; infinite it is not."""
    write_result("a", "STS17", {"test": {"en-en": 1.5e308, "ko-ko": 1.7e308}})
    write_result("b", "STS17", {"test": {"en-en": 0.25, "ko-ko": 0.75}})
    assert read_scores(tmp_path).table.loc["STS17"].to_dict() == {"a": 1.6e308, "b": 0.5}


def test_a_selection_that_leaves_nothing_is_said(
    tmp_path: Path, write_result: Write, capsys: pytest.CaptureFixture[Any]
) -> None:
    for model in ("org/a", "org/b", "c"):
        write_result(model, "STS12", one(0.5))
    for arguments, said in (
        (["--model", "org/*", "--model", "!org/*"], "no model is left of 3: '!org/*' leaves out all that are meant"),
        (["--task", "!STS*"], "no task is left of 1: '!STS*' leaves out all that are meant"),
        (
            ["--where", "n_parameters < 1B"],
            "no model's card meets n_parameters < 1B (3 of the 3 models have none in mteb's",
        ),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["compare", str(tmp_path), *arguments])
        assert ended.value.code == 2
        assert said in capsys.readouterr().err


def test_what_the_error_of_incomplete_models_proposes_works(
    tmp_path: Path, write_result: Write, capsys: pytest.CaptureFixture[Any]
) -> None:
    """Three models, each without another of twelve tasks: tasks can be dropped, but more of them than is done unasked."""
    for n in range(3):
        for task in range(12):
            if task != n:
                write_result(f"m{n}", f"T{task}", one(0.5 + (7 * n + 3 * task) % 11 / 50))
    with pytest.raises(SystemExit):
        main(["compare", str(tmp_path), "--missing", "models"])
    assert "--coverage auto --min-tasks 10 chooses tasks and models together" in capsys.readouterr().err
    for works in (["--coverage", "auto", "--min-tasks", "10"], ["--missing", "tasks"]):
        with pytest.raises(SystemExit) as ended:
            main(["compare", str(tmp_path), *works])
        assert ended.value.code == 0


def test_no_cure_is_proposed_that_does_not_work(tmp_path: Path, write_result: Write) -> None:
    """Each of two models has one task of two: neither models nor tasks are complete."""
    write_result("a", "STS12", one(0.5))
    write_result("b", "STS13", one(0.5))
    for policy in ("models", "tasks"):
        with pytest.raises(InputError) as caught:
            read_scores(tmp_path).complete(policy)
        assert "instead" not in str(caught.value)
