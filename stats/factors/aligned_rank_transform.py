"""The aligned rank transform: a rank test for each effect of a design by itself."""

import numpy as np
import pandas as pd

from ..decisions.flips import Flips
from ..results import Floats
from ..ties import doubled_midranks
from .design import Design
from .linear import Term, interaction_terms, main_terms, residuals


def aligned_rank_transform(
    values: Floats, design: Design, *, higher_is_better: bool = True, n_resamples: int = 10_000, seed: int = 0
) -> pd.DataFrame:
    """Tests on aligned ranks for every main effect and interaction, with task x effect as the error.

    For each effect the scores are stripped of all others (residual of the full model plus the effect's estimate) and
    ranked over the whole table. On every task the effect is then estimated from these ranks by least squares, and
    Hotelling's T^2 of the estimates, over tasks, is compared with its values when the signs of tasks are flipped (all sign vectors up
    to 14 tasks): tasks may differ in how large the effect is, as models of embeddings do. (The residual of the whole table as
    the error, which does not know that, rejects 8 to 17 % of true hypotheses at 5 % then; the F distribution of T^2, which takes the
    estimates for normal, up to 7 % with five tasks.) Main effects are adjusted for each other, interactions for the main effects (type II),
    so designs with empty cells are served.

    Parameters
    ----------
    values : ndarray, shape (n_tasks, n_models)
        Scores, models in the order of the design.
    design : Design
    higher_is_better : bool
    n_resamples, seed : int
        Of the sign vectors, where they are drawn.

    Returns
    -------
    DataFrame
        ``effect, statistic, df1, df2, pvalue``, T^2 as an F and p by sign flips; NaN where there are no more tasks than the effect has degrees of freedom.

    References
    ----------
    Wobbrock, J. O., Findlater, L., Gergle, D. and Higgins, J. J. (2011). The aligned rank transform for nonparametric
    factorial analyses using only ANOVA procedures. CHI, 143-146. Hotelling, H. (1931). The generalization of Student's
    ratio. Ann. Math. Statist. 2, 360-378.

    Notes
    -----
    What is tested is an effect on expected ranks. Noise that is skewed one way for some designs and the other way for others has such an
    effect though all means are equal (docs/validity.md).
    """
    flips = Flips.make(len(values), n_resamples, seed)
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
        ranks = _rank(noise + effect, y, higher_is_better).reshape(values.shape)
        rows.append((term.name, *_over_tasks(ranks, term, mains, flips)))
    if crossed:
        effect = residuals(y, additive) - noise
        ranks = _rank(noise + effect, y, higher_is_better).reshape(values.shape)
        for term in crossed:
            rows.append((term.name, *_over_tasks(ranks, term, mains + crossed, flips)))
    return pd.DataFrame(rows, columns=["effect", "statistic", "df1", "df2", "pvalue"])


def _rank(aligned: Floats, y: Floats, higher_is_better: bool) -> Floats:
    size = np.full((1, len(y)), np.abs(y).max())
    return np.asarray(doubled_midranks((-aligned if higher_is_better else aligned)[None], size)[0] / 2)


def _over_tasks(ranks: Floats, term: Term, terms: list[Term], flips: Flips) -> tuple[float, int, int, float]:
    """Hotelling's T^2, as F, of a term's coefficients task by task, beside the other terms, and p by flips of the tasks' signs."""
    k = len(term.columns)
    others = np.column_stack([np.ones(k), *(t.columns for t in terms if t is not term)])
    # What of the term the others do not hold, and the ranks' coefficients on it: one row per task.
    own = np.column_stack([residuals(column, others) for column in term.columns.T])
    basis, sizes, _ = np.linalg.svd(own, full_matrices=False)
    basis = basis[:, sizes > 1e-9 * max(1.0, float(sizes.max(initial=0.0)))]
    estimates = ranks @ basis
    n, df1 = len(ranks), basis.shape[1]
    df2 = n - df1
    if df1 == 0 or df2 < 1:
        return float("nan"), df1, max(df2, 0), float("nan")
    mean = estimates.mean(axis=0)
    floor = 1e-9 * max(1.0, float(np.abs(ranks).max()))
    if np.abs(mean).max() <= floor:
        return 0.0, df1, df2, 1.0
    # Sums of products do not change with signs, so T^2 rises with the length of the mean in their units.
    values, directions = np.linalg.eigh(estimates.T @ estimates)
    kept = values > n * floor**2
    units = estimates @ directions[:, kept] / np.sqrt(values[kept])
    share = float((units.sum(axis=0) ** 2).sum()) / n
    drawn = np.einsum("uc,ud->dc", units, flips.signs.astype(np.float64))
    reached = np.array([((drawn**2).sum(axis=1) / n >= share * (1 - 1e-9)).sum()])
    # T^2 / (n - 1) = share / (1 - share): the mean's part of the products over what is left.
    statistic = float("inf") if share >= 1 - 1e-12 else share / (1 - share) * df2 / df1
    return statistic, df1, df2, float(flips.share(reached)[0])
