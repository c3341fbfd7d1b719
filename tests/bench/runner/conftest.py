"""A sentence-transformers model of a few thousand parameters, and mteb's mock tasks."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tiny_models import save_tiny_model

# `compare_runs` stands beside the tests: the crash script, which is no test, uses it too.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder that loads in no time."""
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def mock_tasks() -> list[Any]:
    """Mteb's 29 mock tasks of text."""
    from mteb.mocks import ALL_MOCK_TASK_TEST_GRID

    return [t for t in ALL_MOCK_TASK_TEST_GRID if list(t.metadata.modalities) == ["text"]]
