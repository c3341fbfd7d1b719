"""Rules of aggregation by hand, and the least removal against enumeration of all sets of tasks."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gmean, rankdata, trim_mean

from stats.common.errors import InputError
from stats.robustness import RULES, rank_robustness
from stats.robustness.removal import least_removal, removal_for_first
from stats.scores import Scores


def _by_enumeration(rule, values, families, ahead, behind):
    whole = np.unique(families)
    # Ranks and scales are those among all models on a task: a removal does not change what the other tasks give.
    points = None if rule.points is None else rule.points(values)
    for size in range(len(values)):
        for drop in combinations(range(len(values)), size):
            kept = np.setdiff1d(np.arange(len(values)), drop)
            if rule.name == "family_mean" and set(families[kept]) != set(whole):
                continue
            total = points[kept].mean(axis=0) if points is not None else rule.total(values[kept], families[kept])
            if total[behind] >= total[ahead] - 1e-12:
                return size
    return None


@pytest.mark.parametrize("name", RULES)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_the_least_removal_is_that_of_enumeration(name, seed):
    rng = np.random.default_rng(seed)
    n, rule = int(rng.integers(2, 8)), RULES[name]
    values = rng.uniform(0.1, 1, (n, 3)) + np.array([0.15, 0.05, 0.0])
    families = rng.integers(0, 2, n)
    found = least_removal(rule, values, families, 0, 1)
    expected = _by_enumeration(rule, values, families, 0, 1)
    assert (None if found is None else len(found)) == expected


@pytest.mark.parametrize("name", [n for n in RULES if n not in ("median", "trimmed_mean", "family_mean")])
def test_the_first_place_falls_with_the_nearest_challenger(name):
    rng = np.random.default_rng(7)
    values = rng.uniform(0.1, 1, (7, 4))
    families = np.zeros(7, dtype=int)
    order = np.argsort(-RULES[name].total(values, families), kind="stable").tolist()
    drop, other = removal_for_first(RULES[name], values, families, order)
    sizes = {o: _by_enumeration(RULES[name], values, families, order[0], o) for o in order[1:]}
    least = min(s for s in sizes.values() if s is not None)
    assert len(drop) == least == sizes[other]


def test_rules_are_what_their_titles_say():
    rng = np.random.default_rng(1)
    values, families = rng.uniform(0.1, 1, (12, 5)), np.repeat([0, 1], [4, 8])
    total = {name: rule.total(values, families) for name, rule in RULES.items()}
    np.testing.assert_allclose(total["mean"], values.mean(axis=0))
    np.testing.assert_allclose(total["family_mean"], (values[:4].mean(axis=0) + values[4:].mean(axis=0)) / 2)
    np.testing.assert_allclose(total["mean_rank"], 5 - rankdata(-values, axis=1).mean(axis=0))
    np.testing.assert_allclose(np.exp(total["geometric_mean"]), gmean(values, axis=0))
    np.testing.assert_allclose(total["trimmed_mean"], trim_mean(values, 0.1, axis=0))
    assert total["first_places"].sum() == pytest.approx(1)


def test_it_is_said_under_how_many_rules_and_without_which_tasks():
    frame = pd.DataFrame(
        {"a": [0.9, 0.5, 0.5, 0.5, 0.5], "b": [0.8, 0.52, 0.52, 0.52, 0.52], "c": [0.1] * 5}, index=list("vwxyz")
    )
    found = rank_robustness(frame)
    rules = found.rules.set_index("rule")
    assert rules.loc["mean", ["first", "tasks_to_change_first", "new_first"]].tolist() == ["a", 1, "b"]
    assert rules.loc["median", "first"] == "b"
    text = str(found)
    assert "without v, b would be first or level" in text
    assert f"a is first under {(rules['first'] == 'a').sum()} of {len(rules)} rules" in text


def test_lower_is_better_and_no_positive_scores():
    frame = pd.DataFrame({"a": [0.1, 0.2, 0.0], "b": [0.3, 0.4, 0.5]}, index=list("xyz"))
    found = rank_robustness(Scores.from_frame(frame, rows="tasks", higher_is_better=False))
    assert set(found.rules["first"]) == {"a"}
    assert "geometric_mean" not in set(found.rules["rule"])


def test_missing_scores_are_asked_about():
    frame = pd.DataFrame({"a": [0.1, np.nan], "b": [0.3, 0.4]}, index=list("xy"))
    with pytest.raises(InputError, match="choose_coverage"):
        rank_robustness(frame)


@pytest.mark.real_data
def test_the_public_leaderboard(eng_v2_csv):
    """Measured independently: removing 1 of 41 tasks turns first and second by mean, 6 turn first and third."""
    table = pd.read_csv(eng_v2_csv, index_col=0).T
    found = rank_robustness(table.rename_axis(index="task"), top=3)
    assert found.pairs["tasks_to_change"].tolist()[:2] == [1, 6]
