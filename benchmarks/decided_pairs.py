"""How many pairs of public models each procedure decides, and what that costs: the table of docs/decisions.md.

python benchmarks/decided_pairs.py ../shared/data/eng_v2_models_by_tasks.csv    # minutes on one core
"""

import argparse
import time
import warnings
from pathlib import Path

import pandas as pd

from stats import InputError, Scores, compare
from stats.comparison.deciding import decide_all
from stats.comparison.options import Options
from stats.comparison.selection import in_rank_order

#: Test, correction, and the most models it is tried on: joint bootstraps of 16,653 pairs take minutes.
PROCEDURES = (
    ("wilcoxon", "max-t", 1000),
    ("sign-flip", "max-t", 1000),
    ("sign", "max-t", 1000),
    ("wilcoxon", "bonferroni", 1000),
    ("wilcoxon", "holm", 1000),
    ("wilcoxon", "hommel", 1000),
    ("wilcoxon", "shaffer", 1000),
    ("wilcoxon", "bh", 1000),
    ("paired-t", "holm", 1000),
    ("sign", "holm", 1000),
    ("sign-flip", "romano-wolf", 1000),
    ("bootstrap", "romano-wolf", 30),
    ("bootstrap", "holm", 30),
    ("nemenyi", "holm", 1000),
    ("conover", "holm", 1000),
)


def decided(scores: Scores, test: str, correction: str) -> tuple[int, float]:
    """Pairs decided at .05, and the CPU seconds of all pairs with their intervals, rank sets included."""
    options = Options(
        test=test, correction=correction, alpha=0.05, confidence_level=0.95, control=None, zero_method="wilcox",
        alternative="two-sided", n_resamples=10_000, interval="symmetric", statistic="mean", groups=None, seed=0,
    )  # fmt: skip
    started = time.process_time()
    (found,) = decide_all([scores], options)
    found.decisions.rank_sets()
    return int(found.decisions.decided.sum()), time.process_time() - started


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    scores = in_rank_order(Scores.from_csv(options.table))
    pools = {k: in_rank_order(scores.top(k)) for k in (10, 30, scores.n_models)}
    rows = []
    for test, correction, most in PROCEDURES:
        row: dict[str, object] = {"test": test, "correction": correction}
        for k, pool in pools.items():
            total = k * (k - 1) // 2
            if k > most:
                continue
            try:
                number, seconds = decided(pool, test, correction)
            except InputError:
                continue
            row[f"of {total:,} pairs of {k}"] = f"{number:,}"
            row["CPU seconds"] = f"{seconds:.2f}"
        rows.append(row)
        print(rows[-1], flush=True)
    print(pd.DataFrame(rows).fillna("").to_markdown(index=False))
    started = time.process_time()
    compare(scores, families=False, rng=0)
    print(f"compare of all models without families: {time.process_time() - started:.2f} CPU seconds")


if __name__ == "__main__":
    main()
