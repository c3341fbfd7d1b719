"""A row of the table as a task, a subset or a language: means that add up, groups, and what a source without the language says."""

from pathlib import Path

import pytest

from bench.sources.definitions import load
from bench.sources.index import open_index
from bench.sources.results import read_results
from bench.sources.units import in_units
from stats import compare
from stats.common.errors import InputError

TASK = "MIRACLRetrievalHardNegatives"


@pytest.fixture
def index(write_result, tmp_path: Path):
    asked = load().task("STS22.v2")
    scores = {"test": {s: 0.1 + 0.01 * i for i, s in enumerate(asked.subsets)}}
    write_result("org/a", "STS22.v2", scores)
    write_result("org/b", "STS22.v2", {"test": {s: v + 0.1 for s, v in list(scores["test"].items())[:-1]}})
    write_result("org/a", "STSBenchmark", {"test": {"default": 0.5}})
    write_result("org/b", "STSBenchmark", {"test": {"default": 0.6}})
    return open_index(tmp_path / "results", load(), cache=False)


def test_subsets_are_rows_of_one_group_whose_mean_is_the_task(index):
    whole, rows = (read_results(index, load(), unit=unit) for unit in ("task", "subset"))
    mine = [t for t in rows.task_names if t.startswith("STS22.v2 (")]
    assert len(mine) == len(load().task("STS22.v2").subsets)
    assert rows.table.loc[mine, "org/a"].mean() == pytest.approx(whole.table.loc["STS22.v2", "org/a"])
    assert rows.table.loc[mine, "org/b"].isna().sum() == 1
    assert len(set(rows.groups)) == 2
    assert rows.provenance["unit"] == "subset"
    said = "What is called a task here is one subset of a task (--unit subset)."
    assert said in compare(rows, missing="tasks", families=False, rng=0).conclusions


def test_a_language_is_the_mean_of_the_subsets_that_speak_it(index):
    rows = read_results(index, load(), unit="language")
    asked = load().task("STS22.v2")
    speaking = [s for s in asked.subsets if "deu-Latn" in asked.languages[s]]
    position = {s: i for i, s in enumerate(asked.subsets)}
    expected = sum(0.1 + 0.01 * position[s] for s in speaking) / len(speaking)
    assert rows.table.loc["STS22.v2 (deu-Latn)", "org/a"] == pytest.approx(expected)


def test_only_one_language(index):
    found = read_results(index, load(), languages=["deu"])
    assert found.task_names == ["STS22.v2"]
    with pytest.raises(InputError, match="no task is in xyz"):
        read_results(index, load(), languages=["xyz"])
    with pytest.raises(InputError, match="subset"):
        in_units([load().task("STS22.v2")], "subsets")


@pytest.mark.real_data
def test_means_over_subsets_are_the_tasks_on_public_results(rteb_archive):
    index = open_index(rteb_archive, load())
    whole, rows = (read_results(index, load(), benchmark="RTEB(beta)", unit=unit) for unit in ("task", "subset"))
    mine = [t for t in rows.task_names if t.startswith(TASK)]
    models = whole.table.loc[TASK].dropna().index
    assert len(mine) == 18
    assert float((rows.table.loc[mine, models].mean() - whole.table.loc[TASK, models]).abs().max()) < 1e-12
