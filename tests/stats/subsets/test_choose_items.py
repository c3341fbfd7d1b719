"""`stats.choose_items`: stratified draws of items, their variance by enumeration, and intervals that hold."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from stats import InputError, Samples, choose_items
from stats.subsets.drawing import Draw, draw, estimate


def made(seed: int = 0, models: int = 8, n: int = 300, task: str = "t") -> Samples:
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(-(rng.normal(0, 0.5, models) - rng.normal(0, 1.5, (n, 1)))))
    right = (rng.random(chance.shape) < chance).astype(float)
    wide = pd.DataFrame(right, columns=[f"maker{i // 2}/m{i}" for i in range(models)]).assign(
        sample=[f"q{i}" for i in range(n)]
    )
    return Samples.from_frame(wide.melt("sample", var_name="model", value_name="score").assign(task=task))


def test_mean_and_variance_are_those_of_all_draws_enumerated() -> None:
    """Two strata of four and three items, two drawn of each: 6 x 3 draws. The estimate is unbiased, and so is its variance."""
    values, stratum = np.array([0.1, 0.5, 0.4, 0.2, 0.9, 0.6, 0.7]), np.array([0, 0, 0, 0, 1, 1, 1])
    one = [(i, j) for i in range(4) for j in range(i)]
    two = [(i, j) for i in range(4, 7) for j in range(4, i)]
    found = [
        estimate(Draw(stratum, np.array(sorted(a + b))), values[sorted(a + b), None])[:2] for a, b in product(one, two)
    ]
    means, variances = (np.array([f[i][0] for f in found]) for i in range(2))
    assert means.mean() == pytest.approx(values.mean())
    # Not below what one item more would add, which may only make it larger.
    assert variances.mean() >= means.var() - 1e-12
    assert variances.mean() == pytest.approx(means.var(), rel=0.35)


def test_the_variance_is_cochrans_by_hand() -> None:
    """N = 4 and 6, n = 2 and 2: (.4^2 (1 - 2/4) / 2) .5 + (.6^2 (1 - 2/6) / 2) .02 = .02 + .0024."""
    drawn = Draw(np.repeat([0, 1], [4, 6]), np.array([0, 1, 4, 5]))
    mean, variance, _ = estimate(drawn, np.array([[0.0], [1.0], [0.5], [0.7]]))
    assert mean[0] == pytest.approx(0.4 * 0.5 + 0.6 * 0.6)
    floor = (1 - 4 / 10) * ((0.56) / 4) ** 2
    assert variance[0] == pytest.approx(max(0.02 + 0.0024, floor))


@pytest.mark.parametrize(("n_items", "n"), [(3, 1), (10, 4), (11, 5), (300, 61), (7, 6)])
def test_every_stratum_has_two_and_weights_are_one(n_items: int, n: int) -> None:
    drawn = draw(np.linspace(0, 1, n_items), n, np.random.default_rng(0))
    counts = np.bincount(drawn.stratum[drawn.chosen])
    assert counts.min() >= 2
    assert len(drawn.chosen) == max(n, 2)
    assert drawn.weights.sum() == pytest.approx(1)


def test_intervals_hold_for_models_of_makers_that_were_not_known() -> None:
    """Over 4,000 draws of eight models, Monte Carlo error about .01 for the draws that models share."""
    found = (
        pd.DataFrame([choose_items(made(s), rng=s).validation.iloc[0] for s in range(4)]).drop(columns="models").mean()
    )
    assert found["coverage"] >= 0.93
    assert found["pair_coverage"] >= 0.93
    assert found["wrong"] <= 0.05


def test_strata_narrow_what_is_predicted() -> None:
    """Against a simple random draw of as many: sqrt((1 - f) p (1 - p) / n)."""
    samples = made(n=600)
    found = choose_items(samples, budget=0.2)
    p = samples.items().table.mean()
    assert found.validation["rmse"].iloc[0] < 0.93 * np.sqrt(0.8 * (p * (1 - p)).mean() / 120)


def test_predictions_of_the_chosen_items_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = made()
    found = choose_items(samples, budget=0.3)
    whole = samples.items().table
    kept = whole.loc[[s in set(found.items["sample"]) for s in whole.index]].rename_axis(index="sample").reset_index()
    alone = Samples.from_frame(kept.melt("sample", var_name="model", value_name="score").assign(task="t"))
    predicted = found.predict(alone).set_index("model")
    weights = found.items.set_index("sample")["weight"]
    for model in whole.columns:
        assert predicted.loc[model, "predicted"] == pytest.approx(float(whole[model].loc[weights.index] @ weights))
        assert predicted.loc[model, "low"] < predicted.loc[model, "predicted"] < predicted.loc[model, "high"]
    a, b = whole.columns[:2]
    estimate_, low, high = found.difference(alone, a, b)
    assert estimate_ == pytest.approx(predicted.loc[a, "predicted"] - predicted.loc[b, "predicted"])
    assert low < estimate_ < high
    short = Samples.from_frame(kept.iloc[1:].melt("sample", var_name="model", value_name="score").assign(task="t"))
    with pytest.raises(InputError, match="1 chosen sample of 't' is not there"):
        found.predict(short)


def test_one_seed_gives_one_choice() -> None:
    one, two, other = (choose_items(made(), rng=r).items for r in (3, 3, 4))
    assert one.equals(two)
    assert not one.equals(other)


@pytest.mark.parametrize(
    ("samples", "options", "says"),
    [
        (made(), {"budget": 1.0}, "budget=1: expected a share of the samples, more than 0 and less than 1"),
        (made(models=2), {}, "2 models of 1 maker share a task whose score is a mean over samples: expected 4 models"),
    ],
)
def test_bad_input_is_one_clear_line(samples: Samples, options: dict[str, float], says: str) -> None:
    with pytest.raises(InputError) as error:
        choose_items(samples, **options)  # type: ignore[arg-type]
    assert says in str(error.value)
