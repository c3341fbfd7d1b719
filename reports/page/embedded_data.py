"""What the page's script works on, and what a reader can take away."""

import base64
import gzip
import hashlib
import json
import math
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from stats.common.jsonable import plain

if TYPE_CHECKING:
    from stats import Comparison

#: JSON within a script element: none of these may end it or open a comment.
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}

#: Columns of `Comparison.pairs` that the page shows.
PAIR_COLUMNS = (
    "n",
    "difference",
    "low",
    "high",
    "statistic",
    "pvalue",
    "pvalue_adjusted",
    "significant",
    "effect_size",
    "win",
    "tie",
    "loss",
    "p_better",
    "p_equivalent",
    "p_worse",
)


def json_for_script(value: Any) -> str:
    """Write JSON that can stand in a ``<script>`` element whatever the names are.

    Examples
    --------
    >>> json_for_script("</script>")
    '"\\\\u003c/script\\\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=plain)
    for character, escape in _UNSAFE.items():
        text = text.replace(character, escape)
    return text


def json_document(value: Any) -> str:
    """Write plain values as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def pair_columns(comparison: "Comparison") -> dict[str, Any]:
    """Return the pairs column by column, models by their position in the ranking, numbers to 6 significant digits."""
    models = [str(m) for m in comparison.ranks["model"]]
    place = {m: i for i, m in enumerate(models)}
    pairs = comparison.pairs
    columns: dict[str, Any] = {
        "a": [place[str(m)] for m in pairs["model_a"]],
        "b": [place[str(m)] for m in pairs["model_b"]],
    }
    for column in PAIR_COLUMNS:
        if column in pairs:
            columns[column] = [_short(v) for v in pairs[column].tolist()]
    return columns


def content_hash(text: str) -> str:
    """Return the content-policy source of an inline script or style: ``'sha256-...'``."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def data_uri(text: str, media: str) -> str:
    """Return a link that holds a text, for downloading without a network."""
    return f"data:{media};charset=utf-8,{quote(text, safe=_PLAIN)}"


def compressed_uri(text: str) -> str:
    """Return a link that holds a text, compressed by gzip (with no date in it)."""
    packed = gzip.compress(text.encode(), compresslevel=6, mtime=0)  # a third of the time of 9, 2 % more bytes
    return f"data:application/gzip;base64,{base64.b64encode(packed).decode()}"


_PLAIN = "/,:;.-_()[]{}=+*!@$~?|'"


def _short(value: Any) -> Any:
    if isinstance(value, bool | np.bool_):
        return int(value)
    if value is None or value is pd.NA:
        return None
    number = float(value)
    if math.isnan(number):
        return None
    if math.isinf(number):
        return math.copysign(1e308, number)  # JSON has no infinity; the script knows this one
    return int(number) if number.is_integer() and abs(number) < 1e15 else float(f"{number:.6g}")
