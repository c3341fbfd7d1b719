"""All pairs by joint sign flips of units: single-step max-t with the simultaneous intervals that invert it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..common.errors import unknown
from ..common.threads import same_bits_on_any_cores
from ..pairs import Alternative, check_alternative, check_level, shared
from ..resampling.blocks import for_each
from ..resampling.resampler import Groups
from ..results import Floats
from ..scores import Scores, as_scores
from .flips import Flips, Scan, scan, turned
from .marginal import one_sided
from .statistics import STATISTICS, Inverted, Statistic, StatisticName, statistic_by_name
from .table import Decisions, check_margin, cohere, least_differences
from .units import Units

_SIGNS = {"two-sided": 0, "greater": 1, "less": -1}


@dataclass(frozen=True, eq=False)
class Plan:
    """How the pairs are tested."""

    statistic: Statistic
    alpha: float
    sign: int
    margin: float
    n_resamples: int
    groups: Groups
    control: str | None


def max_t(
    scores: Scores | pd.DataFrame,
    *,
    statistic: StatisticName = "signed-rank",
    alpha: float = 0.05,
    n_resamples: int = 10_000,
    groups: Groups = True,
    alternative: Alternative = "two-sided",
    control: str | None = None,
    margin: float = 0.0,
    zero_method: str = "wilcox",
    rng: int | np.random.Generator | None = None,
) -> Decisions:
    """Decide about all pairs at once by flipping the signs of whole units, with simultaneous intervals.

    If two models were exchangeable on every unit (a task, or a group of tasks cut from one source), the unit's difference could as well
    have the other sign. Flipping units for all pairs together keeps how the pairs hang together, and the largest statistic of all pairs
    has the distribution that a family-wise error rate asks for. A pair's adjusted p-value is the share of sign vectors whose largest
    statistic reaches its own; its interval are the differences that the same test at the same critical value does not reject.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models. A pair rests on the tasks that both of its models have; the signs are joint all the same.
    statistic : {"signed-rank", "mean", "sign"}
        Estimate and interval are of the pseudo-median (Hodges and Lehmann), the mean, or the difference of win rates.
    alpha : float
        Family-wise error rate of all pairs; 1 - alpha is the joint level of the intervals.
    n_resamples : int
        Random sign vectors where there are more than 14 units; up to 14, all 2^n are used.
    groups : bool or sequence, optional
        True: the task table's groups are units. A label per task. False or None: every task by itself.
    alternative : {"two-sided", "greater", "less"}
    control : str, optional
        Compare every model with this one only: it is b of every pair, and the correction is for these pairs.
    margin : float
        A difference that does not matter, in the scores' units: pairs whose interval lies within it are ``equivalent``.
    zero_method : {"wilcox", "pratt", "zsplit"}
        Of the signed ranks: zeros are dropped before or after ranking.
    rng : int, Generator or None
        Seed. One seed gives the same bytes, on any number of threads and in any order of the tasks.

    Returns
    -------
    Decisions
        ``pvalue`` is the pair's by itself (of the signed ranks Wilcoxon's exact one), ``pvalue_adjusted`` the joint one.

    Raises
    ------
    InputError
        If there are fewer than two models, or an option is unknown.

    References
    ----------
    Westfall, P. H. and Young, S. S. (1993). Resampling-Based Multiple Testing, section 2.3. Romano, J. P. and Wolf, M. (2005). JASA
    100, 94-108. Hollander, M. and Wolfe, D. A. (1999). Nonparametric Statistical Methods, section 3.3 (the interval).

    Examples
    --------
    Six tasks, a above b above c on each: of the 2^5 sign vectors that begin with a plus only the one without a minus reaches 21 / sqrt(91),
    so each of the three adjusted p-values is 1/32. Of the 21 Walsh averages of six differences of .2 all are .2.

    >>> frame = pd.DataFrame({"a": [.9] * 6, "b": [.7] * 6, "c": [.1] * 6}, index=list("uvwxyz"))
    >>> found = max_t(frame)
    >>> found.pvalue_adjusted.tolist(), found.low.round(3).tolist()
    ([0.03125, 0.03125, 0.03125], [0.2, 0.8, 0.6])
    """
    return joint_max_t(
        [as_scores(scores)],
        statistic=statistic,
        alpha=alpha,
        n_resamples=n_resamples,
        groups=groups,
        alternative=alternative,
        control=control,
        margin=margin,
        zero_method=zero_method,
        rng=rng,
    )[0]


@same_bits_on_any_cores
def joint_max_t(
    parts: Sequence[Scores],
    *,
    statistic: StatisticName = "signed-rank",
    alpha: float = 0.05,
    n_resamples: int = 10_000,
    groups: Groups = True,
    alternative: Alternative = "two-sided",
    control: str | None = None,
    margin: float = 0.0,
    zero_method: str = "wilcox",
    rng: int | np.random.Generator | None = None,
) -> list[Decisions]:
    """Decide about the pairs of several analyses of the same tasks, so that everything said of all of them holds together.

    The largest statistic is taken over all pairs of all parts under the same sign vectors. A part whose units could not reach the
    critical value whatever their signs costs the others nothing.

    Parameters
    ----------
    parts : sequence of Scores
        The whole, and families of its tasks; every part's tasks are among the first one's.
    statistic, alpha, n_resamples, groups, alternative, control, margin, zero_method, rng
        As of `max_t`; a sequence of `groups` needs a single part.

    Returns
    -------
    list of Decisions
        One of every part, all with the same critical value.
    """
    check_alternative(alternative)
    if statistic not in STATISTICS:
        raise unknown("statistic", statistic, STATISTICS)
    if zero_method not in ("wilcox", "pratt", "zsplit"):
        raise unknown("zero_method", zero_method, ("wilcox", "pratt", "zsplit"))
    plan = Plan(
        statistic_by_name(statistic, zero_method),
        check_level(alpha, "alpha"),
        _SIGNS[alternative],
        check_margin(margin),
        n_resamples,
        groups,
        control,
    )
    units = [Units.of(part, groups, control) for part in parts]
    flips = Flips.make(units[0].n_units, n_resamples, rng, sign=plan.sign)
    largest = np.full(flips.n_draws, -np.inf if plan.sign else 0.0, dtype=np.float32)
    scans = [
        # Where units are tasks, Wilcoxon's statistic and the effect sizes are of the same ranks.
        scan(
            u,
            plan.statistic,
            flips,
            largest,
            _among(u, units[0]),
            plan.alpha,
            ranked=u.members is None and plan.statistic == STATISTICS["signed-rank"],
        )
        for u in units
    ]
    ordered = np.sort(largest).astype(np.float64)
    alone = sum(len(u) for u in units) == 1 and statistic != "mean"
    return [
        _decide(part, u, s, plan, flips, None if alone else ordered)
        for part, u, s in zip(parts, units, scans, strict=True)
    ]


@same_bits_on_any_cores
def flip_ends(
    units: Units, n_resamples: int, rng: int | np.random.Generator | None, alpha: float, sign: int
) -> tuple[Floats, Floats, Floats]:
    """Mean, low and high of every pair by itself: its own sign vectors inverted at this level."""
    statistic = STATISTICS["mean"]
    flips = Flips.make(units.n_units, n_resamples, rng, sign=sign)
    seen = scan(units, statistic, flips, np.zeros(flips.n_draws, dtype=np.float32), None, alpha)
    d, size = units.differences()
    found = statistic.invert(d, size, [seen.own_critical])
    return found.estimate, *one_sided(found.low[0], found.high[0], sign, statistic)


def _among(units: Units, whole: Units) -> npt.NDArray[np.intp] | None:
    """Where a part's units stand among the whole's."""
    if units.keys == whole.keys:
        return None
    at = {key: i for i, key in enumerate(whole.keys)}
    return np.array([at[key] for key in units.keys], dtype=np.intp)


def _decide(scores: Scores, units: Units, seen: Scan, plan: Plan, flips: Flips, ordered: Floats | None) -> Decisions:
    """The decisions of one analysis; without joint draws, of a single pair, by its own exact distribution."""
    m = len(units)
    critical = np.inf if ordered is None else flips.critical(ordered, plan.alpha)
    own = seen.own
    n, mean_difference = np.zeros(m, dtype=np.int64), np.full(m, np.nan)
    columns: dict[str, Floats] = {
        name: np.full(m, np.nan) for name in ("estimate", "low", "high", "low_marginal", "high_marginal")
    }
    # Where units are tasks, Hodges and Lehmann's interval is of the same averages: two more places among them cost next to nothing.
    level = 1 - plan.alpha if units.members is None else None
    # A pair's joint p-value is no smaller than its own, which is exact where the joint one is drawn.
    adjusted = own.copy()
    if ordered is not None:
        np.maximum(adjusted, flips.pvalues(turned(seen.statistic, plan.sign), ordered), out=adjusted)
    criticals = np.full(m, critical)

    def work(block: slice) -> None:
        d, size = units.differences(block)
        if units.members is None:
            n[block], mean_difference[block] = shared(d)
        own_critical = seen.own_critical[block]
        joint = own_critical if ordered is None else np.full(len(d), critical)
        criticals[block] = joint
        found = plan.statistic.invert(d, size, [joint, own_critical], level)
        if seen.ranks is not None and found.hodges_lehmann is not None:
            seen.ranks.located(block, found.estimate, found.hodges_lehmann)
        low, high = _ends(
            found, plan, (adjusted[block], own[block]), np.sign(seen.statistic[block]), least_differences(size)
        )
        unknown_ = np.isnan(found.estimate)
        for name, value in zip(("low", "low_marginal", "high", "high_marginal"), (*low, *high), strict=True):
            columns[name][block] = np.where(unknown_, np.nan, value)
        columns["estimate"][block] = np.clip(found.estimate, columns["low"][block], columns["high"][block])

    for_each(units.slices(25 * units.n_units), work)
    if units.members is not None:
        n, mean_difference = units.pairs.summary()
    for values in (own, adjusted):
        values[n == 0] = np.nan
    return Decisions(
        models=units.pairs.models,
        first=units.first,
        second=units.second,
        n=n,
        mean_difference=mean_difference,
        statistic=np.where(n == 0, np.nan, seen.statistic),
        pvalue=own,
        pvalue_adjusted=adjusted,
        alpha=plan.alpha,
        estimand=plan.statistic.estimand,
        method=f"{plan.statistic.name}, joint sign flips (max-t), {flips.name}",
        units="tasks" if units.members is None else "groups of tasks",
        n_units=units.n_units,
        critical=float(criticals.min(initial=np.inf)),
        possible=seen.possible,
        least_adjusted=float("nan") if ordered is None else float(flips.pvalues(np.array([seen.possible]), ordered)[0]),
        margin=plan.margin,
        higher_is_better=scores.higher_is_better,
        control=plan.control,
        estimate=columns["estimate"],
        low=columns["low"],
        high=columns["high"],
        low_marginal=columns["low_marginal"],
        high_marginal=columns["high_marginal"],
        ranks=seen.ranks,
    )


def _ends(
    found: Inverted, plan: Plan, pvalues: tuple[Floats, Floats], direction: Floats, least: Floats
) -> tuple[list[Floats], list[Floats]]:
    """Low and high ends, simultaneous and marginal, that exclude 0 exactly where their p-value is at most alpha; the latter within the former."""
    low, high = [], []
    for at, p in enumerate(pvalues):
        ends = one_sided(found.low[at], found.high[at], plan.sign, plan.statistic)
        sure = np.where(p <= plan.alpha, direction, 0).astype(np.int8)
        here = cohere(*ends, sure, least)
        low.append(here[0])
        high.append(here[1])
    low[0], high[0] = np.minimum(low[0], low[1]), np.maximum(high[0], high[1])
    return low, high
