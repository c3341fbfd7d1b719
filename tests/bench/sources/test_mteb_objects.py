"""mteb's results in memory give what its folders give."""

from typing import Any

import pytest

from bench import read_scores
from bench.sources.mteb_objects import folder_of, is_results, read_objects
from stats.common.errors import InputError

results = pytest.importorskip("mteb.results")

SCORES = {"org/a": (0.61, 0.72, 0.65), "b": (0.64, 0.75, 0.68)}


def _task(name: str, score: float) -> Any:
    entries = [{"main_score": score, "hf_subset": "default", "languages": ["eng-Latn"]}]
    return results.TaskResult(
        dataset_revision="abc", task_name=name, mteb_version="2.3.0", scores={"test": entries}, evaluation_time=1.0,
        kg_co2_emissions=None,
    )  # fmt: skip


def _model(name: str, revision: str = "r1") -> Any:
    listed = [_task(task, s) for task, s in zip(("STS12", "STS13", "STS14"), SCORES[name], strict=True)]
    return results.ModelResult(model_name=name, model_revision=revision, task_results=listed)


EXPECTED = {m: dict(zip(("STS12", "STS13", "STS14"), s, strict=True)) for m, s in SCORES.items()}


def test_results_in_memory_are_read_as_their_folder_is() -> None:
    models = [_model(name) for name in SCORES]
    for given in (results.BenchmarkResults(model_results=models), models, tuple(models)):
        assert is_results(given)
        scores = read_objects(given)
        assert scores.table.to_dict() == EXPECTED
        assert scores.families == ["STS"]
    assert read_objects(models[0]).models == ["org/a"]
    assert read_objects([_task("STS12", 0.5), _task("STS13", 0.6)]).table.to_dict() == {
        "model": {"STS12": 0.5, "STS13": 0.6}
    }


def test_a_benchmark_reads_what_it_asks_for() -> None:
    scores = read_objects(
        results.BenchmarkResults(model_results=[_model(m) for m in SCORES]), benchmark="MTEB(eng, v2)"
    )
    assert scores.n_tasks == 41
    assert scores.table["b"].dropna().to_dict() == EXPECTED["b"]


def test_a_cache_stands_for_its_folder(tmp_path: Any, write_result: Any) -> None:
    import mteb

    write_result("org/a", "STS12", {"test": {"default": 0.5}})
    cache = mteb.ResultCache(tmp_path)
    assert is_results(cache)
    assert folder_of(cache) == tmp_path
    assert read_scores(tmp_path).table.loc["STS12", "org/a"] == 0.5


def test_an_empty_result_and_other_objects() -> None:
    with pytest.raises(InputError, match="BenchmarkResults holds no result of any task"):
        read_objects(results.BenchmarkResults(model_results=[]))
    for other in ([], [1], 3, "results", object()):
        assert not is_results(other)
