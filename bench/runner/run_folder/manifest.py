"""What a run was: versions, settings, machine, command."""

import os
import platform
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from bench.training_runs import training_run

from ..grid.jobs import SCHEMA, Job, Settings
from ..identity import environment


def hardware(settings: Settings) -> dict[str, Any]:
    """The machine: system, processors, memory, devices, threads."""
    machine: dict[str, Any] = {
        "system": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "devices": list(settings.devices),
    }
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        machine["memory_bytes"] = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if "torch" in sys.modules:
        import torch

        machine["threads"] = torch.get_num_threads()
        machine["accelerators"] = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return machine


def manifest(jobs: Iterable[Job], settings: Settings, records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The run without its times: equal for equal runs."""
    grid = list(jobs)
    models = {(j.model.name, j.model.revision): j.model for j in grid}
    tasks = {j.task.name: j for j in grid}
    return {
        "schema": SCHEMA,
        "versions": environment(),
        "settings": {"seed": settings.seed, "prompt": settings.prompts.identity, "dtype": settings.dtype},
        "models": [
            {
                "name": m.name,
                "revision": m.revision,
                "kind": m.kind,
                "source": str(m.source) if isinstance(m.source, str) else "",
                **(
                    {"prompt": {"name": m.prompt.name, "of": m.asked, "content": m.prompt.prompts.identity}}
                    if m.prompt
                    else {}
                ),
                # A cell is no training run of its model: it would be averaged with it.
                **(
                    {"cell": m.cell.identity}
                    if m.cell and m.cell.suffix
                    else training_run(m.source)
                    if m.kind == "folder"
                    else {}
                ),
            }
            for m in sorted(models.values(), key=lambda m: (m.name, m.revision))
        ],
        "tasks": [
            {
                "name": j.task.name,
                "family": j.task.family,
                "main_score": j.task.main_score,
                "splits": list(j.task.splits),
                "subsets": list(j.task.subsets),
                "dataset_revision": j.task.dataset_revision,
                "data": j.data_hash,
            }
            for j in sorted(tasks.values(), key=lambda j: j.task.name)
        ],
        "jobs": [
            {
                "model": r["identity"]["model"],
                "revision": r["identity"]["revision"],
                "task": r["identity"]["task"],
                "status": r["status"],
                # Here, too: of an earlier run in this folder, the models are not listed.
                **{key: r["identity"][key] for key in ("asked", "cell") if key in r["identity"]},
                **(
                    {"score": r["score"], "samples_sha256": r["samples_sha256"]}
                    | {key: r[key] for key in ("sha256", "computed", "weights", "data_sha256") if key in r}
                    if r["status"] == "done"
                    else {"reason": r["reason"]}
                ),
            }
            for r in records
        ],
    }
