"""On random tables no sentence, set or bar says anything that the table of decisions does not."""

import re

import numpy as np
import pandas as pd
import pytest

from stats import Comparison, Scores, compare
from stats.comparison.on_request import power_curves, smallest_difference


def random_scores(seed: int) -> Scores:
    """Of 2 to 6 models on 4 to 16 tasks in two families, with more or less between the models; some rounded, some skewed."""
    rng = np.random.default_rng(seed)
    k, n = int(rng.integers(2, 6)), int(rng.integers(4, 13))
    values = rng.normal(size=(n, k)) if seed % 3 else rng.exponential(size=(n, k))
    values = values + rng.choice([0.0, 0.4, 1.0, 3.0]) * rng.normal(size=k)
    values = values.round(1) if seed % 4 == 0 else values
    index = pd.Index([f"t{i:02}" for i in range(n)], name="task")
    table = pd.DataFrame(values, index=index, columns=[f"m{i}" for i in range(k)])
    tasks = pd.DataFrame({"family": np.where(np.arange(n) < n // 2, "STS", "Retrieval")}, index=index)
    return Scores.build(table, tasks, higher_is_better=seed % 5 != 0)


OPTIONS: tuple[dict[str, object], ...] = (
    {},
    {"test": "sign-flip"},
    {"correction": "holm"},
    {"test": "nemenyi"},
    {"families": "separate"},
    {"alpha": 0.3},
    {"margin": 0.5},
    {"top": 2},
)


def sentences_of(text: list[str]) -> list[str]:
    return [s for part in text for s in re.split(r"(?<=[.;]) ", part)]


def check_sentences(found: Comparison) -> None:
    pairs, first = found.pairs, found.conclusions[0]
    decided = int(pairs["significant"].sum())
    assert not (decided and first.startswith("No difference among"))
    assert not (decided and "no single pair" in first)
    assert not (decided and "no single pair" in found.summary())
    if "the test of pairs finds more" in first:
        assert decided or (found.ranks["rank_low"] > 1).any() or (found.ranks["rank_high"] < found.n_pool).any()
    told = [
        0 if n == "None" else int(n.replace(",", ""))
        for s in found.conclusions
        for n in re.findall(r"^([\d,]+|None) of (?:the )?[\d,]+ pairs?\b.* differs? signif", s)
    ]
    assert told == [decided] * len(told)
    undecided = {frozenset(p) for p in pairs.loc[~pairs["significant"], ["model_a", "model_b"]].to_numpy().tolist()}
    for sentence in sentences_of([*found.conclusions, found.summary()]):
        if "cannot be told apart" in sentence or "could not be told apart" in sentence:
            names = list(dict.fromkeys(re.findall(r"\bm\d\b", sentence)))
            assert all(frozenset((names[0], other)) in undecided for other in names[1:]), sentence
        if "No other model could be the best" in sentence:
            assert found.ranks["in_top_set"].sum() == 1


def check_sets(found: Comparison) -> None:
    """Rank sets, the top set and bars are the table's."""
    pairs, pool = found.pairs, found.n_pool
    excludes = (pairs["low"] > 0) | (pairs["high"] < 0)
    assert (excludes == pairs["significant"]).all()
    if pool == found.n_models:
        beaten = dict.fromkeys(found.ranks["model"], 0)
        for row in pairs[excludes].itertuples():
            up = row.low > 0 if found.scores.higher_is_better else row.high < 0
            beaten[row.model_b if up else row.model_a] += 1
        assert {r.model: r.rank_low - 1 for r in found.ranks.itertuples()} == beaten
        assert found.top_set == [m for m, n in beaten.items() if n == 0]
    differ = {frozenset(p) for p in pairs.loc[excludes, ["model_a", "model_b"]].to_numpy().tolist()}
    for clique in found.cliques:
        assert not differ & {frozenset((a, b)) for a in clique for b in clique if a != b}


@pytest.mark.parametrize("at", range(len(OPTIONS)))
def test_sentences_sets_and_bars_agree_with_the_table(at):
    for seed in range(4):
        found = compare(random_scores(6 * at + seed), n_resamples=199, rng=seed, **OPTIONS[at])
        for part in (found, *found.families.values()):
            check_sets(part)
        check_sentences(found)


def test_an_omnibus_test_that_finds_nothing_does_not_deny_a_decided_pair():
    """Two models that differ by little and always, among many of noise: Friedman's p is large, the pair is decided."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(14, 6))
    values[:, 1] = values[:, 0] + 0.01
    frame = pd.DataFrame(values, index=[f"t{i:02}" for i in range(14)], columns=[f"m{i}" for i in range(6)])
    found = compare(frame, rng=0)
    assert found.omnibus["friedman"]["pvalue"] > 0.05
    assert found.pairs["significant"].sum() == 1
    assert found.conclusions[0].startswith("By mean ranks the 6 models could all be equal over 14 tasks (")
    assert "; the test of pairs, which decides, did." in found.summary()


def test_a_single_skewed_pair_is_spoken_of_as_one():
    d = np.array([0.01, 0.02, 0.03, 0.01, 0.02, 0.015, 0.01, 0.02, 0.012, 0.9, 0.013, 0.014])
    found = compare(pd.DataFrame({"a": 0.1 + d, "b": 0.1}, index=[f"t{i:02}" for i in range(12)]), rng=0)
    (warning,) = (w for w in found.warnings if "strongly skewed" in w)
    assert warning.startswith("The differences of the significant pair, a and b, are strongly skewed (skewness +")


def test_a_family_in_which_any_may_be_best_says_any():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        rng.normal(size=(26, 3)), index=pd.Index([f"t{i:02}" for i in range(26)], name="task"), columns=list("abc")
    )
    tasks = pd.DataFrame({"family": ["STS"] * 13 + ["Retrieval"] * 13}, index=frame.index)
    found = compare(Scores.build(frame, tasks), rng=0)
    said = [s for s in found.conclusions if s.startswith(("STS (", "Retrieval ("))]
    assert len(said) == 2
    assert all("any of the 3 models could be the best" in s for s in said if "cannot tell" not in s)
    assert any("any of the 3 models" in s for s in said)


def test_ties_that_make_too_many_rank_sums_for_the_exact_test_stop_nothing():
    """Six models on four tasks with some ties: the comparison ended in "too many for the exact distribution"."""
    rng = np.random.default_rng(6)
    values = rng.normal(size=(int(rng.integers(4, 6)), 6)).round(1)
    frame = pd.DataFrame(values, [f"t{i:02}" for i in range(len(values))], [f"m{i}" for i in range(6)])
    found = compare(frame, n_resamples=99, rng=0)
    assert "friedman_exact" not in found.omnibus
    assert "friedman" in found.omnibus


def test_of_a_part_that_is_shown_everything_counts_the_pairs_that_were_corrected_for():
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.normal(0.5, 0.05, (20, 10)) + 0.05 * np.arange(10), columns=[f"m{i}" for i in range(10)])
    found = compare(table, top=3, n_resamples=500, rng=0)
    said = " ".join(found.conclusions)
    assert re.search(
        r"of the 3 pairs shown differs? significantly \(.*; corrected for all 45 pairs of the 10 models analysed\)",
        said,
    )
    assert "7 further models were analysed but are not shown." in said
    # A plan for 3 comparisons would promise what these 45 do not keep.
    assert "(0.05 over 45 comparisons;" in smallest_difference(found).text
    assert {shared for _, shared in power_curves(found, 20).kinds} == {45, 1}


def test_two_others_are_both_or_neither():
    rng = np.random.default_rng(0)
    clear = pd.DataFrame(rng.normal(0, 0.01, (12, 3)) + np.array([0.9, 0.5, 0.1]), columns=["m0", "m1", "m2"])
    assert any(s.startswith("m0 is told apart from both other models") for s in compare(clear, rng=0).conclusions)
    noise = compare(pd.DataFrame(rng.normal(size=(12, 3)), columns=["m0", "m1", "m2"]), rng=0)
    assert any("is told apart from neither of the two other models" in s for s in noise.conclusions)
    assert any(
        s.startswith("None of 3 pairs differs significantly") and "; all form 1 clique" in s for s in noise.conclusions
    )


def test_of_two_models_everything_is_said_of_the_two():
    rng = np.random.default_rng(1)
    few = pd.DataFrame({"m0": [0.5] * 40, "m1": [0.5] * 22 + [0.51] * 15 + [0.1] * 3})
    apart = compare(few, test="sign-flip", rng=0)
    assert apart.omnibus["friedman"]["pvalue"] < 0.05 < apart.pairs["pvalue"].item()
    first = apart.conclusions[0]
    assert first.startswith("The 2 models are not equal over 40 tasks by their ranks")
    assert first.endswith("the test of the pair, which decides, does not tell them apart.")
    assert "Either of the 2 models could be the better one at 95 % confidence." in apart.conclusions
    assert any(s.startswith("The 2 models do not differ significantly (sign-flip") for s in apart.conclusions)
    # The statistic is the difference itself, and is not said twice.
    assert not any("mean difference =" in s for s in apart.conclusions)
    summary = apart.summary()
    assert (
        "The two did not differ significantly. That they did not differ significantly does not show them equal"
        in summary
    )
    clear = compare(pd.DataFrame({"m0": rng.normal(0.6, 0.01, 12), "m1": rng.normal(0.5, 0.01, 12)}), rng=0)
    assert any(s.startswith("The 2 models differ significantly") for s in clear.conclusions)
    assert "The other model could not be the better one at 95 % confidence." in clear.conclusions
    bayes = compare(few, test="bayes", rng=0)
    assert not any(re.search(r"\b[01] of 1 pair\b", s) for s in [*bayes.conclusions, bayes.summary()])


def test_an_interval_of_two_models_that_holds_for_families_too_is_called_simultaneous():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(0.5, 0.1, 40)}, index=[f"t{i}" for i in range(40)])
    frame["b"] = frame["a"] - rng.normal(0.01, 0.03, 40)
    alone, parts = (
        Scores.build(frame, pd.DataFrame({"family": families}, index=frame.index))
        for families in ("STS", ["STS", "Retrieval"] * 20)
    )
    for scores, called in ((parts, ", simultaneous 95 % interval ["), (alone, ", 95 % interval [")):
        found = compare(scores, rng=0)
        row = found.pairs.iloc[0]
        assert (row["pvalue_adjusted"] > row["pvalue"]) == (scores is parts)
        assert called in " ".join(found.conclusions)
