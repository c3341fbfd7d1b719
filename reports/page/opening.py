"""The first screen: the question, the answer in one sentence, and the chart that shows it."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reports.tables.rows import records
from stats.common import text
from stats.common.text import TYPESET
from stats.comparison.cost import amount

from .views import may_be_best, ranks_shown, verdict_codes

if TYPE_CHECKING:
    from stats import Comparison

#: The chart shows so many models at first, or the whole top set where it is not much larger.
_FIRST = 25
_FIRST_AT_MOST = 40


def question(comparison: "Comparison") -> str:
    """Return what the page answers: ``Which of 183 models is the best on MTEB(eng, v2)?``."""
    benchmark = comparison.provenance.get("benchmark")
    where = f"on {benchmark}" if benchmark else f"on these {text.count(comparison.n_tasks, 'task')}"
    models = [str(m) for m in comparison.ranks["model"]]
    if comparison.control is not None:
        return f"Is any model better than {text.name(comparison.control)} {where}?"
    if len(models) == 2:
        return f"Which is better {where}: {text.name(models[0])} or {text.name(models[1])}?"
    return f"Which of {max(comparison.n_pool, len(models)):,} models is the best {where}?"


def answer(comparison: "Comparison") -> list[str]:
    """Return the answer: one sentence, and where something more decides, a second.

    It counts what the table of decisions says: the models that none is surely better than; against a control, its verdicts.
    """
    if comparison.powerless:
        return [
            f"{text.count(comparison.n_tasks, 'task').capitalize()} cannot decide: whichever way they had gone, no two models could be told apart."
        ]
    if comparison.control is not None:
        return [_against_control(comparison)]
    if comparison.ranks["in_top_set"].isna().all():
        decided = int((verdict_codes(comparison) > 0).sum())
        first = text.name(comparison.ranks["model"].iloc[0])
        return [
            f"{first} ranks first; {decided:,} of {text.count(len(comparison.pairs), 'pair')} of models are decided."
        ]
    return _of_top_set(comparison)


def _of_top_set(comparison: "Comparison") -> list[str]:
    pool = max(comparison.n_pool, comparison.n_models)
    top = comparison.top_set or [
        str(m) for m in comparison.ranks.loc[comparison.ranks["in_top_set"].astype(bool), "model"]
    ]
    if len(top) == 1:
        if pool == 2:
            other = next(str(m) for m in comparison.ranks["model"] if str(m) != str(top[0]))
            return [f"{text.name(top[0])} is better than {text.name(other)}."]
        none = "neither of the other two" if pool == 3 else f"none of the {pool - 1:,} others"
        return [f"{text.name(top[0])} is the best: {none} can be."]
    if len(top) == pool:
        if pool == 2:
            return ["Either may be the better one: nothing tells the two apart.", *_smallest(comparison, top)]
        said = f"Any of the {pool:,} models may be the best: nothing tells the leaders apart."
    else:
        said = f"{len(top):,} of {pool:,} models may be the best: the differences among them may be chance."
    return [said, *_smallest(comparison, top)]


def _smallest(comparison: "Comparison", top: list[str]) -> list[str]:
    """The smallest model that may be the best, by the sizes that the comparison knows."""
    for name, finding in comparison.further.get("cost", {}).items():
        frame = finding.frame
        if not {"model", "cost"} <= set(frame.columns):
            continue
        known = frame[frame["model"].isin(top) & frame["cost"].notna()]
        if len(known) > 1:
            nothing, known = known[known["cost"] == 0], known[known["cost"] > 0]
            if known.empty:
                continue
            least = known.sort_values("cost", kind="stable").iloc[0]
            all_known = len(known) + len(nothing) == len(top)
            which = "The smallest of them" if all_known else "The smallest whose size is known"
            if len(nothing):  # BM25 is smaller than any model, and not what the question is about
                without = f"{text.listing([str(m) for m in nothing['model']])} {'has' if len(nothing) == 1 else 'have'} {amount(0.0, name)}"
                which = f"{without}; the smallest of the others{'' if all_known else ' whose size is known'}"
            return [f"{which} has {amount(float(least.cost), name)}: {text.name(least.model)}."]
    return []


def _against_control(comparison: "Comparison") -> str:
    codes, control = verdict_codes(comparison), str(comparison.control)
    first = (comparison.pairs["model_a"].astype(str) == control).to_numpy()
    better = int((np.where(first, codes == 2, codes == 1)).sum())
    worse = int((np.where(first, codes == 1, codes == 2)).sum())
    rest = len(codes) - better - worse
    said = f"{better:,} of {text.count(len(codes), 'model')} {'is' if better == 1 else 'are'} better than {text.name(control)}"
    said += f", {worse:,} {'is' if worse == 1 else 'are'} worse"
    return f"{said}; {rest:,} cannot be told apart from it." if rest else f"{said}."


def chart(comparison: "Comparison", cards: pd.DataFrame | None = None) -> dict[str, Any]:
    """Return the rows of the chart and its two scales; the script lays the same out anew."""
    table = ranks_shown(comparison)
    means = not comparison.scores.mean_refused
    digits = text.places(table["mean"])
    # The best of a larger pool have sets that reach beyond the number of models shown.
    k = max(len(table), 2, int(np.nan_to_num(table["rank_high"].to_numpy(float), posinf=0.0).max(initial=0.0)))
    ends = table[["mean", "mean_low", "mean_high"]].to_numpy(float)
    ends = ends[np.isfinite(ends)]
    least, most = (float(ends.min()), float(ends.max())) if ends.size else (0.0, 1.0)
    span = most - least or 1.0
    sizes = _sizes(comparison, cards)
    rows = []
    for i, (row, mean_rank) in enumerate(zip(records(table), TYPESET.ranks(table["mean_rank"]), strict=True)):
        known = bool(np.isfinite(row.rank_low) and np.isfinite(row.rank_high))
        bounded = bool(np.isfinite(row.mean_low) and np.isfinite(row.mean_high))
        rows.append(
            {
                "index": i,
                "model": text.name(row.model),
                "rank": f"{row.rank:g}",
                "size": sizes[i],
                "set": TYPESET.integers(row.rank_low, row.rank_high),
                "mean_rank": mean_rank,
                "mean": TYPESET.fixed(row.mean, digits) if means else TYPESET.none,
                "interval": TYPESET.interval(row.mean_low, row.mean_high, digits) if means else TYPESET.none,
                "top": may_be_best(comparison, row.in_top_set),
                "control": comparison.control is not None and str(row.model) == str(comparison.control),
                "dot": f"{100 * (row.rank - 0.5) / k:.1f}",
                "low": f"{100 * (row.rank_low - 1) / k:.1f}" if known else None,
                "high": f"{100 * row.rank_high / k:.1f}" if known else None,
                "mean_dot": f"{100 * (row.mean - least) / span:.1f}" if means and math.isfinite(row.mean) else None,
                "mean_low": f"{100 * (row.mean_low - least) / span:.1f}" if means and bounded else None,
                "mean_high": f"{100 * (row.mean_high - least) / span:.1f}" if means and bounded else None,
            }
        )
    top = sum(bool(r["top"]) for r in rows)
    return {
        "rows": rows,
        "first": len(rows) if len(rows) <= _FIRST_AT_MOST else min(max(_FIRST, top + 2), _FIRST_AT_MOST),
        "rank_ends": ("1", f"{k:,}"),
        "mean_ends": (TYPESET.fixed(least, 2), TYPESET.fixed(most, 2)),
        "sizes": any(sizes),
        "top": top,
    }


def _sizes(comparison: "Comparison", cards: pd.DataFrame | None) -> list[str]:
    """The number of parameters of each model, in words; empty where it is not known."""
    if cards is None or "n_parameters" not in cards:
        return [""] * len(comparison.ranks)
    known = cards["n_parameters"].reindex(comparison.ranks["model"].astype(str))
    return ["" if pd.isna(v) else amount(float(v), "n_parameters").removesuffix(" parameters") for v in known]
