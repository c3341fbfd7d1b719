"""compare: what it says, for every test, and its properties."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import (
    Comparison,
    InputError,
    Scores,
    adjust,
    bootstrap,
    compare,
    effects,
    friedman,
    mean_ranks,
    nemenyi,
    nemenyi_critical_difference,
    paired_t,
    rank_confidence,
    romano_wolf,
    sign_flip,
    sign_test,
    skillings_mack,
    wilcoxon,
)
from stats.decisions import joint_max_t

QUICK = {"n_resamples": 300, "rng": 0}
DESIGN_KEYS = {
    "method": {
        "test",
        "correction",
        "alpha",
        "confidence_level",
        "level",
        "resamples",
        "seed",
        "estimand",
        "units",
        "n_units",
    },
    "omnibus": {"friedman", "iman_davenport"},
    "excluded": {"models", "tasks"},
}
RANKS = [
    "model",
    "n",
    "status",
    "mean",
    "mean_low",
    "mean_high",
    "mean_rank",
    "rank",
    "rank_low",
    "rank_high",
    "in_top_set",
]
PAIRS = [
    *["model_a", "model_b", "n", "difference", "low", "high", "low_marginal", "high_marginal", "statistic", "pvalue"],
    *["pvalue_adjusted", "significant", "verdict", "effect_size", "win", "tie", "loss", "mean_difference"],
]


@pytest.fixture(scope="module")
def found() -> Comparison:
    rng = np.random.default_rng(7)
    values = np.round(rng.uniform(0.3, 0.7, (12, 1)) + rng.normal([0.08, 0.05, 0.02, 0.0], 0.03, (12, 4)), 2)
    index = pd.Index([f"t{i:02}" for i in range(12)], name="task")
    table = pd.DataFrame(np.column_stack([values, values[:, 3]]), index, ["a", "b", "c", "d", "d again"])
    tasks = pd.DataFrame({"family": ["STS"] * 7 + ["Retrieval"] * 5}, index=index)
    return compare(Scores.build(table, tasks), **QUICK)


def by_name(comparison, a, b):
    """The p-value of a pair, whichever is a."""
    pairs = comparison.pairs
    return pairs[pairs["model_a"].isin([a, b]) & pairs["model_b"].isin([a, b])].iloc[0]


def test_every_part_is_that_of_its_own_function(found):
    scores = found.scores
    assert scores.models == mean_ranks(scores).sort_values(kind="stable").index.tolist()
    np.testing.assert_array_equal(found.pairs["pvalue"], wilcoxon(scores).pvalue)
    decided = joint_max_t([scores, *(scores.family(f) for f in scores.families)], **QUICK)[0]
    np.testing.assert_array_equal(found.pairs["pvalue_adjusted"], decided.pvalue_adjusted)
    np.testing.assert_array_equal(found.pairs[["low", "high"]], np.column_stack([decided.low, decided.high]))
    sizes = effects(scores).extra
    np.testing.assert_array_equal(found.pairs["effect_size"], sizes["rank_biserial"])
    np.testing.assert_array_equal(found.pairs["hodges_lehmann"], sizes["hodges_lehmann"])
    np.testing.assert_array_equal(found.ranks["rank"], rank_confidence(scores, **QUICK).rank)
    np.testing.assert_array_equal(found.ranks[["rank_low", "rank_high"]], np.stack(decided.rank_sets(), 1))
    assert found.omnibus["friedman"]["statistic"] == friedman(scores).statistic
    assert found.nemenyi_critical_difference == nemenyi_critical_difference(5, 12)
    assert found.smallest_pvalue == 2 / 2**12
    np.testing.assert_allclose(found.ranks["mean"], scores.table.mean())


def test_the_form_is_the_designs(found):
    d = found.to_dict()
    for key, inner in DESIGN_KEYS.items():
        assert inner <= set(d[key])
    assert list(d["ranks"][0])[: len(RANKS)] == RANKS
    assert list(d["pairs"][0])[: len(PAIRS)] == PAIRS
    assert {"n_tasks", "n_models", "cliques", "uncovered_pairs", "conclusions", "provenance", "families"} <= set(d)
    json.loads(json.dumps(d, allow_nan=False))  # nothing that is not JSON
    assert d["n_models"] == 5
    assert set(d["families"]) == {"STS", "Retrieval"}
    assert d["families"]["STS"]["families"] == {}


def test_a_family_is_what_it_would_be_by_itself(found):
    alone = compare(found.scores.family("STS"), families=False, **QUICK)
    apart = compare(found.scores, families="separate", **QUICK)
    pd.testing.assert_frame_equal(apart.families["STS"].pairs, alone.pairs)
    pd.testing.assert_frame_equal(apart.families["STS"].ranks, alone.ranks)
    assert (apart.method.families, found.method.families) == ("separate", "joint")
    assert (found.families["STS"].pairs["pvalue_adjusted"] >= alone.pairs["pvalue_adjusted"]).all()


def test_cliques_hold_no_significant_pair(found):
    for clique in [*found.cliques, *found.uncovered_pairs]:
        for i, a in enumerate(clique):
            for b in clique[i + 1 :]:
                assert not by_name(found, a, b)["significant"]


def test_one_seed_gives_the_same_bytes(found):
    again = compare(found.scores, **QUICK)
    assert json.dumps(again.to_dict()) == json.dumps(found.to_dict())
    drawn = compare(found.scores, n_resamples=300)
    repeated = compare(found.scores, n_resamples=300, rng=drawn.method["seed"])
    assert json.dumps(drawn.to_dict()) == json.dumps(repeated.to_dict())


ALONE = {
    "wilcoxon": lambda s: wilcoxon(s).pvalue,
    "sign": lambda s: sign_test(s).pvalue,
    "sign-flip": lambda s: sign_flip(s, **QUICK).pvalue,
    "paired-t": lambda s: paired_t(s).pvalue,
    "bootstrap": lambda s: bootstrap(s, method="symmetric", **QUICK).pvalue,
    "nemenyi": lambda s: nemenyi(s).pvalue,
}


@pytest.mark.parametrize("test", list(ALONE))
def test_every_test_works_through_compare(small, test):
    found = compare(small, test=test, correction="holm", families=False, groups="none", **QUICK)
    np.testing.assert_array_equal(found.pairs["pvalue"], ALONE[test](found.scores))
    identical = by_name(found, "d", "d again")
    assert identical["pvalue"] == 1
    assert not identical["significant"]
    assert found.pairs["pvalue_adjusted"].notna().all()
    assert found.method["test"] == test
    assert (found.pairs["significant"] == (found.pairs["pvalue_adjusted"] <= 0.05)).all()


@pytest.mark.parametrize("test", ["bootstrap", "sign-flip"])
def test_romano_wolf_is_a_correction_of_the_resampling_tests(small, test):
    found = compare(small, test=test, correction="romano-wolf", families=False, groups="none", **QUICK)
    expected = romano_wolf(found.scores, null=test, **QUICK)
    np.testing.assert_array_equal(found.pairs["pvalue_adjusted"], expected.pvalue_adjusted)
    assert found.method["correction"] == "romano-wolf"
    assert found.pairs["low"].notna().all()


@pytest.mark.parametrize("correction", ["none", "bonferroni", "hochberg", "hommel", "bh", "by", "shaffer"])
def test_every_correction_works_through_compare(small, correction):
    found = compare(small, correction=correction, families=False, **QUICK)
    np.testing.assert_array_equal(found.pairs["pvalue_adjusted"], adjust(found.pairs["pvalue"], correction))


def test_the_t_test_brings_its_own_interval(small):
    found = compare(small, test="paired-t", families=False, **QUICK)
    plain = compare(small, test="paired-t", correction="none", families=False, groups="none", **QUICK)
    np.testing.assert_allclose(plain.pairs["low"], paired_t(found.scores).low)
    bonferroni = compare(small, test="paired-t", correction="bonferroni", families=False, groups="none", **QUICK)
    np.testing.assert_allclose(bonferroni.pairs["low"], paired_t(found.scores, confidence_level=1 - 0.05 / 10).low)


def test_against_a_control(small):
    found = compare(small, control="c", families=False, **QUICK)
    assert found.control == "c"
    assert found.pairs["model_a"].tolist() == [m for m in found.scores.models if m != "c"]
    assert set(found.pairs["model_b"]) == {"c"}
    assert found.cliques == []
    means = small.table.mean()
    row = found.pairs.set_index("model_a").loc["a"]
    assert row["mean_difference"] == pytest.approx(means["a"] - means["c"])  # positive: better than the control
    overall = compare(small, families=False, **QUICK)
    assert row["pvalue"] == by_name(overall, "a", "c")["pvalue"]
    assert any("control c" in sentence for sentence in found.conclusions)


def test_better_than_the_control_is_what_the_test_looks_at():
    """By ranks a is better on eleven tasks of twelve; by means one large loss makes it worse."""
    frame = pd.DataFrame({"a": [0.6] * 11 + [-3.0], "b": [0.5] * 11 + [0.9]}, index=[f"t{i:02}" for i in range(12)])
    sentence = {
        test: next(s for s in compare(frame, control="b", test=test, alpha=0.9, **QUICK).conclusions if "control" in s)
        for test in ("bonferroni-dunn", "sign", "wilcoxon", "paired-t")
    }
    assert "1 model is better (a)" in sentence["bonferroni-dunn"]
    assert "1 model is better (a)" in sentence["sign"]
    assert "1 model is better (a)" in sentence["wilcoxon"]
    assert "1 model is worse (a)" in sentence["paired-t"]


def test_few_tasks_make_the_bayesian_test_overconfident(small):
    few = small.select(tasks=["t00", "t01", "t02"])
    assert any("overconfident" in w for w in compare(few, test="bayes", families=False, **QUICK).warnings)
    assert not any("overconfident" in w for w in compare(small, test="bayes", families=False, **QUICK).warnings)


def test_bonferroni_dunn_by_either_name(small):
    one = compare(small, control="c", test="bonferroni-dunn", families=False, **QUICK)
    two = compare(small, control="c", correction="bonferroni-dunn", families=False, **QUICK)
    pd.testing.assert_frame_equal(one.pairs, two.pairs)
    assert one.method["correction"] == two.method["correction"] == "bonferroni-dunn"
    gap = np.abs(one.ranks.set_index("model")["mean_rank"] - one.ranks.set_index("model").loc["c", "mean_rank"])
    critical = one.method["bonferroni_dunn_critical_difference"]
    expected = [gap[m] >= critical for m in one.pairs["model_a"]]
    assert one.pairs["significant"].tolist() == expected


def test_one_sided_against_a_control(small):
    found = compare(small, control="c", alternative="greater", families=False, **QUICK)
    two = compare(small, control="c", families=False, **QUICK)
    better = found.pairs["effect_size"] > 0
    np.testing.assert_allclose(found.pairs["pvalue"][better], two.pairs["pvalue"][better] / 2)


def test_top_keeps_the_best_and_names_the_others(small):
    found = compare(small, top=2, families=False, **QUICK)
    assert found.scores.models == mean_ranks(small).sort_values().index[:2].tolist()
    assert found.excluded["models"]["d"] == "analysed, but not among the 2 shown"
    whole = compare(small, families=False, **QUICK)
    assert (found.n_models, found.n_pool, found.top_set) == (2, 5, whole.top_set)
    pd.testing.assert_frame_equal(found.pairs, whole.pairs.head(1))  # decided in the pool
    pd.testing.assert_frame_equal(found.ranks, whole.ranks.head(2))
    with_control = compare(small, top=2, control="d", families=False, **QUICK)
    assert set(with_control.scores.models) == {"a", "b", "d"}


@pytest.mark.parametrize("policy", ["models", "tasks", "keep"])
def test_missing_scores(small, policy):
    table = small.table.copy()
    table.loc["t00", "a"] = np.nan
    found = compare(replace(small, table=table), missing=policy, **QUICK)
    if policy == "models":
        assert "a" not in found.scores.models
        assert found.excluded["models"] == {"a": "no score on t00"}
    elif policy == "tasks":
        assert found.n_tasks == 11
        assert found.excluded["tasks"] == {"t00": "no score of a"}
    else:
        assert by_name(found, "a", "b")["n"] == 11
        assert by_name(found, "b", "c")["n"] == 12
        assert any("rest on the 11 of 12 tasks" in w for w in found.warnings)
        assert found.omnibus["skillings_mack"]["statistic"] == skillings_mack(found.scores).statistic
        assert "Skillings-Mack chi2(4)" in found.conclusions[0]


@pytest.mark.parametrize("test", ["wilcoxon", "sign", "sign-flip", "paired-t", "bootstrap"])
@pytest.mark.parametrize("interval", ["percentile", "bca", "studentized", "symmetric"])
def test_pairs_that_share_no_task_are_undefined_and_poison_nothing(small, test, interval):
    table = small.table.drop(columns="d again")
    table.iloc[:6, 0] = np.nan
    table.iloc[6:, 1] = np.nan
    found = compare(replace(small, table=table), missing="keep", test=test, interval=interval, **QUICK)
    apart = by_name(found, "a", "b")
    assert apart["n"] == 0
    assert apart[["difference", "low", "pvalue", "pvalue_adjusted"]].isna().all()
    assert not apart["significant"]
    assert found.pairs["pvalue_adjusted"].notna().sum() == 5
    assert np.isnan(found.omnibus["friedman"]["statistic"])
    assert np.isnan(found.nemenyi_critical_difference)
    assert "1 pair shared no task and could not be compared." in found.warnings
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("null", ["bootstrap", "sign-flip"])
def test_joint_corrections_leave_out_pairs_that_share_no_task(small, null):
    table = small.table.copy()
    table.iloc[:6, 0] = np.nan
    table.iloc[6:, 1] = np.nan
    found = romano_wolf(table, null=null, n_resamples=200, rng=0).to_frame()
    assert np.isnan(found["pvalue_adjusted"].iloc[0])
    assert found["pvalue_adjusted"].notna().sum() == 9


def test_a_family_of_one_task_is_named(small):
    families = ["STS"] * 11 + ["Summarization"]
    found = compare(replace(small, tasks=small.tasks.assign(family=families)), **QUICK)
    assert list(found.families) == ["STS"]
    assert any("Summarization has 1 task" in w for w in found.warnings)


def test_a_warning_where_nothing_could_be_significant(small):
    few = small.select(tasks=["t00", "t01", "t02", "t03", "t04", "t05"])
    found = compare(few, correction="holm", families=False, groups="none", **QUICK)
    # 2/2^6 for 10 pairs by Holm: .3125.
    assert found.smallest_pvalue == 0.03125
    assert found.method["smallest_adjusted_pvalue"] == pytest.approx(0.3125)
    assert any("no pair could have been significant" in w for w in found.warnings)
    assert not found.pairs["significant"].any()
    # Two are shown, and all ten pairs were corrected for.
    shown = compare(few, correction="holm", top=2, families=False, groups="none", **QUICK)
    assert any("0.312 after the correction for 10 pairs" in w for w in shown.warnings)
    alone = compare(few, correction="bh", families=False, groups="none", **QUICK)  # all pairs together could reach it
    assert not any("no pair could have been" in w for w in alone.warnings)


def test_narrow_intervals_are_named_as_such(small):
    few = small.select(tasks=["t00", "t01", "t02", "t03"])
    assert any("too narrow" in w for w in compare(few, interval="percentile", families=False, **QUICK).warnings)
    assert not any("narrow" in w for w in compare(few, families=False, **QUICK).warnings)
    bootstrapped = compare(few, test="bootstrap", interval="percentile", families=False, **QUICK).warnings
    assert any("too narrow, and its p-values too small" in w for w in bootstrapped)
    none = compare(few, families=False, **QUICK)
    assert none.powerless
    assert any("no pair could have been significant" in w for w in none.warnings)
    assert none.ranks["rank_low"].tolist() == [1] * 5


def test_two_models_on_two_tasks():
    frame = pd.DataFrame({"a": [0.9, 0.8], "b": [0.5, 0.4]}, index=["x", "y"])
    found = compare(frame, **QUICK)
    assert found.pairs["pvalue"].tolist() == [0.5]
    assert found.cliques == [["a", "b"]]
    assert found.ranks["rank_high"].tolist() == [2, 2]


def test_all_models_identical():
    frame = pd.DataFrame({m: [0.9, 0.8, 0.4] for m in "abc"}, index=list("xyz"))
    found = compare(frame, **QUICK)
    assert found.pairs["pvalue"].tolist() == [1, 1, 1]
    assert found.ranks["rank"].tolist() == [1, 1, 1]
    assert found.omnibus["friedman"]["pvalue"] == 1
    assert found.cliques == [["a", "b", "c"]]


def test_family_means(small):
    found = compare(small, statistic="family_mean", **QUICK)
    expected = small.table.groupby(small.tasks["family"]).mean().mean()
    for row in found.ranks.itertuples():
        assert row.mean == pytest.approx(expected[row.model])


def test_groups_by_label_and_by_the_task_table(small):
    labels = ["g1", "g1", *[f"s{i}" for i in range(10)]]
    one = compare(small, test="sign-flip", families=False, **QUICK)
    two = compare(small, groups=labels, test="sign-flip", families=False, **QUICK)
    pd.testing.assert_frame_equal(one.pairs, two.pairs)
    assert (one.method.units, one.method.n_units) == ("groups of tasks", 11)
    assert compare(small, groups="none", families=False, **QUICK).method.n_units == 12
    assert one.smallest_pvalue == 2 / 2**11 or one.smallest_pvalue == 1 / 301


def test_lower_is_better(small):
    found = compare(replace(small, higher_is_better=False), families=False, **QUICK)
    assert found.ranks["model"].iloc[-1] == "a"
    worst = by_name(found, "d", "a")
    assert worst["win"] > worst["loss"] if worst["model_a"] == "d" else worst["loss"] > worst["win"]


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_of_tasks_and_models_and_level_of_a_task_do_not_matter(random):
    rng = np.random.default_rng(3)
    values = np.round(rng.normal([0.6, 0.5, 0.5], 0.1, (7, 3)), 2)
    frame = pd.DataFrame(values, [f"t{i}" for i in range(7)], list("abc"))
    rows, columns = random.sample(range(7), 7), random.sample(range(3), 3)
    shift = np.array([random.randint(-4, 4) for _ in range(7)])[:, None] / 4
    here = compare(frame, families=False, n_resamples=50, rng=0)
    there = compare((frame + shift).iloc[rows, columns], families=False, n_resamples=50, rng=0)
    for a, b in (("a", "b"), ("a", "c"), ("b", "c")):
        one, two = by_name(here, a, b), by_name(there, a, b)
        assert one["pvalue_adjusted"] == two["pvalue_adjusted"]
        assert abs(one["difference"]) == pytest.approx(abs(two["difference"]))
    assert sorted(here.ranks["mean_rank"]) == pytest.approx(sorted(there.ranks["mean_rank"]))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"test": "anova"}, "unknown test 'anova': expected one of wilcoxon, sign"),
        ({"correction": "tukey"}, "unknown correction 'tukey'"),
        ({"correction": "romano-wolf"}, "romano-wolf takes joint draws of all pairs and test 'wilcoxon' has none"),
        ({"correction": "bonferroni-dunn"}, "compares with a control: name one"),
        ({"correction": "shaffer", "control": "a"}, "'shaffer' is for all pairs"),
        ({"alternative": "greater"}, "alternative='greater' needs a control"),
        ({"test": "nemenyi", "control": "a"}, "'nemenyi' is for all pairs: with a control use test='bonferroni-dunn'"),
        ({"alpha": 5}, "alpha=5: expected"),
        ({"control": "A"}, "control 'A' is not among the 5 models"),
        ({"top": 1}, "top=1: expected a whole number of models, two or more"),
        ({"rng": -1}, "rng=-1: expected a seed"),
        ({"missing": "drop"}, "unknown missing 'drop'"),
        ({"level": "words"}, "unknown level 'words'"),
        ({"statistic": "median"}, "statistic='median'"),
        ({"n_resamples": 0}, "n_resamples=0"),
    ],
)
def test_errors_say_what_was_expected(small, options, words):
    with pytest.raises(InputError, match=words):
        compare(small, **options)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.DataFrame({"a": [1.0, 2]}, index=["x", "y"]), "got 1 model to compare: expected at least two; add models"),
        (
            pd.DataFrame({"a": [1.0], "b": [2.0]}, index=["x"]),
            "got 1 task to compare: expected at least two; add tasks",
        ),
    ],
)
def test_one_model_or_one_task_is_an_error(frame, words):
    with pytest.raises(InputError, match=words):
        compare(frame)


def test_the_interval_of_a_mean_stays_within_what_its_metrics_can_take() -> None:
    frame = pd.DataFrame({"a": [0.1, 0.9, 0.95], "b": [0.2, 0.7, 0.9]}, index=pd.Index(list("xyz"), name="task"))
    plain = compare(Scores.from_frame(frame), rng=0, n_resamples=200)
    assert plain.ranks["mean_high"].max() > 1  # three tasks say next to nothing
    ranges = pd.DataFrame({"low": 0.0, "high": 1.0}, index=frame.index)
    known = compare(Scores.from_frame(frame, tasks=ranges), rng=0, n_resamples=200)
    assert known.ranks["mean_low"].min() == 0
    assert known.ranks["mean_high"].max() == 1
    in_points = compare(Scores.from_frame(100 * frame, tasks=ranges), rng=0, n_resamples=200)
    assert in_points.ranks["mean_high"].max() > 100  # the range is that of fractions: it says nothing about points


@pytest.mark.parametrize("scale", [1e-300, 1e150])
def test_scores_whose_squares_leave_the_numbers_are_refused(small, scale):
    with pytest.raises(InputError, match="expected one between 1e-90 and 1e\\+90; rescale"):
        compare(small.table * scale, **QUICK)
    assert (
        compare(small.table * 1e60, **QUICK).pairs["pvalue"].tolist()
        == compare(small.table, **QUICK).pairs["pvalue"].tolist()
    )
