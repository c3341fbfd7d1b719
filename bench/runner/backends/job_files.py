"""Jobs run in other processes: their files travel as bytes, and the process that holds the folder commits them."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ..grid.jobs import Job, Outcome, Settings
from ..run_folder.records import Store
from .in_process import Loaded, evaluate_in


class Answer(NamedTuple):
    """What a worker sends back: the outcome, the job's files by name, and the traceback of a failure."""

    outcome: Outcome
    files: dict[str, bytes]
    trace: str


def run_apart(job: Job, settings: Settings, loaded: Loaded, place: Path | None = None) -> Answer:
    """On a worker: run a job in a folder of its own, in `place` or where temporary files go, and return its files."""
    with TemporaryDirectory(prefix="embsig-", dir=place) as folder:
        stage = Path(folder)
        outcome, trace = evaluate_in(stage, job, settings, loaded)
        files = {p.relative_to(stage).as_posix(): p.read_bytes() for p in sorted(stage.rglob("*")) if p.is_file()}
    return Answer(outcome, files, trace)


def commit(answer: Answer, job: Job, settings: Settings, store: Store) -> Outcome:
    """At home: commit the files of a job, or record why it failed."""
    outcome = answer.outcome
    if outcome.status != "done":
        store.fail(job, settings, outcome.reason, answer.trace)
        return replace(outcome, job=job)
    with store.stage(job) as stage:
        for name, content in answer.files.items():
            path = stage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        store.commit(replace(outcome, job=job), settings, stage)
    return replace(outcome, job=job)
