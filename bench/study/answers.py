"""The study's answers: every hypothesis supported, contradicted or undecided, with its estimate and interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stats import Scores
from stats.common.errors import InputError
from stats.factors.interaction import family_test
from stats.levels.contrasts import contrast_test

from .protocol import ALPHA, FACTORIAL, FAMILIES, HYPOTHESES, MARGIN, Hypothesis

SUPPORTED, CONTRADICTED, UNDECIDED = "supported", "contradicted", "undecided"


@dataclass(frozen=True)
class Answer:
    """What became of a hypothesis.

    Attributes
    ----------
    name, claim, verdict : str
        The verdict is ``supported``, ``contradicted`` or ``undecided``.
    estimate, low, high : float
        Of the contrast, with an interval that is simultaneous over all hypotheses; NaN where the claim is of no single contrast.
    pvalue, pvalue_adjusted : float
        Of no effect at all; adjusted by Bonferroni, as the intervals are.
    seed_share : float
        Of the variance, what training seeds make up; NaN as above.
    n_tasks : int
    """

    name: str
    claim: str
    verdict: str
    estimate: float
    low: float
    high: float
    pvalue: float
    pvalue_adjusted: float
    seed_share: float
    n_tasks: int


def answers(
    scores: Scores, hypotheses: Sequence[Hypothesis] = HYPOTHESES, *, rng: int = 0, n_resamples: int = 10_000
) -> list[Answer]:
    """Answer the hypotheses from the variants' scores.

    Parameters
    ----------
    scores : Scores
        Variants as models, with ``cells["seed_scores"]``; see `bench.demo.study_scores`.
    hypotheses : sequence of Hypothesis
        Default: the protocol's.
    rng, n_resamples : int
        Of the permutations of H1.

    Returns
    -------
    list of Answer

    Raises
    ------
    InputError
        If a variant or family of a hypothesis is missing.
    """
    lacking = [m for m in FACTORIAL if m not in scores.models] + [f for f in FAMILIES if f not in scores.families]
    if lacking:
        raise InputError(
            f"the study's answers need all of its variants and families, and {', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} "
            "missing; finish the study's runs first"
        )
    share = ALPHA / len(hypotheses)
    return [
        _of_families(scores, one, share, rng, n_resamples)
        if one.kind == "depends on family"
        else _of_contrast(scores, one, share)
        for one in hypotheses
    ]


def _of_contrast(scores: Scores, one: Hypothesis, share: float) -> Answer:
    found = contrast_test(scores, one.models, one.families, confidence_level=1 - share)
    bound = MARGIN if one.kind == "no more than margin" else 0.0
    above, below = found.low > 0, found.high < bound
    verdict = UNDECIDED
    if one.kind == "positive":
        verdict = SUPPORTED if above else CONTRADICTED if below else UNDECIDED
    else:
        verdict = CONTRADICTED if above and not below else SUPPORTED if below else UNDECIDED
    return Answer(
        one.name, one.claim, verdict, found.estimate, found.low, found.high, found.pvalue,
        min(1.0, found.pvalue * ALPHA / share), found.seed_share, found.n_tasks,
    )  # fmt: skip


def _of_families(scores: Scores, one: Hypothesis, share: float, rng: int, n_resamples: int) -> Answer:
    """A test can show that families differ, never that they do not: the claim is supported or undecided."""
    kept = scores.family(*one.families).select(models=list(FACTORIAL))
    place = {family: i for i, family in enumerate(one.families)}
    family = np.array([place[name] for name in kept.tasks["family"]], dtype=np.intp)
    profiles = kept.values - kept.values.mean(axis=1, keepdims=True)
    found = family_test(profiles, profiles, family, n_resamples=n_resamples, seed=rng)
    nothing = float("nan")
    return Answer(
        one.name, one.claim, SUPPORTED if found.pvalue <= share else UNDECIDED, nothing, nothing, nothing, found.pvalue,
        min(1.0, found.pvalue * ALPHA / share), nothing, len(family),
    )  # fmt: skip
