"""The study: its protocol, answers where the truth is known, and its archive."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.study import (
    HYPOTHESES,
    SEEDS,
    VARIANTS,
    designs_by_family,
    read_archive,
    study_answers,
    write_archive,
)
from bench.study.protocol import ALPHA, FACTORIAL, FAMILIES, failed
from bench.study.recomputed import recomputed
from bench.variants.registry import VARIANTS as REGISTERED
from stats import Scores
from stats.common.errors import InputError
from stats.samples import write_task

POOLINGS = ("eos", "mean", "last-layer", "multi-layer")


def test_the_factorial_crosses_every_pooling_with_every_attention_as_registered():
    assert sorted(FACTORIAL.values()) == sorted((p, a) for p in POOLINGS for a in ("bidirectional", "causal"))
    assert set(VARIANTS) <= set(REGISTERED)
    for name, (pooling, attention) in FACTORIAL.items():
        assert (REGISTERED[name].pooling, REGISTERED[name].attention) == (pooling, attention)
    # the two attentions of a pooling are fed the same, so that they differ in nothing else
    for pooling in POOLINGS:
        assert len({REGISTERED[name].source for name, levels in FACTORIAL.items() if levels[0] == pooling}) == 1
    assert {"model-1", "model-2", "model-3", "model-4", "model-5"} <= set(VARIANTS)


def test_every_contrast_compares_equals():
    assert [h.name for h in HYPOTHESES] == [f"H{i}" for i in range(1, 9)]
    for one in HYPOTHESES:
        assert sum(one.models.values()) == pytest.approx(0)
        assert sum(one.families.values()) == pytest.approx(0 if one.name in ("H6", "H7") else 1)
        assert sum(abs(w) for w in one.models.values()) == pytest.approx(2 if one.models else 0)
    attention = next(h for h in HYPOTHESES if h.name == "H6").models
    for pooling in POOLINGS:  # every pooling stands on both sides
        assert sum(w for m, w in attention.items() if FACTORIAL[m][0] == pooling) == pytest.approx(0)


def test_a_run_fails_by_its_held_out_loss():
    losses = {("a", 0): 1.4, ("a", 1): 1.45, ("a", 2): 1.74, ("a", 3): 1.76, ("b", 0): 2.0, ("b", 1): float("nan")}
    # medians: a (1.45 + 1.74) / 2 = 1.595, above it by .165 at most; b 2.0
    assert failed(losses) == [("b", 1)]
    assert failed(losses | {("a", 4): 1.9}) == [("b", 1)]  # median 1.74
    assert failed(losses | {("a", 4): 2.05}) == [("a", 4), ("b", 1)] or failed(losses | {("a", 4): 2.05}) == [
        ("b", 1),
        ("a", 4),
    ]


def made(effects: dict[str, dict[str, float]], *, noise: float = 0.004, tasks: int = 9, seed: int = 0) -> Scores:
    """Scores of the factorial with effects by family and variant, noise of tasks, and of seeds a quarter of it."""
    rng = np.random.default_rng(seed)
    of_task = [family for family in FAMILIES for _ in range(tasks)]
    names = [f"{family}{t}" for t, family in enumerate(of_task)]
    effect = np.array([[effects.get(family, {}).get(variant, 0.0) for variant in FACTORIAL] for family in of_task])
    own = effect + rng.uniform(0.3, 0.7, (len(names), 1)) + noise * rng.normal(size=effect.shape)
    seeds = own[..., None] + noise / 4 * rng.normal(size=(*effect.shape, len(SEEDS)))
    cells = pd.DataFrame(
        [
            {"task": task, "model": model, "seed_scores": tuple(seeds[i, j])}
            for i, task in enumerate(names)
            for j, model in enumerate(FACTORIAL)
        ]
    )
    table = pd.DataFrame(seeds.mean(axis=2), index=names, columns=list(FACTORIAL))
    return Scores(table, pd.DataFrame({"family": of_task}, index=names), cells=cells)


def test_a_truth_like_the_papers_is_found():
    lift = {
        m: 0.04 * (levels[1] == "bidirectional") + 0.04 * (levels[0] in ("last-layer", "multi-layer"))
        for m, levels in FACTORIAL.items()
    }
    lift = {m: value + 0.03 * (FACTORIAL[m][0] == "multi-layer") for m, value in lift.items()}
    found = study_answers(made({"STS": lift, "Retrieval": lift}, noise=0.002), n_resamples=1000)
    assert [one.verdict for one in found] == ["supported"] * 8
    by_name = {one.name: one for one in found}
    assert by_name["H2"].estimate == pytest.approx(0.11, abs=0.01)
    assert by_name["H6"].estimate == pytest.approx(0.04, abs=0.01)  # .04 in two families, 0 in the others
    # multi-layer .07 above eos and mean, .03 above last-layer: .04 + .03 - .04 / 3
    assert by_name["H8"].estimate == pytest.approx(0.17 / 3, abs=0.01)


def test_the_opposite_truth_contradicts_and_none_leaves_undecided():
    drop = {"model-5": -0.05, "model-4": -0.05, "multi-layer+causal": -0.05, "last-layer+causal": -0.05}
    against = {one.name: one.verdict for one in study_answers(made({"STS": drop, "Retrieval": drop}), n_resamples=500)}
    assert {against[h] for h in ("H2", "H3", "H7", "H8")} == {"contradicted"}
    better = {"model-5": 0.05}
    lifted = {one.name: one.verdict for one in study_answers(made({"Classification": better}), n_resamples=500)}
    assert lifted["H4"] == "contradicted"
    nothing = study_answers(made({}, noise=0.05), n_resamples=500)
    assert {one.verdict for one in nothing} == {"undecided"}
    assert all(one.low < one.estimate < one.high for one in nothing if one.name != "H1")
    assert [one.name for one in nothing] == [h.name for h in HYPOTHESES]


def test_a_claim_is_answered_exactly_where_its_p_value_is_small():
    """Of H4 and H5, that a difference is below the margin, the p-value is of the margin."""
    for noise in (0.002, 0.02, 0.05):
        for effect in (0.0, 0.018, 0.022, 0.05):  # around the margin: contradicted, the p-value is of 0
            for one in study_answers(made({"Classification": {"model-5": effect}}, noise=noise), n_resamples=200):
                assert (one.verdict == "undecided") == (one.pvalue_adjusted > ALPHA), one.sentence()


def test_wrong_answers_are_as_rare_as_stated():
    """Without any effect: a "supported" or "contradicted" of a directional claim in 5 % of studies at most."""
    directional = [h for h in HYPOTHESES if h.kind == "positive"]
    wrong = 0
    for study in range(60):
        scores = made({}, noise=0.02, seed=study)
        wrong += any(one.verdict != "undecided" for one in study_answers(scores, directional))
    assert wrong <= 8  # of 60 at 5 %: more than 8 in 1 of 500 (binomial)
    assert ALPHA == 0.05


def test_missing_variants_are_named():
    scores = made({})
    with pytest.raises(InputError, match="model-4 is missing"):
        study_answers(scores.select(models=[m for m in scores.models if m != "model-4"]))


def _write_manifest(place: Path, result: dict[str, object]) -> None:
    """What of a trained model's manifest the archive reads."""
    said = {"run_sha256": "r", "base": {"sha256": "b"}, "data": {"sha256": "d"}, "files": {}, "result": result}
    place.mkdir(parents=True)
    (place / "manifest.json").write_text(json.dumps(said))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A run of two variants with two seeds on two tasks, and their models' manifests."""
    rng = np.random.default_rng(0)
    for variant in ("model-1", "model-5"):
        for seed in (0, 1):
            name = f"{variant}/seed-{seed}"
            scores = rng.choice([0.0, 0.5, 1.0], 40)
            frame = pd.DataFrame(
                {
                    "subset": "default",
                    "split": "test",
                    "sample": [f"q{i}" for i in range(40)],
                    "score": scores,
                    "mrr_at_10": scores,
                }
            )
            meta = {
                "metric": "mean",
                "main_score": float(scores.mean()),
                "family": "Retrieval",
                "main_score_name": "ndcg_at_10",
            }
            write_task(tmp_path / "run", "DocsA", name, frame, meta)
            correct = rng.random(30) < 0.5
            frame = pd.DataFrame(
                {
                    "sample": [str(i) for i in range(30)],
                    "experiment": 0,
                    "correct": correct,
                    "prediction": "x",
                    "gold": "y",
                }
            )
            meta = {
                "metric": "accuracy",
                "main_score": float(correct.mean()),
                "family": "Classification",
                "main_score_name": "accuracy",
            }
            write_task(tmp_path / "run", "DocsB", name, frame, meta)
            result = {
                "loss": 1.0,
                "held_out_loss": 1.5 + seed,
                "seconds": 1,
                "history": [{"step": 50, "held_out_loss": 1.7}, {"step": 50, "loss": 1.1}],
            }
            _write_manifest(tmp_path / "models" / f"{variant}-s{seed}", result)
    return tmp_path


def test_an_archive_gives_back_scores_samples_and_losses(study: Path):
    write_archive(study / "run", study / "models", study / "archive", about={"corpus": "c"})
    archive = read_archive(study / "archive")
    scores = archive.scores()
    assert scores.models == ["model-1", "model-5"]
    assert dict(scores.tasks["family"]) == {"DocsA": "Retrieval", "DocsB": "Classification"}
    assert scores.tasks[["low", "high"]].to_numpy().tolist() == [
        [0, 1],
        [0, 1],
    ]  # so that no interval of a mean leaves them
    expanded = archive.expand(study / "again")
    for task in ("DocsA", "DocsB"):
        for model in expanded.models:
            kept = archive.table.query(
                f"task == {task!r} and variant == {model.split('/')[0]!r} and seed == {int(model[-1])}"
            )
            assert expanded.recompute(task, model) == pytest.approx(float(kept["score"].iloc[0]), abs=1e-12)
    assert archive.failed == [("model-1", 1), ("model-5", 1)]  # .5 above the median of two
    cell = archive.scores(with_failed=False).cells.iloc[0]
    assert len(cell["seed_scores"]) == 1
    assert archive.curves["held_out_loss"].count() == 4
    assert "mrr_at_10" not in pd.read_parquet(study / "archive" / "samples" / "DocsA.parquet")


def test_two_archives_of_one_study_are_the_same_bytes(study: Path):
    for name in ("one", "two"):
        write_archive(study / "run", study / "models", study / name, about={})
    for path in (study / "one").rglob("*.*"):
        assert path.read_bytes() == (study / "two" / path.relative_to(study / "one")).read_bytes()


def test_a_changed_or_missing_file_is_refused(study: Path):
    place = write_archive(study / "run", study / "models", study / "archive", about={})
    with (place / "scores.csv").open("a") as file:
        file.write("DocsA,Retrieval,x,model-1,9,1.0\n")
    with pytest.raises(InputError, match="not what its manifest says"):
        read_archive(place)
    (place / "scores.csv").unlink()
    with pytest.raises(InputError, match="missing"):
        read_archive(place)
    with pytest.raises(InputError, match="no study archive"):
        read_archive(study)
    (study / "models" / "model-5-s1" / "manifest.json").unlink()
    with pytest.raises(InputError, match="expected the trained model"):
        write_archive(study / "run", study / "models", study / "other", about={})


def test_the_tables_of_the_page_come_from_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[3])
    from benchmarks.study.tables import results_in, tables, write_into

    rng = np.random.default_rng(0)
    for variant in FACTORIAL:
        for seed in (0, 1, 2):
            name = f"{variant}/seed-{seed}"
            for family in FAMILIES:
                for t in range(3):
                    scores = rng.random(12)
                    frame = pd.DataFrame({"sample": [f"q{i}" for i in range(12)], "score": scores})
                    meta = {
                        "metric": "mean",
                        "main_score": float(scores.mean()),
                        "family": family,
                        "main_score_name": "x",
                    }
                    write_task(tmp_path / "run", f"{family}{t}", name, frame, meta)
            loss = 9.0 if name == "model-4/seed-2" else 1.5
            result = {
                "loss": 1.0,
                "held_out_loss": loss,
                "seconds": 1,
                "history": [{"step": 50, "held_out_loss": 1.7}, {"step": 100, "held_out_loss": loss}],
            }
            _write_manifest(tmp_path / "models" / f"{variant}-s{seed}", result)
    write_archive(tmp_path / "run", tmp_path / "models", tmp_path / "archive", about={"corpus": "0123456789abcdef"})
    text = tables(tmp_path / "archive", n_resamples=200)
    assert text.startswith(
        "Of the paper's 8 claims, none is supported, none is contradicted and 8 are undecided (H1, H2,"
    )
    assert "8 designs, 3 training seeds of the 5 that the protocol asks for, 12 tasks, 288 scores." in text
    assert "Failed by the protocol's rule, and in the answers all the same: model-4 seed 2." in text
    assert "Without the failed runs (model-4 seed 2):" in text
    page = tmp_path / "page.md"
    page.write_text(
        "# Study\n<!-- results: python -m benchmarks.study pages -->\nold\n<!-- end of the results -->\nlast\n"
    )
    write_into(page, text)
    write_into(page, text)  # once more: the same
    assert results_in(page.read_text()) == text
    assert page.read_text().startswith("# Study\n")
    assert page.read_text().endswith("\nlast\n")
    for part in (
        "| H1. No design fits all",
        "**undecided**",
        "Over other tasks, samples and seeds",
        "| multi-layer+causal | 1.7 | 1.5 |",
    ):
        assert part in text
    assert text.count("| H8.") == 2  # with and without the failed run


def test_what_is_no_archive_is_refused_in_one_line(study: Path):
    write_archive(study / "run", study / "models", study / "archive", about={})
    with pytest.raises(InputError, match=r"unknown task 'Docs'.*DocsA"):
        read_archive(study / "archive").expand(study / "other", tasks=["Docs"])
    place = study / "archive" / "manifest.json"
    manifest = json.loads(place.read_text())
    for schema in (2, "one", None):
        place.write_text(json.dumps(manifest | {"schema": schema}))
        with pytest.raises(InputError, match=f"has schema {schema}; this version reads 1"):
            read_archive(study / "archive")


def test_what_was_computed_here_is_held_against_the_archive(study: Path):
    write_archive(study / "run", study / "models", study / "archive", about={})
    archive = read_archive(study / "archive")
    for seed, shift in ((0, 4e-7), (1, 0.25)):
        place = study / f"live-{seed}"
        for row in archive.table.query(f"seed == {seed}").itertuples():
            name = f"{row.variant}/seed-{seed}".replace("/", "__")
            content = {
                "task_name": row.task,
                "scores": {"test": [{"hf_subset": "default", "main_score": row.score + shift}]},
            }
            file = place / "results" / name / "r1" / f"{row.task}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content | {"dataset_revision": "1", "mteb_version": "2", "evaluation_time": 1}))
            (file.parent / "model_meta.json").write_text(
                json.dumps({"name": f"{row.variant}/seed-{seed}", "revision": "r1"})
            )
        found = recomputed(archive, place / "results")
        assert (found.n_scores, found.n_stored, found.seeds) == (4, 8, [seed])
        assert found.agrees == (seed == 0)
        assert found.largest == pytest.approx(shift, rel=1e-3)
    assert (
        "4 of 8 scores were computed here (seed 1), and 4 of them differ from the stored ones by more than 1e-06, by up to 0.25"
        in found.sentence()
    )
    with pytest.raises(InputError, match="no run and task in common"):
        recomputed(archive, _other_names(study))


def _other_names(study: Path) -> Path:
    place = study / "elsewhere" / "org__model" / "r1"
    place.mkdir(parents=True)
    (place / "model_meta.json").write_text(json.dumps({"name": "org/model", "revision": "r1"}))
    content = {"task_name": "DocsA", "scores": {"test": [{"hf_subset": "default", "main_score": 0.5}]}}
    (place / "DocsA.json").write_text(
        json.dumps(content | {"dataset_revision": "1", "mteb_version": "2", "evaluation_time": 1})
    )
    return study / "elsewhere"


def test_designs_less_the_first_in_every_family():
    """Two families of three tasks: the difference is the mean of the tasks' own, and the interval of all together is the wider."""
    scores = made({"STS": {"model-5": 0.05}}, noise=0.004, tasks=3)
    found = designs_by_family(scores).set_index(["family", "model"])
    assert len(found) == len(FAMILIES) * (len(FACTORIAL) - 1)
    row = found.loc[("STS", "model-5")]
    own = scores.family("STS").table
    assert row["difference"] == pytest.approx(float((own["model-5"] - own["model-1"]).mean()))
    assert row["low"] < row["low_marginal"] < row["difference"] < row["high_marginal"] < row["high"]
    assert row["n"] == 3
    with pytest.raises(InputError, match="unknown design 'model-9'"):
        designs_by_family(scores, baseline="model-9")


def test_an_answer_says_its_p_value_once():
    [one] = [one for one in study_answers(made({}), n_resamples=200) if one.name == "H3"]
    assert re.search(r"\(.*, \[.*\], adjusted p [=<] [\d.]+, 9 tasks\)$", one.sentence()), one.sentence()
