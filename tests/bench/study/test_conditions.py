"""The factorial under other conditions beside the study: what each changes, against scipy's tests."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from bench.study.archive import SHIPPED, Archive, read_archive
from bench.study.making import about
from bench.study.protocol import BASE_RECIPE, CONDITIONS, FACTORIAL, SEEDS, STUDY, TRAIN_RECIPE, VARIANTS


@pytest.fixture
def conditions(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[3])
    from benchmarks.study import conditions as module

    return module


@pytest.fixture(scope="module")
def study() -> Archive:
    return read_archive(SHIPPED)


@pytest.fixture(scope="module")
def other(study: Archive) -> Archive:
    """As the study's first seed, with noise, and model-5 better by .1 in STS."""
    first = study.table[study.table["seed"] == 0]
    noise = np.random.default_rng(0).normal(0, 0.01, len(first))
    lift = 0.1 * ((first["variant"] == "model-5") & (first["family"] == "STS"))
    return replace(study, table=first.assign(score=first["score"] + noise + lift))


def test_a_condition_differs_from_the_study_in_one_thing():
    own = CONDITIONS[STUDY]
    assert (own.pretraining, dict(own.training)) == (BASE_RECIPE, dict(TRAIN_RECIPE))
    for name, under in CONDITIONS.items():
        assert (under.pretraining != own.pretraining) + (dict(under.training) != dict(own.training)) == (name != STUDY)
    assert CONDITIONS["next-token"].pretraining.masked_share == 0
    assert CONDITIONS["longer"].training["steps"] == 4 * TRAIN_RECIPE["steps"]


def test_a_condition_is_of_designs_and_seeds_of_the_study():
    assert (CONDITIONS[STUDY].variants, CONDITIONS[STUDY].seeds) == (VARIANTS, SEEDS)
    for under in CONDITIONS.values():
        assert set(under.variants) <= set(VARIANTS)
        assert set(under.seeds) <= set(SEEDS)
    assert CONDITIONS["next-token"].variants == tuple(FACTORIAL)


def test_claims_about_designs_that_a_condition_lacks_are_left_out(conditions, study: Archive, other: Archive):
    two = replace(other, table=other.table[other.table["variant"].isin(["model-1", "model-5"])])
    table = conditions.changes(study, two).set_index("contrast")
    assert [name.partition(":")[0] for name in table.index if name.startswith("H")] == ["H2", "H3", "H4", "H5"]
    whole = conditions.changes(study, other).set_index("contrast")
    pd.testing.assert_frame_equal(table.filter(like="H", axis=0), whole.loc[table.filter(like="H", axis=0).index])
    sts = [
        one.table[(one.table["family"] == "STS") & (one.table["seed"] == 0)].pivot_table(
            index="task", columns="variant", values="score"
        )
        for one in (study, two)
    ]
    ours, theirs = (one[["model-1", "model-5"]].mean(axis=1) for one in sts)
    assert table.loc["mean of the designs, STS", "p"] == f"{scipy_stats.ttest_rel(theirs, ours).pvalue:.2g}"


def test_the_archive_of_a_condition_says_what_it_was_made_with(tmp_path: Path):
    (tmp_path / "config.json").write_text("{}")
    assert about(tmp_path)["training"]["steps"] == 250
    told = about(tmp_path, "longer", batch_size=8)
    assert (told["training"]["steps"], told["training"]["batch_size"]) == (1000, 8)
    assert about(tmp_path, "next-token")["base"]["recipe"]["masked_share"] == 0


def test_of_a_condition_scores_and_losses_are_published(conditions, tmp_path: Path):
    from benchmarks.study.publish import publish_condition

    found = read_archive(publish_condition(SHIPPED, tmp_path / "longer"))
    whole = read_archive(SHIPPED)
    pd.testing.assert_frame_equal(found.table, whole.table)
    pd.testing.assert_frame_equal(found.curves, whole.curves)
    assert found.manifest["runs"] == whole.manifest["runs"]
    assert sorted(p.name for p in (tmp_path / "longer").iterdir()) == ["curves.csv", "manifest.json", "scores.csv"]


def test_what_a_condition_changes_is_a_paired_test_over_tasks(conditions, study: Archive, other: Archive):
    table = conditions.changes(study, other).set_index("contrast")
    wide = [
        one.table[one.table["seed"] == 0].pivot_table(index=["family", "task"], columns="variant", values="score")
        for one in (study, other)
    ]
    for name, family in (
        ("H2: model-5 less model-1, STS", "STS"),
        ("H3: model-5 less model-1, retrieval", "Retrieval"),
    ):
        ours, theirs = (one.loc[family, "model-5"] - one.loc[family, "model-1"] for one in wide)
        found = scipy_stats.ttest_rel(theirs, ours)
        low, high = found.confidence_interval()
        row = table.loc[name]
        assert (row["study"], row["other"]) == (f"{ours.mean():+.4f}", f"{theirs.mean():+.4f}")
        assert row["change"] == f"{(theirs - ours).mean():+.4f} [{low:+.4f}, {high:+.4f}]"
        assert (row["p"], row["tasks"]) == (f"{found.pvalue:.2g}", 9)
    assert (
        float(table.loc["H2: model-5 less model-1, STS", "p"])
        < 0.001
        < float(table.loc["H3: model-5 less model-1, retrieval", "p"])
    )
    ours, theirs = (one.loc["Clustering", list(FACTORIAL)].mean(axis=1) for one in wide)
    assert table.loc["mean of the designs, Clustering", "p"] == f"{scipy_stats.ttest_rel(theirs, ours).pvalue:.2g}"


def test_beside_a_change_stands_what_two_seeds_differ_by(conditions, study: Archive, other: Archive):
    table = conditions.changes(study, other).set_index("contrast")
    sts = study.table[study.table["family"] == "STS"]
    means = sts.groupby(["variant", "seed"])["score"].mean().unstack()
    apart = np.sqrt(2) * np.std(means.loc["model-5"] - means.loc["model-1"], ddof=1)
    assert table.loc["H2: model-5 less model-1, STS", "two seeds"] == f"{apart:.4f}"


def test_conditions_that_were_made_stand_on_the_page(
    conditions, study: Archive, other: Archive, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr(conditions, "place", lambda condition: tmp_path / condition)
    assert conditions.beside(study) == []
    (tmp_path / "longer").mkdir()
    (tmp_path / "longer" / "manifest.json").touch()
    steps = pd.DataFrame(
        {"variant": "model-1", "seed": 0, "step": [50, 250, 500], "loss": np.nan, "held_out_loss": [2.0, 1.75, 1.5]}
    )
    made = replace(
        other, manifest={**other.manifest, "training": {**other.manifest["training"], "steps": 1000}}, curves=steps
    )
    monkeypatch.setattr(conditions, "read_archive", lambda folder: made)
    said, table, losses, curves = conditions.beside(study)
    assert said.startswith(
        "**With four times the updates**: the base is the study's, and every run had 1,000 updates in place of 250;"
    )
    assert table.startswith("| contrast | 250 updates | 1,000 updates | change | p | two seeds | tasks |")
    assert losses.startswith("Their held-out losses")
    assert "| variant | 250 | 500 |" in curves
    assert "| model-1 | 1.75 | 1.5 |" in curves
