"""What a job needs on another machine, named by its content: the trees of files that make up a model or a task's data."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.embedded_base import base_folder
from stats.common.errors import InputError

from ..grid.jobs import Job
from ..grid.models import ModelSpec
from ..identity import bases_of, hub_snapshot, model_revision, modules_outside
from ..task_data.hashing import content_of, data_files, file_hashes, model_files

#: The base that comes with embsig is on every machine that has embsig.
EMBEDDED = "embedded"


@dataclass(frozen=True)
class Tree:
    """A folder by its content.

    Attributes
    ----------
    place : str
        Where it lies on the machine of the driver; ``embedded`` for the base that comes with embsig.
    files : mapping
        SHA-256 of every file by its name.
    bases : mapping
        Trees that its configurations name and that lie elsewhere, by the name that they have there.
    """

    place: str
    files: Mapping[str, str]
    bases: Mapping[str, "Tree"] = field(default_factory=dict)

    @cached_property
    def key(self) -> str:
        """The hash of all content; of a folder that stands on nothing else that of `content_hash`."""
        own = content_of(self.files)
        if not self.bases:
            return own
        return hashlib.sha256(json.dumps([own, {n: t.key for n, t in self.bases.items()}]).encode()).hexdigest()

    def walk(self) -> Iterator["Tree"]:
        """Yield the tree and all that it stands on."""
        yield self
        for base in self.bases.values():
            yield from base.walk()


@dataclass(frozen=True)
class Cargo:
    """What a worker is to have before a job: the tree, and where its files are to be had.

    Attributes
    ----------
    what : str
        ``model NAME`` or ``data of TASK``, for messages.
    tree : Tree
    model : bool
        A model's files, or a task's data.
    ship : bool
        Bring what a node has not got; else it must be there.
    shared : str
        The folder that all nodes see, or ``""``.
    chunks : mapping
        Without it, by a file's hash: where the cluster keeps its pieces, in their order.
    """

    what: str
    tree: Tree
    model: bool
    ship: bool = True
    shared: str = ""
    chunks: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


def place_of(tree: Tree) -> Path:
    """Where a tree lies on a machine that has it under the driver's path."""
    return base_folder() if tree.place == EMBEDDED else Path(tree.place)


def tree_of_model(place: str) -> Tree:
    """The tree of a model folder and of what its adapters and modules stand on.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    folder = base_folder().resolve() if place == EMBEDDED else Path(place)
    if not folder.is_dir():
        raise InputError(f"no folder {place}")
    bases: dict[str, Tree] = {}
    for base in bases_of(folder):
        here = EMBEDDED if base.name == EMBEDDED else str(base.place or hub_snapshot(base.name, base.revision) or "")
        if here:
            bases[base.name] = tree_of_model(here)
    for name, outside in modules_outside(folder):
        bases[name] = tree_of_model(str(outside))
    return Tree(place, file_hashes(folder, model_files(folder)), bases)


def tree_of_data(place: str) -> Tree:
    """The tree of a task's data folder.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    folder = Path(place)
    if not folder.is_dir():
        raise InputError(f"no folder {place}")
    return Tree(place, file_hashes(folder, data_files(folder)))


def model_place(spec: ModelSpec) -> str:
    """The folder that a model is loaded from, or ``""`` where mteb or the caller loads it."""
    if spec.kind == "folder":
        return str(spec.source)
    if spec.kind == "variant":
        from bench.variants.base import resolve_base

        base = str(spec.source).partition("@")[2]
        return EMBEDDED if base == EMBEDDED else str(resolve_base(base)[1])
    if spec.kind == "hub":
        snapshot = hub_snapshot(str(spec.source), spec.revision)
        return str(snapshot) if snapshot else ""
    return ""


def cargo_of_model(spec: ModelSpec, ship: bool, shared: str = "") -> Cargo | None:
    """What a model consists of; None where there is no folder of it.

    Raises
    ------
    InputError
        If the folder has changed since the model was looked at.
    """
    place = model_place(spec)
    if not place:
        return None
    if spec.kind == "folder" and (now := model_revision(Path(place))) != spec.revision:
        raise InputError(
            f"{place} has changed since the run began (content {now}, was {spec.revision}): start again once it no longer changes"
        )
    return Cargo(f"model {spec.name}", tree_of_model(place), True, ship, shared)


def cargo_of_data(job: Job, ship: bool, shared: str = "") -> Cargo | None:
    """What a task's data consist of; None where mteb loads them.

    Raises
    ------
    InputError
        If they have changed since they were looked at.
    """
    if job.data_folder is None:
        return None
    tree = tree_of_data(str(job.data_folder))
    if tree.key != job.data_hash:
        raise InputError(
            f"{job.data_folder} has changed since the run began (content {tree.key[:16]}, was {job.data_hash[:16]}): start again "
            "once it no longer changes"
        )
    return Cargo(f"data of {job.task.name}", tree, False, ship, shared)
