"""How far from the limit: all-pairs resampling against this machine's products of matrices and its memory, measured in the same process."""

import numpy as np

from benchmarks.harness import Options, Row, seconds
from benchmarks.parts.pairs import table
from stats import bayes_signed_rank, bootstrap
from stats.common.threads import one_blas_thread

_SIZE = 1_024


def rate(dtype: type, size: int) -> float:
    """Floating-point operations a CPU second of one thread: the best of five products of matrices."""
    a = np.random.default_rng(0).random((size, size)).astype(dtype)
    out = np.empty_like(a)
    with one_blas_thread():
        np.matmul(a, a, out=out)
        best = min(seconds(lambda: np.matmul(a, a, out=out))[1] for _ in range(5))
    return 2 * size**3 / max(best, 1e-9)


def bandwidth(n: int) -> float:
    """Bytes a CPU second of one thread, read and written: the best of five sums of two arrays into a third, larger than the caches."""
    a, b = np.ones(n), np.ones(n)
    out = np.empty(n)
    np.add(a, b, out=out)
    best = min(seconds(lambda: np.add(a, b, out=out))[1] for _ in range(5))
    return 24 * n / max(best, 1e-9)


def run(options: Options) -> list[Row]:
    """The machine, then what the bootstrap and the Bayesian test need of it at the least."""
    scores = table(options)
    k, n = scores.n_models, scores.n_tasks
    b = 200 if options.tiny else 10_000
    pairs, size = k * (k - 1) // 2, f"{k} x {n}, {b:,}"
    single, double = (rate(t, 64 if options.tiny else _SIZE) for t in (np.float32, np.float64))
    stream = bandwidth(10_000 if options.tiny else 8_000_000)
    # Bootstrap: one product; every difference of every pair is written and read once, if it leaves the caches.
    product = 2 * k * n * b
    moved = 16 * pairs * b
    # Bayes: every draw's weights of pairs of tasks (with the prior) times every pair's signs.
    quadratic = 2 * ((n + 1) * (n + 2) // 2) * b * pairs
    rounds = 1 if options.tiny else options.rounds
    boot = min(seconds(lambda: bootstrap(scores, n_resamples=b, rng=0))[1] for _ in range(rounds))
    bayes = seconds(lambda: bayes_signed_rank(scores, rope=0.01, n_resamples=b, rng=0))[1]
    floor = product / double + moved / stream
    least = quadratic / single
    machine = f"one thread here: {double / 1e9:.0f} GFLOP/s in double, {single / 1e9:.0f} in single precision (products of {_SIZE:,} x {_SIZE:,}), {stream / 1e9:.1f} GB/s"
    return [
        Row(
            f"all-pairs bootstrap, {size} resamples", f"{product / 1e9:.2f} GFLOP of product and {moved / 1e9:.2f} GB of differences, each written and read once",
            ours=boot, theirs=floor, ratio=boot / floor, note=f"ours over the limit; {machine}",
        ),
        Row(
            f"Bayesian signed rank, {size} draws", f"{quadratic / 1e9:,.0f} GFLOP: {(n + 1) * (n + 2) // 2} weights of pairs of tasks for each draw and pair of models",
            ours=bayes, theirs=least, ratio=bayes / least, note="ours over the limit of one dense product in single precision",
        ),
    ]  # fmt: skip
