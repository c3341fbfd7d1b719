"""Measure what every method promises: false-positive rates, family-wise errors, coverage of intervals and rank sets.

Tables of scores are simulated of which the truth is known (validity_worlds.py), and each method is applied as the
library offers it. The result is a page of tables (docs/validity.md) in which every number has its Monte Carlo error;
a number is bold where a method misses its nominal level by more than three of them.

    python benchmarks/validity.py --keep DIR                               # half an hour on one core; resumes where it stopped
    python benchmarks/validity.py --rounds 1 --keep DIR --output look.md   # a look
"""

import argparse
import json
import os
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from validity_worlds import ALPHA, Seen, all_pairs, effect_sizes, rank_sets, single_pairs

TASKS = (5, 8, 14, 41)
#: Per (table, method, world, number of tasks): how often it happened, in how many replications.
Counts = dict[tuple[str, str, str, int], tuple[int, int]]


@dataclass(frozen=True)
class Part:
    """A part of the simulation: its worlds, and how many replications a round adds to each of them."""

    simulate: Callable[..., Seen]
    worlds: tuple[str, ...]
    replications: int
    resamples: int


_RANKED = ("normal", "skewed", "heavy", "unequal")
PARTS = {
    "pair": Part(single_pairs, ("normal", "skewed", "heavy", "rounded", "unequal", "grouped"), 200, 999),
    "five": Part(partial(all_pairs, k=5), ("normal", "skewed", "rounded", "unequal", "grouped", "twins"), 100, 499),
    "thirty": Part(partial(all_pairs, k=30), ("normal", "unequal"), 60, 299),
    "ranks": Part(partial(rank_sets, k=6, equal=False), _RANKED, 100, 499),
    "equal": Part(partial(rank_sets, k=6, equal=True), _RANKED, 100, 499),
    "effects": Part(effect_sizes, ("normal", "skewed", "heavy", "rounded"), 100, 0),
}


def simulate(rounds: int, seed: int, keep: Path) -> Iterator[tuple[str, Counts]]:
    """Go through the rounds; every piece has a seed of its own and is kept in a file, and none is done twice."""
    keep.mkdir(parents=True, exist_ok=True)
    for number in range(rounds):
        for at, (name, part) in enumerate(PARTS.items()):
            for world_at, world in enumerate(part.worlds):
                for n in TASKS:
                    file = keep / f"{name}-{world}-{n}-{seed}-{number}.json"
                    if not file.exists():
                        rng = np.random.default_rng([seed, at, world_at, n, number])
                        seen = part.simulate(rng, world, n, part.replications, part.resamples)
                        found = [[of, method, int(hits.sum()), int(hits.size)] for (of, method), hits in seen.items()]
                        whole = file.with_suffix(".part")
                        whole.write_text(json.dumps(found), encoding="utf-8")
                        os.replace(whole, file)
                    rows = json.loads(file.read_text(encoding="utf-8"))
                    yield name, {(of, method, world, n): (hits, total) for of, method, hits, total in rows}


def collect(rounds: int, seed: int, keep: Path) -> dict[str, Counts]:
    """Counts of every part, over all rounds."""
    totals: dict[str, Counts] = {name: {} for name in PARTS}
    for name, counts in simulate(rounds, seed, keep):
        for key, (hits, total) in counts.items():
            before = totals[name].get(key, (0, 0))
            totals[name][key] = before[0] + hits, before[1] + total
    return totals


# -- the page ----------------------------------------------------------------------------------------------------


def cell(hits: int, total: int, nominal: float | None, *, at_least: bool) -> str:
    """In percent, bold where the nominal level is missed on the wrong side by over three Monte Carlo errors."""
    shown = f"{100 * hits / total:.1f}"
    if nominal is None:
        return shown
    short = nominal - hits / total if at_least else hits / total - nominal
    return f"**{shown}**" if short > 3 * np.sqrt(nominal * (1 - nominal) / total) else shown


def section(title: str, text: str, counts: Counts, of: str, nominal: float | None, *, at_least: bool = False) -> str:
    """A table with its heading, its Monte Carlo error and what it shows: one row per method, one column per world and n."""
    here = {key[1:]: found for key, found in counts.items() if key[0] == of}
    methods, worlds = (list(dict.fromkeys(key[at] for key in here)) for at in (0, 1))
    columns = [(world, n) for world in worlds for n in TASKS]
    lines = ["| | " + " | ".join(f"{w} {n}" for w, n in columns) + " |", "|---|" + "---:|" * len(columns)]
    for method in methods:
        cells = [
            cell(*here[method, w, n], nominal, at_least=at_least) if (method, w, n) in here else "–" for w, n in columns
        ]
        lines.append(f"| {method} | {' | '.join(cells)} |")
    r = next(iter(here.values()))[1]
    share = nominal or 0.5
    level = f"at the nominal {100 * share:g} %" if nominal else "at most"
    error = f"Monte Carlo error ±{100 * np.sqrt(share * (1 - share) / r):.1f} {level}."
    table = "\n".join(lines)
    return f"## {title}\n\n{text} {r:,} replications; {error}\n\n{table}\n"


INTRODUCTION = """# Validity, measured

What every method promises, against what it does on simulated scores of which the truth is known. Numbers are percent;
the columns are kinds of noise and numbers of tasks. **Bold**: worse than the nominal level by more than three
Monte Carlo errors. Made by `python benchmarks/validity.py`, seed {seed}, 999 resamples within a bootstrap of
single pairs, 499 of five or six models, 299 of thirty.

The noise: **normal**; **skewed** (exponential, turned round for every other model, so that differences are skewed and their
means equal); **heavy** (Student t, 3 degrees of freedom); **rounded** (many ties); **unequal** (standard deviations from
1 to 5); **grouped** (tasks in threes that share half of their noise: the tests take them for independent).

How to read it.

- **Defaults.** Wilcoxon with Holm holds its level wherever differences are symmetric, and is silent rather than wrong with 5 tasks,
  where it cannot reach p <= .05 at all. Intervals are symmetric studentized by default: they alone cover 94 % or more in every
  world of independent tasks. Percentile, basic and BCa intervals are too narrow below about 40 tasks (83 % instead of 95 %
  with five), plain studentized ones a little so under heavy tails. Rank sets and top sets by sign flips of mean ranks hold theirs.
- **Ranks of what?** Models of one mean that differ in the shape or the spread of their noise differ in expected rank: where the noise
  is skewed the other way, one model beats the other on three tasks of five. Sets by mean rank are held against ranks by expected rank
  (from a million simulated tasks), sets by mean against ranks by mean.
- **Skewed differences of equal mean.** The rank tests and sign flips test symmetry about 0, and so reject more often than 5 %; so do
  methods on mean ranks (Friedman, Nemenyi, Conover), for which such models are truly unequal. `compare` warns where significant
  pairs are strongly skewed; the row "without a warning" is what is left. To speak about means of skewed differences, use the
  studentized bootstrap, Romano-Wolf with it, or rank sets by mean with `method="bootstrap-t"` (`--details`).
- **Grouped tasks.** No method that takes tasks for independent holds its level when tasks are cut from one source. Give
  the groups (`groups=True`, `--groups`) to the bootstrap, the sign flips and the rank sets; `compare` warns where groups are known and
  move together.
- **Unequal variances.** Nemenyi and Conover judge a pair by the spread of all models, and can miss their level when models differ in
  spread and are many.
- **The Bayesian test** is no test of a null hypothesis: with P >= .95 it calls one pair in eight of equal models from 14
  tasks on, and more with fewer. Read its probabilities together with a region of practical equivalence.
- **Bradley-Terry and the model confidence set** are for many tasks; below about 20 use `rank_confidence` and `top_set`.
- **Effect sizes.** The interval of d_z is that of normal differences: too narrow where tails are heavy (85 to 94 %).
"""


def main() -> None:
    """Simulate, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("docs/validity.md"))
    parser.add_argument("--keep", type=Path, default=Path(".validity"), help="folder of what was simulated already")
    parser.add_argument("--rounds", type=int, default=20, help="each adds 200 replications of pairs, 60 of 30 models")
    parser.add_argument("--seed", type=int, default=20240906)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    started = time.process_time()
    found = collect(options.rounds, options.seed, options.keep)
    pair, five, thirty = found["pair"], found["five"], found["thirty"]
    best = "Six models, three of them better by one standard deviation: all rank sets hold at once, or all best models are in the set, at 95 %."
    same = "The same of six models of equal means, the hardest case: by mean every set must hold all ranks."
    page = [
        INTRODUCTION.format(seed=options.seed),
        section("One pair: false positives", "Two equal models, p <= .05.", pair, "false", ALPHA),
        section("One pair: power", "The mean difference is .8 standard deviations of the differences. Nothing is bold here.", pair, "power", None),
        section("One pair: coverage", "95 % intervals of the mean difference.", pair, "cover", 1 - ALPHA, at_least=True),
        section("One pair: coverage of effect sizes", "95 % intervals, without and with a difference.", found["effects"], "effects", 1 - ALPHA, at_least=True),
        section("Five models: family-wise error", "At least one of 10 pairs of equal models at adjusted p <= .05 (twins: one model is a copy of another).", five, "wise", ALPHA),
        section("Five models: omnibus tests", "Equal models, p <= .05.", five, "omnibus", ALPHA),
        section("Thirty models: family-wise error", "At least one of 435 pairs of equal models.", thirty, "wise", ALPHA),
        section("Thirty models: omnibus tests", "Equal models, p <= .05.", thirty, "omnibus", ALPHA),
        section("Ranks: coverage", best, found["ranks"], "ranks", 1 - ALPHA, at_least=True),
        section("Ranks: coverage when all means are equal", same, found["equal"], "equal", 1 - ALPHA, at_least=True),
    ]  # fmt: skip
    options.output.write_text("\n".join(page), encoding="utf-8")
    print(f"wrote {options.output} in {time.process_time() - started:.0f} CPU seconds")


if __name__ == "__main__":
    main()
