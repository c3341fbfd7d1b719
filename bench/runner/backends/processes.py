"""Run the jobs in several processes of this machine, a model at a time each; this process alone writes the folder."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import chain, groupby
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path

from stats.common.errors import InputError

from ..encoding.shared_pass import Turn, in_turn
from ..events import Event, Progress
from ..grid.jobs import Job, Outcome, Settings
from ..grid.models import ModelSpec
from ..run_folder.records import Store
from .in_process import Loaded
from .job_files import Answer, commit, run_apart

#: Seconds after which a wait looks up. Without it Ctrl-C is noticed when the next job ends: mteb loads polars, whose handler of
#: that signal lets a wait go on.
_LOOK = 0.2

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
            with _interrupts_held():  # a worker is started by its first job
                future = worker.submit(_run, turn, shared, store.staging)
            busy[future] = turn.job, worker, turns

    with _pool(workers) as pool:
        waiting = iter(models)
        for worker in pool:
            give(worker, chain.from_iterable(waiting))
        while busy:
            for future in wait(busy, timeout=_LOOK, return_when=FIRST_COMPLETED).done:
                job, worker, turns = busy.pop(future)
                answer, texts = future.result()
                give(worker, turns)
                outcomes[job] = commit(answer, job, settings, store)
                report(Event("texts", job, texts=texts))
                report(Event("end", job, outcomes[job], done=total - len(jobs) + len(outcomes), total=total))
    return outcomes


def _held(turn: Turn) -> tuple[ModelSpec, ...]:
    """What a worker holds while it runs a job."""
    return turn.sharing or (turn.job.model,)


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
            _end(process)
        if isinstance(error, BrokenProcessPool):
            raise RuntimeError(
                "a worker process died (killed by the system if memory ran out): start again, with fewer workers "
                "if it happens again; finished jobs are kept"
            ) from error
        raise
    finally:
        for worker in pool:
            worker.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Start a worker undisturbed, and one that Ctrl-C does not reach.

    Half started, or struck in the midst of its imports, it would end in a traceback. It inherits what is blocked here; to hold
    back our own handlers takes more, since a signal that is blocked in one thread arrives by another.
    """
    if threading.current_thread() is not threading.main_thread():  # only there are signals answered
        yield
        return
    arrived: list[int] = []
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    held = {number: handler for number, handler in handlers.items() if callable(handler)}
    for number in held:
        signal.signal(number, lambda number, _: arrived.append(number))
    if hasattr(signal, "pthread_sigmask"):
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for number, handler in held.items():
            signal.signal(number, handler)
        for came in arrived:
            held[signal.Signals(came)](came, None)


def _end(process: BaseProcess) -> None:
    """End a worker at once, and the processes that it has started.

    Asking it to leave takes as long as the call that it is in: a fit or a clustering goes on for many seconds before Python
    looks at a signal. It holds nothing that must be put away: its files lie in the run's staging folder.
    """
    if hasattr(os, "killpg") and process.pid is not None:
        with suppress(ProcessLookupError):  # not the head of its group yet: it is still starting
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _begin() -> None:
    """In a worker: leave interruption to the process that gives the jobs, end when it ends, leave nothing behind."""
    from tqdm import tqdm

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setpgrp"):
        os.setpgrp()
    tqdm.set_lock(threading.RLock())  # its own is a semaphore of the system, which outlives a process that is killed
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)
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
