"""Measure what a subset of items promises: how often its intervals hold, and how many pairs it decides.

    python benchmarks/deciding_items.py --keep DIR [--samples RUN]...

Two minutes on one core; resumes where it stopped, and prints the table of docs/deciding.md. Models of a RUN that embsig trained are of the maker that their variant is, all others
of the one before the first ``/``, unless there is only one: then each is its own.
"""

import argparse
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench import read_samples
from stats import Samples, choose_items
from stats.common.writing import write_whole

BUDGETS = (0.1, 0.2, 0.3)
#: Benchmarks drawn anew of every world; every one is tried in ten folds of makers, 20 draws each.
WORLDS = 6
SIZES = (300, 400, 800, 150)


def simulated(graded: bool, rng: np.random.Generator) -> Samples:
    """Forty models of ten makers on four tasks: right or wrong by difficulty and ability, or graded so; makers have items that suit them."""
    makers = np.repeat(np.arange(10), 4)
    ability = rng.normal(0, 0.5, 10)[makers] + rng.normal(0, 0.3, 40)
    parts = []
    for task, n in enumerate(SIZES):
        difficulty = rng.normal(0, 1.5, (n, 1))
        logit = ability - difficulty + rng.normal(0, 0.7, (n, 10))[:, makers]
        chance = 1 / (1 + np.exp(-logit))
        score = (
            np.clip(chance + rng.normal(0, 0.15, chance.shape), 0, 1)
            if graded
            else (rng.random(chance.shape) < chance).astype(float)
        )
        wide = pd.DataFrame(score, columns=[f"maker{m}/x{i}" for i, m in enumerate(makers)]).assign(
            sample=[f"q{i}" for i in range(n)]
        )
        parts.append(wide.melt("sample", var_name="model", value_name="score").assign(task=f"t{task}"))
    return Samples.from_frame(pd.concat(parts, ignore_index=True))


def of_world(graded: bool, budget: float, rng: np.random.Generator) -> dict[str, float]:
    """Mean of what was found in benchmarks drawn anew."""
    found = [choose_items(simulated(graded, rng), budget=budget, rng=i).validation.iloc[0] for i in range(WORLDS)]
    mean = pd.DataFrame(found).drop(columns=["models", "n"]).mean()
    return {**mean.to_dict(), "n": 40, "items": sum(SIZES)}


def of_run(run: Path, budget: float) -> dict[str, float]:
    """Of real models, the mean over ten seeds."""
    samples = read_samples(run, seeds="separate")
    most = max(len(of) for of in samples.files.values())
    samples = samples.select(tasks=[t for t, of in samples.files.items() if len(of) == most])
    first = {m: m.split("/")[0] for m in samples.models}
    makers = first if len(set(first.values())) > 1 else {m: m for m in samples.models}
    each = [choose_items(samples, budget=budget, makers=makers, rng=i) for i in range(10)]
    mean = pd.DataFrame([e.validation.iloc[0] for e in each]).drop(columns=["models", "n"]).mean()
    return {**mean.to_dict(), "n": int(each[0].validation["n"].iloc[0]), "items": each[0].n_all}


def plan(runs: list[Path]) -> Iterator[tuple[str, Any]]:
    """What is measured, by its name."""
    for budget in BUDGETS:
        for name, graded in (("right or wrong", False), ("graded", True)):
            key = f"simulated, {name}|{budget:g}"
            yield key, lambda g=graded, b=budget, k=key: of_world(g, b, np.random.default_rng(zlib.crc32(k.encode())))
        for run in runs:
            yield f"{run.name}|{budget:g}", lambda r=run, b=budget: of_run(r, b)


def rows(done: dict[str, dict[str, float]]) -> list[str]:
    """The table of docs/deciding.md."""
    lines = [
        "| models | samples | budget | RMSE | intervals hold | half width | differences: RMSE | intervals hold | half width | decided | wrong |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for key, f in sorted(done.items(), key=lambda kv: (kv[0].split("|")[0], float(kv[0].split("|")[1]))):
        name, budget = key.split("|")
        lines.append(
            f"| {name}, {f['n']:.0f} | {f['items']:,.0f} | {float(budget):.0%} | {f['rmse']:.4f} | {f['coverage']:.1%} | {f['half_width']:.3f} | {f['pair_rmse']:.4f} | "
            f"{f['pair_coverage']:.1%} | {f['pair_half_width']:.3f} | {f['decided']:.0%} | {f['wrong']:.1%} |"
        )
    return lines


def main() -> None:
    """Measure what is not done yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, required=True, help="folder of what is done already")
    parser.add_argument(
        "--samples", type=Path, action="append", default=[], help="a folder of `embsig run` (repeatable)"
    )
    asked = parser.parse_args()
    asked.keep.mkdir(parents=True, exist_ok=True)
    place = asked.keep / "deciding_items.json"
    done = json.loads(place.read_text()) if place.exists() else {}
    for name, measure in plan(asked.samples):
        if name not in done:
            done[name] = measure()
            write_whole(place, json.dumps(done, indent=1))
    print("\n".join(rows(done)))


if __name__ == "__main__":
    main()
