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
    for place in ("manifest.json", "jobs"):  # no checksum is at hand: the scores alone must tell
        (run / place).rename(tmp_path / place)
    name = edited(run, change)
    with pytest.raises(InputError) as caught:
        read_samples(run).task("STS12")
    assert name in str(caught.value)
    assert "main score" in str(caught.value) or "gold" in str(caught.value)


def test_every_file_has_a_checksum_in_the_manifest(mixed: Path) -> None:
    from bench.checksums import checksum

    manifest = json.loads((mixed / "manifest.json").read_text())
    stated = {name: digest for job in manifest["jobs"] for name, digest in job["sha256"].items()}
    files = [p for place in ("results", "samples") for p in (mixed / place).rglob("*") if p.is_file()]
    names = {p.relative_to(mixed).as_posix() for p in files if p.name not in ("model_meta.json", "run_settings.jsonl")}
    assert set(stated) == names
    assert all(checksum(mixed / name) == digest for name, digest in stated.items())


def without_proofs(run: Path, *, stamps: bool) -> None:
    """Take from a run what earlier versions did not write: the checksums of results, and what results say of their data."""
    for path in (run / "manifest.json", *run.glob("jobs/*/*/*.json")):
        said = json.loads(path.read_text())
        for job in said.get("jobs", [said]):
            del job["sha256"]
        path.write_text(json.dumps(said))
    for path in (run / "results").rglob("STS1*.json") if stamps else ():
        said = json.loads(path.read_text())
        del said["embsig"]
        path.write_text(json.dumps(said))


def test_a_run_from_before_data_hashes_reads_and_says_so_once(mixed: Path, tmp_path: Path) -> None:
    import shutil

    run = shutil.copytree(mixed, tmp_path / "run")
    without_proofs(run, stamps=True)
    scores = read_scores(run, cache=False)
    (warned,) = [w for w in compare(scores, rng=0).warnings if "cannot be proven" in w]
    assert "4 of 4 scores were made before data hashes" in warned
    assert "4 results of the run are without a checksum" in warned
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


COMMANDS = (["scores"], ["audit"], ["compare"], ["compare", "--level", "samples"], ["report", "-o", "page.html"])


def told(command: list[str], source: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Exit code of a command, and all that it says."""
    monkeypatch.chdir(folder)
    few = ["--resamples", "200"] if command[0] in ("compare", "report") else []
    done = CliRunner().invoke(app, [command[0], str(source), *command[1:], *few])
    return done.exit_code, done.output + str(done.exception or "")


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """A run of two models on the same data, which lie beside it."""
    root = tmp_path_factory.mktemp("alike")
    for name in ("STS12", "STS13"):
        sts(root / "data" / name, GOLD)
    models = [RANDOM, f"org/tiny={tiny_model}"]
    run = evaluate(models, ["STS12", "STS13"], data_root=root / "data", output=root / "run")
    assert run.exit_status == 0, str(run)
    return root


@pytest.fixture
def same(alike: Path, tmp_path: Path) -> Path:
    import shutil

    shutil.copytree(alike, tmp_path, dirs_exist_ok=True)
    return tmp_path / "run"


def test_a_changed_file_is_refused_by_every_command_that_reads_it(
    same: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command in COMMANDS:
        assert told(command, same, tmp_path, monkeypatch)[0] == 0
    # The main scores stay: only the checksum can tell that what stands beside them is another's.
    (result,) = same.glob("results/org__tiny/*/STS13.json")
    said = json.loads(result.read_text())
    said["scores"]["test"][0]["cosine_pearson"] = 0.999
    result.write_text(json.dumps(said))
    for command in COMMANDS:
        code, text = told(command, same, tmp_path, monkeypatch)
        assert code != 0, command
        assert f"{result.parent.name}/STS13.json was changed after the run" in text, (command, text)
        assert "remove it and run the job again" in text
    said["date"] = "2020-01-01T00:00:00"  # a time may differ
    del said["scores"]["test"][0]["cosine_pearson"]
    for place in (same / "results", same / "results" / "org__tiny", result.parent):
        with pytest.raises(InputError, match=r"STS13\.json was changed after the run"):
            read_scores(place, cache=False)
    result.unlink()
    assert read_scores(same, cache=False).table.loc["STS13"].isna().sum() == 1


def test_a_result_that_was_made_again_is_no_changed_one(same: Path, tmp_path: Path, tiny_model: Path) -> None:
    manifest = (same / "manifest.json").read_bytes()
    sts(tmp_path / "other" / "STS13", GOLD[::-1])
    evaluate([RANDOM, f"org/tiny={tiny_model}"], "STS13", data_root=tmp_path / "other", output=same)
    (same / "manifest.json").write_bytes(manifest)  # as where the second run was killed
    assert read_scores(same, cache=False).n_models == 2
    assert read_samples(same).task("STS13").n_samples == N


def test_an_archive_of_a_run_is_checked_too(same: Path, tmp_path: Path) -> None:
    import shutil

    assert read_scores(shutil.make_archive(str(tmp_path / "right"), "zip", tmp_path, "run")).n_models == 2
    (result,) = same.glob("results/org__tiny/*/STS13.json")
    said = json.loads(result.read_text())
    del said["embsig"]
    result.write_text(json.dumps(said))
    with pytest.raises(InputError, match=r"STS13\.json was changed after the run: it lacks what embsig wrote"):
        read_scores(shutil.make_archive(str(tmp_path / "wrong"), "zip", tmp_path, "run"))


def test_changed_samples_that_give_the_same_score_are_refused(
    same: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow as pa

    path = same / "samples" / "STS12" / "org%2Ftiny.parquet"
    table = pq.read_table(path)
    frame = table.to_pandas()
    frame["similarity"] = 2 * frame["similarity"]  # Spearman's correlation is that of before
    changed = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(table.schema.metadata)
    pq.write_table(changed, path)
    for source in (same, same / "samples", [same]):
        samples = read_samples(source)
        for use in (lambda s: s.task("STS12"), lambda s: s.scores(), lambda s: s.recompute("STS12", "org/tiny")):
            with pytest.raises(
                InputError, match=r"STS12/org%2Ftiny\.parquet was changed after the run: its checksum is"
            ):
                use(samples)
        assert samples.task("STS13").n_samples == N
    code, text = told(["compare", "--level", "samples"], same, tmp_path, monkeypatch)
    assert code != 0
    assert "org%2Ftiny.parquet was changed after the run" in text


def test_a_run_from_before_checksums_reads_and_says_so_once(
    same: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_proofs(same, stamps=False)
    scores = read_scores(same, cache=False)
    assert sum("without a checksum" in w for w in compare(scores, rng=0).warnings) == 1
    for command in COMMANDS[:3]:
        code, text = told(command, same, tmp_path, monkeypatch)
        assert code == 0
        assert text.count("without a checksum in the run's manifest") == 1, (command, text)
    assert read_samples(same).task("STS12").n_samples == N
    for path in (same / "manifest.json", *same.glob("jobs/*/*/*.json")):
        path.write_text(path.read_text().replace('"samples_sha256"', '"once"'))
    code, text = told(["compare", "--level", "samples"], same, tmp_path, monkeypatch)
    assert code == 0
    assert text.count("4 files of samples are without a checksum") == 1


def test_a_changed_result_is_not_taken_for_finished(same: Path, tmp_path: Path, tiny_model: Path) -> None:
    (result,) = same.glob("results/org__tiny/*/STS13.json")
    before = read_scores(same).table
    result.write_text(result.read_text().replace("main_score", "main-score"))
    again = evaluate([RANDOM, f"org/tiny={tiny_model}"], ["STS12", "STS13"], data_root=tmp_path / "data", output=same)
    assert sorted(o.status for o in again.outcomes) == ["cached", "cached", "cached", "done"]
    pd.testing.assert_frame_equal(read_scores(same).table, before)
