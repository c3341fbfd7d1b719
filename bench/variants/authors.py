"""Models that the paper's authors trained: an adapter, and beside it their head as ``attn_pool.pt``.

Their head is the same arithmetic under other names (`NAMES`). The file does not say what the decoder attends to, nor which token the head
read, so the variant is asked for.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stats.common.errors import InputError

from .registry import VARIANTS

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

#: The file of the head.
HEAD = "attn_pool.pt"
#: Their names of the head's tensors -> ours in a `LatentQueryHead`. What they call context are the latents, so the norms change places.
NAMES = {
    "latents": "latents",
    "cross_attend_blocks.0.norm.weight": "block.norm_context.weight",
    "cross_attend_blocks.0.norm.bias": "block.norm_context.bias",
    "cross_attend_blocks.0.norm_context.weight": "block.norm_query.weight",
    "cross_attend_blocks.0.norm_context.bias": "block.norm_query.bias",
    "cross_attend_blocks.0.fn.to_q.weight": "block.to_query.weight",
    "cross_attend_blocks.0.fn.to_kv.weight": "block.to_key_value.weight",
    "cross_attend_blocks.0.fn.to_out.weight": "block.to_out.weight",
    "cross_attend_blocks.1.norm.weight": "block.norm_feed.weight",
    "cross_attend_blocks.1.norm.bias": "block.norm_feed.bias",
    "cross_attend_blocks.1.fn.net.0.weight": "block.feed_in.weight",
    "cross_attend_blocks.1.fn.net.0.bias": "block.feed_in.bias",
    "cross_attend_blocks.1.fn.net.2.weight": "block.feed_out.weight",
    "cross_attend_blocks.1.fn.net.2.bias": "block.feed_out.bias",
}
#: One row a layer, in the heads that read all layers.
POSITIONS = "pos_emb.weight"
#: Attention heads, which no tensor's shape tells; their code has no other number.
_HEADS = 32


def is_authors(folder: Path) -> bool:
    """Whether a folder is in the authors' layout."""
    return (folder / HEAD).is_file() and not (folder / "modules.json").is_file()


def load_authors(
    folder: Path, variant: str | None, base: str | os.PathLike[str] | None, options: dict[str, Any], device: str | None
) -> "SentenceTransformer":
    """Load a model in the authors' layout as one of their four variants with a head; see `bench.variants.loading.load_model`."""
    from .build import build_variant
    from .weights import read_adapter

    state = read_head(folder / HEAD)
    fitting = [
        name
        for name in ("model-2", "model-3", "model-4", "model-5")
        if (VARIANTS[name].reads == "layers") == (POSITIONS in state)
    ]
    if variant not in fitting:
        said = "does not say of which model" if variant is None else f"is none of {variant!r}"
        raise InputError(
            f"the head {HEAD} in {str(folder)!r} {said}; say which with variant={' or '.join(map(repr, fitting))}"
        )
    model = build_variant(
        base if base is not None else _base_of(folder), variant, **_sizes(state, folder), **options, device=device
    )
    _fill(model[1].head, state, folder)
    read_adapter(model[0].model, folder)
    return model.eval()


def read_head(path: Path) -> "dict[str, Tensor]":
    """Read the tensors of ``attn_pool.pt``, and nothing that could run.

    Raises
    ------
    InputError
        If it holds anything but tensors, or lacks one.
    """
    from pickle import UnpicklingError

    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise InputError(
            f"{str(path)!r} holds more than tensors, or is damaged; expected the state of the authors' head"
        ) from error
    names = {*NAMES, POSITIONS}
    if not isinstance(state, dict) or not set(NAMES) <= set(state) <= names:
        found = sorted(map(str, state))[:3] if isinstance(state, dict) else type(state).__name__
        raise InputError(
            f"{str(path)!r} is no head of the authors' code: expected {len(NAMES)} tensors such as 'latents', got {found}"
        )
    return state


def _base_of(folder: Path) -> str:
    from peft import PeftConfig

    if not (folder / "adapter_config.json").is_file():
        raise InputError(f"{str(folder)!r} has a head and no adapter_config.json; copy the whole folder, or say base=")
    return str(PeftConfig.from_pretrained(str(folder)).base_model_name_or_path)


def _sizes(state: "dict[str, Tensor]", folder: Path) -> dict[str, Any]:
    latents, width = state["latents"].shape
    inner = state["cross_attend_blocks.0.fn.to_q.weight"].shape[0]
    if inner % _HEADS:
        raise InputError(
            f"the head in {str(folder)!r} has an inner width of {inner}: expected a multiple of its {_HEADS} heads"
        )
    hidden = state["cross_attend_blocks.1.fn.net.2.weight"].shape[1]
    return {"latents": latents, "heads": _HEADS, "head_dim": inner // _HEADS, "ff_mult": hidden / width}


def _fill(head: Any, state: "dict[str, Tensor]", folder: Path) -> None:
    """Put the tensors in place; of the layer embeddings, which are always 32, as many as the base has layers."""
    layers = POSITIONS in state
    named = {("head." if layers else "") + NAMES[name]: tensor for name, tensor in state.items() if name in NAMES}
    if layers:
        wanted = len(head.positions)
        if len(state[POSITIONS]) < wanted:
            raise InputError(
                f"the head in {str(folder)!r} knows {len(state[POSITIONS])} layers and the base has {wanted}: another base"
            )
        named["positions"] = state[POSITIONS][:wanted]
    try:
        head.load_state_dict(named)
    except RuntimeError as error:
        raise InputError(
            f"the head in {str(folder)!r} does not fit the base: {' '.join(str(error).split())[:200]}"
        ) from error
