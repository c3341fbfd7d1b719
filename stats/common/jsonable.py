"""Results as what JSON can hold, and as JSON."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries of plain values; undefined and infinite numbers are None."""
    columns = {str(c): plain(frame[c].tolist()) for c in frame}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def plain(value: Any) -> Any:
    """JSON-ready: numpy's scalars become Python's, numbers that are not finite None, tuples lists."""
    kind = type(value)
    if kind is float:  # what tables of pairs are made of comes first
        return value if math.isfinite(value) else None
    if kind in (str, int, bool) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return plain(float(value))
    if isinstance(value, str | int):
        return value
    return None if value is pd.NA else str(value)


def json_text(content: Mapping[str, Any]) -> str:
    """One JSON object, indented; an undefined number (NaN) is null."""
    import orjson

    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY).decode() + "\n"
