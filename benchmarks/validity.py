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
import validity_levels
from validity_decisions import families, flips, margins, selected, winners
from validity_worlds import ALPHA, Seen, all_pairs, effect_sizes, rank_sets, single_pairs

TASKS = (5, 8, 14, 41)
#: Per (table, method, world, number of tasks): how often it happened, in how many replications.
Counts = dict[tuple[str, str, str, int], tuple[float, int]]


@dataclass(frozen=True)
class Part:
    """A part of the simulation: its worlds, and how many replications a round adds to each of them."""

    simulate: Callable[..., Seen]
    worlds: tuple[str, ...]
    replications: int
    resamples: int
    tasks: tuple[int, ...] = TASKS


_ALL = ("normal", "skewed", "heavy", "rounded", "unequal", "grouped", "twins")
_RANKED = ("normal", "skewed", "heavy", "unequal")
PARTS = {
    "pair": Part(single_pairs, ("normal", "skewed", "heavy", "rounded", "unequal", "grouped"), 200, 999),
    "five": Part(partial(all_pairs, k=5), ("normal", "skewed", "rounded", "unequal", "grouped", "twins"), 100, 499),
    "thirty": Part(partial(all_pairs, k=30), ("normal", "unequal"), 60, 299),
    "ranks": Part(partial(rank_sets, k=6, equal=False), _RANKED, 100, 499),
    "equal": Part(partial(rank_sets, k=6, equal=True), _RANKED, 100, 499),
    "effects": Part(effect_sizes, ("normal", "skewed", "heavy", "rounded"), 100, 0),
    "flips_five": Part(partial(flips, k=5), _ALL, 100, 499),
    "flips_thirty": Part(partial(flips, k=30), _ALL, 100, 499),
    "selected": Part(selected, ("normal", "heavy", "unequal"), 100, 499),
    "families": Part(families, ("normal", "heavy", "rounded", "unequal"), 100, 499, (14, 21, 41)),
    "margins": Part(margins, ("normal", "heavy", "rounded", "unequal"), 100, 499),
    "winners": Part(winners, ("normal", "skewed", "heavy"), 100, 499),
}
#: What is made again by one command without the half hour of the rest.
DECISIONS = ("flips_five", "flips_thirty", "selected", "families", "margins", "winners")


def simulate(rounds: int, seed: int, keep: Path, chosen: tuple[str, ...]) -> Iterator[tuple[str, Counts]]:
    """Go through the rounds; every piece has a seed of its own and is kept in a file, and none is done twice."""
    keep.mkdir(parents=True, exist_ok=True)
    for number in range(rounds):
        for at, (name, part) in enumerate(PARTS.items()):
            if name not in chosen:
                continue
            for world_at, world in enumerate(part.worlds):
                for n in part.tasks:
                    file = keep / f"{name}-{world}-{n}-{seed}-{number}.json"
                    if not file.exists():
                        rng = np.random.default_rng([seed, at, world_at, n, number])
                        seen = part.simulate(rng, world, n, part.replications, part.resamples)
                        found = [
                            [of, method, float(np.round(hits.sum(), 6)), int(hits.size)]
                            for (of, method), hits in seen.items()
                        ]
                        whole = file.with_suffix(".part")
                        whole.write_text(json.dumps(found), encoding="utf-8")
                        os.replace(whole, file)
                    rows = json.loads(file.read_text(encoding="utf-8"))
                    yield name, {(of, method, world, n): (hits, total) for of, method, hits, total in rows}


def collect(rounds: int, seed: int, keep: Path, chosen: tuple[str, ...]) -> dict[str, Counts]:
    """Counts of every chosen part, over all rounds."""
    totals: dict[str, Counts] = {name: {} for name in chosen}
    for name, counts in simulate(rounds, seed, keep, chosen):
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
    columns = [(world, n) for world in worlds for n in sorted({key[2] for key in here})]
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

- **Defaults.** Signed ranks corrected by joint sign flips (max-t) hold their level, and their simultaneous intervals and rank sets theirs, wherever
  differences are symmetric, and are silent rather than wrong with 5 tasks, where no sign vector is rare enough. The studentized mean by flips has
  more power with 8 tasks, but not its level where differences are skewed; the sign test holds and finds least; Wilcoxon with Holm finds nothing with 8 tasks,
  with thirty models nothing with 14, and about as much as max-t with five models from 14 tasks on. Bootstrap intervals are symmetric studentized by default: they
  alone cover 94 % or more in every world of independent tasks. Percentile, basic and BCa intervals are too narrow below about 40 tasks (83 % instead of 95 %
  with five), plain studentized ones a little so under heavy tails.
- **Selection.** The best five of thirty, tested with a control as if they had been chosen beforehand, are false alarms too often; decided in the pool they are not.
- **Families.** Each corrected by itself, one page of equal models makes a false claim in one case of eight; together (one critical value) in one of twenty, at a
  cost of a few points of power over all tasks; half of alpha for each costs twice that.
- **The first model's mean.** Intervals by themselves forget that the model was chosen. Andrews, Kitagawa and McCloskey's hybrid ones are the shortest
  and fall short below about 40 tasks; those of all models at once hold everywhere, whatever the model was chosen by: they are shown.
- **Ranks of what?** Models of one mean that differ in the shape or the spread of their noise differ in expected rank: where the noise
  is skewed the other way, one model beats the other on three tasks of five. Sets by mean rank are held against ranks by expected rank
  (from a million simulated tasks), sets by mean against ranks by mean.
- **Skewed differences of equal mean.** The rank tests and sign flips test symmetry about 0, and so reject more often than 5 %; so do
  methods on mean ranks (Friedman, Nemenyi, Conover), for which such models are truly unequal. `compare` warns where significant
  pairs are strongly skewed; the row "without a warning" is what is left. To speak about means of skewed differences, use the
  studentized bootstrap, Romano-Wolf with it, or rank sets by mean with `method="bootstrap-t"` (`--details`).
- **Grouped tasks.** No method that takes tasks for independent holds its level when tasks are cut from one source. Groups that the task table knows
  are units by default; with `--groups none`, `compare` warns where they move together.
- **Unequal variances.** Nemenyi and Conover judge a pair by the spread of all models, and can miss their level when models differ in
  spread and are many.
- **The Bayesian test** is no test of a null hypothesis: with P >= .95 it calls one pair in eight of equal models from 14
  tasks on, and more with fewer. Read its probabilities together with a region of practical equivalence.
- **Bradley-Terry and the model confidence set** are for many tasks; below about 20 use `rank_confidence` and `top_set`.
- **Effect sizes.** The interval of d_z is that of normal differences: too narrow where they are skewed (91 to 93 %) or of models apart
  where tails are heavy (85 to 94 %), as is that of the rank-biserial correlation there from 14 tasks on (90 to 91 %).
"""


_BEST = "Six models, three of them better by one standard deviation: all rank sets hold at once, or all best models are in the set, at 95 %."
_SAME = "The same of six models of equal means, the hardest case: by mean every set must hold all ranks."
_HALF = "Half of the models are better by 5 / sqrt(n) standard deviations of the noise."
_SURE = "Equal models, joint sign flips (all 2^n where n <= 14): at least one pair is called different."
_FIRST = "Ten equal models on tasks that differ by twice as much as models do: 95 % intervals of the mean of the one that came first."
_PAGE = "Five models on all tasks and in every family (two or three of 7; MTEB(eng, v2)'s 8, 8, 3, 2, 10, 9 and 1)."
#: Every table of the page: its heading, what it shows, the part that it is from, what is counted, the nominal level, and whether that is the least.
SECTIONS: tuple[tuple[str, str, str, str, float | None, bool], ...] = (
    ("All pairs of five: family-wise error of joint flips", _SURE, "flips_five", "wise", ALPHA, False),
    ("All pairs of five: joint coverage", "All ten simultaneous intervals hold the estimand at once; equal models.", "flips_five", "cover", 1 - ALPHA, True),
    ("All pairs of five: joint coverage, models apart", "The same. " + _HALF, "flips_five", "cover_apart", 1 - ALPHA, True),
    ("All pairs of five: power", "Share of the pairs that differ which are decided. " + _HALF + " Nothing is bold here.", "flips_five", "power", None, False),
    ("All pairs of thirty: family-wise error of joint flips", _SURE, "flips_thirty", "wise", ALPHA, False),
    ("All pairs of thirty: joint coverage", "All 435 simultaneous intervals hold the estimand at once; equal models.", "flips_thirty", "cover", 1 - ALPHA, True),
    ("All pairs of thirty: joint coverage, models apart", "The same. " + _HALF, "flips_thirty", "cover_apart", 1 - ALPHA, True),
    ("All pairs of thirty: power", "Share of the pairs that differ which are decided. " + _HALF + " Nothing is bold here.", "flips_thirty", "power", None, False),
    ("Selection: the best five of thirty", "Equal models; the best five by mean rank on the same scores, with a control named beforehand or without: any false claim among those shown (with a control: any called better than it).", "selected", "selected", ALPHA, False),
    ("Families: any false claim on one page", _PAGE + " Equal models.", "families", "false", ALPHA, False),
    ("Families: power over all tasks", _PAGE + " " + _HALF + " Share of the pairs that differ which are decided over all tasks.", "families", "overall", None, False),
    ("Families: power within families", "The same within families, on average.", "families", "within", None, False),
    ("Equivalence: level at the margin", "Five models, two of them better by exactly the margin, 2.5 standard deviations of the noise: any such pair is called equivalent.", "margins", "margin", ALPHA, False),
    ("Equivalence: power", "The same: share of the equal pairs that are called equivalent.", "margins", "same", None, False),
    ("The first model's mean: coverage", _FIRST, "winners", "winner", 1 - ALPHA, True),
    ("The first model's mean: width", "Mean width of those intervals in percent of the simultaneous one's, where that is finite.", "winners", "width", None, False),
    ("One pair: false positives", "Two equal models, p <= .05.", "pair", "false", ALPHA, False),
    ("One pair: power", "The mean difference is .8 standard deviations of the differences. Nothing is bold here.", "pair", "power", None, False),
    ("One pair: coverage", "95 % intervals of the mean difference.", "pair", "cover", 1 - ALPHA, True),
    ("One pair: coverage of effect sizes", "95 % intervals, without and with a difference.", "effects", "effects", 1 - ALPHA, True),
    ("Five models: family-wise error", "At least one of 10 pairs of equal models at adjusted p <= .05 (twins: one model is a copy of another).", "five", "wise", ALPHA, False),
    ("Five models: omnibus tests", "Equal models, p <= .05.", "five", "omnibus", ALPHA, False),
    ("Thirty models: family-wise error", "At least one of 435 pairs of equal models.", "thirty", "wise", ALPHA, False),
    ("Thirty models: omnibus tests", "Equal models, p <= .05.", "thirty", "omnibus", ALPHA, False),
    ("Ranks: coverage", _BEST, "ranks", "ranks", 1 - ALPHA, True),
    ("Ranks: coverage when all means are equal", _SAME, "equal", "equal", 1 - ALPHA, True),
)  # fmt: skip


def kept_sections(page: str) -> dict[str, str]:
    """The tables of a page by their headings, for those that are not made again."""
    found = {}
    for part in page.split("\n## ")[1:]:
        found[part.split("\n", 1)[0]] = "## " + part.rstrip("\n") + "\n"
    return found


def main() -> None:
    """Simulate, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("docs/validity.md"))
    parser.add_argument("--keep", type=Path, default=Path(".validity"), help="folder of what was simulated already")
    parser.add_argument("--rounds", type=int, default=20, help="each adds 200 replications of pairs, 60 of 30 models")
    parser.add_argument("--seed", type=int, default=20240906)
    parser.add_argument(
        "--only", choices=["decisions"], help="the tables of decisions alone; the others stay as the page has them"
    )
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    started = time.process_time()
    chosen = DECISIONS if options.only else tuple(PARTS)
    found = collect(options.rounds, options.seed, options.keep, chosen)
    before = (
        kept_sections(options.output.read_text(encoding="utf-8")) if options.only and options.output.exists() else {}
    )
    page = [INTRODUCTION.format(seed=options.seed) + validity_levels.READING]
    for title, text, part, of, nominal, at_least in SECTIONS:
        if part in chosen:
            page.append(section(title, text, found[part], of, nominal, at_least=at_least))
        elif title in before:
            page.append(before[title])
    # A round there is five of these.
    levels = [] if options.only else validity_levels.sections(max(1, options.rounds // 5), options.seed, options.keep)
    page += levels or [before[p.title] for p in validity_levels.PARTS.values() if p.title in before]
    options.output.write_text("\n".join(page), encoding="utf-8")
    print(f"wrote {options.output} in {time.process_time() - started:.0f} CPU seconds")


if __name__ == "__main__":
    main()
