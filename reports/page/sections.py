"""What each section of the page says, as plain values for the template."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reports.tables.rows import Table, frame_table, has_probabilities, omnibus_rows, pair_rows, records, relevant_pairs
from reports.tables.text import family_rows
from stats.common import text
from stats.common.text import TYPESET
from stats.comparison.on_request import smallest_difference
from stats.comparison.selection import NOT_SHOWN
from stats.comparison.sentences.conclusions import pool_pairs
from stats.comparison.sentences.limits import wrong
from stats.comparison.tests import TESTS
from stats.comparison.tests.registry import simulated_as

from . import methods
from .clean import training
from .design import design_section
from .opening import answer, chart
from .provenance import provenance_rows
from .samples import samples_section
from .views import card_columns, families_of_tasks, languages_of_tasks, verdict_codes

if TYPE_CHECKING:
    from stats import Comparison

_STATIC_PAIRS = 60
_FINDINGS = 40


def content(
    comparison: "Comparison",
    *,
    samples: Any,
    command: str,
    beside: pd.DataFrame | None = None,
    cards: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Gather what the template shows, all but the figures and the downloads."""
    shown, which = relevant_pairs(comparison, _STATIC_PAIRS)
    best = str(comparison.ranks["model"].iloc[0]) if comparison.control is None else str(comparison.control)
    return {
        "comparison": comparison,
        "language": "en",
        "answer": answer(comparison),
        "basis": _basis(comparison),
        "chart": chart(comparison, cards),
        "family_chips": _chips(comparison),
        "filters": _filters(comparison, cards),
        "omnibus_sentence": comparison.conclusions[0] if comparison.conclusions else "",
        "verdict": [c for c in comparison.conclusions[1:] if not _of_family(c, comparison)],
        "wrong": (first := wrong(comparison)),
        "warnings": [w for w in comparison.warnings if w not in first],
        "excluded": _excluded(comparison),
        "audit": _audit(comparison),
        "rank_level": comparison.method.percent,
        "bars": _bars(comparison),
        "groups": _groups(comparison),
        "uncovered": len(comparison.uncovered_pairs),
        "omnibus": omnibus_rows(comparison),
        "families": _families(comparison),
        "pairs": pair_rows(comparison, shown),
        "pair_kinds": (
            "name",
            "name",
            "num",
            "num roomy",
            *(("num roomy",) * 3 if has_probabilities(comparison) else ("num extra", "num roomy")),
            "verdict",
            "num extra",
            "num roomy",
        ),
        "which_pairs": which,
        "control": comparison.control,
        "n_pairs": len(comparison.pairs),
        "tested_by": _sentence_case(comparison.method.caption(TYPESET)),
        "difference_note": _DIFFERENCE_NOTES.get(comparison.method.estimand, ""),
        "versus": versus_table(comparison, best),
        "versus_model": text.name(best),
        "design": design_section(comparison),
        "samples": samples_section(comparison, samples),
        "beside": None if beside is None or beside.empty else frame_table(beside),
        "power": _power(comparison),
        "further": _further(comparison),
        "frontier": next((f.title for f in comparison.further.get("cost", {}).values()), None),
        "methods": methods.method_rows(comparison),
        "ties": methods.tie_sentence(comparison),
        "references": methods.references(comparison),
        "provenance": provenance_rows(comparison),
        "command": command,
    }


#: What a pair's difference is where it is not that of the two means beside it.
_DIFFERENCE_NOTES = {
    "pseudo-median": (
        "The difference is the pseudo-median of those on the tasks (Hodges and Lehmann 1962), as the test has it, not the difference of the means."
    ),
    "mean rank": "The difference is that of the mean ranks.",
}


def _of_family(sentence: str, comparison: "Comparison") -> bool:
    """Whether a conclusion speaks of one family, whose own section then says it."""
    return any(sentence.startswith(f"{family} (") for family in comparison.families)


def _excluded(comparison: "Comparison") -> list[tuple[str, list[tuple[str, str]]]]:
    """What the page does not show, with the reasons: left out of the analysis, or analysed and not shown."""
    found = []
    for kind, dropped in comparison.excluded.items():
        for what in ("left out", "analysed, and not shown"):
            rows = [
                (text.name(name), str(reason))
                for name, reason in dropped.items()
                if str(reason).startswith(NOT_SHOWN) == (what != "left out")
            ]
            if rows:
                found.append((f"{text.count(len(rows), kind[:-1])} {what}", rows))
    return found


def _basis(comparison: "Comparison") -> str:
    """What the answer rests on, in one line."""
    method = comparison.method
    codes = verdict_codes(comparison)
    decided = int((codes > 0).sum())
    return (
        f"{text.count(comparison.n_models, 'model')}{f' of {comparison.n_pool:,}' if comparison.n_pool > comparison.n_models else ''}, "
        f"{text.count(comparison.n_tasks, 'task')}; {decided:,} of {text.count(len(codes), 'pair')} decided by the {method.caption(TYPESET)}."
    )


def _bars(comparison: "Comparison") -> str:
    """What the bars of the chart are: after a Bayesian test ranks are by pairs each by itself, as the findings say."""
    level = comparison.method.percent
    if has_probabilities(comparison):
        return f"bars: the ranks that the decided pairs allow, each pair by itself, and where scores may be at {level}, all at once."
    return f"bar: where they may be at {level}, all at once."


def _chips(comparison: "Comparison") -> list[dict[str, Any]]:
    """The families that the chart can be narrowed to, each by the place of its first task."""
    found = [f for f in families_of_tasks(comparison) if f is not None]
    if len(set(found)) < 2:
        return []
    every = families_of_tasks(comparison)
    return [{"name": family, "task": every.index(family), "n": n} for family, n in Counter(found).items()]


def _filters(comparison: "Comparison", cards: pd.DataFrame | None) -> dict[str, Any]:
    """Which filters the cards and the tasks allow: those that would tell two models, or two tasks, apart."""
    known = card_columns([str(m) for m in comparison.ranks["model"]], cards)
    years = sorted({f"{str(d)[:4]}-01-01" for d in known.get("release_date", []) if d})
    languages = sorted({language for task in languages_of_tasks(comparison) for language in task})
    return {
        "size": len({s for s in known.get("n_parameters", []) if s}) > 1,
        "open": len(set(known.get("open_weights", []))) > 1,
        "years": years[1:],
        "clean": training(comparison) is not None,
        "languages": languages,
    }


def _audit(comparison: "Comparison") -> dict[str, Any] | None:
    audit = comparison.audit
    if audit is None:
        return None
    findings: pd.DataFrame = audit.findings
    rows = [
        {
            "severity": str(getattr(row, "severity", "")),
            "kind": str(getattr(row, "kind", "")).replace("_", " ").replace("-", " "),
            "touched": f"{float(row.n_comparisons):,.0f}" if hasattr(row, "n_comparisons") else TYPESET.none,
            "text": str(getattr(row, "text", "")),
        }
        for row in records(findings.head(_FINDINGS))
    ]
    # What makes nothing incomparable is a note: "nothing found" and "1 finding" would contradict each other.
    word = "note" if all(row["severity"] == "note" for row in rows) else "finding"
    return {"headline": str(audit.headline), "word": word, "rows": rows, "more": max(len(findings) - _FINDINGS, 0)}


def _groups(comparison: "Comparison") -> list[dict[str, Any]]:
    return [
        {"letter": text.letters(i), "size": len(clique), "models": [text.name(m) for m in clique]}
        for i, clique in enumerate(comparison.cliques)
    ]


def _families(comparison: "Comparison") -> dict[str, Any] | None:
    if not comparison.families:
        return None
    # Models that share the first rank are each the best there, as the table beside it says.
    winners = Counter(
        str(m)
        for part in comparison.families.values()
        for m in part.ranks.loc[part.ranks["rank"] == part.ranks["rank"].min(), "model"]
    )
    names = list(comparison.families)
    model, wins = winners.most_common(1)[0]
    also = [m for m, won in winners.items() if won == wins]
    # Ranks within families are those among all models analysed: the best of some families may be among those not shown.
    of = f" of the {comparison.n_models:,} shown" if comparison.n_models < comparison.n_pool else ""
    if len(names) == 1:
        sentence = ""  # the table says as much
    elif wins == len(names) and len(also) > 1:
        sentence = f"{text.listing([text.name(m) for m in also])} share the best mean rank{of} in every family."
    elif wins == len(names):
        sentence = f"{text.name(model)} has the best mean rank{of} in every family."
    elif wins > 1:
        sentence = f"{len(winners)} models{of} have the best mean rank in at least one family; {text.name(model)} has it in {wins} of {len(names)}."
    else:
        sentence = f"No model has the best mean rank{of} in two of the {len(names)} families."
    blocks = [
        {
            "name": text.name(family),
            "tasks": text.count(part.n_tasks, "task"),
            "task_names": ", ".join(text.name(t) for t in part.scores.task_names),
            "rows": chart(part)["rows"][:10],
            "more": max(part.n_models - 10, 0),
            "sentences": part.conclusions[:4],
            "figure": f"family-{i}",
        }
        for i, (family, part) in enumerate(comparison.families.items())
    ]
    return {
        "sentence": sentence,
        "note": _together(comparison),
        "table": family_rows(comparison),
        "blocks": blocks,
    }


def _together(comparison: "Comparison") -> str:
    """Why a family whose own Friedman test is clear may have no decided pair."""
    if comparison.method.families != "joint":
        return ""
    parts = list(comparison.families.values())
    without = sum(not part.pairs["significant"].fillna(False).astype(bool).any() for part in parts)
    some = (
        f": {without:,} of {text.count(len(parts), 'family')} {'decides' if without == 1 else 'decide'} no pair"
        if without
        else ""
    )
    return (
        f"All verdicts, over all tasks and within families, hold together at {comparison.method.percent}; the Friedman p is each family's "
        f"own. The fewer tasks a family has, the fewer pairs it can decide{some}."
    )


def versus_table(comparison: "Comparison", model: str) -> Table:
    """One model against every other, in rank order: its own advantage, interval, adjusted p."""
    pairs = comparison.pairs
    place = {str(m): i for i, m in enumerate(comparison.ranks["model"])}
    digits = text.places(comparison.ranks["mean"])
    bayes = has_probabilities(comparison)
    rows: list[tuple[int, tuple[str, ...]]] = []
    for row in records(pairs[(pairs["model_a"] == model) | (pairs["model_b"] == model)]):
        first = str(row.model_a) == model
        other = str(row.model_b if first else row.model_a)
        sign = 1 if first else -1
        low, high = (row.low, row.high) if first else (-row.high, -row.low)
        verdict = TYPESET.none
        if row.significant:
            verdict = "better" if (sign * row.difference > 0) == comparison.scores.higher_is_better else "worse"
        elif row.significant is not None:
            verdict = "equivalent" if row.verdict == "equivalent" else "undecided"
        cells = (
            text.name(other),
            TYPESET.fixed(sign * row.difference, digits, signed=True),
            TYPESET.interval(low, high, digits, signed=True),
            TYPESET.chance(max(row.p_better, row.p_worse)) if bayes else TYPESET.pvalue(row.pvalue_adjusted, symbol=""),
            verdict,
        )
        rows.append((place[other], cells))
    columns = (
        "the other model",
        "difference",
        comparison.method.percent,
        "P(better or worse)" if bayes else "adjusted p",
        "this model is",
    )
    return Table(columns, tuple(cells for _, cells in sorted(rows)), frozenset({0, 4}))


def _further(comparison: "Comparison") -> list[dict[str, Any]]:
    """What other methods say, each with its exact name, n and source."""
    return [
        {
            "title": finding.title,
            "text": finding.text,
            "warnings": finding.warnings,
            "method": f"{_sentence_case(finding.method)}. {text.count(finding.n_tasks, 'task')}. {_sentence_case(finding.source)}.",
            "table": frame_table(_told(_named_cost(finding.frame, group, name)).head(shown)),
            "rows": len(finding.frame),
            "shown": shown,
        }
        for group, named in comparison.further.items()
        for name, finding in named.items()
        # A table of a few rows more is shown whole.
        for shown in (len(finding.frame) if len(finding.frame) <= 1.25 * _FINDINGS else _FINDINGS,)
    ]


def _told(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the families of tasks where none is known."""
    return frame.drop(columns="family") if "family" in frame and frame["family"].isna().all() else frame


def _sentence_case(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _named_cost(frame: pd.DataFrame, group: str, name: str) -> pd.DataFrame:
    """Head the column of costs by what they are: parameters, bytes per vector."""
    return frame.rename(columns={"cost": name.removeprefix("n_")}) if group == "cost" else frame


def _planned(comparison: "Comparison", k: int, *, joined: bool) -> str:
    """What a plan says, and in what it is not this comparison: it shares the level equally, and takes tasks one by one."""
    said = smallest_difference(comparison).text
    stricter = k > 1 and comparison.method.correction not in ("none", "bonferroni")
    test = comparison.method.facts
    stand_in = TESTS[simulated_as(test)]
    differs = [
        *([f"the {stand_in.title} in place of this one"] if stand_in.name != test.name else []),
        *(["α shared equally among the comparisons (stricter than this correction)"] if stricter else []),
        *(["every task as a unit of its own"] if joined else []),
    ]
    return f"Planned with {' and '.join(differs)}: {said[:1].lower()}{said[1:]}" if differs else said


def _power(comparison: "Comparison") -> list[str]:
    sentences = []
    smallest, alpha = comparison.smallest_pvalue, comparison.method.alpha
    n, k, units = comparison.n_tasks, pool_pairs(comparison), comparison.method.n_units
    joined = 0 < units < n
    if np.isfinite(smallest) and smallest > 0:  # where differences that are all alike would have p = 0, it says nothing
        basis = text.count(n, "task") + (f" in {text.count(units, 'unit')}" if joined else "")
        sentences.append(f"The smallest p that {basis} can reach with this test is p = {TYPESET.bound(smallest)}.")
    adjusted = comparison.method.smallest_adjusted_pvalue
    if np.isfinite(adjusted) and adjusted > 0:
        verdict = (
            "so differences can be found"
            if adjusted <= alpha
            else f"which is above α = {alpha:g}: nothing could be significant"
        )
        sentences.append(
            f"After correction for {text.count(k, 'comparison')} it is p = {TYPESET.bound(adjusted)}, {verdict}."
        )
    if n >= 3 and comparison.method.level != "samples":  # more tasks would not narrow what is said of these
        sentences.append(_planned(comparison, k, joined=joined))
    half = ((comparison.pairs["high"] - comparison.pairs["low"]) / 2).to_numpy(float)
    width, endless = half[np.isfinite(half)], int(np.isinf(half).sum())
    if endless:
        sentences.append(
            f"{endless:,} of {text.count(len(half), 'interval')} of a difference ({comparison.method.percent}) "
            f"{'has' if endless == 1 else 'have'} no end: these tasks do not bound the difference."
        )
    if width.size > endless:
        digits = text.places(comparison.ranks["mean"])
        quarter, middle, three = np.quantile(width, [0.25, 0.5, 0.75])
        if len(width) == len(half) == 1:
            sentences.append(
                f"The {comparison.method.percent} interval of the difference reaches ±{TYPESET.fixed(middle, digits)}: "
                "differences well below that cannot be seen with these tasks."
            )
            return sentences
        sentences.append(
            f"{'The other' if endless else 'The'} {comparison.method.percent} intervals of a difference reach ±{TYPESET.fixed(middle, digits)} at the "
            f"median (the middle half of them ±{TYPESET.fixed(quarter, digits)} to ±{TYPESET.fixed(three, digits)}): "
            "differences well below that cannot be seen with these tasks."
        )
    return sentences
