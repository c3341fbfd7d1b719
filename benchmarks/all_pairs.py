"""How long all pairs take: embsig against a loop over scipy, pingouin and scikit-posthocs, in one run on one core.

    OMP_NUM_THREADS=1 python benchmarks/all_pairs.py [SCORES.csv]

Without a file, 60 models on 41 tasks are drawn. Prints CPU seconds and their ratio to embsig's. A package that is not
installed is left out; loops that would take minutes are timed on a part of the pairs and scaled up (marked ~).
"""

import sys
import time
import warnings
from collections.abc import Callable
from itertools import combinations, islice

import numpy as np
import pandas as pd
from scipy import stats as scipy_stats

from stats import Scores, adjust, as_scores, bootstrap, compare, rank_confidence, wilcoxon


def cpu(run: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    run()
    return time.process_time() - start


def over_pairs(values: np.ndarray, run: Callable[[np.ndarray, np.ndarray], object], at_most: int) -> tuple[float, bool]:
    """CPU seconds of a loop over all pairs, and whether they are scaled up from `at_most` of them."""
    k = values.shape[1]
    total = k * (k - 1) // 2
    pairs = list(islice(combinations(range(k), 2), at_most))

    def loop() -> None:
        for i, j in pairs:
            run(values[:, i], values[:, j])

    return cpu(loop) * total / len(pairs), len(pairs) < total


def main() -> None:
    """Time and print."""
    warnings.simplefilter("ignore")
    if len(sys.argv) > 1:
        scores = Scores.from_csv(sys.argv[1]).complete()
    else:
        rng = np.random.default_rng(0)
        drawn = rng.normal(np.linspace(0.5, 0.7, 60), 0.05, size=(41, 60)).round(5)
        scores = as_scores(pd.DataFrame(drawn, [f"task {i}" for i in range(41)], [f"model {j}" for j in range(60)]))
    values = scores.values
    print(f"{scores.n_models} models, {scores.n_tasks} tasks, {scores.n_models * (scores.n_models - 1) // 2:,} pairs\n")

    def row(name: str, seconds: float, ours: float, *, scaled: bool = False) -> None:
        print(f"  {name:<44} {'~' if scaled else ' '}{seconds:9.2f} s {seconds / ours:9.1f} x")

    wilcoxon(scores.select(models=scores.models[:2]))  # imports
    print("Wilcoxon signed-rank, Holm")
    ours = cpu(lambda: adjust(wilcoxon(scores).pvalue))
    row("embsig", ours, ours)
    seconds, scaled = over_pairs(values, lambda a, b: scipy_stats.wilcoxon(a, b, method="exact"), 2000)
    row("scipy.stats.wilcoxon, a loop", seconds, ours, scaled=scaled)
    try:
        import pingouin

        seconds, scaled = over_pairs(values, pingouin.wilcoxon, 200)
        row("pingouin.wilcoxon, a loop", seconds, ours, scaled=scaled)
    except ImportError:
        pass
    try:
        import scikit_posthocs

        table = pd.DataFrame(values)
        melted = table.melt(var_name="model", value_name="score")
        seconds = cpu(
            lambda: scikit_posthocs.posthoc_wilcoxon(melted, val_col="score", group_col="model", p_adjust="holm")
        )
        row("scikit_posthocs.posthoc_wilcoxon", seconds, ours)
    except ImportError:
        pass

    print("Paired bootstrap of the mean difference, 10,000 resamples, interval and p")
    ours = cpu(lambda: bootstrap(scores, rng=0))
    row("embsig", ours, ours)
    seconds, scaled = over_pairs(
        values, lambda a, b: scipy_stats.bootstrap((a - b,), np.mean, n_resamples=10_000, method="percentile"), 60
    )
    row("scipy.stats.bootstrap, a loop", seconds, ours, scaled=scaled)

    print("Everything")
    row("embsig: rank_confidence", cpu(lambda: rank_confidence(scores, rng=0)), ours)
    row("embsig: compare", cpu(lambda: compare(scores, families=False, rng=0)), ours)


if __name__ == "__main__":
    main()
