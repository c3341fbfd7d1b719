"""Reading MTEB results: the public results of MTEB(eng, v2), and a tree of 100,000 files made from them."""

import json
import os
import tarfile
import tempfile
import time
import warnings
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.harness import Options, Row, child, peak

ARCHIVE = "mteb-results-eng.tar.zst"
BENCHMARK = "MTEB(eng, v2)"


def ours(source: str, cache: str) -> dict[str, float]:
    """Read a source by embsig: seconds by the clock and of the CPU, other processes' too, peak memory of this one, shape."""
    import bench.sources.tree  # noqa: F401  # what is imported is not read
    from bench import read_scores

    clock, start = time.perf_counter(), sum(os.times()[:4])
    scores = read_scores(source, benchmark=BENCHMARK, cache=cache == "index")
    times = {"cpu": sum(os.times()[:4]) - start, "clock": time.perf_counter() - clock}
    return {**times, "peak_mb": peak(), "models": scores.n_models, "tasks": scores.n_tasks}


def at_once(source: str, *benchmarks: str) -> dict[str, float]:
    """Read several benchmarks from one index in one process, an empty name is all tasks: CPU seconds of each, peak memory."""
    from bench import read_scores

    read_scores(source, benchmark="BEIR")  # the first pays for what all need
    found = {}
    for name in benchmarks:
        start = time.process_time()
        read_scores(source, benchmark=name or None)
        found[name] = time.process_time() - start
    return {**found, "peak_mb": peak()}


def theirs(source: str) -> dict[str, float]:
    """Read it by mteb's ResultCache."""
    warnings.simplefilter("ignore")
    import mteb
    from mteb.cache import ResultCache

    benchmark = mteb.get_benchmark(BENCHMARK)
    clock, start = time.perf_counter(), time.process_time()
    table = ResultCache(source).load_results(tasks=benchmark).to_dataframe()
    times = {"cpu": time.process_time() - start, "clock": time.perf_counter() - clock}
    return {**times, "peak_mb": peak(), "models": table.shape[1], "tasks": table.shape[0]}


def unpack(archive: Path, folder: Path, at_most: int | None = None) -> None:
    """Unpack the archive of results, or its first files."""
    import zstandard

    with (
        archive.open("rb") as file,
        zstandard.ZstdDecompressor().stream_reader(file) as stream,
        tarfile.open(fileobj=stream, mode="r|") as tar,
    ):
        for member in islice(tar, at_most):
            tar.extract(member, folder, filter="data")


def multiply(source: Path, target: Path, files: int) -> int:
    """Write a tree of so many result files: the real ones again under other models' names."""
    written = copy = 0
    folders = sorted(p.parent for p in source.rglob("model_meta.json"))
    while written < files:
        for folder in folders:
            model, revision = folder.parent.name, folder.name
            here = target / "results" / f"{model}-{copy}" / revision
            here.mkdir(parents=True)
            for path in folder.glob("*.json"):
                data = path.read_bytes()
                if path.name == "model_meta.json":
                    card: dict[str, Any] = json.loads(data)
                    card["name"] = f"{card.get('name') or model.replace('__', '/')}-{copy}"
                    data = json.dumps(card).encode()
                (here / path.name).write_bytes(data)
                written += path.name != "model_meta.json"
            if written >= files:
                break
        copy += 1
    return written


def rows_of(what: str, source: str, peer_source: str, options: Options, cold: float, warm: float, scale: float, note: str, memory: bool) -> list[Row]:  # fmt: skip
    """Time cold, from the index and by mteb, in processes of their own, in turn."""
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as cache:
        env = {"XDG_CACHE_HOME": cache, "EMBSIG_CACHE": cache}
        module = "benchmarks.parts.results"
        child(module, "ours", source, "index", env=env, threads=1)  # makes the index
        found: dict[str, list[dict[str, float]]] = {"cold": [], "index": [], "mteb": []}
        for _ in range(1 if options.tiny or memory else options.rounds):
            found["cold"].append(child(module, "ours", source, "no", env=env, threads=1))
            found["index"].append(child(module, "ours", source, "index", env=env, threads=1))
            found["mteb"].append(child(module, "theirs", peer_source, env=env, threads=1))
    rows = []
    for kind, bound in (("cold", cold), ("index", warm)):
        # Several processes read a cold source: their time is the clock's. The index is read by one.
        unit = "clock" if kind == "cold" else "cpu"
        mine = sorted(r[unit] for r in found[kind])
        other = sorted(r[unit] * scale for r in found["mteb"])
        ratios = sorted(o / m for o, m in zip(other, mine, strict=True))
        middle = len(ratios) // 2
        top = max(r["peak_mb"] for r in found[kind])
        rows.append(
            Row(
                f"{what}, {'cold' if kind == 'cold' else 'from the index'}",
                "mteb.ResultCache",
                mine[middle],
                other[middle],
                ratio=ratios[middle],
                ratio_low=ratios[0],
                ratio_high=ratios[-1],
                reach=f">= {bound:g}x",
                reached=ratios[middle] >= bound,
                note="; ".join(
                    filter(None, [note, f"{'by the clock' if kind == 'cold' else 'CPU'}; peak {top:,.0f} MB"])
                ),
            )
        )
    return rows


def run(options: Options) -> list[Row]:
    """The public results of one benchmark."""
    if options.data is None:
        return [Row(f"{BENCHMARK} to a table", "mteb.ResultCache", reach=">= 4x cold", note="the results archive is not at hand")]  # fmt: skip
    archive = options.data / ARCHIVE
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as folder:
        unpack(archive, Path(folder), 1500 if options.tiny else None)
        source = folder if options.tiny else str(archive)
        rows = rows_of(f"{BENCHMARK} from the results archive to a table", source, folder, options, 4, 100, 1, "mteb reads the unpacked tree", False)  # fmt: skip
        return rows + rows_of(f"{BENCHMARK} from the unpacked tree", folder, folder, options, 4, 100, 1, "", False)
