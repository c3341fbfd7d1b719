"""Corrections: against R and statsmodels, and what every correction must do."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from stats import InputError, adjust
from stats.posthoc.corrections import CORRECTIONS
from stats.posthoc.procedures import true_hypotheses

pvalues = st.lists(st.floats(0, 1), min_size=1, max_size=21)


@pytest.mark.parametrize("method", ["bonferroni", "holm", "hochberg", "hommel", "bh", "by"])
def test_equals_r(r_values, method):
    np.testing.assert_allclose(adjust(r_values["pvalues"], method), r_values[f"adjust_{method}"], rtol=1e-12)


@pytest.mark.parametrize("method", ["bonferroni", "holm", "hochberg", "hommel", "bh", "by"])
def test_a_missing_p_stays_missing_and_poisons_nothing(r_values, method):
    p = np.insert(r_values["pvalues"], 5, np.nan)
    np.testing.assert_allclose(adjust(p, method), r_values[f"adjust_na_{method}"], rtol=1e-12)


@settings(max_examples=15, deadline=None)
@given(pvalues)
def test_equals_statsmodels(p):
    for ours, theirs in {
        "bonferroni": "bonferroni",
        "holm": "holm",
        "hochberg": "simes-hochberg",
        "hommel": "hommel",
        "bh": "fdr_bh",
        "by": "fdr_by",
    }.items():
        np.testing.assert_allclose(adjust(p, ours), multipletests(p, method=theirs)[1], rtol=1e-9, atol=1e-300)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=15, max_size=15),
    st.sampled_from([name for name, c in CORRECTIONS.items() if c.adjust is not None and not c.by_pair]),
)
def test_adjusted_p_values_are_monotone_bounded_and_no_smaller(p, method):
    p = np.array(p)
    adjusted = adjust(p, method)
    assert (adjusted >= p - 1e-15).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p)]) >= -1e-15).all()
    order = np.random.default_rng(0).permutation(15)
    np.testing.assert_array_equal(adjust(p[order], method), adjusted[order])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=15, max_size=15))
def test_stronger_methods_reject_whatever_weaker_ones_do(p):
    chain = [adjust(p, m) for m in ("hommel", "hochberg", "holm", "bonferroni")]
    for stronger, weaker in pairwise(chain):
        assert (stronger <= weaker + 1e-12).all()
    assert (adjust(p, "shaffer") <= adjust(p, "holm") + 1e-12).all()


@pytest.mark.parametrize(
    ("k", "expected"),
    [
        (2, [0, 1]),
        (3, [0, 1, 3]),
        (4, [0, 1, 2, 3, 6]),
        (5, [0, 1, 2, 3, 4, 6, 10]),
        (6, [0, 1, 2, 3, 4, 6, 7, 10, 15]),
    ],
)
def test_numbers_of_hypotheses_that_can_be_true(k, expected):
    # Shaffer (1986), table 1.
    assert true_hypotheses(k) == expected


def test_shaffer_by_hand():
    # Four models: after the first rejection at most 3 of the 6 can be true, then 3, 3, 2, 1.
    p = np.array([0.004, 0.01, 0.012, 0.02, 0.03, 0.5])
    np.testing.assert_allclose(adjust(p, "shaffer"), [0.024, 0.03, 0.036, 0.06, 0.06, 0.5])


def test_shaffer_counts_missing_hypotheses_as_possibly_true():
    np.testing.assert_allclose(adjust([0.01, np.nan, 0.02], "shaffer"), [0.03, np.nan, 0.03])


def test_shape_is_kept_and_nothing_is_no_error():
    assert adjust(np.full((2, 3), 0.01)).shape == (2, 3)
    assert adjust([]).shape == (0,)
    assert np.isnan(adjust([np.nan, np.nan])).all()


@pytest.mark.parametrize(
    ("p", "method", "words"),
    [
        ([0.1], "tukey", "unknown correction 'tukey': expected one of none, bonferroni"),
        ([1.5], "holm", "between 0 and 1"),
        ([0.1, 0.2], "shaffer", "shaffer got 2 p-values"),
    ],
)
def test_errors_say_what_was_expected(p, method, words):
    with pytest.raises(InputError, match=words):
        adjust(p, method)
