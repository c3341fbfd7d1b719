"""What every part shares: rows of the table, interleaved timing, and work in a process of its own."""

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

#: The parts in their order; those after the bar are long, or need what not every machine has, and run when named.
PARTS = (
    "startup",
    "tables",
    "pairs",
    "limits",
    "whole",
    "samples",
    "results",
    "tree",
    "encoding",
    "pooling",
    "report",
    "growth",
    "proofs",
    "grids",
    "memory",
)
LONG = ("stream", "large", "site", "gpu")


@dataclass(frozen=True)
class Options:
    """What a part is told.

    Attributes
    ----------
    data : Path or None
        The folder with the public MTEB results and the score table; None where it is not there.
    scratch : Path or None
        Where temporary folders go.
    rounds : int
        Interleaved repetitions.
    tiny : bool
        A smoke test: the smallest sizes at which everything runs.
    """

    data: Path | None = None
    scratch: Path | None = None
    rounds: int = 3
    tiny: bool = False


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes
    ----------
    work, against : str
        What was done, and what it is measured against.
    ours, theirs : float
        CPU seconds, medians, where the row says nothing else.
    ratio, ratio_low, ratio_high : float
        Theirs over ours: the median over rounds, the smallest and the largest.
    reach : str
        What is asked for.
    measured : str
        What counts, in words, where it is no ratio.
    reached : bool or None
        None where it could not be measured.
    note : str
        What was timed on a part, what is missing.
    """

    work: str
    against: str
    ours: float | None = None
    theirs: float | None = None
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    reach: str = ""
    measured: str = ""
    reached: bool | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {k: v for k, v in asdict(self).items() if v not in (None, "")}


def seconds(run: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - cpu


def against(
    work: str,
    peer: str,
    ours: Callable[[], object],
    theirs: Callable[[], object] | None,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    scale: float = 1.0,
    rounds: int = 3,
    note: str = "",
    missing: str = "",
) -> Row:
    """Time two ways in turn, by CPU seconds and by the clock, and compare them.

    What is asked for is reached where the ratio of CPU seconds is, or that by the clock: several threads are no less useful.

    Parameters
    ----------
    work, peer : str
    ours, theirs : callable
    at_least : float, optional
        The ratio theirs / ours that is asked for.
    at_most : float, optional
        The ratio ours / theirs that is asked for.
    scale : float
        By what the peer's time is multiplied, where it is timed on a part.
    rounds : int
    note, missing : str
        What to say; why there is no peer.
    """
    bound = at_least if at_least is not None else at_most
    reach = "" if bound is None else f">= {bound:g}x" if at_least is not None else f"<= {bound:g}x"
    ours()  # kernels, imports and caches are there before the measurement
    mine, other = [], []
    for _ in range(rounds):
        mine.append(seconds(ours))
        if theirs is not None:
            other.append([scale * s for s in seconds(theirs)])
    cpu = median(m for _, m in mine)
    if not other:
        return Row(work, peer, ours=cpu, reach=reach, note="; ".join(filter(None, [note, missing])))
    clocks, ratios = ([t[i] / m[i] for t, m in zip(other, mine, strict=True)] for i in (0, 1))
    if at_most is not None:
        clocks, ratios = [1 / c for c in clocks], [1 / r for r in ratios]
    middle, clock = median(ratios), median(clocks)
    reached = None if bound is None else middle >= bound if at_least is not None else middle <= bound
    measured = f"{clock:.3g}x by the clock"
    if at_least is not None and not reached and clock >= at_least:
        reached, measured = True, f"{measured}, with which it is"
    return Row(
        work, peer, cpu, median(t for _, t in other), ratio=middle, ratio_low=min(ratios), ratio_high=max(ratios),
        reach=reach, measured=measured, reached=reached, note=note,
    )  # fmt: skip


def peer(name: str) -> Any:
    """A peer's package, or None where it cannot be imported."""
    try:
        return importlib.import_module(name)
    except Exception:  # a peer that breaks on import is as good as absent
        return None


def child(
    module: str, function: str, *arguments: str, threads: int | None = None, env: Mapping[str, str] = {}
) -> Any:  # never written to
    """Call a function of a module in a process of its own; what it returns goes through JSON."""
    code = (
        f"import json, sys; sys.path[:] = {sys.path!r}; from {module} import {function}; "
        f"print(); print(json.dumps({function}(*sys.argv[1:])))"
    )
    environment = {**os.environ, **env, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    if threads is not None:
        environment |= {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{module}.{function} ended with {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def peak() -> float:
    """Largest resident set of this process, in MB; not that of the process it was forked from, as getrusage has it."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
