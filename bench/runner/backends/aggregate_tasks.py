"""Aggregate tasks (CQADupstackRetrieval): the mean of parts that are jobs of their own."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.data_hashes import joined, of_aggregate
from stats.common.errors import InputError

from ..grid.jobs import Job, Outcome, Settings, fingerprint
from ..grid.models import ModelSpec
from ..grid.tasks import TaskSpec
from ..run_folder.records import Store
from ..run_folder.stamps import stamp
from .one_job import quiet, reason_of, trace_of


def aggregate_job(model: ModelSpec, task: TaskSpec, parts: list[Job], settings: Settings) -> Job:
    """The job that puts the parts of a model together; it is done again when a part is."""
    return Job(model, task, data_hash=fingerprint({p.task.name: p.identity(settings) for p in parts}))


def combine(job: Job, parts: list[Job], settings: Settings, store: Store) -> Outcome:
    """Compute an aggregate's result from the results of its parts, as mteb does, and commit it.

    Parameters
    ----------
    job : Job
        Of the aggregate.
    parts : list of Job
        The same model's jobs of the parts.
    settings : Settings
    store : Store

    Returns
    -------
    Outcome
        Failed where a part is not done.
    """
    start = time.perf_counter()
    try:
        with quiet(), store.stage(job) as stage:
            score, proof = _combine(job, parts, settings, store, stage)
            outcome = Outcome(job, "done", score, proof=proof)
            store.commit(outcome, settings, stage)
    except Exception as error:  # as for any job
        reason = reason_of(error)
        store.fail(job, settings, reason, trace_of(error))
        return Outcome(job, "failed", None, reason)
    return replace(outcome, seconds=time.perf_counter() - start)


def _combine(job: Job, parts: list[Job], settings: Settings, store: Store, stage: Path) -> tuple[float, dict[str, Any]]:
    from mteb.cache import ResultCache
    from mteb.models.model_meta import ModelMeta
    from mteb.results import TaskResult

    missing = [p.task.name for p in parts if store.finished(p, settings) is None]
    if missing:
        raise InputError(f"{len(missing)} of its {len(parts)} parts are not done: {', '.join(missing[:3])}")
    folder = store.folder / "results" / job.folder
    results: list[Any] = [TaskResult.from_disk(folder / f"{p.task.name}.json") for p in parts]
    combined = job.task.make(settings.seed).combine_task_results(results)
    # Only the name and the revision of the meta data are used; the parts have written it in full.
    meta = ModelMeta.create_empty(overwrites={"name": job.model.name, "revision": job.model.revision})
    ResultCache(stage).save_to_cache(combined, meta)
    staged = stage / "results" / job.folder
    written = json.loads((folder / "model_meta.json").read_text(encoding="utf-8"))
    (staged / "model_meta.json").write_text(json.dumps(written, indent=4), encoding="utf-8")
    proof = _proof_of([store.record(p) or {} for p in parts], combined)
    stamp(stage, proof)
    return float(combined.get_score()), proof


def _data_of(record: dict[str, Any]) -> str:
    return joined((split, subset, d) for split, of in record["data_sha256"].items() for subset, d in of.items())


def _proof_of(records: list[dict[str, Any]], combined: Any) -> dict[str, Any]:
    """What the parts' records prove of the whole: its data are theirs, and it lacks what one of them lacks."""
    whole = of_aggregate((r["identity"]["task"], _data_of(r)) for r in records)
    missing = sorted({n for r in records for n in r.get("weights", {}).get("missing", ())})
    return {
        "data_sha256": {split: {str(e["hf_subset"]): whole for e in of} for split, of in combined.scores.items()},
        "weights": {"missing": missing} if missing else {},
        "computed": records[0].get("computed", {}),
    }
