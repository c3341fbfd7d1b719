"""The grid: what one job is, what decides its result, and what became of it."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from stats.common.errors import unknown

from .models import ModelSpec
from .prompts import Prompts
from .tasks import TaskSpec

#: Changes when a stored result or sample file would come out differently.
SCHEMA = 2

Status = Literal["done", "cached", "failed", "skipped"]


def known_dtype(name: str) -> str:
    """The name of a precision, ``auto`` included, if it is one; InputError if not."""
    names = ("auto", "float32", "float16", "bfloat16")
    if name not in names:
        raise unknown("dtype", name, names)
    return name


@dataclass(frozen=True)
class Settings:
    """What holds for all jobs of a run.

    Attributes
    ----------
    seed : int
        Seed of every task; mteb's own is 42.
    prompts : Prompts
        Instructions.
    data_root : Path or None
        Local task data.
    devices : tuple of str
        Devices; more than one makes a pool of processes.
    dtype : str
        ``float32``, ``float16`` or ``bfloat16``; ``auto`` is resolved before the first job.
    kind_of_device : str
        ``cpu``, ``cuda``, ...: on what models compute whose precision is their own affair.
    batch_tokens : int or None
        Tokens per batch.
    threads : int or None
        Threads of torch.
    cache_bytes, cache_folder : int, Path or None
        Bound of the embeddings cache, and where to keep it beyond the run.
    trust_remote_code : bool
        Whether models of MTEB's registry may run code of their own.
    allow_missing_weights : bool
        Whether a model whose checkpoint lacks weights is scored with random ones.
    """

    seed: int = 42
    prompts: Prompts = field(default_factory=Prompts)
    data_root: Path | None = None
    devices: tuple[str, ...] = ()
    dtype: str = "auto"
    kind_of_device: str = ""
    batch_tokens: int | None = None
    threads: int | None = None
    cache_bytes: int = 1 << 30
    cache_folder: Path | None = None
    trust_remote_code: bool = False
    allow_missing_weights: bool = False


@dataclass(frozen=True)
class Job:
    """One model on one task.

    Attributes
    ----------
    model : ModelSpec
    task : TaskSpec
    data_folder : Path or None
        Local data of the task.
    data_hash : str
        Hash of that data, or ``""``.
    error : str
        Why the job cannot run at all, or ``""``.
    """

    model: ModelSpec
    task: TaskSpec
    data_folder: Path | None = None
    data_hash: str = ""
    error: str = ""

    @property
    def label(self) -> str:
        """``model: task``, for people."""
        return f"{self.model.name}: {self.task.name}"

    @property
    def folder(self) -> str:
        """``model/revision``, relative to a folder of records or results."""
        return f"{self.model.folder_name}/{self.model.revision}"

    def identity(self, settings: Settings) -> dict[str, Any]:
        """What decides the result, as far as it is known before the model is loaded; a stored one of another identity is not used."""
        return {
            "schema": SCHEMA,
            "model": self.model.name,
            "revision": self.model.revision,
            "content": self.model.content,
            "task": self.task.name,
            "splits": list(self.task.splits),
            "subsets": list(self.task.subsets),
            "dataset_revision": self.task.dataset_revision,
            "data": self.data_hash,
            "seed": settings.seed,
            "prompt": (self.model.prompt or settings).prompts.identity,
            "dtype": settings.dtype if self.model.kind not in ("registry", "object") else "its own",
            "attention": self.model.attention,
            "device": settings.kind_of_device if self.model.kind in ("registry", "object") else "",
            "mteb": _mteb_version(),
            **({"asked": {"of": self.model.asked, "name": prompt.name}} if (prompt := self.model.prompt) else {}),
            **({"cell": cell} if (cell := self.model.cell and self.model.cell.identity) else {}),
        }


@cache
def _mteb_version() -> str:
    from importlib.metadata import version

    return version("mteb")


def fingerprint(identity: dict[str, Any]) -> str:
    """Short hash of a job's identity."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes
    ----------
    job : Job
    status : {"done", "cached", "failed", "skipped"}
        ``skipped``: failed in an earlier run and not asked to be tried again.
    score : float or None
        Mean main score over splits and subsets.
    reason : str
        Why it failed, in one line.
    seconds : float
        Wall time, 0 if nothing was run.
    phases : dict
        Seconds per phase of mteb's evaluation.
    proof : dict
        What the job found out about itself (``computed``: dtype, attention and device of the loaded model), for its record.
    where : dict
        On a cluster: the node, and the hashes of the files that had to come to it for this job.
    """

    job: Job
    status: Status
    score: float | None = None
    reason: str = ""
    seconds: float = 0.0
    phases: dict[str, float] = field(default_factory=dict, compare=False)
    proof: dict[str, Any] = field(default_factory=dict, compare=False)
    where: dict[str, Any] = field(default_factory=dict, compare=False)
