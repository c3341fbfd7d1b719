"""The site of all leaderboards: a tree of the whole results repository's shape, cold, and after one model was added."""

import os
import subprocess
import sys
import tempfile
import zipfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from benchmarks.harness import Options, Row

#: Models of the whole tree: with them it has about as many files as the public repository had in August 2026 (104,601).
MODELS = 65
_MADE = Path(__file__).resolve().parents[2] / "tests" / "helpers" / "whole_tree.py"


def _write_whole_tree(path: Path, n_models: int) -> int:
    spec = spec_from_file_location("whole_tree", _MADE)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(_MADE)
    module: Any = module_from_spec(spec)
    spec.loader.exec_module(module)
    return int(module.write_whole_tree(path, n_models=n_models))


def _make(source: Path, target: Path, cache: Path, *benchmarks: str) -> dict[str, float]:
    """Make the site in a process of its own: CPU seconds and the largest resident set of one of its processes."""
    chosen = [word for name in benchmarks for word in ("--benchmark", name)]
    code = (
        "import resource, sys; from embsig.cli.app import main; sys.argv[0] = 'embsig'\n"
        "try: main()\nfinally:\n"
        "    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]\n"
        "    print(sum(u.ru_utime + u.ru_stime for u in used), max(u.ru_maxrss for u in used) / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "site", str(source), "-o", str(target), "--jobs", "1", *chosen],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    cpu, peak_mb = map(float, done.stdout.split()[-2:])
    return {"cpu": cpu, "peak_mb": peak_mb}


def run(options: Options) -> list[Row]:
    """Cold, then with one more model, then without any change."""
    models, chosen = (8, ("NanoBEIR",)) if options.tiny else (MODELS, ())
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as folder:
        root = Path(folder)
        archive = root / "results.zip"
        files = _write_whole_tree(archive, models)
        with zipfile.ZipFile(archive) as packed:
            names = packed.namelist()
            added = [n for n in names if f"model-{models - 1}/" in n]
            packed.extractall(root / "tree", [n for n in names if n not in set(added)])
            source, target, cache = root / "tree" / "results", root / "site", root / "cache"
            cold = _make(source, target, cache, *chosen)
            again = _make(source, target, cache, *chosen)
            packed.extractall(root / "tree", added)
        grown = _make(source, target, cache, *chosen)
        weight = sum(p.stat().st_size for p in target.rglob("*") if p.is_file())
        boards = len(list(target.glob("*/board.json")))
    peak = max(cold["peak_mb"], grown["peak_mb"]) / 1024
    what = f"site of {boards} benchmarks from {files:,} result files"

    def row(work: str, cpu: float, reach: str, measured: str, reached: bool) -> Row:
        return Row(work, "–", ours=cpu, reach=reach, measured=measured, reached=None if options.tiny else reached)

    return [
        row(what, cold["cpu"], "<= 600 s, <= 1.5 GB, <= 150 MB", f"peak {peak:.2f} GB, {weight / 1e6:.0f} MB",
            cold["cpu"] <= 600 and peak <= 1.5 and weight <= 150e6),
        row("the same, nothing changed", again["cpu"], "", "", True),
        row("the same, one model added", grown["cpu"], "<= 60 s", "", grown["cpu"] <= 60),
    ]  # fmt: skip
