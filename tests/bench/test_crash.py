"""Killed at random points and started again, a long command leaves the folder of an undisturbed one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(("what", "files"), [("run", 20), ("train", 8), ("pretrain", 5), ("index", 2), ("page", 1)])
def test_kills_leave_no_trace(what: str, files: int) -> None:
    """A handful of kills and interruptions, in turn; EMBSIG_CRASH_RUNS=30 for more."""
    kills = os.environ.get("EMBSIG_CRASH_RUNS", "4")
    script = Path(__file__).with_name("crash.py")
    done = subprocess.run(
        [sys.executable, str(script), what, "--kills", kills, "--seed", "7"],
        capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["kills"] >= int(kills)
    assert told["files"] >= files
    assert told["differences"] == {}
