"""Effect sizes: against R, and by hand."""

import numpy as np
import pandas as pd
import pytest

from stats import InputError, effects


def table(values):
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(
        values, index=[f"t{i}" for i in range(len(values))], columns=[f"m{j}" for j in range(values.shape[1])]
    )


def against_zero(differences):
    return table(np.column_stack([differences, np.zeros(len(differences))]))


def test_hodges_lehmann_and_its_exact_interval_equal_r(r_values):
    found = effects(table(r_values["untied"])).extra
    for name in ("hodges_lehmann", "hodges_lehmann_low", "hodges_lehmann_high"):
        np.testing.assert_allclose(found[name], r_values[name], atol=1e-12)


def test_an_interval_that_no_tasks_reach_is_the_whole_line():
    # With 5 tasks the widest interval, from the smallest to the largest average, holds 1 - 2/32 = 93.75 %.
    d = [0.1, 0.2, 0.3, 0.4, 0.5]
    found = effects(against_zero(d)).extra
    assert (found["hodges_lehmann_low"][0], found["hodges_lehmann_high"][0]) == (-np.inf, np.inf)
    found = effects(against_zero(d), confidence_level=0.9375).extra
    assert [found["hodges_lehmann_low"][0], found["hodges_lehmann_high"][0]] == pytest.approx([0.1, 0.5])
    assert found["hodges_lehmann"][0] == pytest.approx(0.3)


def test_beyond_fifty_tasks_the_interval_is_about_the_exact_one():
    d = np.random.default_rng(0).normal(0.3, 1, size=51)
    inner, outer = effects(against_zero(d[:50])).extra, effects(against_zero(d)).extra
    width = inner["hodges_lehmann_high"][0] - inner["hodges_lehmann_low"][0]
    assert outer["hodges_lehmann_high"][0] - outer["hodges_lehmann_low"][0] == pytest.approx(width, rel=0.1)


def test_by_hand():
    found = effects(against_zero([0.3, 0.1, -0.2, 0.0])).extra
    # Ranks of .3, .1, .2 are 3, 1, 2: (4 - 2) / 6.
    assert found["rank_biserial"][0] == pytest.approx(1 / 3)
    assert (found["win"][0], found["tie"][0], found["loss"][0]) == (2, 1, 1)
    assert found["common_language"][0] == pytest.approx(2.5 / 4)
    d = np.array([0.3, 0.1, -0.2, 0.0])
    assert found["d_z"][0] == pytest.approx(d.mean() / d.std(ddof=1))


def test_cliffs_delta_by_all_comparisons(r_values):
    x = r_values["tied"][:, :2]
    expected = np.sign(np.round(x[:, :1] - x[:, 1:].T, 9)).mean()
    assert effects(table(x)).extra["cliffs_delta"][0] == pytest.approx(expected)


def test_identical_models_have_no_effect(small):
    row = effects(small).to_frame().set_index(["model_a", "model_b"]).loc[("d", "d again")]
    assert row[["hodges_lehmann", "rank_biserial", "cliffs_delta", "d_z"]].tolist() == [0, 0, 0, 0]
    assert row["common_language"] == 0.5
    assert (row["win"], row["tie"], row["loss"]) == (0, 12, 0)


def test_constant_differences_have_infinite_d():
    assert effects(table([[0.5, 0.4], [0.7, 0.6], [0.2, 0.1]])).extra["d_z"].tolist() == [np.inf]


def test_swapping_models_negates(small):
    for a, b in (("a", "b"), ("b", "d")):
        here, there = effects(small.table[[a, b]]).extra, effects(small.table[[b, a]]).extra
        for name in ("hodges_lehmann", "rank_biserial", "cliffs_delta", "d_z"):
            np.testing.assert_allclose(here[name], -there[name], atol=1e-12)
        np.testing.assert_allclose(here["hodges_lehmann_low"], -there["hodges_lehmann_high"])
        np.testing.assert_allclose(here["common_language"], 1 - there["common_language"])
        assert here["win"] == there["loss"]


def test_wins_follow_the_direction(small):
    from dataclasses import replace

    here, there = effects(small), effects(replace(small, higher_is_better=False))
    np.testing.assert_array_equal(here.extra["win"], there.extra["loss"])
    np.testing.assert_array_equal(here.extra["rank_biserial"], there.extra["rank_biserial"])


def test_missing_scores_leave_their_task_out(r_values):
    values = r_values["untied"].copy()
    values[0, 0] = np.nan
    found, without = effects(table(values)).to_frame(), effects(table(values[1:])).to_frame()
    pd.testing.assert_frame_equal(found.iloc[:5], without.iloc[:5])
    nothing = effects(table([[0.5, np.nan], [np.nan, 0.3]])).extra
    assert np.isnan(nothing["hodges_lehmann"][0])
    assert np.isnan(nothing["rank_biserial"][0])


def test_errors_say_what_was_expected(small):
    with pytest.raises(InputError, match="confidence_level=0: expected"):
        effects(small, confidence_level=0)
