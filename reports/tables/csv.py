"""CSV that a spreadsheet opens without running anything in it."""

import csv
import math
from typing import Any

import pandas as pd

from stats.common.writing import CsvLines, safe_cell


def csv_table(frame: pd.DataFrame) -> str:
    """Write a table as CSV: floats so that they read back exactly, undefined numbers empty, no cell a formula.

    Parameters
    ----------
    frame : DataFrame
        Its index is left out.

    Returns
    -------
    str
        Lines end in a line feed.

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> print(embsig.csv_table(pd.DataFrame({"model": ["a", "=b"], "mean": [0.5, None]})).strip())
    model,mean
    a,0.5
    '=b,
    """
    buffer = CsvLines()
    writer = csv.writer(buffer)
    writer.writerow([safe_cell(str(c)) for c in frame.columns])
    columns = [[_plain(v) for v in frame[c].tolist()] for c in frame.columns]
    writer.writerows(zip(*columns, strict=True))
    return buffer.getvalue()


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    return safe_cell(value)
