"""Mean ranks, cliques and near ties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from stats import InputError, cliques, mean_ranks, uncovered_pairs
from stats.ties import differences, doubled_midranks, rank_rows


def matrix(k, significant):
    found = np.zeros((k, k), dtype=bool)
    for a, b in significant:
        found[a, b] = found[b, a] = True
    return found


def test_a_bar_never_joins_a_significant_pair():
    # b and c differ, so no run reaches over them: a-c and b-d are not significant but have no bar.
    m = matrix(4, [(0, 3), (1, 2)])
    assert cliques(list("abcd"), m) == [["a", "b"], ["c", "d"]]
    assert uncovered_pairs(list("abcd"), m) == [("a", "c"), ("b", "d")]


def test_all_and_none():
    assert cliques(list("abc"), matrix(3, [])) == [["a", "b", "c"]]
    assert uncovered_pairs(list("abc"), matrix(3, [])) == []
    assert cliques(list("abc"), matrix(3, [(0, 1), (0, 2), (1, 2)])) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 9), st.randoms(use_true_random=False))
def test_cliques_are_exactly_the_maximal_runs(k, random):
    m = matrix(k, [(a, b) for a in range(k) for b in range(a + 1, k) if random.random() < 0.3])
    models = [str(i) for i in range(k)]
    runs = [(a, b) for a in range(k) for b in range(a + 1, k) if not m[a : b + 1, a : b + 1].any()]
    maximal = [r for r in runs if not any(s != r and s[0] <= r[0] and r[1] <= s[1] for s in runs)]
    assert cliques(models, m) == [models[a : b + 1] for a, b in maximal]
    covered = {(i, j) for a, b in maximal for i in range(a, b + 1) for j in range(i + 1, b + 1)}
    expected = [
        (models[i], models[j]) for i in range(k) for j in range(i + 1, k) if not m[i, j] and (i, j) not in covered
    ]
    assert uncovered_pairs(models, m) == expected


def test_the_matrix_must_fit_the_models():
    with pytest.raises(InputError, match=r"shape \(3, 3\) for 2 models"):
        cliques(["a", "b"], matrix(3, []))


def test_mean_ranks_with_missing_scores_are_on_the_scale_of_all_models():
    frame = pd.DataFrame({"a": [0.9, 0.9], "b": [0.5, np.nan], "c": [0.1, 0.1], "d": [0.0, np.nan]}, index=["x", "y"])
    # On y, ranks 1 and 2 of 2 become 1.5 and 3.5 of 4.
    assert mean_ranks(frame).to_dict() == {"a": 1.25, "b": 2, "c": 3.25, "d": 4}


def test_lower_can_be_better(small):
    from dataclasses import replace

    turned = replace(small, higher_is_better=False)
    np.testing.assert_allclose(mean_ranks(turned), 6 - mean_ranks(small))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 4)] * 5), min_size=1, max_size=6))
def test_rank_rows_are_midranks(rows):
    x = np.array(rows) / 7
    np.testing.assert_array_equal(rank_rows(x), rankdata(-x, axis=1))
    np.testing.assert_array_equal(rank_rows(x, higher_is_better=False), rankdata(x, axis=1))


def test_scores_equal_up_to_rounding_are_one_score():
    assert rank_rows(np.array([[0.1 + 0.2, 0.3, 0.1]])).tolist() == [[1.5, 1.5, 3]]
    assert differences(np.array([0.1 + 0.2, np.nan]), np.array([0.3, 1])).tolist()[0] == 0
    assert rank_rows(np.array([[0.3, 0.3 + 1e-9]])).tolist() == [[2, 1]]
    assert rank_rows(np.array([[41000.0, 41000.0 + 1e-9]])).tolist() == [[1.5, 1.5]]
    assert np.isnan(rank_rows(np.array([[0.3, np.nan]]))[0, 1])


def test_zero_ties_with_nothing_but_zero():
    ranks = doubled_midranks(np.array([[0.0, 0.0, 1e-9]]), np.array([[41000.0, 1.0, 1.0]]))
    assert ranks.tolist() == [[3, 3, 6]]
