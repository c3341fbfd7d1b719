"""The Bayesian tests: probabilities of being better, equivalent and worse in place of p-values."""

from dataclasses import replace

import numpy as np

from ...pairwise.bayes import bayes_signed_rank, bayes_t
from ...results import PairwiseResult
from ...scores import Scores
from ..options import Options
from .base import Test, no_pvalue


def _signed_rank(scores: Scores, options: Options) -> PairwiseResult:
    found = bayes_signed_rank(
        scores,
        rope=options.rope,
        n_resamples=options.n_resamples,
        confidence_level=options.confidence_level,
        control=options.control,
        rng=options.seed,
    )
    return _sure(found, options)


def _t(scores: Scores, options: Options) -> PairwiseResult:
    found = bayes_t(scores, rope=options.rope, confidence_level=options.confidence_level, control=options.control)
    return _sure(found, options)


def _sure(found: PairwiseResult, options: Options) -> PairwiseResult:
    """Told apart: one of the two is better with the probability asked for."""
    with np.errstate(invalid="ignore"):
        sure = np.maximum(found.extra["p_better"], found.extra["p_worse"]) >= 1 - options.alpha
    return replace(found, extra={**found.extra, "significant": sure})


_BENAVOLI = "Benavoli, A., Corani, G., Demšar, J. and Zaffalon, M. (2017). Time for a change: a tutorial for comparing multiple classifiers through Bayesian analysis. Journal of Machine Learning Research 18(77), 1–36."

BAYES = Test(
    name="bayes",
    title="Bayesian signed-rank test",
    symbol="statistic",
    estimand="pseudo-median",
    run=_signed_rank,
    smallest_pvalue=no_pvalue,
    assumes="a Dirichlet process prior of strength 0.5 at no difference",
    references=(_BENAVOLI,),
    has_pvalues=False,
)
BAYES_T = Test(
    name="bayes-t",
    title="Bayesian t test",
    symbol="t",
    estimand="mean",
    run=_t,
    smallest_pvalue=no_pvalue,
    assumes="differences are normal",
    references=(_BENAVOLI,),
    has_pvalues=False,
)
