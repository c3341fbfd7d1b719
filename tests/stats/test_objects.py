"""Tables of every library an analyst has are the same table, and what is none is one line."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from stats import as_scores, audit, borda, compare, friedman, wilcoxon
from stats.common.errors import InputError
from stats.common.objects import as_frame

TASKS, A, B = ["x", "y", "z"], [0.1, 0.2, 0.3], [0.3, 0.1, 0.2]
COLUMNS = {"task": TASKS, "a": A, "b": B}
RECORDS = [{"task": t, "a": a, "b": b} for t, a, b in zip(TASKS, A, B, strict=True)]
NESTED = {"a": dict(zip(TASKS, A, strict=True)), "b": dict(zip(TASKS, B, strict=True))}
LONG = pd.DataFrame(COLUMNS).melt(id_vars="task", var_name="model", value_name="score")
WIDE = pd.DataFrame(COLUMNS).set_index("task")


def _polars(lazy: bool) -> Any:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(COLUMNS)
    return frame.lazy() if lazy else frame


def _xarray(dims: tuple[str, str]) -> Any:
    xr = pytest.importorskip("xarray")
    values = np.array([A, B]) if dims[0] == "model" else np.array([A, B]).T
    return xr.DataArray(values, dims=dims, coords={"task": TASKS, "model": ["a", "b"]})


def _dataset() -> Any:
    xr = pytest.importorskip("xarray")
    return xr.Dataset({"a": ("task", A), "b": ("task", B)}, coords={"task": TASKS})


class _Arrow:
    """Anything that exports an Arrow stream."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return pa.table(COLUMNS).__arrow_c_stream__(requested_schema)


ALIKE: dict[str, Callable[[], Any]] = {
    "pandas, indexed": lambda: WIDE,
    "pandas, a column": lambda: pd.DataFrame(COLUMNS),
    "pandas, long": lambda: LONG,
    "pandas, levels of the index": lambda: LONG.set_index(["task", "model"]),
    "pandas, a series": lambda: LONG.set_index(["model", "task"])["score"],
    "pandas, levels of the columns": lambda: WIDE.rename_axis(columns="model").unstack().rename("s").to_frame(),
    "polars": lambda: _polars(False),
    "polars, lazy": lambda: _polars(True),
    "pyarrow": lambda: pa.table(COLUMNS),
    "arrow stream": _Arrow,
    "xarray": lambda: _xarray(("task", "model")),
    "xarray, turned": lambda: _xarray(("model", "task")),
    "xarray, data set": _dataset,
    "numpy": lambda: np.array([*zip(TASKS, A, B, strict=True)], dtype=[("task", "U3"), ("a", float), ("b", float)]),
    "numpy, bytes": lambda: np.array(
        [*zip(TASKS, A, B, strict=True)], dtype=[("task", "S3"), ("a", float), ("b", float)]
    ),
    "dictionary of columns": lambda: COLUMNS,
    "dictionary of dictionaries": lambda: NESTED,
    "records": lambda: RECORDS,
}


@pytest.mark.parametrize("kind", ALIKE)
def test_one_table_in_every_library(kind: str) -> None:
    found = as_scores(ALIKE[kind]())
    assert found.table.to_dict() == NESTED


@pytest.mark.parametrize("kind", ["polars", "pyarrow", "xarray", "dictionary of dictionaries", "numpy"])
def test_every_function_takes_them(kind: str) -> None:
    table = ALIKE[kind]()
    assert wilcoxon(table).pvalue.tolist() == wilcoxon(WIDE).pvalue.tolist()
    assert friedman(table).pvalue == friedman(WIDE).pvalue
    assert compare(table, rng=0).to_dict()["pairs"] == compare(WIDE, rng=0).to_dict()["pairs"]
    assert audit(table).headline == audit(WIDE).headline
    assert borda(table).equals(borda(WIDE))


def test_named_levels_with_seeds_are_training_runs() -> None:
    seeds = pd.concat({0: WIDE, 1: WIDE + 0.2}, names=["seed"]).rename_axis(columns="model")
    for frame in (seeds, seeds.unstack("seed"), seeds.stack().to_frame("score")):
        found = as_scores(frame)
        assert found.table.round(9).to_dict() == {
            "a": {"x": 0.2, "y": 0.3, "z": 0.4},
            "b": {"x": 0.4, "y": 0.2, "z": 0.3},
        }
        assert found.cells is not None
        assert set(map(len, found.cells["seed_scores"])) == {2}


def test_three_named_dimensions_are_a_long_table() -> None:
    xr = pytest.importorskip("xarray")
    cube = xr.DataArray(
        np.stack([[A, B], [A, B]]),
        dims=("seed", "model", "task"),
        coords={"seed": [0, 1], "model": ["a", "b"], "task": TASKS},
    )
    assert as_scores(cube).table.round(9).to_dict() == NESTED


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            np.zeros((3, 2)),
            r"an array of shape \(3, 2\) without names: expected pandas\.DataFrame\(array, index=tasks, columns=models\)",
        ),
        ({"a": {"x": {"acc": 1}}}, "dictionaries of more than two levels"),
        ({"a": [1, 2], "b": [1]}, "columns of different lengths"),
        (pd.Series(A), "a Series of one level"),
        (pd.concat({"u": WIDE, "v": WIDE}), r"several levels \(None, task, None\): expected levels named task, model"),
        (3, "got int: expected Scores or a DataFrame"),
        ("scores", "got str|scores: no such file"),
        (None, "got NoneType"),
        ([1, 2], "got list"),
        ({"a": 1}, "got dict"),
    ],
)
def test_what_is_no_table_is_one_line(given: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        as_scores(given)
    assert "\n" not in str(caught.value)


def test_dimensions_without_names_are_asked_about() -> None:
    xr = pytest.importorskip("xarray")
    with pytest.raises(InputError, match="without names along 'task'"):
        as_scores(xr.DataArray(np.zeros((2, 2)), dims=("task", "model"), coords={"model": ["a", "b"]}))


def test_missing_scores_of_dictionaries_stay_missing() -> None:
    frame = as_frame({"a": {"x": 0.1}, "b": {"y": 0.2}})
    assert frame is not None
    assert as_scores(frame).table.isna().to_numpy().tolist() == [[False, True], [True, False]]
