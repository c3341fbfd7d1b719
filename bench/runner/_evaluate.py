"""``embsig.evaluate``: score models on tasks, keep every sample, resume where it stopped."""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from stats.common.errors import InputError
from stats.common.threads import n_threads

from .asked import at_least, check_places, devices, positive, refuse_apart, shared
from .backends.aggregate_tasks import aggregate_job, combine
from .encoding.load_encoder import resolved
from .events import Event, Progress, ignore
from .grid.cells import in_cells, parse_cells
from .grid.jobs import Job, Outcome, Settings, known_dtype
from .grid.models import ModelSpec, resolve_models
from .grid.prompt_grid import parse_prompts, with_prompts
from .grid.prompts import Prompts
from .grid.tasks import TaskSpec, resolve_tasks
from .hooks import check_hooks
from .identity import data_hash
from .run_folder.manifest import hardware, manifest
from .run_folder.records import Store
from .task_data.data_root import check_root, task_folder
from .until_decided import Looks, UntilDecided, still_left


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a run did.

    Attributes
    ----------
    folder : Path
        The output folder: an mteb results folder, which ``embsig.read_scores`` and ``embsig.read_samples`` read.
    outcomes : tuple of Outcome
        One per job, in the order of the grid; of a run that was stopped, those that it has.
    decided : dict or None
        Of a run ``until_decided``: ``verdict``, ``text``, ``left`` (tasks not evaluated), ``looks`` and what was asked, as in its manifest.
    """

    folder: Path
    outcomes: tuple[Outcome, ...]
    decided: dict[str, Any] | None = None

    @property
    def failed(self) -> list[Outcome]:
        """Jobs that failed, now or in an earlier run."""
        return [o for o in self.outcomes if o.status in ("failed", "skipped")]

    @property
    def exit_status(self) -> int:
        """0 if every job is done, else 1."""
        return 1 if self.failed else 0

    def to_frame(self) -> pd.DataFrame:
        """One row per job: ``model, revision, task, family, status, score, seconds, reason``."""
        rows = [
            {
                "model": o.job.model.name,
                "revision": o.job.model.revision,
                "task": o.job.task.name,
                "family": o.job.task.family,
                "status": o.status,
                "score": float("nan") if o.score is None else o.score,
                "seconds": o.seconds,
                "reason": o.reason,
            }
            for o in self.outcomes
        ]
        return pd.DataFrame(
            rows, columns=["model", "revision", "task", "family", "status", "score", "seconds", "reason"]
        )

    def __str__(self) -> str:
        counts: dict[str, int] = {
            s: sum(o.status == s for o in self.outcomes) for s in ("done", "cached", "failed", "skipped")
        }
        words = {"cached": "done before", "skipped": "failed before"}
        said = ", ".join(f"{n} {words.get(s, s)}" for s, n in counts.items() if n)
        lines = [f"{len(self.outcomes)} jobs in {self.folder}: {said}"]
        lines += [f"  {o.job.label}: {o.reason}" for o in self.failed]
        if self.decided is not None:
            lines.append(f"  {self.decided['text']}")
        if counts["skipped"]:
            lines.append("  (what failed before is tried again with retry_failed)")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from stats.notebook import show

        return show(str(self).splitlines()[:1], self.to_frame(), most=100)


def evaluate(
    models: Any | Iterable[Any],
    tasks: Any | Iterable[Any] = (),
    *,
    output: str | PathLike[str],
    families: str | Iterable[str] = (),
    benchmark: str | None = None,
    suite: str | None = None,
    data_root: str | PathLike[str] | None = None,
    prompt: str | PathLike[str] | Mapping[str, str] | None = None,
    prompts: str | PathLike[str] | Mapping[str, Any] | None = None,
    dims: str | Sequence[str | int] | None = None,
    precision: str | Sequence[str] | None = None,
    retry_failed: bool = False,
    workers: int = 1,
    cluster: str | None = None,
    cpus_per_job: float = 1,
    gpus_per_job: float = 0,
    ship: str = "auto",
    shared_folder: str | PathLike[str] | None = None,
    device: str | Sequence[str] | None = None,
    dtype: str = "auto",
    batch_tokens: int | None = None,
    threads: int | None = None,
    cache_bytes: int = 1 << 30,
    cache_folder: str | PathLike[str] | None = None,
    seed: int = 42,
    trust_remote_code: bool = False,
    allow_missing_weights: bool = False,
    until_decided: UntilDecided | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Score models on tasks and keep, beside mteb's results, what every model did on every sample.

    The grid of (model, task) jobs is run model by model. A finished job is committed as a whole and is not run again by
    the same call; a job whose settings have changed is. A failing job is recorded with its reason, and the rest goes on.
    Every split and subset of a task starts from the same seed on a fresh task, so that order, resumption and the number
    of workers do not change a score or a sample.

    Parameters
    ----------
    models : str, path, object, or several
        A folder (``NAME=FOLDER`` to name it), a variant (``NAME`` or ``NAME@BASE``), a name in mteb's registry or on the
        hub, an `mteb.ModelMeta`, or an mteb encoder.
    tasks : str, mteb task, or several
        Names (``NAME:subset`` for some subsets only) or objects.
    output : path-like
        The folder of the run.
    families : str or several
        MTEB task types, comma-separated or as a list: all English text tasks of them, or those of `benchmark` or `suite`.
    benchmark, suite : str, optional
        A benchmark of mteb; a suite of embsig.
    data_root : path-like, optional
        Local task data, a folder per task (see `bench.runner.task_data.data_root`).
    prompt : {"none", "task", "model", "paper"}, path or mapping, optional
        Instructions; see `bench.runner.grid.prompts.Prompts`. Default: the model's own.
    prompts : path or mapping, optional
        Several prompts by name (see `bench.runner.grid.prompt_grid.parse_prompts`): every model with each of them, a run of its own (``NAME-prompt-KEY``),
        documents encoded once; what reads the folder takes them as levels of one model.
    dims, precision : str or sequence, optional
        ``"64,128,full"``, ``"float32,float16,int8,binary"``: every model in every combination, each a model of its own (``NAME-dim64-int8``), all
        from one encoding.
    retry_failed : bool
        Run what failed in an earlier run again.
    workers : int
        Processes of this machine, each with a model at a time; a script that asks for several needs a main guard
        (``if __name__ == "__main__":``).
    cluster : str, optional
        ``"auto"`` or ``"ray://ADDRESS"``: run the jobs on a Ray cluster.
    cpus_per_job, gpus_per_job : float
        What Ray reserves for a job.
    ship : {"auto", "never"}
        On a cluster: bring models and task data to the nodes that have not got them under the same path (each file once a
        node), or refuse a node that has not got them.
    shared_folder : path-like, optional
        A folder that all nodes of the cluster see under this path: files go there, instead of to each node.
    device : str or sequence of str, optional
        ``"cpu"``, ``"cuda:0"``, ...; several make a pool of processes.
    dtype : {"auto", "float32", "float16", "bfloat16"}
        ``auto``: bfloat16 on an accelerator that has it, else float32.
    batch_tokens : int, optional
        Tokens per batch, padding included.
    threads : int, optional
        Threads to compute with in a process; default: ``OMP_NUM_THREADS``, else the cores shared among the workers; on
        a cluster `cpus_per_job`.
    cache_bytes : int
        Most that the embeddings cache holds; 0 turns it off.
    cache_folder : path-like, optional
        Keep embeddings here after the run.
    seed : int
        Seed of every task. mteb's official scores have 42.
    trust_remote_code : bool
        Let models of MTEB's registry run code that comes with them; a model from a folder never may.
    allow_missing_weights : bool
        Score a model whose checkpoint lacks weights that its vectors depend on, with random numbers in their place; every
        output says so. By default its jobs fail.
    until_decided : UntilDecided, optional
        Evaluate two models task by task, and stop when it is decided whether one is worse than the other by a margin.
    progress : callable, optional
        Called with an `Event` whenever something happens.

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        If a model, task, family, benchmark, suite, data root, prompt or output folder cannot be used.

    Examples
    --------
    >>> from embsig import evaluate
    >>> run = evaluate("path/to/model", ["STSBenchmark"], data_root="data", output="runs/first")  # doctest: +SKIP
    >>> run.to_frame()  # doctest: +SKIP
    """
    report = progress or ignore
    shared_place = shared(ship, shared_folder, cluster)
    check_places(workers, cluster, cpus_per_job, gpus_per_job)
    settings = Settings(
        seed=at_least(0, "seed", seed),
        prompts=Prompts.parse(prompt),  # type: ignore[arg-type]  # a path-like is turned down there, with its value
        data_root=None if data_root is None else Path(data_root),
        devices=devices(device, cluster),
        dtype=known_dtype(dtype),
        batch_tokens=positive("batch_tokens", batch_tokens),
        threads=positive("threads", threads) or (n_threads(workers) if cluster is None else max(1, int(cpus_per_job))),
        cache_bytes=at_least(0, "cache_bytes", cache_bytes),
        cache_folder=None if cache_folder is None else Path(cache_folder),
        trust_remote_code=trust_remote_code,
        allow_missing_weights=allow_missing_weights,
    )
    settings = resolved(settings, None if cluster is None else gpus_per_job)
    if settings.data_root is not None:
        check_root(settings.data_root)
    check_hooks()
    specs = resolve_models(_listed(models))
    if dims is not None or precision is not None:
        refuse_apart(workers, cluster)
        specs = in_cells(specs, parse_cells(dims, precision))
    if prompts is not None:
        if prompt is not None:
            raise InputError(
                "prompt and prompts: expected one of them; a prompt for all, or several of which each is a run"
            )
        refuse_apart(workers, cluster)
        specs = with_prompts(specs, parse_prompts(prompts))
    chosen = resolve_tasks(_listed(tasks), families=_listed(families), benchmark=benchmark, suite=suite)
    plan = _plan(specs, chosen, settings)
    looks = None if until_decided is None else Looks(until_decided, plan.parts, plan.sums, settings, workers, cluster)

    def run(left: list[Job], store: Store) -> dict[Job, Outcome]:
        total = len(plan.jobs)
        if cluster is not None:
            from .backends.ray_cluster import Cluster, run_on_cluster

            on = Cluster(cluster, cpus_per_job, gpus_per_job, ship == "auto", shared_place)
            return run_on_cluster(left, settings, store, report, on, total)
        if workers > 1 and left:
            from .backends.processes import run_in_workers

            return run_in_workers(left, settings, store, report, workers, total)
        from .backends.in_process import run_here

        return run_here(left, settings, store, report, total)

    return _carry_out(plan, settings, Store(Path(output)), retry_failed, report, run, looks)


@dataclass(frozen=True)
class _Plan:
    """The grid: jobs that are run, and aggregates that are put together from them."""

    parts: list[Job]
    sums: dict[Job, list[Job]]

    @property
    def jobs(self) -> list[Job]:
        return [*self.parts, *self.sums]


def _plan(specs: list[ModelSpec], chosen: list[TaskSpec], settings: Settings) -> _Plan:
    """Every model on every task; a task that is the mean of others is no job of its own."""
    parts = [_job(model, task, settings) for model in specs for task in chosen if not task.parts]
    by_name = {(job.model, job.task.name): job for job in parts}
    sums = {
        aggregate_job(model, task, of, settings): of
        for model in specs
        for task in chosen
        if task.parts
        for of in [[by_name[model, name] for name in task.parts]]
    }
    return _Plan(parts, sums)


def _carry_out(
    plan: _Plan,
    settings: Settings,
    store: Store,
    retry_failed: bool,
    report: Progress,
    run: Callable[[list[Job], Store], dict[Job, Outcome]],
    looks: Looks | None = None,
) -> Evaluation:
    """Run what is left of a plan, put the aggregates together, write the manifest."""
    jobs = plan.jobs
    with store.locked():
        started = datetime.now(UTC)
        store.sweep()
        known = {job: _known(store, job, settings, retry_failed) for job in jobs}
        left = [job for job in plan.parts if known[job] is None]
        report(Event("plan", done=sum(known[job] is not None for job in jobs), total=len(jobs)))
        ran = run(left, store) if looks is None else looks.run(known, store, report)
        ran |= {
            job: combine(job, of, settings, store)
            for job, of in plan.sums.items()
            if known[job] is None and all(known[part] or part in ran for part in of)
        }
        outcomes = tuple(found for job in jobs if (found := known[job] or ran.get(job)) is not None)
        decided = None if looks is None else looks.said()
        _close(store, jobs, settings, started, ran, decided)
    report(Event("finish", done=len(outcomes), total=len(outcomes)))
    return Evaluation(store.folder, outcomes, decided)


def _close(
    store: Store,
    jobs: list[Job],
    settings: Settings,
    started: datetime,
    ran: Mapping[Job, Any],
    decided: dict[str, Any] | None,
) -> None:
    run = {
        "command": sys.argv,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - started).total_seconds(), 3),
        "hardware": hardware(settings),
        "jobs": [
            {
                "model": j.model.name,
                "task": j.task.name,
                "status": o.status,
                "seconds": round(o.seconds, 3),
                "phases": o.phases,
                **o.where,
            }
            for j, o in ran.items()
        ],
    }
    records = store.records()
    decided = decided or still_left(store.folder, records)
    store.write_manifest(manifest(jobs, settings, records) | ({"until_decided": decided} if decided else {}), run)


def _known(store: Store, job: Job, settings: Settings, retry_failed: bool) -> Outcome | None:
    """What an earlier run made of a job; None if it is to be run."""
    if (record := store.finished(job, settings)) is not None:
        return Outcome(job, "cached", record["score"], record.get("reason", ""))
    record = store.record(job)
    if record and record["status"] == "failed" and not retry_failed:
        from .grid.jobs import fingerprint

        if record["fingerprint"] == fingerprint(job.identity(settings)):
            return Outcome(job, "skipped", reason=record["reason"])
    return None


def _job(model: ModelSpec, task: TaskSpec, settings: Settings) -> Job:
    if settings.data_root is None or task.origin == "suite":
        return Job(model, task)
    try:
        folder = task_folder(settings.data_root, task.name)
    except InputError as error:
        return Job(model, task) if task.origin == "class" else Job(model, task, error=str(error))
    try:
        return Job(model, task, folder, data_hash(folder))
    except OSError as error:
        return Job(model, task, folder, error=f"{folder} cannot be read: {error.strerror or error}")


def _listed(value: Any) -> list[Any]:
    # An `mteb.ModelMeta` is iterable too, over its fields.
    if isinstance(value, str | PathLike) or not isinstance(value, Collection | Iterator):
        return [value]
    return list(value)
