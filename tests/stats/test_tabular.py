"""Plain tables, wide and long: what is accepted, and the one line that each bad one gets."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stats import Scores
from stats.common.errors import InputError
from stats.common.tables import clean_names, parse

WIDE = pd.DataFrame({"task": ["t1", "t2"], "a": [0.1, 0.2], "b": [0.3, None]})


def long(**more: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {"model": ["a", "a", "b", "b"], "task": ["t1", "t2", "t1", "t2"], "score": [0.1, 0.2, 0.3, 0.4], **more}
    )


# -- wide ------------------------------------------------------------------------------------------------------


def test_a_first_column_headed_task_means_that_models_are_columns() -> None:
    table = parse(WIDE).table
    assert table.index.tolist() == ["t1", "t2"]
    assert table.columns.tolist() == ["a", "b"]
    assert np.isnan(table.loc["t2", "b"])


def test_a_first_column_headed_model_means_that_tasks_are_columns() -> None:
    turned = pd.DataFrame({"model": ["a", "b"], "t1": [0.1, 0.3], "t2": [0.2, None]})
    pd.testing.assert_frame_equal(parse(turned).table, parse(WIDE).table)


@pytest.mark.parametrize("heading", ["Task", "TASKS", " task "])
def test_headings_are_read_in_any_case(heading: str) -> None:
    assert parse(WIDE.rename(columns={"task": heading})).table.shape == (2, 2)


def test_a_named_index_counts_as_a_heading() -> None:
    pd.testing.assert_frame_equal(parse(WIDE.set_index("task")).table, parse(WIDE).table)
    pd.testing.assert_frame_equal(parse(WIDE.set_index("task").T.rename_axis("model")).table, parse(WIDE).table)


@pytest.mark.parametrize("heading", ["name", "", "Unnamed: 0"])
def test_any_other_heading_needs_to_be_told(heading: str) -> None:
    frame = WIDE.rename(columns={"task": heading})
    with pytest.raises(InputError, match=r"expected 'task' .* or 'model' .* --rows tasks\|models"):
        parse(frame)
    assert parse(frame, rows="tasks").table.columns.tolist() == ["a", "b"]
    assert parse(frame, rows="models").table.index.tolist() == ["a", "b"]


def test_rows_overrules_the_heading() -> None:
    assert parse(WIDE, rows="models").table.columns.tolist() == ["t1", "t2"]


def test_rows_is_checked() -> None:
    with pytest.raises(InputError, match="expected 'tasks' or 'models'"):
        parse(WIDE, rows="columns")  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (pd.DataFrame(), "is empty"),
        (pd.DataFrame({"task": [], "a": []}), "is empty"),
        (pd.DataFrame({"task": ["t1", "t2"]}), "no score column"),
        (pd.DataFrame({"task": ["t1", "t1"], "a": [1, 2]}), "task 't1' is given 2 times"),
        (pd.DataFrame([["t1", 1, 2]], columns=["task", "a", "a"]), "model 'a' is given 2 times"),
        (pd.DataFrame([["t1", 1, 2]], columns=["task", "a", " a"]), "model 'a' is given 2 times"),
        (pd.DataFrame({"task": ["t1", None], "a": [1, 2]}), "task number 2 has no name"),
        (pd.DataFrame([["t1", 1, 2]], columns=["task", "a", ""]), "model number 2 has no name"),
        (pd.DataFrame({"task": ["t1"], "a": [np.inf]}), "task 't1', model 'a' is infinite"),
        (pd.DataFrame({"task": ["t1"], "a": ["-inf"]}), "is infinite"),
        (pd.DataFrame({"task": ["t1"], "a": ["good"]}), "holds 'good', which is not a number"),
        (pd.DataFrame({"task": ["t1"], "a": ["0,5"]}), "a decimal comma"),
        (pd.DataFrame({"task": ["t1"], "a": ["50%"]}), "a percent sign"),
        (pd.DataFrame({"task": ["t1"], "a": ["1_000"]}), "which is not a number"),
        (pd.DataFrame({"task": ["t1"], "a": ["x" * 100]}), r"'x{40}\.\.\.'"),
        (pd.DataFrame({"task": ["t1"], "a": [True]}), "expected a number"),
        (pd.DataFrame({"task": ["t1"], "a": [1 + 2j]}), "expected a number"),
        (pd.DataFrame({"task": ["t1"], "a": pd.to_datetime(["2024-01-01"])}), "expected a number"),
        (pd.DataFrame({"task": ["t1"], "a": [[0.5]]}), "which is not a number"),
    ],
)
def test_a_bad_wide_table_gets_one_line(frame: pd.DataFrame, expected: str) -> None:
    with pytest.raises(InputError, match=expected) as error:
        parse(frame, source="scores.csv")
    assert "\n" not in str(error.value)
    assert "scores.csv" in str(error.value)


@pytest.mark.parametrize("missing", ["", " ", "NA", "n/a", "nan", "NaN", "NULL", "None", "-", None, np.nan, pd.NA])
def test_every_way_to_say_that_there_is_no_score(missing: Any) -> None:
    frame = pd.DataFrame({"task": ["t1", "t2"], "a": pd.Series([missing, "0.5"], dtype=object)})
    assert parse(frame).table["a"].isna().tolist() == [True, False]


@pytest.mark.parametrize("value", ["0.5", " 0.5 ", "5e-1", ".5", 0.5, np.float32(0.5), Decimal("0.5")])
def test_every_way_to_write_a_number(value: Any) -> None:
    assert parse(pd.DataFrame({"task": ["t1"], "a": pd.Series([value], dtype=object)})).table.iloc[0, 0] == 0.5


@pytest.mark.parametrize("dtype", ["Float64", "Int64", "float32", "int8", "string[pyarrow]"])
def test_column_types_of_pandas(dtype: str) -> None:
    frame = pd.DataFrame({"task": ["t1", "t2"], "a": pd.Series(["1", "2"]).astype(float if dtype[0] != "s" else str).astype(dtype)})  # fmt: skip
    assert parse(frame).table["a"].tolist() == [1.0, 2.0]


def test_names_are_stripped_and_composed() -> None:
    assert clean_names([" a ", "Cafe\u0301"], "model", "x") == ["a", "Caf\u00e9"]
    with pytest.raises(InputError, match="given 2 times"):
        clean_names(["Cafe\u0301", "Caf\u00e9"], "model", "x")
    assert clean_names([1, 2.5], "model", "x") == ["1", "2.5"]


# -- long ------------------------------------------------------------------------------------------------------


def test_long() -> None:
    parsed = parse(long(family=["STS", "Retrieval"] * 2, n_samples=[10, 20] * 2))
    assert parsed.table.to_dict() == {"a": {"t1": 0.1, "t2": 0.2}, "b": {"t1": 0.3, "t2": 0.4}}
    assert parsed.tasks["family"].tolist() == ["STS", "Retrieval"]
    assert parsed.tasks["n_samples"].tolist() == [10, 20]


def test_long_wants_no_order_of_rows_or_columns() -> None:
    shuffled = long().sample(frac=1, random_state=1)[["score", "task", "model"]]
    table = parse(shuffled).table
    pd.testing.assert_frame_equal(table.sort_index().sort_index(axis=1), parse(long()).table)


def test_a_missing_row_is_a_missing_score() -> None:
    assert parse(long().iloc[:3]).table.isna().to_dict() == {
        "a": {"t1": False, "t2": False},
        "b": {"t1": False, "t2": True},
    }


def test_seeds_are_averaged_and_kept() -> None:
    twice = pd.concat([long(seed=[0] * 4), long(seed=[1] * 4).assign(score=[0.3, 0.2, 0.3, None])])
    parsed = parse(twice)
    assert parsed.table.loc["t1", "a"] == pytest.approx(0.2)
    assert parsed.cells is not None
    replicates = parsed.cells.set_index(["task", "model"])["seed_scores"]
    assert replicates[("t1", "a")] == (0.1, 0.3)


def test_what_a_row_says_about_its_evaluation_is_kept() -> None:
    parsed = parse(long(revision=["r1", "r1", "r2", "r3"], external=[False, False, True, False]))
    assert parsed.cells is not None
    assert parsed.cells[["model", "task", "revision", "external"]].to_numpy().tolist()[2] == ["b", "t1", "r2", True]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (pd.concat([long(), long()]), "has 2 scores on task 't1'; expected one .*'seed'"),
        (pd.concat([long(split=["test"] * 4), long(split=["dev"] * 4)]), r"one for each split \(dev, test\)"),
        (pd.concat([long(subset=["en"] * 4), long(subset=["de"] * 4)]), r"one for each subset \(de, en\)"),
        (pd.concat([long(revision=["r"] * 4), long(revision=["s"] * 4)]), r"one for each revision \(r, s\)"),
        (pd.concat([long(seed=[0] * 4), long(seed=[0] * 4)]), "has 2 scores"),
        (long(family=["A", "B", "C", "B"]), r"task 't1' has more than one family \(A, C\)"),
        (long().assign(model=["a", "a", "", "b"]), "model number 3 has no name"),
        (long().assign(score=[1, 2, np.inf, 4]), "model 'b', task 't1' is infinite"),
        (long().assign(score=[1, 2, "x", 4]), "model 'b', task 't1' holds 'x'"),
        (long(Model=["x"] * 4), "two columns named 'model'"),
    ],
)
def test_a_bad_long_table_gets_one_line(frame: pd.DataFrame, expected: str) -> None:
    with pytest.raises(InputError, match=expected) as error:
        parse(frame, source="scores.csv")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("nothing", ["", "NA", " ", None, np.nan])
def test_an_empty_group_or_family_is_unknown_and_none_of_its_own(nothing):
    rows = [("a", t, 0.5, g, g) for t, g in (("x", nothing), ("y", nothing), ("z", "STS"))]
    scores = Scores.from_frame(pd.DataFrame(rows, columns=["model", "task", "score", "family", "group"]))
    assert scores.families == ["STS"]
    assert scores.groups.tolist() == [0, 1, 2]


def test_a_family_may_be_said_in_one_row_of_a_task_alone(tmp_path):
    (tmp_path / "s.csv").write_text("model,task,score,family\na,t,.1,\nb,t,.2,STS\n")
    assert Scores.from_csv(tmp_path / "s.csv").families == ["STS"]


@pytest.mark.parametrize("count", ["12.5", "1e30", "inf", "-1", "many", 12.5])
def test_a_number_of_samples_is_a_whole_number(count):
    rows = pd.DataFrame([("a", "t", 0.5, count)], columns=["model", "task", "score", "n_samples"])
    with pytest.raises(InputError, match=r"task 't' has n_samples '.*'; expected a whole number"):
        Scores.from_frame(rows)


def test_a_name_that_cannot_be_written_is_refused():
    with pytest.raises(InputError, match="half a surrogate pair"):
        Scores.from_frame(pd.DataFrame([["t", 0.5]], columns=pd.Index(["task", "a\ud800"], dtype=object)))


@pytest.mark.parametrize("named", [True, False])
def test_a_model_may_be_called_model(named):
    frame = pd.DataFrame({"model": [0.1, 0.2], "b": [0.3, 0.4]}, index=["x", "y"])
    scores = Scores.from_frame(frame.rename_axis("task" if named else None), rows=None if named else "tasks")
    assert (scores.models, scores.task_names) == (["model", "b"], ["x", "y"])
