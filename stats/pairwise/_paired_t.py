"""Student's paired t test for every pair of models at once."""

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from ..common.errors import UndefinedWarning, warn
from ..pairs import Alternative, Pairs, check_alternative, check_level
from ..results import PairwiseResult
from ..scores import Scores
from ..ties import deviations, lengths


def paired_t(
    scores: Scores | pd.DataFrame,
    *,
    confidence_level: float = 0.95,
    alternative: Alternative = "two-sided",
    control: str | None = None,
) -> PairwiseResult:
    """Paired t test of every pair of models over the tasks they share, with the t interval of the mean difference.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models. Tasks that either model of a pair lacks are left out of that pair.
    confidence_level : float
        Of the interval, which is two-sided in any case.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"``: a scores higher than b.
    control : str, optional
        Compare only with this model, which is then b of every pair.

    Returns
    -------
    PairwiseResult
        ``statistic`` is t with n - 1 degrees of freedom. Models that are equal on every task have t = 0 and p = 1;
        differences that are constant but not 0 have infinite t and p = 0; a pair that shares fewer than
        two tasks has NaN.

    Raises
    ------
    InputError
        If there are fewer than two models, or an option is unknown.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6, 1-25.

    Examples
    --------
    Differences 1, 2, 3: mean 2, standard error 1/sqrt(3), so t = 2 sqrt(3).

    >>> frame = pd.DataFrame({"a": [1., 2, 3], "b": [0., 0, 0]}, index=list("xyz"))
    >>> paired_t(frame).statistic.round(6).tolist()
    [3.464102]
    """
    check_alternative(alternative)
    level = check_level(confidence_level, "confidence_level")
    pairs = Pairs.of(scores, control)
    n, difference = pairs.summary()
    error = np.empty(len(pairs))
    for block in pairs.slices():
        d = pairs.differences(block)
        deviation = deviations(d, difference[block], pairs.sizes(block))
        with np.errstate(invalid="ignore", divide="ignore"):
            error[block] = lengths(deviation) / np.sqrt((n[block] - 1.0) * n[block])
    known = n >= 2
    if not known.all():
        warn(
            f"{int((~known).sum()):,} pair(s) share fewer than two tasks: their t, p and interval are undefined",
            UndefinedWarning,
        )
    df = np.where(known, n - 1, 1).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(known, np.where(difference == 0, 0.0, difference / error), np.nan)
    tail = {"two-sided": 2 * stdtr(df, -np.abs(t)), "greater": stdtr(df, -t), "less": stdtr(df, t)}[alternative]
    identical = known & (difference == 0) & (error == 0)
    pvalue = np.where(identical, 1.0, np.where(known, tail, np.nan))
    margin = np.where(known, stdtrit(df, (1 + level) / 2) * error, np.nan)
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        difference,
        "paired t test",
        low=difference - margin,
        high=difference + margin,
        statistic=t,
        pvalue=pvalue,
        confidence_level=level,
        alternative=alternative,
        extra={"df": n - 1},
    )
