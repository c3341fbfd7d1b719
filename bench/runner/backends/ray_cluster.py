"""Run the jobs on a Ray cluster: the same jobs, their files fetched back to the driver's folder."""

import socket
from dataclasses import replace
from typing import Any

from stats.common.errors import InputError

from ..events import Event, Progress
from ..grid.jobs import Job, Outcome, Settings
from ..run_folder.records import Store
from .in_process import Loaded
from .job_files import Answer, commit, run_apart
from .one_job import reason_of, trace_of

#: How often Ray starts a job again whose worker or node was lost.
RETRIES = 5

_loaded: Loaded | None = None


def run_on_cluster(
    jobs: list[Job],
    settings: Settings,
    store: Store,
    report: Progress,
    address: str,
    cpus: float,
    gpus: float,
    total: int,
) -> dict[Job, Outcome]:
    """Hand jobs to Ray and commit what comes back, in the order in which it comes.

    Task data and model folders must be reachable under the same path on every node. Ray places the jobs, moves the
    results and starts a job again when its worker is lost; a job that raises is a failed job, as in `run_here`.

    Parameters
    ----------
    address : str
        ``"auto"`` for the cluster of this machine, ``HOST:PORT`` or ``ray://HOST:PORT``.
    cpus, gpus : float
        What one job takes.
    jobs, settings, store, report, total
        As in `run_here`, like what is returned.

    Raises
    ------
    InputError
        If Ray is not installed or no cluster answers.
    """
    if not jobs:
        return {}
    ray = _connect(address)
    try:
        remote = ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=RETRIES)(_run_remotely)
        shared = ray.put(replace(settings, cache_folder=None))
        pending = {remote.remote(job, shared): job for job in jobs}
        for job in jobs:
            report(Event("start", job, done=total - len(jobs), total=total))
        outcomes: dict[Job, Outcome] = {}
        while pending:
            ready, _ = ray.wait(list(pending), num_returns=1)
            job = pending.pop(ready[0])
            outcomes[job] = _fetch(ray, ready[0], job, settings, store)
            report(Event("end", job, outcomes[job], done=total - len(pending), total=total))
    finally:
        ray.shutdown()
    return outcomes


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


def _fetch(ray: Any, reference: Any, job: Job, settings: Settings, store: Store) -> Outcome:
    """Commit the files of one job, or record why it failed."""
    try:
        answer: Answer = ray.get(reference)
    except ray.exceptions.RayError as error:
        lost = f"its worker was lost {RETRIES + 1} times: {reason_of(error)}"
        store.fail(job, settings, lost[:300], trace_of(error))
        return Outcome(job, "failed", None, lost[:300])
    return commit(answer, job, settings, store)


def _run_remotely(job: Job, settings: Settings) -> Answer:
    """On a worker: run a job; the model stays for the next."""
    global _loaded
    if _loaded is None:
        _loaded = Loaded(settings)
    return run_apart(job, settings, _loaded)
