"""Reading by several processes and by type: the same index, whoever reads, and whatever happens to the others."""

import json
import os
import random
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from bench.sources import files, parts, slots, team, typed_json
from bench.sources.definitions import load
from bench.sources.files import Found, listing, of_folder
from bench.sources.index import Index, open_index
from bench.sources.mteb_json import NotAResult, _any, loads, parse
from bench.sources.part import Part, read_part
from stats.common.errors import InputError


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


def read(source: Path, monkeypatch: pytest.MonkeyPatch, cores: int, n_files: int = 32) -> Index:
    """The index, made by so many processes, of parts of so many files."""
    monkeypatch.setattr(parts, "FILES", n_files)
    monkeypatch.setattr(parts, "n_cores", lambda: cores)
    return open_index(source, load(), cache=False)


def archive_of(tree: Path, folder: Path) -> Path:
    """The tree as a zip archive."""
    return Path(shutil.make_archive(str(folder / "tree"), "zip", tree))


@pytest.mark.parametrize("archived", [False, True])
def test_the_index_is_the_same_whoever_reads(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, archived: bool
) -> None:
    source = archive_of(tree, tmp_path) if archived else tree
    alone, together = (read(source, monkeypatch, cores) for cores in (1, 3))
    assert alone.summary == together.summary
    assert alone.entries().equals(together.entries())
    assert alone.summary.n_files == 539


def test_the_index_is_the_same_whatever_the_parts(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small, whole = (read(tree, monkeypatch, 1, n) for n in (32, 10_000))
    assert small.summary == whole.summary
    assert small.entries().equals(whole.entries())
    assert list(small.summary.skipped) == ["results/maker__model-59/rev/STS12.json"]
    assert len(small.summary.doubled) == 8
    assert small.summary.n_files == 539


def test_others_read_what_this_process_would_have_read(tree: Path) -> None:
    """What comes back is the same, and a part that cannot be read comes back as None."""
    found, definitions = list(of_folder(tree, listing(tree))), load()

    def of(number: int, place: int) -> Part:
        assert number < 5
        return read_part(found[number : number + 40 + place], definitions)

    others = team.Team(2, of, Part)
    try:
        others.give([(number, number % 2) for number in range(6)])
        others.no_more()
        answers = []
        while now := others.answers(wait=True):
            answers += now
        assert others.take() is None
        assert sorted(number for number, _ in answers) == list(range(6))
        assert dict(answers) == {number: of(number, number % 2) for number in range(5)} | {5: None}
    finally:
        others.close()


def test_more_comes_back_than_a_pipe_holds(tree: Path) -> None:
    """Of several parts at once, while this process does something else: nobody waits for ever."""
    scores = [{"main_score": 0.5, "hf_subset": f"subset {i}"} for i in range(3000)]
    large = json.dumps({"task_name": "A", "scores": {"test": scores}}).encode()
    part = read_part([Found(f"results/a/b/{i}.json", large) for i in range(40)], load())
    assert len(part.columns.scores) > 900_000
    others = team.Team(1, lambda number, place: part, Part)
    try:
        others.give([(number, 0) for number in range(4)])
        others.no_more()
        answers = []
        while now := others.answers(wait=True):
            answers += now
        assert [number for number, _ in answers] == [0, 1, 2, 3]
        assert all(found == part for _, found in answers)
    finally:
        others.close()


def test_the_files_of_an_archive_stand_in_memory_that_all_see() -> None:
    found = [[Found(f"{n}/\u00e4.json", b"x" * n), Found("b", b"", "a link")] for n in range(3)]
    held = slots.Slots(2, 100)
    places = [held.fill(files) for files in found]
    assert places[2] is None  # no place is free
    assert [held.content(place) for place in places[:2] if place is not None] == found[:2]
    assert places[0] is not None
    held.free(places[0])
    assert held.fill([Found("large", b"x" * 100)]) is None
    again = held.fill(found[2])
    assert again == places[0]
    assert held.content(again) == found[2]
    held.close()


@pytest.mark.parametrize("archived", [False, True])
def test_what_a_process_that_dies_had_taken_is_read_by_this_one(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others_die: None, *, archived: bool
) -> None:
    source = archive_of(tree, tmp_path) if archived else tree
    index = read(source, monkeypatch, 3)
    assert index.summary.n_files == 539
    assert index.summary == read(source, monkeypatch, 1).summary


def test_of_two_files_that_cannot_be_read_the_first_is_named(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content, this = files._content, os.getpid()

    def unreadable(path: str, size: int) -> bytes:
        if path.endswith(("model-3/rev/STS13.json", "model-50/rev/STS14.json")):
            if os.getpid() != this:
                time.sleep(0.05)  # whoever is first
            raise OSError(5, "Input/output error")
        return content(path, size)

    monkeypatch.setattr(files, "_content", unreadable)
    for cores in (1, 2, 3):
        with pytest.raises(InputError, match=r"model-3/rev/STS13.json cannot be read: Input/output error"):
            read(tree, monkeypatch, cores)


def test_nobody_is_left_when_the_reader_is_interrupted(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    teams: list[team.Team[Part]] = []

    class Remembered(team.Team[Part]):
        def __init__(self, size: int, read: team.Read[Part], kind: type[Part]) -> None:
            super().__init__(size, read, kind)
            teams.append(self)

    def interrupted(done: int, total: int, unit: str) -> None:
        if done > 300:
            raise KeyboardInterrupt

    monkeypatch.setattr(parts, "Team", Remembered)
    monkeypatch.setattr(parts, "FILES", 32)
    monkeypatch.setattr(parts, "n_cores", lambda: 3)
    with pytest.raises(KeyboardInterrupt):
        open_index(tree, load(), cache=False, progress=interrupted)
    assert len(teams[0].copies) == 2
    for copy in teams[0].copies:
        with pytest.raises(ProcessLookupError):
            os.kill(copy.process, 0)


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


def both_ways(text: bytes) -> tuple[Any, Any]:
    """What a file says, read by type and by looking at everything."""
    assert typed_json.decode(text) is not None
    return parse(text, load()), _any(loads(text), load())


def test_of_several_metrics_with_the_main_scores_value_accuracy_counts() -> None:
    """As mteb writes it first; another that stands first has other experiments."""
    runs = [{"f1": 0.1, "accuracy": 0.2}, {"f1": 0.5, "accuracy": 0.4}]
    entry = {"main_score": 0.3, "f1": 0.3, "accuracy": 0.3, "scores_per_experiment": runs}
    for result in both_ways(json.dumps({"task_name": "A", "scores": {"test": [entry]}}).encode()):
        assert result.entries[0].replicates == (0.2, 0.4)


def test_experiments_of_another_metric_are_told_whatever_was_remembered() -> None:
    """A file of a name whose others were told by accuracy, and the other way round."""
    runs = [{"f1": 0.1, "accuracy": 0.2}, {"f1": 0.5, "accuracy": 0.4}]
    other = {"main_score": 0.3, "f1": 0.3, "accuracy": 0.35, "scores_per_experiment": runs}
    usual = {**other, "main_score": 0.35}
    texts = [json.dumps({"task_name": "A", "scores": {"test": [entry]}}).encode() for entry in (usual, other, usual)]
    found = [parse(text, load(), "a name of this test.json").entries[0].replicates for text in texts]
    assert found == [(0.2, 0.4), (0.1, 0.5), (0.2, 0.4)]


@pytest.mark.parametrize("name", ["N" * 500, "N" * 5000, "-"])
def test_nan_is_repaired_whatever_else_has_its_letter(name: str) -> None:
    """NaN as a value is null, in a text it stays; a file full of that letter is repaired in another way."""
    entry = {"main_score": 0.5, "hf_subset": name, "languages": ["NaN"], "ndcg": float("nan"), "padding": "x" * 1000}
    for result in both_ways(json.dumps({"task_name": "NaN", "scores": {"test": [entry, entry]}}).encode()):
        assert [(e.score, e.subset, e.languages) for e in result.entries] == [(0.5, name, "NaN")] * 2
