"""Scores and samples carry the hash of texts, gold and judgements, and what was made on different data is not paired."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from bench import evaluate, read_samples, read_scores
from bench.runner.task_data.data_root import attach
from bench.runner.task_data.loaded_hash import loaded_hashes
from embsig.cli.app import app
from stats import audit, compare
from stats.common.errors import InputError

RANDOM, OTHER = "mteb/baseline-random-encoder", "mteb/baseline-bm25s"
N = 12


def sts(folder: Path, gold: list[float], ending: str = "jsonl") -> Path:
    frame = pd.DataFrame(
        {
            "sentence1": [f"text {i}" for i in range(N)],
            "sentence2": [f"words {i}" for i in range(N)],
            "score": gold,
        }
    )
    folder.mkdir(parents=True)
    if ending == "jsonl":
        frame.to_json(folder / "test.jsonl", orient="records", lines=True)
    elif ending == "csv":
        frame.to_csv(folder / "test.csv", index=False)
    else:
        frame.to_parquet(folder / "test.parquet")
    return folder


def hash_of(folder: Path, name: str = "STS13") -> dict[str, dict[str, str]]:
    import mteb

    task = mteb.get_task(name)
    attach(task, folder)
    task.load_data()
    return loaded_hashes(task)


GOLD = [round(5 * i / (N - 1), 3) for i in range(N)]


def test_the_hash_is_that_of_the_content_whatever_the_file(tmp_path: Path) -> None:
    found = [hash_of(sts(tmp_path / kind / "STS13", GOLD, kind)) for kind in ("jsonl", "csv", "parquet")]
    assert found[0] == found[1] == found[2]
    assert hash_of(sts(tmp_path / "whole" / "STS13", list(range(N)))) == hash_of(
        sts(tmp_path / "points" / "STS13", [float(i) for i in range(N)])
    )
    assert hash_of(sts(tmp_path / "reversed" / "STS13", GOLD[::-1])) != found[0]


def test_the_hash_of_retrieval_has_texts_queries_and_judgements(tmp_path: Path) -> None:
    def beir(name: str, *, corpus: str = "a document", query: str = "a query", grade: int = 1, order: int = 1) -> Path:
        folder = tmp_path / name / "SciFact"
        (folder / "qrels").mkdir(parents=True)
        documents = [{"_id": "d1", "title": "", "text": corpus}, {"_id": "d2", "title": "", "text": "another"}]
        (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, documents[::order])))
        (folder / "queries.jsonl").write_text(json.dumps({"_id": "q1", "text": query}))
        (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\nq1\td1\t{grade}\n")
        return folder

    first = hash_of(beir("first"), "SciFact")
    assert hash_of(beir("turned", order=-1), "SciFact") == first
    changed = [beir("a", corpus="other"), beir("b", query="other"), beir("c", grade=2)]
    assert all(hash_of(folder, "SciFact") != first for folder in changed)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """One run of two models: the second on reversed gold."""
    root = tmp_path_factory.mktemp("mixed")
    for name in ("STS12", "STS13"):
        sts(root / "right" / name, GOLD)
    sts(root / "wrong" / "STS12", GOLD)
    sts(root / "wrong" / "STS13", GOLD[::-1])
    for model, data in ((RANDOM, "right"), (f"org/tiny={tiny_model}", "wrong")):
        run = evaluate(model, ["STS12", "STS13"], data_root=root / data, output=root / "run")
        assert run.exit_status == 0, str(run)
    return root / "run"


def test_scores_on_different_data_are_not_paired(mixed: Path) -> None:
    scores = read_scores(mixed, cache=False)
    cells = scores.cells
    assert cells is not None
    by_task = cells.groupby("task")["data_sha256"].nunique()
    assert by_task.to_dict() == {"STS12": 1, "STS13": 2}
    hashes = [h[:12] for h in cells.loc[cells["task"] == "STS13", "data_sha256"]]
    with pytest.raises(InputError, match=r"on STS13, .* was scored on the data .* and .* on ") as caught:
        compare(scores, rng=0)
    assert "\n" not in str(caught.value)
    assert all(h in str(caught.value) for h in (*hashes, "org/tiny"))
    allowed = compare(scores, rng=0, allow_different_data=True)
    assert all("different data on 1 of 2 tasks: STS13" in sentence for sentence in allowed.conclusions)
    assert "different_data" in set(audit(scores).findings["kind"])
    found = audit(scores).findings.set_index("kind").loc["different_data"]
    assert (found["severity"], found["tasks"]) == ("error", ("STS13",))


def test_samples_on_different_data_are_not_paired(mixed: Path) -> None:
    samples = read_samples(mixed)
    assert samples.task("STS12").n_samples == N
    with pytest.raises(InputError, match=r"samples: on STS13, .* was scored on the data"):
        samples.task("STS13")


def test_the_command_line_refuses_and_allows(mixed: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    for command in (["compare"], ["compare", "--level", "samples"], ["report", "-o", str(tmp_path / "x.html")]):
        done = runner.invoke(app, [command[0], str(mixed), *command[1:], "--resamples", "200"])
        assert (
            "different" in str(done.exception) + done.output
            or "scored on the data" in str(done.exception) + done.output
        )
        assert done.exit_code != 0
    done = runner.invoke(app, ["compare", str(mixed), "--allow-different-data", "--seed", "0"])
    assert done.exit_code == 0, done.output
    assert "different data" in done.output


def edited(run: Path, change: Any) -> str:
    path = next((run / "samples" / "STS12").glob("*.parquet"))
    table = pq.read_table(path)
    frame = change(table.to_pandas())
    import pyarrow as pa

    pq.write_table(
        pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(table.schema.metadata), path
    )
    return path.name


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.assign(gold=0.0),
        lambda f: f.assign(similarity=-f["similarity"]),
        lambda f: f.assign(gold=np.roll(f["gold"], 1)),
    ],
    ids=["gold zeroed", "similarity negated", "gold shifted"],
)
def test_samples_that_do_not_give_their_score_are_refused_by_name(mixed: Path, tmp_path: Path, change: Any) -> None:
    import shutil

    run = shutil.copytree(mixed, tmp_path / "run")
    name = edited(run, change)
    with pytest.raises(InputError) as caught:
        read_samples(run).task("STS12")
    assert name in str(caught.value)
    assert "main score" in str(caught.value) or "gold" in str(caught.value)


def test_every_file_has_a_checksum_in_the_manifest(mixed: Path) -> None:
    from bench.runner.run_folder.checksums import checksum

    manifest = json.loads((mixed / "manifest.json").read_text())
    stated = {name: digest for job in manifest["jobs"] for name, digest in job["sha256"].items()}
    files = [p for place in ("results", "samples") for p in (mixed / place).rglob("*") if p.is_file()]
    names = {p.relative_to(mixed).as_posix() for p in files if p.name not in ("model_meta.json", "run_settings.jsonl")}
    assert set(stated) == names
    assert all(checksum(mixed / name) == digest for name, digest in stated.items())


def test_a_run_from_before_data_hashes_reads_and_says_so_once(mixed: Path, tmp_path: Path) -> None:
    import shutil

    run = shutil.copytree(mixed, tmp_path / "run")
    for path in (run / "results").rglob("STS1*.json"):
        said = json.loads(path.read_text())
        del said["embsig"]
        path.write_text(json.dumps(said))
    scores = read_scores(run, cache=False)
    warned = [w for w in compare(scores, rng=0).warnings if "made before data hashes" in w]
    assert len(warned) == 1
    assert "unproven_data" in set(audit(scores).findings["kind"])


def test_a_result_changed_after_the_run_is_refused_with_both_scores(
    tiny_model: Path, mock_tasks: list[Any], tmp_path: Path
) -> None:
    (task,) = [t for t in mock_tasks if t.metadata.name == "MockSTSTask"]
    (outcome,) = evaluate(tiny_model, task, output=tmp_path).outcomes
    assert outcome.score is not None
    assert read_scores(tmp_path).table.loc["MockSTSTask"].tolist() == [pytest.approx(outcome.score)]
    (path,) = tmp_path.glob("results/*/*/MockSTSTask.json")
    said = json.loads(path.read_text())
    for listed in said["scores"].values():
        for entry in listed:
            entry["main_score"] += 0.1
    path.write_text(json.dumps(said))
    stated = f"{outcome.score:.6f}"
    with pytest.raises(
        InputError, match=f"'local/tiny' on 'MockSTSTask' is .*, and the run recorded {stated}"
    ) as caught:
        read_scores(tmp_path)
    assert "\n" not in str(caught.value)
