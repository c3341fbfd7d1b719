"""Long work says how far it is to whoever asks, and its numbers are the same whether anybody does."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from embsig.cli.options import Analysis
from embsig.cli.reading import say_size
from stats import Scores, compare
from stats.common.advance import heard_by
from stats.scores import as_scores


def scores(k: int, n: int) -> Scores:
    drawn = np.random.default_rng(0).normal(0.5, 0.1, (n, k))
    return as_scores(pd.DataFrame(drawn, [f"t{i}" for i in range(n)], [f"m{j}" for j in range(k)]))


@pytest.mark.parametrize("threads", ["1", "2"])
def test_every_block_of_a_comparison_is_told_and_changes_nothing(monkeypatch: pytest.MonkeyPatch, threads: str) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    table = scores(30, 8)
    told: list[tuple[int, int]] = []
    with heard_by(lambda done, total: told.append((done, total))):
        heard = compare(table, rng=0, n_resamples=200)
    assert told
    assert all(1 <= done <= total for done, total in told)
    assert sum(done == total for done, total in told) >= 2  # each part of the work comes to its end
    n = len(told)
    pd.testing.assert_frame_equal(heard.pairs, compare(table, rng=0, n_resamples=200).pairs)
    assert len(told) == n


def test_what_takes_long_says_so_beforehand_with_what_would_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    say_size(scores(40, 20), Analysis())
    assert capsys.readouterr().err == ""
    say_size(scores(2000, 100), Analysis())
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("embsig: 1,999,000 pairs of models on 100 tasks take about ")
    assert line.endswith(
        "less: one model against all others (--control MODEL), fewer models (--model, --where), fewer tasks (--family, --task)"
    )
    say_size(scores(2000, 100), Analysis(control="m0"))
    assert capsys.readouterr().err == ""


def test_what_is_said_is_of_the_block_that_is_compared(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    sparse = scores(1500, 100)
    sparse = replace(
        sparse, table=sparse.table.where(np.arange(1500) < np.full((100, 1), 1200))
    )  # 300 models without a score
    say_size(sparse, Analysis())
    assert "719,400 pairs of models on 100 tasks" in capsys.readouterr().err
    say_size(replace(sparse, table=sparse.table.where(np.arange(1500) < np.full((100, 1), 100))), Analysis())
    assert capsys.readouterr().err == ""
