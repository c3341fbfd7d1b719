"""Data frames as grids: headings of several levels, named and unnamed indices."""

from typing import Any

import pandas as pd

from .grid import Grid, Row
from .headings import role

#: What a level of the columns may hold beside models or tasks.
_BESIDE_NAMES = ("metric", "seed", "family", "group", "direction", "languages")


def frame_grid(frame: "pd.DataFrame | pd.Series[Any]", source: str, kind: str = "DataFrame") -> Grid:
    """Turn a data frame, or a series of scores, into a grid.

    Parameters
    ----------
    frame : DataFrame or Series
        A series has its names in the levels of its index.
    source, kind : str
    """
    if isinstance(frame, pd.Series):
        frame = frame.to_frame(frame.name if frame.name is not None else "score")
    index = frame.index
    plain = isinstance(index, pd.RangeIndex) or (
        index.name is None and index.nlevels == 1 and index.equals(pd.RangeIndex(len(index)))
    )
    labels = (
        [] if plain and index.name is None else [list(index.get_level_values(level)) for level in range(index.nlevels)]
    )
    names = ["" if n is None else n for n in index.names] if labels else []
    depth = frame.columns.nlevels
    order = sorted(range(depth), key=lambda level: role(frame.columns.names[level]) not in _BESIDE_NAMES)
    heads: list[Row] = []
    for place, level in enumerate(order):
        said = frame.columns.names[level]
        above = ["" if said is None else said, *[""] * len(names)][: len(names)]
        heads.append([*(names if place == depth - 1 else above), *frame.columns.get_level_values(level)])
    columns = [*labels, *(_cells(frame.iloc[:, j]) for j in range(frame.shape[1]))]
    rows: list[Row] = [list(row) for row in zip(*columns, strict=True)]
    inner = frame.columns.names[order[-1]]
    return Grid(
        [*heads, *rows],
        source,
        kind,
        headings=depth,
        columns_are=None if inner is None else str(inner),
        usual="tasks" if kind == "DataFrame" else None,
    )


def _cells(column: "pd.Series[Any]") -> list[Any]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    return [None if value is pd.NA or value is pd.NaT else value for value in column.tolist()]
