"""CSV that a spreadsheet opens without running anything in it."""

import pandas as pd

from stats.common.writing import csv_text


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
    return csv_text(frame)
