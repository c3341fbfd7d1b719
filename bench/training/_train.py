"""Train a variant, or a series of them, from data to a folder with its manifest."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.folder_lock import LOCK_FILE, locked
from bench.variants.build import count_parameters
from bench.variants.registry import VARIANTS, Variant, find_variant
from stats.common.errors import InputError

from .asked import Run, asked, build
from .manifest import (
    CHECKPOINTS,
    MANIFEST_FILE,
    RUN_FILE,
    hash_files,
    lasting_files,
    read_json,
    versions,
    write_json,
)
from .plan import rank
from .trackers import check_tracker
from .triples import DataSource, Triples, read_triples

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from .progress import Reporter


@dataclass(frozen=True)
class Trained:
    """One trained variant.

    Parameters
    ----------
    path : Path
        Its folder, for `load_model`.
    variant, base : str
        Names.
    seed : int
        Seed of head, adapter, dropout and order of the data.
    steps : int
        Updates made.
    loss, held_out_loss : float
        Mean training loss over the last logged steps, and the loss on the held-out rows at the end; NaN if there are none.
    seconds, tokens_per_second : float
        Of the process that finished the run.
    parameters : dict
        Number of parameters of base, adapter and head.
    size : int
        Bytes of the folder's own files, the base not among them.
    manifest : dict
        Everything, as in the folder's ``manifest.json``.
    """

    path: Path
    variant: str
    base: str
    seed: int
    steps: int
    loss: float
    held_out_loss: float
    seconds: float
    tokens_per_second: float
    parameters: dict[str, int]
    size: int
    manifest: dict[str, Any]

    def _repr_html_(self) -> str:
        from stats.notebook import show_fields

        return show_fields(self, leave_out=("manifest",))


def train(
    base: str | os.PathLike[str],
    variant: str | Variant,
    data: DataSource | Triples,
    output: str | os.PathLike[str],
    *,
    preset: str = "default",
    seed: int = 0,
    prompts: Mapping[str, str] | str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    progress: "bool | Reporter" = False,
    attn_implementation: str | None = None,
    dtype: str | None = None,
    report_to: str | None = None,
    **overrides: Any,
) -> Trained:
    """Train a variant on a base and write it to a folder.

    A run that was killed resumes from its last checkpoint when it is called again with the same arguments; a finished
    one is returned as it is. The folder holds the adapter, the head, the settings, a reference to the base with its hash, and
    ``manifest.json``; the base is not copied.

    Parameters
    ----------
    base : str or path
        "embedded", a folder with a decoder and its tokenizer, or a hub repository.
    variant : str or Variant
        A name in `VARIANTS`.
    data : path, str, sequence of mappings, or Triples
        See `read_triples`.
    output : path
        The folder to write.
    preset : {"default", "paper", "qlora", "embedded"}
        See `PRESETS`.
    seed : int
        One seed gives one model: it draws the head, the adapter, dropout and the order of the data. The order and the
        held-out rows are the same for every variant.
    prompts : mapping or path, optional
        Instruction by name, or a JSON file of them. "query" and "document" are put before the queries and the passages in
        training; all are kept in the model.
    overwrite : bool
        Start over if the folder holds another run.
    progress : bool or callable
        True for a bar on stderr; or a function of `TrainingProgress`.
    attn_implementation, dtype : str, optional
        As in `build_variant`.
    report_to : {"tensorboard", "wandb"}, optional
        Also hand the losses to a tracker: TensorBoard's files in ``output/logs``, or Weights & Biases as its own settings say.
    **overrides
        Numbers of the recipe, such as ``steps=100``; see `Recipe`.

    Returns
    -------
    Trained

    Raises
    ------
    InputError
        If an argument is unknown or out of range, the data lack a field, or the folder holds another run.

    Notes
    -----
    Under ``accelerate launch`` (or torchrun) the batch is split over the processes and gathered for the loss, so that the loss
    is that of one process with the whole batch.

    Examples
    --------
    One update, of eight rows:

    >>> import tempfile
    >>> from pathlib import Path
    >>> import bench
    >>> import embsig
    >>> base = Path(bench.__file__).parent / "data" / "base"
    >>> rows = [{"query": f"a {i}", "positive": f"a {i} b", "negative": [f"c {i}"]} for i in range(8)]
    >>> trained = embsig.train(base, "model-1", rows, tempfile.mkdtemp(), steps=1, batch_size=4, overwrite=True)
    >>> type(trained).__name__
    'Trained'
    """
    from .fit import fit
    from .launch import refuse_impossible

    refuse_impossible()
    check_tracker(report_to)
    run = asked(base, variant, data, preset, seed, prompts, attn_implementation, dtype, overrides)
    folder = Path(output)
    finished = _finished(folder, run.key)
    if finished is not None:  # also where it cannot be written
        return _result(folder, finished)
    # Of several processes one holds the folder for all.
    with locked(folder) if rank() == 0 else nullcontext():
        done = _claim(folder, run.key, overwrite)
        if done is not None:
            return _result(folder, done)
        with _unclaimed(folder):
            model = build(base, run, seed, attn_implementation, dtype)
        outcome = fit(
            model,
            run.triples,
            run.plan,
            folder,
            name=run.spec.name,
            seed=seed,
            prompts=run.instructions,
            notes=run.notes,
            progress=progress,
            report_to=report_to,
        )
        return _result(folder, _manifest(folder, run, model, outcome))


def _manifest(folder: Path, run: Run, model: "SentenceTransformer", outcome: dict[str, Any]) -> dict[str, Any]:
    """The manifest of a run that is finished; of several processes the first writes it and clears the folder."""
    manifest = {
        **run.settings,
        "run_sha256": run.key,
        "notes": run.notes,
        "versions": versions(),
        "parameters": count_parameters(model),
        "result": outcome,
    }
    if rank() == 0:
        manifest["files"] = hash_files(folder)
        write_json(folder / MANIFEST_FILE, manifest)
        _clean(folder)
    return manifest


def train_series(
    base: str | os.PathLike[str],
    variants: str | Sequence[str],
    data: DataSource | Triples,
    output: str | os.PathLike[str],
    *,
    seeds: Sequence[int] = (0,),
    **options: Any,
) -> list[Trained]:
    """Train several variants, each with several seeds, into ``output/VARIANT-sSEED``.

    Parameters
    ----------
    base, data, output
        As in `train`.
    variants : str or sequence of str
        Names; "all" is every registered variant.
    seeds : sequence of int
        Training seeds.
    **options
        As in `train`.

    Returns
    -------
    list of Trained
        In the order of variants, then seeds.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import bench
    >>> import embsig
    >>> base = Path(bench.__file__).parent / "data" / "base"
    >>> rows = [{"query": f"a {i}", "positive": f"a {i} b", "negative": [f"c {i}"]} for i in range(8)]
    >>> folder = tempfile.mkdtemp()
    >>> _ = embsig.train_series(base, ["model-1"], rows, folder, seeds=[0], steps=1, batch_size=4)
    >>> [path.name for path in Path(folder).iterdir()]
    ['model-1-s0']
    """
    names = [variants] if isinstance(variants, str) else list(variants)
    specs = [find_variant(name) for name in names if name != "all"]
    specs = list(VARIANTS.values()) if "all" in names else specs
    margin = float(options.get("negative_margin") or 0)
    triples = data if isinstance(data, Triples) else read_triples(data, margin)
    return [
        train(base, spec, triples, Path(output) / f"{spec.name}-s{seed}", seed=seed, **options)
        for spec in specs
        for seed in seeds
    ]


def _claim(folder: Path, key: str, overwrite: bool) -> dict[str, Any] | None:
    """Return the manifest of the finished run in the folder, if it is this run; clear or refuse another's.

    The mark of a run that failed before it wrote anything else holds no one up.
    """
    begun = read_json(folder / MANIFEST_FILE) or read_json(folder / RUN_FILE)
    if begun is not None and begun.get("run_sha256") == key:
        return _finished(folder, key)
    others = [p for p in folder.iterdir() if p.name != LOCK_FILE and p.suffix != ".part"] if folder.is_dir() else []
    if {path.name for path in others} - {RUN_FILE}:
        if not overwrite:
            what = "another run" if begun is not None else "other files"
            raise InputError(
                f"folder {str(folder)!r} holds {what}; choose another output, or pass overwrite=True (--overwrite)"
            )
        if begun is not None and rank() == 0:
            for path in others:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    if rank() == 0:
        write_json(folder / RUN_FILE, {"run_sha256": key})
    return None


@contextmanager
def _unclaimed(folder: Path) -> Iterator[None]:
    """Take the mark of the run back where it ends before there is anything else, as by a base that is none."""
    try:
        yield
    except InputError:
        if rank() == 0 and not {p.name for p in folder.iterdir()} - {RUN_FILE, LOCK_FILE}:
            (folder / RUN_FILE).unlink(missing_ok=True)
        raise


def _finished(folder: Path, key: str) -> dict[str, Any] | None:
    """Return the manifest of the folder if it holds this run, finished."""
    manifest = read_json(folder / MANIFEST_FILE)
    if manifest is None or manifest.get("run_sha256") != key:
        return None
    if rank() == 0:
        _clean(folder)
    return manifest


def _clean(folder: Path) -> None:
    """Remove what a run keeps while it lasts, and the lock that one killed at the very end has left."""
    shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
    for name in (RUN_FILE, LOCK_FILE):
        with suppress(OSError):  # not there, or a folder that cannot be written
            (folder / name).unlink()


def _result(folder: Path, manifest: dict[str, Any]) -> Trained:
    result = manifest["result"]
    held_out = result["held_out_loss"]
    return Trained(
        path=folder,
        variant=manifest["variant"]["name"],
        base=manifest["base"]["name"],
        seed=manifest["seed"],
        steps=result["steps"],
        loss=result["loss"],
        held_out_loss=float("nan") if held_out is None else held_out,
        seconds=result["seconds"],
        tokens_per_second=result["tokens_per_second"],
        parameters=manifest["parameters"],
        size=sum(path.stat().st_size for path in lasting_files(folder)),
        manifest=manifest,
    )
