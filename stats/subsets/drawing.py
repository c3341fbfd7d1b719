"""A stratified draw of a task's items, and what it says of the mean over all of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..results import Floats

Indices = npt.NDArray[np.intp]

#: Samples drawn of every stratum, at least: of one alone the spread within it can't be told.
_EACH = 2
#: Excess kurtosis that is assumed at the least: a variance is then known from fewer samples than it was taken over.
_KURTOSIS = 3.0


@dataclass(frozen=True, eq=False)
class Draw:
    """Items drawn from the strata of one block (a split of a task).

    Attributes
    ----------
    stratum : ndarray of int, shape (n_items,)
        Of every item of the block.
    chosen : ndarray of int, shape (n_chosen,)
        Items.
    """

    stratum: Indices
    chosen: Indices

    @property
    def weights(self) -> Floats:
        """Of every chosen item in the mean over all: its stratum's share over how many were drawn of it."""
        sizes = np.bincount(self.stratum)
        drawn = np.bincount(self.stratum[self.chosen], minlength=len(sizes))
        of = self.stratum[self.chosen]
        return np.asarray(sizes[of] / drawn[of] / len(self.stratum), dtype=np.float64)


def draw(difficulty: Floats, n: int, rng: np.random.Generator) -> Draw:
    """Draw items, two or three of every stratum of items of like difficulty.

    Parameters
    ----------
    difficulty : ndarray, shape (n_items,)
        Mean score of the models that are known.
    n : int
        How many to draw: all where there are no more.
    rng : Generator

    Examples
    --------
    Six items in two strata of three, two drawn of each:

    >>> found = draw(np.array([.9, .1, .8, .2, .7, .3]), 4, np.random.default_rng(0))
    >>> sorted(found.stratum[found.chosen].tolist()), found.weights.tolist()
    ([0, 0, 1, 1], [0.25, 0.25, 0.25, 0.25])
    """
    total = len(difficulty)
    if n >= total:
        return Draw(np.zeros(total, dtype=np.intp), np.arange(total))
    n = max(n, min(_EACH, total))
    n_strata = max(1, n // _EACH)
    # Items of equal difficulty are in random order, so that no stratum is that of the first of them.
    order = np.lexsort((rng.random(total), difficulty))
    stratum = np.empty(total, dtype=np.intp)
    stratum[order] = np.arange(total) * n_strata // total
    most = np.bincount(stratum, minlength=n_strata)
    size = np.minimum(_EACH, most)
    for extra in rng.permutation(n_strata)[: n - int(size.sum())]:
        size[extra] = min(size[extra] + 1, most[extra])
    chosen = [rng.choice(np.flatnonzero(stratum == h), k, replace=False) for h, k in enumerate(size)]
    return Draw(stratum, np.sort(np.concatenate(chosen)))


def estimate(drawn: Draw, values: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean over the block of every column, the variance of that, and its degrees of freedom.

    Parameters
    ----------
    drawn : Draw
    values : ndarray, shape (n_chosen, n_columns)
        Of the chosen items: a model's scores, or two models' differences.

    Returns
    -------
    tuple of ndarray, shape (n_columns,)

    Notes
    -----
    Stratified sampling without replacement: sum of W_h^2 (1 - n_h / N_h) s_h^2 / n_h (Cochran 1977, eq. 5.6), and not below what one item more, as far off as
    the farthest, would add: values of which hardly any differ show too little of their spread. The degrees of freedom are those of a chi-square whose relative variance is that of
    the variance, 2 / (n - strata) + kurtosis / n, with an excess kurtosis of 3 at the least.

    Examples
    --------
    Two of four drawn, 0 and 1: the mean is .5 and its variance (1 - 2/4) (1/2) / 2 = .125.

    >>> mean, variance, _ = estimate(Draw(np.zeros(4, dtype=int), np.array([0, 2])), np.array([[0.], [1.]]))
    >>> float(mean[0]), float(variance[0])
    (0.5, 0.125)
    """
    sizes = np.bincount(drawn.stratum).astype(float)
    of = drawn.stratum[drawn.chosen]
    n = np.bincount(of, minlength=len(sizes)).astype(float)
    member = np.eye(len(sizes))[of]  # (n_chosen, n_strata)
    means = member.T @ values / n[:, None]
    centred = values - means[of]
    squares = member.T @ centred**2
    left = np.where(n < sizes, 1 - n / sizes, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.where(n[:, None] > 1, squares / (n[:, None] - 1), 0.0)
    share = sizes / sizes.sum()
    mean = share @ means
    variance = (share**2 * left / n) @ spread
    total = len(drawn.chosen)
    farthest = np.abs(values - mean).max(axis=0)
    open_ = 1 - total / sizes.sum()
    variance = np.maximum(variance, open_ * (farthest / total) ** 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        kurtosis = total * (centred**4).sum(axis=0) / (centred**2).sum(axis=0) ** 2 - 3
    free = max(1.0, total - len(sizes))
    df = 2 / (2 / free + np.maximum(np.nan_to_num(kurtosis), _KURTOSIS) / total)
    return mean, variance, np.maximum(df, 1.0)
