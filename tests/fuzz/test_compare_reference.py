"""`compare` against slow and obvious computations, over random tables with ties, zeros, copies and gaps."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing import FUZZ
from stats import InputError, Scores, compare


@st.composite
def tables(draw, gaps=False):
    """A table of eighths (exact in binary: many ties and zeros), two to five models, perhaps one of them a copy."""
    k, n = draw(st.integers(2, 5)), draw(st.integers(2, 9))
    values = np.array(draw(st.lists(st.lists(st.integers(0, 8), min_size=k, max_size=k), min_size=n, max_size=n))) / 8
    if draw(st.booleans()):
        values[:, -1] = values[:, 0]
    if gaps:
        holes = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, k - 1)), max_size=4))
        for i, j in holes:
            values[i, j] = np.nan
    return pd.DataFrame(values, index=[f"t{i}" for i in range(n)], columns=list("abcde"[:k]))


def midranks(values):
    """Ranks from 1 up; equal values share the mean of their ranks."""
    return [sum(w < v for w in values) + (sum(w == v for w in values) + 1) / 2 for v in values]


def wilcoxon_by_enumeration(d):
    """The two-sided p-value over all sign vectors, zeros left out."""
    d = [x for x in d if x != 0]
    if not d:
        return 1.0
    ranks = midranks([abs(x) for x in d])
    half = sum(ranks) / 2
    seen = abs(sum(r for r, x in zip(ranks, d, strict=True) if x > 0) - half)
    all_signs = list(product((0, 1), repeat=len(d)))
    far = sum(abs(sum(r * s for r, s in zip(ranks, signs, strict=True)) - half) >= seen - 1e-9 for signs in all_signs)
    return far / len(all_signs)


def holm_by_definition(p):
    """Holm 1979: the largest (m - i) p_(i) so far, at most 1."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    adjusted, largest = [0.0] * len(p), 0.0
    for i, at in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - i) * p[at]))
        adjusted[at] = largest
    return adjusted


def friedman_by_the_textbook(ranks):
    """Chi-squared with the correction for ties, 12 sum(R_j^2)/(nk(k+1)) - 3n(k+1) over 1 - sum(t^3 - t)/(n(k^3 - k))."""
    n, k = ranks.shape
    ties = sum(c**3 - c for row in ranks for c in np.unique(row, return_counts=True)[1])
    correction = 1 - ties / (n * (k**3 - k))
    if correction == 0:
        return None
    return (12 / (n * k * (k + 1)) * (ranks.sum(axis=0) ** 2).sum() - 3 * n * (k + 1)) / correction


def rank_biserial(d):
    """(sum of ranks of gains - of losses) / their sum, zeros left out."""
    d = [x for x in d if x != 0]
    ranks = midranks([abs(x) for x in d])
    return sum(r if x > 0 else -r for r, x in zip(ranks, d, strict=True)) / sum(ranks) if d else 0.0


def cliques_by_brute_force(models, joined):
    """All runs of consecutive models of which every two are joined, and that lie in no larger one."""
    runs = [
        models[i : j + 1]
        for i in range(len(models))
        for j in range(i + 1, len(models))
        if all(joined(a, b) for a, b in combinations(models[i : j + 1], 2))
    ]
    return [r for r in runs if not any(set(r) < set(other) for other in runs)]


def kept(table, policy):
    """What is left of a table by the policy, by definition; None where compare has nothing to compare."""
    table = table.dropna(how="all")
    if policy == "tasks":
        table = table.dropna(axis=1, how="all").dropna()
    elif policy == "models":
        table = table.dropna(axis=1)
    else:
        table = table.dropna(axis=1, how="all")
        few = table.notna().sum() < 0.5 * len(table)  # nobody is ranked on fewer than half of the tasks
        table = table if few.all() else table.loc[:, ~few]
    return table if min(table.shape) >= 2 else None


@FUZZ
@given(tables(gaps=True), st.sampled_from(["models", "tasks", "keep"]), st.booleans(), st.sampled_from([0.05, 0.3]))
def test_compare_is_the_reference(table, policy, higher, alpha):
    scores = Scores.from_frame(table, rows="tasks", higher_is_better=higher)
    left = kept(table, policy)
    if left is None:
        with pytest.raises(InputError):
            compare(scores, missing=policy, n_resamples=20, rng=0)
        return
    found = compare(scores, missing=policy, alpha=alpha, correction="holm", n_resamples=20, rng=0)
    assert set(found.ranks["model"]) == set(left.columns)
    assert found.n_tasks == len(left)
    p = []
    for row in found.pairs.itertuples():
        d = (left[row.model_a] - left[row.model_b]).dropna().tolist()
        better = d if higher else [-x for x in d]
        assert row.n == len(d)
        assert (row.win, row.tie, row.loss) == tuple(sum(test(x) for x in better) for test in (_up, _level, _down))
        p.append(wilcoxon_by_enumeration(d) if d else 1.0)
        if d:
            assert row.pvalue == pytest.approx(p[-1], abs=1e-12)
            assert row.mean_difference == pytest.approx(np.mean(d), abs=1e-12)
            assert abs(row.effect_size) == pytest.approx(abs(rank_biserial(d)), abs=1e-12)
    if (found.pairs["n"] > 0).all():
        expected = holm_by_definition(p)
        np.testing.assert_allclose(found.pairs["pvalue_adjusted"], expected, atol=1e-12)
        assert (found.pairs["significant"] == (np.array(expected) <= alpha)).all()
    apart = {frozenset((r.model_a, r.model_b)) for r in found.pairs.itertuples() if r.significant}
    order = list(found.ranks["model"])
    brute = cliques_by_brute_force(order, lambda a, b: frozenset((a, b)) not in apart)
    assert sorted(map(tuple, found.cliques)) == sorted(map(tuple, brute))
    if not left.isna().to_numpy().any():
        signed = -left if higher else left
        ranks = np.array([midranks(row) for row in signed.to_numpy().tolist()])
        by_name = dict(zip(left.columns, ranks.mean(axis=0), strict=True))
        np.testing.assert_allclose(found.ranks["mean_rank"], [by_name[m] for m in order], atol=1e-12)
        chi2 = friedman_by_the_textbook(ranks)
        if chi2 is not None:
            assert found.omnibus["friedman"]["statistic"] == pytest.approx(chi2, abs=1e-9)


def _up(x):
    return x > 0


def _level(x):
    return x == 0


def _down(x):
    return x < 0


def _by_pair(found):
    """p, adjusted p and the size of the effect of every pair, whichever model is a."""
    rows = found.pairs.itertuples()
    return {frozenset((r.model_a, r.model_b)): (r.pvalue, r.pvalue_adjusted, abs(r.effect_size)) for r in rows}


@FUZZ
@given(tables(), st.randoms(use_true_random=False), st.sampled_from([0.5, 4.0, 64.0]), st.integers(-4, 4))
def test_order_names_scale_and_sign_change_nothing(table, random, factor, shift):
    """Rows and columns permuted, models renamed, scores times a power of two plus a whole number, or turned over."""
    quick = {"n_resamples": 20, "rng": 0}
    found = _by_pair(compare(table, **quick))
    rows, columns = list(table.index), list(table.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    assert _by_pair(compare(table.loc[rows, columns], **quick)) == found
    assert _by_pair(compare(table * factor + shift, **quick)) == found
    turned = Scores.from_frame(-table, rows="tasks", higher_is_better=False)
    assert _by_pair(compare(turned, **quick)) == found
    renamed = {c: f"model {9 - i}" for i, c in enumerate(table.columns)}
    again = _by_pair(compare(table.rename(columns=renamed), **quick))
    assert again == {frozenset(renamed[m] for m in pair): value for pair, value in found.items()}
