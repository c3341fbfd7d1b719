"""The frozen score table: reading, choosing, dropping by name, writing."""

from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stats import Scores, as_scores
from stats.common.errors import InputError
from stats.common.hashing import file_hash

LONG = pd.DataFrame(
    [
        ("org/a", "STS12", 0.8, "STS", "SemEval"),
        ("org/a", "STS13", 0.7, "STS", "SemEval"),
        ("org/a", "SciFact", 0.6, "Retrieval", None),
        ("org/b", "STS12", 0.5, "STS", "SemEval"),
        ("org/b", "SciFact", 0.9, "Retrieval", None),
        ("c", "STS12", 0.4, "STS", "SemEval"),
        ("c", "STS13", 0.4, "STS", "SemEval"),
        ("c", "SciFact", 0.4, "Retrieval", None),
    ],
    columns=["model", "task", "score", "family", "group"],
)


@pytest.fixture
def scores() -> Scores:
    return Scores.from_frame(LONG.assign(revision="r1"), provenance={"source": "here"})


# -- looking ---------------------------------------------------------------------------------------------------


def test_what_it_knows(scores: Scores) -> None:
    assert scores.models == ["org/a", "org/b", "c"]
    assert scores.task_names == ["STS12", "STS13", "SciFact"]
    assert (scores.n_tasks, scores.n_models) == (3, 3)
    assert scores.families == ["STS", "Retrieval"]
    assert scores.groups.tolist() == [0, 0, 1]  # SciFact stands alone
    assert np.isnan(scores.values[1, 1])
    assert repr(scores) == "Scores(3 tasks x 3 models, 2 families, 1 missing, from here)"


def test_tasks_without_a_group_stand_alone() -> None:
    plain = Scores.from_frame(pd.DataFrame({"task": ["x", "y", "z"], "a": [1.0, 2.0, 3.0]}))
    assert plain.groups.tolist() == [0, 1, 2]
    assert plain.families == []


def test_it_is_frozen(scores: Scores) -> None:
    with pytest.raises(FrozenInstanceError):
        scores.higher_is_better = False  # type: ignore[misc]  # that is the point


def test_its_html_escapes_names() -> None:
    hostile = Scores.from_frame(
        pd.DataFrame({"task": ["<b>t"], "<script>": [0.5]}), provenance={"source": "<img>"}
    )._repr_html_()
    assert "<script>" not in hostile
    assert "<img>" not in hostile


def test_the_hash_is_of_the_content_alone(scores: Scores) -> None:
    turned = replace(scores, table=scores.table.iloc[::-1, ::-1], provenance={})
    assert turned.sha256 == scores.sha256
    assert replace(scores, higher_is_better=False).sha256 != scores.sha256
    assert replace(scores, table=scores.table.rename(columns={"c": "d"})).sha256 != scores.sha256
    assert replace(scores, table=scores.table + 1e-15).sha256 != scores.sha256
    zero = Scores.from_frame(pd.DataFrame({"task": ["x"], "a": [0.0]}))
    assert replace(zero, table=-zero.table).sha256 == zero.sha256  # -0 is 0


# -- choosing --------------------------------------------------------------------------------------------------


def test_a_family(scores: Scores) -> None:
    assert scores.family("STS").task_names == ["STS12", "STS13"]
    assert scores.family("Retrieval", "STS").n_tasks == 3
    with pytest.raises(
        InputError, match="unknown task family 'Sts': these scores have STS, Retrieval; did you mean 'STS'"
    ):
        scores.family("Sts")


def test_select_by_name_and_pattern_in_the_tables_order(scores: Scores) -> None:
    chosen = scores.select(models=["c", "org/*"], tasks="STS1?")
    assert chosen.models == ["org/a", "org/b", "c"]
    assert chosen.task_names == ["STS12", "STS13"]
    assert chosen.cells is not None
    assert len(chosen.cells) == 5
    with pytest.raises(InputError, match="no model matches 'org/d' among 3; did you mean 'org/"):
        scores.select(models="org/d")
    with pytest.raises(InputError, match="no task matches 'x'"):
        scores.select(tasks=["STS12", "x"])


def test_a_name_with_pattern_characters_is_itself_first() -> None:
    odd = Scores.from_frame(pd.DataFrame({"task": ["x"], "a[1]": [0.5], "a1": [0.6]}))
    assert odd.select(models="a[1]").models == ["a[1]"]


def test_top_takes_the_best_means_and_incomplete_models_last(scores: Scores) -> None:
    assert scores.top(1).models == ["org/a"]
    assert scores.top(2).models == ["org/a", "c"]  # org/b has no mean
    assert replace(scores, higher_is_better=False).top(1).models == ["c"]
    assert scores.top(9).n_models == 3
    with pytest.raises(InputError, match="top=0"):
        scores.top(0)


# -- missing scores --------------------------------------------------------------------------------------------


def test_complete_keeps_the_models_that_have_every_task(scores: Scores) -> None:
    full = scores.complete()
    assert full.models == ["org/a", "c"]
    assert full.excluded == {"models": {"org/b": "no score on STS13"}, "tasks": {}}


def test_complete_by_tasks(scores: Scores) -> None:
    full = scores.complete("tasks")
    assert full.task_names == ["STS12", "SciFact"]
    assert full.excluded == {"models": {}, "tasks": {"STS13": "no score of org/b"}}


def test_keep_drops_only_what_is_empty(scores: Scores) -> None:
    empty = replace(scores, table=scores.table.assign(c=np.nan))
    kept = empty.complete("keep")
    assert kept.models == ["org/a", "org/b"]
    assert kept.excluded["models"] == {"c": "no score on any task"}
    assert int(kept.table.isna().sum().sum()) == 1


@pytest.mark.parametrize("policy", ["models", "tasks"])
def test_an_empty_task_or_model_does_not_drag_the_others_with_it(policy: str, scores: Scores) -> None:
    table = scores.table.copy()
    table.loc["STS13"] = np.nan
    table["c"] = np.nan
    full = replace(scores, table=table).complete(policy)  # type: ignore[arg-type]  # both are policies
    assert full.models == ["org/a", "org/b"]
    assert full.task_names == ["STS12", "SciFact"]
    assert set(full.excluded["models"]) == {"c"}
    assert full.excluded["tasks"] == {"STS13": "no model has a score"}


def test_dropping_adds_to_what_was_dropped_before(scores: Scores) -> None:
    first = scores.complete()
    again = replace(first, table=first.table.mask(first.table == 0.4)).complete("keep")
    assert set(again.excluded["models"]) == {"org/b", "c"}


def test_many_missing_tasks_are_summed_up() -> None:
    frame = pd.DataFrame({"task": list("vwxyz"), "a": [1.0] * 5, "b": [1.0, *[np.nan] * 4]})
    assert Scores.from_frame(frame).complete().excluded["models"]["b"] == "no score on w, x, y and 1 more"


def test_nothing_left_is_an_error(scores: Scores) -> None:
    gaps = replace(scores, table=scores.table.where(~np.eye(3, dtype=bool)))
    for policy in ("models", "tasks"):
        with pytest.raises(
            InputError, match=r"nor has any (task|model) one o[nf] all of them: select models and tasks"
        ):
            gaps.complete(policy)  # type: ignore[arg-type]  # both are policies
    with pytest.raises(InputError, match="expected 'models', 'tasks' or 'keep'"):
        scores.complete("drop")  # type: ignore[arg-type]  # that is the point


@given(hnp.arrays(float, (4, 5), elements=st.sampled_from([0.5, np.nan])))
@settings(max_examples=60, deadline=None)
def test_whatever_is_kept_is_complete_and_whatever_is_dropped_is_named(values: np.ndarray) -> None:  # type: ignore[type-arg]  # hypothesis gives any
    table = pd.DataFrame(values, index=pd.Index(list("wxyz"), name="task"), columns=list("abcde"))
    scores = as_scores(table)
    try:
        full = scores.complete()
    except InputError:
        return
    assert not full.table.isna().any().any()
    assert set(full.models) | set(full.excluded["models"]) == set(scores.models)
    assert set(full.task_names) | set(full.excluded["tasks"]) == set(scores.task_names)


# -- files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["s.csv", "s.tsv", "s.csv.gz", "s.csv.zst"])
def test_csv_reads_back_exactly(name: str, tmp_path: Path) -> None:
    table = pd.DataFrame({"task": ["x", "y"], "a,b": [0.1 + 0.2, 1 / 3], 'c"d': [1e-300, np.nan]})
    path = tmp_path / name
    table.to_csv(path, index=False, sep="\t" if "tsv" in name else ",")
    read = Scores.from_csv(path)
    pd.testing.assert_frame_equal(read.table, Scores.from_frame(table).table, check_exact=True)
    assert read.provenance["sha256"] == file_hash(path)


def test_to_csv_wide_and_long(scores: Scores, tmp_path: Path) -> None:
    scores.to_csv(tmp_path / "wide.csv")
    pd.testing.assert_frame_equal(Scores.from_csv(tmp_path / "wide.csv").table, scores.table)
    scores.to_csv(tmp_path / "long.csv", long=True)
    read = Scores.from_csv(tmp_path / "long.csv")
    pd.testing.assert_frame_equal(read.table, scores.table)
    assert read.families == scores.families
    assert list(scores.to_frame(long=True)) == ["model", "task", "family", "score"]
    assert len(scores.to_frame(long=True)) == 8


def test_parquet_keeps_groups_revisions_direction_and_what_was_dropped(scores: Scores, tmp_path: Path) -> None:
    written = replace(scores.complete(), higher_is_better=False)
    written.to_parquet(tmp_path / "s.parquet")
    read = Scores.from_parquet(tmp_path / "s.parquet")
    pd.testing.assert_frame_equal(read.table, written.table)
    assert read.sha256 == written.sha256
    assert read.groups.tolist() == [0, 0, 1]
    assert read.excluded == written.excluded
    assert read.provenance["source"] == "here"
    assert not read.higher_is_better
    assert read.cells is not None
    assert set(read.cells["revision"]) == {"r1"}


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_bytes("\ufefftask,a\r\nt1,.5\r\n".encode())
    assert Scores.from_csv(tmp_path / "s.csv").table.loc["t1", "a"] == 0.5


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"task,a\n", "1 line"),
        (bytes(range(256)), "cannot be read as CSV"),
        (b"task,a\nt1,1,2,3\n", "line 2: has 4 cells where the heading has 2"),
        (b'task,a\n"t1,1\n', "cannot be read as CSV|line|no number|empty"),
    ],
)
def test_a_bad_file_is_one_line_that_names_it(content: bytes, expected: str, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_bytes(content)
    with pytest.raises(InputError, match=expected) as error:
        Scores.from_csv(tmp_path / "s.csv")
    assert "s.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_bad_parquet_file_is_one_line_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "s.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(InputError, match=r"s\.parquet: cannot be read as Parquet"):
        Scores.from_parquet(tmp_path / "s.parquet")


# -- as_scores -------------------------------------------------------------------------------------------------


def test_a_plain_frame_has_tasks_as_rows() -> None:
    frame = pd.DataFrame({"a": [0.5, 0.6], "b": [0.7, 0.8]}, index=["t1", "t2"])
    assert as_scores(frame).task_names == ["t1", "t2"]
    assert as_scores(frame.rename_axis("model")).models == ["t1", "t2"]
    assert as_scores(LONG).n_models == 3
    same = Scores.from_frame(LONG)
    assert as_scores(same) is same


def test_a_frame_without_names_gets_numbers() -> None:
    assert as_scores(pd.DataFrame([[0.5, 0.6], [0.7, 0.8]], index=[0, 1])).models == ["0", "1"]


@pytest.mark.parametrize("what", [[1, 2], {"a": 1}, np.eye(3), None])
def test_anything_else_is_an_error(what: object) -> None:
    with pytest.raises(InputError, match=r"expected Scores or a DataFrame|expected pandas\.DataFrame"):
        as_scores(what)  # type: ignore[arg-type]  # that is the point


@pytest.mark.real_data
def test_the_real_table(eng_v2_csv: Path) -> None:
    scores = Scores.from_csv(eng_v2_csv)
    assert (scores.n_tasks, scores.n_models) == (41, 183)
    assert scores.complete().excluded == {"models": {}, "tasks": {}}
