"""Starting: the help, and importing the statistics, each in processes of their own."""

import compileall
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.harness import Options, Row

ROOT = Path(__file__).resolve().parents[2]
DEMSAR = ROOT / "docs" / "examples" / "demsar.csv"


def cost(command: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, cpu


def run(options: Options) -> list[Row]:
    """Interleave the commands."""
    for room in ("stats", "bench", "reports", "embsig"):  # as pip does when it installs; a checkout may be without
        compileall.compile_dir(ROOT / room, quiet=1)
    python = sys.executable
    commands = {
        "help": [python, "-m", "embsig", "--help"],
        "stats": [python, "-c", "import stats"],
        "analysis": [python, "-c", "from stats import compare"],
        "base": [python, "-c", "import numpy, pandas, scipy"],
        "special": [python, "-c", "import numpy, pandas, scipy.special"],
        "front door": [python, "-c", "import embsig"],
        "bare": [python, "-c", "pass"],
        "compare": [python, "-m", "embsig", "compare", str(DEMSAR)],
    }
    mteb = shutil.which("mteb")
    if mteb:
        commands["mteb"] = [mteb, "--help"]
    rounds = 1 if options.tiny else options.rounds + 2
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(cost(command))
    cpu = {name: median(c for _, c in runs) for name, runs in found.items()}

    def beyond(name: str, base: str) -> float:
        return median(ours - theirs for (_, ours), (_, theirs) in zip(found[name], found[base], strict=True))

    ratios = [m / h for (_, m), (_, h) in zip(found.get("mteb", []), found["help"], strict=False)]
    return [
        Row(
            "`embsig --help`", "`mteb --help`" if mteb else "mteb's command is not installed",
            ours=cpu["help"], theirs=cpu.get("mteb"), ratio=median(ratios) if ratios else None,
            ratio_low=min(ratios, default=None), ratio_high=max(ratios, default=None), reach="<= 0.4 s",
            measured=f"{cpu['help']:.2f} s", reached=cpu["help"] <= 0.4,
        ),
        Row(
            "`import stats`", "importing numpy, pandas and scipy", ours=cpu["stats"], theirs=cpu["base"],
            reach="<= 0.5 s more", measured=f"{max(0, beyond('stats', 'base')):.2f} s more",
            reached=beyond("stats", "base") <= 0.5,
        ),
        Row(
            "`from stats import compare`", "importing numpy, pandas and scipy.special", ours=cpu["analysis"], theirs=cpu["special"],
            reach="<= 0.5 s more", measured=f"{beyond('analysis', 'special'):.2f} s more",
            reached=beyond("analysis", "special") <= 0.5,
        ),
        Row(
            "`import embsig`", "python without it", ours=cpu["front door"], theirs=cpu["bare"], reach="<= 0.1 s more",
            measured=f"{cpu['front door'] - cpu['bare']:.3f} s more", reached=cpu["front door"] - cpu["bare"] <= 0.1,
        ),
        Row(
            "`embsig compare` of 14 tasks x 4 models, all of it", "importing numpy, pandas and scipy.special", ours=cpu["compare"],
            theirs=cpu["special"], reach="<= 0.9 s", measured=f"at the least {min(c for _, c in found['compare']):.2f} s",
            reached=min(c for _, c in found["compare"]) <= 0.9,
        ),
    ]  # fmt: skip
