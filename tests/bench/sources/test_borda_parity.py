"""Borda ranks, one by one, as mteb's own leaderboard computes them on the public results."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bench import read_scores
from stats import borda

pytestmark = pytest.mark.real_data

ENGLISH = ("MTEB(eng, v1)", "MTEB(eng, v2)")
#: In Medical many models ran a part of the languages of a task; in RTEB(beta) many lack most tasks.
PARTIAL = ("RTEB(beta)", "MTEB(Medical, v1)", "MTEB(Code, v1)")

#: mteb's own function, given what its leaderboard gives it.
_MTEB = """
import json, logging, sys, warnings
warnings.simplefilter("ignore"); logging.disable(logging.WARNING)
import mteb
from mteb.benchmarks import _create_table as table
from mteb.cache import ResultCache
out = {}
for name in sys.argv[2:]:
    benchmark = mteb.get_benchmark(name)
    loaded = ResultCache(cache_path=sys.argv[1]).load_results(tasks=[t.metadata.name for t in benchmark.tasks])
    long = loaded.select_tasks(benchmark.tasks).join_revisions()._to_results_df(benchmark.tasks)
    whole, _ = table._build_per_task_pivot(long)
    ranks = table._borda_rank_from_long(long, n_models=whole.height)
    shown = set(whole["model_name"])
    out[name] = {m: r for m, r in zip(ranks["model_name"], ranks["Rank (Borda)"]) if m in shown}
json.dump(out, sys.stdout)
"""


@pytest.mark.parametrize("benchmarks", [PARTIAL, ENGLISH], ids=["partly-run", "english"])
def test_every_rank_is_the_leaderboards(
    benchmarks: tuple[str, ...],
    results_archive: Path,
    rteb_archive: Path,
    unpack: Callable[..., None],
    tmp_path: Path,
) -> None:
    pytest.importorskip("mteb")
    archive = rteb_archive if benchmarks is PARTIAL else results_archive
    unpack(archive, benchmarks, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", _MTEB, str(tmp_path), *benchmarks],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    theirs = json.loads(done.stdout)
    for name in benchmarks:
        found = borda(read_scores(archive, benchmark=name)).dropna(subset="rank").set_index("model")["rank"]
        if name == "MTEB(eng, v1)":  # mteb does not build CQADupstack from its parts where it has no file of its own
            assert len(found) == len(theirs[name])
            continue
        assert found.astype(int).to_dict() == theirs[name], name


def test_the_stricter_rule_counts_whole_tasks_only(rteb_archive: Path) -> None:
    scores = read_scores(rteb_archive, benchmark="MTEB(Medical, v1)")
    assert scores.cells is not None
    assert scores.cells["partial_score"].notna().sum() > 40
    loose, strict = borda(scores), borda(scores, rule="whole-tasks")
    assert loose["rank"].notna().sum() == strict["rank"].notna().sum()
    assert not np.array_equal(loose["model"].to_numpy(), strict["model"].to_numpy())
