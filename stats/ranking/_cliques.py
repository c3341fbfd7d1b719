"""Cliques: runs of models, in rank order, that no test tells apart."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..common.errors import InputError


def cliques(models: Sequence[str], significant: npt.NDArray[np.bool_]) -> list[list[str]]:
    """Maximal runs in rank order in which every pair is not significant.

    A bar over a run never joins a significant pair. Non-significant pairs that no run holds are
    `uncovered_pairs`.

    Parameters
    ----------
    models : sequence of str
        In rank order, best first.
    significant : ndarray of bool, shape (k, k)
        Symmetric, in the same order.

    Returns
    -------
    list of list of str
        Runs of two or more models, best first.

    Raises
    ------
    InputError
        If the matrix does not have the shape of the models.

    References
    ----------
    Demsar, J. (2006). JMLR 7, 1-30, section 3.2.4 (groups that are not significantly different). Piepho, H.-P. (2004). An algorithm
    for a letter-based representation of all-pairwise comparisons. JCGS 13, 456-466.

    Examples
    --------
    a and c differ, b differs from neither:

    >>> m = np.zeros((3, 3), dtype=bool); m[0, 2] = m[2, 0] = True
    >>> cliques(["a", "b", "c"], m)
    [['a', 'b'], ['b', 'c']]
    """
    return [list(models[a : b + 1]) for a, b in runs(_checked(models, significant))]


def uncovered_pairs(models: Sequence[str], significant: npt.NDArray[np.bool_]) -> list[tuple[str, str]]:
    """Pairs that are not significant but stand in no common clique, because a model between them differs.

    Parameters
    ----------
    models : sequence of str
        In rank order, as `cliques` takes them.
    significant : array of bool, shape (n_models, n_models)
        Which pairs differ, as `cliques` takes it.

    Returns
    -------
    list of tuple of str
        The pairs, in rank order. Errors are those of `cliques`.

    Examples
    --------
    a and d do not differ, but c, which stands between them, differs from a:

    >>> m = np.zeros((4, 4), dtype=bool); m[0, 2] = m[2, 0] = True
    >>> cliques(["a", "b", "c", "d"], m), uncovered_pairs(["a", "b", "c", "d"], m)
    ([['a', 'b'], ['b', 'c', 'd']], [('a', 'd')])
    """
    significant = _checked(models, significant)
    covered = np.zeros(significant.shape, dtype=bool)
    for a, b in runs(significant):
        covered[a : b + 1, a : b + 1] = True
    open_pairs = np.argwhere(np.triu(~significant & ~covered, 1))
    return [(models[a], models[b]) for a, b in open_pairs]


def runs(significant: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last position of every maximal run of two or more."""
    k = len(significant)
    found: list[tuple[int, int]] = []
    reach = -1
    for start in range(k):
        end = max(start, reach)  # a run without its first model is a run
        while end + 1 < k and not significant[end + 1, start : end + 1].any():
            end += 1
        if end > start and end > reach:
            found.append((start, end))
            reach = end
    return found


def _checked(models: Sequence[str], significant: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    significant = np.asarray(significant, dtype=bool)
    if significant.shape != (len(models), len(models)):
        raise InputError(f"got a matrix of shape {significant.shape} for {len(models)} models: expected one row each")
    return significant
