"""Per-sample paired bootstrap of one retrieval task: 10,000 queries, 30 models."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats as scipy_stats

from benchmarks.harness import Options, Row, against, peer
from benchmarks.parts.pairs import absent, over_pairs
from stats import Samples, sample_level
from stats.samples import write_task


def run(options: Options) -> list[Row]:
    """Against scipy's bootstrap and ranx's randomisation test, pair by pair; ours reads its files too."""
    n, k, b = (50, 3, 100) if options.tiny else (10_000, 30, 1000)
    rng = np.random.default_rng(0)
    values = np.clip(rng.normal(0.5, 0.3, (n, 1)) + rng.normal(0, 0.15, (n, k)) + np.linspace(0, 0.03, k), 0, 1)
    rounds = 1 if options.tiny else options.rounds
    rows = []
    with tempfile.TemporaryDirectory(prefix="embsig-", dir=options.scratch) as folder:
        for m in range(k):
            frame = pd.DataFrame({"sample": [f"q{i}" for i in range(n)], "score": values[:, m]})
            write_task(folder, "Retrieval", f"m{m}", frame, {"metric": "mean", "main_score": values[:, m].mean()})

        def ours() -> None:
            sample_level(Samples.open(Path(folder)))

        def one(a: Any, c: Any) -> object:
            return scipy_stats.bootstrap((a - c,), np.mean, n_resamples=b, method="percentile", batch=100)

        what = f"per-sample intervals of all pairs, {n:,} queries x {k} models (theirs {b:,} resamples), files read"
        loop, scale, note = over_pairs(values, one, 2 if options.tiny else 8)
        rows.append(against(what, "scipy.stats.bootstrap, pair by pair", ours, loop, at_least=50, scale=scale, rounds=rounds, note=note))  # fmt: skip
        ranx = peer("ranx.statistical_tests") or peer("ranx.statistical_testing")
        test = getattr(ranx, "fisher_randomization_test", None)
        theirs = None
        if test is not None:

            def fisher(a: Any, c: Any) -> object:
                return test(a, c, n_permutations=b)

            fisher(values[:, 0], values[:, 1])  # its compilation is not counted
            theirs, scale, note = over_pairs(values, fisher, 2 if options.tiny else 8)
        rows.append(against(what, "ranx, Fisher's randomisation test, pair by pair", ours, theirs, at_least=50, scale=scale, rounds=rounds, note=note if theirs else "", missing=absent("ranx", test)))  # fmt: skip
    return rows
