"""The private names that the runner stands on: one that is gone ends in one line, and a job without its samples fails."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bench import evaluate
from bench.runner.hooks import HOOKS, check_hooks
from stats.common.errors import InputError

RANDOM = "mteb/baseline-random-encoder"


def test_all_are_there() -> None:
    check_hooks()


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: f"{hook.module}.{hook.name}")
def test_a_renamed_one_is_named_with_the_versions_that_work(hook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    *owners, name = hook.name.split(".")
    place: Any = import_module(hook.module)  # by its full name: a function of the package may hide the module
    for owner in owners:
        place = getattr(place, owner)
    for base in getattr(place, "__mro__", (place,)):  # also where it is inherited
        if name in vars(base):
            monkeypatch.delattr(base, name)
    with pytest.raises(InputError, match=f"has no {hook.module}.{hook.name}, which .*pip install") as caught:
        check_hooks()
    assert "\n" not in str(caught.value)


def test_a_finished_job_without_its_samples_is_a_failure(
    mock_tasks: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.runner.capture.recorder.Recorder._predicted", lambda *_, **__: None)
    sts = [t for t in mock_tasks if t.metadata.name == "MockSTSTask"]
    (outcome,) = evaluate(RANDOM, sts, output=tmp_path).outcomes
    assert outcome.status == "failed"
    assert "handed over nothing of its samples" in outcome.reason
