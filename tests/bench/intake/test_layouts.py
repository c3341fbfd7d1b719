"""The true table, however it is written, is read as itself or refused in one line; never as another."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from bench import read
from bench.intake.formats import ENDINGS
from stats.common.errors import InputError

from .layouts import AGGREGATES, CELLS, FORMATS, HEADINGS, MODELS, TASKS, expected, grid

ORIENTATIONS = ("rows are tasks", "rows are models", "long")
_ALL = list(product(FORMATS, ORIENTATIONS, CELLS, AGGREGATES))
#: Every eleventh of all combinations: 11 divides none of their numbers, so each goes with all of the others.
LAYOUTS = [(i, *layout) for i, layout in enumerate(_ALL) if i % 11 == 0]


def _written(tmp_path: Path, ending: str, content: bytes) -> Path:
    path = tmp_path / (f"scores-{ending}" if not ending.startswith(".") else f"scores{ending}")
    path.write_bytes(content)
    return path


def _is_the_true_table(scores, cells: str) -> bool:
    right = expected(cells)
    if sorted(scores.task_names) != sorted(TASKS) or sorted(scores.models) != sorted(MODELS):
        return False
    return bool(np.allclose(scores.table.loc[TASKS, MODELS].to_numpy(), right.to_numpy(), rtol=1e-12, atol=0))


def test_there_are_at_least_150_layouts():
    assert len(LAYOUTS) >= 200
    assert {layout[1] for layout in LAYOUTS} == set(FORMATS)
    assert set(ENDINGS) >= {".csv", ".md", ".tex", ".xlsx", ".ods"}


@pytest.mark.parametrize(("number", "ending", "orientation", "cells", "aggregate"), LAYOUTS)
def test_layout(tmp_path, number, ending, orientation, cells, aggregate):
    rows = grid(orientation, cells, aggregate, heading=number)
    path = _written(tmp_path, ending, FORMATS[ending](rows))
    scores = read(path)
    assert _is_the_true_table(scores, cells), scores.provenance["read"]["sentence"]
    assert scores.higher_is_better
    assert not scores.turned
    assert len(scores.provenance["read"]["set_aside"]) == len(AGGREGATES[aggregate](expected("fractions")))


@pytest.mark.parametrize("cells", ["errors", "brackets"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_errors_are_kept_as_standard_errors(tmp_path, orientation, cells):
    scores = read(_written(tmp_path, ".csv", FORMATS[".csv"](grid(orientation, cells, "none"))))
    assert scores.cells is not None
    assert scores.cells["stderr"].tolist() == [0.4] * 24


@pytest.mark.parametrize("task", HEADINGS["task"])
@pytest.mark.parametrize("model", HEADINGS["model"])
def test_headings(tmp_path, task, model):
    for number, score in enumerate(HEADINGS["score"]):
        rows = grid("long", "fractions", "none")
        rows[0] = [model.upper() if number % 2 else model, task, score]
        assert _is_the_true_table(read(_written(tmp_path, ".csv", FORMATS[".csv"](rows))), "fractions")


def test_an_aggregate_by_name_alone_is_asked_about(tmp_path):
    rows = [*grid("rows are tasks", "fractions", "none"), ["Average", "0.9", "0.1", "0.5", "0.3"]]
    path = _written(tmp_path, ".csv", FORMATS[".csv"](rows))
    with pytest.raises(InputError, match=r"named as an aggregate .* --task '!Average'"):
        read(path)
    assert _is_the_true_table(read(path, tasks="!Average"), "fractions")
    assert read(path, tasks="*").n_tasks == 7


def test_strict_refuses_what_would_be_set_aside(tmp_path):
    path = _written(tmp_path, ".csv", FORMATS[".csv"](grid("rows are tasks", "fractions", "average")))
    with pytest.raises(InputError, match="row Average is not a score but mean of the 6 others; --task '!Average'"):
        read(path, strict=True)
    assert _is_the_true_table(read(path, strict=True, tasks="!Average"), "fractions")
