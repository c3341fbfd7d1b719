"""The same models, revisions and numbers as mteb's own reader, on the public results."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench import read_scores
from stats import Scores

pytestmark = pytest.mark.real_data

V1, V2 = "MTEB(eng, v1)", "MTEB(eng, v2)"

#: mteb's reader in a process of its own: it imports torch, and its registries and warnings stay there.
_MTEB = """
import json, logging, sys, warnings
warnings.simplefilter("ignore"); logging.disable(logging.WARNING)
import mteb
from mteb.cache import ResultCache
def main(cache, names):
    benchmarks = [mteb.get_benchmark(name) for name in names]
    # One pass over the files serves all: select_tasks is what makes a benchmark's own result of it.
    every = sorted({t.metadata.name for b in benchmarks for t in b.tasks})
    loaded = ResultCache(cache_path=cache).load_results(tasks=every)
    out = {}
    for benchmark in benchmarks:
        joined = loaded.select_tasks(benchmark.tasks).join_revisions()
        out[benchmark.name] = [
            [m.model_name, m.model_revision, t.task_name, t.mteb_version, t.dataset_revision,
             [None if s["main_score"] is None else float(s["main_score"]) for l in t.scores.values() for s in l]]
            for m in joined for t in m.task_results
        ]
    plain = loaded.to_dataframe().set_index("task_name").drop(columns="is_public")
    plain = plain.loc[[t.metadata.name for t in benchmarks[0].tasks]]
    out["unfiltered"] = int(plain.notna().all().sum())
    json.dump(out, sys.stdout)
main(sys.argv[1], sys.argv[2:])
"""


@pytest.fixture(scope="module")
def by_mteb(
    results_archive: Path, unpack: Callable[..., None], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What mteb reads, after unpacking only the two benchmarks' tasks and the model cards."""
    pytest.importorskip("mteb")
    cache = tmp_path_factory.mktemp("mteb-cache")
    unpack(results_archive, (V1, V2), cache)
    done = subprocess.run(
        [sys.executable, "-c", _MTEB, str(cache), V2, V1],
        capture_output=True, text=True, check=True, env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    logging.getLogger(__name__).debug(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def frame(rows: list[list[Any]]) -> pd.DataFrame:
    columns = ["model", "revision", "task", "mteb_version", "dataset_revision", "scores"]
    table = pd.DataFrame(rows, columns=columns)
    # A missing subset is padded with NaN, and makes the task's score missing.
    table["score"] = [np.mean([np.nan if s is None else s for s in v]) if v else np.nan for v in table["scores"]]
    return table


@pytest.fixture(scope="module")
def v2(results_archive: Path) -> Scores:
    return read_scores(results_archive, benchmark=V2)


def test_every_score_of_the_second_english_benchmark_equals_mtebs(by_mteb: dict[str, Any], v2: Scores) -> None:
    theirs = frame(by_mteb[V2]).pivot(index="task", columns="model", values="score")
    assert set(theirs.columns) == set(v2.models)
    assert set(theirs.index) == set(v2.task_names)
    theirs = theirs.reindex_like(v2.table)
    assert (theirs.isna() == v2.table.isna()).all().all()
    assert float((theirs - v2.table).abs().max().max()) <= 1e-9


def test_every_score_comes_from_the_same_evaluation(by_mteb: dict[str, Any], v2: Scores) -> None:
    columns = ["revision", "mteb_version", "dataset_revision"]
    theirs = frame(by_mteb[V2]).set_index(["task", "model"])[columns]
    assert v2.cells is not None
    ours = v2.cells.set_index(["task", "model"])[columns].reindex(theirs.index)
    assert len(theirs) == len(v2.cells)
    assert (ours["revision"] == theirs["revision"]).all()
    none = ["None", "dataset revision not available", "mteb version not available"]
    for column in ("dataset_revision", "mteb_version"):
        assert (ours[column].fillna("") == theirs[column].replace(none, "").fillna("")).all()


def test_the_first_english_benchmark_differs_only_where_an_aggregate_has_no_file(
    by_mteb: dict[str, Any], results_archive: Path
) -> None:
    ours = read_scores(results_archive, benchmark=V1)
    theirs = frame(by_mteb[V1]).pivot(index="task", columns="model", values="score").reindex_like(ours.table)
    both = theirs.notna()
    assert float((theirs - ours.table)[both].abs().max().max()) <= 1e-9
    assert (ours.table[both].notna() == both).all().all()
    extra = ours.table.notna() & ~both
    assert extra.any(axis=1)[lambda row: row].index.tolist() == ["CQADupstackRetrieval"]
    assert ours.cells is not None
    built = ours.cells.loc[ours.cells["built_from"] == "parts", "model"]
    assert set(built) == set(extra.columns[extra.any()])


def test_183_models_are_complete_and_196_if_subsets_are_mixed(by_mteb: dict[str, Any], v2: Scores) -> None:
    assert frame(by_mteb[V2]).pivot(index="task", columns="model", values="score").notna().all().sum() == 183
    assert v2.complete().n_models == 183
    # Without select_tasks mteb takes the mean over whatever a file holds, and 13 more models seem complete.
    assert by_mteb["unfiltered"] == 196


def test_an_independent_reading_agrees(v2: Scores, eng_v2_csv: Path) -> None:
    other = read_scores(eng_v2_csv)
    complete = v2.complete()
    assert set(other.models) == set(complete.models)
    assert float((other.table - complete.table).abs().max().max()) <= 1e-9
    assert other.tasks["family"].to_dict() == v2.tasks["family"].to_dict()


def test_a_second_read_of_the_archive_parses_nothing(
    results_archive: Path, v2: Scores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.sources.part.parse", None)
    again = read_scores(results_archive, benchmark=V2)
    assert again.table.equals(v2.table)
    assert again.provenance == v2.provenance
