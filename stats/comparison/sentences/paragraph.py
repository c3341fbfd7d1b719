"""A comparison as the paragraph that a paper's results section prints."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from ...common import text
from ...common.units import in_units
from ..comparison import Comparison
from . import bayesian
from .conclusions import (
    above,
    best_score,
    best_shown,
    decided_beside_omnibus,
    difference_in_words,
    left_out,
    omnibus_numbers,
)

#: Pairs that are told one by one.
_TOLD = 3


def summarise(comparison: Comparison) -> str:
    """One paragraph: what was compared and how, the omnibus test, the best, who differs, and what could not be shown."""
    c = comparison
    sentences = [_compared(c), *_left_out(c), _how(c), _omnibus(c), _best(c), *_differ(c), *_not_told(c), *c.warnings]
    return in_units(" ".join(sentences), c.scores.unit, c.scores.models)


def _compared(c: Comparison) -> str:
    families = len(c.scores.families)
    of = f" of {text.count(families, 'family')}" if families > 1 else ""
    control = f", each with {c.control}" if c.control is not None else ""
    return f"We compared {text.count(c.n_models, 'model')} on {text.count(c.n_tasks, c.scores.unit)}{of}{control}."


def _left_out(c: Comparison) -> list[str]:
    said = []
    for kind, word in (("models", "model"), ("tasks", "task")):
        gone, hidden = left_out(c, kind)
        reasons = Counter("missing scores" if r.startswith("no score") else r for r in gone.values())
        if reasons:
            why = "; ".join(f"{n:,}: {reason}" for reason, n in reasons.most_common(3))
            more = f"; and {len(reasons) - 3:,} other reasons" if len(reasons) > 3 else ""
            total = sum(reasons.values())
            said.append(
                f"{text.count(total, f'further {word}')} {'was' if total == 1 else 'were'} excluded ({why}{more})."
            )
        if hidden:
            said.append(
                f"{text.count(hidden, f'further {word}')} {'was' if hidden == 1 else 'were'} part of the analysis."
            )
    return said


def _how(c: Comparison) -> str:
    method = c.method
    n_pairs = len(c.pairs)
    pairs = (
        text.count(n_pairs, "comparison") + " with the control"
        if c.control is not None
        else text.count(n_pairs, "pair")
    )
    if c.control is None and n_pairs > 1:
        pairs = f"all {pairs}"
    n = sorted({int(v) for v in c.pairs["n"]})
    shared = f"n = {n[0]}" if len(n) == 1 else f"n = {n[0]} to {n[-1]}"
    symbol = f"statistic: {method.facts.symbol}; " if method.facts.has_pvalues else ""
    counted = f"{shared} {text.plural(c.scores.unit)}"
    if method.level == "samples" and n == [c.n_tasks] and c.n_tasks < method.n_units:
        counted = f"n = {method.n_units:,} samples of {text.count(c.n_tasks, c.scores.unit)}"
    sources = "".join(f"{text.cited(r)}; " for r in method.references)
    return (
        f"Differences were tested for {pairs} ({method.caption()}; {sources}{symbol}{method.test_name}; {counted} a pair). "
        f"Intervals (CI) are {method.percent}, {method.interval}; r is the {method.effect_size}."
    )


def _omnibus(c: Comparison) -> str:
    numbers, pvalue = omnibus_numbers(c)
    if pvalue <= c.method.alpha:
        single = "the pair did not differ by its own test" if c.n_pool == 2 else "no single pair differed"
        alone = "" if decided_beside_omnibus(c) is not False else f", though {single}"
        return f"The models were not all equal ({numbers}){alone}."
    if decided_beside_omnibus(c):
        return (
            f"The omnibus test by mean ranks showed no difference ({numbers}); the test of pairs, which decides, did."
        )
    return f"The omnibus test showed no difference among the models ({numbers})."


def _best(c: Comparison) -> str:
    leaders = best_shown(c)
    names = text.listing([str(m) for m in leaders["model"]])
    top = len(c.top_set)
    which = (
        "it alone"
        if top == 1
        else "either"
        if top == c.n_pool == 2
        else f"any of the {top:,}"
        if top == c.n_pool
        else f"{top:,} of {c.n_pool:,} models"
    )
    if not c.method.facts.has_pvalues:
        return f"{names} had the best mean rank ({c.mean_ranks[0]}; {best_score(c, leaders)}). {bayesian.top(c)}"
    return (
        f"{names} had the best mean rank ({c.mean_ranks[0]}; {best_score(c, leaders)}); by simultaneous rank sets "
        f"{which} could be the best at {c.method.percent} confidence."
    )


def _differ(c: Comparison) -> list[str]:
    told = c.pairs[c.pairs["significant"]]
    if len(c.pairs) == 1:
        return [f"The two {_verb(c)}: {_each(c, told)}." if len(told) else f"The two {_not(_verb(c))}."]
    if told.empty:
        return [f"None of the {text.count(len(c.pairs), 'pair')} {_verb(c)}."]
    verb = _verb(c)
    if len(told) <= _TOLD:
        return [f"{len(told):,} of {text.count(len(c.pairs), 'pair')} {verb}: {_each(c, told)}."]
    said = [f"{len(told):,} of {text.count(len(c.pairs), 'pair')} {verb}."]
    if c.control is not None:
        better = above(c, told)
        for which, word in ((better, "better"), (~better, "worse")):
            if which.any():
                names = text.listing([str(m) for m in told.loc[which, "model_a"]])
                said.append(f"{int(which.sum()):,} were {word} than {c.control}: {names}.")
        return [*said, f"The best ranked of them: {_each(c, told.head(_TOLD))}."]
    first = str(c.ranks["model"].iloc[0])
    mine = told[(told["model_a"] == first) | (told["model_b"] == first)]
    if mine.empty:
        return [*said, f"None of these pairs involved {first}."]
    said.append(
        f"{first} differed from {len(mine):,} of the {c.n_models - 1:,} others; {_nearest(mine)}{_each(c, mine.head(1))}."
    )
    return said


def _verb(c: Comparison) -> str:
    """A Bayesian test has no significance."""
    return "differed significantly" if c.method.facts.has_pvalues else f"differed with {bayesian.probable(c)}"


def _not(verb: str) -> str:
    return verb.replace("differed", "did not differ")


def _nearest(mine: pd.DataFrame) -> str:
    return "the best ranked of them: " if len(mine) > 1 else ""


def _not_told(c: Comparison) -> list[str]:
    rest = c.pairs[~c.pairs["significant"]]
    if rest.empty:
        return []
    said = []
    first = str(c.ranks["model"].iloc[0]) if c.control is None else c.control
    mine = rest[(rest["model_a"] == first) | (rest["model_b"] == first)]
    if len(mine):
        others = mine["model_a"].where(mine["model_b"] == first, mine["model_b"])
        said.append(f"{first} could not be told apart from {text.listing([str(m) for m in others])}.")
    reach = rest[["low", "high"]].abs().max(axis=1).to_numpy(dtype=float)
    endless, reach = int(np.isinf(reach).sum()), reach[np.isfinite(reach)]
    limit = (
        f": their intervals allow differences of up to {text.fixed(float(reach.max()), c.places)}" if reach.size else ""
    )
    if endless:
        ends = f"{endless:,} of their intervals {'has' if endless == 1 else 'have'} no end"
        limit = f"{limit}, and {ends}" if limit else f": {ends}"
    if len(c.pairs) == 1:
        limit = limit.replace("their intervals allow", "the interval allows").replace(
            "1 of their intervals has", "the interval has"
        )
        return [f"That they {_not(_verb(c))} does not show them equal{limit}."]
    said.append(f"That {text.count(len(rest), 'pair')} {_not(_verb(c))} does not show them equal{limit}.")
    return said


def _each(c: Comparison, pairs: pd.DataFrame) -> str:
    better = above(c, pairs)
    return "; ".join(_pair(c, row, up) for (_, row), up in zip(pairs.iterrows(), better, strict=True))


def _pair(c: Comparison, row: "pd.Series[Any]", a_is_better: bool) -> str:
    """``x over y (mean difference ..., CI ..., adjusted p, r)``, the better one first."""
    sign = 1 if a_is_better else -1
    better, worse = (row["model_a"], row["model_b"])[::sign]
    low, high = sorted((sign * row["low"], sign * row["high"]))
    parts = [
        *difference_in_words(c, row, sign),
        text.named_interval(low, high, f"{c.method.percent} CI", c.places),
    ]
    if not pd.isna(row["pvalue_adjusted"]):
        parts.append(text.pvalue(row["pvalue_adjusted"], symbol="p" if c.method.correction == "none" else "adjusted p"))
    elif "p_better" in row:
        parts.append(text.chance(row["p_better" if a_is_better else "p_worse"], symbol="P(better)"))
    return f"{better} over {worse} ({', '.join(parts)}, r = {text.fixed(sign * row['effect_size'], 2, signed=True)})"
