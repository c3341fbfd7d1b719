"""The sentences of a comparison, its display, and its file."""

import gzip
import json

import numpy as np
import pandas as pd
import pytest

from stats import Comparison, InputError, Scores, compare
from stats.common import text as wording

QUICK = {"n_resamples": 200, "rng": 0}


def test_sentences_name_test_n_statistic_p_effect_and_interval(small):
    found = compare(small, **QUICK)
    first, second = found.ranks["model"].iloc[:2]
    sentence = next(s for s in found.conclusions if s.startswith(f"{first} and {second} "))
    row = found.pairs.iloc[0]
    for part in (
        "n = 12",
        f"W = {wording.statistic(row['statistic'])}",
        wording.pvalue(row["pvalue"]),
        wording.pvalue(row["pvalue_adjusted"], symbol="adjusted p"),
        f"rank-biserial r = {row['effect_size']:+.2f}",
        "95 % interval [",
    ):
        assert part in sentence
    text = " ".join(found.conclusions)
    assert "Friedman chi2(4) = " in text
    assert f"{first} ranks first" in text
    assert "STS (7 tasks): " in text
    assert "Wilcoxon signed-rank test, corrected by joint sign flips (max-t), alpha = 0.05" in text
    assert "0.000" not in text


def test_what_was_left_out_is_said(small):
    table = small.table.copy()
    table.loc["t00", "a"] = np.nan
    found = compare(table, **QUICK)
    assert found.conclusions[-1] == "Compared: 4 of the 5 models that have scores, on 12 of 12 tasks."
    assert found.conclusions[-2] == "1 model was left out: a (no score on t00)."


def test_shown_as_text_and_html(small):
    found = compare(small, **QUICK)
    text = str(found)
    assert text.startswith(found.conclusions[0])
    assert "rank set" in text
    assert "d again" in text
    html = compare(small.table.rename(columns={"a": "<script>"}), **QUICK)._repr_html_()
    assert "<script>" not in html
    assert repr(found) == "Comparison(5 models, 12 tasks, wilcoxon, max-t, 2 families)"


def assert_same(one: Comparison, two: Comparison) -> None:
    assert one.method == two.method
    pd.testing.assert_frame_equal(one.ranks, two.ranks, check_exact=True)
    pd.testing.assert_frame_equal(one.pairs, two.pairs, check_exact=True)
    pd.testing.assert_frame_equal(one.scores.table, two.scores.table, check_exact=True)
    pd.testing.assert_frame_equal(one.scores.tasks, two.scores.tasks)
    assert one.scores.sha256 == two.scores.sha256
    assert one.to_dict() == two.to_dict()
    assert one.uncovered_pairs == two.uncovered_pairs
    for name in one.families:
        assert_same(one.families[name], two.families[name])


@pytest.mark.parametrize("name", ["comparison.json", "comparison.json.gz"])
@pytest.mark.parametrize("few", [False, True])
def test_save_and_load_round_trip_exactly(small, tmp_path, name, few):
    """Also with infinite and undefined numbers."""
    scores = small.select(tasks=["t00", "t01", "t08"]) if few else small
    found = compare(scores, **QUICK)
    found.save(tmp_path / name)
    assert_same(found, Comparison.load(tmp_path / name))
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_what_is_no_saved_comparison(tmp_path):
    path = tmp_path / "x.json"
    for content, words in (
        (b"not json", "cannot be read as a saved comparison"),
        (b"[]", "is not a saved comparison"),
        (b'{"kind": "other"}', "is not a saved comparison"),
        (json.dumps({"kind": "embsig comparison", "schema": 99}).encode(), "of version 99, newer"),
        (gzip.compress(b"{}")[:10], "cannot be read"),
    ):
        path.write_bytes(content)
        with pytest.raises(InputError, match=words):
            Comparison.load(path)
    with pytest.raises(InputError, match="cannot be read"):
        Comparison.load(tmp_path / "absent.json")


def test_the_summary_is_a_paragraph_for_a_paper(small):
    table = small.table.copy()
    table.loc["t00", "a"] = np.nan
    found = compare(table, **QUICK)
    text = found.summary()
    best = found.ranks.iloc[0]
    told = found.pairs[found.pairs["significant"]]
    assert "\n" not in text
    for part in (
        "We compared 4 models on 12 tasks.",
        "1 further model was excluded (1: missing scores).",
        "Wilcoxon signed-rank test, corrected by joint sign flips (max-t), alpha = 0.05; Wilcoxon 1945; Westfall and Young 1993; Romano and "
        "Wolf 2005; statistic: W; signed rank, joint sign flips (max-t), all 2^12 sign vectors; n = 12 tasks a pair",
        "Intervals (CI) are 95 %, simultaneous, the same test inverted at the joint critical value",
        "matched-pairs rank-biserial correlation",
        f"Friedman chi2(3) = {wording.statistic(found.omnibus['friedman']['statistic'])}",
        f"{best['model']} had the best mean rank ({best['mean_rank']:.2f}; mean score {best['mean']:.4f}",
        f"{len(told)} of 6 pairs differed significantly",
        "does not show them equal: their intervals allow differences of up to ",
    ):
        assert part in text
    rest = found.pairs[~found.pairs["significant"]]
    assert f"up to {wording.fixed(float(rest[['low', 'high']].abs().to_numpy().max()))}." in text
    assert "p = 0.000" not in text


def test_the_summary_names_the_better_one_first_whichever_way_scores_run():
    rng = np.random.default_rng(3)
    values = rng.uniform(0.4, 0.6, 12)
    table = pd.DataFrame(
        {"high": values + rng.uniform(0.1, 0.2, 12), "low": values}, index=[f"t{i}" for i in range(12)]
    )
    up = compare(table, **QUICK)
    down = compare(Scores.from_frame(table, rows="tasks", higher_is_better=False), **QUICK)
    d = (table["high"] - table["low"]).to_numpy()
    middle = np.median([(x + y) / 2 for i, x in enumerate(d) for y in d[i:]])
    estimate = f"(pseudo-median difference {middle:+.4g}, mean {d.mean():+.4g}, "
    assert f"The two differed significantly: high over low {estimate}" in up.summary()
    assert f"low over high (pseudo-median difference {-middle:+.4g}, mean {-d.mean():+.4g}, " in down.summary()
    assert "does not show them equal" not in up.summary()
    against = compare(table, control="high", **QUICK).summary()
    assert "each with high" in against
    assert f"high over low {estimate}95 % CI [+" in against


def test_the_summary_of_a_bayesian_test_speaks_of_probability(small):
    text = compare(small, test="bayes", **QUICK).summary()
    assert "significant" not in text
    assert "probability 0.95 or more" in text


def test_a_summary_without_any_difference_carries_the_warning(small):
    text = compare(small.select(tasks=["t00", "t01", "t08"]), **QUICK).summary()
    assert "None of the 10 pairs differed significantly." in text
    assert "With 3 tasks no pair could have been significant" in text


def test_an_interval_without_ends_is_not_printed_as_one():
    frame = pd.DataFrame({"a": [0.5, 0.7, 0.6], "b": [0.4, 0.5, 0.55]}, index=list("xyz"))
    found = compare(frame, n_resamples=200, rng=0)
    assert np.isinf(found.pairs["low"]).all()
    said = [*found.conclusions, found.summary()]
    assert "for which so few tasks give no 95 % interval" in said[1]
    assert any(
        "no pair could have been significant" in w for w in found.warnings
    )  # which says why there is no interval
    assert not any("inf]" in s or "-inf" in s for s in said)
