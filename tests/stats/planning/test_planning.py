"""Planning: simulated power against R's power.t.test and scipy's exact tests."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2, nct, norm, t, ttest_1samp
from scipy.stats import wilcoxon as scipy_wilcoxon

from stats.common.errors import InputError
from stats.planning import minimum_detectable_effect, power_by_effect, required_tasks, simulated_power, smallest_pvalue
from stats.planning.simulation import pvalues
from stats.scores import as_scores


@pytest.fixture(scope="module")
def normal():
    """Two models whose differences are the quantiles of a standard normal."""
    d = norm.ppf((np.arange(400) + 0.5) / 400)
    d /= d.std(ddof=1)
    return pd.DataFrame({"a": d + 5, "b": 5.0}, index=[f"t{i}" for i in range(400)])


@pytest.mark.parametrize("n", [5, 12, 40])
def test_p_values_are_scipys(n):
    d = np.random.default_rng(n).normal(0.3, 1, size=(20, n))
    assert pvalues(d, "wilcoxon") == pytest.approx(scipy_wilcoxon(d, axis=1, method="exact").pvalue)
    assert pvalues(d, "paired-t") == pytest.approx(ttest_1samp(d, 0, axis=1).pvalue)
    assert pvalues(d, "sign") == pytest.approx([binomtest(int((row > 0).sum()), n).pvalue for row in d])


def test_many_tasks_go_to_the_normal_approximation():
    d = np.random.default_rng(0).normal(0.1, 1, size=(5, 300))
    assert pvalues(d, "wilcoxon") == pytest.approx(scipy_wilcoxon(d, axis=1, method="exact").pvalue, abs=2e-3)


# power.t.test(n = 20, delta = .5, sd = 1, type = "paired"): power .5644829; power .8 needs n 33.36713 or delta .6604414
def test_power_against_r(normal):
    found = simulated_power(normal, 0.5, n_tasks=20, test="paired-t", n_resamples=8000, rng=0)
    assert found["power"].item() == pytest.approx(0.5645, abs=0.02)


def test_detectable_effect_against_r(normal):
    found = minimum_detectable_effect(normal, n_tasks=20, test="paired-t", n_resamples=8000, rng=0)
    assert found.typical == pytest.approx(0.6604, abs=0.02)


def test_required_tasks_against_r(normal):
    found = required_tasks(normal, 0.5, test="paired-t", n_resamples=8000, rng=0)
    assert found.typical == pytest.approx(34, abs=2)
    assert "takes" in str(found)


def test_without_a_difference_power_is_the_level(normal):
    found = simulated_power(normal, 0.0, n_tasks=15, n_resamples=8000, rng=0)
    assert found["power"].item() == pytest.approx(0.05, abs=0.012)


def test_wilcoxon_loses_little_to_t_on_normal_differences(normal):
    by_t = minimum_detectable_effect(normal, n_tasks=20, test="paired-t", n_resamples=4000, rng=0).typical
    by_rank = minimum_detectable_effect(normal, n_tasks=20, n_resamples=4000, rng=0).typical
    assert 1.0 < by_rank / by_t < 1.1


def test_power_grows_with_effect_and_tasks(normal):
    small, large = (simulated_power(normal, e, n_tasks=10, rng=1)["power"].item() for e in (0.3, 1.0))
    more = simulated_power(normal, 0.3, n_tasks=40, rng=1)["power"].item()
    assert small < large
    assert small < more


def test_out_of_reach_is_said_so():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(8, 3)), columns=list("abc"), index=list("stuvwxyz"))
    plan = minimum_detectable_effect(frame, n_comparisons=10, rng=0)
    assert np.isnan(plan.typical)
    assert str(plan).endswith("the smallest p that 8 tasks can reach is 0.00781.")
    assert plan.to_dict()["typical"] is None
    assert not np.isnan(minimum_detectable_effect(frame, rng=0).typical)


def test_pairs_can_be_chosen():
    frame = pd.DataFrame({"a": [1.0, 2, 3.5], "b": [3, 1, 2.2], "c": [2, 2, 2.1]}, index=list("xyz"))
    kinds = {"adjacent": 2, "all": 3}
    for kind, count in kinds.items():
        assert len(simulated_power(frame, 0.1, pairs=kind, rng=0)) == count
    assert simulated_power(frame, 0.1, control="b", rng=0)["model_b"].tolist() == ["b", "b"]
    assert len(simulated_power(frame, 0.1, pairs=[("a", "c")], rng=0)) == 1
    with pytest.raises(InputError, match="expected 'adjacent'"):
        simulated_power(frame, 0.1, pairs="some")


def test_smallest_p_and_bad_input():
    assert smallest_pvalue(6, "sign") == 0.03125
    assert smallest_pvalue(6, "paired-t") == 0
    frame = pd.DataFrame({"a": [1.0, 2], "b": [3.0, 1]}, index=list("xy"))
    with pytest.raises(InputError, match="three tasks"):
        minimum_detectable_effect(frame)
    with pytest.raises(InputError, match="positive difference"):
        required_tasks(frame, -0.1)
    with pytest.raises(InputError, match="expected one of wilcoxon"):
        smallest_pvalue(6, "z")


# -- what a pilot does not know -----------------------------------------------------------------------------------


def _pilot(d):
    return pd.DataFrame({"a": d + 5, "b": np.full(len(d), 5.0)}, index=[f"t{i}" for i in range(len(d))])


def test_assurance_is_power_averaged_over_the_spread_that_a_pilot_allows():
    d = norm.ppf((np.arange(12) + 0.5) / 12)
    d /= d.std(ddof=1)
    found = simulated_power(_pilot(d), 0.7, n_tasks=20, test="paired-t", n_resamples=20_000, rng=0).iloc[0]
    df = 11  # flat tails: those of a normal sample
    quantile = t.ppf(0.975, 19)

    def power(sd):
        shift = 0.7 * np.sqrt(20) / sd
        return nct.sf(quantile, 19, shift) + nct.cdf(-quantile, 19, shift)

    spreads = np.sqrt(df / chi2.ppf((np.arange(2000) + 0.5) / 2000, df))
    assert found["power"] == pytest.approx(np.mean([power(s) for s in spreads]), abs=0.015)
    limits = [power(np.sqrt(df / chi2.ppf(q, df))) for q in (0.05, 0.95)]
    assert [found["power_low"], found["power_high"]] == pytest.approx(limits, abs=0.015)


def test_a_stated_power_is_held_from_eight_tasks_on():
    # Of pilots with a spread too small by chance the effect is too small: taken for true, 80 % were 68 %.
    rng = np.random.default_rng(1)
    reached = []
    for seed in range(250):
        plan = minimum_detectable_effect(_pilot(rng.normal(size=8)), n_resamples=400, rng=seed)
        sign = 1 if plan.frame["model_a"].item() == "a" else -1
        new = rng.normal(size=(200, 8)) + sign * plan.frame["effect"].item()
        reached.append((pvalues(new, "wilcoxon") <= 0.05).mean())
    assert np.mean(reached) == pytest.approx(0.8, abs=0.03 + 3 * np.std(reached) / np.sqrt(250))
    assert np.mean(reached) > 0.72


def test_plans_state_their_uncertainty():
    scores = _pilot(np.random.default_rng(2).normal(size=10))
    effect = minimum_detectable_effect(scores, rng=0)
    assert effect.frame["effect_low"].item() < effect.typical < effect.frame["effect_high"].item()
    tasks = required_tasks(scores, 0.8, rng=0)
    low, high = tasks.frame["n_tasks_low"].item(), tasks.frame["n_tasks_high"].item()
    assert low < tasks.typical < high
    assert f"; {low:.0f} to {high:.0f}, as the spread is itself estimated, from 10 tasks)" in str(tasks)


def test_a_curve_is_the_power_at_each_difference_by_itself():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(0.5, 0.1, (12, 4)), columns=list("abcd"), index=[f"t{i}" for i in range(12)])
    pairs, effects = [("a", "b"), ("c", "d")], np.array([0.0, 0.05, 0.2])
    shared = {"n_tasks": 15, "test": "wilcoxon", "pairs": pairs, "n_resamples": 200, "rng": 7}
    found = power_by_effect(as_scores(frame), effects, levels=[0.05, 0.05 / 6], **shared)
    for i, effect in enumerate(effects):
        for j, comparisons in enumerate((1, 6)):
            alone = simulated_power(frame, float(effect), n_comparisons=comparisons, symmetric=True, **shared)
            np.testing.assert_array_equal(found[j, i], alone["power"])
