"""What a Bayesian test says, in words of probability: it has no significance and no error rate over all pairs."""

from typing import Any

import pandas as pd

from ...common import text
from ..comparison import Comparison


def probable(c: Comparison) -> str:
    """The probability from which on one of two models is called better: ``probability 0.95 or more``."""
    return f"probability {1 - c.method.alpha:g} or more"


def rank_set(c: Comparison, within: str) -> str:
    """The rank of the first model by the pairs that are decided, each by itself; `within` is as in ``its rank is between 1 and 3``."""
    return f"{within}, counting the pairs in which one model is better with {probable(c)}, each taken by itself"


def top(c: Comparison) -> str:
    """Which models could be the best."""
    best = c.top_set
    if len(best) == 1:
        return f"Every model but {best[0]} is worse than some other one with {probable(c)}, each pair by itself."
    names = "" if len(best) == c.n_pool else f": {text.listing(best)}"
    if not names:
        return f"None of the {c.n_pool:,} models is worse than another one with {probable(c)}."
    return f"{len(best)} of {c.n_pool:,} models could be the best, as no other one is better than them with {probable(c)}{names}."


def pair(c: Comparison, row: "pd.Series[Any]") -> str:
    """Which of two models is better, with what probability."""
    a, b = str(row["model_a"]), str(row["model_b"])
    better, worse = float(row["p_better"]), float(row["p_worse"])
    if pd.isna(better) or pd.isna(worse):
        return f"Which of {a} and {b} is better has no probability"
    if worse > better:
        a, b, better, worse = b, a, worse, better
    chances = f"probability {_chance(better)}"
    return f"{a} is better than {b} with {chances}, worse with {_chance(worse)}, equivalent with {_chance(float(row['p_equivalent']))}"


def counted(told: int, total: int, c: Comparison) -> str:
    """In how many pairs one model is better."""
    return f"in {told:,} of {text.count(total, 'pair')} one model is better with {probable(c)}"


def _chance(p: float) -> str:
    return text.chance(p).replace("= ", "")
