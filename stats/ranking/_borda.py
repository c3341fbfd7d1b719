"""The Borda count, as the MTEB leaderboard takes it, and with whole tasks only."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common.errors import InputError
from ..scores import Scores, as_scores
from ..ties import midranks

#: Which scores count.
BordaRule = Literal["leaderboard", "whole-tasks"]


def borda(scores: Scores | pd.DataFrame, *, rule: BordaRule = "leaderboard") -> pd.DataFrame:
    """Points for every model beaten on every task, and the rank by their sum.

    On each task a model earns ``n_models - rank`` points, tied models sharing the mean of their ranks; a task that
    it lacks earns it nothing, so missing scores cost. The sums are ranked, equal ones sharing the best of their ranks.
    By the rule ``"leaderboard"`` this is ``Rank (Borda)`` of the MTEB leaderboard (mteb 2.26, ``_borda_rank_from_long``), ties by exact
    equality included: a task of which a model ran a part of the subsets counts with the mean of that part, though such a model
    has no score on it; ``n_models`` are those with a score on at least one task, and models with parts alone take ranks away from those shown. The rule ``"whole-tasks"`` ranks only scores
    that are means over the same subsets. Where nothing is missing the two are one, and the order is that of mean ranks.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; NaN is a missing score. Means of partly run tasks are the ``partial_score`` of `Scores.cells`, where
        the source has them. A model without any score is not counted.
    rule : {"leaderboard", "whole-tasks"}

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
    if rule not in ("leaderboard", "whole-tasks"):
        raise InputError(f"rule={rule!r}: expected 'leaderboard' or 'whole-tasks'")
    scores = as_scores(scores)
    counted = (~np.isnan(scores.values)).any(axis=0)
    table = _with_parts(scores) if rule == "leaderboard" else scores.values
    values = table if scores.higher_is_better else -table
    present = ~np.isnan(values)
    ranks = midranks(-values)
    points = np.where(present, counted.sum() - ranks, 0.0).sum(axis=0)
    # The leaderboard ranks models that ran nothing but parts too, and shows the others with the ranks that are left.
    ranked = present.any(axis=0) if rule == "leaderboard" else counted
    rank = np.full(len(points), np.nan)
    rank[ranked] = pd.Series(-points[ranked]).rank(method="min").to_numpy()
    rank[~counted] = np.nan
    frame = pd.DataFrame(
        {
            "model": scores.models,
            "points": np.where(counted, points, np.nan),
            "n_tasks": (~np.isnan(scores.values)).sum(axis=0),
            "rank": rank,
        }
    )
    return frame.sort_values("rank", kind="stable").reset_index(drop=True)


def _with_parts(scores: Scores) -> npt.NDArray[np.float64]:
    """The table, with the mean of the subsets that are there where a task was run in part."""
    cells = scores.cells
    if cells is None or "partial_score" not in cells or cells["partial_score"].isna().all():
        return scores.values
    parts = cells.pivot(index="task", columns="model", values="partial_score")
    return np.asarray(scores.table.fillna(parts.reindex_like(scores.table)).to_numpy(), dtype=np.float64)
