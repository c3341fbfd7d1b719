"""Training runs of one variant: told by what embsig wrote, folded into variants, kept apart on request."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench import read_scores
from bench.training_runs import by_name, first_runs, runs_of, together, training_run
from stats import Samples, Scores, compare
from stats.common.errors import InputError

Write = Callable[..., Path]


def _manifest(folder: Path, models: list[dict[str, object]]) -> None:
    (folder / "manifest.json").write_text(json.dumps({"schema": 3, "models": models, "tasks": []}))


@pytest.fixture
def run(tmp_path: Path, write_result: Write) -> Path:
    """A run of two variants with three seeds and a baseline, on three tasks."""
    for task, step in (("T1", 0.0), ("T2", 0.1), ("T3", 0.2)):
        for seed in range(3):
            write_result(f"local/eos-{seed}", task, {"test": {"default": 0.3 + step + 0.01 * seed}})
            write_result(f"local/mean-{seed}", task, {"test": {"default": 0.4 + step + 0.02 * seed}})
        write_result("local/baseline", task, {"test": {"default": 0.5}})
    models = [
        {"name": f"local/{v}-{s}", "kind": "folder", "source": "", "variant": v, "seed": s}
        for v in ("eos", "mean")
        for s in range(3)
    ]
    _manifest(tmp_path, [*models, {"name": "local/baseline", "kind": "hub", "source": "local/baseline"}])
    return tmp_path


def test_a_runs_models_are_variants_with_their_training_runs(run: Path) -> None:
    scores = read_scores(run)
    assert sorted(scores.models) == ["eos", "local/baseline", "mean"]
    assert scores.table.loc["T2"].round(9).to_dict() == {"eos": 0.41, "local/baseline": 0.5, "mean": 0.52}
    assert scores.cells is not None
    cell = scores.cells.query("model == 'mean' and task == 'T1'").iloc[0]
    assert cell["seed_scores"] == pytest.approx((0.4, 0.42, 0.44))
    assert "seeds" in compare(scores, rng=0).further["variance"]


def test_separate_seeds_are_models(run: Path) -> None:
    assert len(read_scores(run, seeds="separate").models) == 7
    with pytest.raises(InputError, match="seeds='apart': expected 'together' or 'separate'"):
        read_scores(run, seeds="apart")  # type: ignore[arg-type]


def test_a_demos_folder_is_read_as_its_run(tmp_path: Path, run: Path) -> None:
    folder = tmp_path / "embsig-demo"
    folder.mkdir()
    inside = folder / "run"
    inside.mkdir()
    for name in ("results", "manifest.json"):
        (run / name).rename(inside / name)
    assert read_scores(folder).table.equals(read_scores(inside).table)
    assert sorted(read_scores(folder).models) == ["eos", "local/baseline", "mean"]


def test_older_runs_say_it_by_the_models_folders_or_names(tmp_path: Path) -> None:
    trained = tmp_path / "eos-s4"
    trained.mkdir()
    (trained / "manifest.json").write_text(json.dumps({"variant": {"name": "eos", "pooling": "eos"}, "seed": 4}))
    assert training_run(trained) == {"variant": "eos", "seed": 4}
    _manifest(
        tmp_path, [{"name": "a", "source": str(trained)}, {"name": "mean/seed-1", "source": "gone"}, {"name": "x"}]
    )
    assert runs_of(tmp_path) == {"a": ("eos", 4), "mean/seed-1": ("mean", 1)}


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"models": 3}', '{"models": [3, {"name": 5}]}', '{"models": [{"name": "m"}]}']
)
def test_a_manifest_of_somebody_else_folds_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    assert runs_of(tmp_path) == {}


def test_a_variant_that_lacks_a_run_has_no_score_there() -> None:
    table = pd.DataFrame({"v/seed-0": [0.1, None], "v/seed-1": [0.3, 0.4], "w": [0.5, 0.6]}, index=["T1", "T2"])
    folded = together(Scores.from_frame(table, rows="tasks"), by_name(table.columns))
    assert folded.table["v"].round(9).tolist()[0] == 0.2
    assert folded.table["v"].isna().tolist() == [False, True]


def test_two_models_of_one_variant_and_seed_are_asked_about() -> None:
    table = pd.DataFrame({"a": [0.1, 0.2], "b": [0.3, 0.4]}, index=["T1", "T2"])
    with pytest.raises(InputError, match=r"'a' and 'b' are both 'eos' trained from seed 0: .*--seeds separate"):
        together(Scores.from_frame(table, rows="tasks"), {"a": ("eos", 0), "b": ("eos", 0)})


def test_samples_are_those_of_the_first_seed() -> None:
    frame = pd.DataFrame({"model": ["v/seed-2", "v/seed-10", "w"], "sample": "s", "score": [0.2, 0.3, 0.4]})
    folded = first_runs(Samples.from_frame(frame), by_name(["v/seed-2", "v/seed-10"]))
    assert sorted(folded.models) == ["v", "w"]
    assert folded.recompute("all", "v") == pytest.approx(0.2)


def test_the_command_line_keeps_seeds_apart_on_request(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from embsig.cli import app

    for seeds, n in (("together", 3), ("separate", 7)):
        with pytest.raises(SystemExit) as end:
            app.main(["scores", str(run), "--seeds", seeds])
        assert not end.value.code
        assert len(capsys.readouterr().out.splitlines()[0].split(",")) == 1 + n
