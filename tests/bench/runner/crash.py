"""Kill a run at random points, start it again, and compare its folder with that of a run left in peace.

    python tests/bench/runner/crash.py --kills 30 --seed 0

Half of the kills come at a random moment, half just before or after a random step of writing (a flush, a rename). The
runs are forked from one process, so that mteb is imported once. Prints one JSON line; exits with 1 on any difference.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

TASKS = (
    "MockSTSTask", "MockRetrievalTask", "MockPairClassificationTask", "MockClusteringTask", "MockBitextMiningTask",
    "MockSummarizationTask",
)  # fmt: skip


def main() -> int:
    """Run the trials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    from compare_runs import content, differences

    rng = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place) / "whole"
        # In this process, so that the forks inherit every module that a run imports.
        _run(whole)
        start = time.monotonic()
        steps = _count_steps(Path(place) / "counted")
        seconds = time.monotonic() - start
        kills, wrong, struck = 0, {}, []
        while kills < options.kills:
            folder = Path(place) / "killed"
            shutil.rmtree(folder, ignore_errors=True)
            for _ in range(rng.integers(1, 4)):
                step = int(rng.integers(steps)) if rng.random() < 0.5 else None
                child = _fork(folder, step)
                if step is None:
                    time.sleep(rng.random() * seconds)
                    os.kill(child, signal.SIGKILL)
                if os.WIFSIGNALED(os.waitpid(child, 0)[1]):
                    kills += 1
                    struck.append("time" if step is None else step)
            _wait(_fork(folder, None))
            if found := differences(whole, folder):
                wrong[str(struck[-3:])] = found
        summary = {"kills": kills, "files": len(content(whole)), "steps": steps, "seconds_per_run": round(seconds, 2)}
    print(json.dumps({**summary, "at_steps": [s for s in struck if s != "time"], "differences": wrong}))
    return 1 if wrong else 0


def _fork(folder: Path, dies_at: int | None, counts: Path | None = None) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _instrument(dies_at, counts)
            _run(folder)
            status = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def _wait(child: int) -> None:
    if os.waitpid(child, 0)[1] != 0:
        raise RuntimeError("an undisturbed run failed")


def _count_steps(folder: Path) -> int:
    counts = folder.with_suffix(".steps")
    _wait(_fork(folder, None, counts))
    return counts.stat().st_size


def _instrument(dies_at: int | None, counts: Path | None) -> None:
    """Make every flush, rename and removal a step; die at one of them."""
    done = 0

    def stepping(function: Any) -> Any:
        def step(*args: Any, **kwargs: Any) -> Any:
            nonlocal done
            if counts is not None:
                with counts.open("a") as file:
                    file.write(".")
            if done == dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            done += 1
            return function(*args, **kwargs)

        return step

    os.fsync = stepping(os.fsync)
    os.replace = stepping(os.replace)
    pathlib.Path.replace = stepping(pathlib.Path.replace)  # type: ignore[method-assign]  # in this process only
    pathlib.Path.unlink = stepping(pathlib.Path.unlink)  # type: ignore[method-assign]  # in this process only


def _run(folder: Path) -> None:
    import mteb
    from mteb import mocks

    from bench import evaluate

    meta = mteb.get_model_meta("mteb/baseline-random-encoder")
    tasks = [t for t in mocks.ALL_MOCK_TASK_TEST_GRID if t.metadata.name in TASKS]
    evaluate(["mteb/baseline-random-encoder", meta.model_copy(update={"name": "test/other"})], tasks, output=folder)


if __name__ == "__main__":
    sys.exit(main())
