"""The grid on mteb's mock tasks: every family, for a sentence-transformers model and a variant, samples and all."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from compare_runs import content, differences

from bench import evaluate, read_samples, read_scores
from bench.runner._evaluate import Evaluation


@pytest.fixture(scope="module")
def grid(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_model: Path,
    tiny_decoder: Callable[[str], Path],
    mock_tasks: list[Any],
) -> Evaluation:
    models = [tiny_model, f"model-5@{tiny_decoder('llama')}"]
    return evaluate(models, mock_tasks, output=tmp_path_factory.mktemp("grid"), seed=42)


def test_all_29_text_tasks_run_for_both_models(grid: Evaluation, mock_tasks: list[Any]) -> None:
    frame = grid.to_frame()
    assert len(mock_tasks) == 29
    assert frame["model"].unique().tolist() == ["local/tiny", "embsig/model-5@llama"]
    assert set(frame["task"]) == {t.metadata.name for t in mock_tasks}
    assert frame["status"].eq("done").all(), str(grid)
    assert grid.exit_status == 0


def test_the_main_score_is_recomputed_from_the_samples_of_every_family(grid: Evaluation) -> None:
    samples = read_samples(grid.folder)
    families = set()
    for outcome in grid.outcomes:
        task, model = outcome.job.task.name, outcome.job.model.name
        # mteb rounds retrieval metrics to five decimals.
        assert samples.recompute(task, model) == pytest.approx(outcome.score, abs=5.1e-6), task
        families.add(outcome.job.task.family)
    assert families == {
        "BitextMining", "Classification", "Clustering", "InstructionReranking", "InstructionRetrieval",
        "MultilabelClassification", "PairClassification", "Regression", "Reranking", "Retrieval", "STS", "Summarization",
        "ZeroShotClassification",
    }  # fmt: skip


def test_samples_say_where_they_come_from(grid: Evaluation) -> None:
    meta = read_samples(grid.folder).meta("MockSTSTask", "local/tiny")
    assert meta["family"] == "STS"
    assert meta["main_score_name"] == "cosine_spearman"
    assert meta["metric"] == "spearman"
    assert meta["model_revision"] == grid.outcomes[0].job.model.revision


def test_mteb_reads_the_folder_as_its_own(grid: Evaluation, mock_tasks: list[Any]) -> None:
    from mteb.cache import ResultCache

    outcome = grid.outcomes[0]
    cache = ResultCache(grid.folder)
    read = cache.load_task_result(outcome.job.task.name, outcome.job.model.name, outcome.job.model.revision)
    assert read is not None
    assert read.get_score() == pytest.approx(outcome.score, abs=1e-6)
    found = {(m.model_name, r.task_name) for m in cache.load_results().model_results for r in m.task_results}
    assert found == {(o.job.model.name, o.job.task.name) for o in grid.outcomes}


def test_embsig_reads_the_folder_as_scores(grid: Evaluation) -> None:
    scores = read_scores(grid.folder, cache=False)
    assert set(scores.models) == {"local/tiny", "embsig/model-5@llama"}
    assert scores.table.loc["MockSTSTask", "local/tiny"] == pytest.approx(
        next(o.score for o in grid.outcomes if o.job.task.name == "MockSTSTask"), abs=1e-6
    )


def test_the_same_call_runs_nothing_again(grid: Evaluation, tiny_model: Path, mock_tasks: list[Any]) -> None:
    before = content(grid.folder)
    again = evaluate(tiny_model, mock_tasks, output=grid.folder)
    assert {o.status for o in again.outcomes} == {"cached"}
    after = content(grid.folder)
    # The manifest tells of the last run only; all else is untouched.
    assert {k for k in before if before[k] != after[k]} == {"manifest.json"}


def test_another_order_and_a_part_of_the_grid_give_the_same_bytes(
    grid: Evaluation, tiny_model: Path, mock_tasks: list[Any], tmp_path: Path
) -> None:
    chosen = [
        t
        for t in mock_tasks
        if t.metadata.name.startswith(("MockMultilingualClu", "MockClass", "MockRer", "MockMultilab"))
    ]
    one, other = tmp_path / "one", tmp_path / "other"
    evaluate(tiny_model, chosen, output=one, cache_bytes=0)
    evaluate(tiny_model, chosen[1:2], output=other)
    evaluate(tiny_model, chosen[::-1], output=other)
    assert differences(one, other) == []
    whole = content(grid.folder)
    assert [n for n, c in content(one).items() if n.startswith("samples/") and whole[n] != c] == []


def test_a_change_of_settings_runs_the_job_again(tiny_model: Path, mock_tasks: list[Any], tmp_path: Path) -> None:
    clustering = [t for t in mock_tasks if t.metadata.name == "MockClusteringTask"]
    assert evaluate(tiny_model, clustering, output=tmp_path).outcomes[0].status == "done"
    assert evaluate(tiny_model, clustering, output=tmp_path, seed=1).outcomes[0].status == "done"
    assert evaluate(tiny_model, clustering, output=tmp_path, seed=1, batch_tokens=64).outcomes[0].status == "cached"
    assert evaluate(tiny_model, clustering, output=tmp_path, seed=1, prompt="task").outcomes[0].status == "done"


def test_a_failing_job_is_recorded_and_the_rest_goes_on(
    tiny_model: Path, mock_tasks: list[Any], tmp_path: Path
) -> None:
    sts = next(t for t in mock_tasks if t.metadata.name == "MockSTSTask")

    class BrokenTask(type(sts)):  # type: ignore[misc]  # a class made from an mteb object
        """A task whose data set is missing."""

        metadata = sts.metadata.model_copy(update={"name": "BrokenTask"})
        broken = True

        def load_data(self, *args: Any, **kwargs: Any) -> None:
            if type(self).broken:
                raise FileNotFoundError("no such data set:\n somewhere")
            super().load_data(*args, **kwargs)

    run = evaluate(tiny_model, [BrokenTask(), sts], output=tmp_path)
    assert [o.status for o in run.outcomes] == ["failed", "done"]
    assert run.exit_status == 1
    assert "local/tiny: BrokenTask: FileNotFoundError: no such data set: somewhere" in str(run)
    record = json.loads(next((tmp_path / "jobs").rglob("BrokenTask.json")).read_text())
    assert record["status"] == "failed"
    assert "Traceback" in record["trace"]
    again = evaluate(tiny_model, [BrokenTask(), sts], output=tmp_path)
    assert [o.status for o in again.outcomes] == ["skipped", "cached"]
    assert again.exit_status == 1
    assert "failed before" in str(again)
    BrokenTask.broken = False
    assert [
        o.status for o in evaluate(tiny_model, [BrokenTask(), sts], output=tmp_path, retry_failed=True).outcomes
    ] == ["done", "cached"]


def test_a_broken_model_fails_its_jobs_only(tiny_model: Path, mock_tasks: list[Any], tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text("{}")
    sts = [t for t in mock_tasks if t.metadata.name == "MockSTSTask"]
    run = evaluate([broken, tiny_model], sts, output=tmp_path / "out")
    assert [o.status for o in run.outcomes] == ["failed", "done"]
    assert run.outcomes[0].reason.startswith("model local/broken cannot be loaded: ")


def test_what_a_killed_run_left_is_swept_away(tiny_model: Path, mock_tasks: list[Any], tmp_path: Path) -> None:
    sts = [t for t in mock_tasks if t.metadata.name == "MockSTSTask"]
    run = evaluate(tiny_model, sts, output=tmp_path)
    before = content(tmp_path)
    stray = tmp_path / "samples" / "Other" / "local%2Ftiny.parquet"
    stray.parent.mkdir()
    stray.write_bytes(b"half")
    (tmp_path / "results" / run.outcomes[0].job.folder / "Other.json").write_text("{}")
    (tmp_path / ".stage" / "x").mkdir(parents=True)
    evaluate(tiny_model, sts, output=tmp_path)
    assert content(tmp_path) == before
    assert not stray.parent.exists()


def test_the_table_and_the_text_agree(grid: Evaluation) -> None:
    assert isinstance(grid.to_frame(), pd.DataFrame)
    assert str(grid).startswith(f"{len(grid.outcomes)} jobs in {grid.folder}: {len(grid.outcomes)} done")


def test_a_collapsed_model_has_an_undefined_score(mock_tasks: list[Any], tmp_path: Path) -> None:
    from mteb.models.abs_encoder import AbsEncoder
    from mteb.models.model_meta import ModelMeta, ScoringFunction

    class Constant(AbsEncoder):  # type: ignore[misc]  # mteb ships no type information
        """One vector for every text."""

        mteb_model_meta = ModelMeta.create_empty(
            overwrites={"name": "test/constant", "revision": "1", "similarity_fn_name": ScoringFunction.COSINE}
        )

        def encode(self, inputs: Any, **_: Any) -> Any:
            return np.ones((len(inputs.dataset), 4), dtype=np.float32)

    sts = [t for t in mock_tasks if t.metadata.name == "MockSTSTask"]
    for status in ("done", "cached"):
        (outcome,) = evaluate(Constant(), sts, output=tmp_path).outcomes
        assert (outcome.status, outcome.score) == (status, None)
        assert outcome.reason == "the main score is undefined (NaN)"
    assert not (tmp_path / "samples").exists()


def test_an_aggregate_is_the_mean_of_its_parts(tiny_model: Path, mock_tasks: list[Any], tmp_path: Path) -> None:
    from mteb.abstasks.aggregate_task_metadata import AggregateTaskMetadata
    from mteb.abstasks.aggregated_task import AbsTaskAggregate

    sts = next(t for t in mock_tasks if t.metadata.name == "MockSTSTask")

    class Twin(type(sts)):  # type: ignore[misc]  # a class made from an mteb object
        """The same task with other gold scores."""

        metadata = sts.metadata.model_copy(update={"name": "Twin"})
        missing = True

        def load_data(self, *args: Any, **kwargs: Any) -> None:
            if type(self).missing:
                raise FileNotFoundError("not yet")
            super().load_data(*args, **kwargs)
            self.dataset["test"] = self.dataset["test"].map(lambda row: {"score": -row["score"]})

    class Both(AbsTaskAggregate):  # type: ignore[misc]  # mteb ships no type information
        """Two tasks as one."""

        metadata = AggregateTaskMetadata(
            name="Both", description="two tasks", tasks=[sts, Twin()], main_score="cosine_spearman", type="STS",
            eval_splits=["test"],
        )  # fmt: skip

    first = evaluate(tiny_model, Both(), output=tmp_path)
    assert {o.job.task.name: o.status for o in first.outcomes} == {
        "MockSTSTask": "done",
        "Twin": "failed",
        "Both": "failed",
    }
    assert first.outcomes[-1].reason == "1 of its 2 parts are not done: Twin"
    Twin.missing = False
    again = evaluate(tiny_model, Both(), output=tmp_path, retry_failed=True)
    assert [o.status for o in again.outcomes] == ["cached", "done", "done"]
    parts = [o.score for o in again.outcomes[:2]]
    # mteb combines what it has written, rounded to six decimals.
    assert again.outcomes[-1].score == pytest.approx(np.mean(parts), abs=1e-6)
    assert [o.status for o in evaluate(tiny_model, Both(), output=tmp_path).outcomes] == ["cached"] * 3
