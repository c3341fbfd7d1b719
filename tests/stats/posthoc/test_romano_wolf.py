"""Step-down max-t: by hand, by its properties, and by its error rate."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from stats import InputError, adjust, romano_wolf, sign_flip


def table(values):
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(
        values, index=[f"t{i:02}" for i in range(len(values))], columns=[f"m{j}" for j in range(values.shape[1])]
    )


def test_sign_flips_by_hand():
    x = np.random.default_rng(4).normal(np.array([0, 0.3, 1.5]), 1, size=(7, 3))
    d = np.stack([x[:, 0] - x[:, 1], x[:, 0] - x[:, 2], x[:, 1] - x[:, 2]])
    norm = np.sqrt((d**2).sum(axis=1))
    observed = np.abs(d.sum(axis=1)) / norm
    draws = np.abs(np.array([d @ np.array(s) for s in product([-1, 1], repeat=7)])) / norm
    order = np.argsort(-observed)
    expected, so_far = np.empty(3), 0.0
    for step, pair in enumerate(order):
        so_far = max(so_far, (draws[:, order[step:]].max(axis=1) >= observed[pair] - 1e-12).mean())
        expected[pair] = so_far
    found = romano_wolf(table(x), null="sign-flip")
    np.testing.assert_allclose(found.pvalue_adjusted, expected, rtol=1e-12)
    np.testing.assert_allclose(found.pvalue, sign_flip(table(x)).pvalue, rtol=1e-12)
    assert "all sign vectors" in found.method


def test_bootstrap_t_by_hand():
    x = np.random.default_rng(4).normal(np.array([0, 0.3, 1.5]), 1, size=(9, 3))
    counts = np.random.default_rng(8).multinomial(9, np.full(9, 1 / 9), size=300)
    pairs = [(0, 1), (0, 2), (1, 2)]
    observed, draws = [], []
    for a, b in pairs:
        d = x[:, a] - x[:, b]
        observed.append(abs(d.mean()) / (d.std(ddof=1) / 3))
        drawn = [np.repeat(d, c) for c in counts]
        draws.append([abs(s.mean() - d.mean()) / (s.std(ddof=1) / 3) for s in drawn])
    observed, draws = np.array(observed), np.array(draws)
    order = np.argsort(-observed)
    expected, so_far = np.empty(3), 0.0
    for step, pair in enumerate(order):
        so_far = max(so_far, ((draws[order[step:]].max(axis=0) >= observed[pair]).sum() + 1) / 301)
        expected[pair] = so_far
    found = romano_wolf(table(x), n_resamples=300, rng=8)
    np.testing.assert_allclose(found.pvalue_adjusted, expected, rtol=1e-12)


@pytest.mark.parametrize("null", ["bootstrap", "sign-flip"])
def test_adjusted_p_values_are_ordered_and_no_smaller(small, null):
    found = romano_wolf(small, null=null, n_resamples=400, rng=0)
    assert (found.pvalue_adjusted >= found.pvalue - 1e-12).all()
    order = np.argsort(-np.abs(found.statistic))
    assert (np.diff(found.pvalue_adjusted[order]) >= 0).all()
    frame = found.to_frame().set_index(["model_a", "model_b"])
    assert frame.loc[("d", "d again"), "pvalue"] == 1
    assert frame.loc[("d", "d again"), "pvalue_adjusted"] == 1


def test_correlated_pairs_cost_less_than_holm():
    rng = np.random.default_rng(2)
    base = rng.normal(size=(10, 1))
    x = np.hstack([base + 0.001 * rng.normal(size=(10, 6)), 0.55 + rng.normal(size=(10, 1)) * 0.7 + base])
    found = romano_wolf(table(x), null="sign-flip", control="m6", n_resamples=2000)
    holm = adjust(found.pvalue, "holm")
    assert (found.pvalue_adjusted < holm).all()


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_one_sided(alternative):
    x = np.random.default_rng(1).normal([0.0, 0.8], 1, size=(8, 2))
    found = romano_wolf(table(x), null="sign-flip", control="m0", alternative=alternative)
    np.testing.assert_allclose(found.pvalue, sign_flip(table(x), control="m0", alternative=alternative).pvalue)


@pytest.mark.parametrize("null", ["bootstrap", "sign-flip"])
def test_no_more_false_findings_than_the_level(null):
    """Five equal models on nine tasks, 150 times: the family-wise error at .05 stays below .05 + 3 SE."""
    rng = np.random.default_rng(9)
    false = 0
    for _ in range(150):
        x = rng.normal(size=(9, 1)) * 3 + rng.normal(size=(9, 5)) * np.array([0.5, 1, 1, 1, 2])
        found = romano_wolf(table(x), null=null, n_resamples=512, rng=rng)
        false += bool((found.pvalue_adjusted <= 0.05).any())
    assert false / 150 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


def test_a_pair_that_differs_on_few_tasks_does_not_stand_in_the_others_way():
    rng = np.random.default_rng(0)
    x = rng.normal([0, 3], 1, size=(20, 2))
    nearly = x[:, 1].copy()
    nearly[4] += 0.1
    found = romano_wolf(table(np.column_stack([x, nearly])), n_resamples=400, rng=0).to_frame()
    found = found.set_index(["model_a", "model_b"])["pvalue_adjusted"]
    assert found[("m0", "m1")] < 0.05
    assert found[("m1", "m2")] == 1


def test_unknown_null_is_an_error(small):
    with pytest.raises(InputError, match="null='normal': expected 'bootstrap' or 'sign-flip'"):
        romano_wolf(small, null="normal")


def test_constant_differences_are_certain_without_a_warning():
    frame = pd.DataFrame({"a": np.arange(8.0) + 1, "b": np.arange(8.0)}).rename(index=str)
    found = romano_wolf(frame, null="bootstrap", n_resamples=99, rng=0)
    assert found.statistic.tolist() == [np.inf]
    assert found.pvalue_adjusted.tolist() == [0.01]
