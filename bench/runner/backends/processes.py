"""Run the jobs in several processes of this machine, a model at a time each; this process alone writes the folder."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, groupby
from multiprocessing import active_children, get_context, parent_process
from pathlib import Path

from stats.common.errors import InputError

from ..encoding.shared_pass import Turn, in_turn
from ..events import Event, Progress
from ..grid.jobs import Job, Outcome, Settings
from ..grid.models import ModelSpec
from ..run_folder.records import Store
from .in_process import Loaded
from .job_files import Answer, commit, run_apart

#: Of a worker: the model that it holds, and how many texts it has encoded for the job.
_loaded: Loaded | None = None
_texts = 0


def run_in_workers(
    jobs: list[Job], settings: Settings, store: Store, report: Progress, workers: int, total: int
) -> dict[Job, Outcome]:
    """Share the models out to worker processes and commit what comes back, in the order in which it comes.

    A worker takes the next model (or the next variants that share passes) when it is through with one. The workers end
    with this process, however it ends.

    Parameters
    ----------
    workers : int
        Processes at most; no more than models.
    jobs, settings, store, report, total
        As in `run_here`, like what is returned.

    Raises
    ------
    InputError
        If a model is an object of this process.
    RuntimeError
        If a worker dies.
    """
    if objects := sorted({job.model.name for job in jobs if job.model.kind == "object"}):
        raise InputError(f"{objects[0]} is an object of this process: give its folder or name, or leave workers out")
    models = [list(turns) for _, turns in groupby(in_turn(jobs, settings), key=_held)]
    workers = min(workers, len(models))
    shared = replace(settings, cache_bytes=settings.cache_bytes // max(1, workers))
    outcomes: dict[Job, Outcome] = {}
    busy: dict[Future[tuple[Answer, int]], tuple[Job, ProcessPoolExecutor, Iterator[Turn]]] = {}

    def give(worker: ProcessPoolExecutor, turns: Iterator[Turn]) -> None:
        turn = next(turns, None)
        if turn is not None:
            report(Event("start", turn.job, done=total - len(jobs) + len(outcomes), total=total))
            busy[worker.submit(_run, turn, shared, store.staging)] = turn.job, worker, turns

    with _pool(workers) as pool:
        waiting = iter(models)
        for worker in pool:
            give(worker, chain.from_iterable(waiting))
        while busy:
            for future in wait(busy, return_when=FIRST_COMPLETED).done:
                job, worker, turns = busy.pop(future)
                answer, texts = _result(future)
                give(worker, turns)
                outcomes[job] = commit(answer, job, settings, store)
                report(Event("texts", job, texts=texts))
                report(Event("end", job, outcomes[job], done=total - len(jobs) + len(outcomes), total=total))
    return outcomes


def _held(turn: Turn) -> tuple[ModelSpec, ...]:
    """What a worker holds while it runs a job."""
    return turn.sharing or (turn.job.model,)


def _result(future: Future[tuple[Answer, int]]) -> tuple[Answer, int]:
    """What a worker made; one that was told to leave by somebody else has died too."""
    try:
        return future.result()
    except SystemExit as error:
        raise BrokenProcessPool("a worker process was terminated") from error


@contextmanager
def _pool(workers: int) -> Iterator[list[ProcessPoolExecutor]]:
    """Processes that can be told apart, so that a model stays where it is loaded; gone when this ends."""
    before = set(active_children())
    # Fresh processes: a fork of one that has used torch's threads may hang.
    context = get_context("spawn")
    pool = [ProcessPoolExecutor(1, mp_context=context, initializer=_begin) for _ in range(workers)]
    try:
        yield pool
    except BaseException as error:
        for process in set(active_children()) - before:
            process.terminate()
        if isinstance(error, BrokenProcessPool):
            raise RuntimeError(
                "a worker process died (killed by the system if the memory was full): start again, with fewer workers "
                "if it happens again; finished jobs are kept"
            ) from error
        raise
    finally:
        for worker in pool:
            worker.shutdown(cancel_futures=True)


def _begin() -> None:
    """In a worker: leave interruption to the process that gives the jobs, break off when it says so, end when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _leave(*_: object) -> None:
    raise SystemExit(1)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run(turn: Turn, settings: Settings, place: Path) -> tuple[Answer, int]:
    """In a worker: run a job; the model stays for the next."""
    global _loaded, _texts
    if _loaded is None:
        _loaded = Loaded(settings, _count)
    _loaded.share(turn.sharing, turn.ahead)
    _texts = 0
    place.mkdir(exist_ok=True)
    return run_apart(turn.job, settings, _loaded, place), _texts


def _count(texts: int) -> None:
    global _texts
    _texts += texts
