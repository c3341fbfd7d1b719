"""What a leaderboard's reader asks: clean tasks counted by hand, the smallest of the top set, and the findings of compare."""

import html
import re

import numpy as np
import pandas as pd
import pytest

from stats import Scores, compare
from stats.common.errors import InputError
from stats.comparison.cost import frontier
from stats.coverage import clean_comparison


def _scores(n_tasks=12, trained=None, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        rng.normal([0.8, 0.7, 0.6], 0.01, (n_tasks, 3)), [f"t{i}" for i in range(n_tasks)], ["a", "b", "c"]
    )
    cells = None
    if trained is not None:
        cells = pd.DataFrame(
            [
                {"task": t, "model": m, "trained_on": None if trained.get(m) is None else t in trained[m]}
                for t in frame.index
                for m in frame.columns
            ]
        )
        cells["trained_on"] = cells["trained_on"].astype(object)
    return Scores.build(frame.rename_axis(index="task", columns="model"), pd.DataFrame(index=frame.index), cells=cells)


def test_a_pair_is_compared_on_the_tasks_that_neither_was_trained_on():
    scores = _scores(trained={"a": {"t0", "t1", "t2"}, "b": {"t2", "t3"}, "c": None})
    found = clean_comparison(scores, rng=0).pairs.set_index(["model_a", "model_b"])
    assert found.loc[("a", "b"), "n_clean"] == 8  # 12 less t0 to t3
    assert found.loc[("a", "c"), "n_clean"] == 9
    table = scores.table
    clean = [f"t{i}" for i in range(4, 12)]
    assert found.loc[("a", "b"), "difference_clean"] == pytest.approx((table["a"] - table["b"])[clean].mean())
    assert found["unknown"].to_dict() == {("a", "b"): False, ("a", "c"): True, ("b", "c"): True}


def test_an_order_that_the_trained_tasks_made_is_told():
    scores = _scores(trained={"a": set(), "b": {f"t{i}" for i in range(6)}, "c": set()})
    values = scores.values.copy()
    values[:6, 1] += 0.5  # b is first by what it was trained on
    found = clean_comparison(scores.with_values(values), rng=0)
    row = found.pairs.set_index(["model_a", "model_b"]).loc[("a", "b")]
    assert row["turned"]
    assert row["difference"] < 0 < row["difference_clean"]
    assert "1 of 3 pairs" in str(found)


def test_nothing_known_about_training_is_said():
    with pytest.raises(InputError, match="nothing is known"):
        clean_comparison(_scores(), rng=0)


def test_the_smallest_that_is_not_surely_worse():
    rng = np.random.default_rng(1)
    base = rng.normal(0.6, 0.02, 30)
    frame = pd.DataFrame(
        {"big": base + 0.1, "small": base + 0.1 + rng.normal(0, 0.02, 30), "tiny": base - 0.1, "unknown": base - 0.2}
    )
    comparison = compare(frame.rename(index=str), families=False, rng=0)
    cost = pd.Series({"big": 7.6e9, "small": 6e8, "tiny": 2.3e7}, name="n_parameters")
    found = frontier(comparison, cost)
    assert found.smallest == "small"
    assert found.unknown == ("unknown",)
    models = found.models.set_index("model")
    assert models.loc["tiny", "on_frontier"]
    assert models.loc["tiny", "surely_dominated_by"] is None
    assert "small (0.6 B parameters)" in str(found)
    with pytest.raises(InputError, match="without a control"):
        frontier(compare(frame.rename(index=str), control="big", families=False, rng=0), cost)


def test_compare_has_them_where_they_were_asked_for():
    trained = {"a": {"t0"}, "b": set(), "c": set()}
    cards = pd.DataFrame({"n_parameters": {"a": 7e9, "b": 1e9, "c": 1e8}})
    found = compare(_scores(n_tasks=24, trained=trained), clean=True, details=True, cards=cards, n_resamples=200, rng=0)
    groups = found.to_dict()
    assert groups["clean"]["clean_tasks"]["rows"][0]["n_clean"] == 23
    assert groups["cost"]["n_parameters"]["rows"][0]["model"] == "c"
    assert groups["robustness"]["rules"]["rows"][0]["first"] == "a"
    assert groups["prediction"]["new_task"]["rows"][0]["model"] == "a"
    for group in ("clean", "cost", "robustness", "prediction"):
        for finding in found.further[group].values():
            assert finding.method
            assert finding.source
            assert finding.n_tasks
    plain = compare(_scores(n_tasks=24), n_resamples=200, rng=0)
    assert not any(plain.further[g] for g in ("clean", "cost", "robustness", "prediction"))
    refused = compare(_scores(n_tasks=24), clean=True, n_resamples=200, rng=0)
    assert any("nothing is known about what these models were trained on" in w for w in refused.warnings)


def test_scores_on_a_new_task_of_models_that_are_not_compared_are_named():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        rng.normal(0.5, 0.1, (25, 1)) + rng.normal(0, 0.03, (25, 8)) + np.linspace(0, 0.1, 8),
        index=pd.Index([f"t{i}" for i in range(25)], name="task"),
        columns=pd.Index(list("abcdefgh"), name="model"),
    )
    like = {"a": 0.5, "b": 0.52, "c": 0.53, "d": 0.55, "x/y": 0.7}
    found = compare(frame, families=False, like=like, rng=0).further["prediction"]["new_task"]
    assert found.warnings == ("x/y is not among the models compared: what it scored on the new task is not used.",)


#: What is asked, where it stands, and a word of its answer.
ANSWERS = {
    "clean": ("clean", "clean_tasks", "Clean tasks", "neither model was trained on"),
    "robust": ("robustness", "rules", "Rules of aggregation", "rules of aggregation"),
    "smallest": ("cost", "n_parameters", "Quality against size", "the smallest"),
    "new task": ("prediction", "new_task", "A new task", "On one further task like these"),
}


@pytest.fixture(scope="module")
def answered():
    names = list("abcdef")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(np.linspace(0.8, 0.7, 6), 0.02, (24, 6)), [f"t{i}" for i in range(24)], names)
    cells = pd.DataFrame(
        [{"task": t, "model": m, "trained_on": m == "a" and t == "t0"} for t in frame.index for m in names]
    )
    scores = Scores.build(
        frame.rename_axis(index="task", columns="model"),
        pd.DataFrame(index=frame.index),
        cells=cells.astype({"trained_on": object}),
    )
    cards = pd.DataFrame({"n_parameters": dict(zip(names, [7e9, 1e9, 3e8, 1e8, 5e7, 2e7], strict=True))})
    return compare(scores, clean=True, details=True, cards=cards, n_resamples=200, rng=0)


@pytest.mark.parametrize("form", ["text", "json", "page", "python"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_every_answer_stands_in_every_form_with_method_n_and_source(answered, answer, form):
    from reports import html_report, text_report

    group, name, title, word = ANSWERS[answer]
    finding = answered.further[group][name]
    assert word in finding.text
    assert finding.n_tasks == 24
    wanted = [title, finding.text, finding.method, finding.source, "24"]
    if form == "python":
        assert (finding.title, len(finding.frame) > 0) == (title, True)
        return
    if form == "json":
        said = answered.to_dict()[group][name]
        assert [said[key] for key in ("title", "text", "method", "source")] == wanted[:4]
        assert (said["n_tasks"], len(said["rows"])) == (24, len(finding.frame))
        return
    if form == "page":
        plain = html.unescape(re.sub(r"<[^>]+>", " ", html_report(answered)))
        method = f"{finding.method[:1].upper()}{finding.method[1:]}. 24 tasks. {finding.source[:1].upper()}{finding.source[1:]}."
        wanted = [title, finding.text, method]
    else:
        plain = text_report(answered)
    told = " ".join(plain.split())
    for words in wanted:
        assert " ".join(words.split()) in told
