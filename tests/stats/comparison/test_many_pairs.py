"""More pairs than are drawn for and written down as usual: fewer draws, which is said, and JSON without the pairs."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from embsig.cli import app
from stats import compare
from stats.comparison import options


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    monkeypatch.setattr(options, "MANY_PAIRS", 9)
    drawn = np.random.default_rng(0).normal(0.5, 0.1, (16, 5))
    return pd.DataFrame(drawn, [f"t{i}" for i in range(16)], list("abcde")).rename_axis("task")


def test_fewer_draws_are_the_default_of_very_many_pairs_and_are_said(table: pd.DataFrame) -> None:
    found = compare(table, rng=0)
    assert found.method.resamples == 2_000
    assert any(note.startswith("For 10 pairs 2,000 sign vectors") for note in found.warnings)
    pd.testing.assert_frame_equal(found.pairs, compare(table, rng=0, n_resamples=2_000).pairs)
    asked = compare(table, rng=0, n_resamples=300)
    assert asked.method.resamples == 300
    assert not any("sign vectors" in note for note in asked.warnings)
    assert compare(table, rng=0, control="a").method.resamples == 10_000


def test_json_leaves_very_many_pairs_out_and_says_what_writes_them(
    table: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "scores.csv", tmp_path / "found.json"
    table.to_csv(source)
    with pytest.raises(SystemExit) as ended:
        app.main(["compare", str(source), "-o", str(target)])
    assert not ended.value.code
    found = json.loads(target.read_text())
    assert found["pairs"] == found["uncovered_pairs"] == []
    assert found["pairs_left_out"] == 10
    assert len(found["ranks"]) == 5
    assert "the JSON is without its 10 pairs" in capsys.readouterr().err
