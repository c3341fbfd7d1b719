"""What every test, interval and rank method must keep to: over ties, copies, gaps, minus zeros, tiny and mixed sizes.

What `compare` says is held against slow references in test_compare_reference.py; here each method is called by itself.
"""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fuzzing import FUZZ, MORE, SLOW
from stats import (
    InputError,
    Scores,
    adjust,
    aligned_ranks,
    bayes_signed_rank,
    bayes_t,
    bonferroni_dunn,
    bootstrap,
    borda,
    bradley_terry,
    compare,
    conover,
    effects,
    friedman,
    iman_davenport,
    mean_ranks,
    model_confidence_set,
    nemenyi,
    paired_t,
    quade,
    rank_confidence,
    romano_wolf,
    sign_flip,
    sign_test,
    skillings_mack,
    wilcoxon,
)
from stats.posthoc.corrections import CORRECTIONS

pytestmark = [
    pytest.mark.filterwarnings("ignore::stats.common.errors.PowerWarning"),  # few tasks are the point
    pytest.mark.filterwarnings("ignore::stats.common.errors.UndefinedWarning"),
]

#: Of each of many methods.
FEW = settings(FUZZ, max_examples=MORE or 7)

DRAWS = {"n_resamples": 99, "rng": 3}
ALL_SIGNS = {"n_resamples": 2**11, "rng": 3}  # tables have at most 10 tasks
#: Tests of which a pair's p depends on that pair's scores alone.
ALONE = {f"wilcoxon {zeros}": partial(wilcoxon, zero_method=zeros) for zeros in ("wilcox", "pratt", "zsplit")}
ALONE |= {
    "sign": sign_test,
    "all sign flips": partial(sign_flip, **ALL_SIGNS),
    "sign flips": partial(sign_flip, **DRAWS),
}
ALONE |= {"t": paired_t}
INTERVALS = ("percentile", "basic", "bca", "studentized", "symmetric")
BOOTSTRAPS = {f"bootstrap {method}": partial(bootstrap, method=method, **DRAWS) for method in INTERVALS}
ALONE |= BOOTSTRAPS
#: Tests of which it depends on the other models too, as they rank them or step through the pairs together.
TOGETHER = {"nemenyi": nemenyi, "conover": conover}
TOGETHER |= {"bootstrap of ranks": partial(bootstrap, method="symmetric", statistic="mean_rank", **DRAWS)}
TOGETHER |= {f"romano-wolf {null}": partial(romano_wolf, null=null, **DRAWS) for null in ("bootstrap", "sign-flip")}
BAYES = {"bayes": partial(bayes_signed_rank, **DRAWS), "bayes-t": bayes_t}
EVERY = ALONE | TOGETHER | BAYES
#: Their p is 0, or undefined, where there is no spread or a single task, and they say so.
WITHOUT_SPREAD = ("t", "conover")

#: From -1 to 1 in eighths, which adding, halving and turning over leave exact; and in tenths, which are never exact.
eighths, tenths = st.integers(-8, 8).map(lambda i: i / 8), st.integers(0, 10).map(lambda i: i / 10)
#: What a score of 0 becomes where it was computed, beside scores of every size.
odd = st.sampled_from([0.0, -0.0, 1e-17, -1e-17, 5e-324, -1e-200, 0.5, 0.5 + 1e-13, 0.1 + 0.2, 0.3, 1e6, 1.0])


@st.composite
def tables(draw, cells=None, least_tasks=1, gaps=True):
    """Up to four models, the last often a copy of the first but perhaps for one score, and up to ten tasks."""
    cells = draw(st.sampled_from([eighths, tenths, odd])) if cells is None else cells
    k, n = draw(st.integers(2, 4)), draw(st.integers(least_tasks, 10))
    values = np.array(draw(st.lists(st.lists(cells, min_size=k, max_size=k), min_size=n, max_size=n)))
    copy = draw(st.sampled_from(["none", "whole", "but for one"]))
    if copy != "none":
        values[:, -1] = values[:, 0]
    if copy == "but for one":
        values[draw(st.integers(0, n - 1)), -1] = draw(cells)
    if gaps:
        for i, j in draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, k - 1)), max_size=3)):
            values[i, j] = np.nan
    return pd.DataFrame(values, [f"t{i}" for i in range(n)], list("abcd"[:k]))


def found_by(test, table, **options):
    """Row of every pair, turned so that its models stand in the order of their names; None where it is refused."""
    try:
        frame = test(table, **options).to_frame()
    except InputError:
        return None
    rows = {}
    for row in frame.to_dict("records"):
        row.pop("method")
        if row["model_a"] > row["model_b"]:
            row |= {"model_a": row["model_b"], "model_b": row["model_a"], "difference": -row["difference"]}
            if "low" in row:
                row |= {"low": -row["high"], "high": -row["low"]}
            if "p_better" in row:
                row |= {"p_better": row["p_worse"], "p_worse": row["p_better"]}
        rows[row["model_a"], row["model_b"]] = row
    return rows


NUMBERS = ("n", "pvalue", "pvalue_adjusted", "p_better", "p_worse", "difference", "low", "high")


def assert_same(here, there, size, columns=NUMBERS):
    """All numbers agree to rounding, which for differences is that of scores of this size."""
    assert (here is None) == (there is None)
    for pair, row in (here or {}).items():
        for name in (c for c in columns if c in row):
            slack = 1e-9 if name.startswith("p") else 1e-9 * size
            assert there[pair][name] == pytest.approx(row[name], rel=1e-9, abs=slack, nan_ok=True), (pair, name)


def size_of(table):
    return float(np.nanmax(np.abs(table.to_numpy()), initial=0.0))


# -- p-values and intervals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
@FEW
@given(tables(), st.randoms(use_true_random=False))
def test_order_names_and_direction_change_nothing_and_swapping_models_negates(name, table, random):
    here = found_by(EVERY[name], table)
    rows, columns = list(table.index), list(table.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    assert_same(here, found_by(EVERY[name], table.loc[rows, columns]), size_of(table))
    other = {"a": "z <b>", "b": "y", "c": "x", "d": "w"}  # the other way round
    renamed = found_by(EVERY[name], table.rename(columns=other))
    turned = found_by(EVERY[name], table.rename(columns={v: k for k, v in other.items()}).iloc[:, ::-1])
    assert_same(here, turned, size_of(table))
    if here is not None:
        assert {frozenset(other[m] for m in pair) for pair in here} == set(map(frozenset, renamed))
    down = found_by(EVERY[name], Scores.from_frame(-table, rows="tasks", higher_is_better=False))
    assert_same(here, down, size_of(table), ("n", "pvalue", "pvalue_adjusted", "p_better", "p_worse"))


@pytest.mark.parametrize("name", EVERY)
@FEW
@given(tables(eighths), st.sampled_from([2.0**-250, 2.0**-20, 2.0, 2.0**250]), st.integers(-4, 4))
def test_scale_and_level_change_no_p(name, table, factor, shift):
    numbers = ("n", "pvalue", "pvalue_adjusted", "p_better", "p_worse")
    here = found_by(EVERY[name], table)
    assert_same(here, found_by(EVERY[name], table * factor), 1.0, numbers)
    assert_same(here, found_by(EVERY[name], table + shift), 1.0, numbers)


@pytest.mark.parametrize("name", ALONE | TOGETHER)
@FEW
@given(tables())
def test_p_is_a_probability_and_copies_differ_by_nothing(name, table):
    for (a, b), row in (found_by((ALONE | TOGETHER)[name], table) or {}).items():
        both = table[[a, b]].dropna()
        assert row["n"] == len(both) or name in ("nemenyi", "conover")  # these keep complete tasks
        if row["n"] == 0 or (name in WITHOUT_SPREAD and len(table) < 2) or (name == "t" and row["n"] < 2):
            assert np.isnan(row["pvalue"])
            continue
        if np.isnan(row["pvalue"]):
            assert name == "conover", "only where a single task is complete"
            continue
        assert 0 <= row["pvalue"] <= 1
        assert row["pvalue"] > 0 or name in WITHOUT_SPREAD
        if "pvalue_adjusted" in row:
            assert row["pvalue"] - 1e-12 <= row["pvalue_adjusted"] <= 1
        if (both[a] == both[b]).all():
            assert row["difference"] == 0
            if name in ALONE or name == "conover":
                assert row["pvalue"] == 1
            if "low" in row and name in ALONE:
                assert row["low"] == row["high"] == 0


@FUZZ
@given(tables())
def test_a_t_test_is_certain_only_of_differences_that_are_all_alike(table):
    """Not where two models differ on one task by the rounding of a 0: by Student's formula, in exact fractions."""
    for (a, b), row in (found_by(paired_t, table) or {}).items():
        both = table[[a, b]].dropna()
        d = (both[a] - both[b]).where((both[a] - both[b]).abs() > 1e-12 * both.abs().max(axis=1), 0.0)
        if len(d) < 2:
            continue
        if row["pvalue"] == 0:
            assert d.min() == pytest.approx(d.max(), rel=1e-6, abs=1e-11 * size_of(table))
            assert (d != 0).all()
        elif (d != 0).sum() == 1:
            assert abs(row["statistic"]) == pytest.approx(1.0, abs=1e-6) or np.abs(d).max() < 1e-300  # (x/n) / (x/n)


@pytest.mark.parametrize("name", BOOTSTRAPS)
@FEW
@given(tables(least_tasks=2), st.sampled_from([0.05, 0.1, 0.3]))
def test_an_interval_leaves_out_zero_where_p_is_at_most_alpha(name, table, alpha):
    """Up to the + 1, and the two draws that an end lies between."""
    found = found_by(BOOTSTRAPS[name], table, confidence_level=1 - alpha) or {}
    for pair, row in found.items():
        if row["n"] == 0 or np.isnan(row["low"]):
            continue
        assert row["low"] <= row["high"]
        outside = row["low"] > 0 or row["high"] < 0
        draws = DRAWS["n_resamples"]
        # BCa's p is a smooth function of the shares of draws, its ends are draws.
        if row["pvalue"] <= alpha - (4 / draws if name == "bootstrap bca" else 1e-12):
            assert outside, (pair, row)
        if outside:
            least = 2 / (row["n"] ** row["n"] * alpha)  # resamples that hold none of a pair's tasks are left out
            assert row["pvalue"] <= alpha + 6 / draws + least, (pair, row)


@pytest.mark.parametrize("name", [n for n in ALONE if not n.startswith("bootstrap s")])
@FEW
@given(tables())
def test_the_two_sides_make_up_the_two_sided_p(name, table):
    test = ALONE[name]
    both, up, down = (found_by(test, table, alternative=side) for side in ("two-sided", "greater", "less"))
    turned = found_by(test, table.iloc[:, ::-1], alternative="less")
    for pair, row in (both or {}).items():
        if np.isnan(row["pvalue"]):
            continue
        # All columns turned round, every b is an a: that a is higher is that b is lower.
        assert turned[pair]["pvalue"] == pytest.approx(up[pair]["pvalue"], abs=1e-12)
        one = min(up[pair]["pvalue"], down[pair]["pvalue"])
        if name == "sign flips":
            assert one <= row["pvalue"] + 1e-12
        else:
            assert row["pvalue"] == pytest.approx(min(1.0, 2 * one), abs=1e-12), pair


@pytest.mark.parametrize("name", ALONE)
@FEW
@given(tables())
def test_another_model_changes_no_pair_and_a_control_is_the_same_pairs(name, table):
    whole = found_by(ALONE[name], table)
    less = found_by(ALONE[name], table.iloc[:, :-1])
    if less is not None and whole is not None and table.iloc[:, :-1].notna().any(axis=1).all():
        assert_same(less, whole, size_of(table))
    against = found_by(ALONE[name], table, control="a")
    if against is not None:
        assert_same(against, whole, size_of(table))


@FUZZ
@given(tables(gaps=False), st.sampled_from(["greater", "less", "two-sided"]))
def test_dunns_control_and_its_corrections(table, alternative):
    assume(not table.abs().max().between(0, 1e-90, inclusive="neither").any())  # refused: rescale
    raw = None
    for correction in (name for name, c in CORRECTIONS.items() if c.adjust is not None and not c.all_pairs_only):
        found = bonferroni_dunn(table, control="a", correction=correction, alternative=alternative).to_frame()
        raw = found["pvalue"] if raw is None else raw
        assert (found["pvalue"] == raw).all()
        np.testing.assert_array_equal(found["pvalue_adjusted"], adjust(raw, correction))
        assert (found["pvalue_adjusted"] >= raw - 1e-15).all()
        order = np.argsort(raw.to_numpy(), kind="stable")
        assert (np.diff(found["pvalue_adjusted"].to_numpy()[order]) >= -1e-15).all()


# -- ranks -------------------------------------------------------------------------------------------------------

RANKINGS = {
    f"{by}, {method}, {'all' if all_at_once else 'each'}": partial(
        rank_confidence, by=by, method=method, simultaneous=all_at_once, **DRAWS
    )
    for by in ("mean_rank", "mean")
    for method in ("sign-flip", "bootstrap-t")
    for all_at_once in (True, False)
}


@pytest.mark.parametrize("name", RANKINGS)
@FEW
@given(tables(gaps=False), st.randoms(use_true_random=False))
def test_rank_sets_hold_the_observed_rank_and_follow_their_models(name, table, random):
    try:
        found = RANKINGS[name](table).to_frame().set_index("model")
    except InputError:  # a model's scores are too small to be squared
        return
    k = table.shape[1]
    assert found["rank_low"].between(1, found["rank"]).all()
    assert found["rank_high"].between(found["rank"], k).all()
    rows, columns = list(table.index), list(table.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    again = RANKINGS[name](table.loc[rows, columns]).to_frame().set_index("model").loc[found.index]
    assert (again[["rank", "rank_low", "rank_high"]] == found[["rank", "rank_low", "rank_high"]]).all(axis=None)
    if (table["a"] == table.iloc[:, -1]).all():
        last = table.columns[-1]
        assert found.loc["a", "rank"] == found.loc[last, "rank"]
        assert (found.loc["a", ["rank_low", "rank_high"]] == found.loc[last, ["rank_low", "rank_high"]]).all()


@FEW
@given(tables(eighths, least_tasks=2, gaps=False), st.randoms(use_true_random=False))
def test_what_is_drawn_does_not_depend_on_the_order_of_the_table(table, random):
    rows, columns = list(table.index), list(table.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    moved = table.loc[rows, columns]
    for rank, kept in (
        (partial(model_confidence_set, **DRAWS), ["pvalue", "in_set"]),
        (partial(bradley_terry, prior=0.5, **DRAWS), ["ability", "low", "high"]),
        (borda, ["points", "rank"]),
    ):
        here, there = (pd.DataFrame(getattr(r, "to_frame", lambda r=r: r)()) for r in (rank(table), rank(moved)))
        here, there = (f.set_index("model")[kept].astype(float) for f in (here, there))
        if len(set(map(tuple, table.to_numpy().T))) == table.shape[1]:  # copies are removed in the order of the table
            np.testing.assert_allclose(there.loc[here.index], here, atol=1e-6, err_msg=str(kept))
    np.testing.assert_allclose(mean_ranks(moved)[table.columns], mean_ranks(table), atol=1e-12)


@pytest.mark.parametrize("test", [friedman, iman_davenport, quade, aligned_ranks, skillings_mack])
@FEW
@given(tables(eighths, least_tasks=2), st.randoms(use_true_random=False), st.sampled_from([2.0**-250, 4.0, 2.0**250]))
def test_omnibus_tests_are_blind_to_order_scale_and_level(test, table, random, factor):
    rows, columns = list(table.index), list(table.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    try:
        here = test(table)
    except InputError:
        return
    assert np.isnan(here.pvalue) or 0 <= here.pvalue <= 1
    for other in (table.loc[rows, columns], table * factor, table + 2, -table):
        assert test(other).pvalue == pytest.approx(here.pvalue, abs=1e-9, nan_ok=True)


@FUZZ
@given(tables())
def test_effects_are_finite_or_say_why_and_turn_with_the_pair(table):
    try:
        here, there = effects(table).to_frame(), effects(table.iloc[:, ::-1]).to_frame()
    except InputError:
        return
    there = there.set_index(["model_b", "model_a"])
    for row in here.to_dict("records"):
        turned = there.loc[row["model_a"], row["model_b"]]
        for name in ("difference", "hodges_lehmann", "rank_biserial", "cliffs_delta", "d_z"):
            assert turned[name] == pytest.approx(-row[name], rel=1e-6, abs=1e-9, nan_ok=True), name
        assert turned["win"] == row["loss"]
        assert row["n"] == 0 or -1 <= row["rank_biserial"] <= 1
        both = table[[row["model_a"], row["model_b"]]].dropna()
        if np.isinf(row["d_z"]):
            d = (both.iloc[:, 0] - both.iloc[:, 1]).to_numpy()
            assert d.min() == pytest.approx(d.max(), rel=1e-6, abs=1e-11 * size_of(table))


# -- compare -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("test", ["wilcoxon", "sign", "sign-flip", "paired-t", "bootstrap"])
@SLOW
@given(tables(eighths, least_tasks=3, gaps=False))
def test_through_compare_adjusted_p_keeps_the_order_and_another_model_no_raw_p(test, table):
    quick = {"test": test, "n_resamples": 30, "rng": 0}
    whole = compare(table, **quick)
    p, adjusted = whole.pairs["pvalue"].to_numpy(), whole.pairs["pvalue_adjusted"].to_numpy()
    assert (adjusted >= p - 1e-15).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= -1e-15).all()
    assert (whole.pairs["significant"] == (adjusted <= 0.05)).all()
    assert whole.ranks["rank_low"].le(whole.ranks["rank"]).all()
    assert whole.ranks["rank_high"].ge(whole.ranks["rank"]).all()
    if table.shape[1] > 2:
        raw = {frozenset((r.model_a, r.model_b)): r.pvalue for r in whole.pairs.itertuples()}
        for row in compare(table.iloc[:, :-1], **quick).pairs.itertuples():
            assert raw[frozenset((row.model_a, row.model_b))] == pytest.approx(row.pvalue, abs=1e-12)
