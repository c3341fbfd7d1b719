"""The block of models and tasks: against enumeration of every set of dropped tasks, and on the public tables."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.common.errors import InputError
from stats.coverage import choose_coverage
from stats.coverage.blocks import largest_block
from stats.scores import Scores


def _by_enumeration(missing, n_dropped, families, kept_tasks, kept_models):
    best = -1
    for drop in combinations(range(len(missing)), n_dropped):
        stays = np.ones(len(missing), dtype=bool)
        stays[list(drop)] = False
        if kept_tasks[list(drop)].any() or any(not stays[families == f].any() for f in set(families[families >= 0])):
            continue
        complete = ~missing[stays].any(axis=0)
        if (kept_models & ~complete).any():
            continue
        best = max(best, int(complete.sum()))
    return best


@given(st.integers(0, 10**6))
@settings(max_examples=120, deadline=None)
def test_the_largest_block_is_that_of_enumeration(seed):
    rng = np.random.default_rng(seed)
    n_tasks, n_models = int(rng.integers(2, 8)), int(rng.integers(2, 12))
    missing = rng.random((n_tasks, n_models)) < rng.choice([0.1, 0.3, 0.6])
    families = rng.integers(-1, 3, n_tasks)
    kept_tasks, kept_models = rng.random(n_tasks) < 0.15, rng.random(n_models) < 0.1
    n_dropped = int(rng.integers(0, n_tasks))
    found = largest_block(missing, n_dropped, families=families, kept_tasks=kept_tasks, kept_models=kept_models)
    expected = _by_enumeration(missing, n_dropped, families, kept_tasks, kept_models)
    if found is None:
        assert expected == -1
        return
    assert len(found.models) == expected
    assert len(found.dropped) == n_dropped
    assert not missing[np.ix_(sorted(set(range(n_tasks)) - set(found.dropped)), found.models)].any()


def _frame(rows, models="abcdefgh"):
    return pd.DataFrame(rows, [f"t{i}" for i in range(len(rows))], list(models[: len(rows[0])]), dtype=float)


def test_one_task_that_keeps_most_models_out_is_dropped_and_said():
    rows = np.linspace(0.5, 0.7, 80).reshape(10, 8)
    rows[3, 2:] = np.nan
    found = choose_coverage(_frame(rows))
    assert found.dropped_tasks == ("t3",)
    assert (found.models_used, found.tasks_used, found.models_seen, found.tasks_asked) == (8, 9, 8, 10)
    assert [(s.drop, s.models) for s in found.trade_off] == [((), 2), (("t3",), 8)]
    assert "t3" in str(found)
    assert "2 models with every task, 8 without" in str(found)
    assert found.scores.excluded["tasks"] == {"t3": "6 models without a score; 2 complete with it, 8 without"}


def test_a_task_is_not_dropped_for_a_model_or_two():
    rows = np.linspace(0.5, 0.7, 41 * 8).reshape(41, 8)
    rows[0, 0] = np.nan  # 7 of 8 models without dropping: 287 scores; dropping it gives 320
    assert choose_coverage(_frame(rows)).dropped_tasks == ("t0",)
    wide = pd.DataFrame(np.full((41, 60), 0.5), [f"t{i}" for i in range(41)], [f"m{j}" for j in range(60)])
    wide.iloc[0, 0] = np.nan
    found = choose_coverage(wide)
    assert found.dropped_tasks == ()
    assert found.models_used == 59


def test_a_family_is_never_dropped_whole_and_what_is_required_stays():
    rows = np.linspace(0.5, 0.7, 80).reshape(10, 8)
    rows[3, 1:] = np.nan
    frame = _frame(rows)
    families = pd.DataFrame({"family": ["Retrieval" if i == 3 else "STS" for i in range(10)]}, frame.index)
    with pytest.raises(InputError, match="--min-tasks 9"):
        choose_coverage(Scores.from_frame(frame, rows="tasks", tasks=families))
    rows[3, 1] = 0.6
    frame = _frame(rows)
    assert choose_coverage(Scores.from_frame(frame, rows="tasks", tasks=families)).dropped_tasks == ()
    assert choose_coverage(frame, require_tasks=["t3"]).models_used == 2
    assert choose_coverage(frame).dropped_tasks == ("t3",)
    rows[5, 0] = np.nan
    found = choose_coverage(_frame(rows), require_models=["a"])
    assert found.dropped_tasks == ("t5",)
    assert found.scores.models == ["a", "b"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"require_models": ["z"]}, "z"),
        ({"require_models": ["b"]}, "--min-tasks 8"),
        ({"task_share": 1.5}, "task_share=1.5"),
        ({"min_tasks": 11}, "expected 1 to 10"),
    ],
)
def test_what_cannot_be_had_is_said_with_what_would(options, message):
    rows = np.linspace(0.5, 0.7, 80).reshape(10, 8)
    rows[:2, 1] = np.nan
    with pytest.raises(InputError, match=message):
        choose_coverage(_frame(rows), **options)
    if options == {"require_models": ["b"]}:  # the hint works
        assert "b" in choose_coverage(_frame(rows), require_models=["b"], min_tasks=8).scores.models


def test_nobody_complete_names_how_many_tasks_would_do():
    rows = np.full((10, 4), 0.5)
    rows[np.arange(10), np.arange(10) % 4] = np.nan
    with pytest.raises(InputError, match="--min-tasks 6"):
        choose_coverage(_frame(rows))
    assert choose_coverage(_frame(rows), min_tasks=6).models_used == 2


@pytest.mark.real_data
def test_the_public_benchmarks(rteb_archive):
    """FACTS of the archive, counted by hand: RTEB(beta) 7 complete models, 70 without SWEbenchCodeRetrieval; Code 45 and 176."""
    from bench import read_scores

    for benchmark, task, before, after in (
        ("RTEB(beta)", "SWEbenchCodeRetrieval", 7, 70),
        ("MTEB(Code, v1)", "COIRCodeSearchNetRetrieval", 45, 176),
    ):
        found = choose_coverage(read_scores(rteb_archive, benchmark=benchmark))
        assert found.dropped_tasks == (task,)
        assert (found.trade_off[0].models, found.models_used) == (before, after)
