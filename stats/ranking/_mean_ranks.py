"""Mean ranks over tasks."""

import numpy as np
import pandas as pd

from ..results import Floats
from ..scores import Scores, as_scores
from ..ties import rank_rows


def mean_ranks(scores: Scores | pd.DataFrame) -> "pd.Series[float]":
    """Mean over tasks of each model's rank, 1 for the best; ties share the mean of their ranks.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models. Where scores are missing, the ranks among the k_t models that a task has are
        stretched to the scale of all k, ``(r - 1/2) k / k_t + 1/2``, and a model's mean is over its own tasks.

    Returns
    -------
    Series
        Named ``mean_rank``, indexed by model, in the order of the table.

    References
    ----------
    Friedman, M. (1937). JASA 32, 675-701. Demsar, J. (2006). JMLR 7, 1-30, section 3.2.2.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [.9, .8], "b": [.7, .8]}, index=["x", "y"])
    >>> mean_ranks(frame).to_dict()  # (1 + 1.5) / 2 and (2 + 1.5) / 2
    {'a': 1.25, 'b': 1.75}
    """
    scores = as_scores(scores)
    means: Floats = np.nanmean(task_ranks(scores), axis=0)
    return pd.Series(means, index=pd.Index(scores.models, name="model"), name="mean_rank", dtype=np.float64)


def task_ranks(scores: Scores) -> Floats:
    """Ranks within tasks on the scale 1..k, shape (n_tasks, n_models); NaN where a score is missing."""
    ranks = rank_rows(scores.values, higher_is_better=scores.higher_is_better)
    present = (~np.isnan(ranks)).sum(axis=1, keepdims=True)
    if (present == scores.n_models).all():
        return ranks
    with np.errstate(divide="ignore"):
        return np.asarray((ranks - 0.5) * scores.n_models / present + 0.5)
