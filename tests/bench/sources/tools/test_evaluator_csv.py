"""sentence-transformers' evaluators: files of the names and headings that version 6.2 writes."""

from pathlib import Path
from typing import Any

import pytest

from bench.sources.tools.registry import Asked, read_tool
from stats import Scores
from stats.common.errors import InputError

SIMILARITY = "epoch,steps,cosine_pearson,cosine_spearman"
RETRIEVAL = "epoch,steps,cosine-Accuracy@1,cosine-Recall@10,cosine-MRR@10,cosine-NDCG@10,cosine-MAP@100"
TRIPLET = "epoch,steps,accuracy_cosine"


def write(root: Path, model: str, name: str, head: str, *rows: str) -> Path:
    folder = root / model / "eval"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for model, lift in (("mini", 0.0), ("base", 0.1)):
        write(
            tmp_path,
            model,
            "similarity_evaluation_sts-dev_results.csv",
            SIMILARITY,
            "1,100,0.5,0.4",
            f"2,200,0.6,{0.5 + lift}",
        )
        write(
            tmp_path,
            model,
            "Information-Retrieval_evaluation_NanoNQ_results.csv",
            RETRIEVAL,
            f"-1,-1,0.2,0.3,0.4,{0.45 + lift},0.1",
        )
        write(tmp_path, model, "triplet_evaluation_all-nli_results.csv", TRIPLET, f"-1,-1,{0.8 + lift}")
        write(tmp_path, model, "NanoBEIR_evaluation_mean_results.csv", RETRIEVAL, "-1,-1,0.2,0.3,0.4,0.99,0.1")
    return tmp_path


def _read(*paths: Path, **asked: Any) -> Scores:
    long = read_tool(paths, Asked(**asked))
    assert long is not None
    found = long.scores("eval")
    assert isinstance(found, Scores)
    return found


def test_primary_metrics_of_the_last_evaluation_are_read(root: Path) -> None:
    scores = _read(root)
    assert scores.table["base"].round(9).to_dict() == {"NanoNQ": 0.55, "sts-dev": 0.6, "all-nli": 0.9}
    assert dict(scores.tasks["metric"]) == {
        "NanoNQ": "cosine-NDCG@10",
        "sts-dev": "cosine_spearman",
        "all-nli": "accuracy_cosine",
    }
    said = scores.provenance["read"]["notes"]
    assert "mini, sts-dev: the last of 2 evaluations" in said
    assert any(note.startswith("NanoBEIR_evaluation_mean_results.csv left out") for note in said)


def test_another_metric_is_asked_for(root: Path) -> None:
    scores = _read(root, metric=("cosine-MRR@10", "cosine_pearson", "accuracy_cosine"))
    assert scores.table["mini"].to_dict() == {"NanoNQ": 0.4, "sts-dev": 0.6, "all-nli": 0.8}


def test_an_error_is_lower_is_better(tmp_path: Path) -> None:
    for model, value in (("a", 2.5), ("b", 3.5)):
        for name in ("en-de", "en-fr"):
            write(tmp_path, model, f"mse_evaluation_{name}_results.csv", "epoch,steps,MSE", f"-1,-1,{value}")
    scores = _read(tmp_path)
    assert not scores.higher_is_better
    assert scores.table["a"].tolist() == [2.5, 2.5]


@pytest.mark.parametrize("rows", [[], ["1,100,0.5,0.4,0.3"]])
def test_damaged_files_are_one_line(tmp_path: Path, rows: list[str]) -> None:
    write(tmp_path, "a", "similarity_evaluation_x_results.csv", SIMILARITY, *(["1,2,0.1,0.2"] if rows else []), *rows)
    with pytest.raises(InputError, match=r"has no row of results|is not a readable table") as caught:
        _read(tmp_path)
    assert "\n" not in str(caught.value)


def test_other_csv_files_are_nobodys(tmp_path: Path) -> None:
    (tmp_path / "similarity_evaluation_x_results.csv").write_text("task,a,b\n")
    (tmp_path / "scores_results.csv").write_text(SIMILARITY)
    assert read_tool([tmp_path], Asked()) is None
