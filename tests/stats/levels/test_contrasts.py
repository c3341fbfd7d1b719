"""A contrast over families: by hand, against scipy and Welch, its level by simulation, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as reference

from stats.common.errors import InputError
from stats.levels.contrasts import contrast_test
from stats.scores import Scores

FAMILIES = ["A"] * 6 + ["B"] * 9


def made(values: np.ndarray, seeds: np.ndarray | None = None, families: list[str] = FAMILIES) -> Scores:
    """Scores of models m0, m1, ...; `values` (tasks, models), `seeds` (tasks, models, seeds)."""
    names = [f"t{i:02d}" for i in range(len(values))]
    models = [f"m{i}" for i in range(values.shape[1])]
    cells = None
    if seeds is not None:
        cells = pd.DataFrame(
            [
                {"task": t, "model": m, "seed_scores": tuple(seeds[i, j])}
                for i, t in enumerate(names)
                for j, m in enumerate(models)
            ]
        )
    table = pd.DataFrame(values, index=names, columns=models)
    return Scores(table, pd.DataFrame({"family": families}, index=names), cells=cells)


def test_one_family_without_seeds_is_the_paired_t_test():
    values = np.random.default_rng(0).normal(size=(15, 2))
    found = contrast_test(made(values), {"m0": 1, "m1": -1}, {"B": 1})
    theirs = reference.ttest_rel(values[6:, 0], values[6:, 1])
    interval = theirs.confidence_interval()
    assert found.pvalue == pytest.approx(theirs.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_two_families_of_opposite_weight_are_welchs_test():
    values = np.random.default_rng(1).normal(size=(15, 2))
    found = contrast_test(made(values), {"m0": 1, "m1": -1}, {"A": 1, "B": -1})
    d = values[:, 0] - values[:, 1]
    theirs = reference.ttest_ind(d[:6], d[6:], equal_var=False)
    assert found.pvalue == pytest.approx(theirs.pvalue, rel=1e-9)
    assert found.estimate == pytest.approx(d[:6].mean() - d[6:].mean())
    assert found.by_family == pytest.approx({"A": d[:6].mean(), "B": d[6:].mean()})


def test_models_that_differ_by_their_seeds_alone_are_welchs_test_of_seeds():
    rng = np.random.default_rng(2)
    lucky = rng.normal(size=(2, 5))
    seeds = np.broadcast_to(lucky, (15, 2, 5))
    found = contrast_test(made(seeds.mean(axis=2), seeds), {"m0": 1, "m1": -1}, {"A": 0.5, "B": 0.5})
    theirs = reference.ttest_ind(lucky[0], lucky[1], equal_var=False)
    assert found.pvalue == pytest.approx(theirs.pvalue, rel=1e-6)
    assert found.seed_share == pytest.approx(1.0)


@pytest.mark.parametrize("families", [{"A": 0.5, "B": 0.5}, {"A": 1.0, "B": -1.0}])
def test_its_level(families):
    """Nothing differs but by chance of tasks, of seeds and of both: p below .05 in 5 % or less."""
    rng = np.random.default_rng(3)
    hits, n = 0, 300
    spread = np.array([0.5] * 6 + [1.5] * 9)[:, None, None]
    for _ in range(n):
        tasks = rng.normal(size=(15, 4, 1)) * spread
        seeds = rng.normal(size=(1, 4, 5)) * 1.0 + rng.normal(size=(15, 4, 5))
        scores = tasks + seeds
        found = contrast_test(
            made(scores.mean(axis=2), scores), {"m0": 0.5, "m1": 0.5, "m2": -0.5, "m3": -0.5}, families
        )
        hits += found.pvalue <= 0.05
    assert hits / n < 0.05 + 3 * (0.05 * 0.95 / n) ** 0.5
    assert hits / n > 0.005  # it is no test that never rejects


def test_what_it_refuses():
    values = np.random.default_rng(4).normal(size=(15, 2))
    with pytest.raises(InputError, match="m7"):
        contrast_test(made(values), {"m0": 1, "m7": -1}, {"A": 1})
    with pytest.raises(InputError, match="has 1 task"):
        contrast_test(made(values, families=["A"] + ["B"] * 14), {"m0": 1, "m1": -1}, {"A": 1})
    holes = values.copy()
    holes[2, 1] = np.nan
    with pytest.raises(InputError, match="missing in family A"):
        contrast_test(made(holes), {"m0": 1, "m1": -1}, {"A": 1})
