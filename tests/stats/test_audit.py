"""Every problem that makes scores incomparable is found, counted exactly, and nothing is found in clean scores."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from bench import read_scores
from stats import Audit, Scores, audit

TASKS, MODELS = 8, 6


def clean(tasks: int = TASKS, models: int = MODELS, seed: int = 0) -> npt.NDArray[np.float64]:
    """Scores without any problem: task effect, model effect, a little noise."""
    rng = np.random.default_rng(seed)
    return np.asarray(
        np.linspace(0.4, 0.8, tasks)[:, None] + np.linspace(-0.1, 0.1, models) + 0.01 * rng.normal(size=(tasks, models))
    )


def make(values: npt.NDArray[np.float64] | None = None, **columns: Any) -> Scores:
    """Scores with cells whose columns are constant, or (T, k) arrays, and tasks whose metric is a fraction."""
    values = clean() if values is None else values
    index = pd.Index([f"task{i}" for i in range(values.shape[0])], name="task")
    names = [f"model{j}" for j in range(values.shape[1])]
    table = pd.DataFrame(values, index=index, columns=names)
    cells = pd.DataFrame([(t, m) for t in index for m in names], columns=["task", "model"])
    known: dict[str, Any] = {
        "revision": "r1", "dataset_revision": "d1", "mteb_version": "2.1.0", "external": False, "main_revision": True,
        "old_format": False, "missing_splits": None, "missing_subsets": None, "parts_score": np.nan,
        "trained_on": False,
    }  # fmt: skip
    for name, value in (known | columns).items():
        cells[name] = np.asarray(value, dtype=object).ravel() if np.ndim(value) else value
    info = pd.DataFrame({"low": 0.0, "high": 1.0}, index=index)
    return Scores.build(table, info, cells=cells)


def kinds(found: Audit) -> list[str]:
    return list(found.findings["kind"])


def row(found: Audit, kind: str) -> dict[str, Any]:
    (record,) = found.findings[found.findings["kind"] == kind].to_dict(orient="records")
    return {str(k): v for k, v in record.items()}


def but(value: Any, other: Any, at: list[tuple[int, int]], shape: tuple[int, int] = (TASKS, MODELS)) -> Any:
    grid = np.full(shape, value, dtype=object)
    for place in at:
        grid[place] = other
    return grid


def test_clean_scores_have_no_finding() -> None:
    found = audit(make())
    assert kinds(found) == []
    assert found.n_comparisons == TASKS * MODELS * (MODELS - 1) // 2
    assert found.n_touched == 0
    assert found.headline == "Nothing found that makes the scores of 6 models on 8 tasks incomparable."


TRAINED = but(False, True, [(2, 3), (2, 4)])
TRAINED[2, 5] = None

#: kind -> (cells' columns, comparisons touched, models concerned, tasks concerned)
ONE = [(2, 3)]
CASES: dict[str, tuple[dict[str, Any], int, int, int]] = {
    # One self-reported score is compared with 5 others on its task.
    "external": ({"external": but(False, True, ONE)}, 5, 1, 1),
    # One model, wholly self-reported: 5 pairs on 8 tasks.
    "external model": ({"external": but(False, True, [(t, 0) for t in range(8)])}, 40, 1, 8),
    # Two models scored on other data than the four others: 2 * 4 pairs on one task.
    "dataset_revisions": ({"dataset_revision": but("d1", "d0", [(2, 3), (2, 4)])}, 8, 2, 1),
    # Three data set revisions, 3 + 2 + 1 models: 15 pairs, of which 3 + 1 agree.
    "dataset_revisions three": ({"dataset_revision": but("d1", "d0", [(2, 3), (2, 4), (2, 5)]) }, 9, 3, 1),
    # Where it is not known, nothing is claimed.
    "none": ({"dataset_revision": but("d1", None, ONE)}, 0, 0, 0),
    # Two models saw the task's data, three did not, of one it is not known: 2 * 3 pairs.
    "trained_on": ({"trained_on": TRAINED}, 6, 2, 1),
    "mixed_revisions": ({"revision": but("r1", "r2", [(2, 3), (5, 3)])}, 10, 1, 2),
    "other_revisions": ({"main_revision": but(True, False, ONE)}, 5, 1, 1),
    "old_mteb": ({"mteb_version": but("2.1.0", "1.2.3", ONE)}, 5, 1, 1),
    "old_mteb by format": ({"old_format": but(False, True, ONE), "mteb_version": but("2.1.0", None, ONE)}, 5, 1, 1),
    "unknown_mteb": ({"mteb_version": but("2.1.0", None, ONE)}, 5, 1, 1),
    "mteb_versions": ({"mteb_version": but("2.1.0", "1.38.2", ONE)}, 5, 1, 1),
    "aggregates": ({"parts_score": but(np.nan, 0.1, ONE)}, 5, 1, 1),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_how_scores_were_made(case: str) -> None:
    columns, n, models, tasks = CASES[case]
    found = audit(make(**columns))
    if case == "none":
        assert kinds(found) == []
        return
    record = row(found, case.split()[0])
    assert record["n_comparisons"] == n
    assert record["share"] == pytest.approx(n / 120)
    assert (record["n_models"], record["n_tasks"]) == (models, tasks)


def test_missing_splits_and_subsets_count_the_comparisons_that_are_lost() -> None:
    values = clean()
    values[2, 3] = values[4, 3] = np.nan
    splits = but(None, ("test",), [(2, 3)])
    subsets = but(None, ("en", "de"), [(4, 3)])
    found = audit(make(values, missing_splits=splits, missing_subsets=subsets))
    assert row(found, "missing_splits")["n_comparisons"] == 5
    assert row(found, "missing_subsets")["n_comparisons"] == 5
    assert row(found, "missing_scores")["n_comparisons"] == 10
    assert found.n_comparisons == 110
    assert found.n_touched == 0  # what is missing is compared with nothing


def test_what_was_left_out_while_reading_is_told() -> None:
    left_out = {
        "unreadable": 2,
        "unreadable_files": {"a/r/T.json": "no JSON"},
        "without_model_meta": 3,
        "experiments": 1,
    }
    found = audit(replace(make(), provenance={"left_out": left_out}))
    assert kinds(found) == ["unreadable", "experiments", "without_model_meta"]
    assert "a/r/T.json (no JSON)" in row(found, "unreadable")["text"]
    assert found.headline.endswith("are touched by problems: unreadable files.")


def test_a_plain_table_says_that_it_says_nothing() -> None:
    found = audit(pd.DataFrame(clean(), index=[f"t{i}" for i in range(TASKS)]).add_prefix("m"))
    assert kinds(found) == ["no_metadata"]
    assert found.headline.startswith("Nothing found")


def test_tasks_read_in_part() -> None:
    scores = make()
    scores.tasks["reduced"] = pd.Series([None] * 7 + ["3 of 51 subsets"], scores.tasks.index, dtype=object)
    record = row(audit(scores), "reduced_tasks")
    assert record["n_comparisons"] == 15
    assert "task7 (3 of 51 subsets)" in record["text"]


# -- the scores themselves -------------------------------------------------------------------------------------


def change(at: list[tuple[int, int]], value: float | None = None, factor: float = 1.0) -> npt.NDArray[np.float64]:
    values = clean()
    for place in at:
        values[place] = values[place] * factor if value is None else value
    return values


def test_one_model_in_points_among_fractions() -> None:
    found = audit(make(change([(t, 1) for t in range(TASKS)], factor=100)))
    assert kinds(found) == ["scale"]
    assert row(found, "scale")["models"] == ("model1",)
    assert row(found, "scale")["n_comparisons"] == 40
    assert row(found, "scale")["severity"] == "error"


def test_one_model_in_fractions_among_points() -> None:
    values = clean() * 100
    values[:, 4] /= 100
    assert row(audit(make(values)), "scale")["models"] == ("model4",)


def test_all_in_points_is_no_problem() -> None:
    assert kinds(audit(make(clean() * 100))) == []


def test_mixed_scales_are_found_without_knowing_the_metric() -> None:
    frame = pd.DataFrame(change([(t, 1) for t in range(TASKS)], factor=100), index=[f"t{i}" for i in range(TASKS)])
    assert row(audit(frame.add_prefix("m")), "scale")["models"] == ("m1",)


@pytest.mark.parametrize("value", [-0.1, 1.2])
def test_a_score_that_the_metric_cannot_take(value: float) -> None:
    record = row(audit(make(change(ONE, value))), "out_of_range")
    assert (record["n_comparisons"], record["models"], record["tasks"]) == (5, ("model3",), ("task2",))


def test_identical_and_nearly_identical_models() -> None:
    values = clean(20)
    values[:, 1] = values[:, 0] + 4e-8  # equal to six decimals
    values[:, 3] = values[:, 2]
    values[7, 3] += 0.02
    found = audit(make(values))
    same, near = row(found, "identical_models"), row(found, "near_copies")
    assert (same["n_pairs"], same["n_comparisons"], same["models"]) == (1, 20, ("model0", "model1"))
    assert (near["n_pairs"], near["n_comparisons"], near["models"]) == (1, 20, ("model2", "model3"))
    assert "model0 = model1" in same["text"]


def test_two_equal_scores_are_no_copy() -> None:
    values = clean()
    values[:2, 0] = values[:2, 1]
    assert kinds(audit(make(values))) == []


def test_one_model_under_two_names() -> None:
    scores = make()
    renamed = scores.table.set_axis(["org/Big_Model", "other/big-model", "c", "d", "e", "org/ab"], axis=1)
    found = audit(renamed.rename_axis("task"))
    record = row(found, "duplicate_names")
    assert record["models"] == ("org/Big_Model", "other/big-model")
    assert record["n_comparisons"] == TASKS


def test_an_outlier_is_found_and_what_was_expected_is_said() -> None:
    values = clean(20, 12)
    values[5, 7] = 0.05
    record = row(audit(make(values)), "outliers")
    assert (record["models"], record["tasks"], record["n_comparisons"]) == (("model7",), ("task5",), 11)
    assert (
        "model7 on task5 0.050, expected about 0.5" in record["text"]
    )  # .4 + 5(.4/19) + 7(.2/11) - .1 = .53, and noise


def test_ordinary_tables_have_hardly_an_outlier() -> None:
    found = [kinds(audit(make(clean(20, 12, seed)))) for seed in range(40)]
    assert sum(f != [] for f in found) <= 4


def test_a_weak_model_is_no_outlier() -> None:
    values = clean(20, 12)
    values[:, 0] = np.random.default_rng(1).uniform(0, 0.2, 20)
    assert "outliers" not in kinds(audit(make(values)))


def test_a_constant_task_tells_nothing() -> None:
    values = clean()
    values[3] = 1.0
    record = row(audit(make(values)), "constant_tasks")
    assert (record["tasks"], record["n_comparisons"]) == (("task3",), 15)


@pytest.mark.parametrize(
    ("names", "counted"),
    [
        (["STS22", "STS22.v2", "STS12"], 2),
        (["FEVER", "FEVERHardNegatives", "ClimateFEVER"], 2),
        (["FEVERHardNegatives", "FEVERHardNegatives.v2", "NQ"], 2),
        (["STS12", "STS13", "STS14"], 0),
        (["ArxivClusteringP2P", "ArxivClusteringS2S", "X"], 0),
    ],
)
def test_versions_of_a_task_count_twice(names: list[str], counted: int) -> None:
    frame = pd.DataFrame(clean(3), index=pd.Index(names, name="task")).add_prefix("m")
    found = audit(frame)
    assert ("counted_twice" in kinds(found)) == (counted > 0)
    if counted:
        assert row(found, "counted_twice")["n_tasks"] == counted


def test_an_aggregate_beside_its_parts_counts_twice() -> None:
    scores = make()
    scores.tasks["parts"] = pd.Series(["task1 task2 task99", *[None] * 7], scores.tasks.index, dtype=object)
    record = row(audit(scores), "counted_twice")
    assert record["tasks"] == ("task0", "task1", "task2")
    assert record["n_comparisons"] == 45
    assert "task0 and 2 parts of it" in record["text"]


# -- the whole -------------------------------------------------------------------------------------------------


def several() -> Scores:
    return make(
        change([(0, 0)], 1.2),
        external=but(False, True, [(t, 0) for t in range(8)] + [(2, 1)]),
        dataset_revision=but("d1", "d0", [(2, 0), (2, 1), (3, 5)]),
    )


def test_findings_are_ranked_by_the_comparisons_they_touch() -> None:
    found = audit(several())
    counts = found.findings.set_index("kind")["n_comparisons"].to_dict()
    # Self-reported: model0 on 8 tasks (5 each), and model1 on task 2 with the 4 others.
    assert counts == {"external": 44, "dataset_revisions": 13, "out_of_range": 5}
    assert list(counts) == kinds(found)
    # Together: 44, and on task 3 the 4 pairs of model5 that are not touched already.
    assert found.n_touched == 48
    assert found.headline == (
        "40 % of 120 comparisons among 6 models on 8 tasks are touched by problems: self-reported scores (37 %), "
        "different data set revisions (11 %), impossible scores (4 %)."
    )


def test_models_and_tasks_have_their_own_account() -> None:
    found = audit(several())
    assert found.by_model.loc["model0"].to_dict() == {"external": 8, "dataset_revisions": 1, "out_of_range": 1}
    assert found.by_task.loc["task2"].to_dict() == {"external": 2, "dataset_revisions": 2, "out_of_range": 0}
    assert "model2" not in found.by_model.index


def brute_force(scores: Scores, bad: Callable[[int, int, int], bool]) -> int:
    present = scores.table.notna().to_numpy()
    t, k = present.shape
    return sum(
        bool(bad(i, a, b))
        for i in range(t)
        for a in range(k)
        for b in range(a + 1, k)
        if present[i, a] and present[i, b]
    )


def test_counts_equal_counting_one_by_one() -> None:
    rng = np.random.default_rng(5)
    values = np.where(rng.random((9, 7)) < 0.2, np.nan, clean(9, 7))
    external = rng.random((9, 7)) < 0.2
    labels = rng.choice(np.array(["x", "y", "z", None], dtype=object), size=(9, 7))
    scores = make(values, external=external.astype(object), dataset_revision=labels)
    found = audit(scores)

    def reported(i: int, a: int, b: int) -> bool:
        return bool(external[i, a] or external[i, b])

    def differ(i: int, a: int, b: int) -> bool:
        return labels[i, a] is not None and labels[i, b] is not None and labels[i, a] != labels[i, b]

    assert row(found, "external")["n_comparisons"] == brute_force(scores, reported)
    assert row(found, "dataset_revisions")["n_comparisons"] == brute_force(scores, differ)
    assert found.n_touched == brute_force(scores, lambda i, a, b: reported(i, a, b) or differ(i, a, b))
    assert found.n_comparisons == brute_force(scores, lambda *_: True)


def test_order_of_rows_and_columns_changes_nothing() -> None:
    scores = several()
    turned = replace(
        scores, table=scores.table.iloc[::-1, ::-1], tasks=scores.tasks.iloc[::-1],
        cells=None if scores.cells is None else scores.cells.sample(frac=1, random_state=3),
    )  # fmt: skip
    assert audit(turned).headline == audit(scores).headline


def test_json_goes_there_and_back() -> None:
    found = audit(several())
    again = Audit.from_dict(json.loads(json.dumps(found.to_dict())))
    assert str(again) == str(found)
    assert again.to_dict() == found.to_dict()
    pd.testing.assert_frame_equal(again.findings, found.findings)
    pd.testing.assert_frame_equal(again.by_model, found.by_model, check_names=False)
    nothing = audit(make())
    assert str(Audit.from_dict(json.loads(json.dumps(nothing.to_dict())))) == str(nothing)


def test_the_text_names_every_finding_and_html_escapes() -> None:
    found = audit(several())
    text = str(found)
    assert len(text.splitlines()) == 1 + len(found.findings)
    assert "warning self-reported scores (44 comparisons, 37 %): 9 scores of 2 models self-reported" in text
    hostile = several().table.rename(columns={"model0": "<script>alert(1)</script>"}).rename_axis("task")
    hostile.iloc[0, 0] = 55.0
    assert "<script>" not in audit(hostile)._repr_html_()


@pytest.mark.parametrize("shape", [(1, 2), (2, 1), (1, 1), (3, 2)])
def test_the_smallest_tables(shape: tuple[int, int]) -> None:
    assert audit(make(clean(*shape))).n_comparisons == shape[0] * shape[1] * (shape[1] - 1) // 2


def test_a_table_with_nothing_in_it() -> None:
    found = audit(make(np.full((3, 3), np.nan)))
    assert found.n_comparisons == 0
    assert kinds(found) == ["missing_scores"]


@pytest.mark.real_data
def test_the_public_results(results_archive: Path) -> None:
    found = audit(read_scores(results_archive, benchmark="MTEB(eng, v2)"))
    assert found.n_models == 406
    record = row(found, "identical_models")
    assert set(record["models"]) == {"jinaai/jina-embeddings-v5-omni-nano", "jinaai/jina-embeddings-v5-text-nano"}
    # By mteb's reader 103 of the 183 complete models have all their scores in one revision.
    complete = audit(read_scores(results_archive, benchmark="MTEB(eng, v2)").complete())
    assert row(complete, "mixed_revisions")["n_models"] == 183 - 103
    assert row(found, "mixed_revisions")["n_models"] == 101
    assert row(found, "external")["n_models"] == 121
    assert row(found, "dataset_revisions")["n_tasks"] == 23
    outliers = row(found, "outliers")["text"]
    assert "jinaai/jina-embeddings-v2-base-en on MTOPDomainClassification 0.207" in outliers
    assert kinds(found)[0] == "missing_scores"
    assert found.n_touched / found.n_comparisons > 0.5
