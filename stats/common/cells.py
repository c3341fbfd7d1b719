"""A frame as texts, for tables and notebooks: which column is shown how."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from . import text as words
from .text import PLAIN, Text, places

#: Columns that hold differences or effects: their sign says who is better, so it is always written.
_SIGNED = ("difference", "effect_size", "mean_difference")
_CHANCES = ("p_better", "p_equivalent", "p_worse")


@dataclass(frozen=True)
class Column:
    """A column as texts: its own name, its title, and whether it holds numbers (which align right)."""

    name: str
    title: str
    cells: list[str]
    numeric: bool


def columns_of(frame: pd.DataFrame, text: Text = PLAIN) -> list[Column]:
    """Show every column: p-values as p-values, two ends as one interval, numbers with decimals that suit their size."""
    found: list[Column] = []
    names = [str(c) for c in frame.columns]
    for i, name in enumerate(names):
        values = frame.iloc[:, i]
        low, high = (name.removesuffix(end) + other for end, other in (("high", "low"), ("low", "high")))
        if low != name and low in names:  # the upper end stands beside the lower one
            continue
        if high != name and high in names:
            what = "set" if "rank" in name and _whole(values) and _any_finite(values) else "interval"
            title = f"{name.removesuffix('low').replace('_', ' ')}{what}"
            signed = name in ("low", "low_marginal") and "difference" in names
            found.append(
                Column(title.replace(" ", "_"), title, _intervals(values, frame[high], text, signed=signed), True)
            )
            continue
        numeric = bool(pd.api.types.is_numeric_dtype(values)) and not pd.api.types.is_bool_dtype(values)
        found.append(Column(name, name.replace("_", " "), _cells(name, values, text), numeric))
    return found


def _whole(values: "pd.Series[Any]") -> bool:
    """Whether all numbers are whole, as ranks and counts are."""
    known = values.to_numpy(dtype=np.float64, na_value=np.nan)
    known = known[np.isfinite(known)]
    return bool((known == np.rint(known)).all())


def _any_finite(values: "pd.Series[Any]") -> bool:
    return bool(np.isfinite(values.to_numpy(dtype=np.float64, na_value=np.nan)).any())


def _intervals(low: "pd.Series[Any]", high: "pd.Series[Any]", text: Text, *, signed: bool) -> list[str]:
    if _whole(low) and _whole(high) and _any_finite(low):
        return [text.integers(a, b) for a, b in zip(low, high, strict=True)]
    digits = places([*low, *high])
    return [text.interval(float(a), float(b), digits, signed=signed) for a, b in zip(low, high, strict=True)]


def _cells(name: str, values: "pd.Series[Any]", text: Text) -> list[str]:
    if pd.api.types.is_bool_dtype(values):
        return [text.none if v is pd.NA else "yes" if v else "no" for v in values]
    if not pd.api.types.is_numeric_dtype(values):
        return [_words(v, text) for v in values]
    known = values.astype(object).where(values.notna(), np.nan).astype(float)
    if name.startswith("pvalue") or name.endswith("pvalue") or name in ("p", "p_adjusted"):
        return [text.pvalue(v, symbol="") for v in known]
    if name in _CHANCES:
        return [text.chance(v) for v in known]
    if name == "mean_rank":
        return text.ranks(known)
    if name == "statistic":
        return [text.none if np.isnan(v) else text.statistic(v) for v in known]
    digits = 2 if name == "effect_size" else _decimals(known)
    return [text.fixed(v, digits, signed=name in _SIGNED) for v in known]


def _decimals(values: "pd.Series[float]") -> int:
    """0 for whole numbers, 1 for halves; 4 for fractions, 2 for points, 3 significant digits for what is tiny."""
    if _whole(values):
        return 0
    if _whole(2 * values):
        return 1
    sizes = values.abs().to_numpy(dtype=float)
    largest = float(np.max(sizes[np.isfinite(sizes)], initial=0.0))
    return places(values) if largest == 0 or largest >= 0.01 else min(2 - int(np.floor(np.log10(largest))), 12)


def _words(value: object, text: Text) -> str:
    if isinstance(value, tuple | list):
        return text.listing([str(v) for v in value], 3) if value else text.none
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return text.none
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float):
        return text.fixed(value)
    return words.name(value) if value != "" else ""  # a name that holds an escape code would speak to the terminal
