"""No CSV that embsig writes runs anything in a spreadsheet, and all read back to the same names."""

import io
from pathlib import Path

import pandas as pd
import pytest

from stats import Scores
from stats.common.writing import csv_text, plain_cell, safe_cell

NAMES = ["=cmd|'/C calc'!A0", "+1", "-1+1", "@SUM(A1)", " =1", "'=1", "''=1", "'s-Hertogenbosch", "org/model", "\t=1"]


def test_every_text_comes_back() -> None:
    assert [plain_cell(safe_cell(n)) for n in NAMES] == NAMES
    assert not any(safe_cell(n).lstrip(" ").startswith(("=", "+", "-", "@", "\t")) for n in NAMES)


@pytest.mark.parametrize("long", [False, True])
def test_scores_are_safe_and_read_back(tmp_path: Path, long: bool) -> None:
    names = ["=cmd|'/C calc'!A0", "'=1", "org/b"]
    scores = Scores.from_frame(
        pd.DataFrame([[0.1, -0.5, 0.3], [0.4, 0.5, 0.6]], index=pd.Index(["@t", "STS12"], name="task"), columns=names)
    )
    path = tmp_path / "x.csv"
    scores.to_csv(path, long=long)
    cells = pd.read_csv(path, header=None, dtype=str).to_numpy().ravel()
    assert not any(str(c).startswith(("=", "@")) for c in cells)
    read = Scores.from_csv(path)
    assert sorted(read.models) == sorted(names)
    assert read.table.loc["@t", names].tolist() == [0.1, -0.5, 0.3]


def test_numbers_stay_numbers() -> None:
    text = csv_text(pd.DataFrame({"a": [-0.5, 1e-7], "b": [-1, 2], "c": ["-x", "y"]}))
    assert pd.read_csv(io.StringIO(text))["a"].tolist() == [-0.5, 1e-7]
    assert "'-x" in text


def test_the_intake_reads_the_same_names(tmp_path: Path) -> None:
    from bench import read_scores

    names = ["=cmd|'/C calc'!A0", "'=1", "org/b"]
    table = pd.DataFrame(
        [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], index=pd.Index(["@t", "STS12"], name="task"), columns=names
    )
    path = tmp_path / "x.csv"
    Scores.from_frame(table).to_csv(path)
    assert sorted(read_scores(path).models) == sorted(names)
