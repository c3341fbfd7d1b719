"""A real Ray cluster of nodes that share no folder: what runs there is what the driver has, or is refused by name.

Each node has its own view of the file system (a mount namespace): the head sees empty folders where the driver has models
and data, the second node a stale mirror under the same paths, with other weights and reversed gold. Each keeps its own cache.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from compare_runs import differences

from bench import evaluate
from bench.runner.backends.cargo import Cargo, tree_of_data
from bench.runner.backends.job_files import Answer
from bench.runner.backends.ray_cluster import Sealed, altered
from bench.runner.backends.ray_nodes import waiting
from bench.runner.events import Event
from stats.common.errors import InputError
from tiny_models import save_tiny_model

RANDOM = "mteb/baseline-random-encoder"
MOCKS = ("MockSTSTask", "MockRetrievalTask", "MockPairClassificationTask", "MockClusteringTask", "MockBitextMiningTask",
         "MockSummarizationTask", "MockRerankingTask", "MockClassificationTask")  # fmt: skip
TASKS = ("STS12", "STS13", "STS14", "STS15", "STS16", "BIOSSES", "STSBenchmark", "SICK-R", "Query2Query", "JSICK",
         "KorSTS", "CDSC-R", "Assin2STS", "RonSTS", "STSES", "LCQMC", "PAWSX", "QBQTC", "SICK-R-PL", "SlovakSTS")  # fmt: skip
MODELS = 10
#: The own mount namespace of a process: for root, and for others where the system lets them.
UNSHARE = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "--mount", "--map-root-user")

pytest.importorskip("ray")
# Ray says in a FutureWarning and some ResourceWarnings what its next version will change; we can do nothing about it.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@dataclass
class World:
    """The driver's models and data, and the cluster."""

    models: list[str]
    data: Path
    address: str
    second: int
    folder: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def start_node(
    *where: str, cache: Path, mounts: dict[Path, Path] | None = None, python_path: Path | None = None
) -> int:
    """Start a node in a process group of its own, which sees other folders under some paths; return the group."""
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", *where, "--num-cpus=1", "--disable-usage-stats",
               "--object-store-memory=80000000"]  # fmt: skip
    if mounts:
        # $0 is the number of mounts: so many pairs of folders come before the command.
        script = 'n=$0; while [ "$n" -gt 0 ]; do mount --bind "$1" "$2"; shift 2; n=$((n - 1)); done; exec "$@"'
        pairs = [str(path) for place, other in mounts.items() for path in (other, place)]
        command = [*UNSHARE, "sh", "-ec", script, str(len(mounts)), *pairs, *command]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "RAY_DISABLE_IMPORT_WARNING": "1", "EMBSIG_CACHE": str(cache)}
    if python_path:
        environment["PYTHONPATH"] = str(python_path)
    started = subprocess.Popen(
        command, start_new_session=True, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = started.communicate(timeout=240)[0]
    if started.returncode != 0:
        pytest.skip(f"Ray does not start here: {said.decode()[-300:]}")
    return started.pid


def kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def write_data(folder: Path, *, turned: bool = False) -> Path:
    """Sixteen pairs a task, with gold of another order in each; turned: the gold upside down."""
    for t, task in enumerate(TASKS):
        rows = []
        for i in range(16):
            gold = (i * (2 * t + 3)) % 101
            rows.append({"sentence1": f"a{i} {task.lower()}", "sentence2": f"{'a' * (gold % 5)}b{i * t}",
                         "score": 101 - gold if turned else gold})  # fmt: skip
        place = folder / task
        place.mkdir(parents=True)
        (place / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two nodes of one processor each; the second can be killed, and is by the last test."""
    if subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may have no mount namespace of its own: run as root, or allow user namespaces")
    here = tmp_path_factory.mktemp("cluster")
    for i in range(MODELS):
        save_tiny_model(here / "models" / f"m{i}", seed=i)
        shutil.rmtree(here / "models" / f"m{i}-base")
    write_data(here / "data")
    # A mirror as of some time ago.
    shutil.copytree(here / "models", here / "stale-models")
    for i in range(MODELS):
        weights = Path(f"m{i}", "model.safetensors")
        shutil.copy(here / "models" / f"m{(i + 1) % MODELS}" / weights.name, here / "stale-models" / weights)
    write_data(here / "stale-data", turned=True)
    (here / "nothing").mkdir()
    port = free_port()
    groups = []
    try:
        # Ray's sockets lie in its folder, and a socket's path may have 107 characters at most.
        groups.append(start_node("--head", f"--port={port}", "--include-dashboard=false", cache=here / "cache-1",
                                 mounts={here / "models": here / "nothing", here / "data": here / "nothing"}))  # fmt: skip
        groups.append(start_node(f"--address=127.0.0.1:{port}", cache=here / "cache-2",
                                 mounts={here / "models": here / "stale-models", here / "data": here / "stale-data"}))  # fmt: skip
        models = [str(here / "models" / f"m{i}") for i in range(MODELS)]
        yield World(models, here / "data", f"127.0.0.1:{port}", groups[1], here)
    finally:
        for group in groups:
            kill(group)


def test_a_stale_mirror_is_refused_with_both_hashes(world: World, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        evaluate(
            world.models[:1], TASKS[1:2], data_root=world.data, output=tmp_path, cluster=world.address, ship="never"
        )
    from bench.runner.identity import data_hash

    there, driver = (data_hash(world.folder / name / "STS13")[:16] for name in ("stale-data", "data"))
    said = str(caught.value)
    assert f"): data of STS13 is {there} there and {driver} on the driver" in said
    assert said.startswith("node ")
    assert "\n" not in said
    assert list(tmp_path.glob("results/*")) == []


def test_other_libraries_are_refused_by_name(world: World, tmp_path: Path) -> None:
    other = tmp_path / "site" / "mteb-2.99.0.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: mteb\nVersion: 2.99.0\n")
    third = start_node(f"--address={world.address}", cache=tmp_path / "cache", python_path=other.parent)
    try:
        with pytest.raises(
            InputError, match=r"node \S+ \(\w{8}\): mteb 2\.99\.0 there, [\d.]+ on the driver: install"
        ) as caught:
            evaluate(world.models[:1], TASKS[:1], data_root=world.data, output=tmp_path / "o", cluster=world.address)
    finally:
        kill(third)
    assert "\n" not in str(caught.value)


def test_no_file_comes_to_a_node_twice_and_nothing_is_wrong(world: World, tmp_path: Path) -> None:
    tasks = TASKS if os.environ.get("EMBSIG_SLOW_TESTS") else TASKS[:6]  # 200 jobs, or 60
    there = evaluate(world.models, tasks, data_root=world.data, output=tmp_path / "o", cluster=world.address)
    assert there.exit_status == 0, str(there)
    assert len(there.outcomes) == MODELS * len(tasks)
    jobs = json.loads((tmp_path / "o" / "runs.jsonl").read_text())["jobs"]
    nodes = sorted({job["node"] for job in jobs})
    assert len(nodes) == 2
    weights = {file_of(Path(m, "model.safetensors")) for m in world.models}
    for node in nodes:
        came = [name for job in jobs if job["node"] == node for name in job["came"]]
        assert len(came) == len(set(came))
        ran = {job["model"] for job in jobs if job["node"] == node}
        assert len(weights & set(came)) == len(ran)  # neither the empty folder nor the stale mirror was used
    for i in (0, 7):
        here = evaluate(world.models[i], tasks, data_root=world.data, output=tmp_path / f"local-{i}", threads=1)
        scores = {o.job.task.name: o.score for o in there.outcomes if o.job.model == here.outcomes[0].job.model}
        assert scores == {o.job.task.name: o.score for o in here.outcomes}
        assert len(set(scores.values())) == len(tasks)
    again = evaluate(world.models[0], tasks, data_root=world.data, output=tmp_path / "again", cluster=world.address)
    assert again.exit_status == 0
    assert (
        sum(len(o.where["came"]) for o in again.outcomes) <= len(tasks) + 8
    )  # what the other node had and this had not


def file_of(path: Path) -> str:
    from bench.runner.task_data.hashing import file_hash

    return file_hash(path)


class Enough(Exception):
    """The test has heard what it waited for."""


def heard(words: str) -> Any:
    """Give a listener that ends the run when it is told so."""

    def listen(event: Event) -> None:
        if words in event.said:
            raise Enough(event.said)

    return listen


def test_jobs_that_no_node_can_run_are_named(world: World, tmp_path: Path) -> None:
    with pytest.raises(Enough) as caught:
        evaluate(world.models[:2], TASKS[:2], data_root=world.data, output=tmp_path, cluster=world.address, cpus_per_job=64,
                 progress=heard("cannot be scheduled"))  # fmt: skip
    assert str(caught.value).startswith("4 jobs cannot be scheduled: each asks for 64 CPUs, and the largest of ")
    assert "has 1 CPU: lower --cpus-per-job" in str(caught.value)


def test_jobs_without_a_free_processor_say_what_they_wait_for(world: World, tmp_path: Path) -> None:
    script = f"""
import ray, time
ray.init({world.address!r}, log_to_driver=False, logging_level="ERROR")
@ray.remote(num_cpus=1)
class Hold:
    def held(self): return 1
held = [Hold.remote() for _ in range(2)]
ray.get([h.held.remote() for h in held])
print("held", flush=True)
time.sleep(600)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline().strip() == "held"
            with pytest.raises(
                Enough,
                match=r"2 jobs pending, none running: each asks for 1 CPU, 0 of \d CPUs? free: other work",
            ):
                evaluate(world.models[:1], TASKS[:2], data_root=world.data, output=tmp_path, cluster=world.address,
                         progress=heard("other work of the cluster holds the rest"))  # fmt: skip
        finally:
            other.kill()


def test_files_of_a_shared_folder_are_used_by_all(world: World, tmp_path: Path) -> None:
    run = evaluate(world.models[3], TASKS[:2], data_root=world.data, output=tmp_path / "o", cluster=world.address,
                   shared_folder=world.folder)  # fmt: skip
    assert run.exit_status == 0, str(run)
    here = evaluate(world.models[3], TASKS[:2], data_root=world.data, output=tmp_path / "local", threads=1)
    assert [o.score for o in run.outcomes] == [o.score for o in here.outcomes]
    assert [o.where["came"] for o in run.outcomes] == [[], []]
    assert (world.folder / "files" / file_of(Path(world.models[3], "model.safetensors"))).is_file()


def test_ctrl_c_is_answered_at_once_and_without_a_traceback(world: World, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "embsig", "run", "-o", str(tmp_path / "o"), "--cluster", world.address,
               "--data-root", str(world.data), *(word for task in TASKS for word in ("-t", task)),
               *(word for model in world.models for word in ("-m", model))]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    ) as run:  # fmt: skip
        give_up = time.monotonic() + 400
        while not list(tmp_path.glob("o/results/*/*/*.json")):  # two hundred jobs, of which one has ended
            assert run.poll() is None, run.communicate()
            assert time.monotonic() < give_up
            time.sleep(0.02)
        os.killpg(run.pid, signal.SIGINT)
        asked = time.monotonic()
        _, said = run.communicate(timeout=60)
        answered = time.monotonic() - asked
    assert run.returncode == 130, said
    assert said.splitlines()[-1] == "embsig: interrupted; what was finished is kept"
    assert "Traceback" not in said
    assert answered < 5  # two seconds on a machine that does nothing else; the other jobs would take longer
    assert len(list(tmp_path.glob("o/results/*/*/*.json"))) < len(TASKS) * MODELS


def test_a_run_survives_the_loss_of_a_node(world: World, mock_tasks: list[Any], tmp_path: Path) -> None:
    chosen = [t for t in mock_tasks if t.metadata.name in MOCKS]
    ended: list[str] = []

    def kill_after_the_second(event: Event) -> None:
        if event.kind == "end" and event.job:
            ended.append(event.job.task.name)
            if len(ended) == 2:
                kill(world.second)

    there = evaluate(RANDOM, chosen, output=tmp_path / "cluster", cluster=world.address, progress=kill_after_the_second)
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


def test_where_files_go_is_asked_of_a_cluster_only(mock_tasks: list[Any], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown ship 'perhaps': expected one of auto, never"):
        evaluate(RANDOM, mock_tasks[:1], output=tmp_path, ship="perhaps")
    with pytest.raises(InputError, match="is for a cluster"):
        evaluate(RANDOM, mock_tasks[:1], output=tmp_path, shared_folder=tmp_path)
    with pytest.raises(InputError, match="no shared folder"):
        evaluate(RANDOM, mock_tasks[:1], output=tmp_path, cluster="auto", shared_folder=tmp_path / "none")


def node(cpus: float, gpus: float = 0, alive: bool = True) -> dict[str, Any]:
    return {"Alive": alive, "Resources": {"CPU": cpus, "GPU": gpus}}


@pytest.mark.parametrize(
    ("pending", "running", "nodes", "free", "before", "job", "said"),
    [
        (2, ["a", "a"], [node(2)], {}, {}, (1, 0), ""),
        (5, ["a", "b"], [node(1), node(1)], {}, {}, (1, 0), "2 jobs running on a: 1, b: 1; 3 pending"),
        (3, [], [node(4), node(8)], {"CPU": 12}, {"CPU": 12}, (2, 1), "3 jobs cannot be scheduled: each asks for 2 CPUs and 1 GPU, and the largest of 2 nodes has 8 CPUs and 0 GPUs: lower --cpus-per-job or --gpus-per-job, or add a node"),
        (1, [], [node(4, 1, alive=False)], {}, {}, (1, 0), "1 job cannot be scheduled: each asks for 1 CPU, and the largest of 0 nodes has 0 CPUs: lower --cpus-per-job or --gpus-per-job, or add a node"),
        (2, [], [node(8, 1)], {"CPU": 7}, {"CPU": 7}, (1, 1), "2 jobs pending, none running: each asks for 1 CPU and 1 GPU, 0 of 1 GPU free: other work of the cluster holds the rest"),
        (2, [], [node(2)], {}, {"CPU": 2}, (1, 0), "2 jobs pending, none running yet: workers are starting, 0 of 2 CPUs free"),
    ],
)  # fmt: skip
def test_what_jobs_wait_for(
    pending: int, running: list[str], nodes: list[Any], free: dict[str, float], before: dict[str, float],
    job: tuple[float, float], said: str,
) -> None:  # fmt: skip
    assert waiting(pending, running, nodes, free, before, *job) == said


def test_the_driver_checks_what_comes_back(tmp_path: Path) -> None:
    write_data(tmp_path)
    data = Cargo("data", tree_of_data(str(tmp_path / "STS13")), False)
    done: Any = SimpleNamespace(status="done")
    right = Sealed(Answer(done, {"a": b"1"}, ""), "n", "", data.tree.key, [], {"a": sha256(b"1").hexdigest()})
    assert altered(right, None, data) == ""
    other = tree_of_data(str(tmp_path / "STS14")).key
    assert (
        altered(replace(right, data=other), None, data)
        == f"its result was made with data {other[:16]}, and {data.tree.key[:16]} was asked for"
    )
    assert "made with model" in altered(right, data, data)
    assert altered(replace(right, answer=Answer(done, {"a": b"2"}, "")), None, data) == "its files arrived altered"
    assert altered(replace(right, answer=Answer(done, {}, "")), None, data) == "its files arrived altered"
