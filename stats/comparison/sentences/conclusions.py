"""The conclusions of a comparison, in sentences."""

from typing import Any

import numpy as np
import pandas as pd

from ...common import text
from ...results import n_pairs
from ..comparison import Comparison
from ..score_bounds import possible_means
from ..selection import NOT_SHOWN
from . import bayesian

#: What the intervals resample, by level.
#: Why there is no mean score, and what to do.
NO_MEAN = {
    "directions": "no mean score, as lower is better on some tasks and higher on others (ranks and wins hold over both; --task or "
    "--family takes tasks of one direction)",
    "scales": "no mean score, as the tasks are on different scales (ranks and wins hold over all; --task or --family takes tasks of "
    "one scale)",
}
_RESAMPLED = {"tasks": "tasks", "samples": "the samples of these tasks", "both": "tasks and training runs"}

#: With a smaller share of the tasks asked for, the first place is said to be one on those tasks only.
WHOLE = 0.8

#: How an estimate of a difference is called, by what the test is about.
ESTIMATES = {
    "mean": "mean difference",
    "pseudo-median": "pseudo-median difference",
    "win rate": "difference of win rates",
    "mean rank": "difference of mean ranks",
}


def conclude(comparison: Comparison) -> list[str]:
    """What was found, one sentence each, the most important first."""
    found = [_omnibus(comparison), _best(comparison)]
    if comparison.control is not None:
        found += _against_control(comparison)
    else:
        found += [_top(comparison), *_runner_up(comparison), _told_apart(comparison)]
    found += [*_margin(comparison), *_units(comparison), *_chosen(comparison)]
    found += [
        f.text for name, f in comparison.further["variance"].items() if name in ("training_runs", "crossed", "prompts")
    ]
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
    decided = decided_beside_omnibus(c)
    if c.n_pool == 2:
        return _omnibus_of_two(c, over, numbers, ranks_differ=pvalue <= c.method.alpha, decided=decided)
    if pvalue <= c.method.alpha:
        alone = "" if decided is not False else ", but no single pair of them can be told apart"
        return f"The {c.n_pool:,} models are not all equal {over} ({numbers}){alone}."
    if decided:
        return f"By mean ranks the {c.n_pool:,} models could all be equal {over} ({numbers}); the test of pairs finds more, and decides."
    return f"No difference among the {c.n_pool:,} models could be shown {over} by their ranks ({numbers})."


def _omnibus_of_two(c: Comparison, over: str, numbers: str, *, ranks_differ: bool, decided: bool | None) -> str:
    """Of two models the omnibus test is one of the pair by ranks: where the test of the pair says otherwise, that is said."""
    if ranks_differ:
        but = "; the test of the pair, which decides, does not tell them apart" if decided is False else ""
        return f"The 2 models are not equal {over} by their ranks ({numbers}){but}."
    if decided:
        return f"By their ranks the 2 models could be equal {over} ({numbers}); the test of the pair finds more, and decides."
    return f"No difference between the 2 models could be shown {over} by their ranks ({numbers})."


def decided_beside_omnibus(c: Comparison) -> bool | None:
    """Whether some pair of models differs by the table of decisions; None where pairs that are not shown might, or nothing is tested."""
    if not c.method.facts.has_pvalues:
        return None
    shown = c.pairs["significant"].any() or (c.ranks["rank_low"] > 1).any() or (c.ranks["rank_high"] < c.n_pool).any()
    return True if shown else None if c.n_pool > c.n_models or c.control is not None else False


def best_score(c: Comparison, leaders: pd.DataFrame) -> str:
    """Mean score of the best row of the rank table with its interval; of rows that share the rank, the scores, which they need not share."""
    if refused := c.scores.mean_refused:
        return NO_MEAN[refused]
    scores = [text.fixed(m, c.places) for m in leaders["mean"]]
    if len(scores) > 1:
        return f"mean score {scores[0]} each" if len(set(scores)) == 1 else f"mean scores {text.listing(scores)}"
    mean, over = f"mean score {scores[0]}", _RESAMPLED[c.method.level]
    low, high = float(leaders["mean_low"].iloc[0]), float(leaders["mean_high"].iloc[0])
    least, most = possible_means(c.scores)
    if low <= least and high >= most:
        return f"{mean}, for which so few tasks give no {c.method.percent} interval"
    return f"{mean} with {c.method.percent} interval {text.interval(low, high, c.places)} over {over}"


def _best(c: Comparison) -> str:
    leaders = best_shown(c)
    names = text.listing([str(m) for m in leaders["model"]])
    whose = "its rank is" if len(leaders) == 1 else "each one's rank is"
    low, high = leaders["rank_low"].min(), leaders["rank_high"].max()
    within = f"{whose} between {low} and {high}" if low != high else f"{whose} {low}"
    sets = (
        f"{within} with {c.method.percent} simultaneous confidence"
        if c.method.facts.has_pvalues
        else bayesian.rank_set(c, within)
    )
    said = f"{names} {_place(c, leaders)}{_of_how_many(c)}: mean rank {c.mean_ranks[0]} of {c.n_pool:,}, {best_score(c, leaders)}; {sets}."
    return said + _highest_mean(c, [str(m) for m in leaders["model"]])


def _counted(c: Comparison, n: int) -> str:
    """How much a pair rests on: tasks, in units where tasks of one source count as one, or the samples of tasks."""
    if c.method.level == "samples" and n == c.n_tasks < c.method.n_units:
        return f"n = {c.method.n_units:,} samples of {text.count(n, c.scores.unit)}"
    return f"n = {n}{_in_units(c, n)}"


def _in_units(c: Comparison, n: int) -> str:
    """`` in 31 units``, where tasks of one source count as one and the pair has every task."""
    grouped = c.method.units != "tasks" and n == c.n_tasks
    return f" in {c.method.n_units} units" if grouped and c.method.n_units < n else ""


def best_shown(c: Comparison) -> pd.DataFrame:
    """The rows of the rank table that share its best rank; of a family, the pool's first may not be among the models shown."""
    shown: pd.DataFrame = c.ranks.loc[c.ranks["rank"] == c.ranks["rank"].min()]
    return shown


def _place(c: Comparison, leaders: pd.DataFrame) -> str:
    """``ranks first``, or what place the best of those shown has in the pool."""
    rank, alone = int(leaders["rank"].iloc[0]), len(leaders) == 1
    if rank == 1:
        return "ranks first" if alone else "share the first rank"
    return f"{'is' if alone else 'are'} the best of those shown, at rank {rank:,} of {c.n_pool:,}"


def _of_how_many(c: Comparison) -> str:
    """`` on only 2 of the 73 tasks asked for``: a first place on a part of a benchmark is not the benchmark's first place."""
    used = c.coverage
    if used is None or used.tasks_used >= WHOLE * used.tasks_asked:
        return ""
    return f" on only {used.tasks_used:,} of the {used.tasks_asked:,} tasks asked for"


def _highest_mean(c: Comparison, leaders: list[str]) -> str:
    """Where the mean score puts another model first than the mean rank does, both are said."""
    turn = 1 if c.scores.higher_is_better else -1
    means = turn * c.ranks["mean"].to_numpy(dtype=float)
    if np.isnan(means).all():
        return ""
    top, here = float(np.nanmax(means)), c.ranks["model"].isin(leaders).to_numpy()
    if (means[here] >= top - 1e-12 * abs(top)).any():
        return ""
    at = int(np.nanargmax(means))
    row, word = c.ranks.iloc[at], "highest" if turn > 0 else "lowest"
    return (
        f" By mean score another model is first: {row['model']} has the {word}, {text.fixed(row['mean'], c.places)} "
        f"(mean rank {c.mean_ranks[at]})."
    )


def _top(c: Comparison) -> str:
    if not c.method.facts.has_pvalues:
        return bayesian.top(c)
    top = c.top_set
    if len(top) == 1:
        if c.n_pool == 2:
            return f"The other model could not be the better one at {c.method.percent} confidence."
        return f"No other model could be the best at {c.method.percent} confidence: each is surely worse than some other one."
    if len(top) == c.n_pool == 2:
        return f"Either of the 2 models could be the better one at {c.method.percent} confidence."
    if len(top) == c.n_pool:
        return f"Any of the {c.n_pool:,} models could be the best at {c.method.percent} confidence."
    return f"{len(top)} of {c.n_pool:,} models could be the best at {c.method.percent} confidence: {text.listing(top)}."


def _runner_up(c: Comparison) -> list[str]:
    if c.powerless:
        return []  # what holds for every pair is said once, by the warning
    first, second = (str(m) for m in c.ranks["model"].iloc[:2])
    sentences = [_pair(c, _row(c.pairs, first, second))]
    mine = c.pairs[(c.pairs["model_a"] == first) | (c.pairs["model_b"] == first)]
    if len(mine) > 1:
        told = int(mine["significant"].sum())
        sentences.append(
            f"{first} is told apart from {_of_others(told, len(mine))} other models ({c.method.caption()})."
            if c.method.facts.has_pvalues
            else f"Of the {len(mine):,} pairs with {first}, one model is better with {bayesian.probable(c)} in {told:,}."
        )
    return sentences


def _of_others(told: int, total: int) -> str:
    if total == 2 and told != 1:
        return "both" if told else "neither of the two"
    if told in (0, total):
        return f"{'all' if told else 'none of the'} {total:,}"
    return f"{told:,} of the {total:,}"


def _row(pairs: pd.DataFrame, a: str, b: str) -> "pd.Series[Any]":
    here = pairs["model_a"].isin([a, b]) & pairs["model_b"].isin([a, b])
    return pairs[here].iloc[0]


def _pair(c: Comparison, row: "pd.Series[Any]") -> str:
    """Test, n, statistic, p, effect and interval of one pair."""
    a, b = row["model_a"], row["model_b"]
    verdict = "cannot be told apart"
    if row["significant"]:
        verdict = "differ significantly"
    if row["verdict"] == "equivalent":
        within = f"the margin of {c.method.margin:g}"
        verdict = f"{verdict}, but by less than {within}" if row["significant"] else f"are equivalent within {within}"
    symbol = c.method.facts.symbol
    parts = [
        *difference_in_words(c, row),
        text.named_interval(row["low"], row["high"], f"{simultaneous(c)}{c.method.percent} interval", c.places),
        _counted(c, int(row["n"])),
    ]
    if not pd.isna(row["pvalue"]):
        if symbol != ESTIMATES[c.method.facts.estimand]:  # said above, where the statistic is the estimate itself
            parts.append(f"{symbol} = {text.statistic(row['statistic'])}")
        parts.append(text.pvalue(row["pvalue"]))
        if c.method.correction not in ("none", "studentized range"):
            parts.append(text.pvalue(row["pvalue_adjusted"], symbol="adjusted p"))
    parts += [
        f"rank-biserial r = {text.fixed(row['effect_size'], 2, signed=True)}",
        ", ".join(text.count(row[kind], kind) for kind in ("win", "tie", "loss")),
    ]
    said = f"{a} and {b} {verdict}" if c.method.facts.has_pvalues else bayesian.pair(c, row)
    return f"{said}: {', '.join(parts)}."


def difference_in_words(c: Comparison, row: "pd.Series[Any]", sign: int = 1) -> list[str]:
    """The estimate by the name of what it estimates, with the mean beside it where that is something else."""
    estimand = c.method.facts.estimand
    said = [f"{ESTIMATES[estimand]} {text.fixed(sign * row['difference'], c.places, signed=True)}"]
    mean = f"mean {text.fixed(sign * row['mean_difference'], c.places, signed=True)}"
    return said if estimand == "mean" or c.scores.mean_refused else [*said, mean]


def simultaneous(c: Comparison) -> str:
    """What to say before the level of the pairs' intervals; one pair, too, may be corrected together with those of its families."""
    several = len(c.pairs) > 1 or bool((c.pairs["pvalue_adjusted"] > c.pairs["pvalue"]).any())
    return "simultaneous " if c.method.interval.startswith("simultaneous") and several else ""


#: What a row is where it is a part of a task, as one reads it.
_PARTS = {"language": "one language of a task", "subset": "one subset of a task"}


def _units(c: Comparison) -> list[str]:
    """What a row is where it is no whole task, and how many things were taken as independent, where it is fewer than there are rows."""
    part = _PARTS.get(str(c.provenance.get("unit")))
    said = [f"What is called a task here is {part} (--unit {c.provenance['unit']})."] if part else []
    if not c.method.groups:
        return said
    return [
        *said,
        f"The {text.count(c.n_tasks, c.scores.unit)} count as {text.count(c.method.n_units, 'unit')}: "
        + ("tasks cut from one source" if c.scores.unit == "task" else f"{text.plural(c.scores.unit)} of one group")
        + " move together "
        "(--groups=none takes each by itself).",
    ]


def _chosen(c: Comparison) -> list[str]:
    """What it takes for the verdicts to hold, where models were named among many: the best of many looks surer than it is."""
    of = c.provenance.get("chosen_of")
    if not isinstance(of, int) or of <= c.n_pool:
        return []
    return [
        f"{c.n_pool:,} of the {of:,} models of the source were chosen: what is said of them holds if that was done without these scores; the "
        "best of many, chosen by them, look surer than they are (--top analyses all)."
    ]


def _margin(c: Comparison) -> list[str]:
    if not c.method.margin:
        return []
    same = int((c.pairs["verdict"] == "equivalent").sum())
    return [
        f"{same:,} of {text.count(len(c.pairs), 'pair')} {'is' if same == 1 else 'are'} equivalent within the margin of "
        f"{c.method.margin:g}: the {simultaneous(c)}{c.method.percent} interval lies inside."
    ]


def pool_pairs(c: Comparison) -> int:
    """Pairs that were analysed and corrected for, of which the comparison may show a part."""
    return n_pairs(c.n_pool, c.control)


def _told_apart(c: Comparison) -> str:
    told, total = int(c.pairs["significant"].sum()), len(c.pairs)
    if c.n_pool == 2:
        if not c.method.facts.has_pvalues:
            return f"One of the 2 models is {'' if told else 'not '}better with {bayesian.probable(c)} ({c.method.facts.title})."
        return f"The 2 models {'differ' if told else 'do not differ'} significantly ({c.method.caption()})."
    some = c.n_pool > c.n_models
    whole = (
        f"; corrected for all {text.count(pool_pairs(c), 'pair')} of the {c.n_pool:,} models analysed" if some else ""
    )
    number = f"{told:,}" if told or total == 1 else "None"
    verb = "differs" if number == "None" or 1 in (told, total) else "differ"
    of = f"{'the ' if some else ''}{text.count(total, 'pair')}{' shown' if some else ''}"
    sentence = f"{number} of {of} {verb} significantly ({c.method.caption()}{whole})"
    if not c.method.facts.has_pvalues:
        found = bayesian.counted(told, total, c)
        sentence = f"{found[0].upper()}{found[1:]} ({c.method.facts.title}, each pair by itself)"
    if c.cliques:
        sentence += f"; {'the others' if told else 'all'} form {text.count(len(c.cliques), 'clique')} in rank order"
        if c.uncovered_pairs:
            open_pairs = c.uncovered_pairs
            sentence += f", but for {text.count(len(open_pairs), 'pair')} that no clique covers"
            sentence += f" ({' and '.join(open_pairs[0])})" if len(open_pairs) == 1 else ""
    return sentence + "."


def _against_control(c: Comparison) -> list[str]:
    told = c.pairs[c.pairs["significant"]]
    up = above(c, told)
    better, worse = ([str(m) for m in told.loc[which, "model_a"]] for which in (up, ~up))
    rest = len(c.pairs) - len(told)
    sentences = [
        f"Compared with the control {c.control}, {_are(len(better), 'better')}{f' ({text.listing(better)})' if better else ''}, "
        f"{_are(len(worse), 'worse')}{f' ({text.listing(worse)})' if worse else ''}, and "
        f"{_are(rest, 'not told apart from it' if c.method.facts.has_pvalues else 'neither')} ({c.method.caption()})."
    ]
    return sentences + [_pair(c, row) for _, row in c.pairs.head(5).iterrows()]


def _are(n: int, what: str) -> str:
    return f"{text.count(n, 'model')} {'is' if n == 1 else 'are'} {what}" if n else f"none is {what}"


def above(c: Comparison, told: pd.DataFrame) -> "pd.Series[bool]":
    """Whether a is better than b, by the table of decisions."""
    return told["low"] > 0 if c.scores.higher_is_better else told["high"] < 0


def _family(name: str, part: Comparison) -> str:
    first = part.ranks.iloc[0]
    told, total = int(part.pairs["significant"].sum()), len(part.pairs)
    begun = (
        f"{name} ({text.count(part.n_tasks, 'task')}): {first['model']} "
        f"{_place(part, part.ranks.head(1))} (mean rank {part.mean_ranks[0]})"
    )
    if part.powerless or part.method.smallest_adjusted_pvalue > part.method.alpha:
        if part.method.families == "joint":
            why = "corrected together with the claims about all tasks, so few tasks could not tell any two models apart"
        else:
            why = f"so few tasks could not tell any two models apart ({part.method.caption()})"
        return f"{begun}; {why}, whatever their scores."
    if not part.method.facts.has_pvalues:
        return f"{begun}; {bayesian.counted(told, total, part)}."
    n_top = len(part.top_set)
    best = f"any of the {n_top:,} models" if n_top == part.n_models > 1 else text.count(n_top, "model")
    return (
        f"{begun}, {best} could be the best, "
        f"{told:,} of {text.count(total, 'pair')} {'differs' if 1 in (told, total) else 'differ'} significantly."
    )


def _left_out(c: Comparison) -> list[str]:
    """Who was left out of the analysis and why, and who was analysed but is not shown."""
    sentences = []
    for kind, word in (("models", "model"), ("tasks", "task")):
        gone, hidden = left_out(c, kind)
        if gone:
            name, reason = next(iter(gone.items()))
            which = "was left out:" if len(gone) == 1 else "were left out, such as"
            sentences.append(f"{text.count(len(gone), word)} {which} {name} ({reason}){_unseen(c, kind, len(gone))}.")
        if hidden:
            verb = "was" if hidden == 1 else "were"
            sentences.append(
                f"{text.count(hidden, f'further {word}')} {verb} analysed but {'is' if hidden == 1 else 'are'} not shown."
            )
    return sentences


def _unseen(c: Comparison, kind: str, gone: int) -> str:
    """How many of them have no score on any of the tasks: the coverage does not count these among the models that it met."""
    if gone == 1:  # the reason says it
        return ""
    unseen = 0 if c.coverage is None or kind != "models" else gone + c.n_pool - c.coverage.models_seen
    return f"; {unseen:,} of them {'has' if unseen == 1 else 'have'} no score on any task" if unseen > 0 else ""


def left_out(c: Comparison, kind: str) -> tuple[dict[str, str], int]:
    """What was left out of the analysis with the reasons, and how many were analysed but are not shown."""
    gone = {name: reason for name, reason in c.excluded[kind].items() if not reason.startswith(NOT_SHOWN)}
    return gone, len(c.excluded[kind]) - len(gone)
