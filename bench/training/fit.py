"""The fitting itself: adapter, trainer, held-out loss, and the files."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from sentence_transformers import SentenceTransformer

from bench.variants.build import count_parameters
from bench.variants.weights import add_adapter, heads, lora_config, round_through
from stats.common.errors import InputError

from .launch import not_resumed
from .manifest import CHECKPOINTS
from .plan import Plan, world_size
from .progress import OpeningMask, ProgressCallback, Reporter, SpreadCallback, StderrProgress
from .trackers import tracker
from .trainer import VariantTrainer, checkpoint_activations, make_arguments, make_loss, save_variant
from .triples import Triples


def fit(
    model: SentenceTransformer,
    data: Triples,
    plan: Plan,
    folder: Path,
    *,
    name: str,
    seed: int,
    prompts: Mapping[str, str],
    notes: Sequence[str],
    progress: bool | Reporter,
    report_to: str | None = None,
) -> dict[str, Any]:
    """Train a variant by a plan, save it to a folder and return what came out, as the manifest's ``result``."""
    recipe = plan.recipe
    _make_trainable(model, plan, name, seed)
    reporter = StderrProgress(f"{name} seed {seed}") if progress is True else progress or None
    callback = ProgressCallback(reporter, world_size())
    try:
        trainer, last = _trainer(model, data, plan, folder / CHECKPOINTS, callback, seed, prompts)
        if last is not None and (trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled):
            raise not_resumed(last)
        counts = count_parameters(model)
        sizes = f"base {counts['base']:,} parameters (frozen), adapter {counts['adapter']:,}, head {counts['head']:,}"
        resumed = [] if last is None else [f"resuming from {Path(last).name}"]
        for message in [*notes, sizes, recipe.contrast(plan.negatives), *resumed]:
            callback.say(message, plan.steps)
        if report_to is not None and trainer.is_world_process_zero():
            trainer.add_callback(tracker(report_to, folder))
        if recipe.soft_mask:
            trainer.add_callback(OpeningMask(_bidirectional(model[0], name), round(recipe.soft_mask * plan.steps)))
        if trainer.is_fsdp_enabled:
            trainer.add_callback(SpreadCallback())
        output = trainer.train(resume_from_checkpoint=last)
        if recipe.save_dtype != "float32":
            round_through(model, recipe.save_dtype)
            for module in list(model.children())[:2]:
                module.save_dtype = recipe.save_dtype
        model.eval()
        held_out_loss = float(trainer.evaluate()["eval_loss"]) if trainer.eval_dataset is not None else None
    finally:
        if isinstance(reporter, StderrProgress):
            reporter.close()
    _save(trainer, model, folder)
    # The trainer's log and not the callback's: a process that goes on from the last update logs no loss of its own.
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    tokens, seconds = callback.tokens * world_size(), max(callback.seconds, 1e-9)
    return {
        "steps": int(trainer.state.global_step),
        "loss": losses[-1] if losses else float(output.training_loss),
        "held_out_loss": held_out_loss,
        "seconds": round(seconds, 2),
        "tokens": tokens,
        "tokens_per_second": round(tokens / seconds, 1),
        "resumed_from": 0 if last is None else int(Path(last).name.rpartition("-")[2]),
        "precision": "bf16" if trainer.args.bf16 else "fp32",
        "device": model.device.type,
        "processes": world_size(),
        "history": _history(trainer),
    }


def _make_trainable(model: SentenceTransformer, plan: Plan, name: str, seed: int) -> None:
    """Freeze the base; put a float32 adapter on it and make the head float32."""
    recipe = plan.recipe
    model.requires_grad_(False)
    for part in heads(model):
        part.float().requires_grad_(True)
    if recipe.lora_rank:
        add_adapter(model[0].model, lora_config(recipe.lora_rank, recipe.lora_alpha, recipe.lora_dropout), seed)
    elif not _has_head(model):
        raise InputError(
            f"variant {name!r} has no head and lora_rank=0 leaves no adapter: nothing would be trained; give lora_rank of at least 1"
        )
    if recipe.gradient_checkpointing:
        checkpoint_activations(model[0].model)


def _bidirectional(decoder: Any, name: str) -> Any:
    """The decoder, if its attention can open."""
    if decoder.attention != "bidirectional":
        raise InputError(
            f"soft_mask opens bidirectional attention, and variant {name!r} is {decoder.attention}; leave it out"
        )
    return decoder


def _has_head(model: SentenceTransformer) -> bool:
    return any(True for part in heads(model) for _ in part.parameters())


def _trainer(
    model: SentenceTransformer,
    data: Triples,
    plan: Plan,
    checkpoints: Path,
    callback: ProgressCallback,
    seed: int,
    prompts: Mapping[str, str],
) -> tuple[VariantTrainer, str | None]:
    """Return the trainer, and the checkpoint to go on from if there is one."""
    held_out = _dataset(data, plan.held_out, plan.negatives) if len(plan.held_out) > 1 else None
    arguments = make_arguments(
        plan.recipe,
        checkpoints,
        steps=plan.steps,
        seed=seed,
        world_size=world_size(),
        evaluate=held_out is not None,
        head=_has_head(model),
        adapter=bool(plan.recipe.lora_rank),
        prompts=_column_prompts(prompts, plan.negatives),
    )
    trainer = VariantTrainer(
        progress=callback,
        model=model,
        args=arguments,
        train_dataset=_dataset(data, plan.order, plan.negatives),
        eval_dataset=held_out,
        loss=make_loss(model, plan.recipe, world_size() > 1),
    )
    return trainer, _last_checkpoint(checkpoints)


class _Columns:
    """Turns numbers of rows into their texts, when a batch is made."""

    def __init__(self, data: Triples, negatives: int) -> None:
        self.data, self.negatives = data, negatives

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[str]]:
        return self.data.columns(batch["row"], self.negatives)

    def __reduce__(self) -> tuple[Any, ...]:
        # `datasets` hashes what it is given by its pickle; an open file has none, the content's hash says as much.
        return str, (f"{self.data.sha256} {self.negatives}",)


def _dataset(data: Triples, rows: Any, negatives: int) -> Dataset:
    """The rows as `datasets` has them, their texts left where they are."""
    numbers = Dataset.from_dict({"row": rows})
    numbers.set_transform(_Columns(data, negatives))
    return numbers


def _last_checkpoint(checkpoints: Path) -> str | None:
    """Return the last whole checkpoint; the trainer writes its state last, so one that was cut off has none to read."""
    found = [path for path in checkpoints.glob("checkpoint-*") if path.name.rpartition("-")[2].isdigit()]
    for path in sorted(found, key=lambda path: -int(path.name.rpartition("-")[2])):
        try:
            json.loads((path / "trainer_state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        return str(path)
    return None


def _save(trainer: VariantTrainer, model: SentenceTransformer, folder: Path) -> None:
    """Write the model by one process, gathered first where it is spread over several."""
    trainer.accelerator.wait_for_everyone()
    if trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled:
        trainer.save_model(str(folder))
    elif trainer.is_world_process_zero():
        save_variant(model, folder)
    trainer.accelerator.wait_for_everyone()


def _history(trainer: VariantTrainer) -> list[dict[str, float]]:
    """Return losses by step from a trainer's log, those of an interrupted process included."""
    names = {"step": "step", "loss": "loss", "held_out_loss": "eval_loss"}
    kept = [
        {name: round(entry[key], 6) for name, key in names.items() if key in entry}
        for entry in trainer.state.log_history
    ]
    return [entry for entry in kept if len(entry) > 1]


def _column_prompts(prompts: Mapping[str, str], negatives: int) -> dict[str, str]:
    columns = {"query": prompts.get("query", "")}
    columns |= {
        name: prompts.get("document", "") for name in ("positive", *(f"negative_{k + 1}" for k in range(negatives)))
    }
    return {name: prompt for name, prompt in columns.items() if prompt}
