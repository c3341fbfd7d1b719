"""Train a variant, or a series of them, from data to a folder with its manifest."""

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.variants.base import resolve_base
from bench.variants.build import build_variant, count_parameters
from bench.variants.registry import VARIANTS, Variant, find_variant
from stats.errors import InputError

from .data import DataSource, Triples, batch_order, hash_order, hold_out, read_triples
from .manifest import MANIFEST_FILE, hash_files, hash_settings, read_json, versions, write_json
from .recipe import Recipe, make_recipe

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from .progress import Reporter

_RUN_FILE, _CHECKPOINTS = "run.json", "checkpoints"


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


def train(
    base: str | os.PathLike[str],
    variant: str | Variant,
    data: DataSource | Triples,
    output: str | os.PathLike[str],
    *,
    preset: str = "default",
    seed: int = 0,
    prompts: Mapping[str, str] | None = None,
    overwrite: bool = False,
    progress: "bool | Reporter" = False,
    attn_implementation: str | None = None,
    dtype: str | None = None,
    **overrides: Any,
) -> Trained:
    """Train a variant on a base and write it to a folder.

    A run that was killed goes on from its last checkpoint when it is called again with the same arguments; a finished
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
    preset : {"default", "paper", "embedded"}
        See `PRESETS`.
    seed : int
        One seed gives one model: it draws the head, the adapter, dropout and the order of the data. The order and the
        held-out rows are the same for every variant.
    prompts : mapping, optional
        Instruction by name. "query" and "document" are put before the queries and the passages in training; all are kept
        in the model.
    overwrite : bool
        Start anew where the folder holds another run.
    progress : bool or callable
        True for a bar on stderr; or a function of `TrainingProgress`.
    attn_implementation, dtype : str, optional
        As in `build_variant`.
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
    """
    spec = find_variant(variant)
    recipe = make_recipe(preset, **overrides)
    reference, _ = resolve_base(base)
    triples = data if isinstance(data, Triples) else read_triples(data)
    plan = _plan(triples, recipe, seed)
    folder = Path(output)
    settings = {
        "variant": {"name": spec.name, "attention": spec.attention, "pooling": spec.pooling, "source": spec.source, "echo": spec.echo},
        "base": {"kind": reference.kind, "name": reference.name, "sha256": reference.sha256, "revision": reference.revision},
        "data": {"name": triples.name, "sha256": triples.sha256, "rows": len(triples), "held_out": len(plan.held_out),
                 "order_sha256": hash_order(plan.order)},
        "preset": preset,
        "recipe": plan.recipe.to_dict(),
        "contrast": plan.recipe.contrast(plan.negatives),
        "seed": seed,
        "prompts": dict(prompts or {}),
    }
    key = hash_settings({name: settings[name] for name in ("variant", "base", "data", "recipe", "seed", "prompts")})
    done = _claim(folder, key, overwrite)
    if done is not None:
        return _result(folder, done)
    model = build_variant(
        base, spec, fidelity=recipe.fidelity, latents=recipe.latents or None, heads=recipe.heads or None,
        head_dim=recipe.head_dim or None, ff_mult=recipe.ff_mult or None, max_length=recipe.max_length,
        padding_side=recipe.padding_side, text_only=recipe.text_only, prompts=prompts, dtype=dtype,
        attn_implementation=attn_implementation, seed=seed,
    )
    outcome = _fit(model, triples, plan, folder, settings, seed, progress)
    manifest = {**settings, "run_sha256": key, "notes": [*triples.notes, *plan.notes], "versions": versions(),
                "parameters": count_parameters(model), "result": outcome}
    if _rank() == 0:
        shutil.rmtree(folder / _CHECKPOINTS, ignore_errors=True)
        with suppress(FileNotFoundError):
            (folder / _RUN_FILE).unlink()
        manifest["files"] = hash_files(folder)
        write_json(folder / MANIFEST_FILE, manifest)
    return _result(folder, manifest)


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
        Names; or "all", every registered variant.
    seeds : sequence of int
        Training seeds.
    **options
        As in `train`.

    Returns
    -------
    list of Trained
        In the order of variants, then seeds.
    """
    names = list(VARIANTS) if variants == "all" else [variants] if isinstance(variants, str) else list(variants)
    specs = [find_variant(name) for name in names]
    triples = data if isinstance(data, Triples) else read_triples(data)
    return [
        train(base, spec, triples, Path(output) / f"{spec.name}-s{seed}", seed=seed, **options)
        for spec in specs for seed in seeds
    ]


@dataclass(frozen=True)
class _Plan:
    """What the data allow of a recipe."""

    recipe: Recipe
    steps: int
    negatives: int
    order: "np.ndarray[Any, np.dtype[np.int64]]"
    held_out: "np.ndarray[Any, np.dtype[np.int64]]"
    notes: tuple[str, ...]


def _plan(data: Triples, recipe: Recipe, seed: int) -> _Plan:
    world = _world_size()
    rows, held_out = hold_out(data, recipe.held_out)
    notes = []
    negatives = min(recipe.negatives, data.negatives_per_row)
    if negatives < recipe.negatives:
        notes.append(f"{recipe.negatives} hard negative(s) per query asked for, {negatives} used: not every row has more")
    batch_size = min(recipe.batch_size, len(rows)) // world * world
    if batch_size == 0:
        raise InputError(f"{len(rows)} training rows cannot be split over {world} processes; give more data or fewer processes")
    if batch_size < recipe.batch_size:
        notes.append(f"batch of {batch_size} in place of {recipe.batch_size}: there are {len(rows)} training rows on {world} process(es)")
    per_update = batch_size * recipe.accumulation
    steps = max(1, min(recipe.steps, int(recipe.epochs * len(rows) / per_update)))
    if steps < recipe.steps:
        notes.append(f"{steps} steps in place of {recipe.steps}: the data allow no more in {recipe.epochs:g} epochs")
    order = batch_order(data, rows, batch_size, steps * recipe.accumulation, seed)
    return _Plan(replace(recipe, batch_size=batch_size), steps, negatives, order, held_out, tuple(notes))


def _claim(folder: Path, key: str, overwrite: bool) -> dict[str, Any] | None:
    """Return the manifest of the finished run in the folder, if it is this run; clear or refuse another's."""
    finished = read_json(folder / MANIFEST_FILE)
    begun = finished or read_json(folder / _RUN_FILE)
    if begun is not None and begun.get("run_sha256") == key:
        return finished
    if begun is not None or (folder.is_dir() and any(folder.iterdir())):
        if not overwrite:
            what = "another run" if begun is not None else "other files"
            raise InputError(f"folder {str(folder)!r} holds {what}; choose another output, or pass overwrite=True (--overwrite)")
        if begun is not None and _rank() == 0:
            shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if _rank() == 0:
        write_json(folder / _RUN_FILE, {"run_sha256": key})
    return None


def _fit(
    model: "SentenceTransformer", data: Triples, plan: _Plan, folder: Path, settings: dict[str, Any], seed: int, progress: "bool | Reporter",
) -> dict[str, Any]:
    from datasets import Dataset
    from transformers.trainer_utils import get_last_checkpoint

    from bench.variants.weights import add_adapter, lora_config, round_through

    from .progress import ProgressCallback, StderrProgress
    from .trainer import VariantTrainer, checkpoint_activations, make_arguments, make_loss, save_variant

    recipe, world = plan.recipe, _world_size()
    model.requires_grad_(False)
    model[1].float().requires_grad_(True)
    has_head = any(True for _ in model[1].parameters())
    if recipe.lora_rank:
        add_adapter(model[0].model, lora_config(recipe.lora_rank, recipe.lora_alpha, recipe.lora_dropout), seed)
    elif not has_head:
        raise InputError(f"variant {settings['variant']['name']!r} has no head and lora_rank=0 leaves no adapter: nothing would be trained")
    if recipe.gradient_checkpointing:
        checkpoint_activations(model[0].model)
    reporter = StderrProgress(f"{settings['variant']['name']} seed {seed}") if progress is True else progress or None
    callback = ProgressCallback(reporter, world)
    prompts = _column_prompts(settings["prompts"], plan.negatives)
    held_out = Dataset.from_dict(data.columns(plan.held_out, plan.negatives)) if len(plan.held_out) > 1 else None
    checkpoints = folder / _CHECKPOINTS
    trainer = VariantTrainer(
        progress=callback,
        model=model,
        args=make_arguments(recipe, checkpoints, steps=plan.steps, seed=seed, world_size=world, evaluate=held_out is not None,
                            head=has_head, adapter=bool(recipe.lora_rank), prompts=prompts),
        train_dataset=Dataset.from_dict(data.columns(plan.order, plan.negatives)),
        eval_dataset=held_out,
        loss=make_loss(model, recipe, world > 1),
    )
    last = get_last_checkpoint(str(checkpoints)) if checkpoints.is_dir() else None
    output = trainer.train(resume_from_checkpoint=last)
    if recipe.save_dtype != "float32":
        round_through(model, recipe.save_dtype)
        for module in list(model.children())[:2]:
            module.save_dtype = recipe.save_dtype
    model.eval()
    held_out_loss = float(trainer.evaluate()["eval_loss"]) if held_out is not None else float("nan")
    trainer.accelerator.wait_for_everyone()
    if trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled:
        trainer.save_model(str(folder))
    elif trainer.is_world_process_zero():
        save_variant(model, folder)
    trainer.accelerator.wait_for_everyone()
    if isinstance(reporter, StderrProgress):
        reporter.close()
    losses = [entry["loss"] for entry in callback.history if "loss" in entry]
    return {
        "steps": int(trainer.state.global_step),
        "loss": losses[-1] if losses else float(output.training_loss),
        "held_out_loss": None if np.isnan(held_out_loss) else held_out_loss,
        "seconds": round(callback.seconds, 2),
        "tokens": callback.tokens * world,
        "tokens_per_second": round(callback.tokens * world / max(callback.seconds, 1e-9), 1),
        "resumed_from": 0 if last is None else int(Path(last).name.rpartition("-")[2]),
        "precision": "bf16" if trainer.args.bf16 else "fp32",
        "device": model.device.type,
        "processes": world,
        "history": [{k: round(v, 6) for k, v in entry.items()} for entry in trainer_history(trainer)],
    }


def trainer_history(trainer: Any) -> list[dict[str, float]]:
    """Return losses by step from a trainer's log, those of an interrupted process included."""
    names = {"step": "step", "loss": "loss", "held_out_loss": "eval_loss"}
    kept = [{name: entry[key] for name, key in names.items() if key in entry} for entry in trainer.state.log_history]
    return [entry for entry in kept if len(entry) > 1]


def _column_prompts(prompts: Mapping[str, str], negatives: int) -> dict[str, str]:
    columns = {"query": prompts.get("query", "")}
    columns |= {name: prompts.get("document", "") for name in ("positive", *(f"negative_{k + 1}" for k in range(negatives)))}
    return {name: prompt for name, prompt in columns.items() if prompt}


def _world_size() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def _rank() -> int:
    return int(os.environ.get("RANK", "0"))


def _result(folder: Path, manifest: dict[str, Any]) -> Trained:
    result = manifest["result"]
    held_out = result["held_out_loss"]
    return Trained(
        path=folder, variant=manifest["variant"]["name"], base=manifest["base"]["name"], seed=manifest["seed"], steps=result["steps"],
        loss=result["loss"], held_out_loss=float("nan") if held_out is None else held_out, seconds=result["seconds"],
        tokens_per_second=result["tokens_per_second"], parameters=manifest["parameters"],
        size=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and _CHECKPOINTS not in path.relative_to(folder).parts),
        manifest=manifest,
    )
