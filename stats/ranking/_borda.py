"""The Borda count, as the MTEB leaderboard takes it."""

import numpy as np
import pandas as pd

from ..scores import Scores, as_scores


def borda(scores: Scores | pd.DataFrame) -> pd.DataFrame:
    """Points for every model beaten on every task, and the rank by their sum.

    On each task a model earns ``n_models - rank`` points, tied models sharing the mean of their ranks; a task that
    it lacks earns it nothing, so missing scores cost. The sums are ranked, equal ones sharing the best of their ranks.
    This is ``Rank (Borda)`` of the MTEB leaderboard, ties by exact equality included. Where no score is missing the
    order is that of mean ranks, and so the confidence sets of `rank_confidence` hold for it.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; NaN is a missing score. A model without any score is not counted.

    Returns
    -------
    DataFrame
        Columns ``model, points, n_tasks, rank``, best first. A model without any score has NaN for points and rank.

    References
    ----------
    de Borda, J.-C. (1781). Memoire sur les elections au scrutin. Enevoldsen, K. et al. (2025). MMTEB: Massive
    Multilingual Text Embedding Benchmark. ICLR, section 2 (Borda count as rank aggregation).

    Examples
    --------
    a: 2 - 1 + 2 - 1.5 = 1.5; b: 0 + .5

    >>> borda(pd.DataFrame({"a": [.9, .8], "b": [.7, .8]}, index=["x", "y"]))["points"].tolist()
    [1.5, 0.5]
    """
    scores = as_scores(scores)
    values = scores.values if scores.higher_is_better else -scores.values
    present = ~np.isnan(values)
    counted = present.any(axis=0)
    from scipy.stats import rankdata  # half a second to import

    ranks = rankdata(-values, axis=1, nan_policy="omit")
    points = np.where(present, counted.sum() - ranks, 0.0).sum(axis=0)
    rank = np.full(len(points), np.nan)
    rank[counted] = rankdata(-points[counted], method="min")
    frame = pd.DataFrame(
        {
            "model": scores.models,
            "points": np.where(counted, points, np.nan),
            "n_tasks": present.sum(axis=0),
            "rank": rank,
        }
    )
    return frame.sort_values("rank", kind="stable").reset_index(drop=True)
