"""Measure what a gate promises: how often it is wrong with a candidate that is worse by exactly the margin, and how often it decides.

    python benchmarks/gate.py --keep DIR      # five minutes on one core; resumes where it stopped, and prints the table of docs/gate.md

The gate's arithmetic is applied to all replications of a world at once, and the first of them are compared with what `stats.gate` says;
with families `stats.gate` itself is called.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from stats import Gate, Samples, Scores, gate
from stats.common.writing import write_whole
from stats.gates.more import more_units
from stats.levels._samples import _variance

Array = np.ndarray[Any, Any]
MARGIN = 0.005
#: True differences, in margins: as bad as the margin, as good as the baseline, three times as bad.
TRUTHS = {"at the margin": -1.0, "equal": 0.0, "worse by 3 margins": -3.0}
REPLICATIONS = {"tasks": 10_000, "families": 400, "samples": 10_000}
CHECKED = 10
#: Undecided gates of every world and number of tasks whose further tasks are tried.
FURTHER = 2_000


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Normal differences."""
    return rng.normal(size=shape)


def heavy(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Student t with 3 degrees of freedom."""
    return rng.standard_t(3, size=shape) / np.sqrt(3)


def skewed(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Few large losses among small gains."""
    return 1 - rng.exponential(size=shape)


def unequal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """One task in four varies ten times as much."""
    spread = np.resize([0.2, 0.2, 0.2, 1.9], shape[-1])
    return rng.normal(size=shape) * spread / np.sqrt((spread**2).mean())


OF_TASKS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Array]] = {
    "normal": normal, "heavy tails": heavy, "skewed, rare losses": skewed, "unequal spread": unequal,
}  # fmt: skip


def rare(rng: np.random.Generator, n: int, reps: int, mean: float) -> Array:
    """Right or wrong; the candidate loses some of the samples and wins none."""
    return -(rng.random((n, reps)) < -mean).astype(float)


def churn(rng: np.random.Generator, n: int, reps: int, mean: float) -> Array:
    """Right or wrong; one sample in ten changes, either way."""
    drawn = rng.random((n, reps))
    return (drawn < 0.05 + mean / 2).astype(float) - (drawn > 0.95 + mean / 2).astype(float)


def graded(rng: np.random.Generator, n: int, reps: int, mean: float) -> Array:
    """A graded score of which every sample changes a little."""
    return rng.normal(mean, 0.07, (n, reps))


def rare_graded(rng: np.random.Generator, n: int, reps: int, mean: float) -> Array:
    """A graded score of which one sample in ten changes, by .1 to the worse or .1 to the better, or by more."""
    size = np.minimum(1.0, rng.exponential(0.1, (n, reps)) + 0.1)
    expected = 0.1 + 0.1 * (1 - np.exp(-9.0))
    return np.where(
        rng.random((n, reps)) < 0.1, size * rng.choice([-1, 1], (n, reps), p=_signs(mean / 0.1 / expected)), 0.0
    )


def _signs(mean: float) -> tuple[float, float]:
    return (1 - mean) / 2, (1 + mean) / 2


OF_SAMPLES = {
    "right or wrong, losses only": rare, "right or wrong, 10 % change": churn, "graded, all change": graded,
    "graded, 10 % change": rare_graded,
}  # fmt: skip


def tasks(world: str, n: int, truth: float, reps: int, rng: np.random.Generator) -> list[int]:
    """How often a gate over tasks accepts and rejects, with a spread of two margins: all sign vectors up to 14 tasks, else 1,999."""
    d = MARGIN * (truth + 2 * OF_TASKS[world](rng, (reps, n)))
    exact = n <= 14
    signs = np.array(list(product((1, -1), repeat=n))) if exact else rng.choice([1, -1], (1999, n))
    if not exact:
        signs = np.vstack([np.ones((1, n)), signs])
    accept, reject = np.zeros(reps, dtype=bool), np.zeros(reps, dtype=bool)
    for start in range(0, reps, 200):
        shifted = d[start : start + 200] + MARGIN
        seen = shifted.sum(axis=1)
        p = (np.abs(shifted @ signs.T) >= np.abs(seen)[:, None] * (1 - 1e-9)).mean(axis=1)
        accept[start : start + 200], reject[start : start + 200] = (p <= 0.05) & (seen > 0), (p <= 0.05) & (seen < 0)
    for at in range(CHECKED if exact else 0):
        says = _tasks_gate(d[at]).verdict
        expected = "ACCEPT" if accept[at] else "REJECT" if reject[at] else "UNDECIDED"
        assert says == expected, f"{world}, n={n}: gate says {says}, the arithmetic here {expected}"
    return [int(accept.sum()), int(reject.sum())]


def families(world: str, n: int, truth: float, reps: int, rng: np.random.Generator) -> list[int]:
    """How often a gate over tasks and four families accepts or rejects any of its five claims (when equal: all of them)."""
    counts = [0, 0]
    for at in range(reps):
        found = _tasks_gate(MARGIN * (truth + 2 * OF_TASKS[world](rng, (n,))), 4, at)
        said = [c.verdict for c in found.claims]
        counts[0] += "ACCEPT" in said if truth == -1 else found.verdict == "ACCEPT"
        counts[1] += "REJECT" in said and not (truth == -1 and "ACCEPT" in said)
    return counts


def _tasks_gate(d: Array, n_families: int = 1, seed: int = 0) -> Gate:
    n = len(d)
    base = np.linspace(0.4, 0.8, n)
    table = pd.DataFrame({"old": base, "new": base + d}, index=pd.Index([f"t{i:02}" for i in range(n)], name="task"))
    info = pd.DataFrame({"family": [f"f{i % n_families}" for i in range(n)]}, index=table.index)
    return gate(
        Scores.build(table, info), baseline="old", candidate="new", margin=MARGIN, families=n_families > 1,
        n_resamples=1000, rng=seed,
    )  # fmt: skip


def samples(world: str, n: int, truth: float, reps: int, rng: np.random.Generator) -> list[int]:
    """How often a gate over the samples of one task accepts and rejects."""
    counts = [0, 0]
    for start in range(0, reps, block := max(1, 2_000_000 // n)):
        d = OF_SAMPLES[world](rng, n, min(block, reps - start), truth * MARGIN)
        mean = d.mean(axis=0)
        variance, df = _variance((d - mean) / n, 1.0)
        largest = np.abs(d).max(axis=0)
        least = np.where(largest > 0, largest, 1.0) * MARGIN / n
        half = stdtrit(df, 0.975) * np.sqrt(np.maximum(variance, least))
        accept, reject = mean - half > 1e-12 - MARGIN, mean + half < -MARGIN - 1e-12
        if start == 0:
            for at in range(min(CHECKED, d.shape[1])):
                says = _gate(d[:, at])
                expected = "ACCEPT" if accept[at] else "REJECT" if reject[at] else "UNDECIDED"
                assert says == expected, f"{world}, n={n}: gate says {says}, the arithmetic here {expected}"
        counts = [counts[0] + int(accept.sum()), counts[1] + int(reject.sum())]
    return counts


def _gate(d: Array) -> str:
    old = (d <= 0).astype(float)
    table = {"old": old, "new": old + d}
    names = [f"q{i}" for i in range(len(d))]
    long = pd.concat([pd.DataFrame({"sample": names, "model": m, "score": s}) for m, s in table.items()])
    return gate(Samples.from_frame(long), baseline="old", candidate="new", margin=MARGIN).verdict


def plan() -> Iterator[tuple[str, str, int]]:
    """Level, world, and number of units of every row."""
    yield from (("tasks", w, n) for w in OF_TASKS for n in (8, 14, 41))
    yield from (("families", w, n) for w, n in (("normal", 40), ("normal", 160), ("heavy tails", 40)))
    yield from (
        ("samples", w, n) for w in OF_SAMPLES for n in (100, 300, 1000, 2000)
    )  # beyond 2,000 `sample_level` takes samples in random groups


MEASURED = {"tasks": tasks, "families": families, "samples": samples}


def measure(level: str, world: str, n: int, scale: float) -> dict[str, list[float]]:
    """Shares of ACCEPT and REJECT at every true difference."""
    found = {}
    for i, (name, truth) in enumerate(TRUTHS.items()):
        reps = max(20, int(REPLICATIONS[level] * scale * (1 if truth == -1 else 0.25)))
        rng = np.random.default_rng([n, i, *f"{level}{world}".encode()])
        counts = MEASURED[level](world, n, truth, reps, rng)
        found[name] = [c / reps for c in counts] + [reps]
    return found


def after_more(world: str, n: int, reps: int, rng: np.random.Generator) -> list[float]:
    """Equally good models, undecided on n tasks by a t test: how many more the gate names (median), and the share accepted once these are added."""
    named, accepted = [], []
    while len(named) < reps:
        seen = MARGIN * 2 * OF_TASKS[world](rng, (n,))
        error = seen.std(ddof=1) / np.sqrt(n)
        if abs(seen.mean() + MARGIN) > stdtrit(n - 1, 0.975) * error:
            continue
        more = more_units(error, n - 1.0, n, MARGIN, 0.05)
        if not more:  # these many would do in four of five cases: nothing is named
            continue
        named.append(more)
        d = np.concatenate([seen, MARGIN * 2 * OF_TASKS[world](rng, (named[-1],))])
        half = stdtrit(len(d) - 1, 0.975) * d.std(ddof=1) / np.sqrt(len(d))
        accepted.append(d.mean() - half > -MARGIN)
    return [float(np.median(named)), float(np.mean(accepted)), reps]


def power_rows(done: dict[str, Any]) -> list[str]:
    """The table of docs/gate.md of what the number of further tasks is worth."""
    lines = ["| differences | tasks seen | further tasks named (median) | then accepted |", "|---|---:|---:|---:|"]
    for world in OF_TASKS:
        for n in (8, 14, 41):
            if (found := done.get(f"more/{world}/{n}")) is not None:
                lines.append(f"| {world} | {n} | {found[0]:.0f} | {found[1]:.2f} |")
    return lines


LEVELS = {"tasks": "tasks", "families": "tasks in 4 families, 5 claims", "samples": "samples"}


def rows(done: dict[str, dict[str, list[float]]]) -> list[str]:
    """The table of docs/gate.md."""
    head = "| differences | units | wrong at the margin (ACCEPT, REJECT) | ACCEPT if equal | REJECT at 3 margins |"
    lines = [head, "|---|---|---:|---:|---:|"]
    for level, world, n in plan():
        found = done.get(f"{level}/{world}/{n}")
        if found is None:
            continue
        accept, reject, _ = found["at the margin"]
        shown = f"{accept + reject:.3f} ({accept:.3f}, {reject:.3f})"
        lines.append(
            f"| {world} | {n:,} {LEVELS[level]} | {shown} | {found['equal'][0]:.2f} | {found['worse by 3 margins'][1]:.2f} |"
        )
    return lines


def main() -> None:
    """Measure what is not done yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, required=True, help="folder of what is done already")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the replications, for a look")
    asked = parser.parse_args()
    asked.keep.mkdir(parents=True, exist_ok=True)
    place = asked.keep / f"gate-{asked.scale:g}.json"
    done = json.loads(place.read_text()) if place.exists() else {}
    for level, world, n in plan():
        key = f"{level}/{world}/{n}"
        if key not in done:
            done[key] = measure(level, world, n, asked.scale)
            write_whole(place, json.dumps(done, indent=1))
    for world in OF_TASKS:
        for n in (8, 14, 41):
            if (key := f"more/{world}/{n}") not in done:
                rng = np.random.default_rng([n, *key.encode()])
                done[key] = after_more(world, n, max(20, int(FURTHER * asked.scale)), rng)
                write_whole(place, json.dumps(done, indent=1))
    print("\n".join([*rows(done), "", *power_rows(done)]))


if __name__ == "__main__":
    main()
