"""Whether the effect of a design depends on the family of tasks: permuted families, and families each of its own spread."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from ..results import Floats

Indices = npt.NDArray[np.intp]

#: Up to so many ways to share the tasks out among the families, all are gone through.
MOST_EXACT = 20_000
#: Statistics that differ by less than this share are one: rounding depends on the order of a sum.
_SLACK = 1e-9
#: How many permutations are held at once, times contrasts.
_BLOCK = 2_000_000


@dataclass(frozen=True, eq=False)
class FamilyTest:
    """What the two references say: of either kind of p-value the larger.

    Attributes
    ----------
    statistic, pvalue : float
        Of all models together: pseudo-F of the models' profiles.
    statistics, pvalues, adjusted : ndarray, shape (n_contrasts,)
        F between families of every contrast; p by itself, and adjusted for all contrasts.
    permuted : ndarray, shape (1 + n_contrasts,)
        p of the permutations alone, of all models together and of every contrast: right where families have one spread.
    n_permutations : int
    exact : bool
        Whether all permutations were gone through.
    """

    statistic: float
    pvalue: float
    statistics: Floats
    pvalues: Floats
    adjusted: Floats
    permuted: Floats
    n_permutations: int
    exact: bool


def family_test(profiles: Floats, contrasts: Floats, family: Indices, *, n_resamples: int, seed: int) -> FamilyTest:
    """Test whether tasks of different families see the design differently.

    The statistic of a contrast is Brown and Forsythe's F of its values between families, the sum of n_f (mean_f - mean)^2 over the
    sum of (1 - n_f / n) variance_f (with families of one size, the F of an analysis of variance). For all models together it is the
    same of their profiles, each task's scores less their mean, summed over models (Anderson et al. 2017). Two references say how large
    it is by chance, and p is the larger of their two, so that it holds where either is right:

    - the families' labels permuted among tasks, exact where families differ in nothing, whatever the noise;
    - tasks drawn anew from normal distributions of one covariance but for a factor of each family's own (a parametric bootstrap;
      Krishnamoorthy et al. 2007), right where families differ in spread. Permuted labels alone then call more than alpha
      different, up to 20 % at 5 % (docs/validity.md).

    Adjusted p-values come from the largest F of all contrasts in the same draw, step-down (Westfall and Young 1993), and so use that
    contrasts are correlated.

    Parameters
    ----------
    profiles : ndarray, shape (n_tasks, n_models)
        Scores less the task's mean over models.
    contrasts : ndarray, shape (n_tasks, n_contrasts)
    family : ndarray of int, shape (n_tasks,)
        Numbers of the families, from 0 on, of two tasks or more each.
    n_resamples : int
        Draws, and random permutations where all are more than 20,000.
    seed : int

    Returns
    -------
    FamilyTest

    References
    ----------
    Brown, M. B. and Forsythe, A. B. (1974). The small sample behavior of some statistics which test the equality of several
    means. Technometrics 16, 129-132. Anderson, M. J., Walsh, D. C. I., Clarke, K. R., Gorley, R. N. and Guerra-Castro, E. (2017).
    Some solutions to the multivariate Behrens-Fisher problem for dissimilarity-based analyses. ANZJS 59, 57-79.
    Krishnamoorthy, K., Lu, F. and Mathew, T. (2007). A parametric bootstrap approach for ANOVA with unequal variances: fixed and
    random models. Computational Statistics & Data Analysis 51, 5731-5742.
    Westfall, P. H. and Young, S. S. (1993). Resampling-based Multiple Testing, algorithm 2.8. Wiley.

    Examples
    --------
    Two families of two tasks: of the six ways to share four tasks out, the two that part 1, 1 from 0, 0 have the largest F.

    >>> d = np.array([[1.], [1.], [0.], [0.]])
    >>> found = family_test(np.hstack([d, -d]) / 2, d, np.array([0, 0, 1, 1]), n_resamples=99, seed=0)
    >>> found.permuted.round(4).tolist(), round(found.pvalue, 4), found.adjusted.round(4).tolist(), found.n_permutations
    ([0.3333, 0.3333], 0.3333, [0.3333], 6)
    """
    sizes = np.bincount(family)
    values = np.hstack([_centred(profiles), _centred(contrasts)])
    statistic = _Statistic(sizes, profiles.shape[1], (values**2).sum(axis=0), float((values**2).max(initial=0.0)))
    member = (family == np.arange(len(sizes))[:, None]).astype(np.float64)
    observed = statistic.of((member @ values)[None], (member @ values**2)[None])[0]
    exact = _ways(sizes) <= MOST_EXACT
    step = max(1, _BLOCK // values.size)

    def permuted() -> Iterator[Floats]:
        squares = values**2
        for labels in _labels(family, sizes, n_resamples, seed, exact=exact, step=step):
            member = (labels[:, None, :] == np.arange(len(sizes))[:, None]).astype(np.float64)
            yield statistic.of(member @ values, member @ squares)

    def drawn() -> Iterator[Floats]:
        for sample in _own_spread(values, member, statistic.k, n_resamples, seed, step):
            yield statistic.of(member @ sample, member @ sample**2)

    by_labels = _Tail.of(
        observed, permuted(), extra=0 if exact else 1
    )  # the observed labels are one of all permutations
    by_draws = _Tail.of(observed, drawn(), extra=1)
    pvalues = np.maximum(by_labels.pvalues, by_draws.pvalues)
    adjusted = np.maximum(by_labels.adjusted, by_draws.adjusted)
    still = statistic.still
    pvalues[1:][still], adjusted[still], by_labels.pvalues[1:][still] = 1.0, 1.0, 1.0
    return FamilyTest(
        float(observed[0]), float(pvalues[0]), observed[1:], pvalues[1:], adjusted, by_labels.pvalues, by_labels.draws, exact
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Statistic:
    """F of all profiles together, then of every contrast, from sums over families.

    Attributes
    ----------
    sizes : ndarray, shape (n_families,)
    k : int
        Columns that are profiles; the others are contrasts.
    total : ndarray, shape (k + n_contrasts,)
        Sums of squares of the columns.
    largest : float
        Largest square of all.
    """

    sizes: Indices
    k: int
    total: Floats
    largest: float

    @property
    def still(self) -> npt.NDArray[np.bool_]:
        """Contrasts that are the same on every task."""
        return np.asarray(self.total[self.k :] <= 1e-20 * self.largest)

    def of(self, sums: Floats, squares: Floats) -> Floats:
        """F of sums and sums of squares of families, both of shape (n_draws, n_families, n_columns)."""
        k, n = self.k, self.sizes[:, None]
        total = int(self.sizes.sum())
        of_means = sums**2 / n
        gained = of_means.sum(axis=1) - sums.sum(axis=1) ** 2 / total
        variance = (squares - of_means) / (n - 1)
        left = ((1 - n / total) * variance).sum(axis=1)
        together = _ratio(gained[:, :k].sum(axis=1), left[:, :k].sum(axis=1), self.total[:k].sum())
        found = np.column_stack([together, _ratio(gained[:, k:], left[:, k:], self.total[k:])])
        found[:, 1:][:, self.still] = 0.0
        return found


@dataclass(frozen=True, eq=False)
class _Tail:
    """How often draws reach what was observed: each statistic by itself, and the largest of a contrast and those that observed less."""

    pvalues: Floats
    adjusted: Floats
    draws: int

    @classmethod
    def of(cls, observed: Floats, blocks: Iterator[Floats], *, extra: int) -> "_Tail":
        """Count over blocks of shape (n_draws, 1 + n_contrasts); `extra` is 1 where the observed stands beside the draws."""
        order = np.argsort(-observed[1:], kind="stable")
        counts, step_down, done = np.zeros(len(observed)), np.zeros(len(order)), 0
        for found in blocks:
            counts += (found >= observed * (1 - _SLACK)).sum(axis=0)
            largest = np.maximum.accumulate(found[:, 1:][:, order][:, ::-1], axis=1)[:, ::-1]
            step_down += (largest >= observed[1:][order] * (1 - _SLACK)).sum(axis=0)
            done += len(found)
        adjusted = np.empty(len(order))
        adjusted[order] = np.maximum.accumulate((step_down + extra) / (done + extra))
        return cls((counts + extra) / (done + extra), adjusted, done + extra)


def _centred(values: Floats) -> Floats:
    return np.asarray(values - values.mean(axis=0))


def _own_spread(values: Floats, member: Floats, k: int, n_draws: int, seed: int, step: int) -> Iterator[Floats]:
    """Blocks of normal tasks without an effect of families, shape (n_draws, n_tasks, n_columns), each family with a spread of its own.

    A family's spread is one factor, from the profiles of all models, times a column's own spread: a standard deviation of every
    contrast in every family would be known from three tasks or so (three families of three tasks would reject 2 % instead of 5 %,
    two of eight and four 7 %). Correlations are those of all tasks, each in units of its family.
    """
    sizes = member.sum(axis=1)
    apart = values - member.T @ ((member @ values) / sizes[:, None])
    spread = np.sqrt(member @ (apart[:, :k] ** 2).sum(axis=1) / (sizes - 1))
    of_task = (member.T @ spread)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        standard = np.where(of_task > 0, apart / of_task, 0.0) / np.sqrt(len(values) - len(member))
    _, lengths, directions = np.linalg.svd(standard, full_matrices=False)
    kept = lengths > 1e-9 * lengths.max(initial=0.0)
    mixing = lengths[kept, None] * directions[kept]
    rng = np.random.default_rng([seed, 1])
    for start in range(0, n_draws, step):
        shape = (min(step, n_draws - start), len(values), len(mixing))
        yield rng.standard_normal(shape) @ mixing * of_task


def _ratio(gained: Floats, left: Floats, total: Floats | float) -> Floats:
    """F; where families explain everything, as large as rounding allows."""
    least = np.maximum(1e-12 * np.asarray(total), np.finfo(np.float64).tiny)
    return np.asarray(gained / np.maximum(left, least))


def _ways(sizes: npt.NDArray[np.intp]) -> int:
    """In how many ways tasks can be shared out among families of these sizes."""
    left, ways = int(sizes.sum()), 1
    for size in sizes.tolist():
        ways *= comb(left, size)
        left -= size
    return ways


def _labels(
    family: Indices, sizes: Indices, n_resamples: int, seed: int, *, exact: bool, step: int
) -> Iterator[Indices]:
    """Blocks of permuted labels, shape (n_permutations, n_tasks)."""
    if exact:
        found = np.array(list(_shared_out(sizes.tolist(), tuple(range(len(family))))), dtype=np.intp)
        for start in range(0, len(found), step):
            yield found[start : start + step]
        return
    rng = np.random.default_rng(seed)
    for start in range(0, n_resamples, step):
        yield rng.permuted(np.tile(family, (min(step, n_resamples - start), 1)), axis=1)


def _shared_out(sizes: list[int], free: tuple[int, ...], at: int = 0) -> Iterator[list[int]]:
    """Every sharing out of the free tasks among the families from `at` on, as the families of the tasks in order."""
    if at == len(sizes) - 1:
        yield [at] * len(free)
        return
    places = range(len(free))
    for chosen in combinations(places, sizes[at]):
        taken = set(chosen)
        rest = tuple(p for p in places if p not in taken)
        for inner in _shared_out(sizes, rest, at + 1):
            labels = [at] * len(free)
            for place, label in zip(rest, inner, strict=True):
                labels[place] = label
            yield labels
