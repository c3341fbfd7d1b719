"""Task data from a local folder, for machines without a network.

A folder per task, named as in MTEB, that holds one of

* the data in BEIR layout: ``corpus``, ``queries`` and ``qrels/<split>`` (or ``qrels``), optionally ``top_ranked``
  (reranking) and ``instruction``;
* a file per split with mteb's column names: ``test.jsonl.gz``, ``train.parquet``, ...;
* a snapshot of the task's hub repository, which mteb itself reads and transforms.

A task of several subsets has a folder per subset for the first two. Files are JSON Lines, CSV, TSV or Parquet, also
compressed with gzip; of CSV and TSV, a column whose every cell reads as a number is numbers, but for a task's texts and
ids. The first two are taken as the data *after* mteb's own transformation, which is not applied to them again, and are
checked (`checks`, `beir`): what mteb would read past and score wrongly is refused. Links are followed.
"""

from pathlib import Path
from typing import Any

from stats.common.errors import InputError
from stats.common.writing import disk_fault

from .beir import beir
from .checks import check_classes, check_split, texts_of
from .files import find, table


def task_folder(root: Path, task_name: str) -> Path:
    """The folder of a task's data; an error where there is none.

    Raises
    ------
    InputError
        If `root` holds no folder of that name.
    """
    folder = root / task_name
    if not folder.is_dir():
        raise InputError(f"no data for {task_name}: expected the folder {folder}")
    return folder


def check_root(root: Path) -> None:
    """Make sure that a data root can be read.

    Raises
    ------
    InputError
        If it is missing, no folder, or cannot be listed.
    """
    try:
        next(root.iterdir(), None)
    except OSError as error:
        raise InputError(
            f"data root {root}: {error.strerror or error}; expected a folder with a sub-folder per task, named as in MTEB"
        ) from error


def attach(task: Any, folder: Path) -> None:
    """Make an mteb task load its data from `folder`; nothing is read yet."""

    def load_data(num_proc: int | None = None, **_: Any) -> None:
        if not task.data_loaded:
            _load(task, folder, num_proc)
            task.data_loaded = True

    task.load_data = load_data


def _load(task: Any, folder: Path, num_proc: int | None) -> None:
    from mteb.abstasks import AbsTaskRetrieval

    searched = isinstance(task, AbsTaskRetrieval)
    marks = ("corpus",) if searched else (*task.eval_splits, "train")
    here = _subset_folders(task, folder, marks)
    if here is None:
        _load_snapshot(task, folder, num_proc)
    elif searched:
        task.dataset = {
            subset: {split: beir(place, split, task) for split in task.eval_splits} for subset, place in here.items()
        }
    else:
        from datasets import DatasetDict

        read = {subset: DatasetDict(_splits(place, task)) for subset, place in here.items()}
        task.dataset = read if task.metadata.is_multilingual else read["default"]


def _subset_folders(task: Any, folder: Path, marks: tuple[str, ...]) -> dict[str, Path] | None:
    """Which folder holds which subset; None where the folder has neither of the plain layouts."""
    subsets = list(task.hf_subsets)
    nested = {s: folder / s for s in subsets if any(find(folder / s, mark) for mark in marks)}
    if len(nested) == len(subsets):
        return nested
    if any(find(folder, mark) for mark in marks):
        if len(subsets) == 1:
            return {subsets[0]: folder}
        raise InputError(
            f"{folder} holds one set of files, but {task.metadata.name} has {len(subsets)} subsets: give each its own "
            f"folder ({subsets[0]}, ...), or choose one as {task.metadata.name}:{subsets[0]}"
        )
    if nested:
        absent = [s for s in subsets if s not in nested]
        raise InputError(
            f"{folder} has no data for {len(absent)} of the {len(subsets)} subsets of {task.metadata.name} "
            f"({', '.join(absent[:3])}{', ...' if len(absent) > 3 else ''}): add their folders, or choose subsets as "
            f"{task.metadata.name}:{','.join(list(nested)[:2])}"
        )
    return None


def _load_snapshot(task: Any, folder: Path, num_proc: int | None) -> None:
    """Let mteb load a hub snapshot: the same code as with a network, with the folder in place of the repository."""
    kept = {k: v for k, v in task.metadata.dataset.items() if k != "path"}
    task.metadata = task.metadata.model_copy(update={"dataset": {**kept, "path": str(folder)}})
    try:
        type(task).load_data(task, num_proc=num_proc)
        for subset in task.hf_subsets:
            splits = task.dataset.get(subset, task.dataset)
            if absent := [s for s in task.eval_splits if s not in splits]:
                raise ValueError(f"found the splits {', '.join(splits)} and no {absent[0]}")
    except Exception as error:  # of every kind: what third parties make of strange files
        if disk_fault(error):
            raise
        raise InputError(
            f"{folder} is not data of {task.metadata.name}: expected {' or '.join(task.eval_splits)} as .jsonl(.gz), .csv or "
            f".parquet, the BEIR layout, or a hub snapshot ({' '.join(str(error).split())[:160]})"
        ) from error


def _splits(folder: Path, task: Any) -> dict[str, Any]:
    from datasets import Dataset

    names = dict.fromkeys(
        [*task.eval_splits, getattr(task, "train_split", "train"), "train", "validation", "dev", "test"]
    )
    found = {name: path for name in names if (path := find(folder, name))}
    for split in task.eval_splits:
        if split not in found:
            raise InputError(
                f"{folder} has no {split} split of {task.metadata.name}: expected {split}.jsonl(.gz), .csv or .parquet"
            )
    tables = {name: table(path, texts_of(task)) for name, path in found.items()}
    for name in {*task.eval_splits, getattr(task, "train_split", None)} & set(tables):
        check_split(tables[name], task, found[name])
    check_classes(task, tables, folder)
    return {name: Dataset(read) for name, read in tables.items()}
