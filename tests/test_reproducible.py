"""One seed gives the same bytes: in another process, with other hashes of strings, and with another number of threads."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from reports import PLOTS

ROOT = Path(__file__).resolve().parents[1]
DATE = "1700000000"  # 2023-11-14

#: In one process, so that the libraries are loaded once: every form of `compare`, every figure, the page, the tables.
_MAKE = """
import sys
from pathlib import Path
from embsig.cli import analysis, app as command_line
from reports import PLOTS
table, wide, design, out = (Path(a) for a in sys.argv[1:])
calls = [["compare", wide, "--format", "json", "-o", "wide.json"], ["compare", table, "--test", "bootstrap", "--correction", "romano-wolf", "--format", "json", "-o", "romano.json"]]
calls += [["compare", table, "--design", design, "--format", f, "-o", f"compare.{f}"] for f in ("text", "json", "csv", "markdown", "latex")]
calls += [["plot", kind, table, "--design", design, "-o", f"{kind}.svg"] for kind in PLOTS if kind != "frontier"]
calls += [["plot", "frontier", table.with_name("known.csv"), "-o", "frontier.svg"]]
calls += [["plot", "critical-difference", table, "-o", f"cd.{f}"] for f in ("pdf", "png", "tex")]
calls += [["report", table, "--design", design, "-o", "report.html"], ["audit", table, "-o", "audit.txt"], ["audit", table, "--format", "json", "-o", "audit.json"]]
calls += [["scores", table, "-o", f"scores.{f}"] for f in ("csv", "csv.gz", "parquet")]
analysis.command_line = lambda: "embsig"
compared, compare = {}, analysis.run_comparison
def once(source, options):  # a comparison for the figures, the page and every format: they differ in what is drawn
    key = repr((source, options))
    if key not in compared:
        compared[key] = compare(source, options)
    return compared[key]
analysis.run_comparison = once
for call in calls:
    try:
        command_line.main([str(a) for a in call[:-1]] + [str(out / call[-1]), *(["--resamples", "400"] if call[0] in ("compare", "plot", "report") else [])])
    except SystemExit as end:
        assert not end.code, call
"""

_RUN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import crash
crash._run(Path(sys.argv[2]))
"""


def _python(code: str, *arguments: object, hashes: str, threads: str, cwd: Path) -> None:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    env = {**os.environ, **dict.fromkeys(names, threads), "PYTHONHASHSEED": hashes, "SOURCE_DATE_EPOCH": DATE}
    env["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    """Everything, made twice."""
    place = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(0)
    for name, tasks, models in (("table", 9, 6), ("wide", 31, 16)):
        scores = 0.5 + 0.1 * rng.standard_normal((tasks, 1)) + 0.02 * rng.standard_normal((tasks, models))
        head = ",".join(["task", *(f"org{i % 3}/model-{i}" for i in range(models))])
        known = (
            "STS12",
            "STS13",
            "STS14",
            "SciFact",
            "NFCorpus",
            "SCIDOCS",
            "ImdbClassification",
            "Banking77Classification",
        )
        named = [*known, *(f"task-{i}" for i in range(tasks))]
        rows = [",".join([name, *map(repr, row)]) for name, row in zip(named, scores.tolist(), strict=False)]
        (place / f"{name}.csv").write_text("\n".join([head, *rows]) + "\n")
    factors = [
        f"org{i % 3}/model-{i},{('mean', 'eos', 'latent')[i // 2]},{('causal', 'both')[i % 2]}" for i in range(6)
    ]
    (place / "design.csv").write_text("\n".join(["model,pooling,attention", *factors]) + "\n")
    known = (place / "table.csv").read_text()
    for i, size in enumerate(("small", "base", "large")):  # models whose sizes are known
        known = known.replace(f"org{i % 3}/model-{i},", f"intfloat/multilingual-e5-{size},")
    (place / "known.csv").write_text(known)
    found = []
    for hashes, threads in (("0", "1"), ("1", "2")):
        out = place / threads
        out.mkdir()
        inputs = (place / "table.csv", place / "wide.csv", place / "design.csv")
        _python(_MAKE, *inputs, out, hashes=hashes, threads=threads, cwd=place)
        found.append({p.name: p.read_bytes() for p in sorted(out.iterdir())})
    return found


def test_everything_is_the_same_bytes_on_one_thread_and_on_two(made: list[dict[str, bytes]]) -> None:
    one, two = made
    assert len(one) == len(PLOTS) + 16
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []


def test_the_date_of_the_build_is_honoured(made: list[dict[str, bytes]]) -> None:
    assert b"2023-11-14" in made[0]["report.html"]
    assert b"2023-11-14" in made[0]["forest.svg"]
    assert b"20231114" in made[0]["cd.pdf"]


def test_a_run_is_the_same_bytes_whatever_the_hashes_of_strings_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mteb")
    for folder in ("bench", "bench/runner"):
        monkeypatch.syspath_prepend(str(ROOT / "tests" / folder))
    from compare_runs import content, differences
    from crash import _run

    # This process has hashes of its own, and mteb is loaded in it.
    _run(tmp_path / "here")
    other = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    _python(_RUN, ROOT / "tests" / "bench", tmp_path / "there", hashes=other, threads="1", cwd=tmp_path)
    assert len(content(tmp_path / "here")) > 20
    assert differences(tmp_path / "here", tmp_path / "there") == []
