"""Samples: layout on disk, weighted metrics against scikit-learn and repeated data, bootstraps against first principles."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from stats.common.errors import InputError, UndefinedWarning
from stats.factors.variance import variance_components
from stats.levels import deciding_samples, sample_level
from stats.levels._samples import _Gathered
from stats.metrics import METRICS, Cell
from stats.metrics.task import TaskSamples
from stats.pairwise._seed_t import seed_t
from stats.pairwise.replicates import replicate_intervals
from stats.samples import Samples, file_name, write_task
from stats.scores import Scores

metrics = pytest.importorskip("sklearn.metrics")

REFERENCE = {
    "mean": lambda c: c["score"].mean(),
    "accuracy": lambda c: c["correct"].mean(),
    "spearman": lambda c: spearmanr(c["similarity"], c["gold"]).statistic,
    "average_precision": lambda c: metrics.average_precision_score(c["gold"], c["similarity"]),
    "v_measure": lambda c: metrics.v_measure_score(c["gold"], c["cluster"]),
    "f1_macro": lambda c: metrics.f1_score(c["gold"], c["prediction"], average="macro"),
    "f1_weighted": lambda c: metrics.f1_score(c["gold"], c["prediction"], average="weighted"),
}


def _columns(metric, n, rng):
    if metric in ("mean", "accuracy"):
        return {METRICS[metric].columns[0]: rng.integers(0, 2, n) if metric == "accuracy" else rng.random(n)}
    if metric == "spearman":
        return {"similarity": rng.random(n).round(1), "gold": rng.integers(0, 6, n).astype(float)}
    if metric == "average_precision":
        return {"similarity": rng.random(n).round(1), "gold": np.r_[0, 1, rng.integers(0, 2, n - 2)]}
    if metric == "v_measure":
        return {"cluster": rng.integers(0, 4, n), "gold": rng.integers(0, 3, n)}
    return {"prediction": rng.integers(0, 3, n), "gold": rng.integers(0, 3, n)}


@pytest.mark.parametrize("metric", REFERENCE)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_weights_repeat_samples(metric, seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(6, 30))
    columns = _columns(metric, n, rng)
    counts = rng.integers(0, 4, size=(3, n))
    counts[:, :2] = 1  # a positive and a negative at least
    found = METRICS[metric].compute(Cell(np.arange(n), columns), counts.astype(float))
    for value, count in zip(found, counts, strict=True):
        repeated = {k: np.repeat(v, count) for k, v in columns.items()}
        if metric == "spearman" and min(np.ptp(v) for v in repeated.values()) == 0:
            assert np.isnan(value)
            continue
        assert value == pytest.approx(REFERENCE[metric](repeated), abs=1e-9)


def test_the_best_of_several_similarities():
    rng = np.random.default_rng(0)
    gold = np.r_[0, 1, rng.integers(0, 2, 40)]
    columns = {"similarity": rng.random(42), "similarity_dot": gold + rng.random(42), "gold": gold}
    found = METRICS["max_average_precision"].compute(Cell(np.arange(42), columns), np.ones((1, 42)))
    expected = max(metrics.average_precision_score(gold, columns[c]) for c in ("similarity", "similarity_dot"))
    assert found.item() == pytest.approx(expected)


def test_best_accuracy_by_all_thresholds():
    rng = np.random.default_rng(1)
    similarity, gold = rng.random(30).round(1), rng.integers(0, 2, 30)
    weights = rng.integers(0, 3, size=(1, 30)).astype(float)
    x, y = np.repeat(similarity, weights[0].astype(int)), np.repeat(gold, weights[0].astype(int))
    distinct = np.unique(x)
    expected = max(((x > t) == y).mean() for t in distinct[:-1])
    found = METRICS["max_accuracy"].compute(Cell(np.arange(30), {"similarity": similarity, "gold": gold}), weights)
    assert found.item() == pytest.approx(expected)


# -- on disk -----------------------------------------------------------------------------------------------------


def _write(folder, seed=0, models=("org/a", "org/b"), n=60, shift=0.05):
    rng = np.random.default_rng(seed)
    common = rng.random(n)
    for at, model in enumerate(models):
        score = common + rng.normal(0, 0.05, n) - shift * at
        frame = pd.DataFrame({"sample": [f"q{i}" for i in range(n)], "score": score})
        meta = {"metric": "mean", "main_score": score.mean(), "family": "Retrieval", "main_score_name": "ndcg_at_10"}
        write_task(folder, "SciFact", model, frame, meta)
    for at, model in enumerate(models):
        gold = np.arange(n, dtype=float)
        frame = pd.DataFrame(
            {"split": "test", "subset": ["en"] * 30 + ["de"] * (n - 30), "sample": np.arange(n), "gold": gold}
        )
        frame["similarity"] = gold + np.random.default_rng([seed, at]).normal(0, 8 + 6 * at, n)
        value = frame.groupby("subset").apply(lambda g: spearmanr(g["similarity"], g["gold"]).statistic).mean()
        write_task(folder, "STS22", model, frame, {"metric": "spearman", "main_score": value, "family": "STS"})
    return Samples.open(folder)


def test_round_trip_names_scores_and_laziness(tmp_path):
    samples = _write(tmp_path)
    assert (samples.tasks, samples.models) == (["STS22", "SciFact"], ["org/a", "org/b"])
    assert (tmp_path / "samples" / "SciFact" / "org%2Fa.parquet").exists()
    table = samples.scores()
    assert table.families == ["STS", "Retrieval"]
    for task in samples.tasks:
        for model in samples.models:
            assert samples.recompute(task, model) == pytest.approx(table.table.loc[task, model], abs=1e-12)
    assert samples.meta("SciFact", "org/a")["schema"] == 1
    assert Samples.open(tmp_path / "samples").tasks == samples.tasks
    (tmp_path / "samples" / "STS22" / "org%2Fa.parquet").write_bytes(b"broken")
    assert Samples.open(tmp_path).recompute("SciFact", "org/a") == pytest.approx(table.table.loc["SciFact", "org/a"])
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        samples.read("STS22", "org/a")


@pytest.mark.parametrize("name", ["org/model", "..", "a b", "naïve", "x:y*?", "con.parquet"])
def test_names_survive_the_file_system(tmp_path, name):
    frame = pd.DataFrame({"sample": ["1"], "score": [0.5]})
    path = write_task(tmp_path, name, name, frame, {"metric": "mean", "main_score": 0.5})
    assert path.parent.parent == tmp_path / "samples"
    assert not set(file_name(name)) & set('/\\:*?"<>|')
    assert (Samples.open(tmp_path).tasks, Samples.open(tmp_path).models) == ([name], [name])


def test_samples_that_give_another_score_are_refused(tmp_path):
    frame = pd.DataFrame({"sample": ["1", "2"], "score": [0.5, 0.7]})
    with pytest.raises(InputError, match=r"give 0\.60000000 by 'mean', but the main score is 0\.70000000"):
        write_task(tmp_path, "t", "m", frame, {"metric": "mean", "main_score": 0.7})
    assert not (tmp_path / "samples").exists()


@pytest.mark.parametrize(
    ("frame", "meta", "message"),
    [
        ({"sample": ["1"], "score": [1.0]}, {"metric": "mean"}, "lack 'main_score'"),
        ({"sample": ["1"], "score": [1.0]}, {"metric": "bleu", "main_score": 1}, "unknown metric 'bleu'"),
        ({"score": [1.0]}, {"metric": "mean", "main_score": 1}, "lack the column 'sample'"),
        ({"sample": ["1"]}, {"metric": "spearman", "main_score": 1}, "lack the column 'similarity'"),
    ],
)
def test_bad_samples_are_refused_in_one_line(tmp_path, frame, meta, message):
    with pytest.raises(InputError, match=message):
        write_task(tmp_path, "t", "m", pd.DataFrame(frame), meta)


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="holds no samples"):
        Samples.open(tmp_path)


def test_models_on_different_samples_are_refused(tmp_path):
    for model, ids in (("a", ["1", "2"]), ("b", ["1", "3"])):
        frame = pd.DataFrame({"sample": ids, "score": [0.5, 0.5]})
        write_task(tmp_path, "t", model, frame, {"metric": "mean", "main_score": 0.5})
    with pytest.raises(InputError, match="has 2 of the 3 samples"):
        Samples.open(tmp_path).task("t")


def test_experiments_and_levels_are_averaged():
    frame = pd.DataFrame({"sample": list("xyxy"), "experiment": [0, 0, 1, 1], "correct": [1, 0, 1, 1]})
    held = TaskSamples.build("t", {"m": frame}, "accuracy", None)
    assert held.n_samples == 2
    assert held.value("m").item() == 0.75
    # Drawing y twice: experiment 0 gets 0, experiment 1 gets 1.
    assert held.value("m", np.array([[0.0, 2.0]])).item() == 0.5


def test_spearman_within_samples_is_summarizations():
    frame = pd.DataFrame(
        {"sample": list("aaabbbcc"), "similarity": [1, 2, 3, 1, 3, 2, 1, 1], "gold": [1, 2, 3, 1, 2, 3, 1, 2]}
    )
    held = TaskSamples.build("t", {"m": frame}, "mean_spearman", None)
    assert held.value("m").item() == pytest.approx((1 + 0.5) / 2)  # c is constant and left out


# -- samples of fixed tasks ---------------------------------------------------------------------------------------


def test_standard_error_of_a_mean_is_the_textbooks(tmp_path):
    samples = _write(tmp_path)
    found = sample_level(samples)
    score = samples.read("SciFact", "org/a")["score"]
    row = found.tasks.set_index(["task", "model"]).loc[("SciFact", "org/a")]
    assert row["standard_error"] == pytest.approx(score.std(ddof=1) / np.sqrt(len(score)))
    assert row["low"] < row["score"] < row["high"]


def test_paired_differences_are_sharper_than_single_scores(tmp_path):
    found = sample_level(_write(tmp_path))
    pair = found.task_pairs.set_index("task").loc["SciFact"]
    single = found.tasks.set_index(["task", "model"]).loc[("SciFact", "org/a")]
    assert pair["high"] - pair["low"] < (single["high"] - single["low"]) / 2
    assert pair["pvalue"] < 0.01


def test_a_task_alone_has_the_numbers_that_it_has_beside_others(tmp_path):
    samples = _write(tmp_path)
    both, alone = sample_level(samples), sample_level(samples, tasks=["SciFact"])
    one = both.task_pairs[both.task_pairs["task"] == "SciFact"].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, alone.task_pairs)


def test_control_and_bad_models(tmp_path):
    samples = _write(tmp_path)
    found = sample_level(samples, control="org/b").to_frame()
    assert found[["model_a", "model_b"]].values.tolist() == [["org/a", "org/b"]]
    with pytest.raises(InputError, match="expected two models"):
        sample_level(samples, models=["org/a"])


def test_too_many_comparisons_within_tasks_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("stats.levels._samples.MAX_TASK_PAIRS", 1)
    found = sample_level(_write(tmp_path))
    assert found.task_pairs.empty
    assert found.to_dict()["task_pairs"] == []
    assert len(found.pairs.to_frame()) == 1


@pytest.mark.parametrize(("most", "kept"), [(1, False), (2_000_000, True)])
def test_pairs_of_single_tasks_are_held_only_for_their_table(tmp_path, monkeypatch, most, kept):
    # Of 700 models and 1,000 tasks they were 6 GB, for a table that was left out.
    held = []
    add = _Gathered.add

    def watched(self, *given):
        add(self, *given)
        held.append(self._by_task[-1][3] is not None)

    monkeypatch.setattr("stats.levels._samples.MAX_TASK_PAIRS", most)
    monkeypatch.setattr(_Gathered, "add", watched)
    assert len(sample_level(_write(tmp_path)).task_pairs) == (len(held) if kept else 0)
    assert held
    assert set(held) == {kept}


def test_deciding_samples_of_a_mean_by_hand(tmp_path):
    for model, score in (("a", [0.9, 0.5, 0.4, 0.6]), ("b", [0.1, 0.5, 0.5, 0.5])):
        frame = pd.DataFrame({"sample": list("wxyz"), "score": score})
        write_task(tmp_path, "t", model, frame, {"metric": "mean", "main_score": np.mean(score)})
    found = deciding_samples(Samples.open(tmp_path), "t", "a", "b")
    assert found["sample"].tolist()[0] == "w"
    # Differences .8, 0, -.1, .1 with mean .2; without w it is 0.
    assert found["contribution"].iloc[0] == pytest.approx(0.2)
    assert found["cumulative"].iloc[0] == pytest.approx(0.0, abs=1e-12)


def test_how_few_samples_turn_the_verdict_is_what_all_subsets_say(tmp_path):
    # By enumeration: the smallest set of queries without which the other model is ahead, of all sets of each size.
    rng = np.random.default_rng(3)
    for draw in range(10):
        a, b = rng.random(9), rng.random(9)
        folder = tmp_path / str(draw)
        for model, score in (("a", a), ("b", b)):
            frame = pd.DataFrame({"sample": [f"q{i}" for i in range(9)], "score": score})
            write_task(folder, "t", model, frame, {"metric": "mean", "main_score": float(score.mean())})
        found = deciding_samples(Samples.open(folder), "t", "a", "b")
        d, sign = a - b, np.sign((a - b).mean())
        fewest, which = next(
            (size, gone)
            for size in range(1, 9)
            for gone in sorted(combinations(range(9), size), key=lambda g: sign * np.delete(d, g).mean())[:1]
            if sign * np.delete(d, list(gone)).mean() < 0
        )
        assert set(found["sample"].head(fewest)) == {f"q{i}" for i in which}
        # One after the other, each by itself: the contribution of a sample is what its removal takes away.
        for row in found.itertuples():
            without = np.delete(d, int(row.sample[1:])).mean()
            assert row.contribution == pytest.approx(d.mean() - without)
        # And all at once, exactly for a mean.
        turned = int(np.flatnonzero(sign * found["cumulative"] < 0)[0]) + 1
        assert turned == fewest
        left = [np.delete(d, [int(q[1:]) for q in found["sample"].head(r)]).mean() for r in range(1, 9)]
        assert found["cumulative"].iloc[:8].tolist() == pytest.approx(left)


# -- seeds and replicates ----------------------------------------------------------------------------------------


def test_variance_components_by_the_anova_table():
    rng = np.random.default_rng(0)
    table = rng.normal(0, 0.1, (12, 1)) + rng.normal(0, 0.02, (1, 5)) + rng.normal(0, 0.01, (12, 5))
    long = pd.DataFrame(
        [("m", f"t{i}", j, table[i, j]) for i in range(12) for j in range(5)],
        columns=["model", "task", "seed", "score"],
    )
    found = variance_components(Scores.from_frame(long)).frame.iloc[0]
    residual = table - table.mean(0) - table.mean(1, keepdims=True) + table.mean()
    ms = (residual**2).sum() / 44
    assert found["residual"] == pytest.approx(ms)
    assert found["task"] == pytest.approx((5 * table.mean(1).var(ddof=1) - ms) / 5)
    assert found["seed"] == pytest.approx((12 * table.mean(0).var(ddof=1) - ms) / 12)
    with pytest.raises(InputError, match="no training seeds"):
        variance_components(Scores.from_frame(long[long["seed"] == 0].drop(columns="seed")))


def test_training_runs_are_compared_as_scipy_compares_two_samples():
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(1)
    runs = {"a": rng.normal(0.6, 0.01, (4, 3)), "b": rng.normal(0.58, 0.03, (4, 5)), "c": rng.normal(0.6, 0.1, (4, 1))}
    runs["d"] = runs["a"].copy()
    rows = [(m, f"t{i}", j, v) for m, table in runs.items() for i, row in enumerate(table) for j, v in enumerate(row)]
    table = Scores.from_frame(pd.DataFrame(rows, columns=["model", "task", "seed", "score"]))
    with pytest.warns(UndefinedWarning, match="3 pair"):
        found = seed_t(table).to_frame().set_index(["model_a", "model_b"])
    expected = ttest_ind(runs["a"].mean(axis=0), runs["b"].mean(axis=0), equal_var=False)
    row = found.loc[("a", "b")]
    assert row["statistic"] == pytest.approx(expected.statistic)
    assert row["pvalue"] == pytest.approx(expected.pvalue)
    assert row["df"] == pytest.approx(expected.df)
    interval = expected.confidence_interval(0.95)
    assert [row["low"], row["high"]] == pytest.approx([interval.low, interval.high])
    assert found.loc[("a", "d"), "pvalue"] == 1
    assert found.loc[[("a", "c"), ("b", "c"), ("c", "d")], "pvalue"].isna().all()
    with pytest.raises(InputError, match="no training seeds"):
        seed_t(Scores.from_frame(pd.DataFrame({"task": ["x"], "a": [0.1], "b": [0.2]})))


def test_replicates_need_to_be_there():
    with pytest.raises(InputError, match="no replicates"):
        replicate_intervals(Scores.from_frame(pd.DataFrame({"task": ["x"], "m": [0.1]})))


def test_replicates_give_t_intervals_and_inconsistent_ones_are_left_out():
    from scipy.stats import ttest_1samp

    runs = np.random.default_rng(0).normal(0.7, 0.01, 10)
    table = pd.DataFrame({"m": [runs.mean(), 0.9, 0.5]}, index=["x", "y", "z"])
    cells = pd.DataFrame({"task": ["x", "y", "z"], "model": "m", "replicates": [tuple(runs), tuple(runs), ()]})
    found = replicate_intervals(Scores.build(table, pd.DataFrame(index=table.index), cells=cells))
    assert found["task"].tolist() == ["x"]
    expected = ttest_1samp(runs, 0).confidence_interval(0.95)
    assert found[["low", "high"]].to_numpy()[0].tolist() == pytest.approx(list(expected))


def test_replicate_errors_are_right_on_average_over_all_draws():
    # By enumeration: of all 27 ordered draws of three from three values, the mean squared standard error is the variance of
    # the mean (population variance 2/3, over 3).
    values = (0.1, 0.2, 0.3)
    draws = list(product(values, repeat=3))
    table = pd.DataFrame({"m": [float(np.mean(d)) for d in draws]}, index=[f"t{i}" for i in range(27)])
    cells = pd.DataFrame({"task": table.index, "model": "m", "replicates": [list(d) for d in draws]})
    found = replicate_intervals(Scores.build(table, pd.DataFrame(index=table.index), cells=cells))
    assert (found["standard_error"] ** 2).mean() == pytest.approx(np.var(values) / 3)
    assert np.var(found["mean"]) == pytest.approx(np.var(values) / 3)


def test_influence_is_leaving_out_for_every_metric():
    rng = np.random.default_rng(3)
    ids = rng.integers(0, 12, 40)
    experiments = pd.DataFrame({"sample": ids, "experiment": np.arange(40) % 2, "split": np.where(ids < 6, "a", "b")})
    for metric in ("accuracy", "spearman", "average_precision", "v_measure"):
        frame = experiments.assign(**_columns(metric, 40, rng))
        held = TaskSamples.build("t", {"m": frame}, metric, None)
        influence = held.influence("m")
        for at in (0, 5, held.n_samples - 1):
            kept = frame[frame["sample"].astype(str) != held.units["sample"][at]]
            without = TaskSamples.build("t", {"m": kept}, metric, None).value("m").item()
            assert influence[at] == pytest.approx(held.value("m").item() - without, abs=1e-12)


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
