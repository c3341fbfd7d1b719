"""Prompts as a random factor: matched by name, and whether a difference survives their choice."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

import reports
from stats import Comparison, Scores, compare, crossed
from stats.common.errors import InputError
from stats.levels import over_prompts


def _long(by_prompt: dict[str, np.ndarray]) -> Scores:
    """Two models whose difference by prompt and task is given; b scores .4."""
    rows = [
        (model, f"t{i:02}", prompt, 0.4 + (d if model == "a" else 0.0))
        for prompt, differences in by_prompt.items()
        for i, d in enumerate(differences)
        for model in "ab"
    ]
    return Scores.from_frame(pd.DataFrame(rows, columns=["model", "task", "prompt", "score"]))


def test_one_prompt_for_each_model_is_no():
    rng = np.random.default_rng(0)
    drawn = {
        "p": 0.1 + 0.02 * rng.normal(size=12),
        "q": -0.1 + 0.02 * rng.normal(size=12),
        "r": rng.normal(size=12) / 50,
    }
    found = over_prompts(_long(drawn)).frame.iloc[0]
    one_sided = [[ttest_1samp(d, 0, alternative=side).pvalue for d in drawn.values()] for side in ("greater", "less")]
    assert found["pvalue_reversal"] == pytest.approx(3 * max(map(min, one_sided)))
    assert found["survives"] == "no"
    assert (found["greatest_prompt"], found["least_prompt"]) == ("p", "q")
    assert found["greatest"] == pytest.approx(drawn["p"].mean())


def test_yes_is_the_crossed_test():
    rng = np.random.default_rng(1)
    scores = _long({p: 0.1 + 0.02 * rng.normal(size=12) for p in "pqr"})
    found, both = over_prompts(scores).frame.iloc[0], crossed(scores).to_frame().iloc[0]
    assert found["survives"] == "yes"
    assert found[["low", "high", "pvalue_adjusted"]].tolist() == both[["low", "high", "pvalue_adjusted"]].tolist()
    # Two prompts that disagree a lot, on many tasks: neither.
    assert over_prompts(_long({"p": np.full(12, 0.1), "q": np.full(12, 0.001)})).frame["survives"].tolist() == [
        "undecided"
    ]


@pytest.mark.parametrize("truth", [(0.0, 0.0, 0.0), (0.0, 1.0, 2.0)])
def test_no_is_wrong_at_most_alpha(truth: tuple[float, ...]):
    """Where a is never worse, whatever it gains by some prompts; tasks are shared, so prompts are correlated."""
    rng = np.random.default_rng(2)
    drawn = truth + rng.normal(size=(500, 10, 1)) + 2 * rng.normal(size=(500, 10, len(truth)))
    rows = [
        (f"m{m}", f"t{t}", p, 0.01 * drawn[m, t, p]) for m in range(500) for t in range(10) for p in range(len(truth))
    ] + [("zero", f"t{t}", p, 0.0) for t in range(10) for p in range(len(truth))]
    scores = Scores.from_frame(pd.DataFrame(rows, columns=["model", "task", "prompt", "score"]))
    found = over_prompts(scores, alpha=0.1, control="zero", correction="none").frame
    assert (found["survives"] == "no").mean() <= 0.1 + 2 * np.sqrt(0.09 / 500)


def test_prompts_are_matched_by_name_where_a_model_lacks_some():
    """Old: by position, so that a's q was compared with b's p."""
    rows = [("a", t, p, 0.5 + s) for t in "xyz" for p, s in (("p", 0.0), ("q", 0.1), ("r", 0.3))]
    rows += [("b", t, p, 0.4 + s) for t in "xyz" for p, s in (("q", 0.1), ("r", 0.3))]
    scores = Scores.from_frame(pd.DataFrame(rows, columns=["model", "task", "prompt", "score"]))
    found = over_prompts(scores).frame.iloc[0]
    assert (found["prompts"], found["prompts_a_ahead"]) == (2, 2)
    assert (found["least"], found["greatest"]) == pytest.approx((0.1, 0.1))
    assert crossed(scores).shares.set_index("component").loc["prompt", "variance"] == pytest.approx(0)


def test_tasks_are_matched_by_name_where_a_model_lacks_one():
    """Old: a's scores on the second task beside b's on the third."""
    rows = [("a", t, p, 0.5 + i / 10) for i, t in enumerate("xyz") for p in "pq"]
    rows += [("b", t, p, 0.4 + i / 10) for i, t in enumerate("xyz") for p in "pq" if t != "y"]
    scores = Scores.from_frame(pd.DataFrame(rows, columns=["model", "task", "prompt", "score"]))
    assert over_prompts(scores).frame["least"].tolist() == pytest.approx([0.1])


def test_a_model_without_prompts_is_said():
    rows = [("a", t, p, 0.5) for t in "xyz" for p in "pq"] + [("b", t, "p", 0.4) for t in "xyz"]
    scores = Scores.from_frame(pd.DataFrame(rows, columns=["model", "task", "prompt", "score"]))
    assert "variance over prompts is left out: the models share 1 prompt" in crossed(scores).notes[0]
    with pytest.raises(InputError, match="two prompts or more in common: expected a score by every prompt"):
        over_prompts(scores)


def test_compare_says_it_in_text_json_and_page(tmp_path):
    rng = np.random.default_rng(1)
    comparison = compare(_long({p: 0.1 + 0.02 * rng.normal(size=12) for p in "pqr"}), rng=0)
    said = "The difference of a and b survives the choice of prompt: yes (3 prompts, on other tasks like these)."
    assert any(said in sentence for sentence in comparison.conclusions)
    assert said in " ".join(reports.text_report(comparison).split())
    assert said in " ".join(reports.html_report(comparison).split())
    found = json.loads(json.dumps(comparison.to_dict()))["variance"]["prompts"]
    assert (found["yes"], found["no"], found["undecided"], found["order_changes"]) == (1, 0, 0, 0)
    assert found["rows"][0]["survives"] == "yes"
    assert reports.named_frame(comparison, "prompts")[0]["prompts"].tolist() == [3]
    comparison.save(tmp_path / "c.json")
    assert (
        Comparison.load(tmp_path / "c.json").further["variance"]["prompts"].text
        == comparison.further["variance"]["prompts"].text
    )
