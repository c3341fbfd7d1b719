"""The paired bootstrap over tasks for every pair of models at once."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError
from ..results import Floats, PairwiseResult
from ..scores import Scores, as_scores
from ..ties import RELATIVE
from ._pairs import Pairs, check_level


def bootstrap(
    scores: Scores | pd.DataFrame,
    *,
    n_resamples: int = 10_000,
    confidence_level: float = 0.95,
    method: str = "percentile",
    control: str | None = None,
    rng: int | np.random.Generator | None = None,
) -> PairwiseResult:
    """Resample tasks, paired over models: difference, interval and p-value of every pair."""
    if method != "percentile":
        raise InputError(f"method={method!r}: expected 'percentile'")
    level = check_level(confidence_level, "confidence_level")
    pairs = Pairs.of(scores, control)
    weights = resample_weights(pairs.rows.shape[1], n_resamples, rng)
    n, difference = pairs.summary()
    low, high, pvalue = np.empty(len(pairs)), np.empty(len(pairs)), np.empty(len(pairs))
    for block in pairs.slices(n_resamples):
        d = pairs.differences(block)
        present = ~np.isnan(d)
        with np.errstate(invalid="ignore"):
            boot = np.where(present, d, 0.0) @ weights.T
            if not present.all():
                boot /= present.astype(float) @ weights.T
        tolerance = RELATIVE * np.nanmax(pairs.sizes(block), axis=1)[:, None]
        below = (boot <= tolerance).sum(axis=1)
        above = (boot >= -tolerance).sum(axis=1)
        pvalue[block] = np.minimum(1.0, 2 * (np.minimum(below, above) + 1) / (n_resamples + 1))
        low[block], high[block] = quantiles(np.sort(boot, axis=1), level)
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        difference,
        f"paired bootstrap over tasks, percentile, {n_resamples:,} resamples",
        low=low,
        high=high,
        pvalue=pvalue,
        confidence_level=level,
    )


def resample_weights(n: int, n_resamples: int, rng: int | np.random.Generator | None) -> Floats:
    """Counts of n units in every resample, divided by n: shape (n_resamples, n)."""
    return np.random.default_rng(rng).multinomial(n, np.full(n, 1 / n), size=n_resamples) / n


def quantiles(ordered: Floats, level: float) -> tuple[Floats, Floats]:
    """Lower and upper quantile of sorted rows, interpolated linearly."""
    out: list[npt.NDArray[np.float64]] = []
    for q in ((1 - level) / 2, (1 + level) / 2):
        at = q * (ordered.shape[1] - 1)
        i = int(at)
        j = min(i + 1, ordered.shape[1] - 1)
        out.append(ordered[:, i] + (at - i) * (ordered[:, j] - ordered[:, i]))
    return out[0], out[1]
