"""`embsig compare` of two thousand models, and `embsig report` of five hundred, as one types it: wall time, memory, and the line that says beforehand how long it takes.

What need not end, if a line says beforehand what would, is stopped when that line is out; its row says what was said.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.harness import Options, Row

#: (command, models, tasks, seconds that are asked for).
GRID = [("compare", 2000, 100, 60), ("compare", 2000, 1000, 300), ("report", 500, 200, 60)]
#: Seconds that a command is given: to end, or where a line will do, to say it.
_PATIENCE, _TO_SAY = 600, 30


def table(k: int, n: int) -> pd.DataFrame:
    """Scores of models that differ in skill, and tasks in hardness."""
    rng = np.random.default_rng(0)
    drawn = 0.6 + rng.normal(0, 0.05, k) + rng.normal(0, 0.1, (n, 1)) + rng.normal(0, 0.03, (n, k))
    names = [f"task{i}" for i in range(n)], [f"org/model{j}" for j in range(k)]
    return pd.DataFrame(np.clip(drawn, 0.01, 0.99).round(5), *names).rename_axis("task")


def one(command: str, k: int, n: int, asked: int, folder: Path) -> Row:
    """The command on one table, its peak memory read from the system while it works."""
    source = folder / f"{k}x{n}.csv"
    table(k, n).to_csv(source)
    start, before = time.monotonic(), _processor_seconds()
    patience = _TO_SAY if n > 200 else _PATIENCE
    done = subprocess.Popen(
        [sys.executable, "-m", "embsig", command, str(source), "-o", str(folder / {"compare": "found.json", "report": "found.html"}[command])], stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    peak = 0.0
    while done.poll() is None and time.monotonic() - start < patience:
        peak = max(peak, _memory(done.pid))
        time.sleep(0.2)
    wall, ended = time.monotonic() - start, done.poll() is not None
    done.terminate()
    lines = (done.communicate()[1] or "").splitlines()
    if ended and done.returncode:
        raise RuntimeError(lines[-1] if lines else f"exit code {done.returncode}")
    spent = _processor_seconds() - before
    said = next((line for line in lines if " take about " in line), "")
    took = f"{wall:.0f} s by the clock" if ended else f"stopped after {wall:.0f} s"
    return Row(
        f"`embsig {command}`, {k:,} models x {n:,} tasks, every pair, the default test",
        "–",
        ours=wall if ended else None,
        reach=f"<= {asked} s by the clock, < 2 GB" + (", or a line that says what would" if n > 200 else ""),
        measured=f"{took}, {spent:.0f} s of CPU, peak {peak / 1024:.2f} GB, {sum(line.startswith('comparing:') for line in lines)} lines of progress",
        reached=peak < 2048 and ((ended and wall <= asked) or (n > 200 and bool(said))),
        note=f"said beforehand: {said.removeprefix('embsig: ')}" if said else "",
    )


def _processor_seconds() -> float:
    """Of all processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(process: int) -> float:
    """Largest resident set of a process so far, in MB; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def run(options: Options) -> list[Row]:
    """Both tables."""
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as place:
        return [
            one(*row, Path(place)) for row in ([("compare", 12, 8, 60), ("report", 6, 8, 60)] if options.tiny else GRID)
        ]
