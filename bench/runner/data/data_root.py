"""Task data from a local folder, for machines without a network.

A folder per task, named as in MTEB, that holds one of

* the data in BEIR layout: ``corpus``, ``queries`` and ``qrels/<split>`` (or ``qrels``), optionally ``top_ranked``
  (reranking) and ``instruction``;
* a file per split with mteb's column names: ``test.jsonl.gz``, ``train.parquet``, ...;
* a snapshot of the task's hub repository, which mteb itself reads and transforms.

A task of several subsets has a folder per subset for the first two. Files are JSON Lines, CSV, TSV or Parquet, also
compressed with gzip; for CSV and TSV every cell that reads as a number is one. The first two are taken as the data
*after* mteb's own transformation, which is not applied to them again.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stats.errors import InputError

from .hashing import content_hash, data_files

_ENDINGS = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".parquet", ".csv", ".csv.gz", ".tsv", ".tsv.gz")
_CHUNK = 50_000


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


def data_hash(folder: Path) -> str:
    """Content hash of a task's data folder."""
    return content_hash(folder, data_files(folder))


def attach(task: Any, folder: Path) -> None:
    """Make an mteb task load its data from `folder`; nothing is read yet."""

    def load_data(num_proc: int | None = None, **_: Any) -> None:
        if not task.data_loaded:
            _load(task, folder, num_proc)
            task.data_loaded = True

    task.load_data = load_data


def _load(task: Any, folder: Path, num_proc: int | None) -> None:
    from mteb.abstasks import AbsTaskRetrieval

    beir = isinstance(task, AbsTaskRetrieval)
    marks = ("corpus",) if beir else (*task.eval_splits, "train")
    here = _subset_folders(task, folder, marks)
    if here is None:
        _load_snapshot(task, folder, num_proc)
    elif beir:
        task.dataset = {
            subset: {split: _beir(place, split, task.metadata.name) for split in task.eval_splits}
            for subset, place in here.items()
        }
    else:
        from datasets import DatasetDict

        read = {subset: DatasetDict(_splits(place, task)) for subset, place in here.items()}
        task.dataset = read if task.metadata.is_multilingual else read["default"]


def _subset_folders(task: Any, folder: Path, marks: tuple[str, ...]) -> dict[str, Path] | None:
    """Which folder holds which subset; None where the folder has neither of the plain layouts."""
    subsets = list(task.hf_subsets)
    nested = {s: folder / s for s in subsets if any(_find(folder / s, mark) for mark in marks)}
    if len(nested) == len(subsets):
        return nested
    if any(_find(folder, mark) for mark in marks):
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
    except (FileNotFoundError, ValueError) as error:
        raise InputError(
            f"{folder} is no data of {task.metadata.name}: expected {' or '.join(task.eval_splits)} as .jsonl(.gz), .csv or "
            f".parquet, the BEIR layout, or a hub snapshot ({' '.join(str(error).split())[:160]})"
        ) from error


def _splits(folder: Path, task: Any) -> dict[str, Any]:
    names = dict.fromkeys(
        [*task.eval_splits, getattr(task, "train_split", "train"), "train", "validation", "dev", "test"]
    )
    found = {name: path for name in names if (path := _find(folder, name))}
    for split in task.eval_splits:
        if split not in found:
            raise InputError(
                f"{folder} has no {split} split of {task.metadata.name}: expected {split}.jsonl(.gz), .csv or .parquet"
            )
    return {name: _dataset(path) for name, path in found.items()}


def _beir(folder: Path, split: str, name: str) -> dict[str, Any]:
    corpus, queries = _find(folder, "corpus"), _find(folder, "queries")
    qrels = _find(folder / "qrels", split) or _find(folder, "qrels") or _find(folder, split)
    if corpus is None or queries is None or qrels is None:
        part = "corpus" if corpus is None else "queries" if queries is None else f"qrels/{split}"
        raise InputError(
            f"{folder} has no {part} of {name}: expected the BEIR layout (corpus, queries and qrels/{split})"
        )
    relevant: dict[str, dict[str, int]] = {}
    for row in _rows(qrels):
        if len(row) < 3:
            raise InputError(f"{qrels}: expected the columns query-id, corpus-id and score, got {', '.join(row)}")
        query, document, grade = (row[k] for k in _qrels_columns(row))
        relevant.setdefault(str(query), {})[str(document)] = int(float(grade))
    asked = _dataset(queries, ids=True)
    asked = asked.select([i for i, q in enumerate(asked["id"]) if q in relevant])
    if instructions := _find(folder, "instruction"):
        said = {str(row["query-id"]): row["instruction"] for row in _rows(instructions)}
        asked = asked.add_column("instruction", [said[q] for q in asked["id"]])
    ranked = _find(folder / "top_ranked", split) or _find(folder, "top_ranked")
    return {
        "corpus": _dataset(corpus, ids=True),
        "queries": asked,
        "relevant_docs": relevant,
        "top_ranked": {str(r["query-id"]): [str(d) for d in r["corpus-ids"]] for r in _rows(ranked)}
        if ranked
        else None,
    }


def _qrels_columns(row: dict[str, Any]) -> list[str]:
    named = ["query-id", "corpus-id", "score"]
    return named if all(n in row for n in named) else list(row)[:3]


def _find(folder: Path, stem: str) -> Path | None:
    return next((path for ending in _ENDINGS if (path := folder / f"{stem}{ending}").is_file()), None)


def _dataset(path: Path, *, ids: bool = False) -> Any:
    """A file as a datasets.Dataset in memory; `ids` renames ``_id`` to ``id`` and makes it text."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from datasets import Dataset

    if path.name.endswith(".parquet"):
        table = pq.read_table(path)
    else:
        chunks = [pa.Table.from_pylist(rows) for rows in _chunks(path)]
        if not chunks:
            raise InputError(f"{path} is empty")
        table = pa.concat_tables(chunks, promote_options="permissive")
    if ids:
        table = table.rename_columns(["id" if c == "_id" else c for c in table.column_names])
        table = table.set_column(table.column_names.index("id"), "id", table["id"].cast(pa.string()))
        if "title" in table.column_names:
            table = table.set_column(table.column_names.index("title"), "title", table["title"].fill_null(""))
    return Dataset(table)


def _chunks(path: Path) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    for row in _rows(path):
        rows.append(row)
        if len(rows) == _CHUNK:
            yield rows
            rows = []
    if rows:
        yield rows


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a file, one dict each, read as a stream (Parquet: in one piece)."""
    import gzip

    try:
        if path.name.endswith(".parquet"):
            import pyarrow.parquet as pq

            yield from pq.read_table(path).to_pylist()
            return
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.name.endswith(".gz")
            else path.open(encoding="utf-8") as file
        ):
            if ".json" in path.name:
                yield from _json_rows(file, path)
            else:
                yield from _table_rows(file, "\t" if ".tsv" in path.name else ",")
    except (OSError, EOFError, UnicodeError) as error:
        raise InputError(f"{path} cannot be read: {' '.join(str(error).split())[:160]}") from error


def _json_rows(file: Any, path: Path) -> Iterator[dict[str, Any]]:
    import orjson

    for number, line in enumerate(file, 1):
        if line.strip():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise InputError(f"{path}, line {number}: not a JSON object ({error})") from error


def _table_rows(file: Any, separator: str) -> Iterator[dict[str, Any]]:
    import pandas as pd

    for frame in pd.read_csv(file, sep=separator, chunksize=_CHUNK, keep_default_na=False):
        yield from ({str(k): v for k, v in row.items()} for row in frame.to_dict("records"))
