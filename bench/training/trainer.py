"""Hugging Face's trainer, with our order of the data, our files and our reports."""

import os
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.base.sampler import DefaultBatchSampler
from sentence_transformers.sentence_transformer.losses import (
    CachedMultipleNegativesRankingLoss,
    MatryoshkaLoss,
    MultipleNegativesRankingLoss,
)
from torch.utils.data import SequentialSampler
from transformers.trainer_callback import PrinterCallback
from transformers.trainer_callback import ProgressCallback as TqdmCallback

from bench.variants.weights import CONTEXT_FILE, HEAD_FILE, read_adapter, read_tensors
from stats.common.errors import InputError

from .depth_loss import over_depths
from .precision import autocast
from .progress import ProgressCallback
from .recipe import Recipe


class VariantTrainer(SentenceTransformerTrainer):  # type: ignore[misc]  # sentence-transformers ships no types
    """Sentence-transformers' trainer that takes the rows as they come and saves only adapter and head."""

    def __init__(self, *, progress: ProgressCallback, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.progress = progress
        if self.is_fsdp_enabled:
            # accelerate makes a unit of the last child called "Norm" of what this names, the model's own norm before its output. By default that is
            # sentence-transformers' Normalize, which has no weights and cannot be one; the first module, the decoder, has no such child.
            self.model.base_model_prefix = "0"
        for callback in (PrinterCallback, TqdmCallback):
            self.remove_callback(callback)
        self.add_callback(progress)

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Write no generated card: the manifest says what was done."""

    def get_batch_sampler(self, dataset: Any, batch_size: int, drop_last: bool, **kwargs: Any) -> Any:
        """Return consecutive rows: the order is made, and hashed, before training. No held-out row is dropped."""
        drop_last = drop_last and dataset is self.train_dataset
        return DefaultBatchSampler(SequentialSampler(dataset), batch_size=batch_size, drop_last=drop_last)

    def compute_loss(self, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Return the loss, and count the tokens of training batches."""
        if model.training:
            self.progress.tokens += sum(
                int(value.sum()) for key, value in inputs.items() if key.endswith("attention_mask")
            )
        return super().compute_loss(model, inputs, *args, **kwargs)

    def _save(self, output_dir: str | None = None, state_dict: dict[str, torch.Tensor] | None = None) -> None:
        # Every process is here where the model is spread over several: all gather, and one writes.
        state = None if state_dict is None else {name: _whole(tensor) for name, tensor in state_dict.items()}
        if self.args.should_save:
            folder = output_dir or self.args.output_dir
            Path(folder).mkdir(parents=True, exist_ok=True)
            save_variant(self.model, folder, state)

    def _load_from_checkpoint(self, checkpoint_path: str) -> None:
        load_trained(self.model, Path(checkpoint_path))


def _whole(tensor: Any) -> torch.Tensor:
    """A tensor that may be spread, or still on its way, as a plain one."""
    gathered: torch.Tensor = tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor
    return gathered.clone()


def save_variant(
    model: SentenceTransformer, folder: str | os.PathLike[str], state_dict: dict[str, torch.Tensor] | None = None
) -> None:
    """Write a variant to a folder: settings, adapter, head, reference to the base.

    `state_dict` is the model's whole state where it is spread over devices (FSDP, DeepSpeed).
    """
    for name, module in list(model.named_children())[:2]:
        module.gathered = (
            None
            if state_dict is None
            else {
                key.removeprefix(f"{name}."): value for key, value in state_dict.items() if key.startswith(f"{name}.")
            }
        )
    try:
        model.save(os.fspath(folder), create_model_card=False)
    finally:
        for module in list(model.children())[:2]:
            module.gathered = None


def load_trained(model: SentenceTransformer, folder: Path) -> None:
    """Read adapter and head of a folder into a model of the same variant, in place."""
    trainable = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    read_adapter(model[0].model, folder)
    read_tensors(model[1].head, folder / f"1_{type(model[1]).__name__}" / HEAD_FILE)
    if model[0].context is not None:
        read_tensors(model[0].context, folder / CONTEXT_FILE)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in trainable)


def checkpoint_activations(decoder: Any, use_reentrant: bool = False) -> None:
    """Make a transformers model recompute its activations in the backward pass, under either name of that switch."""
    enable = getattr(decoder, "activation_checkpointing_enable", None) or decoder.gradient_checkpointing_enable
    enable({"use_reentrant": use_reentrant})


def make_loss(model: SentenceTransformer, recipe: Recipe, distributed: bool) -> torch.nn.Module:
    """Return InfoNCE over in-batch positives and hard negatives, gathered over devices; cached if the recipe says so."""
    kwargs: dict[str, Any] = {"scale": recipe.scale, "gather_across_devices": distributed}
    loss: torch.nn.Module
    if recipe.mini_batch_size and recipe.mini_batch_size < recipe.batch_size:
        loss = CachedMultipleNegativesRankingLoss(model, mini_batch_size=recipe.mini_batch_size, **kwargs)
    else:
        loss = MultipleNegativesRankingLoss(model, **kwargs)
    if recipe.widths:
        loss = _over_widths(model, loss, recipe)
    return over_depths(model, loss, recipe) if recipe.matryoshka_layers else loss


def _over_widths(model: SentenceTransformer, loss: torch.nn.Module, recipe: Recipe) -> torch.nn.Module:
    whole = int(model.get_embedding_dimension())
    if recipe.widths[0] >= whole:
        raise InputError(
            f"matryoshka={recipe.matryoshka!r}, but the vectors have {whole} dimensions; give smaller widths"
        )
    nested: torch.nn.Module = MatryoshkaLoss(model, loss, matryoshka_dims=[whole, *recipe.widths])
    return nested


def make_arguments(
    recipe: Recipe,
    output: Path,
    *,
    steps: int,
    seed: int,
    world_size: int,
    evaluate: bool,
    head: bool,
    adapter: bool,
    prompts: dict[str, str],
) -> SentenceTransformerTrainingArguments:
    """Return the trainer's arguments for a recipe."""
    accelerator = torch.accelerator.is_available()
    bf16 = autocast(recipe.precision) == "bf16"
    rates = (
        {r"^model\.(module\.)?(1|0\.context)\.": recipe.head_learning_rate}
        if recipe.head_learning_rate and head and adapter
        else {}
    )
    return SentenceTransformerTrainingArguments(
        output_dir=str(output),
        max_steps=steps,
        per_device_train_batch_size=recipe.batch_size // world_size,
        per_device_eval_batch_size=max(1, min(recipe.batch_size, 256) // world_size),
        gradient_accumulation_steps=recipe.accumulation,
        learning_rate=recipe.learning_rate if adapter or not recipe.head_learning_rate else recipe.head_learning_rate,
        learning_rate_mapping=rates,
        lr_scheduler_type=recipe.schedule,
        warmup_steps=min(recipe.warmup_steps, steps // 10),
        weight_decay=recipe.weight_decay,
        max_grad_norm=recipe.max_grad_norm,
        bf16=bf16,
        use_cpu=not accelerator,
        ddp_find_unused_parameters=False if world_size > 1 else None,
        seed=seed,
        prompts=prompts or None,
        logging_steps=max(1, min(10, steps // 10)),
        logging_nan_inf_filter=False,
        eval_strategy="steps" if evaluate and recipe.evaluate_every else "no",
        eval_steps=recipe.evaluate_every or None,
        save_strategy="steps" if recipe.checkpoint_every else "no",
        save_steps=recipe.checkpoint_every or 500,
        save_total_limit=1,
        dataloader_drop_last=True,
        dataloader_pin_memory=accelerator,
        disable_tqdm=True,
        report_to="none",
    )
