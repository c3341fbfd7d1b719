"""The poolings by name: how the states of a decoder become one vector.

The table is data and imports no torch; the modules it names live in `reductions` and `heads`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from stats.common.errors import InputError, unknown

from .shape import PAPER_INITIAL_SD, HeadShape

if TYPE_CHECKING:
    from torch import nn

Reads = Literal["tokens", "layers"]


#: Head sizes by `fidelity`. "paper": 768 latents, 32 heads of 2048, feed-forward of 4 (over a billion
#: parameters at width 4096); "default": a head about as large as the LoRA adapter beside it;
#: "embedded": a head for bases of width 128-256 whose file stays well under a megabyte.
FIDELITIES: dict[str, dict[str, float]] = {
    "paper": {"latents": 768, "heads": 32, "head_dim": 2048, "ff_mult": 4.0},
    "default": {"latents": 32, "heads": 8, "head_dim": 64, "ff_mult": 1.0},
    "embedded": {"latents": 16, "heads": 4, "head_dim": 32, "ff_mult": 1.0},
}


@dataclass(frozen=True)
class Pooling:
    """One way to turn states into a vector.

    Parameters
    ----------
    name : str
        Its name in `POOLINGS`.
    reads : {"tokens", "layers"}
        Whether it sees the token states of the last layer, or one vector per layer.
    sources : tuple of str
        What it can be fed, the first being the default. For "tokens": ``tokens`` (all token states) or
        ``eos`` (the last real token alone). For "layers": ``mean`` (masked mean of the tokens of each
        layer) or ``eos`` (the last real token of each layer).
    module : str or callable
        A class ``module(shape: HeadShape) -> torch.nn.Module`` or its address ``"package.module:Class"``. Its
        ``forward(states, mask)`` takes states (batch, n, hidden) and a boolean mask (batch, n) that is true where a
        state is real, and returns (batch, hidden); or (batch, m x hidden), where the class
        says ``parts = m``.
    description, reference : str
        One line for people, and where it comes from.
    """

    name: str
    reads: Reads
    sources: tuple[str, ...]
    module: str | Callable[[HeadShape], "nn.Module"]
    description: str
    reference: str = ""

    def build(self, shape: HeadShape) -> "nn.Module":
        """Make the torch module for a decoder of this shape."""
        factory: Any = self.module
        if isinstance(factory, str):
            module, _, attribute = factory.partition(":")
            factory = getattr(import_module(module), attribute)
        built: nn.Module = factory(shape)
        return built

    def source(self, wanted: str | None) -> str:
        """Return the source to feed it: `wanted` if it can take that, its default for None."""
        if wanted is None:
            return self.sources[0]
        if wanted not in self.sources:
            raise InputError(f"pooling {self.name!r} cannot read {wanted!r}; its sources are {', '.join(self.sources)}")
        return wanted


_REDUCTIONS = "bench.variants.pooling.reductions"
_HEADS = "bench.variants.pooling.heads"
_PAPER = "Tang & Yang 2024, arXiv 2409.02727"

#: Name -> pooling.
POOLINGS: dict[str, Pooling] = {
    pooling.name: pooling
    for pooling in (
        Pooling("eos", "tokens", ("tokens",), f"{_REDUCTIONS}:LastToken", "state of the last real token (EOS)", _PAPER),
        Pooling("first", "tokens", ("tokens",), f"{_REDUCTIONS}:FirstToken", "state of the first real token"),
        Pooling("mean", "tokens", ("tokens",), f"{_REDUCTIONS}:Mean", "masked mean of the token states"),
        Pooling(
            "weighted-mean",
            "tokens",
            ("tokens",),
            f"{_REDUCTIONS}:WeightedMean",
            "mean weighted by position, 1 for the first token to n for the last",
            "Muennighoff 2022, eq. 2",
        ),
        Pooling("max", "tokens", ("tokens",), f"{_REDUCTIONS}:Max", "masked maximum of each dimension"),
        Pooling(
            "attention",
            "tokens",
            ("tokens",),
            f"{_REDUCTIONS}:AttentionPooling",
            "softmax of a learned score per token",
            "Yang et al. 2016, eq. 5-7",
        ),
        Pooling(
            "projected-mean",
            "tokens",
            ("tokens",),
            f"{_REDUCTIONS}:ProjectedMean",
            "masked mean, projected to four times its width and back",
            "Schechter Vera et al. 2025 (EmbeddingGemma), arXiv 2509.20354",
        ),
        Pooling(
            "late-chunks",
            "tokens",
            ("tokens",),
            f"{_REDUCTIONS}:LateChunks",
            "a mean of length 1 for every 32 tokens of a text that is read whole, then their mean",
            "Günther et al. 2024, arXiv 2409.04701",
        ),
        Pooling(
            "context-eos",
            "tokens",
            ("tokens",),
            f"{_REDUCTIONS}:FirstAndLast",
            "states of the first and the last real token side by side",
            "Lin et al. 2025, arXiv 2507.23386",
        ),
        Pooling(
            "nv-latent",
            "tokens",
            ("tokens",),
            f"{_HEADS}:TokenQueryHead",
            "tokens attend to learned latents (keys and values), then the mean",
            "Lee et al. 2024, eq. 1",
        ),
        Pooling(
            "last-layer",
            "tokens",
            ("tokens", "eos"),
            f"{_HEADS}:LatentQueryHead",
            "learned latents attend to the states of the last layer (last-layer trainable)",
            _PAPER,
        ),
        Pooling(
            "multi-layer",
            "layers",
            ("mean", "eos"),
            f"{_HEADS}:LayerQueryHead",
            "learned latents attend to one vector per layer (Multi-Layers Trainable)",
            _PAPER,
        ),
        Pooling(
            "layer-mix",
            "layers",
            ("mean", "eos"),
            f"{_REDUCTIONS}:LayerMix",
            "learned softmax-weighted sum over the layers",
            "Peters et al. 2018, eq. 1",
        ),
        Pooling(
            "last-4-layers",
            "layers",
            ("mean", "eos"),
            f"{_REDUCTIONS}:LastFourLayers",
            "mean of the vectors of the last four layers",
        ),
    )
}


def find_pooling(name: str) -> Pooling:
    """Return the pooling of that name; raise `InputError` with the nearest name if there is none."""
    if name not in POOLINGS:
        raise unknown("pooling", name, POOLINGS)
    return POOLINGS[name]


def head_shape(hidden_size: int, layers: int, fidelity: str = "default", **sizes: float | None) -> HeadShape:
    """Return the head shape of a fidelity, with single sizes replaced where they are not None.

    Examples
    --------
    >>> head_shape(4096, 32, "paper").latents
    768
    >>> head_shape(4096, 32, latents=64).latents
    64
    """
    if fidelity not in FIDELITIES:
        raise unknown("fidelity", fidelity, FIDELITIES)
    for name in sizes:
        if name not in FIDELITIES[fidelity]:
            raise unknown("head size", name, FIDELITIES[fidelity])
    chosen = {**FIDELITIES[fidelity], **{name: value for name, value in sizes.items() if value is not None}}
    whole = {name: int(chosen[name]) for name in ("latents", "heads", "head_dim")}
    shape = HeadShape(hidden_size, layers, **whole, ff_mult=float(chosen["ff_mult"]))
    return replace(shape, initial_sd=PAPER_INITIAL_SD) if fidelity == "paper" else shape


def head_parameters(pooling: str, shape: HeadShape) -> int:
    """Return the number of trainable parameters of a pooling, without allocating them.

    Examples
    --------
    >>> head_parameters("mean", HeadShape(4096, 32))
    0
    >>> head_parameters("layer-mix", HeadShape(4096, 32))
    32
    """
    import torch

    with torch.device("meta"):
        module = find_pooling(pooling).build(shape)
    return sum(parameter.numel() for parameter in module.parameters())


def context_parameters(shape: HeadShape) -> int:
    """Return the number of parameters of the encoder of a contextual token, without allocating them.

    Examples
    --------
    >>> context_parameters(HeadShape(4, 1, heads=1, head_dim=2))
    138
    """
    import torch

    from bench.variants.context import ContextEncoder

    with torch.device("meta"):
        return sum(parameter.numel() for parameter in ContextEncoder(shape).parameters())
