"""The study's answers: every hypothesis supported, contradicted or undecided, with its estimate and interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stats import Scores
from stats.common import text
from stats.common.errors import InputError, unknown
from stats.common.text import PLAIN
from stats.factors.interaction import family_test
from stats.levels.contrasts import contrast_test

from .protocol import ALPHA, FACTORIAL, FAMILIES, HYPOTHESES, MARGIN, Hypothesis

SUPPORTED, CONTRADICTED, UNDECIDED = "supported", "contradicted", "undecided"
#: Whose p-value it is.
P_OF = f"The adjusted p-value is against a contrast of 0; for H4 and H5, unless contradicted, against the margin of {MARGIN:g}."


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
        That the contrast is 0, or, where the claim is that it is smaller than the margin and not contradicted, the margin; adjusted by Bonferroni, as the intervals are.
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

    def sentence(self) -> str:
        """Say claim, verdict, and what it rests on."""
        basis = f"adjusted {text.pvalue(self.pvalue_adjusted)}"
        if self.estimate == self.estimate:
            basis = f"{self.estimate:+.4f}, {PLAIN.interval(self.low, self.high, signed=True)}, {basis}"
        return f"{self.name} {self.verdict}: {self.claim} ({basis}, {text.count(self.n_tasks, 'task')})"


def summary(found: Sequence[Answer]) -> str:
    """Say in one sentence how many claims are supported, contradicted and undecided, and which.

    Examples
    --------
    >>> nothing = float("nan")
    >>> rest = (nothing, nothing, nothing, 0.5, 1.0, nothing, 36)
    >>> print(summary([Answer("H1", "", "supported", *rest), Answer("H2", "", "undecided", *rest)]))
    Of the paper's 2 claims, 1 is supported (H1), none is contradicted and 1 is undecided (H2).
    """
    parts = []
    for verdict in (SUPPORTED, CONTRADICTED, UNDECIDED):
        names = [one.name for one in found if one.verdict == verdict]
        number = f"{len(names)} {'is' if len(names) == 1 else 'are'}" if names else "none is"
        parts.append(f"{number} {verdict}" + (f" ({', '.join(names)})" if names else ""))
    return f"Of the paper's {len(found)} claims, {parts[0]}, {parts[1]} and {parts[2]}."


def designs_by_family(scores: Scores, *, baseline: str = "model-1") -> pd.DataFrame:
    """Compare every design with one of them in each family of tasks.

    Parameters
    ----------
    scores : Scores
        Variants as models, with ``cells["seed_scores"]``.
    baseline : str
        The design that the others are compared with; the paper's first by default.

    Returns
    -------
    DataFrame
        A row a family and design: ``family, model, mean, difference, low, high, low_marginal, high_marginal, n``. ``low`` to ``high``
        hold together over all rows (Bonferroni), ``low_marginal`` to ``high_marginal`` by themselves; both over other tasks of the
        family and other training seeds (`stats.levels.contrasts.contrast_test`).

    Raises
    ------
    InputError
        If the scores lack the baseline.
    """
    if baseline not in scores.models:
        raise unknown("design", baseline, scores.models)
    families = [f for f in (*FAMILIES, *scores.families) if f in scores.families]
    cells = [(f, m) for f in dict.fromkeys(families) for m in scores.models if m != baseline]
    rows = []
    for family, model in cells:
        weights = {model: 1.0, baseline: -1.0}
        alone, all_together = (
            contrast_test(scores, weights, {family: 1.0}, confidence_level=1 - share)
            for share in (ALPHA, ALPHA / len(cells))
        )
        rows.append(
            {
                "family": family,
                "model": model,
                "mean": float(scores.family(family).table[model].mean()),
                "difference": alone.estimate,
                "low": all_together.low,
                "high": all_together.high,
                "low_marginal": alone.low,
                "high_marginal": alone.high,
                "n": alone.n_tasks,
            }
        )
    return pd.DataFrame(rows)


def study_answers(
    scores: Scores, hypotheses: Sequence[Hypothesis] = HYPOTHESES, *, rng: int = 0, n_resamples: int = 10_000
) -> list[Answer]:
    """Answer the hypotheses from the variants' scores.

    Parameters
    ----------
    scores : Scores
        Variants as models, with ``cells["seed_scores"]``; see `Archive.scores`.
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

    Examples
    --------
    Every claim of the study, answered from the archive that ships; H2 is of the nine tasks of STS:

    >>> import embsig
    >>> found = embsig.study_answers(embsig.study_archive().scores(), n_resamples=100)
    >>> [answer.name for answer in found], found[1].n_tasks
    (['H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'H7', 'H8'], 9)
    >>> scores = embsig.study_archive().scores().family("STS").table
    >>> bool(abs(found[1].estimate - (scores["model-5"] - scores["model-1"]).mean()) < 1e-12)
    True
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
    bound = MARGIN if one.kind == "no more than margin" else 0.0
    # The p-value is of the bound that decides: one of no effect at all would stand at 1 beside "supported".
    found = contrast_test(scores, one.models, one.families, confidence_level=1 - share, null=bound)
    above, below = found.low > 0, found.high < bound
    verdict = UNDECIDED
    if one.kind == "positive":
        verdict = SUPPORTED if above else CONTRADICTED if below else UNDECIDED
    else:
        verdict = CONTRADICTED if above and not below else SUPPORTED if below else UNDECIDED
        if verdict == CONTRADICTED:  # by 0, not by the margin
            found = contrast_test(scores, one.models, one.families, confidence_level=1 - share)
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
