"""What a score is read from: formats, layouts, splits, subsets, revisions, aggregates."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mteb.results import TaskResult

from bench import read_scores
from bench.sources.definitions import load
from bench.sources.mteb_json import NotAResult, parse
from bench.sources.revisions import parse_version
from stats import audit, compare
from stats.common.errors import InputError

Write = Callable[..., Path]


def results(path: Path) -> Path:
    return path / "results"


# -- one file --------------------------------------------------------------------------------------------------


def present(**head: object) -> bytes:
    entry = {"main_score": 0.5, "hf_subset": "default", "languages": ["eng-Latn"]}
    return json.dumps({"task_name": "STS12", "scores": {"test": [entry]}, "mteb_version": "1.12.0", **head}).encode()


def test_a_file_of_the_present_format() -> None:
    result = parse(present(dataset_revision="abc", date=1.5), load())
    assert (result.task, result.old, result.mteb_version, result.dataset_revision) == ("STS12", False, "1.12.0", "abc")
    (entry,) = result.entries
    assert (entry.split, entry.subset, entry.score, entry.languages) == ("test", "default", 0.5, "eng-Latn")


def test_bare_nan_and_infinity_are_no_score_and_spoil_nothing_else() -> None:
    text = '{"task_name":"STS12","scores":{"test":[{"main_score":NaN,"x":[NaN, NaN],"hf_subset":"a"},{"main_score":0.25,"hf_subset":"b","y":%s}]}}'
    for other in ("NaN", "Infinity", "-Infinity"):
        nan, good = parse((text % other).encode(), load()).entries
        assert np.isnan(nan.score)
        assert good.score == 0.25


def test_nan_inside_a_text_is_left_alone() -> None:
    data = b'{"task_name":"STS12","scores":{"test":[{"main_score":NaN,"hf_subset":"a NaN b"}]}}'
    assert parse(data, load()).entries[0].subset == "a NaN b"


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({"mteb_dataset_name": "STS12", "test": {"cos_sim": {"spearman": 0.7, "pearson": 0.6}}}, [("test", "default", 0.7)]),
        ({"mteb_dataset_name": "SciFact", "test": {"ndcg_at_10": 0.4, "evaluation_time": 3}}, [("test", "default", 0.4)]),
        ({"mteb_dataset_name": "TwitterURLCorpus", "test": {"max": {"ap": 0.8}, "cos_sim": {"ap": 0.7}}}, [("test", "default", 0.8)]),
        (
            {"mteb_dataset_name": "STS22", "test": {"en": {"cos_sim": {"spearman": 0.6}}, "zh": {"cos_sim": {"spearman": 0.5}}}},
            [("test", "en", 0.6), ("test", "zh", 0.5)],
        ),
        (
            {"mteb_dataset_name": "Banking77Classification", "test": {"accuracy": 0.3, "main_score": 0.31}, "validation": {"accuracy": 0.2}},
            [("test", "default", 0.31), ("validation", "default", 0.2)],
        ),
        ({"mteb_dataset_name": "scifact", "test": {"ndcg_at_10": 0.4}}, [("test", "default", 0.4)]),
        ({"mteb_dataset_name": "PPC", "test": {"max": {"ap": 0.9}}}, [("test", "default", 0.9)]),
        ({"mteb_dataset_name": "XPQARetrieval", "test": {"fr": {"ndcg_at_10": 0.9}}}, [("test", "fra-fra", 0.9)]),
        (
            {"mteb_dataset_name": "MLSUMClusteringP2P", "mteb_version": "1.1.2.dev0", "test": {"v_measure": 0.3}},
            [("test", "fr", 0.3)],
        ),
    ],
)  # fmt: skip
def test_files_from_before_1_11(scores: dict[str, object], expected: list[tuple[str, str, float]]) -> None:
    result = parse(json.dumps(scores).encode(), load())
    assert result.old
    assert [(e.split, e.subset, e.score) for e in result.entries] == expected


def test_an_old_file_without_its_main_score_has_no_score() -> None:
    assert np.isnan(parse(b'{"mteb_dataset_name": "SciFact", "test": {"map_at_10": 0.4}}', load()).entries[0].score)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"hello", "not JSON"),
        (b"", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"name": "a"}', "no MTEB result"),
        (b'{"mteb_dataset_name": "NeverHeard", "test": {"x": 1}}', "not known"),
        (b'{"task_name": "STS12", "scores": {"test": [{"x": 1}]}}', "without a main score"),
        (b'{"task_name": "STS12", "scores": {"test": {"main_score": 1}}}', "no list"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_result_says_why(data: bytes, why: str) -> None:
    with pytest.raises(NotAResult, match=why):
        parse(data, load())


def test_replicates_of_classification_and_clustering() -> None:
    runs = [{"accuracy": 0.1, "f1": 0.9}, {"accuracy": 0.3, "f1": 0.9}]
    entry = {"main_score": 0.2, "accuracy": 0.2, "f1": 0.9, "hf_subset": "default", "scores_per_experiment": runs}
    (read,) = parse(present(scores={"test": [entry]}), load()).entries
    assert read.replicates == (0.1, 0.3)
    levels = {"Level 0": [0.1, 0.3], "Level 1": [0.3, 0.5]}
    entry = {"main_score": 0.3, "hf_subset": "default", "v_measures": levels}
    (read,) = parse(present(scores={"test": [entry]}), load()).entries
    assert read.replicates == pytest.approx((0.2, 0.4))  # the mean of the levels, whose mean is the main score


def test_mteb_versions() -> None:
    newer, older = parse_version("1.12.9"), parse_version("1.2")
    assert newer is not None
    assert older is not None
    assert newer > older
    assert parse_version("2.1.0-2.3.0") is None
    assert parse_version(None) is None


# -- layouts ---------------------------------------------------------------------------------------------------


def test_every_depth_of_a_tree_reads_the_same(tmp_path: Path, write_result: Write) -> None:
    write_result("org/a", "STS12", {"test": {"default": 0.5}})
    write_result("org/a", "STS13", {"test": {"default": 0.25}})
    for source in (tmp_path, results(tmp_path), results(tmp_path) / "org__a", results(tmp_path) / "org__a" / "r1"):
        scores = read_scores(source)
        assert scores.models == ["org/a"], source
        assert scores.table["org/a"].to_dict() == {"STS12": 0.5, "STS13": 0.25}


def test_without_model_cards_the_path_names_the_model(tmp_path: Path, write_result: Write) -> None:
    write_result("org/a", "STS12", {"test": {"default": 0.5}}, meta=False)
    for source in (tmp_path, results(tmp_path) / "org__a", results(tmp_path) / "org__a" / "r1"):
        scores = read_scores(source)
        assert scores.models == ["org/a"]
        assert scores.cells is not None
        assert scores.cells["revision"].tolist() == ["r1"]


def test_folders_without_a_card_are_left_out_beside_those_with_one(tmp_path: Path, write_result: Write) -> None:
    write_result("a", "STS12", {"test": {"default": 0.5}})
    write_result("b", "STS12", {"test": {"default": 0.6}}, meta=False)
    scores = read_scores(tmp_path)
    assert scores.models == ["a"]
    assert scores.provenance["left_out"] == {"without_model_meta": 1}
    assert read_scores(tmp_path, require_model_meta=False).models == ["a", "b"]


def test_experiments_predictions_and_other_files_are_no_results(tmp_path: Path, write_result: Write) -> None:
    path = write_result("a", "STS12", {"test": {"default": 0.5}})
    other = path.parent / "experiments" / "dim_64"
    other.mkdir(parents=True)
    (other / "STS12.json").write_bytes(path.read_bytes().replace(b"0.5", b"0.9"))
    (other / "model_meta.json").write_text(
        json.dumps({"name": "a", "revision": "r1", "experiment_kwargs": {"dim": 64}})
    )
    (path.parent / "STS12_predictions.json").write_text("[" * 1000)
    (tmp_path / "paths.json").write_text("{}")
    job = tmp_path / "jobs" / "a" / "r1" / "STS12.json"  # as beside the results of embsig run
    job.parent.mkdir(parents=True)
    job.write_text(json.dumps({"status": "done", "task": "STS12", "score": 0.9}))
    scores = read_scores(tmp_path)
    assert scores.table.loc["STS12", "a"] == 0.5
    assert scores.models == ["a"]
    assert scores.provenance["left_out"] == {"experiments": 1}


def test_an_unreadable_file_is_named_and_the_rest_is_read(tmp_path: Path, write_result: Write) -> None:
    write_result("a", "STS12", {"test": {"default": 0.5}})
    write_result("a", "STS13", {"test": {"default": 0.5}}).write_text('{"task_name": "STS13", "sco')
    scores = read_scores(tmp_path)
    assert scores.task_names == ["STS12"]
    assert scores.provenance["left_out"]["unreadable"] == 1
    assert next(iter(scores.provenance["left_out"]["unreadable_files"])).endswith("a/r1/STS13.json")


@pytest.mark.parametrize("content", [{}, {"notes.json": '{"a": 1}'}, {"x/y/z.json": "not json"}])
def test_a_folder_without_results_is_an_error(tmp_path: Path, content: dict[str, str]) -> None:
    for name, text in content.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=r"holds no MTEB results: expected results/<model>/<revision>/<Task>\.json"):
        read_scores(tmp_path)


# -- splits and subsets ----------------------------------------------------------------------------------------


def test_a_benchmark_reads_its_own_subsets_and_splits(tmp_path: Path, write_result: Write) -> None:
    write_result("a", "STS22.v2", {"test": {"en": 0.6, "de": 0.1, "zh": 0.2}, "train": {"en": 0.9}})
    write_result("b", "STS22.v2", {"test": {"de": 0.1}})
    write_result("c", "STS22.v2", {"validation": {"en": 0.1}})
    scores = read_scores(tmp_path, benchmark="MTEB(eng, v2)")
    assert scores.n_tasks == 41
    row = scores.table.loc["STS22.v2"]
    assert row["a"] == 0.6
    assert row[["b", "c"]].isna().all()
    assert scores.cells is not None
    missing = scores.cells.set_index("model")[["missing_splits", "missing_subsets"]]
    assert missing.loc["b"].tolist() == [(), ("en",)]
    assert missing.loc["c"].tolist() == [("test",), ()]
    assert scores.tasks.loc["STS22.v2", ["family", "metric", "n_samples", "languages", "low", "high"]].tolist() == [
        "STS", "cosine_spearman", 197, "eng-Latn", -1.0, 1.0,
    ]  # fmt: skip


def test_without_a_benchmark_every_subset_that_anyone_has_is_asked_of_all(tmp_path: Path, write_result: Write) -> None:
    write_result("a", "STS17", {"test": {"en-en": 0.6, "ar-ar": 0.2}})
    write_result("b", "STS17", {"test": {"en-en": 0.9}})
    scores = read_scores(tmp_path)
    assert scores.table.loc["STS17", "a"] == pytest.approx(0.4)
    assert np.isnan(scores.table.loc["STS17", "b"])
    assert scores.tasks.loc["STS17", "reduced"] == "2 of 11 subsets"


def test_other_splits_never_get_into_a_known_task(tmp_path: Path, write_result: Write) -> None:
    write_result("a", "Banking77Classification", {"test": {"default": 0.6}, "train": {"default": 1.0}})
    write_result("a", "STS12", {"train": {"default": 0.7}})
    scores = read_scores(tmp_path)
    assert scores.table.loc["Banking77Classification", "a"] == 0.6
    assert scores.tasks.loc["Banking77Classification", "reduced"] is None
    # Nobody has the test split: the score stands, and what it is is said.
    assert scores.tasks.loc["STS12", "reduced"] == "split train instead of test"


def test_a_task_that_mteb_does_not_know_is_the_mean_of_what_all_have(tmp_path: Path, write_result: Write) -> None:
    write_result("a", "Docstrings", {"test": {"default": 0.6}, "dev": {"default": 0.2}})
    write_result("b", "Docstrings", {"test": {"default": 0.6}})
    scores = read_scores(tmp_path)
    assert scores.table.loc["Docstrings", "a"] == pytest.approx(0.4)
    assert np.isnan(scores.table.loc["Docstrings", "b"])
    assert scores.tasks.loc["Docstrings", "family"] is None


def test_one_missing_subset_score_makes_the_score_missing(tmp_path: Path, write_result: Write) -> None:
    write_result("a", "STS17", {"test": {"en-en": 0.6, "ar-ar": None}})
    write_result("b", "STS17", {"test": {"en-en": 0.6, "ar-ar": 0.4}})
    scores = read_scores(tmp_path)
    assert np.isnan(scores.table.loc["STS17", "a"])
    assert scores.table.loc["STS17", "b"] == pytest.approx(0.5)


def test_models_and_tasks_can_be_chosen(tmp_path: Path, write_result: Write) -> None:
    for model in ("org/a", "org/b", "c"):
        write_result(model, "STS12", {"test": {"default": 0.5}})
        write_result(model, "SciFact", {"test": {"default": 0.5}})
    scores = read_scores(tmp_path, models="org/*", tasks=["STS12"])
    assert (scores.models, scores.task_names) == (["org/a", "org/b"], ["STS12"])
    with pytest.raises(InputError, match="no model matches 'x"):
        read_scores(tmp_path, models="x*")


def test_a_benchmark_that_the_source_has_nothing_of(tmp_path: Path, write_result: Write) -> None:
    write_result("a", "Docstrings", {"test": {"default": 0.6}})
    with pytest.raises(InputError, match=r"1 result files, but no task of MTEB\(eng, v2\)"):
        read_scores(tmp_path, benchmark="MTEB(eng, v2)")
    for task in ("STS12", "STS13"):
        write_result("a", task, {"test": {"default": 0.6}})
    with pytest.raises(InputError, match=r'it has MTEB\(eng, v2\) \(2 of 41 tasks\).*: --benchmark "'):
        read_scores(tmp_path, benchmark="MTEB(kor, v1)")


def test_a_benchmark_of_one_task_names_its_subsets(tmp_path: Path, write_result: Write) -> None:
    (bright,) = load().benchmark("BRIGHT")
    for model, score in (("org/a", 0.6), ("org/b", 0.5)):
        write_result(model, "BrightRetrieval", {"standard": dict.fromkeys(bright.subsets, score)})
    with pytest.raises(
        InputError, match=r"got 1 task of BRIGHT to compare on: .* --unit subset compares on its 12 subsets"
    ):
        compare(read_scores(tmp_path, benchmark="BRIGHT"))


def test_two_scores_of_one_subset_are_averaged_as_with_mteb_and_said(tmp_path: Path, write_result: Write) -> None:
    write_result("org/a", "STS12", {"test": {"default": 0.6}})
    file = next(tmp_path.rglob("STS12.json"))
    content = json.loads(file.read_text())
    content["evaluation_time"] = 1.0
    content["scores"]["test"].append({**content["scores"]["test"][0], "main_score": 0.8})
    file.write_text(json.dumps(content))
    scores = read_scores(tmp_path)
    theirs = TaskResult.from_disk(file).get_score(splits=["test"])
    assert scores.table.loc["STS12", "org/a"] == pytest.approx(theirs, abs=1e-12) == pytest.approx(0.7)
    finding = audit(scores).findings.set_index("kind").loc["doubled", "text"]
    assert "two main scores of subset 'default', 0.6 and 0.8" in finding


# -- revisions -------------------------------------------------------------------------------------------------

MINI = "sentence-transformers/all-MiniLM-L6-v2"


@pytest.mark.parametrize(
    ("files", "winner"),
    [
        # the registry's revision, however old the mteb that scored it
        ([("main", "1.0.0"), ("other", "2.0.0")], "main"),
        # else whoever has an mteb version, else whoever is not self-reported, else the newest version
        ([("no_revision_available", "1.0.0"), ("other", None)], "no_revision_available"),
        ([("external", "2.0.0"), ("other", "1.0.0")], "other"),
        ([("external", None), ("other", None)], "other"),
        ([("one", "1.2.0"), ("two", "1.10.0")], "two"),
        ([("one", "2.0.0-2.1.0"), ("two", "1.0.0")], "two"),
    ],
)
def test_mtebs_rule_chooses_the_revision(
    files: list[tuple[str, str | None]], winner: str, tmp_path: Path, write_result: Write
) -> None:
    main = load().models[MINI]
    for number, (revision, version) in enumerate(files):
        name = main if revision == "main" else revision
        write_result(MINI, "STS12", {"test": {"default": 0.1 + number}}, revision=name, mteb_version=version)
    scores = read_scores(tmp_path)
    assert scores.cells is not None
    cell = scores.cells.iloc[0]
    assert cell["revision"] == (main if winner == "main" else winner)
    assert cell["main_revision"] == (winner == "main")
    assert cell["external"] == (winner == "external")
    assert cell["n_revisions"] == 2


def test_a_tie_between_revisions_goes_to_the_newest_date(tmp_path: Path, write_result: Write) -> None:
    write_result("a", "STS12", {"test": {"default": 0.1}}, revision="r1", date="2025-03-01T00:00:00")
    write_result("a", "STS12", {"test": {"default": 0.2}}, revision="r2", date=1.7e9)  # November 2023
    write_result("a", "STS12", {"test": {"default": 0.3}}, revision="r0")
    assert read_scores(tmp_path).table.loc["STS12", "a"] == 0.1


def test_whether_a_model_was_trained_on_a_task_is_told_where_known(tmp_path: Path, write_result: Write) -> None:
    for model in (MINI, "nobody/knows"):
        for task in ("QuoraRetrieval", "SciFact"):
            write_result(model, task, {"test": {"default": 0.5}})
    cells = read_scores(tmp_path).cells
    assert cells is not None
    known = cells.set_index(["model", "task"])["trained_on"]
    assert load().trained_on(MINI) is not None
    assert known[(MINI, "QuoraRetrieval")] is ("QuoraRetrieval" in (load().trained_on(MINI) or ()))
    assert known[(MINI, "SciFact")] is False
    assert known[("nobody/knows", "SciFact")] is None


# -- aggregates ------------------------------------------------------------------------------------------------

FORUMS = [
    "Android",
    "English",
    "Gaming",
    "Gis",
    "Mathematica",
    "Physics",
    "Programmers",
    "Stats",
    "Tex",
    "Unix",
    "Webmasters",
    "Wordpress",
]


def test_an_aggregate_is_built_from_its_parts_where_its_own_file_is_missing(
    tmp_path: Path, write_result: Write
) -> None:
    for number, forum in enumerate(FORUMS):
        write_result("parts", f"CQADupstack{forum}Retrieval", {"test": {"default": number / 10}})
        if number:
            write_result("lacking", f"CQADupstack{forum}Retrieval", {"test": {"default": 0.5}})
        # all parts, but half of them in one revision and half in another: not one model's score
        write_result("mixed", f"CQADupstack{forum}Retrieval", {"test": {"default": 0.5}}, revision=f"r{number % 2}")
        write_result("both", f"CQADupstack{forum}Retrieval", {"test": {"default": 0.2}})
    write_result("both", "CQADupstackRetrieval", {"test": {"default": 0.3}})
    scores = read_scores(tmp_path, benchmark="MTEB(eng, v1)")
    row = scores.table.loc["CQADupstackRetrieval"]
    assert row["parts"] == pytest.approx(0.55)  # (0 + ... + 11) / 12 / 10
    assert row["both"] == 0.3
    assert set(row.dropna().index) == {"parts", "both"}
    assert scores.cells is not None
    cells = scores.cells.set_index("model")
    assert cells.loc["parts", "built_from"] == "parts"
    assert cells.loc["both", "built_from"] == "file"
    assert cells.loc["both", "parts_score"] == pytest.approx(0.2)


# -- plain tables ----------------------------------------------------------------------------------------------


def test_a_table_of_mteb_tasks_is_told_what_mteb_knows(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("task,a,b\nSTS12,.5,.6\nSTS17,.5,.6\nMine,.5,.6\n")
    scores = read_scores(path)
    assert scores.tasks["family"].tolist() == ["STS", "STS", None]
    assert scores.tasks["group"].tolist() == ["SemEval STS", "SemEval STS", None]
    assert scores.tasks.loc["STS12", "n_samples"] == 3108
    assert scores.tasks["n_samples"].isna().tolist() == [False, True, True]  # which subsets of STS17 is not said
    with_benchmark = read_scores(path, benchmark="MTEB(eng, v2)")
    assert with_benchmark.tasks.loc["STS17", "n_samples"] == 250
    assert with_benchmark.n_tasks == 41
    assert int(with_benchmark.table.notna().sum().sum()) == 4


def test_a_tables_own_words_win(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("model,task,score,family\na,STS12,.5,Mine\nb,STS12,.6,Mine\n")
    assert read_scores(path).tasks["family"].tolist() == ["Mine"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("missing.csv", "no such file or folder"),
        ("scores.xlsx", "expected a table"),
        ("notes", "has a heading and no rows"),
    ],
)
def test_what_cannot_be_a_source(name: str, expected: str, tmp_path: Path) -> None:
    if name != "missing.csv":
        (tmp_path / name).write_text("x")
    with pytest.raises(InputError, match=expected):
        read_scores(tmp_path / name)


def test_a_table_with_nothing_of_the_benchmark(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("task,a,b\nx,.5,.6\n")
    with pytest.raises(InputError, match=r"no task of MTEB\(eng, v2\) among the 1 tasks"):
        read_scores(tmp_path / "t.csv", benchmark="MTEB(eng, v2)")


def test_rows_is_for_tables(tmp_path: Path, write_result: Write) -> None:
    write_result("a", "STS12", {"test": {"default": 0.5}})
    with pytest.raises(InputError, match="is for tables"):
        read_scores(tmp_path, rows="tasks")
