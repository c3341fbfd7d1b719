"""Several variants of one base and attention as one model: the decoder runs once, and every pooling reads its states."""

from collections.abc import Sequence
from copy import copy
from typing import Any

import torch
import torch.nn.functional as F
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Module
from torch import Tensor, nn

from .build import assemble, build_variant
from .decoder import Decoder
from .pooling.module import VariantPooling
from .registry import Variant, find_variant


class SideBySide(Module):  # type: ignore[misc]  # sentence-transformers ships no types
    """Poolings and their normalisation side by side: the vectors of all of them in a row.

    Parameters
    ----------
    heads : sequence of VariantPooling
    sources : tuple of str
        What the decoder's ``layer_embeddings`` hold in a row, (batch, layers, sources x hidden).
    """

    def __init__(self, heads: Sequence[VariantPooling], sources: tuple[str, ...]) -> None:
        super().__init__()
        self.heads = nn.ModuleList(heads)
        self._reads = [head.source if head.reads == "layers" else None for head in heads]
        self.sources = sources
        self._width = sum(head.get_embedding_dimension() for head in heads)

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Add ``sentence_embedding``, (batch, heads x hidden)."""
        layers: Tensor | None = features.get("layer_embeddings")
        by_source: dict[str | None, Tensor] = {}
        if layers is not None:
            # Each source in memory of its own, as a model of its own has it: the same kernels, the same bits.
            parts = layers.chunk(len(self.sources), dim=-1)
            by_source = {s: part.contiguous() for s, part in zip(self.sources, parts, strict=True)}
        vectors = []
        for head, source in zip(self.heads, self._reads, strict=True):
            pooled: dict[str, Any] = head({**features, "layer_embeddings": by_source.get(source)})
            # As sentence-transformers' Normalize, which ends a model of its own, does it.
            vectors.append(F.normalize(pooled["sentence_embedding"], p=2, dim=-1))
        features["sentence_embedding"] = torch.cat(vectors, dim=1)
        return features

    def get_embedding_dimension(self) -> int:
        """Return the width of all vectors together."""
        return self._width

    def save(self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any) -> None:
        """Refuse: the variants are saved one by one."""
        raise TypeError("variants that share a decoder are not a model to save: save each by itself")


def build_together(
    base: str, variants: Sequence[str | Variant], *, dtype: str | None = None, device: str | None = None
) -> tuple[SentenceTransformer, list[SentenceTransformer]]:
    """Build variants that share one decoder.

    Parameters
    ----------
    base : str
        As in `build_variant`.
    variants : sequence of str or Variant
        All of one attention, and all with or all without echo; else ValueError.
    dtype, device : str, optional
        As in `build_variant`.

    Returns
    -------
    together : SentenceTransformer
        Its vectors are those of all variants in a row, to the last bit those that each makes by itself.
    alone : list of SentenceTransformer
        The variants, each a model of its own around the same decoder.
    """
    specs = [find_variant(variant) for variant in variants]
    if len({spec.decoder_pass for spec in specs}) != 1:
        raise ValueError("variants of different attentions, or with and without echo, do not share a pass")
    first = build_variant(base, specs[0], dtype=dtype, device=device)
    alone = [first, *(assemble(_view(first[0], spec.layer_source), spec, device=device) for spec in specs[1:])]
    sources = tuple(dict.fromkeys(spec.layer_source for spec in specs if spec.layer_source is not None))
    modules = [_view(first[0], sources or None), SideBySide([model[1] for model in alone], sources)]
    return SentenceTransformer(modules=modules, device=device).eval(), alone


def _view(decoder: Decoder, layer_source: str | tuple[str, ...] | None) -> Decoder:
    """The same decoder, weights and all, which hands on other layers."""
    view = copy(decoder)
    view.layer_source = layer_source
    return view
