"""Run one job in a folder of its own: a fresh task, mteb's evaluation, the samples beside it."""

import logging
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ..capture import Recorder
from ..capture.metric import metric_of
from ..grid.jobs import Job, Settings
from ..task_data.data_root import attach
from ..task_data.loaded_hash import loaded_hashes


@dataclass(frozen=True)
class Finished:
    """What a job that came to its end left behind.

    Attributes
    ----------
    score : float
        Mean main score over splits and subsets.
    samples : DataFrame
        See `stats.Samples`; empty where the task has none.
    metric : str
        The metric that makes the main score of the samples.
    phases : dict
        Seconds per phase of mteb's evaluation.
    seconds : float
        Wall time, data loading included.
    data : dict
        What the data were, see `loaded_hashes`.
    has_samples : bool
        Whether the task is of a kind whose samples are kept.
    """

    score: float
    samples: pd.DataFrame
    metric: str
    phases: dict[str, float]
    seconds: float
    data: dict[str, dict[str, str]] = field(default_factory=dict)
    has_samples: bool = False


def run_job(job: Job, settings: Settings, encoder: Any, stage: Path) -> Finished:
    """Evaluate a model on a task; mteb's result is written below `stage` as mteb's ResultCache writes it.

    Parameters
    ----------
    job : Job
    settings : Settings
    encoder : object
        The loaded model.
    stage : Path
        An empty folder.

    Returns
    -------
    Finished

    Raises
    ------
    Exception
        Whatever the task, the data or the model raises.
    """
    import mteb
    from mteb.cache import ResultCache
    from threadpoolctl import threadpool_limits

    start = time.perf_counter()
    task = job.task.make(settings.seed)
    if job.data_folder is not None:
        attach(task, job.data_folder)
    with quiet(), threadpool_limits(settings.threads):
        task.load_data()
        data = loaded_hashes(task)
        metric = metric_of(task)
        recorder = Recorder(task, settings.seed)
        result = mteb.evaluate(
            encoder,
            task,
            co2_tracker=False,
            cache=ResultCache(stage),
            overwrite_strategy="always",
            prediction_folder=stage / "predictions",
            show_progress_bar=False,
            encode_kwargs={"batch_size": 32, "show_progress_bar": False},
        ).task_results[0]
    return Finished(
        score=float(result.get_score()),
        samples=recorder.samples(),
        metric=metric,
        phases=_phases(result),
        seconds=time.perf_counter() - start,
        data=data,
        has_samples=recorder.keeps_samples,
    )


def reason_of(error: BaseException) -> str:
    """One line that says why a job failed."""
    text = " ".join(str(error).split())[:300]
    if isinstance(error, MemoryError) or "out of memory" in text.lower():
        return f"out of memory: {text or 'smaller batches (batch_tokens) may help'}"
    return text if type(error).__name__ == "InputError" else f"{type(error).__name__}: {text}"


def trace_of(error: BaseException) -> str:
    """The traceback as text."""
    return "".join(traceback.format_exception(error))


@contextmanager
def quiet() -> Iterator[None]:
    """Keep mteb, datasets and tqdm from writing to the terminal: progress is reported by events."""
    import datasets

    loggers = [logging.getLogger(name) for name in ("mteb", "sentence_transformers", "datasets")]
    levels = [logger.level for logger in loggers]
    bars = datasets.are_progress_bars_disabled()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        datasets.disable_progress_bars()
        try:
            with _no_bars():
                yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
            if not bars:
                datasets.enable_progress_bars()


@contextmanager
def _no_bars() -> Iterator[None]:
    """Some of mteb's evaluators draw bars that no option turns off."""
    import tqdm.std

    start = tqdm.std.tqdm.__init__

    def silent(self: Any, *args: Any, **kwargs: Any) -> None:
        kwargs["disable"] = True
        start(self, *args, **kwargs)

    tqdm.std.tqdm.__init__ = silent
    try:
        yield
    finally:
        tqdm.std.tqdm.__init__ = start


def _phases(result: Any) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for phase in result.evaluation_phases or ():
        seconds[phase["name"]] = round(seconds.get(phase["name"], 0.0) + phase["end"] - phase["start"], 6)
    return seconds
