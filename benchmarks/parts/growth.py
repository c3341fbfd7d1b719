"""How cost grows with models k, tasks n and resamples B: time and peak memory, each in a process of its own."""

import time

import numpy as np
import pandas as pd

from benchmarks.harness import Options, Row, child, peak

#: (test, k, n, B), one size growing at a time.
GRID = [
    *(("bootstrap", k, 40, 1000) for k in (10, 100, 500, 1000, 2000)),
    *(("bootstrap", 100, n, 1000) for n in (5, 200, 2000)),
    *(("bootstrap", 100, 40, b) for b in (10_000, 100_000)),
    *(("wilcoxon", k, 40, 0) for k in (100, 500, 2000)),
    *(("wilcoxon", 100, n, 0) for n in (5, 200, 2000)),
]


def one(test: str, k: str, n: str, b: str) -> dict[str, float]:
    """CPU seconds and peak memory of one analysis."""
    import stats

    rng = np.random.default_rng(0)
    drawn = rng.normal(0.6, 0.1, (int(n), int(k)))
    frame = pd.DataFrame(drawn, [f"t{i}" for i in range(int(n))], [f"m{j}" for j in range(int(k))])
    before, start = peak(), time.process_time()
    if test == "bootstrap":
        stats.bootstrap(frame, n_resamples=int(b), rng=0)
    else:
        stats.wilcoxon(frame)
    return {"cpu": time.process_time() - start, "peak_mb": peak(), "before_mb": before}


def run(options: Options) -> list[Row]:
    """The grid."""
    grid = [("bootstrap", 5, 6, 50), ("wilcoxon", 5, 6, 0)] if options.tiny else GRID
    rows = []
    for test, k, n, b in grid:
        found = child("benchmarks.parts.growth", "one", test, str(k), str(n), str(b), threads=1)
        pairs = k * (k - 1) // 2
        work = pairs * b if b else pairs * n
        rows.append(
            Row(
                f"{test}: k = {k:,} models, n = {n:,} tasks" + (f", B = {b:,}" if b else ""),
                "–",
                ours=found["cpu"],
                measured=f"{1e9 * found['cpu'] / work:.1f} ns per pair and {'resample' if b else 'task'}, peak {found['peak_mb']:,.0f} MB",
            )
        )
    return rows
