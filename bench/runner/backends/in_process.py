"""Run the jobs in this process, model by model."""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.folder_lock import unusable
from stats.common.errors import InputError
from stats.common.writing import disk_fault
from stats.metrics import METRICS
from stats.samples import write_task

from ..encoding.cells import Cells
from ..encoding.load_encoder import computed_with, load_encoder
from ..encoding.shared_pass import Together, in_turn
from ..events import Event, Progress
from ..grid.jobs import Job, Outcome, Settings
from ..grid.models import ModelSpec
from ..hooks import WORKS
from ..run_folder.records import Store
from ..run_folder.stamps import stamp, stated
from .one_job import Finished, quiet, reason_of, run_job, trace_of


def run_here(
    jobs: list[Job], settings: Settings, store: Store, report: Progress, total: int, kept: "Loaded | None" = None
) -> dict[Job, Outcome]:
    """Run jobs one after another; a model is loaded once, and variants that differ in their pooling alone share passes.

    Parameters
    ----------
    jobs : list of Job
        Jobs to run, those of a model in a row.
    settings : Settings
    store : Store
    report : callable
    total : int
        Number of jobs of the whole run, for the events.
    kept : Loaded, optional
        Models of the caller, who closes them.

    Returns
    -------
    dict
        The outcome of every job.
    """
    outcomes: dict[Job, Outcome] = {}
    job: Job | None = None
    loaded = kept or Loaded(settings, lambda n: report(Event("texts", job, texts=n)))
    try:
        for turn in in_turn(jobs, settings):
            job = turn.job
            loaded.share(turn.sharing, turn.ahead)
            done = total - len(jobs) + len(outcomes)
            report(Event("start", job, done=done, total=total))
            outcomes[job] = _run(job, settings, store, loaded, report)
            report(Event("end", job, outcomes[job], done=done + 1, total=total))
    finally:
        if kept is None:
            loaded.close()
    return outcomes


class Loaded:
    """The encoder of the model that was asked for last; one model is held at a time, or one decoder with its variants."""

    def __init__(self, settings: Settings, on_texts: Callable[[int], None] | None = None) -> None:
        self._settings = settings
        self._on_texts = on_texts
        self._held: ModelSpec | None = None
        self._encoder: Any = None
        self._error: Exception | None = None
        self._sharing: tuple[ModelSpec, ...] = ()
        self._together: Together | Cells | None = None

    def share(self, specs: tuple[ModelSpec, ...], ahead: tuple[ModelSpec, ...]) -> None:
        """Say which models share passes with the one that is asked for next, and which of them ask for the same later."""
        if specs != self._sharing:
            self.close()
            self._sharing = specs
            if specs:
                # What cannot be loaded together is loaded one by one, and the one at fault fails.
                with suppress(Exception), quiet():
                    kind = Cells if specs[0].of_grid else Together
                    self._together = kind(specs, self._settings, self._on_texts)
        if self._together is not None:
            self._together.ahead = ahead

    def get(self, job: Job) -> Any:
        """Return the encoder of a job's model; a model that could not be loaded is not tried again."""
        if self._together is not None:
            return self._together.members[job.model]
        if job.model != self._held:
            self.close()
            self._held = job.model
            try:
                with quiet():
                    self._encoder = load_encoder(job.model, self._settings, on_texts=self._on_texts)
            except Exception as error:  # a broken model fails its jobs, not the run
                self._error = error
        if self._error is not None:
            raise InputError(f"model {job.model.name} cannot be loaded: {reason_of(self._error)}") from self._error
        return self._encoder

    def close(self) -> None:
        """Let the model go."""
        for held in (self._encoder, self._together):
            if held is not None and hasattr(held, "close"):
                held.close()
        self._encoder = self._error = self._held = self._together = None


class EachLoaded(Loaded):
    """The encoders of several models, all of which stay loaded: for a run that goes from task to task."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._of: dict[ModelSpec, Loaded] = {}

    def share(self, specs: tuple[ModelSpec, ...], ahead: tuple[ModelSpec, ...]) -> None:
        """Models share nothing here."""

    def get(self, job: Job) -> Any:
        """Return the encoder of a job's model."""
        return self._of.setdefault(job.model, Loaded(self._settings)).get(job)

    def close(self) -> None:
        """Let all models go."""
        for loaded in self._of.values():
            loaded.close()
        self._of = {}


def _run(job: Job, settings: Settings, store: Store, loaded: Loaded, report: Progress) -> Outcome:
    report(Event("load", job))
    try:
        with store.stage(job) as stage:
            outcome, trace = evaluate_in(stage, job, settings, loaded)
            if outcome.status == "done":
                store.commit(outcome, settings, stage)
            else:
                store.fail(job, settings, outcome.reason, trace)
    except OSError as error:
        raise unusable(store.folder, error) from error
    return outcome


def evaluate_in(stage: Path, job: Job, settings: Settings, loaded: Loaded) -> tuple[Outcome, str]:
    """Run a job in a folder: what became of it, and the traceback of a failure.

    Raises
    ------
    OSError
        Where the disk is full: that is not a fault of the job.
    """
    start = time.perf_counter()
    try:
        if job.error:
            raise InputError(job.error)
        encoder = loaded.get(job)
        proof = {"computed": computed_with(encoder), "weights": getattr(encoder, "weights", None) or {}}
        finished = run_job(job, settings, encoder, stage)
        proof["data_sha256"] = finished.data
        stamp(stage, proof)
        write_samples(job, finished, stage, proof)
    except Exception as error:  # whatever a task, its data or a model raises is the job's failure, not the run's
        if isinstance(error, OSError) and disk_fault(error):
            raise
        return Outcome(job, "failed", None, reason_of(error), time.perf_counter() - start), trace_of(error)
    undefined = math.isnan(finished.score)
    reason = "the main score is undefined (NaN)" if undefined else ""
    score = None if undefined else finished.score
    return Outcome(job, "done", score, reason, finished.seconds, finished.phases, proof), ""


def write_samples(job: Job, finished: Finished, stage: Path, proof: Mapping[str, Any]) -> None:
    """Write the samples of a job, if its main score is a metric of samples and defined."""
    if finished.metric not in METRICS or math.isnan(finished.score):
        return
    if not len(finished.samples):
        if finished.has_samples:
            raise RuntimeError(
                f"mteb finished {job.task.name} and handed over nothing of its samples: this version of mteb works otherwise than embsig "
                f"expects; pip install '{WORKS['mteb']}'"
            )
        return
    write_task(
        stage,
        job.task.name,
        job.model.name,
        finished.samples,
        {
            "metric": finished.metric,
            "main_score": _unrounded(finished),
            "main_score_mteb": finished.score,
            "main_score_name": job.task.main_score,
            "family": job.task.family,
            "model_revision": job.model.revision,
            "dataset_revision": job.task.dataset_revision,
            "data": job.data_hash,
            **stated(proof),
            "higher_is_better": True,
        },
    )


def _unrounded(finished: Finished) -> float:
    """The main score before mteb rounds it: retrieval metrics are rounded to five decimals."""
    if "score" not in finished.samples or finished.metric != "mean":
        return finished.score
    keys = [k for k in ("split", "subset", "experiment") if k in finished.samples]
    exact = float(finished.samples.groupby(keys, sort=False)["score"].mean().groupby(["split", "subset"]).mean().mean())
    return exact if abs(exact - finished.score) <= 5.1e-6 else finished.score
