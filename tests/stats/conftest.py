"""Reference values and tables shared by the tests of stats."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from stats import Scores

# The same examples in every run, however busy the machine is.
settings.register_profile("stats", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stats")

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


@pytest.fixture(scope="session")
def r_values() -> dict[str, Any]:
    """What R gave (tests/golden/core.R); NA is NaN."""
    found = json.loads((GOLDEN / "core.json").read_text())
    return {name: np.asarray(value, dtype=np.float64) for name, value in found.items()}


@pytest.fixture(scope="session")
def demsar() -> pd.DataFrame:
    """AUCs of 4 classifiers on 14 data sets as printed (Demsar 2006, table 6)."""
    return pd.DataFrame(
        {
            "C4.5": [0.763, 0.599, 0.954, 0.628, 0.882, 0.936, 0.661, 0.583, 0.775, 1.000, 0.940, 0.619, 0.972, 0.957],
            "C4.5+m": [
                0.768,
                0.591,
                0.971,
                0.661,
                0.888,
                0.931,
                0.668,
                0.583,
                0.838,
                1.000,
                0.962,
                0.666,
                0.981,
                0.978,
            ],
            "C4.5+cf": [
                0.771,
                0.590,
                0.968,
                0.654,
                0.886,
                0.916,
                0.609,
                0.563,
                0.866,
                1.000,
                0.965,
                0.614,
                0.975,
                0.946,
            ],
            "C4.5+m+cf": [
                0.798,
                0.569,
                0.967,
                0.657,
                0.898,
                0.931,
                0.685,
                0.625,
                0.875,
                1.000,
                0.962,
                0.669,
                0.975,
                0.970,
            ],
        },
        index=[
            "adult",
            "breast cancer",
            "wisconsin",
            "cmc",
            "ionosphere",
            "iris",
            "bupa",
            "lung cancer",
            "lymphography",
            "mushroom",
            "tumor",
            "rheum",
            "voting",
            "wine",
        ],
    )


@pytest.fixture(scope="session")
def eng_v2(eng_v2_csv: Path) -> Scores:
    """183 complete models on the 41 tasks of MTEB(eng, v2)."""
    return Scores.from_csv(eng_v2_csv)


@pytest.fixture
def small() -> Scores:
    """Five models on twelve tasks of two families, with ties, zeros and a pair of identical models."""
    rng = np.random.default_rng(7)
    base = rng.uniform(0.3, 0.7, size=(12, 1))
    values = base + np.array([0.08, 0.05, 0.02, 0.0]) + rng.normal(0, 0.03, size=(12, 4))
    values = np.round(values, 2)
    table = pd.DataFrame(
        np.column_stack([values, values[:, 3]]),
        index=pd.Index([f"t{i:02}" for i in range(12)], name="task"),
        columns=["a", "b", "c", "d", "d again"],
    )
    tasks = pd.DataFrame(
        {"family": ["STS"] * 7 + ["Retrieval"] * 5, "group": ["g1", "g1", *[None] * 10]}, index=table.index
    )
    return Scores.build(table, tasks)
