"""How much faster all pairs in one pass are than baycomp pair by pair: a ratio measured in one run.

python benchmarks/bayes_speed.py [--models 183] [--tasks 41] [--draws 10000]
"""

import argparse
import time

import numpy as np
import pandas as pd

from stats.pairwise.bayes import bayes_signed_rank


def main() -> None:
    """Time both, and print one line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=183)
    parser.add_argument("--tasks", type=int, default=41)
    parser.add_argument("--draws", type=int, default=10_000)
    options = parser.parse_args()
    import baycomp

    rng = np.random.default_rng(0)
    values = rng.normal(0.6, 0.1, (options.tasks, 1)) + rng.normal(0, 0.02, (options.tasks, options.models))
    frame = pd.DataFrame(values, columns=[f"m{i}" for i in range(options.models)]).rename(index=str)
    pairs = options.models * (options.models - 1) // 2
    started = time.process_time()
    found = bayes_signed_rank(frame, rope=0.01, n_resamples=options.draws, rng=0)
    ours = time.process_time() - started
    started = time.process_time()
    few = 3
    for j in range(1, few + 1):
        theirs = baycomp.SignedRankTest.probs(
            values[:, j], values[:, 0], rope=0.01, nsamples=options.draws, random_state=1
        )
        ours_here = [found.extra[c][j - 1] for c in ("p_worse", "p_equivalent", "p_better")]
        assert np.allclose(theirs, ours_here, atol=0.03), (theirs, ours_here)
    per_pair = (time.process_time() - started) / few
    print(
        f"{pairs:,} pairs, {options.tasks} tasks, {options.draws:,} draws: {ours:.1f} CPU s for all; baycomp "
        f"{per_pair:.2f} CPU s a pair, {per_pair * pairs / 3600:.1f} CPU h for all: {per_pair * pairs / ours:,.0f} times"
    )


if __name__ == "__main__":
    main()
