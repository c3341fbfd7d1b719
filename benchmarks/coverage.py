"""Measure whether intervals for incomplete models and for new tasks hold, on public tables: masked replays.

Real patterns of missing scores are laid over complete models of makers that the calibration does not see, and single tasks are left out.
The result is docs/coverage.md.

    python benchmarks/coverage.py --data ../shared/data --keep .validity/coverage     # some minutes on one core; resumes where it stopped

Tables: MTEB(eng, v2) and RTEB(beta) from the results archives (the block of `choose_coverage`), MTEB(Multilingual, v2) from its table.
"""

import argparse
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata

import stats.prediction
from bench import read_scores
from stats import Scores, choose_coverage, predict_missing, predict_new_task
from stats.common.errors import InputError

BENCHMARKS = {"MTEB(eng, v2)": "mteb-results-eng.tar.zst", "RTEB(beta)": "mteb-results-rteb-medical-code.tar.zst"}
LEVEL, NEW_TASK_LEVEL = 0.95, 0.85
REPLAYS = 300
BINS = ((1, 5), (6, 10), (11, 20), (21, 70))
#: Per row of a table: how often it happened, of how many, and further sums.
Row = dict[str, float | str]


def load(name: str, data: Path) -> Scores:
    """The tasks of the chosen block, with the models that lack some of them."""
    if name in BENCHMARKS:
        scores = read_scores(data / BENCHMARKS[name], benchmark=name)
    else:
        frame = pd.read_csv(data / "multilingual_v2_tasks_by_models.csv", index_col=0)
        scores = Scores.from_frame(frame.rename_axis(index="task").reset_index())
        scores = scores.with_families() if hasattr(scores, "with_families") else scores
    chosen = choose_coverage(scores)
    return scores.select(tasks=chosen.scores.task_names).complete("keep")


def replay(scores: Scores, seed: int, *, worst: bool) -> list[Row]:
    """Hide real patterns from a tenth of the makers' complete models, predict, and look."""
    rng = np.random.default_rng(seed)
    table = scores.table
    missing = table.isna().to_numpy()
    lacking = missing.sum(axis=0)
    patterns = missing[:, (lacking > 0) & (lacking <= len(missing) / 2)].T
    complete = [m for m, n in zip(scores.models, lacking, strict=True) if n == 0]
    makers = rng.permutation(sorted({m.split("/")[0] for m in complete}))
    hidden = [m for m in complete if m.split("/")[0] in set(makers[: max(1, len(makers) // 10)])]
    masked = table[complete].copy()
    z = table[complete].sub(table[complete].mean(axis=1), axis=0).div(table[complete].std(axis=1), axis=0)
    for model in hidden:
        pattern = patterns[rng.integers(len(patterns))]
        if worst:
            pattern = np.isin(np.arange(len(table)), np.argsort(z[model].to_numpy(), kind="stable")[: pattern.sum()])
        masked.loc[pattern, model] = np.nan
    try:
        found = predict_missing(Scores.from_frame(masked.rename_axis(index="task").reset_index(), tasks=scores.tasks))
    except InputError:
        return []
    rows = found.models.set_index("model")
    full = table[complete].mean()
    rank = full.rank(ascending=False, method="min")
    seen: list[Row] = []
    for model in hidden:
        row = rows.loc[model]
        cells = found.cells[found.cells["model"] == model]
        truth = np.asarray([table.loc[t, model] for t in cells["task"]])
        held = (cells["low"].to_numpy() <= truth) & (truth <= cells["high"].to_numpy())
        by_family = {
            str(f): [int(held[(cells["family"] == f).to_numpy()].sum()), int((cells["family"] == f).sum())]
            for f in cells["family"].dropna().unique()
        }
        seen.append(
            {
                "n_missing": int(row["n_missing"]),
                "mean": bool(row["mean_low"] <= full[model] <= row["mean_high"]),
                "guarded": bool(full[model] >= row["worst_low"] - 1e-12),
                "rank": bool(row["rank_low"] <= rank[model] <= row["rank_high"]),
                "width": float(row["mean_high"] - row["mean_low"]),
                "rank_width": int(row["rank_high"] - row["rank_low"]),
                "error": float(row["mean"] - full[model]),
                "cells": [int(held.sum()), len(held)],
                "families": by_family,  # type: ignore[dict-item]  # counts by family
            }
        )
    return seen


def left_out(scores: Scores, n_known: int, family: str | None) -> list[Row]:
    """Leave one task out at a time and predict every model's rank on it."""
    table = scores.complete("models").table
    if family is not None:
        table = table[(scores.tasks.loc[table.index, "family"] == family).to_numpy()]
    seen: list[Row] = []
    for at, task in enumerate(table.index):
        rest = table.drop(task)
        rank = pd.Series(rankdata(-table.loc[task]), table.columns)
        rng = np.random.default_rng([n_known, at])
        known = table.loc[task, rng.choice(table.columns, n_known, replace=False)].to_dict() if n_known else None
        try:
            found = predict_new_task(
                rest.rename_axis(index="task"), like=known, confidence_level=NEW_TASK_LEVEL if family is None else 0.5
            )
        except InputError:
            return []
        rows = found.models.set_index("model").loc[[m for m in table.columns if not known or m not in known]]
        truth = rank[rows.index]
        held = (rows["rank_low"] <= truth) & (truth <= rows["rank_high"])
        seen.append(
            {
                "held": int(held.sum()),
                "of": len(held),
                "width": float((rows["rank_high"] - rows["rank_low"]).median()),
                "nominal": found.confidence_level,
            }
        )
    return seen


def slug_of(name: str, scores: Scores) -> str:
    """What replays of a table are kept under: another name where the table or the code that predicts is another."""
    code = sorted(Path(stats.prediction.__path__[0]).glob("*.py"))
    digest = hashlib.sha256(scores.sha256.encode() + b"".join(file.read_bytes() for file in code)).hexdigest()[:8]
    return "".join(c if c.isalnum() else "-" for c in name).strip("-") + "-" + digest


def kept(keep: Path, name: str, work: Callable[[], list[Row]]) -> list[Row]:
    """What was done before is read; what is done is written whole."""
    file = keep / f"{name}.json"
    if not file.exists():
        part = file.with_suffix(".part")
        part.write_text(json.dumps(work()), encoding="utf-8")
        os.replace(part, file)
    return list(json.loads(file.read_text(encoding="utf-8")))


def percent(hits: float, of: float) -> str:
    """A share with its Monte Carlo error."""
    share = hits / of
    return f"{100 * share:.1f} ± {100 * np.sqrt(max(share * (1 - share), 1e-9) / of):.1f}"


def incomplete_table(rows: list[Row]) -> Iterator[str]:
    """Lines of the table by number of missing tasks."""
    yield "| missing tasks | replays | RMSE of the mean | mean held, % | rank held, % | single scores held, % | width of the mean | ranks wide |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for low, high in BINS:
        part = [r for r in rows if low <= r["n_missing"] <= high]  # type: ignore[operator]  # a number
        if not part:
            continue
        cells = np.sum([r["cells"] for r in part], axis=0)
        errors = np.asarray([r["error"] for r in part], dtype=float)
        yield (
            f"| {low}-{high} | {len(part):,} | {np.sqrt(np.mean(errors**2)):.4f} | {percent(sum(r['mean'] for r in part), len(part))} | "  # type: ignore[misc]
            f"{percent(sum(r['rank'] for r in part), len(part))} | {percent(cells[0], cells[1])} | "  # type: ignore[misc]
            f"{np.median([r['width'] for r in part]):.4f} | {np.median([r['rank_width'] for r in part]):.0f} |"  # type: ignore[arg-type]
        )


def page(data: Path, keep: Path, replays: int = REPLAYS) -> Iterator[str]:
    """The whole page."""
    yield HEAD
    for name in (*BENCHMARKS, "MTEB(Multilingual, v2)"):
        scores = load(name, data)
        slug = slug_of(name, scores)
        n_complete = scores.complete("models").n_models
        yield f"\n## {name}: {n_complete} complete models, {scores.n_tasks} tasks\n"
        yield from incomplete_models(scores, slug, keep, replays)
        yield from new_tasks(scores, slug, keep, many=n_complete >= 60 and scores.n_tasks <= 60)


def incomplete_models(scores: Scores, slug: str, keep: Path, replays: int) -> Iterator[str]:
    """What the intervals of incomplete models held, on real patterns and on those that leave out the worst tasks."""
    plain: list[Row] = []
    worst: list[Row] = []
    for seed in range(replays):
        plain += kept(keep, f"{slug}-plain-{seed}", partial(replay, scores, seed, worst=False))
        worst += kept(keep, f"{slug}-worst-{seed}", partial(replay, scores, seed, worst=True))
    yield f"Real patterns of missing tasks, laid over complete models ({replays:,} draws of makers):\n"
    yield from incomplete_table(plain)
    families: dict[str, list[int]] = {}
    for row in plain:
        for family, (hits, of) in row["families"].items():  # type: ignore[union-attr]
            at = families.setdefault(family, [0, 0])
            at[0], at[1] = at[0] + hits, at[1] + of
    if families:
        shown = "; ".join(f"{f} {percent(h, n)}" for f, (h, n) in sorted(families.items()))
        yield f"\nSingle scores held, by family: {shown}.\n"
    yield (
        f"\nThe same numbers of tasks missing, but those on which the model does worst: the interval holds in "
        f"{percent(sum(bool(r['mean']) for r in worst), len(worst))} %, the guarded lower end (`worst_low`) in "
        f"{percent(sum(bool(r['guarded']) for r in worst), len(worst))} %.\n"
    )


def new_tasks(scores: Scores, slug: str, keep: Path, *, many: bool) -> Iterator[str]:
    """What the intervals of ranks on a task that was left out held; with some models' scores on it, too, where `many`."""
    yield "One task left out at a time:\n"
    yield "| the new task | tasks | nominal, % | held, % | median width in ranks |"
    yield "|---|---:|---:|---:|---:|"
    jobs: list[tuple[str, int, str | None]] = [("like all of them", 0, None)]
    jobs += [(f"{n} models' scores on it are known", n, None) for n in (5, 10, 20)] if many else []
    jobs += [(f"of the family {f}", 0, f) for f in scores.families]
    for words, n_known, family in jobs:
        rows = kept(keep, f"{slug}-task-{n_known}-{family}", partial(left_out, scores, n_known, family))
        if rows:
            held, of = sum(r["held"] for r in rows), sum(r["of"] for r in rows)  # type: ignore[misc]
            yield (
                f"| {words} | {len(rows)} | {100 * rows[0]['nominal']:.1f} | {100 * held / of:.1f} | "  # type: ignore[operator]
                f"{np.median([r['width'] for r in rows]):.0f} |"  # type: ignore[arg-type]
            )


HEAD = """# Incomplete models and new tasks, measured

Do the intervals of `predict_missing` and `predict_new_task` hold? Made by `python benchmarks/coverage.py`; every replay has a seed of
its own. Percentages carry one Monte Carlo error; replays of one maker's models are not independent, so the true error is larger.

- **Incomplete models.** Of the public table the complete models of a tenth of the makers are given the missing patterns of real incomplete
  models; all other makers' models predict and calibrate. Nominal: 95 %. The interval is about what stood there had the tasks been run, not
  about other tasks.
- **Tasks left out because they went badly.** No method that sees only the other scores can know. The plain interval misses then, as the line below each
  table says; `worst_low` is the lower end that held in replays which drop every model's worst tasks, and is what a reader should use who has
  a reason to suspect it.
- **A new task.** The rank of one model on one task varies much more than its mean rank: prediction intervals are wide because tasks differ,
  not because the method is poor. A few known scores on the task narrow them only a little on these tables, since what is left is
  particular to a model and a task. Asked for are 85 %, of a family 50 %, and n other tasks can promise (n + 1 - 2j) / (n + 1) alone: nominal
  is the least of these that is as much."""


def main() -> None:
    """Make the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--keep", type=Path, default=Path(".validity/coverage"))
    parser.add_argument("--replays", type=int, default=REPLAYS)
    parser.add_argument("--output", type=Path, default=Path("docs/coverage.md"))
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    text = "\n".join(page(options.data, options.keep, options.replays)) + "\n"
    options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
