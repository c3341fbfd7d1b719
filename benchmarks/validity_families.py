"""Family x design by every procedure that was tried: rows of docs/validity.md that validity_levels.py makes.

Each works on the same simulated tables: whether at least one of five designs, against the first, is called different between families.
"""

from collections.abc import Callable

import numpy as np
from scipy import stats as distributions

ALPHA = 0.05
#: Families of fewer tasks are left out, as `factorial` does.
FEWEST = 3
Draw = tuple[np.ndarray, np.ndarray]


def sums(values: np.ndarray, labels: np.ndarray, k: int) -> Draw:
    """Sums and sums of squares of families, of shape (n_draws, k, n_contrasts); either argument may have draws in front."""
    member = (labels[..., None, :] == np.arange(k)[:, None]).astype(float)
    return member @ values, member @ values**2


def brown_forsythe(draw: Draw, n: np.ndarray) -> np.ndarray:
    """Between families, over what families of one mean would be expected to gain."""
    mean, variance = moments(draw, n)
    share = n[:, None] / n.sum()
    gained = (n[:, None] * (mean - (share * mean).sum(-2, keepdims=True)) ** 2).sum(-2)
    return gained / ((1 - share) * variance).sum(-2)


def welch(draw: Draw, n: np.ndarray) -> np.ndarray:
    """Welch's F (1951): families weighted by how well their means are known."""
    mean, variance = moments(draw, n)
    weight = n[:, None] / variance
    share, k = weight / weight.sum(-2, keepdims=True), len(n)
    between = (weight * (mean - (share * mean).sum(-2, keepdims=True)) ** 2).sum(-2) / (k - 1)
    doubt = ((1 - share) ** 2 / (n[:, None] - 1)).sum(-2)
    return between / (1 + 2 * (k - 2) / (k * k - 1) * doubt)


def moments(draw: Draw, n: np.ndarray) -> Draw:
    """Means and variances of families."""
    total, squares = draw
    mean = total / n[:, None]
    return mean, np.maximum((squares - total * mean) / (n[:, None] - 1), 1e-12)


def approximate(x: np.ndarray, labels: np.ndarray, n: np.ndarray) -> dict[str, float]:
    """Smallest adjusted p without resampling."""
    draw, k, m = sums(x, labels, len(n)), len(n), x.shape[1]
    mean, variance = moments(draw, n)
    weight = n[:, None] / variance
    doubt = ((1 - weight / weight.sum(0)) ** 2 / (n[:, None] - 1)).sum(0)
    by_welch = distributions.f.sf(welch(draw, n), k - 1, (k * k - 1) / 3 / doubt)
    share = n[:, None] / n.sum()
    part = (1 - share) * variance
    df1 = part.sum(0) ** 2 / ((share * variance).sum(0) ** 2 + ((1 - 2 * share) * variance**2).sum(0))
    df2 = part.sum(0) ** 2 / (part**2 / (n[:, None] - 1)).sum(0)
    by_box = distributions.f.sf(brown_forsythe(draw, n), df1, df2)
    pairs = []
    for i in range(k):
        for j in range(i):
            t = (mean[i] - mean[j]) / np.sqrt(variance[i] / n[i] + variance[j] / n[j])
            pairs.append(2 * distributions.t.sf(np.abs(t), min(n[i], n[j]) - 1))
    found = {
        "Welch's F, Holm": by_welch.min() * m,
        "Brown-Forsythe F with Box's degrees of freedom (Mehrotra 1997; Brunner, Dette and Munk 1997), Holm": by_box.min()
        * m,
        "pairs of families, t with the smaller family's degrees of freedom, Bonferroni": np.min(pairs) * m * len(pairs),
    }
    return {name: float(p) for name, p in found.items()}


def references(
    x: np.ndarray, profiles: np.ndarray, labels: np.ndarray, rng: np.random.Generator, b: int
) -> dict[str, Draw]:
    """Sums of families under each reference."""
    k, n = int(labels.max()) + 1, np.bincount(labels)
    rest, spread = np.empty_like(x), np.empty(k)
    for f in range(k):
        rest[labels == f] = x[labels == f] - x[labels == f].mean(0)
        apart = profiles[labels == f] - profiles[labels == f].mean(0)
        spread[f] = np.sqrt((apart**2).sum() / (n[f] - 1))
    own = np.empty((b, *x.shape))
    for f in range(k):
        own[:, labels == f] = rng.normal(size=(b, n[f], n[f])) @ rest[labels == f] / np.sqrt(n[f] - 1)
    standard = rest / spread[labels][:, None] / np.sqrt(len(x) - k)
    common = rng.normal(size=(b, len(x), len(x))) @ standard * spread[labels][:, None]
    flipped = rng.choice([-1.0, 1.0], size=(b, len(x), 1)) * rest * np.sqrt(n / (n - 1))[labels][:, None]
    return {
        "permuted families": sums(x, rng.permuted(np.tile(labels, (b, 1)), axis=1), k),
        "normal draws, each family with its own covariance": sums(own, labels, k),
        "normal draws, one covariance but for a factor of each family": sums(common, labels, k),
        "wild flips of residuals": sums(flipped, labels, k),
    }


def candidates(
    x: np.ndarray, profiles: np.ndarray, labels: np.ndarray, rng: np.random.Generator, b: int
) -> dict[str, float]:
    """Smallest adjusted p of every procedure."""
    n = np.bincount(labels)
    found = approximate(x, labels, n)
    observed = sums(x, labels, len(n))
    statistics: dict[str, Callable[[Draw, np.ndarray], np.ndarray]] = {
        "Brown-Forsythe F": brown_forsythe,
        "Welch's F": welch,
    }
    for reference, draw in references(x, profiles, labels, rng, b).items():
        for name, statistic in statistics.items():
            reached = statistic(draw, n).max(1) >= statistic(observed, n).max() * (1 - 1e-9)
            found[f"{reference}, {name}"] = (1 + reached.sum()) / (1 + b)
    best = (found[f"{reference}, Brown-Forsythe F"] for reference in ("permuted families", "normal draws, one covariance but for a factor of each family"))  # fmt: skip
    return found | {
        "the larger p of permuted families and one covariance but for a factor, Brown-Forsythe F (what `factorial` does)": max(
            best
        )
    }
