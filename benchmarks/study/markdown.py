"""A data frame as a table of Markdown."""

import pandas as pd


def markdown(frame: pd.DataFrame) -> str:
    """Write headings and cells as they are, without the index.

    Examples
    --------
    >>> print(markdown(pd.DataFrame({"a": [1], "b": ["x"]})))
    | a | b |
    |---|---|
    | 1 | x |
    """
    head = "| " + " | ".join(map(str, frame.columns)) + " |"
    rule = "|" + "---|" * len(frame.columns)
    return "\n".join([head, rule, *("| " + " | ".join(map(str, row)) + " |" for row in frame.itertuples(index=False))])
