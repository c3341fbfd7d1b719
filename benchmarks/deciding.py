"""Measure what early stopping promises: how often a verdict is wrong under continuous looking, and what is saved.

    python benchmarks/deciding.py --keep DIR [--table eng_v2_models_by_tasks.csv] [--samples RUN]...

Ten minutes on one core; resumes where it stopped, and prints the tables of docs/deciding.md. The table is of models by tasks; RUN a folder of
`embsig run` with two models or more; every task of it whose score is a mean over samples is replayed by itself, and all of them together.
"""

import argparse
import json
import zlib
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from gate import OF_TASKS

from stats import Samples
from stats.common.writing import write_whole
from stats.sequential.bets import log_wealth
from stats.sequential.strata import follow

Array = np.ndarray[Any, Any]
ALPHA = 0.05
DECIDED = np.log(2 / ALPHA)
#: True differences from -margin, in standard errors of a full run.
TRUTHS = (0, 2, 3, 4, 6, 10)
LOOKS = 40


def rare(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Small gains, and on one task in twenty a loss of 4.4 standard deviations, among noise."""
    return 0.7 * np.where(rng.random(shape) < 0.05, -4.36, 0.2294) + 0.714 * rng.normal(size=shape)


WORLDS = OF_TASKS | {"rare large losses": rare}


def of_bets(excess: Array, largest: float | None = None) -> tuple[Array, Array, Array]:
    """Whether ACCEPT and REJECT, and after which share of the tasks."""
    n = excess.shape[-1]
    accept, reject = (log_wealth(sign * excess, largest) >= DECIDED for sign in (1, -1))
    either = accept | reject
    first = np.where(either.any(axis=-1), either.argmax(axis=-1), n - 1)
    rows = np.arange(len(excess))
    return accept[rows, first], reject[rows, first] & ~accept[rows, first], (first + 1) / n


def summed(accept: Array, reject: Array, share: Array) -> list[float]:
    """Shares of ACCEPT and REJECT, and of what was saved."""
    return [float(accept.mean()), float(reject.mean()), float(1 - share.mean())]


def tasks(world: str, n: int, truth: float, rng: np.random.Generator) -> list[float]:
    """Independent tasks of one of the worlds."""
    reps = 20_000 if truth == 0 else 4_000
    return summed(*of_bets(WORLDS[world](rng, (reps, n)) + truth / np.sqrt(n)))


def bounded(n: int, truth: float, rng: np.random.Generator) -> list[float]:
    """The worst there is within a bound: gains all alike, and on one task in twenty the largest loss possible, the bound known."""
    reps = 20_000 if truth == 0 else 4_000
    x = np.where(rng.random((reps, n)) < 0.05, -1.0, 1 / 19)
    sd = np.sqrt(1 / 19)
    return summed(*of_bets(np.clip(x + truth * sd / np.sqrt(n), -1, 1), 1.0))


def replayed(table: Array, truth: float, rng: np.random.Generator) -> list[float]:
    """Real differences: of 2,000 random pairs of models, moved to a true difference, tasks drawn as from a population of tasks like these."""
    n = table.shape[1]
    pairs = np.array(list(combinations(range(len(table)), 2)))
    pairs = pairs[rng.permutation(len(pairs))]
    d = table[pairs[:, 0]] - table[pairs[:, 1]]
    d = d[np.ptp(d, axis=1) > 0][:2000]  # some models are there twice
    d = (d - d.mean(axis=1, keepdims=True)) / d.std(axis=1, keepdims=True)
    reps = 10 if truth == 0 else 2
    drawn = d[np.arange(len(d))[:, None, None], rng.integers(0, n, (len(d), reps, n))].reshape(-1, n)
    return summed(*of_bets(drawn + truth / np.sqrt(n)))


def right_or_wrong(rng: np.random.Generator, n: int, reps: int) -> Array:
    """One sample in ten changes, either way."""
    drawn = rng.random((reps, n))
    return (drawn < 0.05).astype(float) - (drawn > 0.95)


def graded(rng: np.random.Generator, n: int, reps: int) -> Array:
    """Every sample changes a little."""
    return np.clip(rng.normal(0, 0.15, (reps, n)), -1, 1)


def losses(rng: np.random.Generator, n: int, reps: int) -> Array:
    """One sample in a hundred is lost."""
    return -(rng.random((reps, n)) < 0.01).astype(float)


OF_SAMPLES = {"right or wrong, 10 % change": right_or_wrong, "graded, all change": graded, "losses only, 1 %": losses}
SIZES = (300, 400, 800, 150)


def samples(world: str, finite: bool, truth: float, rng: np.random.Generator) -> list[float]:
    """Samples of four tasks, drawn from a population or, all of them in random order, without replacement."""
    reps = 2_000 if truth == 0 else 500
    parts = [OF_SAMPLES[world](rng, n, reps) for n in SIZES]
    mean = (
        np.mean([p.mean(axis=1) for p in parts], axis=0)
        if finite
        else np.full(reps, -0.01 if "losses" in world else 0.0)
    )
    return bet_on(parts, mean, truth, finite=finite)


def bet_on(parts: list[Array], mean: Array, truth: float, *, finite: bool) -> list[float]:
    """Bet against a null that lies so many standard errors of the full run below the mean."""
    error = np.sqrt(sum(p.var() / p.shape[1] for p in parts)) / len(parts)
    path = follow(parts, LOOKS, mean - truth * error, alpha=ALPHA / 2, finite=finite)
    above, below = path.log_above >= DECIDED, path.log_below >= DECIDED
    either = above | below
    first = np.where(either.any(axis=1), either.argmax(axis=1), LOOKS - 1)
    rows = np.arange(len(first))
    return summed(above[rows, first], below[rows, first] & ~above[rows, first], (first + 1) / LOOKS)


def replayed_samples(run: Path, truth: float, rng: np.random.Generator) -> dict[str, list[float]]:
    """Pairs of a run's models, each task in 200 random orders of its samples: the mean over pairs; tasks whose score is no mean take no part."""
    opened = Samples.open(run)
    found = {}
    for task in opened.tasks:
        of_model = {m: items for m in opened.models if (items := _items(opened, task, m))}
        every = []
        for one, two in combinations(of_model, 2):
            d = [(of_model[one][k] - of_model[two][k]).to_numpy() for k in of_model[one]]
            if any(np.ptp(x) > 0 for x in d):
                parts = [np.stack([rng.permutation(x) for _ in range(200)]) for x in d]
                every.append(bet_on(parts, np.full(200, np.mean([x.mean() for x in d])), truth, finite=True))
        if every:
            n = sum(len(x) for x in next(iter(of_model.values())).values())
            name = f"real samples, {run.name} on {task}, mean of {len(every)} pairs|{n:,} samples, about these samples"
            found[name] = np.mean(every, axis=0).tolist()
    return found


def _items(samples: Samples, task: str, model: str) -> dict[tuple[str, str], "pd.Series[float]"]:
    """What one model scored on every sample, the mean of its experiments, by task and split."""
    file = samples.files[task].get(model)
    if not isinstance(file, Path):
        return {}
    frame = pd.read_parquet(file)
    column = next((c for c in ("score", "correct") if c in frame), None)
    if column is None:
        return {}
    values = frame[column].astype(float).groupby([frame["split"], frame["sample"]]).mean()
    return {(task, split): v.droplevel(0) for split, v in values.groupby(level=0) if len(v) >= LOOKS}


def plan(table: Array | None, runs: list[Path]) -> Iterator[tuple[str, Any]]:
    """What is measured, by its name."""
    for n in (14, 41):
        for world in WORLDS:
            yield f"{world}|{n} tasks", lambda t, r, w=world, n=n: tasks(w, n, t, r)
        yield f"worst within the bound, which is known|{n} tasks", lambda t, r, n=n: bounded(n, t, r)
    if table is not None:
        yield f"pairs of real models|{table.shape[1]} tasks", lambda t, r: replayed(table, t, r)
    for finite in (True, False):
        for world in OF_SAMPLES:
            about = "these" if finite else "other"
            yield (
                f"{world}|{sum(SIZES):,} samples, about {about} samples",
                lambda t, r, w=world, f=finite: samples(w, f, t, r),
            )
    for run in runs:
        yield f"{run.name}|", lambda t, r, run=run: replayed_samples(run, t, r)


def rows(done: dict[str, Any]) -> list[str]:
    """The table of docs/deciding.md."""
    head = " | ".join(f"{t} SE" for t in TRUTHS[1:])
    lines = [
        f"| differences | units | wrong at the margin (ACCEPT, REJECT) | {head} |",
        f"|---|---|---:|{'---:|' * (len(TRUTHS) - 1)}",
    ]
    for name, found in done.items():
        if not found:
            continue
        world, units = name.split("|")
        accept, reject, _ = found["0"]
        cells = [f"{found[str(t)][0] + found[str(t)][1]:.2f}, {100 * found[str(t)][2]:.0f} %" for t in TRUTHS[1:]]
        lines.append(
            f"| {world} | {units} | {accept + reject:.3f} ({accept:.3f}, {reject:.3f}) | {' | '.join(cells)} |"
        )
    return lines


def main() -> None:
    """Measure what is not done yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, required=True, help="folder of what is done already")
    parser.add_argument("--table", type=Path, help="scores of models (rows) on tasks")
    parser.add_argument(
        "--samples", type=Path, action="append", default=[], help="a folder of `embsig run` (repeatable)"
    )
    asked = parser.parse_args()
    asked.keep.mkdir(parents=True, exist_ok=True)
    place = asked.keep / "deciding.json"
    done = json.loads(place.read_text()) if place.exists() else {}
    table = None if asked.table is None else pd.read_csv(asked.table, index_col=0).to_numpy()
    for name, measure in plan(table, asked.samples):
        if name in done:
            continue
        found = {str(t): measure(t, np.random.default_rng([t, zlib.crc32(name.encode())])) for t in TRUTHS}
        if name.endswith("|"):
            for pair in found["0"]:
                done[pair] = {t: by[pair] for t, by in found.items()}
        done[name] = {} if name.endswith("|") else found  # the rows of a run stand under their own names
        write_whole(place, json.dumps(done, indent=1))
    print("\n".join(rows(done)))


if __name__ == "__main__":
    main()
