"""Scores on 0-100 beside scores on 0-1: what is refused, what the audit and the comparison say, and what they do not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench import read_scores

from .conftest import Maker, result

KNOWN = ["STS12", "STS13", "STS14", "STS15", "SciFact", "NFCorpus"]
TASKS = [f"t{i}" for i in range(6)]


def table(models: int = 4, tasks: int = 6, names: list[str] | None = None) -> pd.DataFrame:
    """Scores between .3 and .8, the later model the better."""
    hard = np.linspace(0.3, 0.7, tasks)[:, None]
    noise = np.sin(np.arange(tasks * models)).reshape(tasks, models) / 50
    index = pd.Index((names or TASKS)[:tasks], name="task")
    return pd.DataFrame(hard + np.linspace(0, 0.08, models) + noise, index, list("abcd")[:models])


def times(frame: pd.DataFrame, rows: Any, columns: Any, factor: Any = 100.0) -> pd.DataFrame:
    frame = frame.copy()
    frame.iloc[rows, columns] *= factor
    return frame


ALL = slice(None)

# fmt: off
#: Table -> the findings beside notes: kind, and the scores or tasks that it is about.
CASES: dict[str, tuple[pd.DataFrame, dict[str, Any]]] = {
    "fractions": (table(), {}),
    "points": (times(table(), ALL, ALL), {}),
    "thousands": (times(table(), ALL, ALL, 1e4), {}),
    "a model in points": (times(table(), ALL, 2), {"scale": ("models", ["c"])}),
    "a model in fractions": (times(times(table(), ALL, ALL), ALL, 2, .01), {"scale": ("models", ["c"])}),
    "half of the models in points": (times(table(), ALL, [0, 1]), {"scale": ("models", ["a", "b"])}),
    "one of two models": (times(table(2), ALL, 1), {"scale": ("models", ["b"])}),
    "a model in points on two tasks": (times(table(tasks=2), ALL, 2), {"scale": ("models", ["c"])}),
    "two of four models on three tasks": (times(table(tasks=3), ALL, [0, 1]), {"scale": ("models", ["a", "b"])}),
    "one score in points": (times(table(), 3, 2), {"scale": ("tasks", ["t3"])}),
    "one score in fractions": (times(times(table(), ALL, ALL), 3, 2, .01), {"scale": ("tasks", ["t3"])}),
    "half of a model's scores": (times(table(), slice(3), 2), {"scale": ("tasks", ["t0", "t1", "t2"])}),
    "some tasks in points": (times(table(), slice(2), ALL), {"task_scales": ("tasks", ["t0", "t1"])}),
    "one task in fractions": (times(times(table(), ALL, ALL), 5, ALL, .01), {"task_scales": ("tasks", ["t5"])}),
    "some tasks in points, but for a model": (times(table(), slice(2), slice(3)), {"scale": ("models", ["d"]), "task_scales": ("tasks", ["t0", "t1"])}),
    "a known task in points": (times(table(names=KNOWN), 4, ALL), {"out_of_range": ("tasks", ["SciFact"]), "task_scales": ("tasks", ["SciFact"])}),
    "a known score in points": (times(table(names=KNOWN), 4, 2), {"out_of_range": ("tasks", ["SciFact"])}),
    "a known model in points": (times(table(names=KNOWN), ALL, 2), {"scale": ("models", ["c"])}),
    "known tasks all in points": (times(table(names=KNOWN), ALL, ALL), {}),
    "a model thirty times worse": (times(table(), ALL, 0, 1 / 30), {}),
    "a random encoder, typically a hundredth of the others": (times(table(), ALL, 0, 10 ** -np.array([1.3, 0.4, 1.6, 2.5, 2.8, 3.3])), {}),
    "seconds": (pd.DataFrame({"a": [1, 200, 3000.0, 12], "b": [2, 180, 2900.0, 13], "c": [1.5, 210, 3100, 11]}, pd.Index(list("wxyz"), name="task")), {}),
    "losses about one": (times(table(), ALL, ALL, 2), {}),
}
# fmt: on


@pytest.mark.parametrize("form", ["wide", "long"])
@pytest.mark.parametrize("case", CASES)
def test_the_audit_says_it_and_the_comparison_too(case: str, form: str, make: Maker, cli: Any) -> None:
    frame, expected = CASES[case]
    if form == "long":
        frame = frame.reset_index().melt("task", var_name="model", value_name="score").set_index("model")
    path = make.file(frame.to_csv())
    code, out, _ = cli("audit", path, "--format", "json")
    found = {f["kind"]: f for f in json.loads(out)["findings"] if f["kind"] in ("scale", "task_scales", "out_of_range")}
    assert code == 0
    assert {kind: (about, sorted(found[kind][about])) for kind, (about, _) in expected.items()} == expected
    assert sorted(found) == sorted(expected)
    code, out, _ = cli("compare", path, "--format", "json", "--resamples", 99)
    said = [w for w in json.loads(out)["warnings"] if w.startswith("Fix the scores")]
    assert code == 0
    assert len(said) == len(expected)
    assert sum("another scale" in w for w in said) == len({"scale", "task_scales"} & expected.keys())


def test_what_makes_all_of_it_worthless_is_said_before_any_result(make: Maker, cli: Any) -> None:
    path = make.file(CASES["a model in points"][0].to_csv())
    code, out, _ = cli("compare", path, "--resamples", 99)
    said = " ".join(out.split())
    assert code == 0
    assert said.startswith(
        "warning: Fix the scores before trusting this comparison: the scores of 1 model are on another scale"
    )
    assert said.count("Fix the scores") == 1
    code, out, _ = cli("report", path, "--resamples", 99, "-o", make.root / "page.html")
    page = (make.root / "page.html").read_text(encoding="utf-8")
    assert code == 0
    assert page.count("<strong>Warning.</strong> Fix the scores before") == 1
    assert page.index('id="verdict"') < page.index("Fix the scores before") < page.index('class="answer"')
    fine, out, _ = cli("compare", make.file(table().to_csv(), "fine.csv"), "--resamples", 99)
    assert (fine, out.startswith("Decided")) == (0, True)


def two_subsets(m: Maker, task: str, scores: tuple[float, float]) -> Path:
    """A results folder in which one file has two subsets with these scores."""
    subsets = {"test": dict(zip(("de", "fr"), scores, strict=True))}
    good = {"test": {"de": 0.5, "fr": 0.6}}
    return m.tree(
        {"org/a": {task: result(task, subsets), "STS12": 0.5}, "org/b": {task: result(task, good), "STS12": 0.6}}
    )


@pytest.mark.parametrize("task", ["STS22", "HomeMade"])
@pytest.mark.parametrize("scores", [(0.8, 80.0), (75.0, 0.7)])
def test_a_file_on_two_scales_gives_no_score(
    task: str, scores: tuple[float, float], make: Maker, read: Callable[..., str]
) -> None:
    found = json.loads(read(lambda m: two_subsets(m, task, scores), "audit {} --format json"))
    text = {f["kind"]: f["text"] for f in found["findings"]}["unreadable"]
    assert "main scores on two scales, 0-100 beside 0-1, such as" in text
    table = read_scores(make.root / "results").table
    assert np.isnan(table.loc[task, "org/a"])


@pytest.mark.parametrize("scores", [(80.0, 75.0), (0.8, 0.75), (1.6, 0.9), (30.0, 0.05)])
def test_a_file_on_one_scale_is_read(scores: tuple[float, float], read: Callable[..., str]) -> None:
    rows = read(lambda m: two_subsets(m, "HomeMade", scores), "scores {}").splitlines()
    assert float(next(r for r in rows if r.startswith("HomeMade")).split(",")[1]) == pytest.approx(sum(scores) / 2)


def test_seeds_on_two_scales_are_refused(refused: Callable[..., str]) -> None:
    rows = ("a,t,.6,0", "a,t,61,1", "b,t,.5,0", "b,t,.5,1")
    refused(
        lambda m: m.table(*rows, head="model,task,score,seed"),
        "scores {}",
        "scores from 0.6 to 61 on task 't', one per seed: 0-100 beside 0-1?",
    )


def test_seeds_of_runtimes_are_read(read: Callable[..., str]) -> None:
    rows = ("a,t,.9,0", "a,t,1.7,1", "b,t,2.5,0", "b,t,2.5,1")
    assert read(lambda m: m.table(*rows, head="model,task,score,seed"), "scores {}") == "task,a,b\nt,1.3,2.5\n"
