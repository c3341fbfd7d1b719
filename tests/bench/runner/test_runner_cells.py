"""Dimensions and precisions from one encoding: the same numbers as separate runs, one pass over the texts."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.util.quantization import quantize_embeddings

import embsig
from bench import evaluate, read_samples, read_scores
from bench.runner.encoding.cells import stored
from bench.runner.encoding.encode import Encoder
from bench.runner.grid.cells import Cell, parse_cells
from bench.runner.grid.declared_width import declared_width
from reports.figures import size_frontier
from stats.common.errors import InputError

NAMES = ("STS", "Retrieval", "Classification")


@pytest.fixture(scope="module")
def tasks(mock_tasks: list[Any]) -> list[Any]:
    return [next(t for t in mock_tasks if t.metadata.name == f"Mock{n}Task") for n in NAMES]


@pytest.fixture(scope="module")
def width(tiny_model: Path) -> int:
    return int(SentenceTransformer(str(tiny_model)).get_embedding_dimension() or 0)


@pytest.fixture(scope="module")
def counted(
    tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, tasks: list[Any], width: int
) -> tuple[Path, dict[str, int]]:
    """A grid of eight cells and a run of the model alone, with the texts that each encoded."""
    texts: dict[str, int] = {}
    encode = Encoder.encode_distinct
    folders = {}
    for name, how in {
        "alone": {},
        "grid": {"dims": f"{width // 2},full", "precision": "float32,float16,int8,binary"},
    }.items():
        with pytest.MonkeyPatch.context() as patch:

            def count(self: Encoder, asked: list[str], *more: Any, run: str = name) -> Any:
                texts[run] = texts.get(run, 0) + len(asked)
                return encode(self, asked, *more)

            patch.setattr(Encoder, "encode_distinct", count)
            folders[name] = tmp_path_factory.mktemp(name)
            done = evaluate(tiny_model, tasks, output=folders[name], **how)  # type: ignore[arg-type]
            assert done.exit_status == 0, str(done)
    return folders["grid"], texts


def test_one_encoding_serves_all_cells(counted: tuple[Path, dict[str, int]]) -> None:
    """Goal: at most 1.15 times one evaluation's encoding."""
    assert counted[1]["grid"] == counted[1]["alone"]


def test_every_cell_is_a_model_of_its_own_with_samples(counted: tuple[Path, dict[str, int]], width: int) -> None:
    scores = read_scores(counted[0])
    half = f"local/tiny-dim{width // 2}"
    assert set(scores.models) == {m + s for m in ("local/tiny", half) for s in ("", "-float16", "-int8", "-binary")}
    assert read_samples(counted[0]).meta("MockSTSTask", f"{half}-int8")["model_revision"]
    found = embsig.gate(counted[0], baseline="local/tiny", candidate="local/tiny-float16", margin=0.05)
    assert found.claims[0].n_tasks == 3
    assert "local/tiny-float16, 50 % smaller (" in str(found)
    assert found.to_dict()["bytes_per_vector"] == {"local/tiny": 4 * width, "local/tiny-float16": 2 * width}
    listed = {m["name"]: m for m in json.loads((counted[0] / "manifest.json").read_text())["models"]}
    assert listed[f"{half}-int8"]["cell"] == [width // 2, "int8"]
    assert "cell" not in listed["local/tiny"]


def test_the_bytes_of_a_vector_are_what_quality_is_set_against(
    counted: tuple[Path, dict[str, int]], width: int
) -> None:
    sizes = {
        f"local/tiny{dims}{precision}": -(-width // cut * bits // 8)
        for dims, cut in (("", 1), (f"-dim{width // 2}", 2))
        for precision, bits in (("", 32), ("-float16", 16), ("-int8", 8), ("-binary", 1))
    }
    assert read_scores(counted[0]).provenance["bytes_per_vector"] == sizes
    assert read_samples([counted[0]]).provenance["bytes_per_vector"] == sizes
    found = embsig.compare(read_scores(counted[0]), rng=0)
    table = found.further["cost"]["bytes_per_vector"].frame
    complete = {str(m): sizes[m] for m in found.ranks["model"]}  # signs of so few texts may leave a score undefined
    assert dict(zip(table["model"], table["cost"], strict=True)) == complete
    best = table.loc[table["in_top_set"], "model"].iloc[0]
    assert f"the smallest is {best} ({sizes[best]} bytes a vector)" in " ".join(found.conclusions)
    assert size_frontier(found).get_xlabel() == "bytes per vector"


def test_a_cell_equals_a_separate_run(
    counted: tuple[Path, dict[str, int]], tiny_model: Path, tasks: list[Any], tmp_path: Path, width: int
) -> None:
    alone = evaluate(tiny_model, tasks[:2], output=tmp_path, dims=str(width // 2), precision="int8")
    together = read_scores(counted[0]).table
    for outcome in alone.outcomes:
        assert together.loc[outcome.job.task.name, outcome.job.model.name] == pytest.approx(outcome.score, abs=1e-6)
    full = evaluate(tiny_model, tasks[:2], output=tmp_path / "plain")
    for outcome in full.outcomes:  # the cell that leaves everything as it is, is the model itself
        assert together.loc[outcome.job.task.name, "local/tiny"] == pytest.approx(outcome.score, abs=1e-12)
    again = evaluate(tiny_model, tasks, output=counted[0])
    assert {o.status for o in again.outcomes} == {"cached"}


def test_cut_vectors_are_those_of_sentence_transformers(tiny_model: Path, width: int) -> None:
    texts = ["a cat", "a dog and a bird", "rain"]
    whole = SentenceTransformer(str(tiny_model)).encode(texts)
    cut = SentenceTransformer(str(tiny_model), truncate_dim=width // 2).encode(texts)
    assert stored(whole, Cell(width // 2)) == pytest.approx(cut, abs=1e-6)


def test_what_codes_stand_for() -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 12)).astype(np.float32)
    step = np.ptp(vectors, axis=0) / 255
    # The greatest of a dimension is code 255, whose middle lies half a step above it.
    assert (np.abs(stored(vectors, Cell(None, "int8")) - vectors) <= 0.501 * step + 1e-6).all()
    codes = np.asarray(quantize_embeddings(vectors, "int8")).astype(int)
    middle = vectors.min(axis=0) + (codes + 128 + 0.5) * step
    assert stored(vectors, Cell(None, "int8")) == pytest.approx(middle, abs=1e-5)
    assert np.abs(stored(vectors, Cell(None, "float16")) - vectors).max() < 2e-3
    signs = stored(vectors, Cell(None, "binary"))
    assert (signs == np.where(vectors > 0, 1, -1)).all()
    bits = np.asarray(quantize_embeddings(vectors, "ubinary"))
    hamming = np.unpackbits(bits[0] ^ bits[1])[:12].sum()
    assert signs[0] @ signs[1] / 12 == pytest.approx(1 - 2 * hamming / 12)
    assert np.abs(stored(vectors[:1], Cell(None, "int8")) - vectors[:1]).max() < 2 * np.abs(vectors[0]).max() / 255


def test_more_dimensions_than_the_folder_declares_are_refused_before_anything_is_run(
    tiny_model: Path, tasks: list[Any], tmp_path: Path, width: int
) -> None:
    with pytest.raises(InputError, match=f"dims={4 * width}: local/.* makes vectors of {width}; expected at most that"):
        evaluate(tiny_model, tasks[:1], output=tmp_path / "run", dims=[width, 4 * width])
    assert not (tmp_path / "run").exists()


def test_more_dimensions_than_there_are_fail_the_job_with_both_numbers(
    tiny_model: Path, tasks: list[Any], tmp_path: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.runner.grid.cells.declared_width", lambda folder: None)
    done = evaluate(tiny_model, tasks[:1], output=tmp_path, dims=[width, 4 * width])
    assert [o.status for o in done.outcomes] == ["done", "failed"]
    assert f"makes vectors of {width}" in done.outcomes[1].reason


@pytest.mark.parametrize(
    ("dims", "precision", "says"),
    [
        ("64,half", None, "dims='half': expected whole numbers above 0, or full"),
        ("0", None, "dims='0'"),
        (None, "int4", "unknown precision 'int4'"),
    ],
)
def test_bad_input_is_one_clear_line(dims: object, precision: object, says: str) -> None:
    with pytest.raises(InputError) as error:
        parse_cells(dims, precision)
    assert says in str(error.value)


def test_cells_share_one_process(tiny_model: Path, tasks: list[Any], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one encoding for all cells of a model, in one process"):
        evaluate(tiny_model, tasks, output=tmp_path, dims="full", workers=2)


@pytest.mark.parametrize(
    ("last", "config", "width"),
    [
        ("Pooling", {"word_embedding_dimension": 12, "pooling_mode_mean_tokens": True}, 12),
        ("Pooling", {"embedding_dimension": 12, "pooling_mode": "mean"}, 12),
        ("Pooling", {"word_embedding_dimension": 12, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True}, None),
        ("Pooling", {"embedding_dimension": 12, "pooling_mode": ["mean", "cls"]}, None),
        ("Dense", {"in_features": 12, "out_features": 5}, 5),
        ("MyOwn", {"embedding_dimension": 12}, None),
    ],
)  # fmt: skip
def test_what_a_folder_declares(last: str, config: dict[str, Any], width: int | None, tmp_path: Path) -> None:
    modules = [{"type": f"sentence_transformers.models.{name}", "path": name} for name in (last, "Normalize")]
    (tmp_path / "modules.json").write_text(json.dumps(modules))
    (tmp_path / last).mkdir()
    (tmp_path / last / "config.json").write_text(json.dumps(config))
    assert declared_width(tmp_path) == width
