"""The sign test for every pair of models at once."""

import numpy as np
import pandas as pd
from scipy.special import bdtr

from ..pairs import Alternative, Pairs, check_alternative
from ..results import PairwiseResult
from ..scores import Scores


def sign_test(
    scores: Scores | pd.DataFrame, *, alternative: Alternative = "two-sided", control: str | None = None
) -> PairwiseResult:
    """Exact sign test of every pair of models over the tasks they share; tasks on which they are equal are dropped.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models. Tasks that either model of a pair lacks are left out of that pair; a pair that
        shares none has NaN.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"``: a scores higher than b more often than not.
    control : str, optional
        Compare only with this model, which is then b of every pair.

    Returns
    -------
    PairwiseResult
        ``statistic`` is the number of tasks on which a scores higher; the extra column ``n_nonzero`` that of
        tasks on which the two differ.

    Raises
    ------
    InputError
        If there are fewer than two models, or the alternative is unknown.

    References
    ----------
    Dixon, W. J. and Mood, A. M. (1946). The statistical sign test. JASA 41, 557-566.

    Examples
    --------
    a is higher on 5 of 5 tasks: 2 * (1/2)^5.

    >>> frame = pd.DataFrame({"a": [.5, .6, .7, .8, .9], "b": [.4] * 5}, index=list("vwxyz"))
    >>> sign_test(frame).pvalue.tolist()
    [0.0625]
    """
    check_alternative(alternative)
    pairs = Pairs.of(scores, control)
    plus, minus = np.empty(len(pairs)), np.empty(len(pairs))
    for block in pairs.slices():
        d = pairs.differences(block)
        plus[block], minus[block] = (d > 0).sum(axis=1), (d < 0).sum(axis=1)
    differing = plus + minus
    tail = {"two-sided": np.minimum(plus, minus), "greater": minus, "less": plus}[alternative]
    pvalue = np.minimum(1.0, (2 if alternative == "two-sided" else 1) * bdtr(tail, differing.astype(np.intp), 0.5))
    pvalue[differing == 0] = 1.0
    n, difference = pairs.summary()
    pvalue[n == 0] = np.nan
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        difference,
        "sign test, exact binomial",
        statistic=plus,
        pvalue=pvalue,
        alternative=alternative,
        extra={"n_nonzero": differing.astype(np.int64)},
    )
