"""Every function of scores that the front door gives takes a path, and mteb's results in memory."""

from pathlib import Path
from typing import Any

import pytest

import embsig
from stats.common.errors import InputError


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "scores.csv"
    path.write_text("task,a,b,c\n" + "".join(f"T{i},0.{i + 1},0.{i + 2},0.{9 - i}\n" for i in range(7)))
    return path


@pytest.mark.parametrize(
    "function", ["wilcoxon", "sign_test", "paired_t", "friedman", "quade", "borda", "mean_ranks", "effects", "audit"]
)
def test_a_path_is_the_table_that_it_names(table: Path, function: str) -> None:
    call = getattr(embsig, function)
    by_path, by_text, by_scores = (call(s) for s in (table, str(table), embsig.read_scores(table)))
    assert str(by_path) == str(by_text) == str(by_scores)


def test_a_path_that_is_none_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.csv: no such file"):
        embsig.wilcoxon(tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="got int: expected"):
        embsig.wilcoxon(3)


def test_mtebs_results_are_taken_too() -> None:
    results: Any = pytest.importorskip("mteb.results")
    models = []
    for model, lift in (("a", 0.0), ("b", 0.1)):
        tasks = [
            results.TaskResult(
                dataset_revision="abc", task_name=task, mteb_version="2.3.0", evaluation_time=1.0, kg_co2_emissions=None,
                scores={"test": [{"main_score": 0.5 + lift, "hf_subset": "default", "languages": ["eng-Latn"]}]},
            )
            for task in ("STS12", "STS13", "STS14")
        ]  # fmt: skip
        models.append(results.ModelResult(model_name=model, model_revision="r1", task_results=tasks))
    found = results.BenchmarkResults(model_results=models)
    assert embsig.wilcoxon(found).pvalue.tolist() == [0.25]
    assert embsig.compare(found, rng=0).scores.models == ["b", "a"]
