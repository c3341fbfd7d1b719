"""Adjusted p-values: corrections for testing many hypotheses."""

import numpy as np
import numpy.typing as npt

from ..common.arrays import numbers_of
from ..common.errors import InputError, unknown
from ..results import Floats
from .corrections import CORRECTIONS


def adjust(pvalues: npt.ArrayLike, method: str = "holm") -> Floats:
    """Adjust p-values for multiple testing.

    An adjusted p-value is the smallest level at which the hypothesis is rejected when the whole family is
    tested; adjusted p-values keep the order of the raw ones and never exceed 1.

    Parameters
    ----------
    pvalues : array_like
        P-values of any shape. NaN stays NaN and is not a member of the family.
    method : str
        Family-wise error rate: ``"bonferroni"``; ``"holm"`` (step-down, any dependence); ``"hochberg"`` and
        ``"hommel"`` (need positive dependence); ``"shaffer"`` (static procedure for all pairs of k models: at most
        as many hypotheses can be true as the logic of equality allows) and ``"bergmann-hommel"`` (which equalities can be
        true together: at least as powerful, for up to 9 models; p-values in row order of the pairs). False discovery rate: ``"bh"``
        (positive dependence) and ``"by"`` (any dependence). ``"none"`` leaves them as they are.

    Returns
    -------
    ndarray
        Of the same shape.

    Raises
    ------
    InputError
        If the method is unknown, a p-value is outside 0-1, or ``"shaffer"`` or ``"bergmann-hommel"`` gets a number of p-values
        that is not k(k-1)/2, or the latter those of more than 9 models.

    References
    ----------
    Holm (1979), Scand. J. Statist. 6, 65-70. Hochberg (1988), Biometrika 75, 800-802. Hommel (1988), Biometrika 75,
    383-386. Shaffer (1986), JASA 81, 826-831. Bergmann and Hommel (1988), in Multiple Hypotheses Testing, 100-115. Benjamini and Hochberg (1995), JRSS B 57, 289-300. Benjamini and
    Yekutieli (2001), Ann. Statist. 29, 1165-1188.

    Examples
    --------
    Holm multiplies the smallest of three by 3, the next by 2, and keeps the order:

    >>> adjust([.01, .04, .03], "holm").round(6).tolist()
    [0.03, 0.06, 0.06]
    """
    p = numbers_of(pvalues, "pvalues")
    known_methods = {name: found.adjust for name, found in CORRECTIONS.items() if found.adjust is not None}
    if method not in known_methods:
        raise unknown("correction", method, known_methods)
    flat = p.ravel()
    known = ~np.isnan(flat)
    if ((flat[known] < 0) | (flat[known] > 1)).any():
        raise InputError("p-values must lie between 0 and 1")
    adjusted = np.full(flat.shape, np.nan)
    if known.any() and CORRECTIONS[method].by_pair:
        adjusted = known_methods[method](flat, len(flat))
    elif known.any():
        raw = flat[known]
        order = np.argsort(raw, kind="stable")
        values = np.empty(len(raw))
        values[order] = np.minimum(1.0, known_methods[method](raw[order], len(flat)))
        adjusted[known] = values
    return adjusted.reshape(p.shape)
