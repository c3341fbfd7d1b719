"""Nemenyi and Bonferroni-Dunn: against Demsar 2006 and R."""

import numpy as np
import pandas as pd
import pytest

from stats import InputError, bonferroni_dunn, mean_ranks, nemenyi, nemenyi_critical_difference
from stats.posthoc import dunn_critical_difference
from stats.posthoc._nemenyi import range_pvalues


def test_critical_difference_equals_demsar():
    assert nemenyi_critical_difference(4, 14, 0.05) == pytest.approx(1.25, abs=0.005)
    assert nemenyi_critical_difference(4, 14, 0.10) == pytest.approx(1.12, abs=0.005)


def test_critical_values_equal_r_for_any_number_of_models(r_values):
    for k, q05, q10 in zip(r_values["range_k"], r_values["range_q05"], r_values["range_q10"], strict=True):
        scale = np.sqrt(2) / np.sqrt(k * (k + 1) / (6 * 20))
        assert nemenyi_critical_difference(int(k), 20, 0.05) * scale == pytest.approx(q05, rel=1e-6)
        assert nemenyi_critical_difference(int(k), 20, 0.10) * scale == pytest.approx(q10, rel=1e-6)


def test_p_values_equal_r(r_values):
    found = [range_pvalues(np.array([3.5]), int(k))[0] for k in r_values["range_k"]]
    np.testing.assert_allclose(found, r_values["range_p"], rtol=1e-6)


@pytest.mark.parametrize(
    ("models", "q", "expected"),
    [
        (2, 10, 1.537459794428035e-12),
        (3, 20, 6.265462751287632e-45),
        (10, 14, 1.88272140050498e-21),
        (183, 14, 6.967314512523167e-19),
        (2000, 10, 2.956060462152365e-06),
    ],
)
def test_small_p_values_keep_their_digits(models, q, expected):
    # By mpmath, the same integral with 30 digits (220 for 1e-45); R and scipy take 1 - P(range <= q), which has none left.
    assert range_pvalues(np.array([float(q)]), models)[0] == pytest.approx(expected, rel=1e-12)


def test_demsars_constants():
    # Table 5 of the paper: q / sqrt(2) at k = 4 is 2.569 and 2.291; 2.394 and 2.128 against a control; at
    # k = 9 the printed 2.724 is a misprint of 2.734.
    scale = np.sqrt(20 / 84)
    assert nemenyi_critical_difference(4, 14, 0.05) / scale == pytest.approx(2.569, abs=5e-4)
    assert nemenyi_critical_difference(4, 14, 0.10) / scale == pytest.approx(2.291, abs=5e-4)
    assert dunn_critical_difference(4, 14, 0.05) / scale == pytest.approx(2.394, abs=5e-4)
    assert dunn_critical_difference(4, 14, 0.10) / scale == pytest.approx(2.128, abs=5e-4)
    assert dunn_critical_difference(9, 14, 0.05) / np.sqrt(90 / 84) == pytest.approx(2.734, abs=5e-4)


def test_significance_is_the_critical_difference(small):
    found = nemenyi(small)
    gap = np.abs(found.statistic)
    for alpha in (0.01, 0.05, 0.5):
        np.testing.assert_array_equal(found.pvalue <= alpha, gap >= nemenyi_critical_difference(5, 12, alpha))
    ranks = mean_ranks(small).to_numpy()
    np.testing.assert_allclose(found.statistic, ranks[found.first] - ranks[found.second])


def test_dunn_equals_demsars_example():
    # Mean ranks 3.143 (C4.5), 2.000, 2.893, 1.964 on 14 data sets: SE .488; z 2.342, .512 and 2.416.
    ranks = np.array([3.143, 2.000, 2.893, 1.964])
    z = (ranks[0] - ranks[1:]) / np.sqrt(20 / 84)
    np.testing.assert_allclose(z, [2.342, 0.512, 2.416], atol=1e-3)


def test_dunn_of_a_table(demsar):
    found = bonferroni_dunn(demsar, control="C4.5")
    ranks = mean_ranks(demsar)
    z = (ranks.drop("C4.5") - ranks["C4.5"]) / np.sqrt(20 / 84)
    np.testing.assert_allclose(found.statistic, z)
    assert [found.models[i] for i in found.first] == ["C4.5+m", "C4.5+cf", "C4.5+m+cf"]
    np.testing.assert_allclose(found.pvalue_adjusted, np.minimum(1, 3 * found.pvalue))
    holm = bonferroni_dunn(demsar, control="C4.5", correction="holm")
    assert (holm.pvalue_adjusted <= found.pvalue_adjusted).all()


def test_one_sided_dunn_means_better(demsar):
    better = bonferroni_dunn(demsar, control="C4.5", alternative="greater")
    two = bonferroni_dunn(demsar, control="C4.5")
    np.testing.assert_allclose(better.pvalue[two.statistic < 0], two.pvalue[two.statistic < 0] / 2)


def test_tasks_that_a_model_lacks_are_left_out(small):
    table = small.table.copy()
    table.iloc[0, 0] = np.nan
    pd.testing.assert_frame_equal(nemenyi(table).to_frame(), nemenyi(table.iloc[1:]).to_frame())


def test_errors_say_what_was_expected(small):
    with pytest.raises(InputError, match="got 1 models and 3 tasks"):
        nemenyi_critical_difference(1, 3)
    with pytest.raises(InputError, match="alpha=0: expected"):
        nemenyi_critical_difference(3, 3, 0)
    with pytest.raises(InputError, match="control 'z' is not among the 5 models"):
        bonferroni_dunn(small, control="z")
