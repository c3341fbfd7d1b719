"""The conclusions of a comparison, in sentences."""

from typing import Any

import pandas as pd

from ...common import text
from ..comparison import Comparison
from ..score_bounds import possible_means

#: What the intervals resample, by level.
_RESAMPLED = {"tasks": "tasks", "samples": "the samples of these tasks", "both": "tasks and training runs"}


def conclude(comparison: Comparison) -> list[str]:
    """What was found, one sentence each, the most important first."""
    found = [_omnibus(comparison), _best(comparison)]
    if comparison.control is not None:
        found += _against_control(comparison)
    else:
        found += [_top(comparison), *_runner_up(comparison), _told_apart(comparison)]
    found += [f.text for name, f in comparison.further["variance"].items() if name in ("training_runs", "crossed")]
    found += [_family(name, part) for name, part in comparison.families.items()]
    return [*found, *_left_out(comparison)]


def omnibus_numbers(c: Comparison) -> tuple[str, float]:
    """The omnibus statistics in words, and the p-value that decides."""
    friedman, davenport = c.omnibus["friedman"], c.omnibus["iman_davenport"]
    pvalue = friedman["pvalue"]
    numbers = (
        f"Friedman chi2({friedman['df']}) = {text.statistic(friedman['statistic'])}, "
        f"{text.pvalue(pvalue)}; Iman-Davenport F({davenport['df1']}, {davenport['df2']}) = "
        f"{text.statistic(davenport['statistic'])}, {text.pvalue(davenport['pvalue'])}"
    )
    if "skillings_mack" in c.omnibus:  # scores are missing: this test takes all tasks
        mack = c.omnibus["skillings_mack"]
        pvalue = mack["pvalue"]
        numbers = f"Skillings-Mack chi2({mack['df']}) = {text.statistic(mack['statistic'])}, {text.pvalue(pvalue)}"
    return numbers, float(pvalue)


def _omnibus(c: Comparison) -> str:
    numbers, pvalue = omnibus_numbers(c)
    over = f"over {text.count(c.n_tasks, 'task')}"
    if pvalue <= c.method.alpha:
        return f"The {c.n_models:,} models are not all equal {over} ({numbers})."
    return f"No difference among the {c.n_models:,} models could be shown {over} by their ranks ({numbers})."


def best_score(c: Comparison, first: "pd.Series[Any]") -> str:
    """Mean score of a row of the rank table with its interval."""
    mean, over = f"mean score {text.fixed(first['mean'], c.places)}", _RESAMPLED[c.method.level]
    low, high = float(first["mean_low"]), float(first["mean_high"])
    least, most = possible_means(c.scores)
    if low <= least and high >= most:
        return f"{mean}, for which so few tasks give no {c.method.percent} interval"
    return f"{mean} with {c.method.percent} interval {text.interval(low, high, c.places)} over {over}"


def _best(c: Comparison) -> str:
    leaders = c.ranks[c.ranks["rank"] == 1]
    first = leaders.iloc[0]
    names = text.listing([str(m) for m in leaders["model"]])
    verb = "ranks" if len(leaders) == 1 else "share the first rank"
    place = "ranks first" if len(leaders) == 1 else verb
    return (
        f"{names} {place}: mean rank {c.mean_ranks[0]} of {c.n_models:,}, {best_score(c, first)}; its rank is between "
        f"{first['rank_low']} and {first['rank_high']} with {c.method.percent} simultaneous confidence."
    )


def _top(c: Comparison) -> str:
    top = [str(m) for m in c.ranks.loc[c.ranks["in_top_set"], "model"]]
    if len(top) == 1:
        return f"No other model could be the best at {c.method.percent} confidence."
    if len(top) == c.n_models:
        return f"Any of the {c.n_models:,} models could be the best at {c.method.percent} confidence."
    return (
        f"{len(top)} of {c.n_models:,} models could be the best at {c.method.percent} confidence: {text.listing(top)}."
    )


def _runner_up(c: Comparison) -> list[str]:
    first, second = (str(m) for m in c.ranks["model"].iloc[:2])
    sentences = [_pair(c, _row(c.pairs, first, second))]
    mine = c.pairs[(c.pairs["model_a"] == first) | (c.pairs["model_b"] == first)]
    if len(mine) > 1:
        told = int(mine["significant"].sum())
        sentences.append(
            f"{first} is told apart from {told:,} of the {len(mine):,} other models ({c.method.caption()})."
        )
    return sentences


def _row(pairs: pd.DataFrame, a: str, b: str) -> "pd.Series[Any]":
    here = pairs["model_a"].isin([a, b]) & pairs["model_b"].isin([a, b])
    return pairs[here].iloc[0]


def _pair(c: Comparison, row: "pd.Series[Any]") -> str:
    """Test, n, statistic, p, effect and interval of one pair."""
    a, b = row["model_a"], row["model_b"]
    verdict = "differ significantly" if row["significant"] else "cannot be told apart"
    symbol = c.method.facts.symbol
    parts = [
        f"mean difference {text.fixed(row['difference'], c.places, signed=True)}",
        text.named_interval(row["low"], row["high"], f"{c.method.percent} interval", c.places),
        f"n = {row['n']}",
    ]
    if not pd.isna(row["pvalue"]):
        parts += [f"{symbol} = {text.statistic(row['statistic'])}", text.pvalue(row["pvalue"])]
        if c.method.correction not in ("none", "studentized range"):
            parts.append(text.pvalue(row["pvalue_adjusted"], symbol="adjusted p"))
    elif "p_better" in row:
        parts.append(text.chance(row["p_better"], symbol=f"P({a} better)"))
        parts.append(text.chance(row["p_equivalent"], symbol="P(equivalent)"))
    parts += [
        f"rank-biserial r = {text.fixed(row['effect_size'], 2, signed=True)}",
        ", ".join(text.count(row[kind], kind) for kind in ("win", "tie", "loss")),
    ]
    return f"{a} and {b} {verdict}: {', '.join(parts)}."


def _told_apart(c: Comparison) -> str:
    told, total = int(c.pairs["significant"].sum()), len(c.pairs)
    sentence = f"{told:,} of {text.count(total, 'pair')} {'differs' if total == 1 else 'differ'} significantly ({c.method.caption()})"
    if c.cliques:
        sentence += f"; the others form {text.count(len(c.cliques), 'clique')} in rank order"
        if c.uncovered_pairs:
            sentence += f", and {text.count(len(c.uncovered_pairs), 'pair')} that no clique covers"
    return sentence + "."


def _against_control(c: Comparison) -> list[str]:
    told = c.pairs[c.pairs["significant"]]
    up = above(c, told)
    better, worse = ([str(m) for m in told.loc[which, "model_a"]] for which in (up, ~up))
    rest = len(c.pairs) - len(told)
    sentences = [
        f"Against the control {c.control}, {text.count(len(better), 'model')} better"
        f"{f' ({text.listing(better)})' if better else ''}, {text.count(len(worse), 'model')} worse"
        f"{f' ({text.listing(worse)})' if worse else ''}, {rest:,} not told apart ({c.method.caption()})."
    ]
    return sentences + [_pair(c, row) for _, row in c.pairs.head(5).iterrows()]


def above(c: Comparison, told: pd.DataFrame) -> "pd.Series[bool]":
    """Whether a is better than b, by what the test looks at."""
    facts = c.method.facts
    if not facts.has_pvalues:
        return told["p_better"] > told["p_worse"]
    if facts.estimand == "mean rank":
        mean_rank = c.ranks.set_index("model")["mean_rank"]
        return told["model_a"].map(mean_rank) < told["model_b"].map(mean_rank)
    if facts.estimand == "win rate":
        return told["win"] > told["loss"]
    signed = told["effect_size"] if facts.estimand == "pseudo-median" else told["difference"]
    return signed > 0 if c.scores.higher_is_better else signed < 0


def _family(name: str, part: Comparison) -> str:
    first = part.ranks.iloc[0]
    told, total = int(part.pairs["significant"].sum()), len(part.pairs)
    best = int(part.ranks["in_top_set"].sum())
    return (
        f"{name} ({text.count(part.n_tasks, 'task')}): {first['model']} ranks first (mean rank "
        f"{part.mean_ranks[0]}), {text.count(best, 'model')} could be the best, "
        f"{told:,} of {text.count(total, 'pair')} {'differs' if total == 1 else 'differ'} significantly."
    )


def _left_out(c: Comparison) -> list[str]:
    sentences = []
    for kind, word in (("models", "model"), ("tasks", "task")):
        gone = dict(c.excluded[kind])
        if gone:
            name, reason = next(iter(gone.items()))
            verb = "was" if len(gone) == 1 else "were"
            sentences.append(f"{text.count(len(gone), word)} {verb} left out, such as {name} ({reason}).")
    return sentences
