"""A training step without its numbers: the real modules on tensors that have a shape and no memory, and what would be alive when.

Torch's fake tensors go through the same operations as real ones and know how large they are. So the count follows the base's own
code, its attention, adapter, head and checkpointing, and needs no formula per architecture.
"""

import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from sentence_transformers.base.modules import Transformer
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from bench.variants.attentions import LANDMARK, TEXT, configure
from bench.variants.base import read_config
from bench.variants.compression import compressed_length
from bench.variants.context import ContextEncoder
from bench.variants.decoder import Decoder
from bench.variants.inputs import TextReader
from bench.variants.pooling.module import VariantPooling
from bench.variants.pooling.table import head_shape
from bench.variants.registry import Variant
from bench.variants.weights import add_adapter, lora_config

from .recipe import Recipe, head_sizes
from .trainer import checkpoint_activations


class Shapes(Decoder):
    """A decoder of parameters that have a shape and no memory."""

    def __init__(self, folder: Path, spec: Variant, dtype: torch.dtype, attn_implementation: str | None) -> None:
        nn.Module.__init__(self)
        from transformers import AutoModel

        config = read_config(folder)
        configure(config, spec.attention)
        # Flash attention keeps what sdpa keeps, and cannot be built where there is no accelerator.
        kind = attn_implementation if attn_implementation == "eager" else "sdpa"
        with torch.device("meta"):
            self.model = AutoModel.from_config(config, dtype=dtype, attn_implementation=kind)
        self.attention, self.layer_source = spec.attention, spec.layer_source
        self.reader = TextReader(echo=spec.echo, landmarks=spec.landmarks)
        self.openness, self.context = None, None
        self.compression = 1.0  # its averaging asks for the numbers; shorter texts are given instead

    def get_embedding_dimension(self) -> int:
        """Return the width of the states."""
        return int(self.model.config.get_text_config().hidden_size)

    @property
    def config(self) -> Any:
        """The configuration of transformers."""
        return self.model.config

    forward = Decoder.forward
    __call__ = Transformer.__call__


class Alive(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own bases are untyped in part
    """Counts the bytes of the tensors that were made inside and are still alive, and the most that there were at once.

    Parameters
    ----------
    weights : iterable of Tensor
        What was there before, and is counted elsewhere.
    """

    def __init__(self, weights: Iterable[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now, self.peak = 0, 0
        # A view of a weight, as its transpose, is no tensor of its own.
        self._sizes: dict[int, int] = {weight.untyped_storage()._cdata: 0 for weight in weights}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operation and count what it made; a view shares its storage and adds nothing."""
        made = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(made):
            if isinstance(tensor, Tensor):
                storage = tensor.untyped_storage()
                key = storage._cdata
                if key not in self._sizes:
                    self._sizes[key] = storage.nbytes()
                    self.now += storage.nbytes()
                    self.peak = max(self.peak, self.now)
                    weakref.finalize(storage, self._gone, key)
        return made

    def _gone(self, key: int) -> None:
        self.now -= self._sizes.pop(key)


def build_shapes(
    folder: Path, spec: Variant, recipe: Recipe, dtype: torch.dtype, attn_implementation: str | None
) -> tuple[Shapes, VariantPooling]:
    """Decoder with adapter, and head, as `bench.training.fit` makes them, without memory."""
    decoder = Shapes(folder, spec, dtype, attn_implementation)
    shape = head_shape(decoder.get_embedding_dimension(), decoder.layer_count, recipe.fidelity, **head_sizes(recipe))
    with torch.device("meta"):
        head = VariantPooling(spec.pooling, spec.source, shape)
        decoder.context = ContextEncoder(shape) if spec.context else None
        decoder.model.requires_grad_(False)
        if recipe.lora_rank:
            add_adapter(decoder.model, lora_config(recipe.lora_rank, recipe.lora_alpha, recipe.lora_dropout), 0)
    if recipe.gradient_checkpointing:
        checkpoint_activations(decoder.model)
    return decoder, head


def simulate(
    decoder: Shapes, head: VariantPooling, spec: Variant, recipe: Recipe, *, batch: int, tokens: int, bf16: bool
) -> int:
    """Return the most bytes that an update needs beside the weights and the optimiser's state, gradients included.

    Parameters
    ----------
    batch : int
        Queries on this device.
    tokens : int
        Tokens of every text.
    bf16 : bool
        Whether it computes in bfloat16 by autocast.
    """
    decoder.train()
    head.train()
    tokens = compressed_length(tokens, spec.compression)
    columns = 2 + recipe.negatives
    cached = bool(recipe.mini_batch_size) and recipe.mini_batch_size < recipe.batch_size
    with FakeTensorMode():
        for module in (decoder, head):
            _give_shapes(module)
        alive = Alive(t for module in (decoder, head) for t in (*module.parameters(), *module.buffers()))
        with alive:
            for _ in range(2 if recipe.accumulation > 1 else 1):
                if cached:
                    _cached_step(decoder, head, spec, recipe, batch * columns, tokens, bf16)
                else:
                    _plain_step(decoder, head, spec, recipe, batch, columns, tokens, bf16)
    return alive.peak


def _give_shapes(module: nn.Module) -> None:
    """Put tensors of the same shape on a device that has kernels to choose from (`meta` has none)."""
    for part in module.modules():
        for name, parameter in part._parameters.items():
            if parameter is not None:
                empty = torch.empty(parameter.shape, dtype=parameter.dtype)
                part._parameters[name] = nn.Parameter(empty, requires_grad=parameter.requires_grad)
        for name, buffer in part._buffers.items():
            if buffer is not None:
                part._buffers[name] = torch.empty(buffer.shape, dtype=buffer.dtype)


def _encode(decoder: Shapes, head: VariantPooling, spec: Variant, texts: int, tokens: int, bf16: bool) -> Tensor:
    ids = torch.zeros(texts, tokens, dtype=torch.long)
    segments = torch.full_like(ids, LANDMARK if spec.landmarks else TEXT)
    features = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "segments": segments}
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        vectors = head(decoder(features))["sentence_embedding"]
        return nn.functional.normalize(vectors, dim=-1)


def _contrast(queries: Tensor, documents: Tensor, scale: float) -> Tensor:
    scores = scale * queries.float() @ documents.float().T
    labels = torch.zeros(len(queries), dtype=torch.long)
    return nn.functional.cross_entropy(scores, labels)


def _plain_step(
    decoder: Shapes,
    head: VariantPooling,
    spec: Variant,
    recipe: Recipe,
    batch: int,
    columns: int,
    tokens: int,
    bf16: bool,
) -> None:
    """All texts of the batch, then the loss.

    As sentence-transformers does it: the queries by themselves, and all columns of passages in one pass. Where activations are recomputed, a layer's
    are so for all passages at once; a column after another would be counted a third too low.
    """
    # The loss over several depths keeps the columns apart.
    shares = [1] * columns if recipe.matryoshka_layers else [1, columns - 1]
    vectors = [_encode(decoder, head, spec, batch * share, tokens, bf16) for share in shares]
    _contrast(vectors[0], torch.cat(vectors[1:]), recipe.scale).backward()  # type: ignore[no-untyped-call]


def _cached_step(
    decoder: Shapes, head: VariantPooling, spec: Variant, recipe: Recipe, texts: int, tokens: int, bf16: bool
) -> None:
    """GradCache: the vectors of all texts and their gradients are kept; two mini-batches stand for all, since the others are as large."""
    width = head.get_embedding_dimension()
    kept = torch.empty(texts, width, requires_grad=True)
    queries = texts // (2 + recipe.negatives)
    _contrast(kept[: recipe.mini_batch_size], kept[queries:], recipe.scale).backward()  # type: ignore[no-untyped-call]
    for _ in range(2):
        vectors = _encode(decoder, head, spec, min(recipe.mini_batch_size, queries), tokens, bf16)
        torch.dot(vectors.flatten().float(), torch.empty(vectors.numel())).backward()  # type: ignore[no-untyped-call]
