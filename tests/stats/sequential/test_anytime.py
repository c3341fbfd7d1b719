"""Bets under continuous looking, against every outcome there can be: trees of few tasks, all orders of few samples."""

from itertools import permutations, product

import numpy as np
import pytest

from stats import anytime_samples, anytime_tasks
from stats.common.errors import InputError
from stats.sequential.bets import log_wealth
from stats.sequential.strata import follow


def tree(values: list[float], chances: list[float], depth: int) -> tuple[np.ndarray, np.ndarray]:
    """Every sequence of so many draws, and its probability."""
    paths = np.array(list(product(values, repeat=depth)))
    each = dict(zip(values, chances, strict=True))
    return paths, np.array([np.prod([each[v] for v in path]) for path in paths])


@pytest.mark.parametrize("values", [[-1.0, 1.0], [-5.0, -1.0, 1.0, 5.0], [-100.0, -0.1, 0.0, 0.1, 100.0]])
def test_symmetric_tasks_win_nothing_on_average_however_heavy_their_tails(values: list[float]) -> None:
    chances = np.full(len(values), 1 / len(values))
    paths, probability = tree(values, list(chances), 12 if len(values) == 2 else 6)
    wealth = np.exp(log_wealth(paths))
    assert (probability @ wealth) == pytest.approx(np.ones(paths.shape[1]), abs=1e-12)
    for alpha in (0.05, 0.3):
        assert probability @ (wealth.max(axis=1) >= 1 / alpha) <= alpha


def test_symmetric_tasks_about_a_worse_centre_lose() -> None:
    paths, probability = tree([-3.0, -1.0, 1.0], [0.25, 0.5, 0.25], 8)  # symmetric about -1
    expected = probability @ np.exp(log_wealth(paths))
    assert (expected <= 1 + 1e-12).all()
    assert expected[-1] < 1


@pytest.mark.parametrize(
    ("values", "chances"),
    [([-1.0, 1 / 19], [0.05, 0.95]), ([-0.5, 1.0], [2 / 3, 1 / 3]), ([-1.0, 0.0, 0.25], [0.1, 0.5, 0.4])],
)
def test_bounded_tasks_win_nothing_on_average_however_skewed(values: list[float], chances: list[float]) -> None:
    """Rare large losses: with the bound known the level holds, where the symmetric bet is fooled."""
    paths, probability = tree(values, chances, 12 if len(values) == 2 else 8)
    wealth = np.exp(log_wealth(paths, 1.0))
    assert (probability @ wealth) == pytest.approx(np.ones(paths.shape[1]), abs=1e-12)
    assert probability @ (wealth.max(axis=1) >= 4) <= 0.25


def test_a_bet_looks_only_at_the_tasks_before() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=20)
    y = np.concatenate([x[:12], rng.normal(size=8)])
    assert (log_wealth(x)[:12] == log_wealth(y)[:12]).all()


def orders(*populations: list[float]) -> list[np.ndarray]:
    """Every joint order of the samples of several tasks: an array a task, a row an order."""
    each = [list(permutations(p)) for p in populations]
    rows = list(product(*each))
    return [np.array([row[j] for row in rows]) for j in range(len(populations))]


@pytest.mark.parametrize(
    "populations",
    [
        ([1.0, 0.0, 0.0, -1.0, 0.5], [-1.0, 0.25, 0.25, 0.25]),
        ([-1.0, 0.2, 0.2, 0.2, 0.2], [0.2, 0.2, 0.2, -0.6]),  # few losses
        ([1.0, 1.0, -1.0, -1.0], [0.0, 0.0, 0.0, 0.1]),
    ],
)
@pytest.mark.parametrize("looks", [2, 4])
def test_over_all_orders_of_the_samples_no_bet_wins_on_average(
    populations: tuple[list[float], ...], looks: int
) -> None:
    parts = orders(*populations)
    truth = float(np.mean([np.mean(p) for p in populations]))
    for alpha in (0.025, 0.3):
        path = follow(parts, looks, truth, alpha=alpha, finite=True)
        for wealth in (np.exp(path.log_above), np.exp(path.log_below)):
            assert (wealth.mean(axis=0) <= 1 + 1e-12).all()
            assert (wealth.max(axis=1) >= 1 / alpha).mean() <= alpha
        assert (path.low > truth + 1e-12).any(axis=1).mean() <= alpha
        assert (path.high < truth - 1e-12).any(axis=1).mean() <= alpha
        assert path.mean[:, -1] == pytest.approx(truth)


def test_over_all_draws_from_populations_no_bet_wins_on_average() -> None:
    first, p = tree([-1.0, 0.5], [1 / 3, 2 / 3], 6)  # mean 0
    second, q = tree([-0.25, 1.0], [0.8, 0.2], 6)  # mean 0
    rows = np.array(list(product(range(len(first)), range(len(second)))))
    parts, probability = [first[rows[:, 0]], second[rows[:, 1]]], p[rows[:, 0]] * q[rows[:, 1]]
    path = follow(parts, 3, 0.0, alpha=0.2, finite=False)
    for wealth in (np.exp(path.log_above), np.exp(path.log_below)):
        assert (probability @ wealth <= 1 + 1e-12).all()
        assert probability @ (wealth.max(axis=1) >= 5) <= 0.2
    assert probability @ (path.low > 1e-12).any(axis=1) <= 0.2


def test_a_bet_on_samples_looks_only_at_the_looks_before() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, 40)
    y = np.concatenate([x[:20], rng.uniform(-1, 1, 20)])
    one, other = (follow([v, x], 4, 0.0, alpha=0.05, finite=True) for v in (x, y))
    assert (one.log_above[:2] == other.log_above[:2]).all()


def test_tasks_by_hand() -> None:
    """Mean 1/2 over second moment 1 of the one task before: half; then 2/3 over 1, cut at .6 of the largest."""
    found = anytime_tasks([1.0, 1.0, -1.0], margin=0)
    assert found.looks["e_accept"].tolist() == pytest.approx([1.0, 1.5, 0.6])
    assert found.verdict == "UNDECIDED"
    assert found.decided_at is None


def test_verdict_and_interval_agree() -> None:
    rng = np.random.default_rng(3)
    for largest in (None, 0.4):
        for shift in (-0.05, 0.0, 0.05):
            found = anytime_tasks(np.clip(rng.normal(shift, 0.03, 60), -0.3, 0.3), margin=0.01, largest=largest)
            last = found.looks.iloc[-1]
            if last["low"] > -0.01:
                assert found.verdict == "ACCEPT"
            if last["high"] < -0.01:
                assert found.verdict == "REJECT"
            assert last["low"] <= last["high"]
    assert anytime_tasks(rng.normal(0.05, 0.02, 41), margin=0.005).verdict == "ACCEPT"
    assert anytime_tasks(rng.normal(-0.05, 0.02, 41), margin=0.005).verdict == "REJECT"


def test_tasks_evaluated_in_full_count_as_they_are() -> None:
    """One task known to be worse by .5: the other must be better by .5 for the mean of both to be 0."""
    d = np.random.default_rng(0).permutation(np.repeat([1.0, 0.0], [300, 100]))  # mean .75
    found = anytime_samples({"part": d}, margin=0, whole={"known": -0.5})
    assert found.verdict == "ACCEPT"
    assert found.looks["difference"].iloc[-1] == pytest.approx((0.75 - 0.5) / 2)
    assert anytime_samples({"part": d}, margin=0, whole={"known": -1.0}).verdict == "REJECT"


def test_what_is_not_seen_may_be_anything() -> None:
    d = np.random.default_rng(0).uniform(-0.5, 1, 200)
    hidden = np.where(np.arange(200) < 100, d, np.nan)
    one = anytime_samples({"t": d}, margin=0, looks=20, seen=10)
    assert one.looks.equals(anytime_samples({"t": hidden}, margin=0, looks=20, seen=10).looks)
    assert one.looks["seen"].tolist()[-1] == 0.5


def test_points_and_fractions_give_the_same() -> None:
    d = np.random.default_rng(5).uniform(-0.1, 0.2, 300)
    one = anytime_samples({"t": d}, margin=0.005)
    other = anytime_samples({"t": 100 * d}, margin=0.5, largest=100)
    assert other.looks["low"].to_numpy() == pytest.approx(100 * one.looks["low"].to_numpy())
    assert one.decided_at == other.decided_at


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: anytime_tasks([0.1, np.nan], margin=0), "expected one finite number a task"),
        (lambda: anytime_tasks([0.1, 0.3], margin=0, largest=0.2), "a task differs by 0.3, and largest=0.2"),
        (lambda: anytime_tasks([0.1], margin=0.2, largest=0.1), "expected more than the margin"),
        (lambda: anytime_samples({"t": np.zeros(10)}, margin=0), "t: 10 samples, fewer than 40 looks"),
        (lambda: anytime_samples({"t": np.full(50, 2.0)}, margin=0), "t: a sample differs by 2, more than largest=1"),
        (lambda: anytime_samples({}, margin=0), "0 tasks, 40 of 40 looks"),
        (lambda: anytime_samples({"t": np.zeros(50)}, margin=0, about="all"), "unknown about 'all'"),
        (
            lambda: anytime_samples({"t": np.zeros(50)}, margin=0, about="others", whole={"u": 0.1}),
            "u evaluated in full: what other samples would give",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_line(call: object, says: str) -> None:
    with pytest.raises(InputError) as error:
        call()  # type: ignore[operator]
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_repr_and_dict() -> None:
    found = anytime_tasks([0.01] * 12, margin=0.0)
    assert str(found).startswith("ACCEPT: not worse by 0 or more: +0.0100 [+0.0")
    assert str(found).endswith("(after 9 tasks; 95 % at all looks together; about other tasks)")
    assert found.to_dict()["decided_at"] == 9
    assert len(found.to_dict()["looks"]) == 12
