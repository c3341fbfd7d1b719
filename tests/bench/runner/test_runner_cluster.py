"""A real Ray cluster of two nodes on this machine, one of them killed in mid-run: the bytes are those of a local run."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from compare_runs import differences

from bench import evaluate
from bench.runner.events import Event
from stats.common.errors import InputError

RANDOM = "mteb/baseline-random-encoder"
TASKS = ("MockSTSTask", "MockRetrievalTask", "MockPairClassificationTask", "MockClusteringTask", "MockBitextMiningTask",
         "MockSummarizationTask", "MockRerankingTask", "MockClassificationTask")  # fmt: skip

pytest.importorskip("ray")
# Ray says in a FutureWarning and some ResourceWarnings what its next version will change; we can do nothing about it.
pytestmark = pytest.mark.filterwarnings("ignore")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def start_node(*where: str) -> int:
    """Start a node in a process group of its own, and return the group."""
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", *where, "--num-cpus=1", "--disable-usage-stats",
               "--object-store-memory=100000000"]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "RAY_DISABLE_IMPORT_WARNING": "1"}
    started = subprocess.Popen(
        command, start_new_session=True, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = started.communicate(timeout=120)[0]
    if started.returncode != 0:
        pytest.skip(f"Ray does not start here: {said.decode()[-300:]}")
    return started.pid


def kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.fixture
def two_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Address of a cluster of two nodes, and the process group of the second."""
    port = free_port()
    # Ray's sockets lie in its folder, and a socket's path may have 107 characters at most.
    head = start_node("--head", f"--port={port}", "--include-dashboard=false")
    groups = [head]
    try:
        groups.append(start_node(f"--address=127.0.0.1:{port}"))
        yield f"127.0.0.1:{port}", groups[1]
    finally:
        for group in groups:
            kill(group)


def test_a_run_survives_the_loss_of_a_node(two_nodes: tuple[str, int], mock_tasks: list[Any], tmp_path: Path) -> None:
    address, second = two_nodes
    chosen = [t for t in mock_tasks if t.metadata.name in TASKS]
    ended: list[str] = []

    def kill_after_the_second(event: Event) -> None:
        if event.kind == "end" and event.job:
            ended.append(event.job.task.name)
            if len(ended) == 2:
                kill(second)

    there = evaluate(RANDOM, chosen, output=tmp_path / "cluster", cluster=address, progress=kill_after_the_second)
    assert there.exit_status == 0, str(there)
    assert len(ended) == len(chosen)
    here = evaluate(RANDOM, chosen, output=tmp_path / "local", threads=1)
    assert here.exit_status == 0
    assert differences(tmp_path / "cluster", tmp_path / "local") == []


def test_no_cluster_is_one_clear_line(mock_tasks: list[Any], tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(InputError, match=f"no Ray cluster answers at '{address}'") as caught:
        evaluate(RANDOM, mock_tasks[:1], output=tmp_path, cluster=address)
    assert "\n" not in str(caught.value)
