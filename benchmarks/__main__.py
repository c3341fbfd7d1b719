"""Measure embsig beside its peers and write docs/benchmarks.md.

    python -m benchmarks [PART ...] [--peers VENV] [--data FOLDER]

Without a part, all but the long ones run; a part that is named replaces its rows and leaves the others. Every part is written
as soon as it is done, so a run that was stopped goes on with --missing.
"""

import argparse
import json
import os
import platform
import sys
import time
import traceback
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.harness import LONG, PARTS, Options

PAGE = Path("docs/benchmarks.md")
TITLES = {
    "startup": "Starting", "tables": "Reading a plain table", "pairs": "All pairs of models", "limits": "How far from the limit", "whole": "A whole analysis", "samples": "Samples", "results": "Reading results",
    "tree": "A tree of 100,000 files", "encoding": "Encoding", "pooling": "Multi-layer pooling", "report": "The report",
    "growth": "How cost grows", "proofs": "What the proofs of a run cost", "grids": "One encoding, many answers", "stream": "Larger than memory",
    "memory": "Memory of training", "large": "Two thousand models", "site": "The site of all leaderboards", "gpu": "On a GPU",
}  # fmt: skip
PACKAGES = ("numpy", "pandas", "scipy", "pyarrow", "torch", "transformers", "sentence-transformers", "mteb")
PEERS = ("scikit-posthocs", "baycomp", "ranx", "autorank", "evalstats")


def main() -> None:
    """Run the parts, write the table after each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("part", nargs="*", help=f"{', '.join(PARTS)}; long, only when named: {', '.join(LONG)}")
    parser.add_argument("--peers", type=Path, help="a virtual environment with benchmarks/requirements-peers.txt")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("EMBSIG_TEST_DATA", "../shared/data")))
    parser.add_argument("--scratch", type=Path, help="where temporary folders go")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved repetitions")
    parser.add_argument("--missing", action="store_true", help="only parts that the table lacks")
    parser.add_argument("--tiny", action="store_true", help="a smoke test")
    parser.add_argument("-o", "--output", type=Path, default=PAGE)
    options = parser.parse_args()
    unknown = [p for p in options.part if p not in (*PARTS, *LONG)]
    if unknown:
        parser.error(f"part {unknown[0]!r}: expected one of {', '.join((*PARTS, *LONG))}")
    if options.peers is not None:
        # Behind all others, so that what both environments hold is ours.
        sys.path += [str(p) for p in sorted(options.peers.glob("lib*/python*/site-packages"))]
    data = options.data if (options.data / "eng_v2_models_by_tasks.csv").is_file() else None
    told = Options(data, options.scratch, options.rounds, options.tiny)
    store = options.output.with_suffix(".json")
    found: dict[str, Any] = json.loads(store.read_text(encoding="utf-8")) if store.is_file() else {}
    for part in options.part or PARTS:
        if options.missing and part in found:
            continue
        start = time.perf_counter()
        print(f"{part} ...", end=" ", flush=True, file=sys.stderr)
        try:
            rows = [row.to_dict() for row in import_module(f"benchmarks.parts.{part}").run(told)]
        except Exception:  # one part that fails leaves the others their rows
            traceback.print_exc()
            if options.tiny:
                raise
            continue
        today = datetime.now(UTC).date().isoformat()
        found[part] = {"rows": rows, "date": today, "machine": machine(), "versions": versions(), "rounds": told.rounds}
        store.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        options.output.write_text(page(found), encoding="utf-8")
        print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)


def machine() -> str:
    """The class of the machine, without its name."""
    cpu = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        models = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = models[0] if models else cpu
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return f"{cpu}, {os.cpu_count()} cores, {pages / 2**30:.0f} GB, {platform.system()}"


def versions() -> dict[str, str]:
    """Versions of what was measured."""
    found = {"Python": platform.python_version()}
    for name in (*PACKAGES, *PEERS):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def page(found: dict[str, Any]) -> str:
    """The whole page."""
    parts = [p for p in (*PARTS, *LONG) if p in found]
    # Parts are run at different times, and only some with the peers at hand.
    known = {
        k: v
        for p in parts
        for k, v in found[p]["versions"].items()
        if k in ("Python", *PACKAGES, *PEERS) and v != "not installed"
    }
    text = [INTRODUCTION.format(versions=", ".join(f"{k} {v}" for k, v in known.items()))]
    for part in parts:
        rounds = found[part].get("rounds", 1)
        said = f"{rounds} rounds" if rounds > 1 else "one round"
        text.append(
            f"## {TITLES[part]}\n\n`python -m benchmarks {part}`, {said}. Measured on {found[part]['date']}; machine: {found[part]['machine']}.\n"
        )
        text.append("| work | against | ours | theirs | ratio | reach | |\n|---|---|---:|---:|---:|---|---|")
        text += [line(row) for row in found[part]["rows"]]
        text.append("")
        if part in NOTES and (part != "gpu" or not any("ours" in row for row in found[part]["rows"])):
            text.append(NOTES[part] + "\n")
    if "gpu" not in found:
        text.append(f"## {TITLES['gpu']}\n\n{NOTES['gpu']}\n")
    return "\n".join(text)


def line(row: dict[str, Any]) -> str:
    """A row as Markdown."""
    ratio = "" if row.get("ratio") is None else f"{row['ratio']:,.3g}x"
    if row.get("ratio_low") is not None and row["ratio_low"] != row["ratio_high"]:
        ratio += f" ({row['ratio_low']:,.3g}–{row['ratio_high']:,.3g})"
    verdict = {True: "reached", False: "**not reached**", None: ""}[row.get("reached")]
    about = "; ".join(filter(None, [row.get("measured", ""), verdict, row.get("note", "")]))
    cells = [row["work"], row["against"], time_of(row.get("ours")), time_of(row.get("theirs")), ratio, row.get("reach", ""), about]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def time_of(seconds: float | None) -> str:
    """Seconds with three digits."""
    return "" if seconds is None else f"{seconds:,.3g} s" if seconds < 1000 else f"{seconds:,.0f} s"


INTRODUCTION = """# Benchmarks

embsig beside what one would otherwise use, measured in one run: both ways in turn, in one process or in processes of one call,
medians of the rounds, in parentheses the smallest and the largest. Seconds are CPU seconds unless a row says otherwise, so that other
work on the machine weighs little. What counts is the ratio: theirs over ours, unless a row says that it is ours over theirs. The last
column has the ratio by the clock, in which embsig's threads show (two here). A loop of a peer that would take long is timed on a part, which the
last column gives, and multiplied.

    python -m venv peers && peers/bin/pip install -c constraints.txt -r benchmarks/requirements-peers.txt
    python -m benchmarks --peers peers

Every part names its day and its machine, which are not the same for all: compare the ratios within a part, not the seconds between
parts. Versions: {versions}.
"""

NOTES = {
    "pairs": """By profile, two thirds of the bootstrap are the ends of the intervals: a sorted sample of every pair's 10,000 differences says
about where they are, and only the few beyond are sorted; the product of counts and scores is 1 %. The Bayesian test is its product of weights and pairs
of tasks, 903 x 10,000 for each of 16,653 pairs (a second one where the likely winner has not more than half), in single precision; the draws that its rounding could decide wrongly, one in some thousands, are
taken again in double precision, so that the counts are those of double precision to the last one.""",
    "limits": """The limit is what this machine's own product of matrices and its memory would take for the same work, one thread each, so the ratio is ours over
theirs. The Bayesian test would be at 1x if it were one dense product and nothing else: baycomp's time over that limit is the most that a dense product
can be ahead of it.""",
    "whole": """embsig's `compare` has simultaneous intervals, rank sets, groups, omnibus tests, agreement of tasks and sentences; autorank stops at Nemenyi's critical difference;
evalstats has intervals for each pair by a bootstrap.""",
    "results": """From the index, the columns of the benchmark's tasks are read (a quarter of the time, by profile), and revisions, subsets and means are
settled again (most of the rest). The tree takes longer than the archive by the look at each of its 20,000 files, without which a file that was rewritten in place
would not be noticed. The first reading indexes all files, for every benchmark, and hashes them, while mteb opens those of the tasks asked for.

Where a cold reading of the unpacked tree goes (20,625 files, 151 MB, .92 CPU s of one process before the table is made, on idle cores): listing and
looking at each file .08 s, opening and reading it .13, SHA-256 .14, decoding of what is needed .24, entries and repeated experiments .11, columns .06,
merging and Parquet .09; the table of the benchmark takes .11 more, the definitions of the benchmarks .01. Listing, reading, hashing and decoding alone are
.59 s: with the table no reader of one process that proves what it read could be more than 8x as fast as mteb, and shared by two, .41 s, 13x. On Linux
a copy of the process for every further core reads parts of the source: the rows are with one copy. Whoever has time takes the next part, so both
end together, and the listing of a large tree is shared in the same way; what one process does alone is to load the definitions, to sort the listing and,
at the end, to make the table: a seventh of a second of processor time. A reading without a cache, as here, writes no Parquet.""",
    "tree": """Time grows with the files on both sides. The first reading takes 36 us a file, shared by two processes, all of it parsed, hashed and written down for every
benchmark; mteb's time is that of the tasks asked for. From the index, half is the look at each file; 300x would leave less than 1 us a file, which the
system's own answer (2 us) does not fit into. All of mteb's tasks are read in one process, after another benchmark.""",
    "pooling": """A tap on each layer keeps one vector per text instead of all hidden states: the memory of last-token pooling, half of what
`output_hidden_states=True` takes, for some percent more time than that.""",
    "growth": """All-pairs resampling takes time in proportion to pairs x resamples, k (k - 1) / 2 x B: the ends of each pair's
interval are selected among its resampled differences (BCa intervals sort them, which adds log B); one thread here. The number of tasks n enters through one product of counts and scores, k x n x B, which is small beside it.
Exact Wilcoxon takes pairs x tasks (and the null distribution once for every pattern of ties). Pairs are gone through in blocks, so
memory grows with the results (k x k), the scores (k x n), the counts (n x B) and the models' resamples (k x B), never with pairs x B.""",
    "memory": """`embsig train --estimate` goes through an update with tensors that have a shape and no memory; the measured peak is that of the resident set of a
process of its own that trains, less what the libraries take. On a GPU nothing has been measured yet.""",
    "stream": """Samples are read task by task and summed up, so memory holds one task, the sums over tasks of every pair and model, and
the tables. Comparisons of pairs within every single task are tabulated up to two million rows (`control=` or fewer models beyond).""",
    "large": """The second row of comparisons, 2,000 models x 1,000 tasks, is not waited for: before it begins it is said that its 1,999,000 pairs take about 11 minutes on two
cores, and what takes less. By profile (2,000 models x 100 tasks, 70 s of CPU), nine tenths of the comparison are pairs, in blocks that threads share: half of it the places among Walsh averages (of which
sorting takes most), an eighth the product of ranks and sign vectors, a tenth ranking. What one thread does alone, 7 s, is imports, the table of pairs, agreement of the tasks and the audit.""",
    "site": """The tree is made in code in the shape of the public repository: all benchmarks of mteb, models that ran everything, one benchmark, or most of it. CPU
seconds are those of one process at work after the other (`--jobs 1`), reading included; the size is that of all files, Parquet among them.""",
    "gpu": """Not measured yet: no CUDA device was at hand. `python -m benchmarks gpu` measures a decoder of the shape of a 7B model with random
weights in bfloat16 (texts/s, tokens/s, share of the device's peak, against sentence-transformers with the same weights; cosines beside those in float32; updates of
LoRA and QLoRA beside `embsig train --estimate`; tokens/s of a 0.5B shape) where one is, in some eight minutes;
its code runs in the tests on a processor with a tiny shape.""",
}

if __name__ == "__main__":
    main()
