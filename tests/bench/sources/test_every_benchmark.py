"""A tree of the whole repository's shape: every benchmark of mteb ends in an answer, or in one line with a command that works."""

import os
import re
import time
from pathlib import Path

import pytest

from bench import read_scores
from bench.sources.definitions import load
from stats import Scores, compare
from stats.common.errors import InputError
from tests.helpers.whole_tree import write_whole_tree

#: Benchmarks that are compared: of one task, of text, images, sound and video, whole and with holes.
COMPARED = (
    "BEIR",
    "BRIGHT",
    "MTEB(eng, v2)",
    "RTEB(beta)",
    "MIEB(lite)",
    "MAEB(v1)",
    "MVEB(v1)",
    "ViDoRe(v3.1, reranking)",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "whole.zip"
    write_whole_tree(path)
    read_scores(path, benchmark="BEIR")  # makes the index
    return path


def test_every_benchmark_is_read_with_its_tasks(archive: Path) -> None:
    for name in load().benchmark_names[:: 1 if os.environ.get("EMBSIG_SLOW_TESTS") else 5]:
        scores = read_scores(archive, benchmark=name)
        assert scores.task_names == [task.name for task in load().benchmark(name)]
        assert scores.table.notna().any(axis=None), name


def answer(scores: Scores, **options: object) -> str:
    """What a comparison says first, or its error."""
    try:
        return compare(scores, n_resamples=200, families=False, rng=0, **options).conclusions[1]
    except InputError as error:
        return str(error)


@pytest.mark.parametrize("name", COMPARED)
def test_compared_or_told_what_works(archive: Path, name: str) -> None:
    said = answer(read_scores(archive, benchmark=name))
    if least := re.search(r"--min-tasks (\d+)", said):
        said = answer(read_scores(archive, benchmark=name), min_tasks=int(least[1]))
    elif "--unit subset" in said:
        said = answer(read_scores(archive, benchmark=name, unit="subset"))
    assert "first" in said, said


def test_all_tasks_are_read_at_once(archive: Path) -> None:
    """The time grows with the files, not with tasks times files: 1,000 tasks took 24 s when each was looked up by itself."""
    start = time.process_time()
    scores = read_scores(archive)
    taken = time.process_time() - start
    assert scores.n_tasks > 1000
    assert taken < 6, f"{taken:.1f} s"
