"""Scores per query or item in memory: compared as what they are, by tests whose values are known from elsewhere."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, ttest_rel
from statsmodels.stats.contingency_tables import mcnemar

import reports
from stats import Comparison, Samples, audit, compare, sign_test, wilcoxon
from stats.common.errors import InputError
from stats.common.units import in_units, plural
from stats.held_samples import Held


def _long(columns, sample="q{}"):
    """A long table of scores per sample, from a list of scores a model."""
    frame = pd.DataFrame(columns)
    frame["sample"] = [sample.format(i) for i in range(len(frame))]
    return frame.melt(id_vars="sample", var_name="model", value_name="score")


def _documents():
    """220 documents: 19 right for the tuned model alone, 5 for the base alone, as in a published report."""
    base = [0] * 19 + [1] * 5 + [1] * 120 + [0] * 76
    tuned = [1] * 19 + [0] * 5 + [1] * 120 + [0] * 76
    return Samples.from_frame(_long({"base": base, "tuned": tuned}), unit="document")


def test_items_of_0_and_1_give_mcnemars_exact_p():
    found = compare(_documents(), rng=0)
    expected = mcnemar([[120, 5], [19, 76]], exact=True).pvalue
    assert expected == pytest.approx(0.0066107, abs=1e-7)
    assert found.pairs["pvalue"].iloc[0] == pytest.approx(expected, rel=1e-9)
    assert found.n_tasks == 220
    assert (found.method["units"], found.method["n_units"]) == ("documents", 220)
    assert any("McNemar's exact test" in text for text in found.conclusions)
    assert not any("skewed" in text for text in found.warnings)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("zero_method", ["wilcox", "pratt", "zsplit"])
def test_the_signed_rank_test_is_binomial_at_any_size_where_all_differences_are_of_one_size(alternative, zero_method):
    rng = np.random.default_rng(3)
    a, b = (rng.random((2, 400)) < [[0.62], [0.5]]).astype(float)
    frame = pd.DataFrame({"a": a, "b": b}, index=[f"i{i}" for i in range(400)])
    plus, differing = int((a > b).sum()), int((a != b).sum())
    assert differing > 50
    expected = binomtest(plus, differing, alternative=alternative).pvalue
    found = wilcoxon(frame, alternative=alternative, zero_method=zero_method)
    assert found.pvalue[0] == pytest.approx(expected, rel=1e-12)
    assert found.extra["exact"].all()
    assert found.pvalue[0] == pytest.approx(sign_test(frame, alternative=alternative).pvalue[0], rel=1e-12)


def test_one_pair_of_one_size_leaves_the_others_approximation_alone():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(80, 2)), columns=["a", "b"], index=[f"t{i}" for i in range(80)])
    alone = wilcoxon(frame)
    beside = wilcoxon(frame.assign(c=frame["b"] + np.where(np.arange(80) % 3 == 0, -1.0, 1.0)))
    assert beside.pvalue[0] == alone.pvalue[0]
    assert not beside.extra["exact"][0]
    assert beside.extra["exact"][2]  # b and c, 80 differences of one size
    assert beside.pvalue[2] == pytest.approx(binomtest(27, 80).pvalue, rel=1e-12)


def test_queries_are_tested_as_scipy_does():
    rng = np.random.default_rng(1)
    scores = rng.beta(2, 2, size=(60, 3)).round(3)
    samples = Samples.from_frame(_long({m: scores[:, j] for j, m in enumerate("abc")}), unit="query", metric="nDCG@10")
    found = compare(samples, test="paired-t", correction="none", rng=0)
    table = samples.items().table
    for row in found.pairs.itertuples():
        assert row.pvalue == pytest.approx(ttest_rel(table[row.model_a], table[row.model_b]).pvalue, rel=1e-9)


def test_no_output_speaks_of_tasks_where_rows_are_queries(tmp_path):
    samples = Samples.from_frame(
        _long({"multi-task-e5": [0.5, 0.4, 0.9, 0.3, 0.6, 0.7], "b": [0.1, 0.5, 0.2, 0.3, 0.1, 0.2]}), unit="query"
    )
    found = compare(samples, rng=0)
    page = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", reports.html_report(found))
    texts = (
        reports.text_report(found),
        reports.latex_table(found),
        reports.markdown_table(found),
        found.summary(),
        page,
        repr(samples.items()),
    )
    for text in texts:
        shown = text.replace("multi-task-e5", "")
        assert "quer" in shown
        assert not re.search(r"\btasks?\b", shown, re.IGNORECASE), re.search(
            r".{0,40}\btasks?\b.{0,20}", shown, re.IGNORECASE
        )
    assert "multi-task-e5" in texts[0]
    found.save(tmp_path / "c.json")
    assert Comparison.load(tmp_path / "c.json").scores.unit == "query"
    samples.items().to_parquet(tmp_path / "s.parquet")
    assert type(samples.items()).from_parquet(tmp_path / "s.parquet").unit == "query"


def test_the_audit_has_nothing_to_say_of_single_items():
    assert audit(_documents()).findings.empty


def test_samples_of_several_tasks_are_compared_by_their_means():
    frame = _long({"a": [1, 0, 1, 1], "b": [0, 0, 1, 0]})
    several = pd.concat([frame.assign(task=t) for t in ("x", "y")], ignore_index=True)
    samples = Samples.from_frame(several)
    assert samples.as_scores().table.to_numpy().tolist() == [[0.75, 0.25]] * 2
    assert samples.as_scores().unit == "task"
    assert samples.items("y").n_tasks == 4
    with pytest.raises(InputError, match=r"samples of 2 tasks \(x, y\): name one"):
        samples.items()


def test_subsets_keep_items_apart():
    frame = _long({"a": [1, 0], "b": [0, 0]})
    both = pd.concat([frame.assign(subset=s) for s in ("de", "en")], ignore_index=True)
    assert Samples.from_frame(both).items().task_names == ["de/q0", "de/q1", "en/q0", "en/q1"]


def test_other_items_on_both_sides_are_one_line():
    frame = pd.DataFrame({"model": ["a"] * 3 + ["b"] * 3, "sample": list("uvwxyz"), "score": [0.1, 0.2, 0.3] * 2})
    with pytest.raises(
        InputError,
        match=r"none of the 2 models has a score on all 6 items, nor has any item .*; no two of them have a score on the same item",
    ):
        compare(Samples.from_frame(frame, unit="item"), rng=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="score"), "lack the column 'score'"),
        (lambda f: pd.concat([f, f.head(1)]), "model 'a' has several scores of query 'q0'"),
        (lambda f: f.assign(score="good"), "model 'a', query 'q0' holds 'good', which is not a number"),
        (lambda f: f.assign(score=np.inf), "model 'a', query 'q0' is infinite"),
        (lambda f: f.head(0), "no rows"),
    ],
)
def test_bad_samples_are_one_line(change, message):
    frame = _long({"a": [0.1, 0.2], "b": [0.3, 0.4]})
    with pytest.raises(InputError, match=message):
        Samples.from_frame(change(frame), unit="query")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 task, 2 tasks", "1 query, 2 queries"),
        ("Tasks differ; task-level", "Queries differ; task-level"),
        ("say missing='tasks' or --missing tasks", "say missing='tasks' or --missing tasks"),
        ("the task's mean", "the query's mean"),
    ],
)
def test_a_text_in_other_units(text, said):
    assert in_units(text, "query") == said
    assert in_units(text, "task") == text
    assert plural("query") == "queries"


def test_one_task_without_scores_per_sample_is_its_main_score():
    frame = pd.DataFrame({"sample": list("uvw"), "similarity": [0.1, 0.5, 0.3], "gold": [1.0, 3.0, 2.0]})
    meta = {"schema": 1, "metric": "spearman", "main_score": 1.0}
    samples = Samples({"STS12": {"a": Held(frame, meta), "b": Held(frame, meta)}})
    assert samples.as_scores().unit == "task"
    assert samples.as_scores().table.to_numpy().tolist() == [[1.0, 1.0]]
    with pytest.raises(InputError, match="'spearman' is not a mean of a score per sample"):
        samples.items()


def test_names_and_patterns_choose_samples():
    frame = pd.DataFrame({"model": ["a", "a", "b"], "task": ["x", "y", "x"], "sample": "1", "score": [0.1, 0.2, 0.3]})
    samples = Samples.from_frame(frame)
    assert samples.matching(tasks="[y]").models == ["a"]
    assert samples.matching(models=["!b"]).tasks == ["x", "y"]
    with pytest.raises(InputError, match="no task matches 'z'"):
        samples.matching(tasks="z")


@pytest.mark.parametrize("values", [(0.0, 1.0), (0.0, 0.3, 0.7, 1.0)])
def test_more_items_than_a_float_has_powers_of_two(values):
    rng = np.random.default_rng(2)
    samples = Samples.from_frame(_long({m: rng.choice(values, 1100) for m in "ab"}), unit="query")
    found = compare(samples, rng=0, n_resamples=200)
    assert found.n_tasks == 1100
    assert 0 <= found.smallest_pvalue < 1e-100
    assert found.method["test"] == ("sign" if len(values) == 2 else "wilcoxon")
