"""The bootstrap within tasks goes from task to task: the numbers are those of the plain way that holds every draw."""

import numpy as np
import pandas as pd
import pytest

from stats.metrics.task import TaskSamples
from stats.pairwise import sample_bootstrap
from stats.pairwise.sample_bootstrap import bootstrap_samples
from stats.resampling.within_tasks import Redrawn
from stats.samples import Samples, write_task
from stats.ties import rank_rows

N_TASKS, N_MODELS, B = 4, 5, 300


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("streamed")
    rng = np.random.default_rng(0)
    for t in range(N_TASKS):
        common = rng.random((40, 1))
        scores = common + rng.normal(0, 0.1, (40, N_MODELS)) - 0.02 * np.arange(N_MODELS)
        scores[:, 4] = scores[:, 3]  # two models alike
        for m in range(N_MODELS):
            frame = pd.DataFrame({"sample": [f"q{i}" for i in range(40)], "score": scores[:, m]})
            write_task(folder, f"task {t}", f"m{m}", frame, {"metric": "mean", "main_score": scores[:, m].mean()})
    return Samples.open(folder)


def plain_draws(samples, root):
    """Every resample of every task: the mean of the drawn samples, one at a time."""
    draws = np.empty((B, N_TASKS, N_MODELS))
    for t, task in enumerate(samples.tasks):
        scores = np.stack([samples.read(task, m)["score"].to_numpy() for m in samples.models], axis=1)
        drawn = np.random.default_rng([root, *task.encode()]).integers(0, 40, size=(B, 40))
        draws[:, t] = scores[drawn].mean(axis=1)
    return draws


@pytest.mark.parametrize("level", ["samples", "both"])
def test_the_numbers_are_those_of_the_plain_way(samples, level, monkeypatch):
    monkeypatch.setattr("stats.resampling.within_tasks._BLOCK", 3 * B)  # three pairs a block
    found = bootstrap_samples(samples, level=level, n_resamples=B, rng=11)
    generator = np.random.default_rng(11)
    draws = plain_draws(samples, int(generator.integers(2**63)))
    for t, task in enumerate(samples.tasks):
        rows = found.task_pairs[found.task_pairs["task"] == task]
        for row in rows.itertuples():
            d = draws[:, t, int(row.model_a[1])] - draws[:, t, int(row.model_b[1])]
            d[np.abs(d) < 1e-13] = 0
            assert [row.low, row.high] == pytest.approx(np.quantile(d, [0.025, 0.975]).tolist(), abs=1e-12)
            assert row.pvalue == pytest.approx(min(1, 2 * (min((d <= 0).sum(), (d >= 0).sum()) + 1) / (B + 1)))
    if level == "both":
        task = generator.integers(0, N_TASKS, size=(B, N_TASKS))
        at = np.stack([generator.permutation(B) for _ in range(N_TASKS)], axis=1)
        draws = draws[at, task]
    means = draws.mean(axis=1)
    ranks = rank_rows(draws.reshape(-1, N_MODELS)).reshape(draws.shape).mean(axis=1)
    d = means[:, found.pairs.first] - means[:, found.pairs.second]
    np.testing.assert_allclose(found.pairs.low, np.quantile(d, 0.025, axis=0), atol=1e-12)
    np.testing.assert_allclose(found.pairs.high, np.quantile(d, 0.975, axis=0), atol=1e-12)
    np.testing.assert_allclose(found.models["mean_rank_low"], np.quantile(ranks, 0.025, axis=0), atol=1e-12)
    gap = found.ranks.estimate[found.pairs.first] - found.ranks.estimate[found.pairs.second]
    boot = ranks[:, found.pairs.first] - ranks[:, found.pairs.second]
    error = boot.std(axis=0, ddof=1)
    moving = error > 1e-12
    critical = np.quantile((np.abs(boot - gap)[:, moving] / error[moving]).max(axis=1), 0.95)
    better = np.abs(gap) > critical * error
    wins = np.bincount(np.where(gap < 0, found.pairs.first, found.pairs.second)[better & moving], minlength=N_MODELS)
    assert (found.ranks.high == N_MODELS - wins).all()
    assert found.pairs.pvalue[-1] == 1.0  # the two alike


def test_redrawn_tasks_are_added_where_they_were_drawn():
    rng = np.random.default_rng(3)
    draws = rng.random((50, 6, 2))
    redrawn = Redrawn(50, 6, np.random.default_rng(4))
    total = np.zeros((50, 2))
    for t in range(6):
        redrawn.add(total, t, draws[:, t])
    again = np.random.default_rng(4)
    task = again.integers(0, 6, size=(50, 6))
    at = np.stack([again.permutation(50) for _ in range(6)], axis=1)
    np.testing.assert_allclose(total, draws[at, task].sum(axis=1), rtol=1e-14)


def test_too_many_comparisons_within_tasks_are_left_out_with_a_word(samples, monkeypatch):
    monkeypatch.setattr(sample_bootstrap, "MAX_TASK_PAIRS", 39)
    found = bootstrap_samples(samples, n_resamples=20, rng=0)
    assert found.task_pairs.empty
    assert list(found.task_pairs) == ["task", "model_a", "model_b", "n_samples", "difference", "low", "high", "pvalue"]
    assert "40 comparisons are too many to tabulate" in str(found)
    assert len(found.pairs.to_frame()) == 10
    with_control = bootstrap_samples(samples, control="m0", n_resamples=20, rng=0)
    assert len(with_control.task_pairs) == 16
    assert found.to_dict()["task_pairs"] == []


def test_all_models_at_once_are_each_model_alone():
    rng = np.random.default_rng(5)
    ids = np.tile(np.arange(30), 2)
    frames = {
        f"m{m}": pd.DataFrame(
            {
                "sample": np.roll(ids, m % 2),  # the rows of every other model stand in another order
                "experiment": np.arange(60) // 30,
                "subset": np.where(np.roll(ids, m % 2) < 12, "a", "b"),
                "correct": rng.integers(0, 2, 60),
            }
        )
        for m in range(4)
    }
    held = TaskSamples.build("t", frames, "accuracy", None)
    weights = rng.integers(0, 3, size=(7, 30)).astype(float)
    together = held.values(weights)
    for m, model in enumerate(held.models):
        np.testing.assert_allclose(together[:, m], held.value(model, weights), rtol=1e-14)
        alone = TaskSamples.build("t", {model: frames[model]}, "accuracy", None)
        order = [alone.units.index[(alone.units == unit).all(axis=1)].item() for _, unit in held.units.iterrows()]
        back = np.empty_like(weights)
        back[:, order] = weights
        np.testing.assert_allclose(together[:, m], alone.value(model, back), rtol=1e-14)
