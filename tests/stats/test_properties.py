"""What every ranking, agreement, plan and effect must do, whatever the scores."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import (
    agreement,
    bonferroni_dunn,
    bradley_terry,
    effects,
    factorial,
    kendall_w,
    minimum_detectable_effect,
    model_confidence_set,
    rank_confidence,
    required_tasks,
    simulated_power,
    top_set,
)

#: Scores on a coarse grid, so that ties and zeros come often.
tables = st.tuples(st.integers(3, 9), st.integers(2, 5), st.integers(0, 2**31)).map(
    lambda shape: pd.DataFrame(
        np.random.default_rng(shape[2]).integers(0, 7, shape[:2]) / 8,
        [f"t{i}" for i in range(shape[0])],
        [f"m{j}" for j in range(shape[1])],
    )
)
QUICK = {"n_resamples": 60, "rng": 0}
few = settings(max_examples=8)


@few
@given(tables)
def test_rankings_follow_their_models_and_ignore_the_level_of_a_task(frame):
    moved = (frame + np.arange(len(frame))[:, None] / 4).iloc[:, ::-1]
    for rank in (
        lambda f: bradley_terry(f, prior=0.5, **QUICK).to_frame().set_index("model")[["ability", "low", "high"]],
        lambda f: model_confidence_set(f, **QUICK).frame.set_index("model")[["in_set"]],
        lambda f: rank_confidence(f, **QUICK).to_frame().set_index("model")[["rank", "rank_low", "rank_high"]],
    ):
        here, there = rank(frame), rank(moved)
        np.testing.assert_allclose(
            here.to_numpy(float), there.loc[here.index].to_numpy(float), atol=1e-6, err_msg=str(here.columns)
        )


@few
@given(tables)
def test_the_best_model_is_in_every_set_of_best_ones(frame):
    first = frame.rank(axis=1, ascending=False).mean()
    assert set(first.index[first == first.min()]) <= set(top_set(frame, **QUICK))
    kept = model_confidence_set(frame, **QUICK)
    assert frame.mean().idxmax() in kept.models
    wide = bradley_terry(frame, prior=0.5, confidence_level=0.99, **QUICK)
    narrow = bradley_terry(frame, prior=0.5, confidence_level=0.8, **QUICK)
    assert (wide.low <= narrow.low).all()
    assert (wide.ranks.low <= narrow.ranks.low).all()
    assert narrow.ability.sum() == pytest.approx(0, abs=1e-9)


@few
@given(tables)
def test_agreement_is_between_none_and_full_and_blind_to_order(frame):
    w = kendall_w(frame)
    assert 0 <= w <= 1 + 1e-12
    assert kendall_w(frame.iloc[::-1, ::-1]) == pytest.approx(w)
    assert kendall_w(np.exp(frame)) == pytest.approx(w)  # ranks alone count
    found = agreement(frame)
    assert found.kendall_w == pytest.approx(w)
    known = found.tasks[["discrimination", "closest_correlation", "tau_without"]].to_numpy(dtype=float)
    known = known[np.isfinite(known)]
    assert (np.abs(known) <= 1 + 1e-12).all()


@few
@given(tables)
def test_dunns_z_turns_with_the_control_and_sides_sum_to_one(frame):
    a, b = frame.columns[:2]
    here = bonferroni_dunn(frame, control=b).to_frame().set_index("model_a")
    there = bonferroni_dunn(frame, control=a).to_frame().set_index("model_a")
    assert here.loc[a, "statistic"] == pytest.approx(-there.loc[b, "statistic"])
    assert here.loc[a, "pvalue"] == pytest.approx(there.loc[b, "pvalue"])
    sides = [bonferroni_dunn(frame, control=b, alternative=s).pvalue for s in ("greater", "less")]
    np.testing.assert_allclose(sides[0] + sides[1], 1)


@few
@given(tables)
def test_effects_lie_in_their_intervals_and_turn_with_the_pair(frame):
    here, there = effects(frame), effects(frame.iloc[:, ::-1])
    order = np.lexsort((there.second, there.first))[::-1]
    turned = there.to_frame().iloc[order].reset_index(drop=True)
    turned = turned.set_index([turned["model_b"], turned["model_a"]])
    row = here.to_frame().set_index(["model_a", "model_b"])
    turned = turned.loc[row.index]
    for name in ("hodges_lehmann", "rank_biserial", "cliffs_delta", "d_z"):
        low, high, value = (row[f"{name}{end}"].to_numpy() for end in ("_low", "_high", ""))
        known = ~np.isnan(low) & np.isfinite(value)
        assert (low[known] <= value[known] + 1e-9).all()
        assert (value[known] <= high[known] + 1e-9).all()
        np.testing.assert_allclose(low, -turned[f"{name}_high"].to_numpy(), atol=1e-9)
    share = row[["common_language_low", "common_language", "common_language_high"]].to_numpy()
    assert (np.diff(share, axis=1) >= -1e-12).all()
    bounds = row[["rank_biserial_low", "rank_biserial_high", "cliffs_delta_low", "cliffs_delta_high"]].to_numpy(float)
    assert (np.abs(np.nan_to_num(bounds)) <= 1).all()


@settings(max_examples=3)
@given(st.integers(0, 2**31), st.sampled_from(["wilcoxon", "sign", "paired-t"]))
def test_plans_are_monotone_and_in_the_scores_own_units(seed, test):
    frame = pd.DataFrame(np.random.default_rng(seed).normal(size=(10, 3)), columns=list("abc")).rename(index=str)
    options = {"test": test, "n_resamples": 200, "rng": 0}
    one = minimum_detectable_effect(frame, **options).typical
    assert minimum_detectable_effect(frame, n_tasks=40, **options).typical < one
    assert minimum_detectable_effect(100 * frame, **options).typical == pytest.approx(100 * one, rel=1e-6)
    assert required_tasks(frame, 2 * one, **options).typical <= required_tasks(frame, one, **options).typical
    power = [simulated_power(frame, e * one, **options)["power"].median() for e in (0, 0.5, 1, 2)]
    assert power == sorted(power)
    assert power[0] < 0.2


@settings(max_examples=3)
@given(st.integers(0, 2**31))
def test_contrasts_ignore_the_level_of_a_task_and_follow_the_scale(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(8, 4)), columns=list("abcd")).rename(index=str)
    design = pd.DataFrame({"pooling": ["mean", "mean", "last", "last"], "attention": list("cbcb")}, index=list("abcd"))
    here = factorial(frame, design, **QUICK).contrasts
    moved = factorial(10 * frame + np.arange(8)[:, None], design, **QUICK).contrasts
    np.testing.assert_allclose(moved["difference"], 10 * here["difference"], atol=1e-9)
    np.testing.assert_allclose(moved["pvalue"], here["pvalue"], atol=1e-12)
    assert (here["pvalue_adjusted"] >= here["pvalue"] - 1e-12).all()
