"""The ranking and the pairs as rows of display strings, which every form of table lays out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stats.common import text
from stats.common.cells import columns_of
from stats.common.text import TYPESET, Text

if TYPE_CHECKING:
    from stats import Comparison


@dataclass(frozen=True)
class Table:
    """Headings, rows of strings, and which columns are text (the others align right)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: frozenset[int]


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """Return the rows of a frame, each with its columns as attributes."""
    return iter(frame.itertuples(index=False))


def ranking(comparison: "Comparison", style: Text = TYPESET) -> Table:
    """One row per model, best first: rank with its confidence set, mean rank, mean with its interval."""
    table = comparison.ranks
    digits = text.places(table["mean"])
    level = comparison.method.percent
    rows = [
        (
            f"{row.rank:g}",
            text.name(row.model),
            style.integers(row.rank_low, row.rank_high),
            mean_rank,
            style.fixed(row.mean, digits),
            style.interval(row.mean_low, row.mean_high, digits),
            "*" if bool(row.in_top_set) else "",
        )
        for row, mean_rank in zip(records(table), style.ranks(table["mean_rank"]), strict=True)
    ]
    columns = ("rank", "model", f"rank {level}", "mean rank", "mean score", f"mean {level}", "top")
    return Table(columns, tuple(rows), frozenset({1, 6}))


def incomplete_rows(comparison: "Comparison", most: int) -> tuple[Table, str] | None:
    """The models that lack scores and are not compared, those with most scores first, and a sentence on them; None where there are none."""
    waiting = () if comparison.coverage is None else comparison.coverage.incomplete
    if not waiting:
        return None
    n_tasks = comparison.n_tasks
    rows = tuple(
        (text.name(row.model), f"{row.n} of {n_tasks}", row.status, text.name(row.reason)) for row in waiting[:most]
    )
    provisional = sum(row.status == "provisional" for row in waiting)
    said = f"Not compared, as they lack scores: {text.count(len(waiting), 'model')}"
    said += f" (the first {most} are shown)" if len(waiting) > most else ""
    said += (
        f"; {provisional:,} with half of the tasks or more {'is' if provisional == 1 else 'are'} provisional"
        if provisional
        else ""
    )
    return Table(("model", "tasks", "status", "reason"), rows, frozenset({0, 2, 3})), said + "."


def method_lines(comparison: "Comparison") -> list[str]:
    """Lines on where the test and its correction are from, to stand below a table."""
    method = comparison.method
    return [f"Test: {method.caption(level=False)}; statistic: {method.facts.symbol}.", *method.references]


def relevant_pairs(comparison: "Comparison", most: int) -> tuple[pd.DataFrame, str]:
    """Return the pairs an analyst asks about first, and a sentence on which they are.

    All of them if they are few; else the best model against every other, then neighbours in rank, up to `most`.
    """
    pairs = comparison.pairs
    if len(pairs) <= most:
        return pairs, "The only pair." if len(pairs) == 1 else f"All {text.count(len(pairs), 'pair')}."
    order = {str(m): i for i, m in enumerate(comparison.ranks["model"])}
    a = pairs["model_a"].astype(str).map(order).to_numpy(float)
    b = pairs["model_b"].astype(str).map(order).to_numpy(float)
    near, far = np.minimum(a, b), np.maximum(a, b)
    weight = np.where(far - near == 1, near, np.where(near == 0, far, np.inf))
    chosen = np.argsort(weight, kind="stable")
    chosen = chosen[np.isfinite(weight[chosen])][:most]
    if comparison.control is not None:
        chosen = np.argsort(pairs["pvalue_adjusted"].to_numpy(float), kind="stable")[:most]
        which = "those with the smallest p"
    else:
        which = "neighbours in rank, and the best model against the rest"
    return pairs.iloc[chosen], f"{len(chosen):,} of {len(pairs):,} pairs: {which}."


def has_probabilities(comparison: "Comparison") -> bool:
    """Whether the pairs carry posterior probabilities in place of p-values."""
    return "p_better" in comparison.pairs and not comparison.pairs["pvalue"].notna().any()


def pair_rows(comparison: "Comparison", pairs: pd.DataFrame, style: Text = TYPESET) -> Table:
    """One row per pair: difference a minus b with its interval, p, adjusted p, effect, wins, ties, losses.

    After a Bayesian test the probabilities that a is better, equivalent and worse stand in place of the p-values.
    """
    digits = text.places(comparison.ranks["mean"])
    bayes = has_probabilities(comparison)
    rows = []
    for row in records(pairs):
        chances = (
            [style.chance(p) for p in (row.p_better, row.p_equivalent, row.p_worse)]
            if bayes
            else [style.pvalue(p, symbol="") for p in (row.pvalue, row.pvalue_adjusted)]
        )
        rows.append(
            (
                text.name(row.model_a),
                text.name(row.model_b),
                style.fixed(row.difference, digits, signed=True),
                style.interval(row.low, row.high, digits, signed=True),
                *chances,
                "yes" if row.significant else "no",
                style.fixed(row.effect_size, 2, signed=True),
                f"{row.win:.0f}/{row.tie:.0f}/{row.loss:.0f}",
            )
        )
    head = ("P(a better)", "P(equivalent)", "P(a worse)") if bayes else ("p", "adjusted p")
    columns = (
        "model a",
        "model b",
        f"a {style.minus} b",
        comparison.method.percent,
        *head,
        "significant",
        "effect",
        "win/tie/loss",
    )
    return Table(columns, tuple(rows), frozenset({0, 1, 4 + len(head)}))


def omnibus_rows(comparison: "Comparison", style: Text = TYPESET) -> Table:
    """One row per omnibus test: statistic, degrees of freedom, p."""
    rows = []
    for test, found in comparison.omnibus.items():
        freedom = [f"{found[key]:g}" for key in ("df", "df1", "df2") if found.get(key) is not None]
        rows.append(
            (
                OMNIBUS.get(test, test.replace("_", " ")),
                style.statistic(found["statistic"]),
                ", ".join(freedom) or style.none,
                style.pvalue(found["pvalue"], symbol=""),
            )
        )
    return Table(("omnibus test", "statistic", "df", "p"), tuple(rows), frozenset({0}))


def frame_table(frame: pd.DataFrame, style: Text = TYPESET) -> Table:
    """Lay any frame out as a table: p-values as p-values, an interval as one column, the rest as text."""
    columns = columns_of(frame, style)
    rows = tuple(zip(*(c.cells for c in columns), strict=True))
    return Table(tuple(c.title for c in columns), rows, frozenset(i for i, c in enumerate(columns) if not c.numeric))


#: Names of omnibus tests, by the key in `Comparison.omnibus`.
OMNIBUS = {
    "friedman": "Friedman (ties corrected)",
    "friedman_exact": "Friedman, exact",
    "iman_davenport": "Iman-Davenport F",
    "quade": "Quade F",
    "aligned_ranks": "aligned ranks",
    "skillings_mack": "Skillings-Mack",
}
