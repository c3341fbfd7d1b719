"""The least number of tasks whose removal puts one model no lower than another, or another model first: exact."""

from itertools import combinations
from math import comb

import numpy as np

from ..results import Floats
from .rules import Families, Rule

#: Rules that are not means are searched through all sets of so many tasks, as far as there are no more sets than this.
_MOST_SETS = 20_000


def least_removal(rule: Rule, values: Floats, families: Families, ahead: int, behind: int) -> list[int] | None:
    """The fewest tasks without which `behind` is no worse than `ahead` by a rule.

    For a rule that is a mean over tasks these are the tasks that speak most for `ahead`, taken until the sum of what is left is not
    positive: no other set of that size takes more away. For the mean of family means the same holds within every family, and how many are
    taken from each is found by dynamic programming over families. For any other rule all sets of tasks are tried, the small ones first.

    Parameters
    ----------
    rule : Rule
    values : ndarray, shape (n_tasks, n_models)
        Higher is better.
    families : ndarray of int, shape (n_tasks,)
    ahead, behind : int
        Columns.

    Returns
    -------
    list of int or None
        The tasks; empty where `behind` is no worse as it is; None where it needs more than was searched, or all tasks.
    """
    if rule.points is not None:
        points = rule.points(values)
        with np.errstate(invalid="ignore"):  # two scores of 0 by the geometric mean
            return _of_a_mean(np.nan_to_num(points[:, ahead] - points[:, behind], posinf=1e12, neginf=-1e12))
    if rule.name == "family_mean":
        return _of_family_means(values[:, ahead] - values[:, behind], families)
    return _by_search(rule, values[:, [ahead, behind]], families)


def removal_for_first(
    rule: Rule, values: Floats, families: Families, candidates: list[int]
) -> tuple[list[int] | None, int | None]:
    """The fewest tasks without which another of the candidates is no worse than the first, and which one that is.

    Parameters
    ----------
    candidates : list of int
        Columns, the first by the rule at the front.
    """
    if rule.points is None and rule.name != "family_mean":
        drop = _by_search(rule, values[:, candidates], families)
        if drop is None:
            return None, None
        left = rule.total(np.delete(values[:, candidates], drop, axis=0), np.delete(families, drop))
        return drop, candidates[1 + int(np.argmax(left[1:]))]
    found = [(least_removal(rule, values, families, candidates[0], other), other) for other in candidates[1:]]
    possible = [(len(drop), place) for place, (drop, _) in enumerate(found) if drop is not None]
    return found[min(possible)[1]] if possible else (None, None)


def most_searched(n_tasks: int) -> int:
    """How many tasks at once the search for rules that are not means goes through."""
    size = 0
    while size + 1 < n_tasks and comb(n_tasks, size + 1) <= _MOST_SETS:
        size += 1
    return size


def _of_a_mean(lead: Floats) -> list[int] | None:
    order = np.argsort(-lead, kind="stable")
    left = lead.sum() - np.concatenate([[0.0], np.cumsum(lead[order])])
    tolerance = 1e-12 * np.abs(lead).sum()
    enough = np.flatnonzero(left[:-1] <= tolerance)
    return sorted(order[: enough[0]].tolist()) if len(enough) else None


def _of_family_means(lead: Floats, families: Families) -> list[int] | None:
    """Every family keeps a task, so that the rule stays a mean of as many families."""
    names = np.unique(families)
    orders, means = [], []
    for family in names:
        tasks = np.flatnonzero(families == family)
        order = tasks[np.argsort(-lead[tasks], kind="stable")]
        kept = lead[order][::-1].cumsum()[::-1]  # sums of what is left after r removals
        orders.append(order)
        means.append(kept / np.arange(len(order), 0, -1))
    # least[r]: the lowest sum of family means that r removals in all can give, and how many of them each family takes.
    least: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for mean in means:
        reached: dict[int, tuple[float, tuple[int, ...]]] = {}
        for taken, (total, split) in least.items():
            for r, value in enumerate(mean):
                candidate = (total + float(value), (*split, r))
                if taken + r not in reached or candidate[0] < reached[taken + r][0]:
                    reached[taken + r] = candidate
        least = reached
    tolerance = 1e-12 * float(np.abs(lead).max(initial=0.0)) * len(names)
    for removed in sorted(least):
        total, split = least[removed]
        if total <= tolerance:
            return sorted(int(t) for order, r in zip(orders, split, strict=True) for t in order[:r])
    return None


def _by_search(rule: Rule, values: Floats, families: Families) -> list[int] | None:
    """All sets of one task, of two, ...: the first without which any later column is no worse than column 0."""
    for size in range(most_searched(len(values)) + 1):
        for drop in combinations(range(len(values)), size):
            left = rule.total(np.delete(values, drop, axis=0), np.delete(families, drop))
            if left[1:].max() >= left[0] - 1e-12 * abs(left[0]):
                return list(drop)
    return None
