"""Bayesian comparison of every pair of models, with a region of practical equivalence."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from ..common.errors import InputError, UndefinedWarning, warn
from ..common.threads import same_bits_on_any_cores
from ..pairs import Pairs, check_level
from ..resampling.blocks import Memory, for_each
from ..resampling.quantiles import quantiles_of
from ..resampling.resampler import by_task_name
from ..results import Floats, PairwiseResult
from ..scores import Scores, as_scores
from ..ties import lengths
from ._walsh import count_wins


@same_bits_on_any_cores
def bayes_signed_rank(
    scores: Scores | pd.DataFrame,
    *,
    rope: float = 0.0,
    prior: float = 0.5,
    n_resamples: int = 10_000,
    confidence_level: float = 0.95,
    control: str | None = None,
    rng: int | np.random.Generator | None = None,
) -> PairwiseResult:
    """Bayesian signed-rank test of every pair: probabilities that a is better, equivalent, or worse.

    The distribution of the differences has a Dirichlet-process prior of strength `prior` at 0. Of two differences drawn
    from it, half their sum lies above the region of practical equivalence with probability theta_better, below
    with theta_worse, inside with theta_equivalent. The results say how probable it is, given these tasks, that each
    of the three is the largest.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models; tasks missing from a model of a pair are left out for that pair.
    rope : float
        Half the width of the region of practical equivalence, in the scores' units: differences within [-rope, rope] do
        not matter. 0: none, and theta_equivalent is shared evenly by the two others.
    prior : float
        Strength of the prior, in pseudo-tasks that see no difference.
    n_resamples : int
        Draws from the posterior. A probability's Monte Carlo error is at most .5 / sqrt(n_resamples).
    confidence_level : float
        Of the credible interval.
    control : str, optional
        Compare every model (a) with this one (b) only.
    rng : int, Generator or None
        One draw of weights serves all pairs.

    Returns
    -------
    PairwiseResult
        ``low, high``: credible interval of the mean difference. Extra columns ``p_better, p_equivalent, p_worse``
        (of a, so that they sum to 1), and ``expected_loss_a``, ``expected_loss_b``: the mean score that choosing a
        (or b) is expected to lose against the better of the two. There is no p-value.

    Raises
    ------
    InputError
        If there are fewer than two models, or an option is out of range.

    Notes
    -----
    With weights w ~ Dirichlet(prior, 1, ..., 1) on z = (0, differences), theta_better = sum_ij w_i w_j
    [z_i + z_j > 2 rope], with 1/2 for equality (Benavoli et al. 2014, equation 8). The products w_i w_j are the same
    for all pairs, so the draws of all pairs are one matrix product of (draws x products) and (products x pairs). It is taken in
    single precision; draws that its rounding could decide wrongly are taken again in double precision.
    Weights are independent gamma variables, normalised over the tasks that a pair has.

    References
    ----------
    Benavoli, A., Mangili, F., Corani, G., Zaffalon, M. and Ruggeri, F. (2014). A Bayesian Wilcoxon signed-rank test
    based on the Dirichlet process. ICML, PMLR 32, 1026-1034. Benavoli, A., Corani, G., Demsar, J. and Zaffalon, M.
    (2017). Time for a change. JMLR 18(77), 1-36.

    Examples
    --------
    One task, difference .1, no prior to speak of: theta_better = 1 in every draw.

    >>> found = bayes_signed_rank(pd.DataFrame({"a": [.6], "b": [.5]}, index=["x"]), prior=1e-9, rng=0)
    >>> found.extra["p_better"].tolist()
    [1.0]
    """
    scores, _ = by_task_name(as_scores(scores), None)
    level = check_level(confidence_level, "confidence_level")
    _check(rope, prior, n_resamples)
    pairs = Pairs.of(scores, control)
    sign = 1.0 if scores.higher_is_better else -1.0
    n_tasks = pairs.rows.shape[1]
    generator = np.random.default_rng(rng)
    gammas = np.concatenate(
        [generator.gamma(prior, size=(n_resamples, 1)), generator.standard_gamma(1.0, size=(n_resamples, n_tasks))],
        axis=1,
    )
    gammas /= gammas.sum(axis=1, keepdims=True)
    n, difference = pairs.summary()
    out = count_wins(pairs, gammas, sign, rope) / n_resamples
    low, high, loss_a, loss_b = (np.empty(len(pairs)) for _ in range(4))
    memory = Memory()

    def average(block: slice) -> None:
        z = pairs.differences(block)
        mean = np.matmul(np.nan_to_num(z), gammas[:, 1:].T, out=memory.floats("mean", len(z), n_resamples))
        if not pairs.complete:
            mean /= gammas[:, 0] + (~np.isnan(z)) @ gammas[:, 1:].T
        gain = memory.floats("gain", len(z), n_resamples)
        loss_b[block] = np.maximum(np.multiply(mean, sign, out=gain), 0, out=gain).mean(axis=1)
        loss_a[block] = np.maximum(np.multiply(mean, -sign, out=gain), 0, out=gain).mean(axis=1)
        low[block], high[block] = quantiles_of(mean, (1 - level) / 2, (1 + level) / 2, memory=memory)

    for_each(pairs.slices(4 * n_resamples), average)
    extra: dict[str, npt.NDArray[np.float64]] = {
        "p_better": out[:, 0],
        "p_equivalent": out[:, 1],
        "p_worse": out[:, 2],
        "expected_loss_a": loss_a,
        "expected_loss_b": loss_b,
    }
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        difference,
        f"Bayesian signed-rank, prior {prior:g} at 0, rope {rope:g}, {n_resamples:,} draws",
        low=low,
        high=high,
        confidence_level=level,
        extra=dict(extra),
    )


@same_bits_on_any_cores
def bayes_t(
    scores: Scores | pd.DataFrame,
    *,
    rope: float = 0.0,
    correlation: float = 0.0,
    confidence_level: float = 0.95,
    control: str | None = None,
) -> PairwiseResult:
    """Bayesian (correlated) t test of every pair: probabilities that the mean difference is above, within, below the rope.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks (or folds, or runs), columns models.
    rope : float
        Half the width of the region of practical equivalence, in the scores' units.
    correlation : float
        Correlation between the rows' differences, in [0, 1): 0 for tasks; the share of the data that is test data for
        cross-validation folds (Nadeau and Bengio 2003).
    confidence_level : float
        Of the credible interval.
    control : str, optional
        Compare every model (a) with this one (b) only.

    Returns
    -------
    PairwiseResult
        ``statistic`` is t; columns as for `bayes_signed_rank`. With one row only, all are NaN.

    Raises
    ------
    InputError
        If there are fewer than two models, or an option is out of range.

    Notes
    -----
    Under the matching improper prior the mean difference has a Student t posterior with n - 1 degrees of freedom, centre
    d and squared scale (1/n + correlation / (1 - correlation)) s^2.

    References
    ----------
    Corani, G. and Benavoli, A. (2015). A Bayesian approach for comparing cross-validated algorithms on multiple data
    sets. Machine Learning 100, 285-304, equation 5. Benavoli et al. (2017), JMLR 18(77), section 3.1.

    Examples
    --------
    Differences 1, 2, 3: mean 2, s = 1, scale 1/sqrt(3), t = 3.4641 with 2 degrees of freedom: P(t > -3.4641) = .9629.

    >>> frame = pd.DataFrame({"a": [1., 2, 3], "b": [0., 0, 0]}, index=list("xyz"))
    >>> bayes_t(frame).extra["p_better"].round(4).tolist()
    [0.9629]
    """
    scores = as_scores(scores)
    level = check_level(confidence_level, "confidence_level")
    _check(rope, 1.0, 1)
    if not 0 <= correlation < 1:
        raise InputError(f"correlation={correlation!r}: expected a number from 0 to below 1")
    pairs = Pairs.of(scores, control)
    sign = 1.0 if scores.higher_is_better else -1.0
    n, mean = pairs.summary()
    spread = np.empty(len(pairs))
    for block in pairs.slices():
        spread[block] = lengths(np.nan_to_num(pairs.differences(block) - mean[block, None]))
    with np.errstate(invalid="ignore", divide="ignore"):
        df = np.where(n > 1, n - 1.0, np.nan)
        scale = spread * np.sqrt((1 / n + correlation / (1 - correlation)) / df)
        statistic = np.where(mean == 0, 0.0, mean / scale)
    better = _above(sign * mean, scale, df, rope)
    worse = _above(-sign * mean, scale, df, rope)
    half = special.stdtrit(df, (1 + level) / 2) * scale
    known = ~np.isnan(df)
    if not known.all():
        warn(
            f"{int((~known).sum()):,} pair(s) share fewer than two tasks: their probabilities are undefined",
            UndefinedWarning,
        )
    return PairwiseResult(
        pairs.models,
        pairs.first,
        pairs.second,
        n,
        mean,
        f"Bayesian t, correlation {correlation:g}, rope {rope:g}",
        low=mean - half,
        high=mean + half,
        statistic=np.where(known, statistic, np.nan),
        confidence_level=level,
        extra={
            "p_better": better,
            "p_equivalent": np.clip(1 - better - worse, 0, 1),
            "p_worse": worse,
            "expected_loss_a": _expected_shortfall(sign * mean, scale, df),
            "expected_loss_b": _expected_shortfall(-sign * mean, scale, df),
        },
    )


def _check(rope: float, prior: float, n_resamples: int) -> None:
    if not (np.isfinite(rope) and rope >= 0):
        raise InputError(f"rope={rope!r}: expected a number of at least 0, in the scores' units")
    if not (np.isfinite(prior) and prior > 0):
        raise InputError(f"prior={prior!r}: expected a positive number of pseudo-tasks")
    if n_resamples < 1:
        raise InputError(f"n_resamples={n_resamples!r}: expected at least 1")


def _above(mean: Floats, scale: Floats, df: Floats, rope: float) -> Floats:
    """P(mean + scale t > rope); a half where there is no spread and the mean is the rope's edge itself."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = special.stdtr(df, (mean - rope) / scale)
    sure = np.where(mean > rope, 1.0, np.where((mean == rope) & (rope == 0), 0.5, 0.0))
    return np.where(np.isnan(df), np.nan, np.where(scale == 0, sure, found))


def _expected_shortfall(mean: Floats, scale: Floats, df: Floats) -> Floats:
    """E[max(0, -(mean + scale t))]: infinite with one degree of freedom, where t has no mean."""
    with np.errstate(invalid="ignore", divide="ignore"):
        x = mean / scale
        tail = special.stdtr(df, -x)
        density = _t_density(x, df)
        loss = scale * (density * (df + x**2) / (df - 1) - x * tail)
    loss = np.where(df == 1, np.inf, np.maximum(loss, 0.0))
    return np.where(np.isnan(df), np.nan, np.where(scale == 0, np.maximum(-mean, 0.0), loss))


def _t_density(x: Floats, df: Floats) -> Floats:
    """Density of Student's t."""
    constant = special.gammaln((df + 1) / 2) - special.gammaln(df / 2) - np.log(df * np.pi) / 2
    return np.asarray(np.exp(constant - (df + 1) / 2 * np.log1p(x**2 / df)))
