"""Run the jobs on a Ray cluster: Ray places them, moves what they need to the nodes, and starts again what was lost.

Models and task data are named by their content. A node gets each file once, checks it, and says with every result what
it was made from; the driver checks that in its turn and alone writes the run's folder.
"""

import hashlib
import socket
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.cache_folder import cache_folder
from stats.common.errors import InputError
from stats.common.writing import replacing

from ..events import Event, Progress
from ..grid.jobs import Job, Outcome, Settings
from ..grid.models import ModelSpec
from ..identity import state_hash
from ..run_folder.records import Store
from .cargo import EMBEDDED, Cargo, cargo_of_data, cargo_of_model
from .in_process import Loaded
from .job_files import Answer, commit, run_apart
from .node_store import settle
from .one_job import reason_of, trace_of
from .ray_nodes import able, check_nodes, make_board, node_name, unlike, versions, waiting

#: How often Ray starts a job again whose worker or node was lost.
RETRIES = 5
#: Bytes of a file that travel as one object: much less than a node's object store holds.
_PIECE = 1 << 26
#: Seconds after which it is said what jobs wait for: where none runs, and where some do.
_PATIENCE, _SELDOM = 5.0, 30.0

_loaded: Loaded | None = None


@dataclass(frozen=True)
class Cluster:
    """Where and how to run.

    Attributes
    ----------
    address : str
        ``"auto"`` for the cluster of this machine, ``HOST:PORT`` or ``ray://HOST:PORT``.
    cpus, gpus : float
        What one job takes.
    ship : bool
        Bring models and data to nodes that have not got them, or refuse such a node.
    shared : str
        A folder that all nodes see, to bring them to instead; or empty.
    """

    address: str
    cpus: float = 1
    gpus: float = 0
    ship: bool = True
    shared: str = ""


@dataclass(frozen=True)
class Sealed:
    """An answer and what it was made from.

    Attributes
    ----------
    answer : Answer
    node : str
    model, data : str
        Hashes of the model and of the data that the worker had, as it found them; empty where mteb loads them.
    came : list of str
        Hashes of the files that had to come to the node.
    hashes : dict
        SHA-256 of the answer's files.
    """

    answer: Answer
    node: str
    model: str
    data: str
    came: list[str]
    hashes: dict[str, str]


def run_on_cluster(
    jobs: list[Job], settings: Settings, store: Store, report: Progress, cluster: Cluster, total: int
) -> dict[Job, Outcome]:
    """Hand jobs to Ray and commit what comes back, in the order in which it comes.

    Parameters
    ----------
    cluster : Cluster
    jobs, settings, store, report, total
        As in `run_here`, like what is returned.

    Raises
    ------
    InputError
        If Ray is not installed, no cluster answers, or a node has other libraries than the driver (or other models or
        data, where they are not to be brought).
    """
    if not jobs:
        return {}
    ray = _connect(cluster.address)
    try:
        return _Run(ray, jobs, settings, store, report, cluster, total).outcomes()
    finally:
        ray.shutdown()


def _connect(address: str) -> Any:
    try:
        import ray
    except ImportError as error:
        raise InputError(f"cluster {address!r} needs Ray: install embsig[cluster]") from error
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        if host and port.isdigit():
            # Ray itself tries for minutes, and then ends the process.
            socket.create_connection((host, int(port)), timeout=10).close()
        ray.init(address=address, log_to_driver=False, logging_level="ERROR", configure_logging=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(
            f"no Ray cluster answers at {address!r} ({' '.join(str(error).split())[:120]}): start one with `ray start --head`, "
            "or give its address as ray://HOST:10001"
        ) from error
    return ray


class _Run:
    """One run on a cluster, on the driver's side."""

    def __init__(
        self,
        ray: Any,
        jobs: list[Job],
        settings: Settings,
        store: Store,
        report: Progress,
        cluster: Cluster,
        total: int,
    ) -> None:
        self._ray, self._jobs, self._settings, self._store = ray, jobs, settings, store
        self._report, self._cluster, self._total = report, cluster, total
        self._models = {
            m: cargo_of_model(m, cluster.ship, cluster.shared) for m in dict.fromkeys(j.model for j in jobs)
        }
        self._data = {
            j.data_folder: cargo_of_data(j, cluster.ship, cluster.shared)
            for j in {j.data_folder: j for j in jobs if not j.error}.values()
        }
        self._sent: dict[str, tuple[Any, ...]] = {}
        self._outcomes: dict[Job, Outcome] = {}
        self._begun: dict[int, tuple[str, str]] = {}
        self._free: dict[str, float] = {}
        self._said, self._said_at = "", time.monotonic()

    def outcomes(self) -> dict[Job, Outcome]:
        ray, cluster = self._ray, self._cluster
        cargos = [c for c in (*self._models.values(), *self._data.values()) if c is not None]
        check_nodes(ray, able(ray.nodes(), cluster.cpus, cluster.gpus), [] if cluster.ship else cargos, self._wait)
        self._free = ray.available_resources()
        board = make_board(ray)
        pending = self._submit(board)
        while pending:
            # Ray is asked again and again, and never waited for: a signal is noticed in between.
            ready, _ = ray.wait(list(pending), num_returns=min(len(pending), 100), timeout=0.2)
            self._look_up(board, pending)
            for reference in ready:
                job = self._jobs[pending.pop(reference)]
                self._outcomes[job] = outcome = self._fetch(reference, job)
                self._report(Event("end", job, outcome, done=self._done(), total=self._total))
        return self._outcomes

    def _submit(self, board: Any) -> dict[Any, int]:
        """Give Ray all jobs, with what they need."""
        ray, cluster = self._ray, self._cluster
        remote = ray.remote(num_cpus=cluster.cpus, num_gpus=cluster.gpus, max_retries=RETRIES)(_run_remotely)
        settings, alike = ray.put(self._settings), ray.put(versions())
        models = {spec: self._load(cargo or _object(spec)) for spec, cargo in self._models.items()}
        data = {folder: self._load(cargo) for folder, cargo in self._data.items()}
        pending = {}
        for number, job in enumerate(self._jobs):
            bare = replace(job, model=replace(job.model, source=None)) if job.model.kind == "object" else job
            reference = remote.options(name=job.label).remote(
                number, bare, settings, models[job.model], data.get(job.data_folder), alike, board
            )
            pending[reference] = number
        return pending

    def _load(self, cargo: Any) -> Any:
        """Give the cluster what is to be brought, each file once, and the list of it."""
        if isinstance(cargo, Cargo) and cargo.ship:
            files: dict[str, Path] = {}
            for tree in cargo.tree.walk():
                if tree.place != EMBEDDED:
                    files |= {known: Path(tree.place, name) for name, known in tree.files.items()}
            if cargo.shared:
                for name, path in files.items():
                    _share(path, Path(cargo.shared, "files", name))
            else:
                self._sent |= {name: self._pieces(path) for name, path in files.items() if name not in self._sent}
                cargo = replace(cargo, chunks={name: self._sent[name] for name in files})
        return None if cargo is None else self._ray.put(cargo)

    def _pieces(self, path: Path) -> tuple[Any, ...]:
        with path.open("rb") as file:
            return tuple(self._ray.put(piece) for piece in iter(lambda: file.read(_PIECE), b""))

    def _fetch(self, reference: Any, job: Job) -> Outcome:
        """Commit the files of one job if they are what it asked for; record why it failed, if it did."""
        ray = self._ray
        try:
            sealed: Sealed = ray.get(reference)
        except ray.exceptions.RayTaskError as error:  # a fault of the machine, not of the job
            return self._fail(job, reason_of(error.cause or error), trace_of(error))
        except ray.exceptions.RayError as error:
            return self._fail(job, f"its worker was lost {RETRIES + 1} times: {reason_of(error)}", trace_of(error))
        if said := altered(sealed, self._models[job.model], self._data.get(job.data_folder)):
            return self._fail(job, f"node {sealed.node}: {said}", "")
        outcome = commit(sealed.answer, job, self._settings, self._store)
        return replace(outcome, where={"node": sealed.node, "came": sealed.came})

    def _fail(self, job: Job, reason: str, trace: str) -> Outcome:
        self._store.fail(job, self._settings, reason[:400], trace)
        return Outcome(job, "failed", None, reason[:400])

    def _look_up(self, board: Any, pending: dict[Any, int]) -> None:
        """Report which jobs have begun, and from time to time what the others wait for."""
        ray, cluster = self._ray, self._cluster
        try:
            begun = ray.get(board.begun.remote(), timeout=1)
        except ray.exceptions.RayError:  # slow, or lost: jobs do not depend on it
            begun = self._begun
        for number in begun.keys() - self._begun.keys():
            self._report(Event("start", self._jobs[number], done=self._done(), total=self._total))
        self._begun = begun
        if time.monotonic() - self._said_at < _PATIENCE:
            return
        nodes = ray.nodes()
        alive = {n["NodeID"] for n in nodes if n["Alive"]}
        running = [node for n in pending.values() if n in begun for where, node in [begun[n]] if where in alive]
        said = waiting(len(pending), running, nodes, ray.available_resources(), self._free, cluster.cpus, cluster.gpus)
        if said and ((not running and said != self._said) or time.monotonic() - self._said_at > _SELDOM):
            self._wait(said)

    def _wait(self, said: str) -> None:
        self._said, self._said_at = said, time.monotonic()
        self._report(Event("wait", done=self._done(), total=self._total, said=said))

    def _done(self) -> int:
        return self._total - len(self._jobs) + len(self._outcomes)


def altered(sealed: Sealed, model: Cargo | None, data: Cargo | None) -> str:
    """What of an answer is not what was asked for or sent; empty if all is."""
    if sealed.answer.outcome.status != "done":
        return ""
    for what, cargo, found in (("model", model, sealed.model), ("data", data, sealed.data)):
        if cargo is not None and found != cargo.tree.key:
            return f"its result was made with {what} {found[:16]}, and {cargo.tree.key[:16]} was asked for"
    files = {name: hashlib.sha256(content).hexdigest() for name, content in sealed.answer.files.items()}
    return "" if files == sealed.hashes else "its files arrived altered"


def _object(spec: ModelSpec) -> Any:
    """A model that is an object of this process; Ray moves it, once to each node."""
    return spec.source if spec.kind == "object" else None


def _share(path: Path, target: Path) -> None:
    """Copy a file to the folder that all nodes see, if it is not there."""
    if target.is_file() and target.stat().st_size == path.stat().st_size:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as part, path.open("rb") as source, part.open("wb") as file:
        while piece := source.read(_PIECE):
            file.write(piece)


# -- on a worker -----------------------------------------------------------------------------------------------------


def _run_remotely(
    number: int, job: Job, settings: Settings, model: Any, data: Cargo | None, driver: dict[str, str], board: Any
) -> Sealed:
    """Run a job on what was sent; the model stays for the next."""
    import ray

    node = node_name(ray)
    board.begin.remote(number, ray.get_runtime_context().get_node_id(), node)
    found = {"model": "", "data": ""}
    came: list[str] = []
    moved = job.data_folder
    try:
        if said := unlike(driver):
            raise InputError(said)
        job = _settled(job, model, data, found, came, ray.get)
        _check_suite(job, settings)
    except (InputError, OSError) as error:
        outcome = Outcome(job, "failed", None, f"node {node}: {reason_of(error)}")
        return Sealed(Answer(outcome, {}, trace_of(error)), node, found["model"], found["data"], came, {})
    answer = _run(job, settings)
    if moved:  # a reason names the user's own file, wherever its copy lies
        reason = answer.outcome.reason.replace(str(job.data_folder), str(moved))
        answer = answer._replace(outcome=replace(answer.outcome, reason=reason))
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in answer.files.items()}
    return Sealed(answer, node, found["model"], found["data"], came, hashes)


def _settled(job: Job, model: Any, data: Cargo | None, found: dict[str, str], came: list[str], fetch: Any) -> Job:
    """The job with its model and data where they are on this node."""
    if isinstance(model, Cargo):
        folder, found["model"], files = settle(model, fetch)
        came += files
        if job.model.kind == "variant":
            variant = str(job.model.source).partition("@")[0]
            base = EMBEDDED if model.tree.place == EMBEDDED else str(folder)
            job = replace(job, model=replace(job.model, source=f"{variant}@{base}"))
        else:
            job = replace(job, model=replace(job.model, kind="folder", source=str(folder)))
    elif job.model.kind == "object":
        job = replace(job, model=replace(job.model, source=model))
        if job.model.content and (here := state_hash(getattr(model, "model", None))) != job.model.content:
            raise InputError(f"model {job.model.name} is {here} there and {job.model.content} on the driver")
    if data is not None:
        place, found["data"], files = settle(data, fetch)
        came += files
        job = replace(job, data_folder=place)
    return job


def _check_suite(job: Job, settings: Settings) -> None:
    """A suite's data are made on each machine: they must be the driver's."""
    if job.task.origin != "suite":
        return
    here = str(job.task.make(settings.seed).metadata.revision)
    if here != job.task.dataset_revision:
        raise InputError(
            f"data of {job.task.name} is {here[:16]} there and {job.task.dataset_revision[:16]} on the driver"
        )


def _run(job: Job, settings: Settings) -> Answer:
    global _loaded
    if _loaded is None:
        # Beside the node's other files. The number of threads may change the last bits of a vector.
        place = settings.cache_folder or cache_folder() / "cluster" / f"embeddings-{settings.threads}"
        _loaded = Loaded(replace(settings, cache_folder=place if settings.cache_bytes else None))
    return run_apart(job, settings, _loaded)
