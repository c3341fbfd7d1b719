"""HELM's run folders: the main metric of every scenario's group, and instances."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.sources.tools.helm import main_metrics
from bench.sources.tools.registry import Asked, read_tool
from stats import Samples, Scores, borda, compare
from stats.common.errors import InputError


def stat(name: str, mean: float, **more: Any) -> dict[str, Any]:
    return {
        "name": {"name": name, **more},
        "count": 1,
        "sum": mean,
        "sum_squared": mean**2,
        "min": mean,
        "max": mean,
        "mean": mean,
    }


def write(
    root: Path,
    task: str,
    groups: list[str],
    model: str,
    value: float,
    *,
    metric: str = "exact_match",
    split: str = "test",
) -> Path:
    """A run as HELM writes it: names with ``_`` for ``/``, statistics of several splits, metrics and perturbations."""
    arguments = f"{task}{',' if ':' in task else ':'}model={model.replace('/', '_')}"
    folder = root / "runs" / "v1" / arguments
    folder.mkdir(parents=True)
    spec = {
        "name": arguments,
        "scenario_spec": {"class_name": "x", "args": {}},
        "adapter_spec": {"method": "generation", "model": model, "model_deployment": model},
        "metric_specs": [],
        "groups": groups,
    }
    stats = [
        stat("num_instances", 100.0, split=split),
        stat(metric, value, split=split),
        stat(metric, 0.01, split="train"),
        stat(metric, 0.02, split=split, perturbation={"name": "robustness"}),
        stat("quasi_prefix_exact_match", 0.9, split=split),
        stat("inference_runtime", 3.0, split=split),
    ]  # fmt: skip
    (folder / "run_spec.json").write_text(json.dumps(spec))
    (folder / "stats.json").write_text(json.dumps(stats))
    instances = [
        {
            "instance_id": f"id{i}",
            "train_trial_index": 0,
            "stats": [stat(metric, float(i < 10 * value), split=split), stat("logprob", -1.0, split=split)],
        }
        for i in range(10)
    ]
    (folder / "per_instance_stats.json").write_text(json.dumps(instances))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Case of a published report: two models that are equal everywhere."""
    for model, lift in (("ai21/j2", 0.1), ("meta/opt", 0.1), ("openai/ada", 0.0)):
        write(tmp_path, "mmlu:subject=law", ["mmlu", "mmlu_law"], model, 0.4 + lift)
        write(
            tmp_path,
            "natural_qa:mode=closedbook",
            ["natural_qa_closedbook"],
            model,
            0.3 + lift,
            metric="f1_score",
            split="valid",
        )
        write(tmp_path, "boolq", ["boolq"], model, 0.6 + lift, metric="quasi_exact_match", split="valid")
    return tmp_path


def _read(*paths: Path, **asked: Any) -> Scores | Samples:
    long = read_tool(paths, Asked(**asked))
    assert long is not None
    return long.scores("runs")


def test_a_scenarios_main_metric_is_read_on_its_split_unperturbed(root: Path) -> None:
    scores = _read(root)
    assert isinstance(scores, Scores)
    assert scores.table["openai/ada"].to_dict() == {
        "boolq": 0.6,
        "mmlu:subject=law": 0.4,
        "natural_qa:mode=closedbook": 0.3,
    }
    assert dict(scores.tasks["metric"]) == {
        "boolq": "quasi_exact_match",
        "mmlu:subject=law": "exact_match",
        "natural_qa:mode=closedbook": "f1_score",
    }
    assert scores.families == []


def test_equal_models_tie(root: Path) -> None:
    scores = _read(root)
    found = compare(scores, rng=0).pairs.query("model_a == 'ai21/j2' and model_b == 'meta/opt'")
    assert found["pvalue"].tolist() == [1.0]
    assert borda(scores).set_index("model")["points"].to_dict() == {"ai21/j2": 4.5, "meta/opt": 4.5, "openai/ada": 0.0}


def test_one_scenario_is_compared_by_instances(tmp_path: Path) -> None:
    for model, value in (("a/x", 0.8), ("a/y", 0.4)):
        write(tmp_path, "boolq", ["boolq"], model, value, metric="quasi_exact_match", split="valid")
    samples = _read(tmp_path)
    assert isinstance(samples, Samples)
    assert samples.items().table.sum().to_dict() == {"a/x": 8, "a/y": 4}
    assert samples.items().unit == "instance"


def test_an_unknown_group_is_asked_about(tmp_path: Path) -> None:
    for model in ("a/x", "a/y"):
        for task in ("ours:v=1", "ours:v=2"):
            write(tmp_path, task, ["ours"], model, 0.5)
    with pytest.raises(
        InputError,
        match=r"task 'ours:v=1' has 4 metrics \(num_instances; exact_match; .*name one, --metric num_instances",
    ):
        _read(tmp_path)
    scores = _read(tmp_path, metric=("exact_match",))
    assert isinstance(scores, Scores)
    assert scores.table.shape == (2, 2)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("stats.json", '[{"name": {"na', r"stats.json: not JSON .*cut off\?"),
        ("stats.json", '{"a": 1}', "expected a list of statistics"),
        ("stats.json", "[3]", "expected statistics with a name, got '3'"),
        ("run_spec.json", '{"name": "x"}', "expected 'name' and 'adapter_spec' with its model"),
        ("run_spec.json", "[]", "expected 'name' and 'adapter_spec' with its model"),
    ],
)
def test_damaged_runs_are_one_line(root: Path, file: str, text: str, message: str) -> None:
    next(root.rglob(file)).write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        _read(root)
    assert "\n" not in str(caught.value)


def test_the_table_of_main_metrics_is_helms() -> None:
    table = main_metrics()
    assert table["boolq"] == ["quasi_exact_match", "valid"]
    assert table["natural_qa_closedbook"] == ["f1_score", "valid"]
    assert "gsm" not in table  # HELM's own schemas differ on it
    assert all(len(v) == 2 and all(isinstance(x, str) for x in v) for v in table.values())
