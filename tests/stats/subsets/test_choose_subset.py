"""The choice of tasks, against all choices there are; predictions and intervals on models that were not seen."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stats import choose_subset
from stats.common.errors import InputError
from stats.prediction.gaussian import GaussianTasks
from stats.subsets.foretelling import Foretelling
from stats.subsets.selection import choose

TABLE = Path(__file__).resolve().parents[4] / "shared" / "data" / "eng_v2_models_by_tasks.csv"


def made(n_models: int = 120, n_tasks: int = 9, seed: int = 0) -> pd.DataFrame:
    """Scores of one ability, two families and noise, of makers with three models each."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(0.6, 0.08, n_models)
    family = rng.normal(0, 0.04, (2, n_models))
    rows = [ability + family[t % 2] + rng.normal(0, 0.02 + 0.01 * (t % 3), n_models) for t in range(n_tasks)]
    return pd.DataFrame(rows, [f"t{t}" for t in range(n_tasks)], [f"maker{i // 3}/m{i}" for i in range(n_models)])


def variance_given(covariance: np.ndarray, tasks: tuple[int, ...]) -> float:
    """By regression: what the tasks leave of the mean's variance."""
    weights = np.full(len(covariance), 1 / len(covariance))
    here = list(tasks)
    slope = np.linalg.lstsq(covariance[np.ix_(here, here)], covariance[here] @ weights, rcond=None)[0]
    return float(weights @ covariance @ weights - slope @ covariance[here] @ weights)


@pytest.mark.parametrize("seed", range(4))
def test_the_choice_is_near_the_best_of_all(seed: int) -> None:
    model = GaussianTasks.fit(made(seed=seed).to_numpy().T)
    costs = np.random.default_rng(seed).uniform(0.5, 3, 9)
    budget = 0.4 * costs.sum()
    found = choose(model, costs, budget)
    assert costs[found.tasks].sum() <= budget
    covariance = model.correlation * np.outer(model.sd, model.sd)
    assert found.spread**2 == pytest.approx(variance_given(covariance, tuple(found.tasks)))
    within = [s for k in range(1, 10) for s in itertools.combinations(range(9), k) if costs[list(s)].sum() <= budget]
    best = min(variance_given(covariance, s) for s in within) ** 0.5
    assert found.least <= best * (1 + 1e-9)
    assert best * (1 - 1e-9) <= found.spread <= 1.05 * best


def test_the_prediction_is_the_regression_of_the_mean() -> None:
    """With hardly any shrinkage it is least squares of the full mean on the chosen tasks (numpy's lstsq)."""
    rng = np.random.default_rng(3)
    values = rng.multivariate_normal(
        [0.5, 0.6, 0.7], [[0.01, 0.006, 0.004], [0.006, 0.01, 0.002], [0.004, 0.002, 0.02]], 20_000
    )
    found = Foretelling.fit(values, [2, 0])
    design = np.column_stack([np.ones(len(values)), values[:, 2], values[:, 0]])
    expected = np.linalg.lstsq(design, values.mean(axis=1), rcond=None)[0]
    assert [found.intercept, *found.weights] == pytest.approx(expected, abs=2e-3)
    everything = Foretelling.fit(values, [0, 1, 2])
    assert everything(values) == pytest.approx(values.mean(axis=1))


def test_what_is_predicted_holds_for_models_that_were_not_seen() -> None:
    frame = made(300, seed=1)
    found = choose_subset(frame.iloc[:, :180], budget=0.34)
    assert len(found.chosen) == 3
    new = frame.iloc[:, 180:]
    predicted = found.predict(new).set_index("model").loc[new.columns]
    truth = new.mean()
    inside = ((predicted["low"] <= truth) & (truth <= predicted["high"])).mean()
    assert inside >= 0.88  # 95 % of 120 less three standard errors of its own and of the calibration
    assert found.validation["coverage"].iloc[0] >= 0.9
    assert (predicted["predicted"] - truth).std() == pytest.approx(found.validation["rmse"].iloc[0], rel=0.35)


def test_a_budget_of_everything_leaves_nothing_open() -> None:
    found = choose_subset(made(), budget=1.0)
    assert len(found.chosen) == 9
    assert found.validation["rmse"].max() < 1e-12
    assert found.validation["wrong"].tolist() == [0, 0]


def test_one_seed_gives_the_same_and_the_order_of_tasks_does_not_matter() -> None:
    frame = made()
    one, again, turned = choose_subset(frame), choose_subset(frame), choose_subset(frame.iloc[::-1])
    assert one.to_dict() == again.to_dict()
    assert sorted(one.chosen) == sorted(turned.chosen)


@pytest.mark.skipif(not TABLE.is_file(), reason="needs the public table beside the checkout")
def test_mteb_with_a_fifth_of_the_tasks() -> None:
    """Eight of 41 tasks, measured before by another program (Lasso): RMSE .0112, rho .99, of the top 30 .83."""
    found = choose_subset(pd.read_csv(TABLE, index_col=0).T, budget=8.01 / 41)
    everyone, top = (row for row in found.validation.itertuples())
    assert len(found.chosen) == 8
    assert everyone.rmse < 0.0105
    assert everyone.rho > 0.99
    assert top.rho > 0.83
    assert everyone.coverage > 0.93
    assert everyone.wrong < 0.01


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda f: choose_subset(f, budget=0), "budget=0: expected a share"),
        (lambda f: choose_subset(f, budget=20), "budget=20: expected a share"),
        (lambda f: choose_subset(f, budget=0.01), "not even the cheapest task"),
        (lambda f: choose_subset(f.iloc[:, :12]), "12 models with all of 9 tasks: expected at least 30"),
        (lambda f: choose_subset(f, {"t0": 1.0}), "no cost of t1"),
        (lambda f: choose_subset(f, dict.fromkeys(f.index, -1.0)), "a cost is not a finite number, or below 0"),
        (lambda f: choose_subset(f, makers=dict.fromkeys(f, "one")), "models of 1 maker"),
        (lambda f: choose_subset(f).predict(f.iloc[:1]), "of the subset"),
        (lambda f: choose_subset(f).predict(100 * f), "on another scale"),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_line(call: object, says: str) -> None:
    with pytest.raises(InputError) as error:
        call(made())  # type: ignore[operator]
    assert says in str(error.value)
    assert "\n" not in str(error.value)
