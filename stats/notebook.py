"""How results are shown in a notebook: sentences, then a table that takes the notebook's own style."""

from collections.abc import Iterable
from dataclasses import fields
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from .common import text as wording

#: What stands for an undefined value.
_NONE = "–"


def show(
    sentences: Iterable[str], frame: pd.DataFrame | None = None, *, most: int = 20, warnings: Iterable[str] = ()
) -> str:
    """Return sentences and a table as HTML; nothing in them is taken for markup.

    Parameters
    ----------
    sentences, warnings : iterable of str
    frame : DataFrame, optional
        Its index is not shown.
    most : int
        Show so many rows; how many there are is said.

    Returns
    -------
    str
        A ``<table class="dataframe">``, which notebooks style as they style any DataFrame.

    Examples
    --------
    >>> show(["a < b"], pd.DataFrame({"pvalue": [0.0]})).splitlines()[0]
    '<p>a &lt; b</p>'
    """
    lines = [f"<p>{escape(s)}</p>" for s in sentences if s]
    lines += [f"<p><strong>Warning:</strong> {escape(s)}</p>" for s in warnings]
    if frame is not None:
        lines.append(table(frame, most=most))
    return "\n".join(lines)


def table(frame: pd.DataFrame, *, most: int = 20) -> str:
    """Return the first rows as an HTML table, with numbers as one reads them: no p-value of zero, no 17 digits."""
    head = frame.head(most)
    texts = pd.DataFrame({i: _column(str(c), head.iloc[:, i]) for i, c in enumerate(head)}, dtype=object)
    texts.columns = pd.Index([str(c) for c in head])
    with pd.option_context("display.max_colwidth", None):
        html = str(texts.to_html(index=False, border=0))
    return html + (f"\n<p>{len(head):,} of {len(frame):,} rows</p>" if len(frame) > len(head) else "")


def show_fields(result: Any, leave_out: tuple[str, ...] = ()) -> str:
    """Return a result of a few numbers, such as an omnibus test's: its method, if it has one, then its fields in one row."""
    values = {f.name: getattr(result, f.name) for f in fields(result) if f.name not in ("method", *leave_out)}
    return show([getattr(result, "method", "")], pd.DataFrame({name: [value] for name, value in values.items()}))


def _column(name: str, values: "pd.Series[Any]") -> list[str]:
    if pd.api.types.is_bool_dtype(values):
        return [_NONE if v is pd.NA else "yes" if v else "no" for v in values]
    if pd.api.types.is_integer_dtype(values):
        return [_NONE if v is pd.NA else f"{v:,}" for v in values]
    if not pd.api.types.is_float_dtype(values):
        return [_text(v) for v in values]
    if name.startswith("pvalue"):
        return [_NONE if np.isnan(p) else wording.pvalue(p, symbol="").strip().removeprefix("= ") for p in values]
    places = _places(values)
    return [_NONE if np.isnan(v) else f"{v:,.{places}f}" for v in values]


def _places(values: "pd.Series[float]") -> int:
    """Decimals for a column: 4 for scores as fractions, 2 for points and ranks, 3 significant digits for what is tiny."""
    sizes = values.abs().to_numpy(dtype=float)
    largest = float(np.max(sizes[np.isfinite(sizes)], initial=0.0))
    if largest >= 2:
        return 2 if largest < 1000 else 0
    return 4 if largest == 0 or largest >= 0.01 else min(2 - int(np.floor(np.log10(largest))), 12)


def _text(value: object) -> str:
    if isinstance(value, tuple | list):
        return wording.listing([str(v) for v in value], 3) if value else _NONE
    return _NONE if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)) else str(value)
