"""`stats.gate`: verdicts by cases worked by hand, levels against other libraries, and what is refused."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from stats import Gate, InputError, Samples, crossed, gate
from stats.gates.more import more_units
from stats.samples import write_task

TASKS = [f"t{i:02}" for i in range(10)]
BASE = np.linspace(0.4, 0.8, 10)
NOISE = np.array([0.004, -0.003, 0.002, -0.004, 0.001, 0.003, -0.002, 0.0005, -0.001, -0.0005])


def table(**shifts: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"old": BASE} | {n: BASE + s + NOISE for n, s in shifts.items()}, index=pd.Index(TASKS, name="task")
    )


def decide(scores: object, **options: object) -> Gate:
    return gate(scores, **{"baseline": "old", "candidate": "new", "margin": 0.005} | options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shift", "verdict", "code"),
    [(0.02, "ACCEPT", 0), (0.0, "ACCEPT", 0), (-0.02, "REJECT", 1), (-0.005, "UNDECIDED", 3)],
)
def test_better_equal_worse_and_on_the_margin(shift: float, verdict: str, code: int) -> None:
    found = decide(table(new=shift))
    assert (found.verdict, found.exit_code) == (verdict, code)
    assert str(found).startswith(f"{verdict}: new ")
    (claim,) = found.claims
    assert claim.difference == pytest.approx(shift)
    assert (claim.low > -0.005) == (verdict == "ACCEPT")
    assert (claim.high < -0.005) == (verdict == "REJECT")
    assert (claim.more_as_observed, claim.more_if_equal)[1] is None or verdict == "UNDECIDED"


@pytest.mark.parametrize("shift", np.linspace(-0.009, 0.0, 19))
def test_over_tasks_the_verdict_is_that_of_all_sign_vectors_about_the_margin(shift: float) -> None:
    scores = table(new=float(shift))
    d = (scores["new"] - scores["old"]).to_numpy() + 0.005
    sums = np.array(list(product((1, -1), repeat=10))) @ d
    p = np.mean(np.abs(sums) >= abs(d.sum()) - 1e-12)
    expected = "UNDECIDED" if p > 0.05 else "ACCEPT" if d.sum() > 0 else "REJECT"
    assert decide(scores).verdict == expected


def test_both_is_a_t_interval_where_nothing_but_tasks_varies() -> None:
    scores = table(new=-0.004)
    found = decide(scores, level="both")
    interval = scipy_stats.ttest_rel(scores["new"], scores["old"]).confidence_interval(0.95)
    assert (found.claims[0].low, found.claims[0].high) == pytest.approx(tuple(interval))
    assert crossed(scores).to_frame()["low"].iloc[0] == pytest.approx(-interval.high)  # old less new


def test_families_hold_jointly_and_one_that_is_worse_rejects() -> None:
    names = [f"{f}{i}" for f in "ab" for i in range(12)]
    rng = np.random.default_rng(1)
    base = rng.uniform(0.4, 0.8, 24)
    new = base + np.repeat([0.02, -0.02], 12) + rng.normal(0, 0.002, 24)
    rows = [
        {"model": m, "task": t, "family": t[0], "score": s}
        for m, of in (("old", base), ("new", new))
        for t, s in zip(names, of, strict=True)
    ]
    whole = decide(pd.DataFrame(rows))
    assert whole.verdict != "REJECT"
    each = decide(pd.DataFrame(rows), families=True)
    assert {c.scope: c.verdict for c in each.claims} | {"all tasks": ""} == {
        "all tasks": "",
        "a": "ACCEPT",
        "b": "REJECT",
    }
    assert each.verdict == "REJECT"
    assert "(b)" in str(each)
    assert each.claims[0].high - each.claims[0].low >= whole.claims[0].high - whole.claims[0].low
    lenient = decide(pd.DataFrame(rows), families=["b"], margins={"b": 0.05})
    assert lenient.claims[1].verdict == "ACCEPT"


def test_every_metric_is_claimed() -> None:
    found = decide({"ndcg": table(new=0.01), "mrr": table(new=-0.05)})
    assert [(c.scope, c.verdict) for c in found.claims] == [("all tasks, ndcg", "ACCEPT"), ("all tasks, mrr", "REJECT")]
    assert found.verdict == "REJECT"


def test_of_scores_of_which_lower_is_better_a_rise_is_a_loss() -> None:
    from stats import Scores

    scores = Scores.from_frame(table(new=0.02), higher_is_better=False)
    found = decide(scores)
    assert found.verdict == "REJECT"
    assert found.claims[0].difference == pytest.approx(-0.02)


# -- samples ---------------------------------------------------------------------------------------------------------


def items(old: np.ndarray, new: np.ndarray) -> Samples:  # type: ignore[type-arg]
    names = [f"q{i}" for i in range(len(old))]
    return Samples.from_frame(
        pd.concat([pd.DataFrame({"model": m, "sample": names, "score": s}) for m, s in (("old", old), ("new", new))])
    )


def test_rare_losses_are_not_accepted_because_none_was_seen() -> None:
    """200 right answers on both sides: a loss of 1 in 200 goes unseen in (1 - 1/200)^200 = 37 % of cases."""
    ones = np.ones(200)
    assert decide(items(ones, ones)).verdict == "UNDECIDED"
    # The score test's half width is t sqrt(margin / n), below the margin of .005 from 1.96^2 / .005 = 769 on.
    assert decide(items(np.ones(760), np.ones(760))).verdict == "UNDECIDED"
    assert decide(items(np.ones(790), np.ones(790))).verdict == "ACCEPT"


def test_flips_are_the_samples_that_changed() -> None:
    rng = np.random.default_rng(0)
    old = rng.integers(0, 2, 400).astype(float)
    new = old.copy()
    new[[3, 5, 8]] = 1 - new[[3, 5, 8]]
    found = decide(items(old, new))
    assert found.claims[0].unit == "sample"
    assert set(found.flips["sample"]) == {"q3", "q5", "q8"}
    assert (found.n_worse, found.n_better) == (int((old[[3, 5, 8]] == 1).sum()), int((old[[3, 5, 8]] == 0).sum()))
    assert found.to_dict()["flips"]["n_worse"] == found.n_worse


def test_a_metric_that_is_no_mean_is_decided_by_its_own_resampling(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    gold = rng.normal(size=300)
    for model, noise in (("old", 0.3), ("new", 1.5)):
        similarity = gold + noise * rng.normal(size=300)
        frame = pd.DataFrame({"sample": [f"s{i}" for i in range(300)], "similarity": similarity, "gold": gold})
        main = float(scipy_stats.spearmanr(similarity, gold).statistic)
        write_task(tmp_path, "STS", model, frame, {"metric": "spearman", "main_score": main, "family": "STS"})
    found = decide(Samples.open(tmp_path), level="samples")
    assert found.verdict == "REJECT"
    assert found.claims[0].difference == pytest.approx(found.claims[0].candidate - found.claims[0].baseline)
    assert found.flips["baseline"].isna().all()
    assert len(found.flips) > 250


def test_so_many_more_decide_in_four_of_five_cases() -> None:
    error, n = 0.004, 100
    more = more_units(error, n - 1.0, n, 0.005, 0.05)
    assert more is not None
    of = n + more
    new_error = error * np.sqrt(n / of)
    t = scipy_stats.t.ppf(0.975, of - 1)
    power = 1 - scipy_stats.nct.cdf(t, of - 1, 0.005 / new_error)
    assert power == pytest.approx(0.8, abs=0.01)
    assert more_units(error, n - 1.0, n, 0.0, 0.05) is None


def test_a_spread_that_few_tasks_tell_is_allowed_for() -> None:
    """Eight tasks of a true spread of .01: over all that they may show, so many more decide in four of five cases."""
    powers = []
    for chance in (np.arange(200) + 0.5) / 200:
        error = 0.01 * np.sqrt(scipy_stats.chi2.ppf(chance, 7) / 7 / 8)
        more = more_units(error, 7.0, 8, 0.005, 0.05)
        assert more is not None
        n = 8 + more
        powers.append(scipy_stats.nct.sf(scipy_stats.t.ppf(0.975, n - 1), n - 1, 0.005 / 0.01 * np.sqrt(n)))
    assert np.mean(powers) == pytest.approx(0.8, abs=0.03)  # .72 where the spread seen is taken for the true one


# -- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "options", "message"),
    [
        (table(new=0.0), {"margin": 0.5}, r"margin=0\.5 on scores of 0 to 1 .*half a point is 0\.005"),
        (100 * table(new=0.0), {"margin": 0.005}, r"margin=0\.005 on scores that are no fractions .*such as 0\.5"),
        (table(new=0.0), {"margin": None}, r"needs a margin.*--margin 0\.005"),
        (table(new=0.0), {"margin": -1.0}, r"margin=-1\.0: expected"),
        (table(new=0.0), {"candidate": "nw"}, r"no scores of the candidate 'nw': there are old and new; did you mean 'new'"),
        (table(new=0.0), {"baseline": "new"}, r"both 'new': expected two models"),
        (table(new=0.0), {"level": "task"}, r"unknown level 'task'.*did you mean 'tasks'"),
        (table(new=0.0), {"level": "samples"}, r"without samples of the candidate 'new'"),
        (table(new=0.0), {"families": ["STS"]}, r"unknown task family 'STS'"),
        (table(new=0.0), {"margins": {"STS": 0.1}}, r"unknown family or metric of a margin 'STS'"),
        (table(new=0.0).head(1), {}, r"one task says nothing of others"),
        (
            table(new=0.0).assign(new=lambda t: t["new"].where(t.index != "t03")), {},
            r"'new' lacks 1 task of the 10 that 'old' has \(t03\).*--task '!t03'",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(scores: pd.DataFrame, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        decide(scores, **options)
    assert "\n" not in str(error.value)


def test_other_samples_on_the_other_side_are_refused() -> None:
    frame = pd.DataFrame({"model": ["old"] * 3 + ["new"] * 3, "sample": list("abcabd"), "score": 0.5})
    line = r"task 'all': 'new' has 3 of the 4 samples .*\(not c\); expected the same samples of every model"
    with pytest.raises(InputError, match=line):
        decide(Samples.from_frame(frame))


def test_other_samples_are_refused_where_a_classification_was_repeated(tmp_path: Path) -> None:
    """Old: a verdict on the differences of 150 samples, of which each side has 100."""
    rng = np.random.default_rng(0)
    for model, start in (("old", 0), ("new", 50)):
        frame = pd.DataFrame(
            {"sample": [f"q{i}" for i in range(start, start + 100)] * 3, "experiment": np.repeat([0, 1, 2], 100)}
        ).assign(correct=rng.random(300) < 0.6)
        score = float(frame["correct"].mean())
        write_task(tmp_path, "Topics", model, frame, {"metric": "accuracy", "main_score": score})
    with pytest.raises(InputError, match=r"'new' has 100 of the 150 samples .*\(not q0, .* and others\)") as error:
        decide(Samples.open(tmp_path), level="samples")
    assert "\n" not in str(error.value)


def test_a_candidate_without_samples_is_said(tmp_path: Path) -> None:
    for model in ("old", "other"):
        frame = pd.DataFrame({"sample": list("abc"), "score": [0.1, 0.2, 0.6]})
        write_task(tmp_path, "Topics", model, frame, {"metric": "mean", "main_score": 0.3})
    with pytest.raises(InputError, match=r"no samples of the candidate 'new': there are old and other") as error:
        decide(Samples.open(tmp_path), level="samples")
    assert "\n" not in str(error.value)
    frame = pd.DataFrame({"sample": list("abc"), "score": [0.1, 0.2, 0.6]})
    write_task(tmp_path, "Intents", "new", frame, {"metric": "mean", "main_score": 0.3})
    with pytest.raises(InputError, match=r"'new' lacks 1 task of the 2 that 'old' has \(Topics\)"):
        decide(Samples.open(tmp_path), level="samples")


@pytest.mark.parametrize(("losses", "said"), [(1, True), (5, False)])
def test_strongly_skewed_differences_are_said(losses: int, said: bool) -> None:
    """One loss of .2 in ten tasks has the skewness -(1 - .2) / sqrt(.1 * .9) = -2.67; five of ten have none."""
    old = np.linspace(0.3, 0.6, 10)
    new = old + 0.01 - 0.21 * (np.arange(10) < losses)
    frame = pd.DataFrame({"old": old, "new": new}, index=[f"t{i}" for i in range(10)])
    found = gate(frame, baseline="old", candidate="new", margin=0.005)
    assert any("strongly skewed (skewness -2.7)" in note for note in found.notes) == said
    assert found.to_dict()["notes"] == list(found.notes)
