"""Local task data in every layout, against the same data handed to mteb directly."""

import gzip
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.runner.identity import data_hash
from bench.runner.task_data.data_root import attach, check_root, task_folder
from stats.common.errors import InputError

PAIRS = [{"sentence1": f"a {i}", "sentence2": f"b {i}", "score": i / 2} for i in range(6)]


def made(name: str) -> Any:
    from mteb.get_tasks import _TASKS_REGISTRY

    return _TASKS_REGISTRY[name]()


def loaded(name: str, folder: Path, subsets: list[str] | None = None) -> Any:
    task = made(name)
    if subsets:
        task.hf_subsets = subsets
    attach(task, folder)
    task.load_data()
    return task


def lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(json.dumps(r) for r in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "csv", "tsv", "parquet"])
def test_a_file_per_split_in_every_format(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"test.{ending}"
    if ending.startswith("jsonl"):
        lines(path, PAIRS)
    elif ending == "parquet":
        pd.DataFrame(PAIRS).to_parquet(path)
    else:
        pd.DataFrame(PAIRS).to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
    task = loaded("STSBenchmark", tmp_path)
    assert list(task.dataset["test"]) == PAIRS
    assert task.data_loaded


def test_text_that_looks_like_a_date_stays_text(tmp_path: Path) -> None:
    rows = [{"sentence1": "2020-01-01", "sentence2": "NA", "score": n} for n in (1, 2)]
    lines(tmp_path / "test.jsonl", rows)
    assert list(loaded("STSBenchmark", tmp_path).dataset["test"]) == rows


def beir(folder: Path) -> None:
    lines(
        folder / "corpus.jsonl.gz", [{"_id": 1, "title": "T", "text": "one"}, {"_id": 2, "title": None, "text": "two"}]
    )
    lines(folder / "queries.jsonl", [{"_id": "q1", "text": "who"}, {"_id": "q2", "text": "not judged"}])
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\t1\t1\n")


def test_the_beir_layout(tmp_path: Path) -> None:
    beir(tmp_path)
    split = loaded("SciFact", tmp_path).dataset["default"]["test"]
    assert list(split["corpus"]) == [{"id": "1", "title": "T", "text": "one"}, {"id": "2", "title": "", "text": "two"}]
    assert list(split["queries"]) == [{"id": "q1", "text": "who"}]
    assert split["relevant_docs"] == {"q1": {"1": 1}}
    assert split["top_ranked"] is None


def test_reranking_has_its_candidates(tmp_path: Path) -> None:
    beir(tmp_path)
    lines(tmp_path / "top_ranked" / "test.jsonl", [{"query-id": "q1", "corpus-ids": [2, 1]}])
    assert loaded("SciDocsRR", tmp_path).dataset["default"]["test"]["top_ranked"] == {"q1": ["2", "1"]}


def test_a_hub_snapshot_goes_through_mteb_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "snapshot"
    lines(folder / "data" / "test-00000.jsonl", PAIRS)
    (folder / "README.md").write_text(
        "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: test\n    path: data/test-*.jsonl\n---\n"
    )
    task = loaded("STSBenchmark", folder)
    assert list(task.dataset["test"]) == PAIRS
    assert task.metadata.dataset["path"] == str(folder)


def test_subsets_have_folders_of_their_own(tmp_path: Path) -> None:
    for subset in ("eng_Latn", "fra_Latn"):
        for split in ("train", "validation", "test"):
            lines(tmp_path / subset / f"{split}.jsonl", [{"text": subset, "label": n} for n in (1, 2)])
    task = loaded("SIB200Classification", tmp_path, ["fra_Latn", "eng_Latn"])
    assert {s: d["test"][0]["text"] for s, d in task.dataset.items()} == {
        "fra_Latn": "fra_Latn",
        "eng_Latn": "eng_Latn",
    }
    with pytest.raises(InputError, match=r"no data for 1 of the 2 subsets of SIB200Classification \(deu_Latn\)"):
        loaded("SIB200Classification", tmp_path, ["fra_Latn", "deu_Latn"])


def test_one_set_of_files_serves_one_chosen_subset(tmp_path: Path) -> None:
    for split in ("train", "validation", "test"):
        lines(tmp_path / f"{split}.jsonl", [{"text": "t", "label": n} for n in (1, 2)])
    assert loaded("SIB200Classification", tmp_path, ["eng_Latn"]).dataset["eng_Latn"]["test"][0]["text"] == "t"
    with pytest.raises(InputError, match=r"holds one set of files, but SIB200Classification has .* subsets"):
        loaded("SIB200Classification", tmp_path)


@pytest.mark.parametrize(
    ("files", "name", "message"),
    [
        ({"test.jsonl": '{"a": 1}\n{"a"'}, "STSBenchmark", "line 2: not a JSON object"),
        ({"test.jsonl": ""}, "STSBenchmark", "test.jsonl is empty"),
        ({"test.jsonl.gz": "no gzip"}, "STSBenchmark", "test.jsonl.gz cannot be read"),
        ({"train.jsonl": '{"a": 1}'}, "STSBenchmark", "has no test split of STSBenchmark"),
        ({"corpus.jsonl": '{"_id": 1}'}, "SciFact", "has no queries of SciFact: expected the BEIR layout"),
        ({"notes.txt": "nothing"}, "STSBenchmark", "is not data of STSBenchmark: expected test as .jsonl"),
    ],
)
def test_bad_data_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], name: str, message: str
) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "data"
    folder.mkdir()
    for file, text in files.items():
        (folder / file).write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        loaded(name, folder)
    assert "\n" not in str(caught.value)


def test_a_root_that_cannot_be_read_and_a_task_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"data root .*nowhere: No such file or directory; expected a folder with a sub-folder"
    ):
        check_root(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="Not a directory"):
        check_root(tmp_path / "file")
    with pytest.raises(InputError, match="no data for STS12: expected the folder"):
        task_folder(tmp_path, "STS12")


def test_the_hash_is_that_of_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBSIG_CACHE", str(tmp_path / "cache"))
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        lines(folder / "test.jsonl", PAIRS)
        (folder / "README.md").write_text(folder.name)
    assert data_hash(one) == data_hash(other)
    lines(other / "test.jsonl", PAIRS[:5])
    assert data_hash(one) != data_hash(other)


def test_bad_data_fails_its_job_in_a_line_and_leaves_no_score(tmp_path: Path, tiny_model: Path, cli: Any) -> None:
    data, runs = tmp_path / "data", tmp_path / "runs"
    lines(data / "STS12" / "test.jsonl", [*PAIRS, {**PAIRS[0], "score": None}])
    lines(data / "STS13" / "test.jsonl", PAIRS)
    tasks = [word for task in ("STS12", "STS13", "STS14") for word in ("-t", task)]
    code, out, err = cli("run", "-m", f"tiny={tiny_model}", *tasks, "--data-root", data, "-o", runs)
    assert code == 1
    assert out == ""
    assert "Traceback" not in err
    said = [line for line in err.splitlines() if line.startswith("  local/tiny")]
    assert len(said) == 2
    assert "column 'score' holds nothing in row 7" in said[0]
    assert "no data for STS14: expected the folder" in said[1]
    assert sorted(
        p.stem for p in runs.rglob("*") if p.is_file() and p.stem.startswith("STS") and "results" in p.parts
    ) == ["STS13"]
    assert [p.parent.name for p in runs.rglob("*.parquet")] == ["STS13"]
