"""Tables that are not pandas frames, made into one: any frame that narwhals knows, xarray, numpy with names, dictionaries."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .errors import InputError


def as_frame(table: Any) -> pd.DataFrame | None:
    """Return an object as a pandas frame; None if it is not a table.

    Parameters
    ----------
    table : object
        A frame or lazy frame that narwhals knows (polars, pyarrow, modin, dask, duckdb, ...), anything that exports Arrow
        streams; an xarray DataArray or Dataset; a structured numpy array; ``{model: {task: score}}``, ``{column: values}``,
        or a list of records.

    Raises
    ------
    InputError
        If it is a table that does not say what its rows and columns are.

    Examples
    --------
    >>> as_frame({"e5": {"STS12": .7, "STS13": .8}, "bge": {"STS12": .6, "STS13": .9}}).loc["STS13"].to_dict()
    {'e5': 0.8, 'bge': 0.9}
    """
    if isinstance(table, pd.DataFrame):
        return _levels(table)
    if type(table).__module__.partition(".")[0] == "xarray":  # before mappings: a data set is one
        return _xarray(table)
    if isinstance(table, pd.Series):
        return _series(table)
    if isinstance(table, np.ndarray):
        return _array(table)
    if isinstance(table, Mapping):
        return _mapping(table)
    if isinstance(table, list) and table and all(isinstance(row, Mapping) for row in table):
        return pd.DataFrame(table)
    return _any_frame(table)


def _levels(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose index or columns have several levels, as a long table."""
    if frame.index.nlevels == frame.columns.nlevels == 1:
        return frame
    if frame.shape[1] == 1 and None not in frame.index.names:
        return frame.set_axis(["score"], axis=1).reset_index()
    names = [*frame.index.names, *frame.columns.names]
    if not {"task", "model"} <= {str(name).lower() for name in names} or None in names:
        raise InputError(
            f"got a DataFrame with several levels ({', '.join(map(str, names))}): expected levels named task, model and such as "
            "seed; name them with rename_axis(index=[...], columns=[...])"
        )
    stacked = frame.stack(list(range(frame.columns.nlevels)), future_stack=True)
    long: pd.DataFrame = pd.Series(stacked, name="score").reset_index()
    return long.rename(columns={c: str(c).lower() for c in long.columns})


def _series(series: "pd.Series[Any]") -> pd.DataFrame:
    """A series over (model, task) is a long table."""
    if series.index.nlevels < 2:
        raise InputError(
            "got a Series of one level: expected a score for every model and task, as a Series over both or a DataFrame"
        )
    return series.rename("score").reset_index()


def _array(array: Any) -> pd.DataFrame:
    if array.dtype.names is not None and array.ndim == 1:
        frame = pd.DataFrame({name: array[name] for name in array.dtype.names})
        for name in frame.columns:
            if array.dtype[name].kind == "S":
                frame[name] = [value.decode() for value in array[name].tolist()]
        return frame
    raise InputError(
        f"got an array of shape {array.shape} without names: expected "
        "pandas.DataFrame(array, index=tasks, columns=models)"
    )


def _mapping(mapping: Mapping[Any, Any]) -> pd.DataFrame | None:
    values = list(mapping.values())
    if values and all(isinstance(v, Mapping) for v in values):
        if any(isinstance(x, Mapping | list | tuple) for v in values for x in v.values()):
            raise InputError("got dictionaries of more than two levels: expected {model: {task: score}}")
        return (
            pd.DataFrame({m: pd.Series(dict(scores), dtype=object) for m, scores in mapping.items()})
            .rename_axis(index="task", columns="model")
            .infer_objects()
        )
    if values and all(isinstance(v, list | tuple | np.ndarray | pd.Series) for v in values):
        sizes = {str(k): len(v) for k, v in mapping.items()}
        if len(set(sizes.values())) > 1:
            raise InputError(
                f"got columns of different lengths ({', '.join(f'{k}: {n}' for k, n in list(sizes.items())[:4])})"
            )
        return pd.DataFrame(dict(mapping))
    return None


def _xarray(table: Any) -> pd.DataFrame | None:
    """Two dimensions are a wide table by their names, more a long one; a data set's variables are its columns."""
    if hasattr(table, "data_vars"):
        names = list(table.data_vars)
        if len(names) == 1:
            table = table[names[0]]
        else:
            frame: pd.DataFrame = table.to_dataframe()
            return frame.reset_index() if frame.index.nlevels > 1 else frame
    if not hasattr(table, "dims"):
        return None
    bare = [d for d in table.dims if d not in table.coords]
    if bare:
        raise InputError(
            f"got an xarray without names along {bare[0]!r}: expected coordinates that name its models and tasks"
        )
    if table.ndim == 2:
        wide: pd.DataFrame = table.to_pandas()
        return wide
    long: pd.DataFrame = table.rename("score").to_dataframe().reset_index()
    return long


def _any_frame(table: Any) -> pd.DataFrame | None:
    try:
        import narwhals as nw  # late: only who has another frame needs it

        frame = nw.from_native(table, pass_through=True)
    except ImportError:
        frame = table
    if frame is not table:
        eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
        made: pd.DataFrame = eager.to_pandas()
        return made if isinstance(made, pd.DataFrame) else None
    if hasattr(table, "__arrow_c_stream__"):
        import pyarrow as pa

        arrow: pd.DataFrame = pa.table(table).to_pandas()
        return arrow
    return None
