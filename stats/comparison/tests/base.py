"""Test: every fact about a test of all pairs, in one place."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import numpy as np

from ...results import Floats, PairwiseResult
from ...scores import Scores
from ..options import Options

#: What a test says something about: the mean difference, its pseudo-median (Hodges-Lehmann), the share of tasks on
#: which a wins, or the difference of mean ranks.
Estimand = Literal["mean", "pseudo-median", "win rate", "mean rank"]

Run = Callable[[Scores, Options], PairwiseResult]
#: Estimate, low and high of every pair in the test's estimand, at a level of one pair.
Ends = tuple[Floats, Floats, Floats]
Invert = Callable[[Scores, Options, PairwiseResult, float], Ends]


def given_ends(scores: Scores, options: Options, found: PairwiseResult, alpha: float) -> Ends:
    """The interval that the result has, whatever the level; unbounded where it has none."""
    unbounded = np.full(len(found.first), np.inf)
    low, high = (-unbounded, unbounded) if found.low is None or found.high is None else (found.low, found.high)
    return found.difference, low, high


def _no_check(options: Options) -> None:
    """Every option suits."""


@dataclass(frozen=True)
class Test:
    """A test of all pairs: how it runs, and everything that is said about it in any output.

    Attributes
    ----------
    name : str
        As users call it.
    title : str
        As sentences, captions and headings call it: ``"Wilcoxon signed-rank test"``.
    symbol : str
        Its statistic, as in ``W = 12``.
    estimand : {"mean", "pseudo-median", "win rate", "mean rank"}
        What it says something about.
    run : callable
        (Scores, Options) to a `PairwiseResult`. A result without p-values (a Bayesian one) says in
        ``extra["significant"]`` which pairs are told apart, and is not corrected.
    smallest_pvalue : callable
        (number of units, number of models, Options) to the smallest p-value that a pair can reach with any data.
    ends : callable
        (Scores, Options, the test's result, level of one pair) to estimate, low and high of every pair: the differences that the test
        does not reject at that level.
    assumes : str
        What it takes for granted, in a clause.
    references : tuple of str
        Works that it is from.
    has_pvalues : bool
        False: it gives probabilities of being better, equivalent and worse instead.
    own_correction : str or None
        The correction that is part of the test (its result has adjusted p-values); None: any of `adjust`.
    joint : mapping
        Name of a joint correction to the function that runs this test with it.
    joint_ends : mapping
        Name of a joint correction to the simultaneous intervals that go with it.
    flips : str or None
        The statistic of `stats.decisions` that is this test by joint sign flips (``signed-rank``, ``mean``, ``sign``), if one is.
    of_symmetry : bool
        Whether it tests that differences are symmetric about 0: differences of equal means that are skewed then upset it.
    takes_groups : bool
        Whether it takes groups of tasks as units.
    needs_control, all_pairs_only, two_sided_only : bool
        What it cannot do without.
    check : callable
        Raises InputError where options do not suit it, with what to do instead.
    simulate : callable or None
        Differences without zeros or ties, shape (n_experiments, n_tasks), to two-sided p-values: planning simulates this
        test by it. None: planning simulates Wilcoxon's test in its place, and says so.

    Examples
    --------
    The least p-value of the signed-rank test with six tasks is 2 / 2^6:

    >>> from stats.comparison.tests import TESTS
    >>> TESTS["wilcoxon"].title
    'Wilcoxon signed-rank test'
    >>> TESTS["wilcoxon"].estimand
    'pseudo-median'
    """

    __test__ = False  # no class of tests, whatever pytest thinks of its name

    name: str
    title: str
    symbol: str
    estimand: Estimand
    run: Run
    smallest_pvalue: Callable[[int, int, Options], float]
    ends: Invert = given_ends
    assumes: str = ""
    references: tuple[str, ...] = ()
    has_pvalues: bool = True
    own_correction: str | None = None
    joint: Mapping[str, Run] = field(default_factory=lambda: MappingProxyType({}))
    joint_ends: Mapping[str, Invert] = field(default_factory=lambda: MappingProxyType({}))
    flips: str | None = None
    of_symmetry: bool = False
    takes_groups: bool = False
    needs_control: bool = False
    check: Callable[[Options], None] = _no_check
    simulate: Callable[[Floats], Floats] | None = None


def all_signs_alike(n_units: int, n_models: int, options: Options) -> float:
    """Smallest p of a test by signs: one or two of the 2^n sign vectors."""
    return math.ldexp(options.sides, -n_units)  # 2.0**n has no float beyond a thousand queries


def no_bound(n_units: int, n_models: int, options: Options) -> float:
    """Smallest p where constant differences make the statistic infinite."""
    return 0.0


def no_pvalue(n_units: int, n_models: int, options: Options) -> float:
    """Smallest p where there is none."""
    return float("nan")
