"""The demo: what is evaluated here is held against the archive, and the claims are answered from it."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import bench.demo
import bench.study
import bench.study.making
import bench.study.trained
from bench.study import VARIANTS, Archive, read_archive, write_archive
from bench.study.protocol import FAMILIES
from stats.samples import write_task

TASKS = 4


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Ten designs, two seeds, four tasks a family; model-5 is .1 better in STS, and nothing else differs but by chance."""
    root = tmp_path_factory.mktemp("study")
    rng = np.random.default_rng(0)
    for variant in VARIANTS:
        for seed in (0, 1):
            for family in FAMILIES:
                for t in range(TASKS):
                    score = 0.4 + 0.05 * t + 0.1 * (variant == "model-5" and family == "STS") + 0.002 * rng.normal()
                    frame = pd.DataFrame({"sample": ["q0", "q1"], "score": [score, score]})
                    meta = {"metric": "mean", "main_score": score, "family": family, "main_score_name": "ndcg_at_10"}
                    write_task(root / "run", f"{family}{t}", f"{variant}/seed-{seed}", frame, meta)
            result = {"loss": 1.0, "held_out_loss": 1.5, "seconds": 1, "history": [{"step": 50, "held_out_loss": 1.5}]}
            said = {"run_sha256": "r", "base": {"sha256": "b"}, "data": {"sha256": "d"}, "files": {}, "result": result}
            place = root / "models" / f"{variant}-s{seed}"
            place.mkdir(parents=True)
            (place / "manifest.json").write_text(json.dumps(said))
    return read_archive(write_archive(root / "run", root / "models", root / "archive", about={"corpus": "c" * 16}))


@pytest.fixture
def evaluated(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The evaluation, replaced by one that writes the archive's scores of seed 0, shifted by what the test says."""
    from stats import Samples

    shift = {"by": 0.0}

    def evaluate(models: object, output: Path, **_: object) -> SimpleNamespace:
        for row in archive.table.query("seed == 0").itertuples():
            file = Path(output) / f"{row.variant}__seed-0" / "r" / f"{row.task}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            scores = {"test": [{"hf_subset": "default", "main_score": row.score + shift["by"]}]}
            said = {"task_name": row.task, "dataset_revision": "1", "mteb_version": "2", "evaluation_time": 1}
            file.write_text(json.dumps(said | {"scores": scores}))
            (file.parent / "model_meta.json").write_text(json.dumps({"name": f"{row.variant}/seed-0", "revision": "r"}))
        return SimpleNamespace(failed=0)

    monkeypatch.setattr(bench.study, "study_archive", lambda: archive)
    monkeypatch.setattr(bench.study.trained, "evaluate_trained", evaluate)
    monkeypatch.setattr(bench.study.trained, "trained_variants", lambda *_: [])
    monkeypatch.setattr(bench.demo, "study_samples", lambda run: Samples.open(archive.folder.parent / "run"))
    monkeypatch.setattr("bench.embedded_base.corpus_note", lambda: None)
    return shift


def test_the_demo_answers_the_claims_and_says_what_was_computed_here(
    cli: Callable[..., tuple[int, str, str]], evaluated: dict[str, float], tmp_path: Path
) -> None:
    code, said, _ = cli("demo", "-o", tmp_path)
    assert code == 0
    assert said.startswith("Of the paper's 8 claims, ")
    answers = pd.read_csv(tmp_path / "answers.csv").set_index("name")
    assert answers.loc["H2", "verdict"] == "supported"
    assert answers.loc["H2", "estimate"] == pytest.approx(0.1, abs=0.005)
    assert answers.loc["H3", "verdict"] == "undecided"
    page = (tmp_path / "report.html").read_text()
    assert (
        f"{len(VARIANTS) * TASKS * 4} of {len(VARIANTS) * TASKS * 8} scores were computed here (seed 0) and equal the stored ones"
        in page
    )
    assert "2 training seeds of the 5 that the protocol asks for" in page


def test_a_score_that_is_not_the_stored_one_is_said(
    cli: Callable[..., tuple[int, str, str]], evaluated: dict[str, float], tmp_path: Path
) -> None:
    evaluated["by"] = 2e-6
    code, _, warned = cli("demo", "-o", tmp_path)
    assert code == 0
    assert "differ from the stored ones by more than 1e-06" in warned
    assert "The answers are of the stored scores." in (tmp_path / "report.html").read_text()
