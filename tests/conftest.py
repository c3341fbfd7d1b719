"""Where the real data lies, and the skips where it is absent."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

DATA = Path(os.environ.get("EMBSIG_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def _need(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"real data not found: {path} (set EMBSIG_TEST_DATA to the folder that holds it)")
    return path


@pytest.fixture(scope="session")
def results_archive() -> Path:
    """The public MTEB results as .tar.zst."""
    return _need(DATA / "mteb-results-eng.tar.zst")


@pytest.fixture(scope="session")
def eng_v2_csv() -> Path:
    """183 models (rows) x 41 tasks (columns) of MTEB(eng, v2)."""
    return _need(DATA / "eng_v2_models_by_tasks.csv")


@pytest.fixture(scope="session")
def task_data() -> Path:
    """A folder per real MTEB task."""
    return _need(DATA / "tasks")
