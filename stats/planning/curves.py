"""Power at many differences: the experiments are drawn once, and each difference only shifts them."""

from collections.abc import Sequence

import numpy as np

from ..results import Floats
from ..scores import Scores
from .pilot import Which, residuals_of
from .plans import LIMITS
from .simulation import Test, draw, pvalues, scale_limits


def power_by_effect(
    scores: Scores,
    effects: Floats,
    *,
    n_tasks: int,
    levels: Sequence[float],
    test: Test,
    pairs: Which,
    n_resamples: int,
    rng: int,
) -> Floats:
    """Return the power of each pair against each difference, differences taken as symmetric.

    Parameters
    ----------
    scores : Scores
    effects : ndarray of shape (n_effects,)
    n_tasks : int
    levels : sequence of float
        Of a single test, each.
    test, pairs, n_resamples
        As in `simulated_power`.
    rng : int
        Seed.

    Returns
    -------
    ndarray of shape (n_levels, n_effects, n_pairs)
        What ``simulated_power(..., symmetric=True)["power"]`` is with the same seed at each difference by itself.

    Examples
    --------
    A difference far beyond the spread wins all six tasks, p = 2 / 2^6 = .03125: always significant at .05, never at .03.

    >>> import pandas as pd
    >>> from embsig import Scores
    >>> a, b = [0.50, 0.61, 0.58, 0.66, 0.70, 0.72], [0.51, 0.60, 0.58, 0.65, 0.72, 0.71]
    >>> scores = Scores.from_frame(pd.DataFrame({"task": list("uvwxyz"), "a": a, "b": b}))
    >>> how = {"n_tasks": 6, "test": "wilcoxon", "pairs": "all", "n_resamples": 100, "rng": 0}
    >>> power_by_effect(scores, [0.5], levels=[0.05, 0.03], **how).ravel().tolist()
    [1.0, 0.0]
    """
    _, names, _, residuals = residuals_of(scores, pairs, None)
    generator = np.random.default_rng(rng)
    found = np.empty((len(levels), len(effects), len(names)))
    for at, e in enumerate(residuals):
        drawn = draw(e, n_tasks, n_resamples, generator, symmetric=True)
        # The power at the limits of the spread is not asked for; its draws are passed over, so that the next pair has its own.
        for scale in scale_limits(e, LIMITS):
            draw(e, n_tasks, n_resamples, generator, scale, symmetric=True)
        for i, effect in enumerate(effects):
            p = pvalues(drawn + float(effect), test)
            found[:, i, at] = [float((p <= level).mean()) for level in levels]
    return found
