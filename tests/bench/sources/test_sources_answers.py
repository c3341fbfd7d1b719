"""An answer that was kept is the answer: every value, type and word of it, and it is not given where it no longer holds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench import read_scores
from bench.sources import answers
from bench.sources.definitions import load
from stats import Scores

Write = Callable[..., Path]

V1 = "MTEB(eng, v1)"


def assert_same(ours: Scores, theirs: Scores) -> None:
    """Equal to the last bit, with the same types of values and of columns, and the same order of all that has one."""
    assert ours.cells is not None
    assert theirs.cells is not None
    for a, b in ((ours.table, theirs.table), (ours.tasks, theirs.tasks), (ours.cells, theirs.cells)):
        pd.testing.assert_frame_equal(a, b, check_exact=True)
        assert a.columns.dtype == b.columns.dtype
        for column in a:
            if a[column].dtype.kind == "f":
                assert a[column].to_numpy().tobytes() == b[column].to_numpy().tobytes()
            else:
                assert [typed(v) for v in a[column]] == [typed(v) for v in b[column]], column
    assert list(ours.provenance.items()) == list(theirs.provenance.items())
    assert (ours.higher_is_better, ours.excluded) == (theirs.higher_is_better, theirs.excluded)


def typed(value: Any) -> tuple[str, str]:
    return type(value).__name__, repr(value)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EMBSIG_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def kept(cache: Path) -> list[Path]:
    return sorted(cache.rglob("answer-*"))


@pytest.fixture
def tree(tmp_path: Path, write_result: Write) -> Path:
    """Gaps, revisions, an aggregate and its parts, replicates, a task that mteb does not know."""
    (forums,) = (t.parts for t in load().benchmark(V1) if t.parts)
    for model, score in (("org/a", 0.1 + 0.2), ("org/b", np.nan), ("org/ü", 1 / 3)):
        for task in ("STS12", "STS13", "NeverHeard", *forums):
            write_result(model, task, {"test": {"default": score}})
        runs = [{"accuracy": score}, {"accuracy": score + 0.1}]
        extra = {"accuracy": score, "scores_per_experiment": runs}
        write_result(model, "Banking77Classification", {"test": {"default": score}}, extra=extra)
        write_result(model, "STS12", {"test": {"default": score / 7}}, revision="external")
        write_result(model, "STS22", {"test": {"en": score, "de": 0.5} if model == "org/a" else {"de": 0.25}})
    return tmp_path / "results"


@pytest.mark.parametrize("benchmark", [None, V1, "eng v1", "MTEB(eng, v2)"])
@pytest.mark.parametrize("require", [None, True, False])
def test_a_second_answer_is_the_first(
    benchmark: str | None, require: bool | None, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(cache: bool = True) -> Scores:
        return read_scores(tree, benchmark=benchmark, require_model_meta=require, cache=cache)

    first = ask()
    monkeypatch.setattr("bench.read.open_index", None)
    assert_same(ask(), first)
    monkeypatch.undo()
    assert_same(ask(), ask(cache=False))


def test_what_was_read_can_be_written_to(tree: Path) -> None:
    read_scores(tree)
    scores = read_scores(tree)
    assert scores.cells is not None
    scores.table.iloc[0, 0] = 0.0
    scores.cells.loc[0, "n_revisions"] = 7
    assert read_scores(tree).table.iloc[0, 0] != 0.0


@pytest.mark.parametrize("at", [0, 40, 300, -1])
def test_a_damaged_answer_is_none(at: int, tree: Path, cache: Path) -> None:
    first = read_scores(tree)
    (path,) = kept(cache)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    assert answers.load(path) is None
    path.write_bytes(b"")
    assert answers.load(path) is None
    assert_same(read_scores(tree), first)
    assert answers.load(path) is not None


def test_an_answer_is_of_the_versions_that_wrote_it(tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_scores(tree)
    (path,) = kept(cache)
    monkeypatch.setattr(answers.pd, "__version__", "99.0")
    assert not answers.path_of(path.parent, None, None).exists()


def test_few_answers_are_kept(tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "KEEP", 2)
    for benchmark in ("MTEB(eng, v1)", "eng v1", "MTEB(eng, v2)", None):
        read_scores(tree, benchmark=benchmark)
    assert len(kept(cache)) == 2


@pytest.mark.real_data
def test_the_answer_on_the_public_results_is_the_first(results_archive: Path) -> None:
    first = read_scores(results_archive, benchmark=V1)
    assert_same(read_scores(results_archive, benchmark=V1), first)
