"""How much memory a training run needs, before there is a model: base, adapter, head, gradients, optimiser, activations."""

import os
from dataclasses import dataclass
from typing import Any

from bench.variants.base import resolve_base
from bench.variants.registry import Variant, find_variant
from stats.common.errors import InputError, unknown

from .plan import world_size
from .precision import autocast, resolved
from .recipe import NF4_BYTES, Recipe, make_recipe

#: AdamW keeps two moments of each trained number, in float32 as the number itself.
_MOMENTS = 2 * 4
_GIB = 2**30


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes on one device at the peak of an update.

    Parameters
    ----------
    base, adapter, head : int
        The weights.
    gradients : int
        Of adapter and head, in float32; twice over several processes, whose reduction has buckets of its own.
    optimiser : int
        AdamW's two moments.
    activations : int
        What the forward pass keeps for the backward pass, and the largest temporaries beside it.
    variant, preset, numbers : str
        What it is for, and in what numbers.
    texts, tokens : int
        Texts per pass, and tokens of each.
    """

    base: int
    adapter: int
    head: int
    gradients: int
    optimiser: int
    activations: int
    variant: str
    preset: str
    numbers: str
    texts: int
    tokens: int

    @property
    def parts(self) -> dict[str, int]:
        """What takes memory, by name."""
        return {
            "base": self.base,
            "adapter": self.adapter,
            "head": self.head,
            "gradients": self.gradients,
            "optimiser": self.optimiser,
            "activations": self.activations,
        }

    @property
    def total(self) -> int:
        """The sum of the parts."""
        return sum(self.parts.values())

    def __str__(self) -> str:
        sizes = {**self.parts, "total": self.total}
        lines = [f"{name:<12}{size / _GIB:>10.2f} GiB" for name, size in sizes.items()]
        said = (
            f"{self.variant}, preset {self.preset}, {self.numbers}: {self.texts:,} texts of {self.tokens:,} tokens per pass. "
            "Counted on the shapes, not measured; a GPU's context (about half a GiB) and the allocator's gaps come on top."
        )
        return "\n".join([*lines, said])

    def _repr_html_(self) -> str:
        from stats.notebook import show_fields

        return show_fields(self)


def estimate_memory(
    base: str | os.PathLike[str],
    variant: str | Variant,
    *,
    preset: str = "default",
    device: str | None = None,
    dtype: str | None = None,
    attn_implementation: str | None = None,
    **overrides: Any,
) -> MemoryEstimate:
    """Count the memory that one device needs to train a variant, without loading the base's weights.

    The training step is gone through once with tensors that have a shape and no memory, so that the count follows the base's own code. Every text
    is taken to be as long as the recipe allows (``max_length``).

    Parameters
    ----------
    base, variant, preset
        As in `train`.
    device : {"cpu", "gpu"}, optional
        Where it is to run; default: what this machine has. On a GPU the base is kept in the dtype of its checkpoint, and bfloat16 is multiplied.
    dtype, attn_implementation, **overrides
        As in `train`.

    Returns
    -------
    MemoryEstimate

    Raises
    ------
    InputError
        If the base is no decoder, or an argument is unknown or out of range.

    Notes
    -----
    Within 10 % of the measured peak of training on processors, with recomputed activations too (``python -m benchmarks memory``). On a GPU nobody has measured it yet.

    Examples
    --------
    >>> from pathlib import Path
    >>> import bench
    >>> base = Path(bench.__file__).parent / "data" / "base"
    >>> found = estimate_memory(base, "mean+causal", preset="embedded", device="cpu")
    >>> found.optimiser == 2 * found.adapter == 2 * found.gradients
    True
    """
    import torch

    from .simulation import build_shapes, simulate

    spec, recipe = find_variant(variant), make_recipe(preset, **overrides)
    if device not in (None, "cpu", "gpu"):
        raise unknown("device", str(device), ("cpu", "gpu"))
    _, folder = resolve_base(base)
    gpu = torch.accelerator.is_available() if device is None else device == "gpu"
    kind, bf16 = _numbers(folder, recipe, dtype, gpu)
    decoder, head = build_shapes(folder, spec, recipe, getattr(torch, kind), attn_implementation)
    processes = world_size()
    context = [] if decoder.context is None else list(decoder.context.parameters())
    adapter = sum(p.nbytes for p in decoder.model.parameters() if p.requires_grad)
    head_bytes = sum(p.nbytes for p in (*head.parameters(), *context))
    weights = _base_bytes(decoder, recipe)
    if not adapter + head_bytes:
        raise InputError(
            f"variant {spec.name!r} has no head and lora_rank=0 leaves no adapter: nothing would be trained"
        )
    batch = max(1, recipe.batch_size // processes)
    positions = int(getattr(decoder.config.get_text_config(), "max_position_embeddings", recipe.max_length))
    tokens = min(recipe.max_length, positions)
    peak = simulate(decoder, head, spec, recipe, batch=batch, tokens=tokens, bf16=bf16)
    trained = adapter + head_bytes
    cached = 0 < recipe.mini_batch_size < recipe.batch_size
    return MemoryEstimate(
        base=weights,
        adapter=adapter,
        head=head_bytes,
        gradients=trained * (2 if processes > 1 else 1),
        optimiser=trained // 4 * _MOMENTS,
        activations=max(0, peak - trained) + _unpacked(decoder, recipe),
        variant=spec.name,
        preset=preset,
        numbers=f"base in {recipe.quantize or kind}, {'bfloat16' if bf16 else 'float32'} arithmetic on a {'GPU' if gpu else 'processor'}",
        texts=min(recipe.mini_batch_size, batch) if cached else batch * (2 + recipe.negatives),
        tokens=tokens,
    )


def _numbers(folder: Any, recipe: Recipe, dtype: str | None, gpu: bool) -> tuple[str, bool]:
    """In what dtype the base is, and whether bfloat16 is multiplied."""
    from bench.variants.base import read_config

    own = str(getattr(read_config(folder), "dtype", None) or "float32").removeprefix("torch.")
    kind = dtype or (own if gpu else resolved(folder, recipe.precision, dtype, None).get("dtype", "float32"))
    return kind, recipe.precision == "bf16" if gpu else autocast(recipe.precision) == "bf16"


def _linear(decoder: Any) -> list[Any]:
    """The weights that quantisation packs: those of the linear projections."""
    import torch

    return [
        part.weight
        for name, part in decoder.model.named_modules()
        if isinstance(part, torch.nn.Linear) and "lora_" not in name
    ]


def _base_bytes(decoder: Any, recipe: Recipe) -> int:
    whole = int(sum(p.nbytes for p in decoder.model.parameters() if not p.requires_grad))
    if not recipe.quantize:
        return whole
    packed = _linear(decoder)
    return int(whole - sum(w.nbytes for w in packed) + NF4_BYTES * sum(w.numel() for w in packed))


def _unpacked(decoder: Any, recipe: Recipe) -> int:
    """The largest projection, which a pass unpacks to bfloat16 before it multiplies by it."""
    return 2 * max(w.numel() for w in _linear(decoder)) if recipe.quantize else 0
