"""Worker processes of this machine: the bytes of a run in one process, whatever becomes of the workers."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
from compare_runs import differences

from bench import evaluate
from bench.runner.events import Event
from stats.common.errors import InputError

#: Ten seconds each, most of them for starting workers, and near to another that runs always.
REPEATS = pytest.mark.skipif(not os.environ.get("EMBSIG_SLOW_TESTS"), reason="another is near: set EMBSIG_SLOW_TESTS=1")

TASKS = ("MockSTSTask", "MockRetrievalTask", "MockClusteringTask", "MockClassificationTask")
SCRIPT = """
import sys
from bench import evaluate
from embsig.cli.terminal import interruptible
from mteb.mocks import ALL_MOCK_TASK_TEST_GRID
if __name__ == "__main__":
    tasks = [t for t in ALL_MOCK_TASK_TEST_GRID if t.metadata.name in sys.argv[2].split(",")]
    with interruptible([]):
        evaluate([f"{name}={sys.argv[3]}" for name in ("a/one", "b/two", "c/three")], tasks, output=sys.argv[1], workers=2,
                 threads=1, progress=lambda e: print(e.kind, flush=True))
"""

#: The command line with a task whose data take a minute to load, in one call that looks at no signal.
SLOW = """
import os
from hashlib import pbkdf2_hmac
from pathlib import Path
from mteb.get_tasks import _TASKS_REGISTRY
from mteb.mocks.mock_tasks import MockSTSTask
class SlowTask(MockSTSTask):
    metadata = MockSTSTask.metadata.model_copy(update={"name": "SlowTask"})
    def load_data(self, *_, **__):
        Path(os.environ["STARTED"], f"{os.getpid()}.started").touch()
        pbkdf2_hmac("sha256", b"a", b"b", 200_000_000)
_TASKS_REGISTRY["SlowTask"] = SlowTask
if __name__ == "__main__":
    from embsig.cli.app import main
    main()
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
        ids = children_of(run.pid)
        run.kill()
    if not ids:
        pytest.skip("no /proc that names the children")
    end_soon(ids)


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


@REPEATS
def test_a_worker_that_somebody_ends_is_no_silent_end_of_the_run(
    models: list[str], chosen: list[Any], tmp_path: Path
) -> None:
    def terminate_one_after_the_first(event: Event) -> None:
        if event.kind == "end" and event.done == 1:
            os.kill(active_children()[0].pid or 0, signal.SIGTERM)

    with pytest.raises(RuntimeError, match="a worker process died"):
        evaluate(models, chosen, output=tmp_path / "o", workers=2, threads=1, progress=terminate_one_after_the_first)


@pytest.mark.parametrize(
    "to", ["the parent alone", pytest.param("the group", marks=REPEATS), "the group, as the workers start"]
)
def test_ctrl_c_is_answered_at_once_and_without_a_traceback(to: str, tiny_model: Path, tmp_path: Path) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text(SLOW)
    command = [sys.executable, str(slow), "run", "-o", str(tmp_path / "o"), "--workers", "2", "-t", "SlowTask",
               *(word for name in ("a/one", "b/two") for word in ("-m", f"{name}={tiny_model}"))]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3]), "STARTED": str(tmp_path)},
    ) as run:  # fmt: skip
        give_up = time.monotonic() + 120
        while len(workers := children_of(run.pid) if "start" in to else started(tmp_path)) < 2:
            assert run.poll() is None, run.communicate()
            assert time.monotonic() < give_up
            time.sleep(0.02)
        (os.kill if "alone" in to else os.killpg)(run.pid, signal.SIGINT)
        asked = time.monotonic()
        _, said = run.communicate(timeout=60)
        answered = time.monotonic() - asked
    assert run.returncode == 130
    assert said.splitlines()[-1] == "embsig: interrupted; what was finished is kept"
    assert "Traceback" not in said
    assert "leaked" not in said
    assert answered < 5  # two seconds on a machine that does nothing else; the jobs below last a minute
    end_soon(workers)


def end_soon(processes: list[int]) -> None:
    give_up = time.monotonic() + 30
    while alive := [i for i in processes if is_alive(i)]:
        assert time.monotonic() < give_up, alive
        time.sleep(0.05)


def started(folder: Path) -> list[int]:
    """Workers that are in the midst of their job."""
    return [int(path.stem) for path in folder.glob("*.started")]


def children_of(process: int) -> list[int]:
    """The processes that a process has started; none where /proc does not say."""
    children = Path(f"/proc/{process}/task/{process}/children")
    return [int(i) for i in children.read_text().split()] if children.exists() else []


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
