"""Two folders that hold results of one model: named and asked about, never settled by chance."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import read_scores
from embsig.cli.app import main
from stats import audit
from stats.common.errors import InputError

Write = Callable[..., Path]


def one(score: float) -> dict[str, dict[str, float]]:
    return {"test": {"default": score}}


@pytest.fixture
def claimed(tmp_path: Path, write_result: Write) -> Path:
    """A tree in which the card of org__a says org/b, who has a folder too."""
    for task in ("STS12", "STS13"):
        write_result("org/b", task, one(0.5), date="2024-01-01T00:00:00")
    path = write_result("org/a", "STS12", one(0.9), date="2025-01-01T00:00:00")
    (path.parent / "model_meta.json").write_text(json.dumps({"name": "org/b", "revision": "r1"}))
    return tmp_path / "results"


@pytest.fixture
def twice(tmp_path: Path, write_result: Write) -> Path:
    """A tree of two runs with one model and revision and different scores on the one task that both have."""
    for root, score, day in (("first", 0.5, 1), ("second", 0.9, 2)):
        write_result("org/a", "STS12", one(score), root=tmp_path / root, date=f"2025-01-0{day}T00:00:00")
    write_result("org/a", "STS13", one(0.7), root=tmp_path / "first")
    return tmp_path


def test_a_model_that_another_folder_claims_is_asked_about(claimed: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_scores(claimed)
    said = str(caught.value)
    assert "2 folders of model 'org/b' by their model_meta.json: org__a/r1, org__b/r1" in said
    assert "--prefer newest" in said
    assert "correct the name in org__a/r1/model_meta.json" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("prefer", "kept", "scores"),
    [
        ("newest", "org__a/r1", {"STS12": 0.9}),
        ("largest", "org__b/r1", {"STS12": 0.5, "STS13": 0.5}),
        ("org__b", "org__b/r1", {"STS12": 0.5, "STS13": 0.5}),
        ("org__a/r1", "org__a/r1", {"STS12": 0.9}),
    ],
)
def test_what_is_preferred_counts_and_the_audit_says_so(
    claimed: Path, prefer: str, kept: str, scores: dict[str, float]
) -> None:
    read = read_scores(claimed, prefer=prefer)
    assert read.table["org/b"].to_dict() == scores
    (settled,) = read.provenance["settled"]
    assert settled["kept"] == [kept]
    findings = audit(read).findings.set_index("kind")
    assert "org/b" in findings.loc["two_folders", "text"]
    assert f"as preferred ({prefer})" in findings.loc["two_folders", "text"]


def test_a_folder_by_its_path_on_the_disk(claimed: Path) -> None:
    assert read_scores(claimed, prefer=str(claimed / "org__a")).table.loc["STS12", "org/b"] == 0.9
    with pytest.raises(
        InputError, match=r"is no folder of .*: expected 'newest', 'largest' or a folder of results, such as"
    ):
        read_scores(claimed, prefer="org__c")


def test_different_scores_of_one_revision_are_asked_about(twice: Path) -> None:
    with pytest.raises(
        InputError, match="2 folders of model 'org/a' with different scores of its revision: first/org__a/r1, sec"
    ):
        read_scores(twice)
    assert read_scores(twice, prefer="newest").table["org/a"].to_dict() == {"STS12": 0.9, "STS13": 0.7}
    assert read_scores(twice, prefer="second").table["org/a"].to_dict() == {"STS12": 0.9, "STS13": 0.7}
    assert read_scores(twice, prefer="largest").table["org/a"].to_dict() == {"STS12": 0.5, "STS13": 0.7}


def test_folders_that_agree_or_are_told_apart_by_a_rule_are_read(tmp_path: Path, write_result: Write) -> None:
    for root in ("first", "second"):
        write_result("org/a", "STS12", one(0.5), root=tmp_path / root)
    # Another revision, and a checkout of the public results behind the user's own: mteb's rules.
    write_result("org/a", "STS12", one(0.6), root=tmp_path / "first", revision="r2")
    write_result("org/b", "STS12", one(0.7), root=tmp_path / "results")
    write_result("org/b", "STS12", one(0.2), root=tmp_path / "remote" / "results")
    read = read_scores(tmp_path)
    assert read.table.loc["STS12"].to_dict() == {"org/a": 0.5, "org/b": 0.7}
    assert "settled" not in read.provenance


def test_what_is_as_new_is_not_told_apart(tmp_path: Path, write_result: Write) -> None:
    for root, score in (("first", 0.5), ("second", 0.9)):
        write_result("org/a", "STS12", one(score), root=tmp_path / root)
    with pytest.raises(InputError, match=r"\('newest' does not tell them apart\)"):
        read_scores(tmp_path, prefer="newest")


def test_only_what_decides_is_proposed(tmp_path: Path, write_result: Write) -> None:
    """A copy of a tree inside it: every answer that the question names is taken."""
    for root, score in (("results", 0.5), ("results/org__a/r1/results", 0.9)):
        for model in ("org/a", "org/b"):
            write_result(model, "STS12", one(score), root=tmp_path / root)
    with pytest.raises(InputError) as caught:
        read_scores(tmp_path)
    assert "say --prefer results/org__a/r1/results (prefer=...)" in str(caught.value)
    assert "newest" not in str(caught.value)  # all are of one day
    read = read_scores(tmp_path, prefer="results/org__a/r1/results")
    assert read.table.loc["STS12"].to_dict() == {"org/a": 0.9, "org/b": 0.9}


def test_a_folder_is_preferred_by_its_own_path_before_one_that_ends_so(tmp_path: Path, write_result: Write) -> None:
    """Of a copy beside the tree too: results/org__a/r1 is no folder of backup/results."""
    for root, score in (("results", 0.5), ("backup/results", 0.9)):
        for model in ("org/a", "org/b"):
            write_result(model, "STS12", one(score), root=tmp_path / root)
    with pytest.raises(InputError, match=r"say --prefer backup \(prefer"):
        read_scores(tmp_path)
    for prefer, score in (("backup", 0.9), ("results", 0.5)):
        assert read_scores(tmp_path, prefer=prefer).table.loc["STS12"].to_dict() == {"org/a": score, "org/b": score}
    with pytest.raises(InputError, match="2 folders of model 'org/b'"):
        read_scores(tmp_path, prefer="results/org__a/r1")


def test_files_of_one_task_in_one_folder_are_refused_where_they_differ(tmp_path: Path, write_result: Write) -> None:
    """A second download beside the first: by the order of their names the wrong one would count."""
    path = write_result("org/a", "STS12", one(0.5))
    copy = path.with_name("STS12 (1).json")
    copy.write_text(path.read_text())
    assert read_scores(tmp_path).table.loc["STS12", "org/a"] == 0.5
    copy.write_text(path.read_text().replace("0.5", "0.9"))
    for benchmark in (None, "MTEB(eng, v2)"):
        with pytest.raises(
            InputError, match=r"2 files of task 'STS12' in .*a/r1 with different scores; expected one, ST"
        ):
            read_scores(tmp_path, benchmark=benchmark)


def test_the_command_line_asks_and_takes_the_answer(claimed: Path, capsys: pytest.CaptureFixture[Any]) -> None:
    for arguments, code in ((["scores", str(claimed)], 2), (["scores", str(claimed), "--prefer", "largest"], 0)):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == code
    assert capsys.readouterr().out == "task,org/b\nSTS12,0.5\nSTS13,0.5\n"


def test_an_unreadable_file_is_named_and_the_exit_code_says_so(
    tmp_path: Path, write_result: Write, capsys: pytest.CaptureFixture[Any]
) -> None:
    write_result("a", "STS12", one(0.5))
    write_result("a", "STS13", one(0.5)).write_text('{"task_name": "STS13", "sco')
    with pytest.raises(SystemExit) as ended:
        main(["scores", str(tmp_path)])
    assert ended.value.code == 1
    out, err = capsys.readouterr()
    assert out == "task,a\nSTS12,0.5\n"
    assert "1 file could not be read and is left out: results/a/r1/STS13.json (not JSON" in err
    assert len(err.splitlines()) == 2
