"""Romano and Wolf's step-down max-t: a correction that uses how the pairs hang together."""

from typing import Literal

import numpy as np
import pandas as pd

from ..common.errors import InputError
from ..common.threads import same_bits_on_any_cores
from ..pairs import Alternative, Indices, Pairs, check_alternative
from ..resampling.nulls import SLACK, BootstrapNull, FlipNull, Null
from ..resampling.resampler import Groups, Resampler, by_task_name
from ..results import Floats, PairwiseResult
from ..scores import Scores, as_scores

#: About how many null draws are held at once.
_BLOCK = 1_000_000


@same_bits_on_any_cores
def romano_wolf(
    scores: Scores | pd.DataFrame,
    *,
    null: Literal["bootstrap", "sign-flip"] = "bootstrap",
    n_resamples: int = 10_000,
    groups: Groups = None,
    alternative: Alternative = "two-sided",
    control: str | None = None,
    rng: int | np.random.Generator | None = None,
) -> PairwiseResult:
    """Studentised tests of all mean differences with step-down max-t adjusted p-values.

    The adjusted p of a pair is the share of joint null draws in which the largest studentised difference, among the
    pairs no more striking than this one, reaches the observed one. The family-wise error rate is controlled like
    Holm's, but pairs that share a model or move together cost less.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models.
    null : {"bootstrap", "sign-flip"}
        The joint null draws: the bootstrap-t over tasks, or flips of the signs of whole tasks (Westfall and
        Young's step-down max-t, exact where the differences are symmetric about 0).
    n_resamples : int
        B. All 2^n sign vectors are used if they are no more than B.
    groups : bool or sequence, optional
        Draw groups of tasks as a whole: True for the task table's groups, or a label per task.
    alternative : {"two-sided", "greater", "less"}
    control : str, optional
        Compare only with this model, which is then b of every pair.
    rng : int, Generator or None

    Returns
    -------
    PairwiseResult
        ``pvalue`` is that of the pair alone from the same draws, ``pvalue_adjusted`` the step-down one.

    Raises
    ------
    InputError
        If there are fewer than two models, or an option is unknown.

    References
    ----------
    Romano, J. P. and Wolf, M. (2005). Exact and approximate stepdown methods for multiple hypothesis testing.
    JASA 100, 94-108. Westfall, P. H. and Young, S. S. (1993). Resampling-Based Multiple Testing, alg. 2.8.

    Examples
    --------
    Five tasks, a always better: of the 32 sign vectors only the two that turn none or all reach it, 2/32.

    >>> frame = pd.DataFrame({"a": [.5, .6, .7, .8, .9], "b": [.4, .4, .4, .4, .4]}, index=list("vwxyz"))
    >>> romano_wolf(frame, null="sign-flip").pvalue_adjusted.tolist()
    [0.0625]
    """
    check_alternative(alternative)
    scores, numbers = by_task_name(as_scores(scores), groups)
    pairs = Pairs.of(scores, control)
    if null == "sign-flip":
        distribution: Null = FlipNull.make(pairs.rows, n_resamples, rng, numbers)
        name = "all sign vectors" if distribution.exact else f"{n_resamples:,} random sign vectors"
    elif null == "bootstrap":
        distribution = BootstrapNull(pairs.rows, Resampler.make(scores.n_tasks, n_resamples, rng, groups=numbers))
        name = f"bootstrap-t over tasks, {n_resamples:,} resamples"
    else:
        raise InputError(f"null={null!r}: expected 'bootstrap' or 'sign-flip'")
    statistic, pvalue, adjusted = step_down(distribution, pairs.first, pairs.second, alternative)
    n, difference = pairs.summary()
    for values in (statistic, pvalue, adjusted):
        values[n == 0] = np.nan
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        difference,
        f"step-down max-t, {name}",
        statistic=statistic,
        pvalue=pvalue,
        pvalue_adjusted=adjusted,
        alternative=alternative,
    )


def step_down(
    null: Null, first: Indices, second: Indices, alternative: str = "two-sided"
) -> tuple[Floats, Floats, Floats]:
    """Statistic, single and step-down adjusted p-value of every pair (a, b).

    Pairs are gone through from the least striking up, with the running maximum of their draws.
    """
    statistic = null.observed(first, second)
    striking = _turn(statistic.copy(), alternative)
    order = np.argsort(striking, kind="stable")
    offset = 0 if null.exact else 1
    single, joint = np.empty(len(order)), np.empty(len(order))
    running = np.full(null.n_draws, -np.inf)
    step = max(1, _BLOCK // null.n_draws)
    for start in range(0, len(order), step):
        block = order[start : start + step]
        draws = _turn(null.draws(first[block], second[block]), alternative)
        bar = _bar(striking[block])[:, None]
        single[block] = ((draws >= bar).sum(axis=1) + offset) / (null.n_draws + offset)
        np.maximum(draws[0], running, out=draws[0])
        for row in range(1, len(draws)):  # ten times as fast as np.maximum.accumulate down the columns
            np.maximum(draws[row], draws[row - 1], out=draws[row])
        running = draws[-1].copy()
        joint[block] = ((draws >= bar).sum(axis=1) + offset) / (null.n_draws + offset)
    # The step-down rule: no p is smaller than that of a more striking pair.
    joint[order] = np.maximum.accumulate(joint[order][::-1])[::-1]
    return statistic, single, joint


def _bar(striking: Floats) -> Floats:
    """What a draw has to reach: rounding short of the observed; infinity where the differences have no spread."""
    size = np.where(np.isfinite(striking), np.maximum(1.0, np.abs(striking)), 0.0)
    return np.asarray(striking - SLACK * size)


def _turn(values: Floats, alternative: str) -> Floats:
    """Make large values the striking ones, in place."""
    if alternative == "two-sided":
        return np.abs(values, out=values)
    return values if alternative == "greater" else np.negative(values, out=values)
