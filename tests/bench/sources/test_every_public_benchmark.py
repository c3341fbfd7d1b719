"""On the public results every benchmark's comparison ends in an answer, or in one line with what works; few tasks are said."""

import os
import re
from pathlib import Path

import pytest

from bench import read, read_scores
from bench.sources.definitions import load
from stats import Comparison, compare
from stats.common.errors import InputError

pytestmark = pytest.mark.real_data

#: Whole and nearly whole, a seventh of the tasks there, one task there, none there.
FEW = ("RTEB(beta)", "MTEB(Law, v1)", "MTEB(cmn, v1)", "MTEB(kor, v2)", "MIEB(lite)")


def outcome(source: Path, benchmark: str | None, **options: object) -> Comparison | str:
    try:
        return compare(
            read_scores(source, benchmark=benchmark), missing="auto", n_resamples=100, families=False, rng=0, **options
        )
    except InputError as error:
        return str(error)


def check(source: Path, benchmark: str) -> None:
    found = outcome(source, benchmark)
    if isinstance(found, str):
        assert "\n" not in found
        if least := re.search(r"--min-tasks (\d+)", found):
            found = outcome(source, benchmark, min_tasks=int(least[1]))
        elif other := re.search(r'--benchmark "([^"]+)"', found):
            found = outcome(source, other[1])
        else:
            assert "leave --benchmark out" in found or "--unit subset" in found, found
            return
    assert isinstance(found, Comparison), f"{benchmark}: {found}"
    coverage = found.coverage
    assert coverage is not None
    if coverage.tasks_used < 0.8 * coverage.tasks_asked:
        first = next(line for line in found.conclusions if "first" in line)
        assert f"on only {coverage.tasks_used} of the {coverage.tasks_asked} tasks asked for" in first


@pytest.mark.parametrize("benchmark", FEW)
def test_some_benchmarks(rteb_archive: Path, benchmark: str) -> None:
    check(rteb_archive, benchmark)


def test_a_table_with_holes(multilingual_csv: Path) -> None:
    found = compare(read(multilingual_csv), missing="auto", n_resamples=100, families=False, rng=0)
    coverage = found.coverage
    assert coverage is not None
    assert (coverage.tasks_used, coverage.tasks_asked, found.n_models, coverage.models_seen) == (127, 131, 143, 427)
    assert coverage.empty_tasks == ("FloresBitextMining",)
    assert "143 of the 427 models that have scores, on 127 of 131 tasks" in " ".join(found.conclusions)
    assert not any("on only" in line for line in found.conclusions)


@pytest.mark.skipif(
    not os.environ.get("EMBSIG_SLOW_TESTS"), reason="slow: every benchmark of both archives (EMBSIG_SLOW_TESTS=1)"
)
@pytest.mark.parametrize("benchmark", load().benchmark_names)
def test_every_benchmark_of_both_archives(rteb_archive: Path, results_archive: Path, benchmark: str) -> None:
    for archive in (rteb_archive, results_archive):
        check(archive, benchmark)
