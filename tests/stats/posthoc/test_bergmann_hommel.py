"""Bergmann and Hommel's procedure: the published example, and brute force over all subsets of hypotheses."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from stats import InputError, adjust

#: Mean ranks of C4.5, 1-NN, NaiveBayes, Kernel, CN2 on 30 data sets (Garcia and Herrera 2008, table 3).
RANKS = np.array([2.1, 3.25, 2.2, 4 + 1 / 3, 3 + 7 / 60])


def _z_tests():
    first, second = np.triu_indices(5, 1)
    return 2 * norm.sf(np.abs(RANKS[first] - RANKS[second]) / np.sqrt(5 * 6 / (6 * 30)))


def _closed(pairs, k):
    """Whether equality is transitive in this set of pairs."""
    held = set(pairs)
    return all(
        not ({(a, b), (b, c)} <= held or {(a, b), (a, c)} <= held or {(a, c), (b, c)} <= held)
        or {(a, b), (b, c), (a, c)} <= held
        for a, b, c in combinations(range(k), 3)
    )


def _brute_force(p, k):
    pairs = list(combinations(range(k), 2))
    adjusted = np.zeros(len(pairs))
    for size in range(1, len(pairs) + 1):
        for chosen in combinations(range(len(pairs)), size):
            if _closed([pairs[i] for i in chosen], k):
                worth = size * min(p[i] for i in chosen)
                adjusted[list(chosen)] = np.maximum(adjusted[list(chosen)], worth)
    return np.minimum(adjusted, 1)


def test_the_published_example():
    # Garcia and Herrera (2008): two pairs more than Shaffer's procedure; C4.5 against CN2 .0383 where that has .0511.
    found, shaffer = adjust(_z_tests(), "bergmann-hommel"), adjust(_z_tests(), "shaffer")
    assert found[2] == pytest.approx(4.487e-7, rel=1e-3)  # C4.5 against Kernel
    assert found[7] == pytest.approx(1.042e-6, rel=1e-3)  # NaiveBayes against Kernel
    assert [found[3], shaffer[3]] == pytest.approx([0.0383, 0.0511], abs=5e-5)
    assert (found <= 0.05).sum() == (shaffer <= 0.05).sum() + 2 == 8


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_brute_force_over_all_sets_of_hypotheses(k, seed):
    p = np.random.default_rng(seed).random(k * (k - 1) // 2) ** 3
    np.testing.assert_allclose(adjust(p, "bergmann-hommel"), _brute_force(p, k), rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 8), st.integers(0, 2**32 - 1))
def test_it_is_never_weaker_than_shaffers_or_holms(k, seed):
    p = np.random.default_rng(seed).random(k * (k - 1) // 2) ** 4
    found = adjust(p, "bergmann-hommel")
    assert (found <= adjust(p, "shaffer") + 1e-12).all()
    assert (found >= p - 1e-15).all()


def test_a_missing_pair_is_no_member_and_bad_numbers_are_refused():
    # Without the third equality the other two can be true by themselves or together.
    np.testing.assert_allclose(adjust([0.01, 0.02, np.nan], "bergmann-hommel"), [0.02, 0.02, np.nan])
    with pytest.raises(InputError, match="10 models"):
        adjust(np.full(45, 0.1), "bergmann-hommel")
    with pytest.raises(InputError, match="got 4 p-values"):
        adjust(np.full(4, 0.1), "bergmann-hommel")
    with pytest.raises(InputError, match="bergmann-hommel"):
        adjust([0.1], "bergman")
