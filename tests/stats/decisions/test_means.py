"""Intervals of means where the data tell of no spread."""

import numpy as np
import pandas as pd

from stats import Scores, compare
from stats.decisions.means import simultaneous_means


def scores(groups: list[str] | None = None, families: list[str] | None = None) -> Scores:
    table = pd.DataFrame({"task": ["a", "b"], "m1": [0.5, 0.9], "m2": [0.4, 0.8], "m3": [0.1, 0.2]})
    about = {k: v for k, v in (("group", groups), ("family", families)) if v is not None}
    return Scores.from_frame(table, tasks=pd.DataFrame(about, index=pd.Index(["a", "b"], name="task")))


def test_one_unit_gives_no_interval_instead_of_one_without_width() -> None:
    """Two tasks from one source: every resample is the sample itself. On MTEB(cmn, v1) that gave [0.7593, 0.7593]."""
    mean, low, high = simultaneous_means(scores(groups=["g", "g"]), n_resamples=200, rng=0)
    np.testing.assert_allclose(mean, [0.7, 0.6, 0.15])
    assert np.isneginf(low).all()
    assert np.isposinf(high).all()
    said = compare(scores(groups=["g", "g"]), families=False, n_resamples=200, rng=0).conclusions[1]
    assert "for which so few tasks give no 95 % interval" in said


def test_one_task_a_family_gives_no_interval_of_the_mean_of_families() -> None:
    _, low, high = simultaneous_means(scores(families=["x", "y"]), by_family=True, n_resamples=200, rng=0)
    assert np.isneginf(low).all()
    assert np.isposinf(high).all()
