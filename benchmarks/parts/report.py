"""The page for 183 models: time and memory, in a process of its own."""

import tempfile
import time
from pathlib import Path

from benchmarks.harness import Options, Row, child, peak
from benchmarks.parts.pairs import table


def write(source: str, target: str) -> dict[str, float]:
    """Read, compare and write the page."""
    from bench import read_scores
    from reports import html_report
    from stats import compare

    start, cpu = time.perf_counter(), time.process_time()
    html_report(compare(read_scores(source), rng=0), target)
    return {"wall": time.perf_counter() - start, "cpu": time.process_time() - cpu, "peak_mb": peak()}


def run(options: Options) -> list[Row]:
    """One page."""
    scores = table(options)
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as folder:
        source = Path(folder) / "scores.csv"
        scores.to_frame().to_csv(source, index=False)
        found = child("benchmarks.parts.report", "write", str(source), str(Path(folder) / "report.html"))
    return [
        Row(
            f"report of {scores.n_models} models x {scores.n_tasks} tasks, reading and comparing included",
            "–",
            ours=found["cpu"],
            reach="<= 20 s, <= 2 GB",
            measured=f"{found['wall']:.1f} s by the clock, peak {found['peak_mb'] / 1024:.2f} GB",
            reached=found["wall"] <= 20 and found["peak_mb"] <= 2048,
        )
    ]
