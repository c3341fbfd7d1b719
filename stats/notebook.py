"""How results are shown in a notebook: sentences, then a table that takes the notebook's own style."""

from collections.abc import Iterable
from dataclasses import fields
from html import escape
from typing import Any

import pandas as pd

from .common.cells import columns_of
from .common.text import TYPESET


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
    columns = columns_of(head, TYPESET)
    texts = pd.DataFrame({i: c.cells for i, c in enumerate(columns)}, dtype=object, index=range(len(head)))
    texts.columns = pd.Index([c.name for c in columns])  # as the user's code names them
    with pd.option_context("display.max_colwidth", None):
        html = str(texts.to_html(index=False, border=0))
    return html + (f"\n<p>{len(head):,} of {len(frame):,} rows</p>" if len(frame) > len(head) else "")


def show_fields(result: Any, leave_out: tuple[str, ...] = ()) -> str:
    """Return a result of a few numbers, such as an omnibus test's: its method, if it has one, then its fields in one row."""
    values = {f.name: getattr(result, f.name) for f in fields(result) if f.name not in ("method", *leave_out)}
    return show([getattr(result, "method", "")], pd.DataFrame({name: [value] for name, value in values.items()}))
