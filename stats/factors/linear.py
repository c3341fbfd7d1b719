"""The linear model of a design: effect coding, what of it can be estimated, and sums of squares."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..results import Floats
from .design import Design


@dataclass(frozen=True, eq=False)
class Term:
    """A main effect or a two-way interaction.

    Attributes
    ----------
    name : str
        ``factor`` or ``first x second``.
    columns : ndarray, shape (n_models, n_columns)
        Effect coding: sums to zero over the levels of a factor. Of an interaction only what main effects and earlier
        interactions do not hold already.
    """

    name: str
    columns: Floats


def main_terms(design: Design) -> list[Term]:
    """One term per factor."""
    return [Term(f, _effect_coding(design, f)) for f in design.factors]


def interaction_terms(design: Design, mains: list[Term]) -> list[Term]:
    """The two-way interactions of which the models can tell anything, reduced to what they can tell."""
    base = np.column_stack([np.ones(len(design.models)), *(t.columns for t in mains)])
    terms = []
    for first, second in combinations(mains, 2):
        columns = np.einsum("ij,ik->ijk", first.columns, second.columns).reshape(len(base), -1)
        kept = independent(columns, base)
        if kept.shape[1]:
            terms.append(Term(f"{first.name} x {second.name}", kept))
            base = np.column_stack([base, kept])
    return terms


def independent(columns: Floats, base: Floats) -> Floats:
    """The columns that are not in the span of the base and of the columns kept before them."""
    kept: list[Floats] = []
    rank = int(np.linalg.matrix_rank(base)) if base.size else 0  # older numpy knows no rank of nothing
    for column in columns.T:
        if np.linalg.matrix_rank(np.column_stack([base, *kept, column])) > rank + len(kept):
            kept.append(column)
    return np.column_stack(kept) if kept else np.empty((len(base), 0))


def estimable(contrast: Floats, matrix: Floats) -> bool:
    """Whether a linear function of the coefficients is a linear function of the expected rows."""
    return bool(np.linalg.matrix_rank(np.vstack([matrix, contrast])) == np.linalg.matrix_rank(matrix))


def residuals(y: Floats, matrix: Floats) -> Floats:
    """What least squares of y on the matrix leaves."""
    return np.asarray(y - matrix @ np.linalg.lstsq(matrix, y, rcond=None)[0])


def _effect_coding(design: Design, factor: str) -> Floats:
    at = design.factors.index(factor)
    levels = design.levels[factor]
    codes = np.array([levels.index(cell[at]) for cell in design.cells])
    # The first level, the reference, is the one coded -1 throughout.
    table = np.vstack([-np.ones(len(levels) - 1), np.eye(len(levels) - 1)])
    return np.asarray(table[codes])


def level_code(design: Design, factor: str, level: str) -> Floats:
    """The row of the effect coding that stands for a level."""
    levels = design.levels[factor]
    table = np.vstack([-np.ones(len(levels) - 1), np.eye(len(levels) - 1)])
    return np.asarray(table[levels.index(level)])
