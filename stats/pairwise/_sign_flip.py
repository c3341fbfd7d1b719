"""Fisher's sign-flip randomisation test for every pair of models at once."""

import numpy as np
import pandas as pd

from ..common.threads import same_bits_on_any_cores
from ..pairs import Alternative, Pairs, check_alternative
from ..resampling.nulls import SLACK, FlipNull
from ..resampling.resampler import Groups, by_task_name
from ..results import PairwiseResult
from ..scores import Scores, as_scores


@same_bits_on_any_cores
def sign_flip(
    scores: Scores | pd.DataFrame,
    *,
    n_resamples: int = 10_000,
    groups: Groups = None,
    alternative: Alternative = "two-sided",
    control: str | None = None,
    rng: int | np.random.Generator | None = None,
) -> PairwiseResult:
    """Randomisation test of the mean difference of every pair of models.

    If the two models were exchangeable, each task's difference could as well have the other sign. All 2^n sign
    vectors are used where they are no more than `n_resamples`, and the test is exact; else so many at random, with
    p = (b + 1) / (B + 1). One set of sign vectors serves all pairs.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models. Tasks that either model of a pair lacks are left out of that pair; a pair that
        shares none has NaN.
    n_resamples : int
        B.
    groups : bool or sequence, optional
        Flip groups of tasks as a whole: True for the task table's groups, or a label per task.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"``: a scores higher than b.
    control : str, optional
        Compare only with this model, which is then b of every pair.
    rng : int, Generator or None
        Seed. One seed gives the same numbers.

    Returns
    -------
    PairwiseResult
        ``statistic`` is the mean difference.

    Raises
    ------
    InputError
        If there are fewer than two models, or an option is unknown.

    References
    ----------
    Fisher, R. A. (1935). The Design of Experiments, section 21. Smucker, Allan and Carterette (2007), CIKM, 623-632.

    Examples
    --------
    Darwin's question in small: differences 1, 2, -1. Of the 8 sign vectors, those with ``|sum|`` >= 2 are
    (+, +, -), (-, -, +), (+, +, +), (-, -, -), (-, +, +) and (+, -, -): 6/8.

    >>> frame = pd.DataFrame({"a": [1., 2, 0], "b": [0., 0, 1]}, index=list("xyz"))
    >>> sign_flip(frame).pvalue.tolist()
    [0.75]
    """
    check_alternative(alternative)
    scores, numbers = by_task_name(as_scores(scores), groups)
    pairs = Pairs.of(scores, control)
    null = FlipNull.make(pairs.rows, n_resamples, rng, numbers)
    offset = 0 if null.exact else 1
    pvalue = np.empty(len(pairs))
    for block in pairs.slices(null.n_draws):
        observed = null.observed(pairs.first[block], pairs.second[block])[:, None]
        draws = null.draws(pairs.first[block], pairs.second[block])
        slack = SLACK * np.maximum(1.0, np.abs(observed))
        if alternative == "two-sided":
            reached = np.abs(draws) >= np.abs(observed) - slack
        else:
            reached = draws >= observed - slack if alternative == "greater" else draws <= observed + slack
        pvalue[block] = (reached.sum(axis=1) + offset) / (null.n_draws + offset)
    n, difference = pairs.summary()
    pvalue[n == 0] = np.nan
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        difference,
        "sign-flip randomisation test, "
        + (f"all {null.n_draws:,} sign vectors" if null.exact else f"{n_resamples:,} random sign vectors"),
        statistic=difference,
        pvalue=pvalue,
        alternative=alternative,
    )
