"""The factorial analysis: contrasts by hand, aligned ranks and mixed model against R, and what cannot be estimated."""

import json
import warnings
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from pingouin import multivariate_ttest
from scipy.stats import f_oneway, rankdata, ttest_1samp, ttest_ind
from scipy.stats import wilcoxon as scipy_wilcoxon

from stats.common.errors import InputError
from stats.factors import FactorialResult, factorial, read_design
from stats.factors.aligned_rank_transform import aligned_rank_transform
from stats.factors.design import Design
from stats.factors.family_effects import family_effects
from stats.scores import Scores

#: Eight tasks and the five models of tests/golden/factorial.R.
VALUES = np.array(
    [
        [0.512, 0.530, 0.561, 0.551, 0.590],
        [0.702, 0.699, 0.731, 0.725, 0.742],
        [0.443, 0.461, 0.459, 0.470, 0.481],
        [0.650, 0.662, 0.671, 0.660, 0.699],
        [0.581, 0.590, 0.612, 0.630, 0.641],
        [0.330, 0.352, 0.349, 0.361, 0.390],
        [0.621, 0.618, 0.640, 0.655, 0.663],
        [0.471, 0.490, 0.512, 0.487, 0.530],
    ]
)
DESIGN = pd.DataFrame(
    {
        "model": [f"m{i}" for i in range(1, 6)],
        "pooling": ["eos", "last", "multi", "last", "multi"],
        "attention": ["causal", "causal", "causal", "bidirectional", "bidirectional"],
    }
)


def _scores(values=VALUES, families=None):
    frame = pd.DataFrame(values, index=[f"t{i}" for i in range(len(values))], columns=DESIGN["model"])
    tasks = pd.DataFrame({"family": families or ["STS"] * len(values)}, index=frame.index)
    return Scores.build(frame, tasks)


@pytest.fixture(scope="module")
def result():
    return factorial(_scores(), DESIGN, n_resamples=2000, rng=0)


def _row(table, **wanted):
    chosen = table
    for column, value in wanted.items():
        chosen = chosen[chosen[column] == value]
    assert len(chosen) == 1, wanted
    return chosen.iloc[0]


def test_a_main_effect_averages_matched_differences(result):
    d = ((VALUES[:, 3] - VALUES[:, 1]) + (VALUES[:, 4] - VALUES[:, 2])) / 2
    row = _row(result.main_effects(), factor="attention")
    assert (row["a"], row["b"], row["at"], row["contexts"], row["n"]) == (
        "bidirectional",
        "causal",
        "equal pooling",
        2,
        8,
    )
    assert row["mean_difference"] == pytest.approx(d.mean(), abs=1e-15)
    assert row["pvalue"] == pytest.approx(scipy_wilcoxon(d.round(6), method="exact").pvalue, abs=1e-12)
    assert row["low"] < row["difference"] < row["high"]


def test_eos_is_compared_in_the_only_context_it_has(result):
    row = _row(result.main_effects(), factor="pooling", a="multi", b="eos")
    assert row["contexts"] == 1
    assert row["mean_difference"] == pytest.approx((VALUES[:, 2] - VALUES[:, 0]).mean(), abs=1e-15)


def test_an_interaction_is_a_difference_of_differences(result):
    row = _row(result.contrasts, kind="interaction")
    d = (VALUES[:, 4] - VALUES[:, 3]) - (VALUES[:, 2] - VALUES[:, 1])
    assert row["mean_difference"] == pytest.approx(d.mean(), abs=1e-15)
    assert row["factor"] == "pooling x attention"


def test_the_empty_cell_is_named(result):
    assert len(result.not_estimable) == 2
    assert set(result.not_estimable["reason"]) == {"no model has eos with bidirectional"}


def test_simple_effects_stand_in_their_context(result):
    simple = result.contrasts[result.contrasts["kind"] == "simple"]
    row = _row(simple, factor="attention", at="pooling multi")
    assert row["mean_difference"] == pytest.approx((VALUES[:, 4] - VALUES[:, 2]).mean(), abs=1e-15)


def _aligned(effect):
    """Aligned ranks of VALUES by least squares with dummies, and of every task the coefficients of the effect."""
    dummies = {
        "pooling": np.array([[0, 0], [1, 0], [0, 1], [1, 0], [0, 1]], dtype=float),
        "attention": np.array([[0], [0], [0], [1], [1]], dtype=float),
    }
    crossing = np.array([[0], [0], [0], [0], [1]], dtype=float)
    tasks = np.repeat(np.eye(8), 5, axis=0)
    stack = {name: np.tile(d, (8, 1)) for name, d in dummies.items()}
    additive = np.hstack([tasks, *stack.values()])
    full = np.hstack([additive, np.tile(crossing, (8, 1))])
    y = VALUES.ravel()
    fitted = {n: m @ np.linalg.lstsq(m, y, rcond=None)[0] for n, m in (("additive", additive), ("full", full))}
    coefficients = np.linalg.lstsq(additive, y, rcond=None)[0][8:]
    if effect == "interaction":
        aligned = y - fitted["additive"]
        design = np.hstack([np.ones((5, 1)), *dummies.values(), crossing])
        own = [4]
    else:
        at = slice(0, 2) if effect == "pooling" else slice(2, 3)
        # Effect coding sums to 0 over levels; ranks do not see the shift.
        aligned = y - fitted["full"] + stack[effect] @ coefficients[at]
        design = np.hstack([np.ones((5, 1)), *dummies.values()])
        own = [1, 2] if effect == "pooling" else [3]
    ranks = rankdata(-aligned.round(12)).reshape(8, 5)
    return np.linalg.lstsq(design, ranks.T, rcond=None)[0].T[:, own]


def test_aligned_ranks_are_hotellings_over_tasks_and_all_sign_vectors(result):
    table = result.aligned_ranks.set_index("effect")
    flips = np.array(list(product([1, -1], repeat=8)))
    for name, effect in (("attention", "attention"), ("pooling x attention", "interaction"), ("pooling", "pooling")):
        estimates = _aligned(effect)
        observed, *every = (
            float(multivariate_ttest(estimates * signs[:, None], np.zeros(estimates.shape[1]))["F"].iloc[0])
            if effect == "pooling"
            else ttest_1samp(estimates[:, 0] * signs, 0).statistic ** 2
            for signs in [np.ones(8), *flips]
        )
        assert table.loc[name, "statistic"] == pytest.approx(observed, rel=1e-9)
        assert table.loc[name, "pvalue"] == pytest.approx((np.array(every) >= observed * (1 - 1e-9)).mean())
    assert table.loc["pooling", ["df1", "df2"]].tolist() == [2, 6]


def test_aligned_ranks_hold_their_level_where_tasks_differ_in_the_effect():
    # Every task has an attention effect of its own, of mean 0; the residual of the whole table rejected 20 % of these.
    rng = np.random.default_rng(0)
    design = Design.parse(DESIGN, [f"m{i}" for i in range(1, 6)])
    rejected = 0
    for _ in range(400):
        values = rng.normal(size=(14, 1)) * [0, 0, 0, 1, 1] + 0.5 * rng.normal(size=(14, 5))
        found = aligned_rank_transform(values, design).set_index("effect")
        rejected += found.loc["attention", "pvalue"] <= 0.05
    assert rejected / 400 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def _by_family(effect, sizes=(4, 4, 4), seed=1):
    rng = np.random.default_rng(seed)
    families = [f for f, n in zip(("STS", "Retrieval", "Clustering"), sizes, strict=True) for _ in range(n)]
    values = 0.5 + 0.01 * rng.normal(size=(sum(sizes), 5))
    values[: sizes[0], 3:] += effect
    return _scores(values, families)


def test_family_test_is_the_share_of_all_label_permutations():
    scores = _by_family(0.01, (3, 3, 3))
    found = factorial(scores, DESIGN, n_resamples=100, rng=0).by_family
    labels = pd.Series(scores.tasks["family"]).to_numpy()
    row = found[(found["kind"] == "design") & (found["a"] == "m4")].iloc[0]
    designs = scores.values[:, 1:] - scores.values[:, :1]

    def statistics(families):
        parts = [designs[families == f] for f in ("STS", "Retrieval", "Clustering")]
        gained = sum(len(p) * (p.mean(axis=0) - designs.mean(axis=0)) ** 2 for p in parts)
        return gained / sum((1 - len(p) / len(designs)) * p.var(axis=0, ddof=1) for p in parts)

    observed = statistics(labels)
    every = np.array([statistics(np.array(p)) for p in _shared_out(labels)])
    assert len(every) == 1680  # 9! / 3!^3
    assert row["statistic"] == pytest.approx(observed[2])
    assert row["pvalue_permutation"] == pytest.approx((every[:, 2] >= observed[2] - 1e-9).mean())
    # Step-down: against the largest F of this contrast and all that observed no more.
    steps = [(every[:, observed <= o].max(axis=1) >= o - 1e-9).mean() for o in observed[observed >= observed[2]]]
    assert row["pvalue_adjusted"] >= max(steps) - 1e-9
    assert (found["pvalue"] >= found["pvalue_permutation"]).all()


def _shared_out(labels):
    """All different orders of labels of three families of three."""
    for first in combinations(range(9), 3):
        rest = [i for i in range(9) if i not in first]
        for second in combinations(rest, 3):
            yield ["STS" if i in first else "Retrieval" if i in second else "Clustering" for i in range(9)]


def test_with_two_families_it_is_welchs_t_test_where_that_says_more_than_permutations():
    # F is then t^2, and draws with each family's own spread have nearly Satterthwaite's distribution.
    for seed in range(4):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=(20, 2)) * np.repeat([1, 3], [14, 6])[:, None]
        values[14:, 1] += 4
        design = pd.DataFrame({"model": ["a", "b"], "pooling": ["eos", "mean"]})
        frame = pd.DataFrame(values, [f"t{i:02}" for i in range(20)], ["a", "b"])
        tasks = pd.DataFrame({"family": ["STS"] * 14 + ["Retrieval"] * 6}, index=frame.index)
        found = factorial(Scores.build(frame, tasks), design, n_resamples=4000, rng=0).by_family
        d = values[:, 1] - values[:, 0]
        welch = ttest_ind(d[:14], d[14:], equal_var=False)
        row = found[found["kind"] == "design"].iloc[0]
        assert row["statistic"] == pytest.approx(welch.statistic**2)
        assert row["pvalue"] == pytest.approx(max(welch.pvalue, row["pvalue_permutation"]), abs=0.012)


def test_families_of_unequal_spread_alone_are_not_called_different():
    # By permuted labels alone at least one of the four contrasts was called different in 12 % of these.
    design = Design.parse(DESIGN, [f"m{i}" for i in range(1, 6)])
    contrasts = [c for c in design.contrasts()[0] if c.kind == "main"]
    rng, spread, called, alone = np.random.default_rng(0), np.repeat([1, 2], [8, 4]), 0, 0
    for seed in range(300):
        scores = _scores(rng.normal(size=(12, 5)) * spread[:, None], ["STS"] * 8 + ["Retrieval"] * 4)
        table = family_effects(scores, design, contrasts, alpha=0.05, n_resamples=99, seed=seed)
        main = table[table["kind"] == "main"]
        called += main["pvalue_adjusted"].min() <= 0.05
        alone += main["pvalue_permutation"].min() <= 0.05
    assert called / 300 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300) < alone / 300


def test_families_of_two_tasks_are_left_out_and_said_so():
    found = factorial(_by_family(0.05, (5, 4, 2)), DESIGN, n_resamples=200, rng=0)
    overall = found.by_family[found.by_family["kind"] == "overall"].iloc[0]
    assert (overall["n"], overall["families"]) == (9, 2)
    (note,) = (w for w in found.warnings if "fewer than 3 tasks" in w)
    assert "Clustering 2" in note
    refused = factorial(_by_family(0.05, (8, 2, 2)), DESIGN, n_resamples=200, rng=0)
    assert refused.by_family.empty
    (note,) = (
        w for w in refused.warnings if w.startswith("Whether an effect depends on the family of tasks is not asked")
    )
    assert "two families of 3 tasks or more" in note
    assert "Retrieval 2, Clustering 2" in note


def test_with_families_of_one_size_the_statistic_is_that_of_an_analysis_of_variance():
    scores = _by_family(0.01)
    found = factorial(scores, DESIGN, n_resamples=50, rng=0).by_family
    labels, designs = pd.Series(scores.tasks["family"]).to_numpy(), scores.values[:, 1:] - scores.values[:, :1]
    expected = f_oneway(*(designs[labels == f] for f in ("STS", "Retrieval", "Clustering"))).statistic
    assert found.loc[found["kind"] == "design", "statistic"].tolist() == pytest.approx(expected.tolist())


def test_a_design_that_helps_one_family_only_is_found_and_said():
    found = factorial(_by_family(0.05), DESIGN, n_resamples=2000, rng=0)
    overall = found.by_family[found.by_family["kind"] == "overall"].iloc[0]
    assert overall["significant"]
    assert any(
        s.startswith("The design's effect depends on the family of tasks (12 tasks in 3 families")
        for s in found.conclusions
    )
    assert any("m4 against m1 depends on the family: +0.0" in s and "on STS, " in s for s in found.conclusions)
    attention = found.by_family[(found.by_family["kind"] == "main") & (found.by_family["factor"] == "attention")]
    assert attention["significant"].all()
    again = FactorialResult.from_dict(json.loads(json.dumps(found.to_dict())))
    assert again.by_family["pvalue"].tolist() == found.by_family["pvalue"].tolist()


def test_no_dependence_is_no_claim_and_one_family_no_test():
    quiet = factorial(_by_family(0.0), DESIGN, n_resamples=2000, rng=0)
    assert any(s.startswith("It could not be shown that the design's effect depends") for s in quiet.conclusions)
    assert factorial(_scores(), DESIGN, n_resamples=100, rng=0).by_family.empty


def test_mixed_model_against_lme4(result):
    table = result.mixed
    last = _row(table, factor="pooling", a="last", b="eos")
    multi = _row(table, factor="pooling", a="multi", b="eos")
    attention = _row(table, factor="attention")
    assert [r["difference"] for r in (last, multi, attention)] == pytest.approx([0.0095, 0.030125, 0.021125], abs=1e-8)
    assert [r["statistic"] for r in (last, multi, attention)] == pytest.approx(
        [2.2038496, 6.9885232, 6.2423731], rel=1e-3
    )
    variance = result.variance.set_index("component")["variance"]
    assert variance["task"] == pytest.approx(1.4407056e-02, rel=1e-3)
    assert variance["residual"] == pytest.approx(8.1669266e-05, rel=1e-3)
    assert variance["task x attention"] == pytest.approx(4.9747018e-06, rel=0.05)


def test_families_stand_beside_all_tasks_and_single_tasks_are_named():
    found = factorial(_scores(families=["STS"] * 5 + ["Retrieval"] * 2 + ["Reranking"]), DESIGN, n_resamples=200, rng=0)
    assert any(w.startswith("STS: 5 tasks cannot reach") for w in found.warnings)
    assert list(dict.fromkeys(found.contrasts["family"])) == ["overall", "STS", "Retrieval"]
    assert "Reranking: one task only, left out" in found.warnings
    assert any("No effect is significant on STS, Retrieval." in s for s in found.conclusions)


def test_each_conclusion_says_which_family_it_is_about():
    found = factorial(_by_family(0.05, (9, 6, 6)), DESIGN, n_resamples=2000, rng=0)
    table = found.contrasts[(found.contrasts["kind"] != "simple") & (found.contrasts["family"] != "overall")]
    telling = table.loc[table["significant"], "family"].tolist()
    assert telling
    assert [family for family in found.about if family != "overall"] == telling
    assert len(found.about) == len(found.conclusions)
    for family, sentence in zip(found.about, found.conclusions, strict=True):
        assert family == "overall" or f" on {family} " in sentence
    content = json.loads(json.dumps(found.to_dict()))
    assert FactorialResult.from_dict(content).about == found.about
    del content["about"]
    assert set(FactorialResult.from_dict(content).about) == {"overall"}


def test_sentences_name_direction_size_and_p(result):
    sentence = next(s for s in result.conclusions if s.startswith("bidirectional attention"))
    assert "gains 0.021 [" in sentence
    assert "over causal at equal pooling (8 tasks, Wilcoxon p = 0.008, adjusted p = 0.0" in sentence


def test_adjusted_p_values_of_main_effects_are_by_all_sign_vectors(result):
    v = VALUES
    eos, last, multi, last_both, multi_both = v.T
    contrasts = [
        last - eos,
        multi - eos,
        ((multi - last) + (multi_both - last_both)) / 2,
        ((last_both - last) + (multi_both - multi)) / 2,
    ]
    signed = [np.sign(d.round(9)) * rankdata(np.abs(d.round(9))) for d in contrasts]
    signed = np.array([s / np.sqrt((s**2).sum()) for s in signed])
    flips = np.array(list(product([1, -1], repeat=8)))
    largest = np.abs(flips @ signed.T).max(axis=1)
    expected = sorted(float((largest >= abs(s.sum()) - 1e-9).mean()) for s in signed)
    assert sorted(result.main_effects()["pvalue_adjusted"]) == pytest.approx(expected)


def test_a_contrast_is_significant_exactly_where_its_interval_excludes_0():
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(8):
        shift = rng.normal(size=5) * rng.choice([0, 0.02])
        found = factorial(_scores(VALUES + shift + 0.02 * rng.normal(size=VALUES.shape)), DESIGN, rng=0).contrasts
        excludes = (found["low"] > 0) | (found["high"] < 0)
        assert (excludes == found["significant"]).all()
        seen |= set(excludes)
    assert seen == {True, False}


def test_lower_is_better_turns_the_words_not_the_numbers(result):
    scores = _scores()
    down = Scores.build(scores.table, scores.tasks, higher_is_better=False)
    found = factorial(down, DESIGN, n_resamples=500, rng=0)
    assert found.contrasts["difference"].tolist() == result.contrasts["difference"].tolist()
    assert any(s.startswith("bidirectional attention loses 0.021 [") for s in found.conclusions)


def test_a_level_that_nothing_isolates_is_said_so():
    design = pd.DataFrame({"pooling": ["eos", "mean"], "attention": ["causal", "both"]}, index=["m1", "m2"])
    with pytest.raises(InputError, match="nothing can be estimated"):
        factorial(_scores(), design, n_resamples=100, rng=0)


def test_replicates_of_a_combination_are_averaged():
    design = DESIGN.assign(attention=["x"] * 5, pooling=["eos", "eos", "mean", "mean", "mean"]).set_index("model")
    found = factorial(_scores(), design, n_resamples=200, rng=0)
    d = VALUES[:, 2:].mean(axis=1) - VALUES[:, :2].mean(axis=1)
    assert found.main_effects()["mean_difference"].tolist() == pytest.approx([d.mean()])
    assert found.method["constant_factors"] == {"attention": "x"}


@pytest.mark.parametrize(
    ("design", "message"),
    [
        (DESIGN.assign(model=["m1"] * 5), "twice"),
        (DESIGN.assign(model=["m1", "m2", "m3", "m4", "other"]), "names 'other'"),
        (DESIGN.assign(pooling=["eos", None, "a", "b", "c"]), "no 'pooling' for model 'm2'"),
        (DESIGN[["model"]].assign(pooling="eos"), "no factor of the design varies"),
        ([1], "expected a DataFrame"),
    ],
)
def test_bad_designs_are_refused_in_one_line(design, message):
    with pytest.raises(InputError, match=message):
        factorial(_scores(), design)


def test_round_trip_and_one_seed_same_numbers(result):
    again = factorial(_scores(), DESIGN, n_resamples=2000, rng=0)
    pd.testing.assert_frame_equal(again.contrasts, result.contrasts)
    read = FactorialResult.from_dict(json.loads(json.dumps(result.to_dict())))
    pd.testing.assert_frame_equal(read.contrasts, result.contrasts, check_dtype=False)
    assert "gains" in str(read)
    assert "<table" in read._repr_html_()


def test_identical_models_give_p_one_and_no_nan():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = factorial(_scores(np.repeat(VALUES[:, :1], 5, axis=1)), DESIGN, n_resamples=200, rng=0)
    assert (found.contrasts["pvalue"] == 1).all()
    assert (found.aligned_ranks["pvalue"] == 1).all()


def test_a_design_file(tmp_path):
    path = tmp_path / "design.csv"
    DESIGN.rename(columns={"model": "Model"}).to_csv(path, index=False)
    assert read_design(path).equals(DESIGN)
    path.write_text("name,pooling\na,b\n")
    with pytest.raises(InputError, match="headed 'name'"):
        read_design(path)
    with pytest.raises(InputError, match="cannot be read as CSV: No such file"):
        read_design(tmp_path / "none.csv")


def test_strong_skewness_is_said_where_ranks_find_an_effect():
    rng = np.random.default_rng(0)
    values = 0.01 * rng.normal(size=(40, 5))
    symmetric, skewed = values.copy(), values.copy()
    symmetric[:, 4] += 1 + 0.3 * rng.normal(size=40)
    skewed[:, 4] += rng.exponential(size=40)
    for table, expected in ((symmetric, 0), (skewed, 3)):  # pooling, attention and their interaction
        found = factorial(_scores(table), DESIGN, n_resamples=199, rng=0)
        assert (found.aligned_ranks["pvalue"] <= 0.05).any()
        told = [w for w in found.warnings if "strongly skewed" in w]
        assert len(told) == expected
    assert any(w.startswith("pooling x attention: differences are strongly skewed (skewness +") for w in told)
