"""lm-evaluation-harness: results with their standard errors, logged samples with McNemar's exact p."""

import json
from pathlib import Path
from typing import Any

import pytest
from statsmodels.stats.contingency_tables import mcnemar

from bench.sources.tools.registry import Asked, read_tool
from stats import Samples, Scores, compare
from stats.common.errors import InputError


def results(model: str, values: dict[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    """What lm_eval 0.4.13 writes, the parts that are read."""
    tasks = [t for t in values if t not in more.get("groups", {})]
    return {
        "results": {t: {"alias": t, "sample_len": 100, **v} for t, v in values.items()},
        "group_subtasks": {t: [] for t in tasks} | more.pop("subtasks", {}),
        "configs": {t: {"task": t} for t in tasks},
        "versions": dict.fromkeys(tasks, 1.0),
        "n-shot": dict.fromkeys(tasks, 0),
        "higher_is_better": {
            t: {k.partition(",")[0]: "perplexity" not in k for k in v if "stderr" not in k} for t, v in values.items()
        },
        "n-samples": {t: {"original": 100, "effective": 100} for t in tasks},
        "config": {"model": "hf", "model_args": f"pretrained={model},dtype=float16"},
        "model_name": model,
        "date": 1700000000.5,
        **more,
    }


def write(folder: Path, content: dict[str, Any], date: str = "2024-06-01T10-00-00.000001") -> Path:
    place = folder / content.get("model_name", "x").replace("/", "__")
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"results_{date}.json"
    path.write_text(json.dumps(content, indent=2))
    return path


def acc(value: float) -> dict[str, Any]:
    return {"acc,none": value, "acc_stderr,none": 0.01, "acc_norm,none": value + 0.05, "acc_norm_stderr,none": 0.02}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two models on two tasks, the subjects of a group and the group itself."""
    for model, lift in (("org/a", 0.0), ("org/b", 0.03)):
        values: dict[str, dict[str, Any]] = {
            "arc_easy": acc(0.6 + lift),
            "hellaswag": acc(0.5 + lift),
            "mmlu": {"acc,none": 0.3, "acc_stderr,none": 0.004},
            "mmlu_law": {"acc,none": 0.31 + lift, "acc_stderr,none": 0.005},
            "gsm8k": {
                "exact_match,strict-match": 0.2 + lift, "exact_match_stderr,strict-match": 0.02,
                "exact_match,flexible-extract": 0.25, "exact_match_stderr,flexible-extract": "N/A",
            },
        }  # fmt: skip
        groups = {"mmlu": {"acc,none": 0.3, "alias": "mmlu"}}
        write(tmp_path, results(model, values, groups=groups, subtasks={"mmlu": ["mmlu_law"]}))
    return tmp_path


def _read(folder: Path, *metric: str, **asked: Any) -> Scores | Samples:
    long = read_tool([folder], Asked(metric=metric, **asked))
    assert long is not None
    return long.scores(str(folder))


def test_results_are_tasks_without_groups_and_keep_their_stderrs(folder: Path) -> None:
    scores = _read(folder, "acc", "exact_match,strict-match")
    assert isinstance(scores, Scores)
    assert scores.table.loc["gsm8k"].to_dict() == {"org/a": 0.2, "org/b": pytest.approx(0.23)}
    assert set(scores.task_names) == {"arc_easy", "hellaswag", "mmlu_law", "gsm8k"}
    assert scores.cells is not None
    errors = scores.cells.set_index(["task", "model"])["stderr"]
    assert errors["mmlu_law", "org/b"] == 0.005
    assert scores.tasks.loc["hellaswag", "metric"] == "acc"
    assert scores.tasks.loc["hellaswag", "n_samples"] == 100
    assert "groups left out, since they are means of their tasks: mmlu" in scores.provenance["read"]["notes"]
    assert scores.provenance["read"]["sentence"].startswith(
        "read as lm-evaluation-harness results: 4 tasks x 2 models; "
    )


def test_of_several_metrics_one_is_asked_for(folder: Path) -> None:
    with pytest.raises(InputError, match=r"task 'arc_easy' has 2 metrics \(acc; acc_norm\): name one, --metric acc$"):
        _read(folder)
    with pytest.raises(
        InputError, match=r"task 'gsm8k' has 2 metrics \(exact_match,strict-match; exact_match,flexible-extract\)"
    ):
        _read(folder, "acc")
    with pytest.raises(InputError, match="no task has a metric 'f1': there are acc, acc_norm"):
        _read(folder, "f1")
    assert (
        "mmlu_law has only acc" in _read(folder, "acc_norm", "exact_match,flexible-extract").provenance["read"]["notes"]
    )


def test_the_newest_run_of_a_model_counts_and_it_is_said(folder: Path) -> None:
    values = {"arc_easy": {"acc,none": 0.9, "acc_stderr,none": 0.01}}
    write(folder, results("org/a", values, date=1800000000.5), "2027-01-01T00-00-00.000001")
    scores = _read(folder, "acc", "exact_match,strict-match")
    assert isinstance(scores, Scores)
    assert scores.table.loc["arc_easy", "org/a"] == 0.9
    assert scores.table.loc["hellaswag", "org/a"] == 0.5
    assert "1 older results of the same model and task left out" in scores.provenance["read"]["notes"]


def test_results_of_before_filters_are_read(tmp_path: Path) -> None:
    for name, value in (("a", 0.5), ("b", 0.6)):
        old = {
            "results": {
                "lambada": {"ppl": 5.0, "ppl_stderr": 0.1, "acc": value, "acc_stderr": 0.01},
                "piqa": {"acc": value, "acc_stderr": 0.01},
            },
            "versions": {"lambada": 0, "piqa": 0},
            "config": {"model": "gpt2", "model_args": f"pretrained={name}"},
        }
        (tmp_path / f"{name}_results.json").write_text(json.dumps(old))
    scores = _read(tmp_path, "acc")
    assert isinstance(scores, Scores)
    assert scores.table.to_dict("list") == {"a": [0.5, 0.5], "b": [0.6, 0.6]}


def test_tasks_of_which_lower_is_better_are_turned(tmp_path: Path) -> None:
    for model in ("a", "b"):
        write(tmp_path, results(model, {"wikitext": {"word_perplexity,none": 9.0}, "piqa": {"acc,none": 0.7}}))
    scores = _read(tmp_path)
    assert isinstance(scores, Scores)
    assert scores.turned == ["wikitext"]
    assert scores.table.loc["wikitext"].tolist() == [-9.0, -9.0]


# -- logged samples ----------------------------------------------------------------------------------------------


def samples(folder: Path, model: str, task: str, right: list[int], **change: Any) -> Path:
    """What lm_eval logs with --log_samples, a line a document."""
    place = folder / model
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"samples_{task}_2024-06-01T10-00-00.000001.jsonl"
    lines = [
        {
            "doc_id": i, "doc": {"question": f"q{i}", "label": 1}, "target": "1",
            "arguments": {"gen_args_0": {"arg_0": "q", "arg_1": " a"}}, "resps": [[["-1.5", "False"]]],
            "filtered_resps": [["-1.5", "False"]], "filter": "none", "metrics": ["acc"],
            "doc_hash": f"{task}{i}", "prompt_hash": "p", "target_hash": "t", "acc": float(r),
        }
        | change
        for i, r in enumerate(right)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


BASE = [0] * 19 + [1] * 5 + [1] * 120 + [0] * 76
TUNED = [1] * 19 + [0] * 5 + [1] * 120 + [0] * 76


def test_logged_samples_give_mcnemars_exact_p(tmp_path: Path) -> None:
    samples(tmp_path, "org__base", "piqa", BASE)
    samples(tmp_path, "org__tuned", "piqa", TUNED)
    found = _read(tmp_path)
    assert isinstance(found, Samples)
    compared = compare(found, rng=0)
    assert compared.pairs["pvalue"].iloc[0] == pytest.approx(mcnemar([[120, 5], [19, 76]], exact=True).pvalue, rel=1e-9)
    assert set(compared.scores.models) == {"org/base", "org/tuned"}
    assert compared.method["units"] == "documents"


def test_one_tasks_results_beside_samples_are_compared_by_documents_several_by_tasks(tmp_path: Path) -> None:
    for model, right in (("base", BASE), ("tuned", TUNED)):
        samples(tmp_path, model, "piqa", right)
        write(tmp_path, results(model, {"piqa": {"acc,none": 0.5}}))
    assert isinstance(_read(tmp_path), Samples)
    for model, right in (("base", BASE), ("tuned", TUNED)):
        samples(tmp_path, model, "arc", right)
        write(tmp_path, results(model, {"piqa": {"acc,none": 0.5}, "arc": {"acc,none": 0.5}}))
    assert isinstance(_read(tmp_path), Scores)
    both = _read(tmp_path, samples=True)
    assert isinstance(both, Samples)
    assert both.tasks == ["arc", "piqa"]


def test_samples_of_other_texts_are_refused(tmp_path: Path) -> None:
    samples(tmp_path, "a", "piqa", [1, 0, 1])
    samples(tmp_path, "b", "piqa", [1, 1, 1], doc_hash="other")
    with pytest.raises(
        InputError, match=r"task 'piqa': document 0 differs in its text between models \(doc_hash, 3 such\)"
    ):
        _read(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"doc_id": 1, "acc": 1.0}\n{"doc_id": 2, "ac', r"line 2: not JSON .*cut off\?"),
        ('{"a": 1}\n', "sample 1 has no doc_id"),
        ("", "holds no number per document"),
        ('{"doc_id": 1, "acc": "good"}\n', "holds no number per document"),
    ],
)
def test_damaged_samples_are_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "samples_piqa_2024-06-01T10-00-00.000001.jsonl").write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        _read(tmp_path)
    assert "\n" not in str(caught.value)
