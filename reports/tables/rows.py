"""The ranking and the pairs as rows of display strings, which every form of table lays out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reports import display, wording

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


def ranking(comparison: "Comparison") -> Table:
    """One row per model, best first: rank with its confidence set, mean rank, mean with its interval."""
    table = comparison.ranks
    digits = display.score_digits(table["mean"])
    level = wording.confidence(comparison)
    rank_texts = display.rank_strings(table["mean_rank"])
    rows = [
        (
            f"{row.rank:g}",
            display.name(row.model),
            display.integer_range(row.rank_low, row.rank_high),
            text,
            display.number(row.mean, digits),
            display.interval(row.mean_low, row.mean_high, digits),
            "*" if bool(row.in_top_set) else "",
        )
        for row, text in zip(records(table), rank_texts, strict=True)
    ]
    columns = ("rank", "model", f"rank {level}", "mean rank", "mean score", f"mean {level}", "top")
    return Table(columns, tuple(rows), frozenset({1, 6}))


def relevant_pairs(comparison: "Comparison", most: int) -> tuple[pd.DataFrame, str]:
    """Return the pairs an analyst asks about first, and a sentence on which they are.

    All of them if they are few; else the best model against every other, then neighbours in rank, up to `most`.
    """
    pairs = comparison.pairs
    if len(pairs) <= most:
        return pairs, f"All {display.count(len(pairs), 'pair')}."
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


def pair_rows(comparison: "Comparison", pairs: pd.DataFrame, *, minus: str = "\N{MINUS SIGN}") -> Table:
    """One row per pair: difference a minus b with its interval, p, adjusted p, effect, wins, ties, losses.

    After a Bayesian test the probabilities that a is better, equivalent and worse stand in place of the p-values.
    """
    digits = display.score_digits(comparison.ranks["mean"])
    bayes = has_probabilities(comparison)
    rows = []
    for row in records(pairs):
        chances = (
            [display.chance(row.p_better), display.chance(row.p_equivalent), display.chance(row.p_worse)]
            if bayes
            else [display.pvalue(row.pvalue), display.pvalue(row.pvalue_adjusted)]
        )
        rows.append(
            (
                display.name(row.model_a),
                display.name(row.model_b),
                display.number(row.difference, digits, signed=True, minus=minus),
                display.interval(row.low, row.high, digits).replace("\N{MINUS SIGN}", minus),
                *chances,
                "yes" if row.significant else "no",
                display.number(row.effect_size, 2, signed=True, minus=minus),
                f"{row.win:.0f}/{row.tie:.0f}/{row.loss:.0f}",
            )
        )
    head = ("P(a better)", "P(equivalent)", "P(a worse)") if bayes else ("p", "adjusted p")
    columns = (
        "model a",
        "model b",
        "a − b",
        wording.confidence(comparison),
        *head,
        "significant",
        "effect",
        "win/tie/loss",
    )
    return Table(columns, tuple(rows), frozenset({0, 1, 4 + len(head)}))


def omnibus_rows(comparison: "Comparison") -> Table:
    """One row per omnibus test: statistic, degrees of freedom, p."""
    rows = []
    for test, found in comparison.omnibus.items():
        freedom = [f"{found[key]:g}" for key in ("df", "df1", "df2") if found.get(key) is not None]
        rows.append(
            (
                OMNIBUS.get(test, test.replace("_", " ")),
                display.number(float(found.get("statistic", np.nan)), 3),
                ", ".join(freedom) or display.NONE,
                display.pvalue(float(found.get("pvalue", np.nan))),
            )
        )
    return Table(("omnibus test", "statistic", "df", "p"), tuple(rows), frozenset({0}))


def frame_table(frame: pd.DataFrame) -> Table:
    """Lay any frame out as a table: p-values as p-values, an interval as one column, numbers with 4 decimals or as few as they have, the rest as text."""
    columns: list[tuple[str, list[str], bool]] = []
    names = [str(c) for c in frame.columns]
    for i, name in enumerate(names):
        values = frame.iloc[:, i]
        low, high = (name.removesuffix(end) + other for end, other in (("high", "low"), ("low", "high")))
        if low != name and low in names:  # the upper end stands beside the lower one
            continue
        if high != name and high in names:
            what = "set" if _whole(values) else "interval"
            columns.append(
                (f"{name.removesuffix('low').replace('_', ' ')}{what}", _intervals(frame[[name, high]]), True)
            )
            continue
        columns.append((name.replace("_", " "), _cells(name, values), bool(pd.api.types.is_numeric_dtype(values))))
    rows = tuple(zip(*(cells for _, cells, _ in columns), strict=True))
    text = frozenset(i for i, (_, _, number) in enumerate(columns) if not number)
    return Table(tuple(c for c, _, _ in columns), rows, text)


def _whole(values: pd.Series) -> bool:
    """Whether all numbers are whole, as ranks and counts are."""
    known = values.to_numpy(dtype=np.float64, na_value=np.nan)
    known = known[np.isfinite(known)]
    return bool((known == np.rint(known)).all())


def _intervals(ends: pd.DataFrame) -> list[str]:
    low, high = (ends.iloc[:, i] for i in (0, 1))
    if _whole(low) and _whole(high):
        return [display.integer_range(a, b) for a, b in zip(low, high, strict=True)]
    return [display.interval(a, b) for a, b in zip(low, high, strict=True)]


def _cells(name: str, values: pd.Series) -> list[str]:
    if pd.api.types.is_bool_dtype(values):
        return ["yes" if v else "no" for v in values]
    if not pd.api.types.is_numeric_dtype(values):
        return [_text(v) for v in values]
    if name.startswith("pvalue") or name in ("p", "p_adjusted"):
        return [display.pvalue(float(v)) for v in values]
    digits = 0 if _whole(values) else 1 if _whole(2 * values) else 4
    return [display.NONE if v is pd.NA else display.number(float(v), digits) for v in values]


def _text(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return display.NONE
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return display.number(value, 4) if isinstance(value, float) else display.name(value)


#: Names of omnibus tests, by the key in `Comparison.omnibus`.
OMNIBUS = {
    "friedman": "Friedman (ties corrected)",
    "friedman_exact": "Friedman, exact",
    "iman_davenport": "Iman-Davenport F",
    "quade": "Quade F",
    "aligned_ranks": "aligned ranks",
    "skillings_mack": "Skillings-Mack",
}
