"""Worker processes of this machine: the bytes of a run in one process, whatever becomes of the workers."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
from compare_runs import differences

from bench import evaluate
from bench.runner.events import Event
from stats.common.errors import InputError

TASKS = ("MockSTSTask", "MockRetrievalTask", "MockClusteringTask", "MockClassificationTask")
SCRIPT = """
import sys
from bench import evaluate
from reports.terminal import interruptible
from mteb.mocks import ALL_MOCK_TASK_TEST_GRID
if __name__ == "__main__":
    tasks = [t for t in ALL_MOCK_TASK_TEST_GRID if t.metadata.name in sys.argv[2].split(",")]
    with interruptible([]):
        evaluate([f"{name}={sys.argv[3]}" for name in ("a/one", "b/two", "c/three")], tasks, output=sys.argv[1], workers=2,
                 threads=1, progress=lambda e: print(e.kind, flush=True))
"""


@pytest.fixture
def models(tiny_model: Path) -> list[str]:
    return [f"{name}={tiny_model}" for name in ("a/one", "b/two", "c/three")]


@pytest.fixture
def chosen(mock_tasks: list[Any]) -> list[Any]:
    return [t for t in mock_tasks if t.metadata.name in TASKS]


def test_workers_change_no_byte_also_when_one_is_killed(
    models: list[str], chosen: list[Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    alone = evaluate(models, chosen, output=tmp_path / "alone", threads=1)
    assert alone.exit_status == 0, str(alone)
    events: list[Event] = []

    def kill_one_after_the_fifth(event: Event) -> None:
        events.append(event)
        if event.kind == "end" and event.done == 5:
            os.kill(active_children()[0].pid or 0, signal.SIGKILL)

    with pytest.raises(RuntimeError, match="a worker process died"):
        evaluate(models, chosen, output=tmp_path / "o", workers=2, threads=1, progress=kill_one_after_the_fifth)
    assert active_children() == []
    kept = sum(e.kind == "end" for e in events)
    assert 5 <= kept < 12
    assert [e.done for e in events if e.kind == "end"] == list(range(1, kept + 1))
    assert sum(e.texts for e in events) > 0
    events.clear()
    evaluate(models, chosen, output=tmp_path / "o", threads=1, progress=events.append)
    assert (events[0].kind, events[0].done) == ("plan", kept)
    assert differences(tmp_path / "alone", tmp_path / "o") == []
    assert "leaked" not in capfd.readouterr().err


def test_workers_end_with_a_run_that_is_killed(tiny_model: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    with subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "o"), TASKS[0], str(tiny_model)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    ) as run:  # fmt: skip
        assert run.stdout is not None
        while run.stdout.readline().strip() != "end":
            assert run.poll() is None
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
        ids = [int(i) for i in children.read_text().split()] if children.exists() else []
        run.kill()
    if not ids:
        pytest.skip("no /proc that names the children")
    give_up = time.monotonic() + 30
    while alive := [i for i in ids if is_alive(i)]:
        assert time.monotonic() < give_up, alive
        time.sleep(0.05)


def test_workers_and_semaphores_end_with_a_run_that_is_terminated(
    tiny_model: Path, models: list[str], chosen: list[Any], tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    with subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "o"), ",".join(TASKS), str(tiny_model)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    ) as run:  # fmt: skip
        assert run.stdout is not None
        while run.stdout.readline().strip() != "end":
            assert run.poll() is None
        run.terminate()
        _, said = run.communicate(timeout=60)
    assert "KeyboardInterrupt" in said
    assert "leaked" not in said
    assert [p.name for p in (tmp_path / "o").iterdir() if p.name.startswith(".")] == []
    evaluate(models, chosen, output=tmp_path / "alone", threads=1)
    evaluate(models, chosen, output=tmp_path / "o", threads=1)
    assert differences(tmp_path / "alone", tmp_path / "o") == []


def test_a_worker_that_somebody_ends_is_no_silent_end_of_the_run() -> None:
    from bench.runner.backends.processes import _result

    left: Future[Any] = Future()
    left.set_exception(SystemExit(1))  # what a worker leaves by
    with pytest.raises(BrokenProcessPool, match="terminated"):
        _result(left)


def is_alive(process: int) -> bool:
    """Whether a process is there and has not ended; who ended may wait for somebody to collect it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_workers_cannot_do_is_said(chosen: list[Any], models: list[str], tmp_path: Path) -> None:
    import mteb

    meta = mteb.get_model_meta("mteb/baseline-random-encoder")
    with pytest.raises(InputError, match="baseline-random-encoder is an object of this process"):
        evaluate(meta, chosen[:1], output=tmp_path, workers=2)
    with pytest.raises(InputError, match="workers=0: expected at least 1"):
        evaluate(models, chosen[:1], output=tmp_path, workers=0)
    with pytest.raises(InputError, match="workers=2 and cluster='auto'"):
        evaluate(models, chosen[:1], output=tmp_path, workers=2, cluster="auto")
