"""Wilcoxon's signed-rank test."""

import numpy as np
from scipy.special import ndtr

from ...decisions.marginal import exact_ends
from ...decisions.statistics import SignedRank
from ...decisions.units import Units
from ...pairwise import wilcoxon
from ...pairwise._wilcoxon import EXACT_LIMIT
from ...planning.simulation import signed_rank_pvalues
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Ends, Test, all_signs_alike


def _run(scores: Scores, options: Options) -> PairwiseResult:
    return wilcoxon(scores, zero_method=options.zero_method, alternative=options.alternative, control=options.control)


def _ends(scores: Scores, options: Options, found: PairwiseResult, alpha: float) -> Ends:
    """Order statistics of the Walsh averages."""
    units = Units.of(scores, False, options.control)
    return exact_ends(units, SignedRank(options.zero_method), alpha, options.side)


def _smallest(n_units: int, n_models: int, options: Options) -> float:
    if n_units <= EXACT_LIMIT:
        return all_signs_alike(n_units, n_models, options)
    # Beyond the limit the p-value is the normal approximation's with its continuity correction.
    mean, variance = n_units * (n_units + 1) / 4, n_units * (n_units + 1) * (2 * n_units + 1) / 24
    return float(options.sides * ndtr(-(mean - 0.5) / np.sqrt(variance)))


WILCOXON = Test(
    name="wilcoxon",
    title="Wilcoxon signed-rank test",
    symbol="W",
    estimand="pseudo-median",
    run=_run,
    smallest_pvalue=_smallest,
    ends=_ends,
    flips="signed-rank",
    assumes="differences are symmetric about their centre",
    references=("Wilcoxon, F. (1945). Individual comparisons by ranking methods. Biometrics Bulletin 1(6), 80–83.",),
    of_symmetry=True,
    simulate=signed_rank_pvalues,
)
