"""Measure what a subset of tasks promises: how well it foretells models of makers that it did not know.

    python benchmarks/deciding_subset.py --keep DIR --table eng_v2_models_by_tasks.csv

Five minutes on one core; resumes where it stopped, and prints the table of docs/deciding.md. The table has a model in every row.
"""

import argparse
import json
from pathlib import Path

import pandas as pd

from bench.sources.definitions import load
from bench.task_costs import task_costs
from stats import choose_subset
from stats.common.jsonable import plain
from stats.common.writing import write_whole

#: Name -> whether a task costs its characters, and the share of the cost of all; 12 and 8 of 41 tasks.
BUDGETS = {
    "20 % of the characters": (True, 0.2), "5 % of the characters": (True, 0.05),
    "12 tasks": (False, 12 / 41), "8 tasks": (False, 8 / 41),
}  # fmt: skip


def measure(table: pd.DataFrame, by_characters: bool, budget: float) -> dict[str, object]:
    """The number of tasks, and what the choice is worth by models."""
    subsets = {t.name: t.subsets for t in load().benchmark("MTEB(eng, v2)")}
    costs = task_costs(list(table.index), subsets) if by_characters else None
    found = choose_subset(table, costs, budget=budget * (1 + 1e-9), rng=0)
    return {"tasks": len(found.chosen), "rows": plain(found.validation.to_dict("records"))}


def rows(done: dict[str, dict[str, object]]) -> list[str]:
    """The table of docs/deciding.md."""
    lines = [
        "| budget | tasks | models | RMSE | rho | intervals hold | half width | decided | wrong |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, found in done.items():
        for i, row in enumerate(found["rows"]):  # type: ignore[arg-type,var-annotated]
            first = f"{name} | {found['tasks']}" if i == 0 else " | "
            who = f"all {row['n']}" if row["models"] == "all" else row["models"]
            lines.append(
                f"| {first} | {who} | {row['rmse']:.4f} | {row['rho']:.3f} | {row['coverage']:.1%} | {row['half_width']:.3f} | {row['decided']:.0%} | {row['wrong']:.2%} |"
            )
    return lines


def main() -> None:
    """Measure what is not done yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, required=True, help="folder of what is done already")
    parser.add_argument("--table", type=Path, required=True, help="scores of models (rows) on tasks")
    asked = parser.parse_args()
    asked.keep.mkdir(parents=True, exist_ok=True)
    place = asked.keep / "deciding_subset.json"
    done = json.loads(place.read_text()) if place.exists() else {}
    table = pd.read_csv(asked.table, index_col=0).T
    for name, (by_characters, budget) in BUDGETS.items():
        if name not in done:
            done[name] = measure(table, by_characters, budget)
            write_whole(place, json.dumps(done, indent=1))
    print("\n".join(rows(done)))


if __name__ == "__main__":
    main()
