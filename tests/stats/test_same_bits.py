"""The same bits on any number of threads, whichever kernels OpenBLAS takes."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

#: OpenBLAS's kernels for Haswell add in another order when a product is split; the machine's own need not.
KERNELS = ["", "Haswell"] if platform.machine() == "x86_64" else [""]


def _hashes(kernel: str, threads: int) -> dict[str, str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
    }
    environment |= {"OPENBLAS_CORETYPE": kernel} if kernel else {}
    program = Path(__file__).with_name("same_bits.py")
    done = subprocess.run(
        [sys.executable, str(program)],
        env=environment,
        cwd=program.parents[2],
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("kernel", KERNELS)
def test_threads_change_no_bit(kernel: str) -> None:
    alone = _hashes(kernel, 1)
    assert len(alone) > 30
    together = _hashes(kernel, 3)
    assert [name for name in alone if alone[name] != together[name]] == []
