"""Columns that say something of models or data sets are no scores, whatever numbers they hold; and what a long table lacks is named."""

import json

import pandas as pd
import pytest

import embsig
from bench import read
from bench.intake.aggregates import is_aggregate_name
from stats.common.errors import InputError

#: Twelve tasks by three models; by hand (ranks of whole thousandths, all 2^12 signs) a - b has W = 9.5 and p = .01708984375.
TABLE = pd.DataFrame(
    {
        "a": [0.615, 0.918, 0.393, 0.891, 0.436, 0.571, 0.890, 0.637, 0.644, 0.350, 0.780, 0.656],
        "b": [0.612, 0.881, 0.389, 0.918, 0.440, 0.570, 0.773, 0.575, 0.590, 0.290, 0.734, 0.634],
        "c": [0.593, 0.862, 0.387, 0.899, 0.482, 0.561, 0.785, 0.565, 0.635, 0.296, 0.749, 0.608],
    },
    index=pd.Index([f"t{i}" for i in range(12)], name="task"),
)


def _file(tmp_path, frame, name="s.csv", **how):
    path = tmp_path / name
    frame.to_csv(path, **how)
    return path


@pytest.mark.parametrize(
    "heading",
    [
        "#Params", "# Params", "#Param", "Num. params", "Parameters (millions)", "Size (MB)", "GFLOPs", "Layers", "# Layers", "Vocab size",
        "Dims", "Emb. dim", "Embedding size", "Max len", "Context", "Released", "ID", "idx", "No.", "Epochs", "Batch size", "Downloads", "Tokens",
    ],
)  # fmt: skip
def test_properties_of_models_are_no_tasks(tmp_path, heading):
    models = TABLE.T.rename_axis("model")
    models.insert(0, heading, [110, 335, 7000])
    scores = read(_file(tmp_path, models))
    assert scores.task_names == TABLE.index.tolist()
    assert scores.provenance["read"]["set_aside"] == {f"column {heading}": "no scores"}
    with pytest.raises(InputError, match="no scores"):
        read(_file(tmp_path, models), strict=True)


@pytest.mark.parametrize(
    "heading",
    [
        "#samples", "#queries", "n_queries", "num docs", "#classes", "num_labels", "length", "#train", "support", "corpus size", "id", "index",
        "instances", "features", "queries", "documents", "",
    ],
)  # fmt: skip
def test_properties_of_tasks_are_no_models(tmp_path, heading):
    table = TABLE.copy()
    table.insert(1, heading, range(100, 1300, 100))
    found = embsig.compare(_file(tmp_path, table), rng=0)
    assert found.scores.models == ["a", "b", "c"]
    pair = found.pairs.set_index(["model_a", "model_b"]).loc[("a", "b")]
    assert (pair["n"], pair["statistic"], pair["pvalue"]) == (12, 9.5, 0.01708984375)
    assert embsig.compare(table, rng=0).scores.models == ["a", "b", "c"]


def test_what_is_asked_for_by_name_or_has_fractions_is_a_score(tmp_path):
    table = TABLE.rename(columns={"b": "length", "c": "k"})
    assert read(_file(tmp_path, table)).models == ["a", "length", "k"]
    whole = TABLE.assign(length=range(1, 13))
    assert read(_file(tmp_path, whole), models=["length", "a", "b"]).models == ["a", "b", "length"]
    points = pd.DataFrame({"k": [61, 67, 70], "id": [70, 71, 72]}, index=pd.Index(list("xyz"), name="task"))
    assert read(_file(tmp_path, points)).models == ["k", "id"]  # whole numbers all: nothing tells them from scores


def test_scores_of_dev_and_test_in_whole_points_are_scores_and_sizes_of_these_are_not(tmp_path):
    points = TABLE.assign(dev=range(60, 72), test=[f"{t}" for t in range(61, 73)])
    assert read(_file(tmp_path, points)).models == ["a", "b", "c", "dev", "test"]
    sizes = TABLE.assign(dev=range(60, 72), test=[f"{t},000" for t in range(1, 13)])
    assert read(_file(tmp_path, sizes)).models == ["a", "b", "c", "dev"]


def test_a_model_of_counts_is_asked_about(tmp_path):
    path = _file(tmp_path, TABLE.assign(frobs=range(100, 1300, 100)))
    with pytest.raises(
        InputError, match=r"'frobs' holds whole numbers from 100 to 1200, .* --model '!frobs', .* --model '\*'"
    ):
        read(path)
    assert read(path, models="!frobs").models == ["a", "b", "c"]
    assert read(path, models="*").models == ["a", "b", "c", "frobs"]


@pytest.mark.parametrize("name", ["SOTA", "oracle", "upper bound", "VBS"])
def test_the_best_of_the_others_is_no_model(tmp_path, name):
    path = _file(tmp_path, TABLE.assign(**{name: TABLE.max(axis=1)}))
    assert read(path).models == ["a", "b", "c"]
    assert read(path).provenance["read"]["set_aside"] == {f"column {name}": "largest of the others"}
    better = _file(tmp_path, TABLE.assign(**{name: TABLE.max(axis=1) + 0.01}))
    assert read(better).models == ["a", "b", "c", name]
    assert not is_aggregate_name(name)


BEATEN = 3 - TABLE.rank(axis=1, ascending=False)


@pytest.mark.parametrize(
    ("name", "row", "why"),
    [
        ("Borda", BEATEN.sum(), "Borda count of the others"),
        ("Borda", (BEATEN + 1).sum(), "Borda count of the others"),
        ("win rate", (BEATEN / 2).mean().round(3), "mean win rate among the others"),
        ("win rate", (BEATEN / 2).mean().mul(100).round(1), "mean win rate among the others"),
    ],
)
def test_counts_of_wins_are_no_tasks(tmp_path, name, row, why):
    table = pd.concat([TABLE, row.to_frame(name).T]).rename_axis("task")
    assert read(_file(tmp_path, table)).provenance["read"]["set_aside"] == {f"row {name}": why}


def test_the_average_of_one_task_is_no_second_task(tmp_path):
    one = pd.concat([TABLE.iloc[:1], TABLE.iloc[:1].rename(index={"t0": "Avg"})])
    assert read(_file(tmp_path, one)).task_names == ["t0"]
    with pytest.raises(InputError, match="'Avg' is named as an aggregate"):
        read(_file(tmp_path, pd.concat([TABLE.iloc[:1], TABLE.iloc[1:2].rename(index={"t1": "Avg"})])))


# -- long tables ------------------------------------------------------------------------------------------------------


def test_what_melt_makes_of_tasks_in_rows(tmp_path):
    for melted in (
        TABLE.reset_index().melt(id_vars="task"),
        TABLE.T.rename_axis("model").reset_index().melt(id_vars="model"),
    ):
        scores = read(_file(tmp_path, melted.rename(columns={melted.columns[1]: "variable"}), index=False))
        pd.testing.assert_frame_equal(scores.table.loc[TABLE.index, TABLE.columns], TABLE, check_names=False)


@pytest.mark.parametrize("heading", ["k", "epoch", "date", "checkpoint"])
def test_the_column_that_tells_repeats_apart_is_named(tmp_path, heading):
    long = TABLE.reset_index().melt(id_vars="task", var_name="model", value_name="score")
    both = pd.concat([long.assign(**{heading: "x1"}), long.assign(**{heading: "x2"})])
    with pytest.raises(InputError, match=rf"2 scores on task 't0', one for each {heading} \(x1 and x2\): keep one"):
        read(_file(tmp_path, both, index=False))
    assert read(_file(tmp_path, both.rename(columns={heading: "seed"}), index=False)).n_models == 3


def test_a_doubled_row_is_called_one(tmp_path):
    long = TABLE.reset_index().melt(id_vars="task", var_name="model", value_name="score")
    with pytest.raises(InputError, match="in rows that are the same: keep one of them"):
        read(_file(tmp_path, pd.concat([long, long.iloc[:1]]), index=False))


def test_which_names_of_nested_json_are_models_is_said(tmp_path):
    path = tmp_path / "s.json"
    path.write_text(json.dumps(TABLE.T.to_dict()))  # {task: {model: score}}
    assert "the outer names are taken as models (--rows tasks" in read(path).provenance["read"]["sentence"]
    turned = read(path, rows="tasks")
    assert turned.models == ["a", "b", "c"]
    assert "outer names" not in turned.provenance["read"]["sentence"]
    path.write_text(json.dumps({"org/a": {"STS12": 0.5, "STS13": 0.6}, "org/b": {"STS12": 0.4, "STS13": 0.7}}))
    assert "outer names" not in read(path).provenance["read"]["sentence"]
