"""mteb's older layout, a folder of files a model without revisions: every model is read under its own name."""

import json
from pathlib import Path

import pytest

from bench import read_scores
from bench.sources.scan import _is_model


def _write(folder: Path, scores: dict[str, float], *, card: dict[str, object] | None = None) -> None:
    folder.mkdir(parents=True)
    for task, score in scores.items():
        entry = {"main_score": score, "hf_subset": "default", "languages": ["eng-Latn"]}
        content = {"task_name": task, "mteb_version": "1.11.0", "scores": {"test": [entry]}}
        (folder / f"{task}.json").write_text(json.dumps(content))
    if card is not None:
        (folder / "model_meta.json").write_text(json.dumps(card))


@pytest.mark.parametrize(
    ("top", "asked"), [("results", "."), ("results", "results"), ("runs", "runs"), ("mteb_output", ".")]
)
def test_two_models_of_the_older_layout_are_two(tmp_path: Path, top: str, asked: str) -> None:
    _write(tmp_path / top / "my_model", {"STS12": 0.61, "STS13": 0.72})
    _write(tmp_path / top / "intfloat__e5", {"STS12": 0.64, "STS13": 0.75})
    assert read_scores(tmp_path / asked).table.to_dict() == {
        "intfloat/e5": {"STS12": 0.64, "STS13": 0.75},
        "my_model": {"STS12": 0.61, "STS13": 0.72},
    }


def test_a_model_named_by_a_number_beside_others_below_results(tmp_path: Path) -> None:
    for name in ("1", "2", "abcdef"):
        _write(tmp_path / "results" / name, {"STS12": 0.5})
    assert read_scores(tmp_path).models == ["1", "2", "abcdef"]


def test_revisions_without_a_card_stay_revisions_of_their_model(tmp_path: Path) -> None:
    for revision in ("5f3c1d9", "no_revision_available", "external", "main", "v1.5", "2"):
        _write(tmp_path / "results" / "org__model" / revision, {"STS12": 0.5})
    assert read_scores(tmp_path).models == ["org/model"]


def test_a_placeholder_card_leaves_the_folders_name(tmp_path: Path) -> None:
    _write(tmp_path / "results" / "mine" / "no_revision_available", {"STS12": 0.5}, card={"model_name": "mine"})
    _write(tmp_path / "results" / "org__e5" / "abcd", {"STS12": 0.6}, card={"name": "org/e5", "revision": "abcd"})
    assert read_scores(tmp_path).models == ["mine", "org/e5"]


@pytest.mark.parametrize(
    ("above", "name", "expected"),
    [
        ("results", "0a1b2c3d", True),
        ("org__m", "0a1b2c3d", False),
        ("org__m", "refs", True),
        ("Outputs", "x", True),
        ("m", "r12", False),
    ],
)
def test_what_is_a_models_folder(above: str, name: str, expected: bool) -> None:
    assert _is_model(above, name) is expected
