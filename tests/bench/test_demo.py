"""The demo's own parts: the models that ship, and a run folded into variants with seeds."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import demo, paper
from bench.study import VARIANTS, trained
from stats.common.errors import InputError

Write = Callable[..., Path]


@pytest.fixture
def run(tmp_path: Path, write_result: Write) -> Path:
    """A run of two variants with two seeds on two tasks of a suite."""
    for variant, base in (("model-5", 0.4), ("model-1", 0.6)):
        for seed in (0, 1):
            for task, step in (("DocsA", 0.0), ("DocsB", 0.1)):
                write_result(f"{variant}/seed-{seed}", task, {"test": {"default": base + step + 0.02 * seed}})
    tasks = [
        {"name": "DocsA", "family": "STS", "main_score": "cosine_spearman"},
        {"name": "DocsB", "family": "Retrieval", "main_score": "ndcg_at_10"},
    ]
    (tmp_path / "manifest.json").write_text(json.dumps({"tasks": tasks}))
    return tmp_path


def test_a_variants_score_is_the_mean_over_its_seeds_and_each_seed_is_kept(run: Path) -> None:
    scores = demo.study_scores(run)
    assert scores.models == ["model-1", "model-5"]  # the paper's order, whatever the folder's
    assert scores.table.loc["DocsA", "model-1"] == pytest.approx(0.61)
    assert scores.cells is not None
    cell = scores.cells.query("model == 'model-5' and task == 'DocsB'").iloc[0]
    assert cell["seed_scores"] == pytest.approx((0.5, 0.52))


def test_families_of_a_suites_tasks_come_from_the_runs_manifest(run: Path) -> None:
    scores = demo.study_scores(run)
    assert dict(scores.tasks["family"]) == {"DocsA": "STS", "DocsB": "Retrieval"}
    assert dict(scores.tasks["metric"]) == {"DocsA": "cosine_spearman", "DocsB": "ndcg_at_10"}


def test_somebody_elses_manifest_is_left_alone(run: Path) -> None:
    (run / "manifest.json").write_text("[]")
    assert demo.study_scores(run).families == []


def test_the_variants_that_ship_are_the_study(tmp_path: Path) -> None:
    shipped = trained.trained_variants()
    assert [m.variant for m in shipped] == list(VARIANTS)  # the protocol's order
    assert set(paper.MODELS) < {m.variant for m in shipped}
    assert {m.seed for m in shipped} == {0}
    with pytest.raises(InputError, match="no trained variants"):
        trained.trained_variants(tmp_path)


def test_the_quick_demo_names_tasks_that_exist() -> None:
    from bench import suite

    assert set(trained.QUICK_TASKS) <= {task.metadata.name for task in suite("study")}


def test_the_design_crosses_pooling_and_attention_and_leaves_out_who_does_not() -> None:
    table = demo.design_table(["model-1", "model-2", "model-5", "somebody-elses"])
    assert table.loc["model-5"].to_dict() == {"pooling": "multi-layer", "attention": "bidirectional"}
    assert list(table.index) == ["model-1", "model-5"]
