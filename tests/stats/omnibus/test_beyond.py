"""Quade, aligned ranks, Skillings-Mack, Conover and Borda against R (tests/golden/omnibus.R), mteb and first principles."""

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.common.errors import InputError
from stats.omnibus._aligned_ranks import aligned_ranks
from stats.omnibus._friedman import friedman
from stats.omnibus._quade import quade
from stats.omnibus._skillings_mack import skillings_mack
from stats.posthoc._conover import conover
from stats.ranking._borda import borda
from stats.ranking._mean_ranks import mean_ranks
from stats.scores import Scores

LOTION = np.array(
    [
        5,
        4,
        7,
        10,
        12,
        1,
        3,
        1,
        0,
        2,
        16,
        12,
        22,
        22,
        35,
        5,
        4,
        3,
        5,
        4,
        10,
        9,
        7,
        13,
        10,
        19,
        18,
        28,
        37,
        58,
        10,
        7,
        6,
        8,
        7.0,
    ]
).reshape(7, 5)
NA = np.nan
ASSEMBLY = np.array(
    [
        [3.2, 4.1, 3.8, 4.2],
        [3.1, 3.9, 3.4, 4.0],
        [4.3, 3.5, 4.6, 4.8],
        [3.5, 3.6, 3.9, 4.0],
        [3.6, 4.2, 3.7, 3.9],
        [4.5, 4.7, 3.7, NA],
        [NA, 4.2, 3.4, NA],
        [4.3, 4.6, 4.4, 4.9],
        [3.5, NA, 3.7, 3.9],
    ]
)
tables = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 6), min_size=k, max_size=k), min_size=2, max_size=6)
)


def _frame(values):
    values = np.asarray(values, dtype=float)
    return pd.DataFrame(
        values, index=[f"t{i}" for i in range(len(values))], columns=list("abcdefgh")[: values.shape[1]]
    )


def test_quade_against_r_and_conover():
    found = quade(_frame(LOTION))
    assert found.statistic == pytest.approx(3.8293, abs=5e-5)
    assert found.pvalue == pytest.approx(0.01519, abs=5e-6)
    assert (found.df1, found.df2) == (4, 24)


def test_quade_in_perfect_agreement_has_the_permutation_p():
    found = quade(_frame([[1, 2, 3], [2, 3, 4], [5, 6, 7]]))
    assert found.statistic == np.inf
    assert found.pvalue == pytest.approx((1 / 6) ** 2)


def test_quade_with_one_task_is_undefined():
    assert np.isnan(quade(_frame([[1, 2, 3]])).pvalue)


def test_aligned_ranks_against_r():
    found = aligned_ranks(_frame(LOTION))
    assert found.statistic == pytest.approx(10.3228206743, abs=1e-9)
    assert found.pvalue == pytest.approx(0.0353271095, abs=1e-9)


def test_aligned_ranks_is_what_permutation_within_tasks_says():
    # The chi-square is the normal-theory form of the permutation test: over all permutations its mean is k - 1.
    values = np.array([[0.1, 0.5, 0.35], [0.4, 0.2, 0.9], [0.33, 0.71, 0.12]])
    found = [
        aligned_ranks(_frame([row[list(p)] for row, p in zip(values, chosen, strict=True)])).statistic
        for chosen in product(permutations(range(3)), repeat=3)
    ]
    assert np.mean(found) == pytest.approx(2.0, abs=1e-9)


def test_skillings_mack_against_r_and_hollander_wolfe():
    found = skillings_mack(_frame(ASSEMBLY))
    assert found.statistic == pytest.approx(15.4930487975, abs=1e-9)
    assert found.pvalue == pytest.approx(0.0014402963, abs=1e-9)
    assert (found.df, found.n_tasks, found.n_scores) == (3, 9, 32)


@given(tables)
@settings(max_examples=30, deadline=None)
def test_skillings_mack_without_gaps_is_friedman(table):
    ours, theirs = skillings_mack(_frame(table)), friedman(_frame(table))
    assert ours.statistic == pytest.approx(theirs.statistic, abs=1e-9)
    if theirs.statistic > 0:
        assert ours.pvalue == pytest.approx(theirs.pvalue, abs=1e-9)


def test_skillings_mack_counts_unconnected_models():
    found = skillings_mack(_frame([[1, 2, NA, NA], [1, 2, NA, NA], [NA, NA, 1, 2]]))
    assert found.df == 2
    with pytest.raises(InputError, match="none of the 2 tasks has scores of two models"):
        skillings_mack(_frame([[1, NA], [NA, 2]]))


@pytest.mark.parametrize("test", [quade, aligned_ranks, skillings_mack])
def test_equal_models_give_p_one(test):
    found = test(_frame([[0.1 + 0.2, 0.3], [0.5, 0.5], [0.7, 0.7]]))
    assert (found.statistic, found.pvalue) == (0.0, 1.0)


@pytest.mark.parametrize("test", [quade, aligned_ranks, skillings_mack])
@given(table=tables, shift=st.floats(-5, 5))
@settings(max_examples=20, deadline=None)
def test_order_and_level_of_tasks_change_nothing(test, table, shift):
    frame = _frame(table)
    first = test(frame)
    turned = test(frame.iloc[::-1])
    raised = test(frame.add(np.r_[round(shift, 2), np.zeros(len(frame) - 1)], axis=0))
    assert turned.statistic == pytest.approx(first.statistic, abs=1e-9)
    assert raised.statistic == pytest.approx(first.statistic, abs=1e-9)


@pytest.mark.parametrize("test", [quade, aligned_ranks, skillings_mack, conover])
def test_one_model_is_refused(test):
    with pytest.raises(InputError, match="expected at least two"):
        test(_frame([[1], [2]]))


def test_conover_against_r():
    found = conover(_frame(LOTION), correction="none").to_frame().set_index(["model_a", "model_b"])
    assert found.loc[("b", "e"), "statistic"] == pytest.approx(-2.3854643281, abs=1e-9)
    assert found.loc[("b", "e"), "pvalue"] == pytest.approx(0.0253013938, abs=1e-9)
    assert found.loc[("a", "d"), "pvalue"] == pytest.approx(0.3989651095, abs=1e-9)
    assert (found["pvalue"] == found["pvalue_adjusted"]).all()


def test_conover_in_perfect_agreement_has_the_chance_of_that():
    # Two tasks rank three models alike in 6 of the 36 ways that equal models can be ranked, three tasks in 6 of 216.
    for n, ways in ((2, 36), (3, 216)):
        found = conover(_frame([[3, 2, 1]] * n))
        every = list(product(permutations([3, 2, 1]), repeat=n))
        alike = sum(len(set(rows)) == 1 for rows in every)
        assert len(every) == ways
        assert (found.statistic == np.inf).all()
        assert found.pvalue.tolist() == pytest.approx([alike / ways] * 3)


def test_conover_of_equal_models_is_one():
    assert conover(_frame([[1, 1], [2, 2]])).pvalue.tolist() == [1.0]


def test_borda_is_mtebs(eng_v2_csv):
    pl = pytest.importorskip("polars")
    from mteb.benchmarks._create_table import _borda_rank_from_long, _get_borda_rank

    table = Scores.from_csv(eng_v2_csv, rows="models").table.iloc[:, :60].copy()
    wide = pl.DataFrame({t: table.loc[t].to_numpy() for t in table.index})
    expected = wide.select(_get_borda_rank(list(table.index))).to_series().to_list()
    assert borda(table).set_index("model")["rank"].reindex(table.columns).tolist() == expected
    gappy = table.mask(np.random.default_rng(0).random(table.shape) < 0.2)
    long = gappy.rename_axis(index="task_name", columns="model_name").stack().rename("score").reset_index()
    frame = _borda_rank_from_long(pl.from_pandas(long)).to_pandas().set_index("model_name")["Rank (Borda)"]
    ours = borda(gappy).set_index("model")["rank"]
    assert ours.reindex(frame.index).tolist() == frame.tolist()


def test_borda_orders_complete_tables_as_mean_ranks_do():
    frame = _frame(LOTION)
    points = borda(frame).set_index("model")["points"]
    ranks = mean_ranks(frame)
    assert points.reindex(ranks.index).tolist() == pytest.approx((7 * (5 - ranks)).tolist())


def test_borda_does_not_count_a_model_without_scores():
    found = borda(_frame([[1, 2, NA], [3, 1, NA]])).set_index("model")
    assert found.loc["a", "points"] == 1
    assert np.isnan(found.loc["c", "rank"])


# -- Friedman's exact distribution -------------------------------------------------------------------------------


def _brute(values):
    ranks = np.apply_along_axis(lambda r: pd.Series(-r).rank().to_numpy(), 1, values)
    observed = (ranks.sum(axis=0) ** 2).sum()
    rest = [list(permutations(r)) for r in ranks[1:]]
    sums = [(np.sum([ranks[0], *chosen], axis=0) ** 2).sum() for chosen in product(*rest)]
    return np.mean(np.array(sums) >= observed - 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_exact_friedman_is_all_orders(seed):
    values = np.random.default_rng(seed).integers(0, 4, size=(4, 3)).astype(float)
    assert friedman(_frame(values), method="exact").pvalue == pytest.approx(_brute(values))


def test_exact_friedman_against_the_published_value():
    # WaveMetrics' table of the exact distribution, n = 5, k = 4: P(chi2 >= 9.24) = .0166709
    ranks = np.array([[4, 3, 1, 2], [4, 1, 2, 3], [4, 3, 2, 1], [4, 1, 2, 3], [4, 1, 3, 2]])
    found = friedman(_frame(-ranks), method="exact")
    assert found.statistic == pytest.approx(9.24)
    assert found.pvalue == pytest.approx(0.0166709, abs=5e-8)
    assert found.method.endswith("exact")


def test_exact_friedman_refuses_large_tables():
    with pytest.raises(InputError, match="too many for the exact distribution"):
        friedman(_frame(np.random.default_rng(0).random((30, 8))), method="exact")
