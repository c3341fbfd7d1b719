"""Reading in parts and by type: the same index however many files a part has."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from bench.sources import parts, typed_json
from bench.sources.definitions import load
from bench.sources.index import Index, open_index
from bench.sources.mteb_json import NotAResult, _any, loads, parse


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some 600 files: two scores of a subset, NaN, experiments, an old file, one that is no JSON, cards."""
    root, rng = tmp_path_factory.mktemp("tree"), random.Random(0)  # noqa: S311
    for model in range(60):
        folder = root / "results" / f"maker__model-{model}" / "rev"
        folder.mkdir(parents=True)
        (folder / "model_meta.json").write_text(json.dumps({"name": f"maker/model-{model}", "revision": "rev"}))
        for task in ("STS12", "STS13", "STS14", "STS15", "STS16", "SciFact", "NFCorpus", "ArguAna"):
            entry: dict[str, Any] = {
                "main_score": rng.random(),
                "hf_subset": "default",
                "languages": ["eng-Latn"],
                "x": 1,
            }
            if model % 7 == 0:
                entry["y"] = float("nan")
            scores = [entry, {**entry, "main_score": 0.5}] if model == 5 else [entry]
            content = {"task_name": task, "mteb_version": "2.0.0", "scores": {"test": scores}}
            (folder / f"{task}.json").write_text(json.dumps(content))
        runs = [{"accuracy": rng.random(), "f1": rng.random()} for _ in range(10)]
        mean = sum(run["accuracy"] for run in runs) / 10
        entry = {"scores_per_experiment": runs, "accuracy": mean, "main_score": mean, "hf_subset": "default"}
        (folder / "Banking77Classification.json").write_text(
            json.dumps({"task_name": "Banking77Classification", "scores": {"test": [entry]}})
        )
    (folder / "ArguAna.json").write_text('{"mteb_dataset_name": "ArguAna", "test": {"ndcg_at_10": 0.25}}')
    (folder / "STS12.json").write_text("{")
    return root


def read(tree: Path, monkeypatch: pytest.MonkeyPatch, n_files: int) -> Index:
    """The index, made of parts of so many files."""
    monkeypatch.setattr(parts, "FILES", n_files)
    return open_index(tree, load(), cache=False)


def test_the_index_is_the_same_whatever_the_parts(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small, whole = (read(tree, monkeypatch, n) for n in (32, 10_000))
    assert small.summary == whole.summary
    assert small.entries().equals(whole.entries())
    assert list(small.summary.skipped) == ["results/maker__model-59/rev/STS12.json"]
    assert len(small.summary.doubled) == 8
    assert small.summary.n_files == 539


ODD = ["NaN", "Infinity", "-0", "12", "true", "null", '"x"', "1e999", "[1.0]", "{}", '"\\ud800"']


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize(
    "key", ["main_score", "hf_subset", "languages", "scores_per_experiment", "v_measures", "accuracy", "date", "other"]
)
def test_by_type_as_by_looking_at_everything(key: str, value: str) -> None:
    """Of what is unusual, the scores and the error are those of the reader that looks at everything."""
    runs = [{"accuracy": 0.2, "f1": 0.1}, {"accuracy": 0.4, "f1": 0.5}]
    entry = {"main_score": 0.3, "accuracy": 0.3, "f1": 0.3, "hf_subset": "de", "scores_per_experiment": runs}
    text = json.dumps({"task_name": "A", "scores": {"test": [{**entry, key: "HERE"}]}}).replace('"HERE"', value)

    def outcome(of: Any) -> str:
        try:
            return repr(of())
        except NotAResult as error:
            return str(error)

    whole = outcome(lambda: _any(loads(text.encode()), load()))
    assert outcome(lambda: parse(text.encode(), load())) == whole


def test_the_usual_file_is_decoded_by_type() -> None:
    text = b'{"task_name": "A", "scores": {"test": [{"main_score": 0.5, "ndcg": NaN}]}}'
    decoded = typed_json.decode(text)
    assert decoded is not None
    assert decoded.scores["test"][0].main_score == 0.5
    assert typed_json.decode(text.replace(b"ndcg", b"\xff")) is None  # no text
