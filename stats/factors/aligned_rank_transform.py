"""The aligned rank transform: a rank test for each effect of a design by itself."""

import numpy as np
import pandas as pd
from scipy import special

from ..results import Floats
from ..ties import doubled_midranks
from .design import Design
from .linear import Term, interaction_terms, main_terms, residuals


def aligned_rank_transform(values: Floats, design: Design, *, higher_is_better: bool = True) -> pd.DataFrame:
    """F tests on aligned ranks for every main effect and interaction, with tasks as blocks.

    For each effect the scores are stripped of all others (residual of the full model plus the effect's estimate),
    ranked over the whole table, and analysed with the full model; only the row of that effect counts. Main
    effects are adjusted for each other, interactions for the main effects (type II), so designs with empty cells
    are served.

    Parameters
    ----------
    values : ndarray, shape (n_tasks, n_models)
        Scores, models in the order of the design.
    design : Design
    higher_is_better : bool

    Returns
    -------
    DataFrame
        ``effect, statistic, df1, df2, pvalue``; NaN where no degree of freedom is left for the error.

    References
    ----------
    Wobbrock, J. O., Findlater, L., Gergle, D. and Higgins, J. J. (2011). The aligned rank transform for nonparametric
    factorial analyses using only ANOVA procedures. CHI, 143-146.
    """
    mains = main_terms(design)
    crossed = interaction_terms(design, mains)
    n_tasks, k = values.shape
    blocks = np.repeat(np.eye(n_tasks), k, axis=0)

    def matrix(terms: list[Term]) -> Floats:
        return np.column_stack([blocks, *(np.tile(t.columns, (n_tasks, 1)) for t in terms)])

    y = values.reshape(-1)
    additive, full = matrix(mains), matrix(mains + crossed)
    noise = residuals(y, full)
    coefficients = np.linalg.lstsq(additive, y, rcond=None)[0][n_tasks:]
    rows, start = [], 0
    for term in mains:
        width = term.columns.shape[1]
        effect = np.tile(term.columns @ coefficients[start : start + width], n_tasks)
        start += width
        others = matrix([t for t in mains if t is not term])
        rows.append(_f_test(term.name, _rank(noise + effect, y, higher_is_better), others, additive, full))
    if crossed:
        effect = residuals(y, additive) - noise
        ranks = _rank(noise + effect, y, higher_is_better)
        for term in crossed:
            without = matrix(mains + [t for t in crossed if t is not term])
            rows.append(_f_test(term.name, ranks, without, full, full))
    return pd.DataFrame(rows, columns=["effect", "statistic", "df1", "df2", "pvalue"])


def _rank(aligned: Floats, y: Floats, higher_is_better: bool) -> Floats:
    size = np.full((1, len(y)), np.abs(y).max())
    return np.asarray(doubled_midranks((-aligned if higher_is_better else aligned)[None], size)[0] / 2)


def _f_test(
    name: str, ranks: Floats, without: Floats, with_it: Floats, full: Floats
) -> tuple[str, float, int, int, float]:
    """F of a term: what it adds to the model without it, over the mean square that the full model leaves."""
    gained = float((residuals(ranks, without) ** 2).sum() - (residuals(ranks, with_it) ** 2).sum())
    left = float((residuals(ranks, full) ** 2).sum())
    rank = np.linalg.matrix_rank
    df1 = int(rank(with_it) - rank(without))
    df2 = int(len(ranks) - rank(full))
    # Where all ranks are equal, what is left of their squares is rounding.
    floor = max(1e-9 * float(((ranks - ranks.mean()) ** 2).sum()), 1e-18 * float((ranks**2).sum()))
    if df1 == 0 or df2 == 0:
        return name, float("nan"), df1, df2, float("nan")
    if gained <= floor:
        return name, 0.0, df1, df2, 1.0
    if left <= floor:
        return name, float("inf"), df1, df2, 0.0
    statistic = gained / df1 / (left / df2)
    return name, statistic, df1, df2, float(special.fdtrc(df1, df2, statistic))
