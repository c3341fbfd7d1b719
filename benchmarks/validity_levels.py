"""Measure what levels, interactions and plans promise: rows of docs/validity.md that validity.py puts on its page.

Every piece has a seed of its own and is kept in a file, and none is done twice.

    python benchmarks/validity_levels.py --keep DIR                # resumes where it stopped; prints its sections
    python benchmarks/validity_levels.py --rounds 1 --keep DIR     # a look
"""

import argparse
import json
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import validity_families

from stats import Scores, crossed, minimum_detectable_effect, required_tasks, sample_level
from stats.factors.aligned_rank_transform import aligned_rank_transform
from stats.factors.design import Design
from stats.factors.family_effects import family_effects
from stats.metrics import Cell
from stats.metrics.task import TaskSamples
from stats.planning.simulation import pvalues
from stats.samples import Samples

ALPHA = 0.05
#: Per method: in which replications it happened.
Seen = dict[str, np.ndarray]
#: Per (method, world, n): how often it happened, in how many replications.
Counts = dict[tuple[str, str, int], tuple[int, int]]


@cache
def _names(n: int, letter: str) -> list[str]:
    return [f"{letter}{i:03}" for i in range(n)]


@cache
def _empty(n: int, k: int, families: tuple[str, ...]) -> Scores:
    frame = pd.DataFrame(np.zeros((n, k)), _names(n, "t"), _names(k, "m"))
    return Scores.build(frame, pd.DataFrame({"family": list(families) or None}, index=frame.index))


def _scores(values: np.ndarray, families: tuple[str, ...] = ()) -> Scores:
    """Scores of shape (n tasks, k models); what never changes is made once."""
    empty = _empty(*values.shape, families)
    return replace(empty, table=pd.DataFrame(values, index=empty.table.index, columns=empty.table.columns))


def _noise(kind: str, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Noise of mean 0, the models on the last axis: skewed is turned round for every other model."""
    if kind == "skewed":
        return (rng.exponential(size=shape) - 1) * np.where(np.arange(shape[-1]) % 2, -1, 1)
    return rng.standard_t(3, size=shape) if kind == "heavy" else rng.normal(size=shape)


# -- the level of samples ----------------------------------------------------------------------------------------


class _Simulated(Samples):
    """Samples in memory, of shape (n tasks, n samples, k models), as `sample_level` reads them; `Samples.from_frame` would take longer than the test."""

    def __init__(self, x: np.ndarray) -> None:
        super().__init__({t: dict.fromkeys(_names(x.shape[2], "m")) for t in _names(len(x), "t")})
        object.__setattr__(self, "_x", x)  # the class is frozen

    def select(self, **_: Any) -> "_Simulated":
        return self

    def task(self, task: str, models: list[str]) -> TaskSamples:
        x = self._x[self.tasks.index(task)]
        unit = np.arange(len(x))
        parts = {m: {("default", "default"): [Cell(unit, {"score": x[:, i]})]} for i, m in enumerate(models)}
        return TaskSamples(task, "mean", None, tuple(models), _units(len(x)), parts)


@cache
def _units(n: int) -> pd.DataFrame:
    return pd.DataFrame({"split": "default", "subset": "default", "sample": np.arange(n).astype(str)})


def _samples(world: str, rng: np.random.Generator, n_tasks: int, n: int, k: int = 5) -> np.ndarray:
    """Scores of samples by models of equal means over these tasks."""
    shape = (n_tasks, n, k)
    if world == "0/1":  # hard and easy samples, hard and easy tasks
        ease = 1.5 * rng.normal(size=(n_tasks, n, 1)) + rng.normal(size=(n_tasks, 1, 1))
        return (ease + rng.normal(size=shape) > 0).astype(float)
    if world == "tasks differ":  # each model is better on some tasks, and no better over all of them
        effect = 0.4 * rng.normal(size=(n_tasks, 1, k))
        return effect - effect.mean(axis=0) + rng.normal(size=(n_tasks, n, 1)) + 0.3 * rng.normal(size=shape)
    return _noise(world, rng, shape)


def sample_rows(rng: np.random.Generator, world: str, n_tasks: int, r: int, n: int) -> Seen:
    """Family-wise error of the level of samples."""
    found = []
    for _ in range(r):
        pairs = sample_level(_Simulated(_samples(world, rng, n_tasks, n))).pairs
        excludes = (pairs.low > 0) | (pairs.high < 0)
        found.append((pairs.pvalue_adjusted.min() <= ALPHA, excludes.any(), pairs.pvalue[0] <= ALPHA))
    joint, intervals, one = np.array(found).T
    return {
        f"{n:,} samples: any of 10 pairs, Holm": joint,
        f"{n:,} samples: any simultaneous interval without 0": intervals,
        f"{n:,} samples: one pair by itself": one,
    }


# -- crossed factors ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Runs:
    """Tasks of a kind of noise; the standard deviation of a training run's lift, and for how many of the models."""

    noise: str
    seed_sd: float
    n_seeds: int
    only_one: bool = False


RUNS = {
    "no lift, 3 runs": _Runs("normal", 0.0, 3),
    "lift .3, 2 runs": _Runs("normal", 0.3, 2),
    "lift .3, 5 runs": _Runs("normal", 0.3, 5),
    "lift 1, 2 runs": _Runs("normal", 1.0, 2),
    "lift 1 of one model, 3 runs": _Runs("normal", 1.0, 3, only_one=True),
    "skewed, lift .3, 3 runs": _Runs("skewed", 0.3, 3),
    "heavy, lift .3, 3 runs": _Runs("heavy", 0.3, 3),
}


def crossed_rows(rng: np.random.Generator, world: str, n_tasks: int, r: int, _: int, k: int = 5) -> Seen:
    """Family-wise error over tasks alone, and of the crossed model, where training runs lift all tasks of a model at once."""
    runs = RUNS[world]
    found = []
    pairs = [(t, m) for t in _names(n_tasks, "t") for m in _names(k, "m")]
    for _ in range(r):
        lift = runs.seed_sd * rng.normal(size=(1, k, runs.n_seeds))
        if runs.only_one:
            lift[:, 1:] = 0
        x = _noise(runs.noise, rng, (n_tasks, k))[:, :, None] + lift
        x = x + 0.5 * rng.normal(size=(n_tasks, k, runs.n_seeds))
        cells = pd.DataFrame(pairs, columns=["task", "model"])
        cells["seed_scores"] = [tuple(row) for row in x.reshape(-1, runs.n_seeds)]
        scores = _scores(x.mean(axis=2))
        tasks, both = (crossed(s).pairs for s in (scores, replace(scores, cells=cells)))
        excludes = (both.low > 0) | (both.high < 0)
        found.append(
            (
                tasks.pvalue_adjusted.min() <= ALPHA,
                both.pvalue_adjusted.min() <= ALPHA,
                excludes.any(),
                both.pvalue[0] <= ALPHA,
            )
        )
    names = (
        "t over tasks alone, Holm",
        "level both, Holm",
        "level both, any simultaneous interval without 0",
        "level both, one pair by itself",
    )
    return dict(zip(names, np.array(found).T, strict=True))


# -- interactions ------------------------------------------------------------------------------------------------

DESIGN = pd.DataFrame(
    {
        "model": _names(6, "m"),
        "pooling": ["eos", "last", "multi"] * 2,
        "attention": ["causal"] * 3 + ["bidirectional"] * 3,
    }
)


@cache
def _design() -> Design:
    return Design.parse(DESIGN, _names(6, "m"))


def _designs(world: str, rng: np.random.Generator, n_tasks: int) -> np.ndarray:
    """Scores of six designs that do not differ in the mean over tasks."""
    if world == "task x factor":  # every task has its own effect of attention and of pooling
        attention = rng.normal(size=(n_tasks, 1)) * np.repeat([0, 1], 3)
        return attention + rng.normal(size=(n_tasks, 3))[:, [0, 1, 2, 0, 1, 2]] + 0.5 * rng.normal(size=(n_tasks, 6))
    return _noise(world, rng, (n_tasks, 6))


def family_rows(rng: np.random.Generator, world: str, n_tasks: int, r: int, resamples: int) -> Seen:
    """False positives of family x design, of which no family sees the designs differently; nothing where too few tasks are asked."""
    families = np.resize(["a", "a", "b", "c", "a", "b"], n_tasks)
    spread = np.where(families == "a", 1.0, 2.0)
    if world == "families of three, unequal spread":
        families = np.array([f"f{i // 3:02}" for i in range(n_tasks)])
        spread = 1.0 + np.arange(n_tasks) // 3 % 2
    contrasts = [c for c in _design().contrasts()[0] if c.kind == "main"]
    unequal = "spread" in world
    found = []
    for _ in range(r):
        values = _designs("normal" if unequal else world, rng, n_tasks)
        if unequal:
            values = values * spread[:, None]
        table = family_effects(
            _scores(values, tuple(families)), _design(), contrasts,
            alpha=ALPHA, n_resamples=resamples, seed=int(rng.integers(2**31)),
        )  # fmt: skip
        if table.empty:
            return {}
        least = table.groupby("kind")["pvalue_adjusted"].min()
        found.append([least[kind] <= ALPHA for kind in ("overall", "design", "main")])
    names = ("all designs together", "any of 5 designs, max-F", "any of 4 main effects, max-F")
    return dict(zip(names, np.array(found).T, strict=True))


def candidate_rows(rng: np.random.Generator, world: str, n_tasks: int, r: int, resamples: int) -> Seen:
    """Every procedure for family x design that was tried: any of five designs called different, without or with a difference."""
    names = (
        np.array([f"f{i // 3:02}" for i in range(n_tasks)])
        if "of three" in world
        else np.resize(list("aabcab"), n_tasks)
    )
    labels, sizes = (np.unique(names, return_inverse=True)[1], np.unique(names, return_counts=True)[1])
    kept = sizes[labels] >= validity_families.FEWEST
    labels = np.unique(labels[kept], return_inverse=True)[1]
    found: dict[str, list[bool]] = {}
    for _ in range(r):
        values = rng.normal(size=(len(labels), 6))
        if "unequal" in world:
            values *= np.where(labels % 2 if "of three" in world else labels > 0, 2.0, 1.0)[:, None]
        if "attention" in world:
            values[labels == 0, 3:] += 8 / np.sqrt(n_tasks)
        profiles = values - values.mean(axis=1, keepdims=True)
        designs = profiles[:, 1:] - profiles[:, :1]
        for method, p in validity_families.candidates(designs, profiles, labels, rng, resamples).items():
            found.setdefault(method, []).append(p <= ALPHA)
    return {method: np.array(hits) for method, hits in found.items()}


def aligned_rows(rng: np.random.Generator, world: str, n_tasks: int, r: int, _: int) -> Seen:
    """False positives of the aligned rank transform."""
    found = []
    for _ in range(r):
        p = aligned_rank_transform(_designs(world, rng, n_tasks), _design()).set_index("effect")["pvalue"]
        found.append([p[effect] <= ALPHA for effect in ("pooling", "attention", "pooling x attention")])
    return dict(zip(("pooling", "attention", "pooling x attention"), np.array(found).T, strict=True))


# -- plans -------------------------------------------------------------------------------------------------------


def plan_rows(rng: np.random.Generator, world: str, n_tasks: int, r: int, experiments: int) -> Seen:
    """How often a new study finds the difference, or with the number of tasks, that a pilot says is found 80 % of the time."""
    found = []
    for _ in range(r):
        x = _noise(world, rng, (n_tasks, 2))
        pilot = _scores(x + 10)
        seed = int(rng.integers(2**31))
        plan = minimum_detectable_effect(pilot, n_resamples=experiments, rng=seed).frame.iloc[0]
        # The plan is for a over b, whichever of the two the pilot called a.
        sign = 1 if plan["model_a"] == "m000" else -1
        sd = {"normal": 1.0, "skewed": 1.0, "heavy": 3**0.5}[world] * 2**0.5
        needed = required_tasks(pilot, 0.8 * sd, n_resamples=experiments, rng=seed).frame.iloc[0]
        hits = []
        for n, effect in ((n_tasks, plan["effect"]), (needed["n_tasks"], 0.8 * sd)):
            n = 2_000 if np.isnan(n) else int(n)
            new = _noise(world, rng, (n, 2))
            d = sign * (new[:, 0] - new[:, 1]) + effect
            hits.append(bool(pvalues(d[None], "wilcoxon")[0] <= ALPHA))
        found.append(hits)
    names = ("the smallest difference seen", "the tasks needed for .8 sd")
    return dict(zip(names, np.array(found).T, strict=True))


# -- pieces and pages --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A part of the simulation: its worlds, numbers of tasks, and how many replications a round adds to each of them."""

    simulate: Callable[..., Seen]
    worlds: tuple[str, ...]
    tasks: tuple[int, ...]
    replications: int
    more: tuple[int, ...]  # numbers of samples, or of resamples
    title: str
    text: str
    nominal: float = ALPHA
    within: float = 0.0  # how far from nominal is right by promise


_FEW = (2, 3, 5, 8, 14, 41)
PARTS = {
    "crossed": Part(
        crossed_rows, tuple(RUNS), _FEW, 250, (0,), "Level both: family-wise error",
        "At least one of 10 pairs of equal models. A training run lifts or lowers all tasks of its model at once, by so many standard "
        "deviations of a model's scores over tasks; every model has so many runs.",
    ),
    "samples": Part(
        sample_rows, ("normal", "0/1", "tasks differ", "skewed"), (2, 5, 14, 41), 250, (8, 50, 1000),
        "Level samples: family-wise error",
        "Five models of equal means over these tasks (tasks differ: each is better on some of them).",
    ),
    "family": Part(
        family_rows, ("normal", "skewed", "heavy", "task x factor", "families of unequal spread", "families of three, unequal spread"),
        (8, 10, 14, 21, 41), 250, (199,),
        "Family x design: false positives", "Six designs that no family sees differently; three families, of a half, a third and a sixth of "
        "the tasks, those of fewer than three being left out (with 8 tasks nothing is left to ask, –); of unequal spread: the largest family half "
        "that of the others; of three: all families of three tasks, every other one of twice the spread.",
    ),
    "aligned": Part(
        aligned_rows, ("normal", "skewed", "heavy", "task x factor"), (5, 8, 14, 41), 500, (0,),
        "Aligned ranks: false positives", "Six designs without an effect in the mean over tasks (task x factor: every task has its own).",
    ),
    "plan": Part(
        plan_rows, ("normal", "skewed", "heavy"), (8, 14, 41), 500, (400,), "Planning: the power that was stated",
        "A pilot of so many tasks says what a new study finds 80 % of the time; how often one does. Bold: off by more than 3 % and three "
        "Monte Carlo errors.", 0.8, 0.03,
    ),
    "candidates": Part(
        candidate_rows, ("unequal spread", "families of three, unequal spread"), (14, 21, 41), 250, (199,),
        "Family x design: every procedure that was tried", "At least one of five designs is called different between families, though none "
        "is; families as above.",
    ),
    "candidates_power": Part(
        candidate_rows, ("attention helps the first family", "of unequal spread, attention helps the first family"), (14, 21, 41), 250, (199,),
        "Family x design: power of every procedure", "The same where attention helps the first family by 8 / sqrt(n) standard deviations. "
        "Nothing is bold here, and what does not hold its level above has no power to speak of.", 0.0,
    ),
}  # fmt: skip


#: How to read them.
READING = """- **Levels.** Where training runs lift all tasks of a model at once, a test over tasks alone calls equal models different; `--level both` holds
  its level from two tasks and two runs on, by proof for normal differences, and pays with width where runs are two or three: with few
  runs their variance is hardly known. `--level samples` holds it from 8 samples of two tasks on.
- **Family x design** holds its level where families differ in spread as well as where they do not: p is the larger of that of permuted families, which is
  exact where families differ in nothing, and that of normal draws in which each family has a spread of its own. Every procedure that was tried is in the
  last two tables: the draws alone held there too, with 3 to 6 points more power where families are alike, but for noise that is not normal only the permutation vouches by proof, so both must agree; permuted families alone call up to three times as many different as alpha allows, whatever the statistic. Families of fewer than three tasks are left
  out, and `factorial` says so: the smallest design that it answers for is two families of three tasks, the smallest in which it can find anything at 5 % is four and three (35 ways to share the tasks out).
- **Aligned ranks** are compared with sign flips of tasks, so that five tasks, of which no outcome is rare enough, find nothing. They are ranks: noise that is skewed one way for some
  designs and the other way for others gives them an interaction of expected ranks, which is none of means and is found the surer the more tasks there are (the rows "skewed; attention" and "skewed; pooling x attention"). This
  is skewed differences of equal mean again; `factorial` warns where an effect that is significant by ranks rests on strongly skewed differences.
- **Planning** states the power that a pilot allows, over what it says of the spread: from eight tasks on the stated 80 % is met.
"""


def simulate(rounds: int, seed: int, keep: Path, names: tuple[str, ...] = tuple(PARTS)) -> Iterator[tuple[str, Counts]]:
    """Go through the rounds, piece by piece."""
    keep.mkdir(parents=True, exist_ok=True)
    for number in range(rounds):
        for name in names:
            part, at = PARTS[name], list(PARTS).index(name)
            for world_at, world in enumerate(part.worlds):
                for n in part.tasks:
                    for more in part.more:
                        file = keep / f"levels-{name}-{world.replace('/', '')}-{n}-{more}-{seed}-{number}.json"
                        if not file.exists():
                            rng = np.random.default_rng([seed, 77, at, world_at, n, more, number])
                            seen = part.simulate(rng, world, n, part.replications, more)
                            rows = [[method, int(hits.sum()), int(hits.size)] for method, hits in seen.items()]
                            whole = file.with_suffix(".part")
                            whole.write_text(json.dumps(rows), encoding="utf-8")
                            os.replace(whole, file)
                        rows = json.loads(file.read_text(encoding="utf-8"))
                        yield name, {(method, world, n): (hits, total) for method, hits, total in rows}


def collect(rounds: int, seed: int, keep: Path, names: tuple[str, ...] = tuple(PARTS)) -> dict[str, Counts]:
    """Counts of every part, over all rounds."""
    totals: dict[str, Counts] = {name: {} for name in names}
    for name, counts in simulate(rounds, seed, keep, names):
        for key, (hits, total) in counts.items():
            before = totals[name].get(key, (0, 0))
            totals[name][key] = before[0] + hits, before[1] + total
    return totals


def cell(hits: int, total: int, part: Part) -> str:
    """In percent; bold where it is worse than promised by over three Monte Carlo errors."""
    share, error = hits / total, np.sqrt(part.nominal * (1 - part.nominal) / total)
    off = abs(share - part.nominal) - part.within if part.within else share - part.nominal
    return f"**{100 * share:.1f}**" if part.nominal and off > 3 * error else f"{100 * share:.1f}"


def sections(rounds: int, seed: int, keep: Path, names: tuple[str, ...] = tuple(PARTS)) -> list[str]:
    """The tables of docs/validity.md, one section a part: a row for every method and world, a column for every number of tasks."""
    pages = []
    for name, counts in collect(rounds, seed, keep, names).items():
        part = PARTS[name]
        total = min(t for _, t in counts.values())
        error = 100 * np.sqrt(part.nominal * (1 - part.nominal) / total)
        lines = ["| | " + " | ".join(f"{n} tasks" for n in part.tasks) + " |", "|---|" + "---:|" * len(part.tasks)]
        for method, world in dict.fromkeys((m, w) for m, w, _ in counts):
            cells = [cell(*counts[method, world, n], part) if (method, world, n) in counts else "–" for n in part.tasks]
            lines.append(f"| {world}; {method} | {' | '.join(cells)} |")
        told = f"{part.text} {total:,} replications" + (
            f"; Monte Carlo error ±{error:.1f} at the nominal {100 * part.nominal:g} %."
            if part.nominal
            else "; Monte Carlo error ±1.6 at most."
        )
        pages.append(f"## {part.title}\n\n{told}\n\n" + "\n".join(lines) + "\n")
    return pages


def put(page: str, made: list[str]) -> str:
    """A page with these sections in place of its own of the same headings, else behind all others."""
    head, *parts = page.rstrip("\n").split("\n## ")
    found = {part.split("\n", 1)[0]: part.rstrip("\n") for part in parts}
    for section in made:
        text = section.removeprefix("## ").rstrip("\n")
        found[text.split("\n", 1)[0]] = text
    head = head.rstrip("\n")
    head = head.split("\n- **Levels.**", 1)[0].rstrip("\n") + "\n" + READING.rstrip()
    return "\n\n## ".join([head, *found.values()]) + "\n"


def main() -> None:
    """Simulate, and print the sections or put them on a page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, default=Path(".validity"), help="folder of what was simulated already")
    parser.add_argument("--rounds", type=int, default=4, help="each adds 250 or 500 replications")
    parser.add_argument("--seed", type=int, default=20240906)
    parser.add_argument("--part", choices=list(PARTS), action="append", help="only these parts")
    parser.add_argument("--output", type=Path, help="the page to put the sections on, such as docs/validity.md")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    names = tuple(options.part or PARTS)
    made = sections(options.rounds, options.seed, options.keep, names)
    if options.output is None:
        print("\n".join(made))
    else:
        options.output.write_text(put(options.output.read_text(encoding="utf-8"), made), encoding="utf-8")


if __name__ == "__main__":
    main()
