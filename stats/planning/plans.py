"""Planning: how large a difference these tasks can show, and how many tasks a difference needs.

Power is that of a difference one names beforehand, simulated from the spread of the scores' own differences, and averaged
over what these say of the true spread. The power of the difference that was observed says nothing that its p-value does not, and is not offered.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from ..common.errors import InputError, unknown
from ..common.text import count, percent
from ..pairs import check_level
from ..results import Floats
from ..scores import Scores
from .pilot import Which, chosen_pairs, residuals_of
from .simulation import (
    MAX_TASKS,
    TESTS,
    Test,
    draw,
    fewest_tasks,
    pvalues,
    scale_limits,
    smallest_effect,
    smallest_pvalue,
)

#: Of the limits of the spread that a pilot allows.
LIMITS = 0.9


@dataclass(frozen=True, eq=False)
class Plan:
    """What a plan says for every pair considered.

    Attributes
    ----------
    frame : DataFrame
        ``model_a, model_b, n, sd`` (of the pair's differences) and the planned quantity: ``effect`` in score units, or
        ``n_tasks``, each with ``_low`` and ``_high``; NaN where it is out of reach.
    typical : float
        Its median over the pairs.
    text : str
        One sentence.
    method : str
    """

    frame: pd.DataFrame
    typical: float
    text: str
    method: str

    def to_frame(self) -> pd.DataFrame:
        """One row a pair."""
        return self.frame.copy()

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists, numbers and strings; NaN becomes None."""
        rows = self.frame.astype(object).where(self.frame.notna(), None).to_dict("records")
        typical = None if np.isnan(self.typical) else self.typical
        return {"pairs": rows, "typical": typical, "text": self.text, "method": self.method}

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        from ..notebook import show

        return show([str(self)], self.to_frame())


def minimum_detectable_effect(
    scores: Scores | pd.DataFrame,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    n_comparisons: int = 1,
    n_tasks: int | None = None,
    test: Test = "wilcoxon",
    pairs: Which = "adjacent",
    control: str | None = None,
    n_resamples: int = 1000,
    rng: int | np.random.Generator | None = None,
) -> Plan:
    """The difference that a test on these tasks finds significant with the power asked for.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models: where the spread of differences is taken from.
    power : float
        Probability of a significant result.
    alpha : float
        Significance level.
    n_comparisons : int
        How many comparisons share the level: each is tested at ``alpha / n_comparisons``.
    n_tasks : int, optional
        Number of tasks planned; those of the scores by default.
    test : {"wilcoxon", "sign", "paired-t"}
    pairs : {"adjacent", "all"} or list of (a, b)
        Which pairs: neighbours by mean score, which are the hard ones, all, or these.
    control : str, optional
        Every model against this one instead.
    n_resamples : int
        Simulated experiments per pair and difference. The Monte Carlo error of a power of .8 is .013 with 1,000.
    rng : int, Generator or None

    Returns
    -------
    Plan
        With ``effect`` (of a over b), and ``effect_low, effect_high``, what it would be at the 90 % limits of the spread: NaN
        where even complete agreement of the tasks is not significant.

    Raises
    ------
    InputError
        If there are fewer than two models or three tasks, or an option is out of range.

    Notes
    -----
    An experiment draws n_tasks residuals (a pair's differences less their mean, times sqrt(n / (n - 1))) with
    replacement, with noise between them that shrinks as they grow many and sets apart what is drawn twice (smoothed bootstrap),
    adds the difference in question, and tests. These tasks know the spread of
    differences only so well: every experiment multiplies the residuals by sqrt(df / chi-square(df)), with degrees of freedom that
    allow for the kurtosis, so that the power asked for is the mean over the spreads that are possible (assurance). At
    the pilot's own spread taken for true, 80 % from eight tasks would be 68 %. Of skewed differences, a over b and b over
    a have different power: it is that of a over b, the better by mean for neighbours.

    References
    ----------
    Collings, B. J. and Hamilton, M. A. (1988). Estimating the power of the two-sample Wilcoxon test for location shift.
    Biometrics 44, 847-860 (bootstrap power). O'Hagan, A., Stevens, J. W. and Campbell, M. J. (2005). Assurance in clinical
    trial design. Pharmaceutical Statistics 4, 187-201. Silverman, B. W. and Young, G. A. (1987). The bootstrap: to smooth or not to
    smooth? Biometrika 74, 469-479. Hoenig, J. M. and Heisey, D. M. (2001). The abuse of power. The
    American Statistician 55, 19-24.

    Examples
    --------
    Five tasks cannot reach p <= .05, whatever the difference:

    >>> frame = pd.DataFrame({"a": [.1, .2, .3, .4, .6], "b": [.1, .1, .2, .5, .3]}, index=list("vwxyz"))
    >>> minimum_detectable_effect(frame, rng=0).typical
    nan
    """
    _check(test, power, alpha, n_comparisons)
    table, names, spread, residuals = residuals_of(scores, pairs, control)
    n = table.n_tasks if n_tasks is None else n_tasks
    level = alpha / n_comparisons
    generator = np.random.default_rng(rng)
    found = np.full((3, len(names)), np.nan)
    if smallest_pvalue(n, test) <= level:
        for at, e in enumerate(residuals):
            found[0, at] = smallest_effect(draw(e, n, n_resamples, generator), power, level, test)
            # Known spread: the effect is in proportion to it.
            known = smallest_effect(draw(e, n, n_resamples, generator, 1.0), power, level, test)
            found[1:, at] = known * np.array(scale_limits(e, LIMITS))
    typical = _median(found[0])
    share = f"{percent(power)} of the time"
    at_level = f"at p <= {level:.3g}"
    shared = f"{alpha:g} over {count(n_comparisons, 'comparison')}" if n_comparisons > 1 else ""
    if np.isnan(typical):
        text = (
            f"With {n} tasks no difference can be seen {at_level}{f' ({shared})' if shared else ''}: "
            f"the smallest p that {n} tasks can reach is {smallest_pvalue(n, test):.3g}."
        )
    else:
        text = (
            f"With {n} tasks differences above {typical:.3g} are seen {share} {at_level} "
            f"({shared + '; ' if shared else ''}median of {count(len(names), 'pair')}; "
            f"{_median(found[1]):.3g} to {_median(found[2]):.3g}, as the spread is itself estimated, from {table.n_tasks} tasks)."
        )
    planned = {"effect": found[0], "effect_low": found[1], "effect_high": found[2]}
    return Plan(_frame(names, table.n_tasks, spread, **planned), typical, text, _words(test, n_resamples))


def required_tasks(
    scores: Scores | pd.DataFrame,
    effect: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    n_comparisons: int = 1,
    test: Test = "wilcoxon",
    pairs: Which = "adjacent",
    control: str | None = None,
    n_resamples: int = 1000,
    rng: int | np.random.Generator | None = None,
) -> Plan:
    """How many tasks like these a difference needs to be found significant with the power asked for.

    Parameters
    ----------
    scores : Scores or DataFrame
        Rows tasks, columns models: where the spread of differences is taken from.
    effect : float
        The difference of mean scores that matters, in the scores' units.
    power, alpha, n_comparisons, test, pairs, control, n_resamples, rng
        As in `minimum_detectable_effect`.

    Returns
    -------
    Plan
        With ``n_tasks``, and ``n_tasks_low, n_tasks_high``, what it would be at the 90 % limits of the spread that these tasks
        allow: NaN beyond 10,000.

    Raises
    ------
    InputError
        If there are fewer than two models or three tasks, or an option is out of range.

    References
    ----------
    Collings and Hamilton (1988), Biometrics 44, 847-860. O'Hagan et al. (2005), Pharmaceutical Statistics 4, 187-201.

    Examples
    --------
    Differences without spread need as many tasks as p <= .05 takes, six:

    >>> frame = pd.DataFrame({"a": [.1, .2, .3], "b": [.2, .3, .4]}, index=list("xyz"))
    >>> required_tasks(frame, .1, rng=0).typical
    6.0
    """
    _check(test, power, alpha, n_comparisons)
    check_effect(effect)
    table, names, spread, residuals = residuals_of(scores, pairs, control)
    level = alpha / n_comparisons
    generator = np.random.default_rng(rng)
    found = np.empty((3, len(names)))
    for at, e in enumerate(residuals):
        scales = (None, *scale_limits(e, LIMITS))
        found[:, at] = [fewest_tasks(e, effect, power, level, test, n_resamples, generator, s) for s in scales]
    typical, least, most = (_median(row) for row in found)
    text = (
        f"To see a difference of {effect:g} {percent(power)} of the time at p <= {level:.3g} takes {_tasks(typical)} tasks like these "
        f"(median of {count(len(names), 'pair')}; {_tasks(least)} to {_tasks(most)}, as the spread is itself estimated, from {table.n_tasks} tasks); "
        f"there are {table.n_tasks}."
    )
    planned = {"n_tasks": found[0], "n_tasks_low": found[1], "n_tasks_high": found[2]}
    return Plan(_frame(names, table.n_tasks, spread, **planned), typical, text, _words(test, n_resamples))


def simulated_power(
    scores: Scores | pd.DataFrame,
    effect: float,
    *,
    n_tasks: int | None = None,
    alpha: float = 0.05,
    n_comparisons: int = 1,
    test: Test = "wilcoxon",
    pairs: Which = "adjacent",
    control: str | None = None,
    symmetric: bool = False,
    n_resamples: int = 1000,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """Power against a difference that is named beforehand, per pair.

    Parameters
    ----------
    scores, n_tasks, alpha, n_comparisons, test, pairs, control, n_resamples, rng
        As in `minimum_detectable_effect`.
    effect : float
        The difference of mean scores, in the scores' units; 0 gives the false-positive rate.
    symmetric : bool
        Take the differences as symmetric about their mean. Where they are skewed, tests of symmetry (Wilcoxon's, the sign and the
        sign-flip test) are about another centre than the mean, and reject more often than alpha at an effect of 0 without it.

    Returns
    -------
    DataFrame
        ``model_a, model_b, n, sd, power, power_low, power_high``: `power` is the mean over what these tasks say of the
        true spread (assurance), the two others its power at the 90 % limits of the spread.

    Raises
    ------
    InputError
        If there are fewer than two models or three tasks, or an option is out of range.

    References
    ----------
    Collings and Hamilton (1988), Biometrics 44, 847-860. O'Hagan et al. (2005), Pharmaceutical Statistics 4, 187-201.

    Examples
    --------
    Without spread every task agrees on a difference, and without a difference on nothing: with six tasks p is 2/64 then.

    >>> frame = pd.DataFrame({"a": [.1, .2, .3], "b": [.2, .3, .4]}, index=list("xyz"))
    >>> simulated_power(frame, .1, n_tasks=6, rng=0)["power"].tolist()
    [1.0]
    """
    _check(test, 0.5, alpha, n_comparisons)
    table, names, spread, residuals = residuals_of(scores, pairs, control)
    n = table.n_tasks if n_tasks is None else n_tasks
    generator = np.random.default_rng(rng)
    found = np.empty((3, len(names)))
    for at, e in enumerate(residuals):
        scales = (None, *scale_limits(e, LIMITS))
        drawn = (draw(e, n, n_resamples, generator, scale, symmetric) + effect for scale in scales)
        found[:, at] = [float((pvalues(d, test) <= alpha / n_comparisons).mean()) for d in drawn]
    # The larger the spread, the smaller the power.
    planned = {"power": found[0], "power_low": found[1:].min(axis=0), "power_high": found[1:].max(axis=0)}
    return _frame(names, table.n_tasks, spread, **planned)


def spread_neighbours(scores: Scores, control: str | None = None, *, most: int = 8) -> list[tuple[str, str]]:
    """Pairs of neighbours in mean score, spread evenly over the ranking; pairs with the control where there is one.

    Parameters
    ----------
    scores : Scores
    control : str, optional
    most : int
        So many pairs: a plan's median hardly changes with more of them, and each takes its time.

    Returns
    -------
    list of (str, str)

    Examples
    --------
    >>> scores = Scores.from_frame(pd.DataFrame({"task": ["x"], "a": [.1], "b": [.3], "c": [.2]}))
    >>> spread_neighbours(scores)
    [('b', 'c'), ('c', 'a')]
    """
    pairs = chosen_pairs(scores, "adjacent", control)
    chosen = np.unique(np.linspace(0, len(pairs) - 1, min(most, len(pairs))).round().astype(int))
    return [pairs[i] for i in chosen]


def check_effect(effect: float) -> None:
    """Raise InputError unless a difference that matters is one."""
    if not (np.isfinite(effect) and effect > 0):
        raise InputError(f"effect={effect!r}: expected a positive difference in the scores' units, such as 0.01")


def _check(test: str, power: float, alpha: float, n_comparisons: int) -> None:
    if test not in TESTS:
        raise unknown("test", test, TESTS)
    check_level(power, "power")
    check_level(alpha, "alpha")
    if n_comparisons < 1:
        raise InputError(f"n_comparisons={n_comparisons!r}: expected at least 1")


def _frame(names: list[tuple[str, str]], n: int, spread: Floats, **planned: Floats) -> pd.DataFrame:
    first, second = [a for a, _ in names], [b for _, b in names]
    return pd.DataFrame({"model_a": first, "model_b": second, "n": n, "sd": spread, **planned})


def _tasks(n: float) -> str:
    return f"more than {MAX_TASKS:,}" if np.isnan(n) else f"{ceil(n):,}"


def _median(values: Floats) -> float:
    """The median, pairs out of reach counting as the largest; NaN where it is out of reach itself."""
    found = float(np.median(np.where(np.isnan(values), np.inf, values)))
    return float("nan") if np.isinf(found) else found


def _words(test: str, n_resamples: int) -> str:
    named = {"wilcoxon": "Wilcoxon signed-rank"}.get(test, test)
    return f"{named} test, {n_resamples:,} experiments a pair, simulated from the pair's own differences and the uncertainty of their spread"
