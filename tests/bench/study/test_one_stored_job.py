"""One job of the study's archive, drawn at random, is computed again from the model that ships."""

import random
from pathlib import Path

import pandas as pd

from bench import evaluate
from bench.study import study_archive
from bench.study.recomputed import recomputed
from bench.study.trained import trained_variants
from bench.suites.registry import suite

#: Another processor adds in another order: a document can change places with its neighbour, a point its cluster.
ANOTHER_PROCESSOR = 0.005


def test_a_stored_score_is_computed_again(tmp_path: Path) -> None:
    """Any model and task, another one in every run of the tests: what is drawn stands in the message of a failure."""
    archive, draw = study_archive(), random.SystemRandom()
    model, task = draw.choice(trained_variants()), draw.choice(suite("study"))
    done = evaluate([f"{model.name}={model.folder}"], [task], output=tmp_path, workers=1, threads=1)
    assert not done.failed, f"{model.name} on {task.metadata.name}: {done}"

    found = recomputed(archive, tmp_path)
    assert found.n_scores == 1
    assert found.where == f"{model.name} on {task.metadata.name}"
    assert found.largest <= ANOTHER_PROCESSOR, found.sentence()


def test_the_draw_is_from_all_that_is_stored() -> None:
    stored = study_archive().table
    first = stored[stored["seed"] == 0]
    assert set(first["task"]) == {task.metadata.name for task in suite("study")}
    assert set(first["variant"]) == {model.variant for model in trained_variants()}
    assert not first.duplicated(["variant", "task"]).any()
    assert pd.notna(first["score"]).all()
