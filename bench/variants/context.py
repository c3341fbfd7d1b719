"""A contextual token before the text, made by a small bidirectional encoder (Causal2Vec; Lin et al. 2025, arXiv 2507.23386)."""

import math
from typing import TYPE_CHECKING

import torch
from torch import nn

from .pooling.heads import CrossBlock
from .pooling.reductions import masked_mean
from .pooling.shape import HeadShape

if TYPE_CHECKING:
    from torch import Tensor

#: Layers of the encoder, and its greatest width.
_LAYERS, _WIDEST = 2, 768


class ContextEncoder(nn.Module):
    """Read a text in both directions and make one token of it, which a causal decoder then reads first.

    Two pre-norm layers of self-attention over the decoder's own token embeddings, projected to the encoder's width, with sinusoidal positions;
    their masked mean goes through a norm and an MLP of one hidden layer to the decoder's width. The authors take a pretrained encoder of
    110 million parameters (E5-base) in its place; this one starts from nothing and is trained with the head.

    Parameters
    ----------
    shape : HeadShape
        Its inner width (heads x head_dim, at most the decoder's width and 768) is the encoder's, its heads and feed-forward are too.
    """

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        heads = min(shape.heads, shape.hidden_size)
        each = max(1, min(shape.hidden_size, shape.heads * shape.head_dim, _WIDEST) // heads)
        width = heads * each
        inner = HeadShape(width, 1, heads=heads, head_dim=each, ff_mult=shape.ff_mult)
        self.project = nn.Linear(shape.hidden_size, width)
        self.blocks = nn.ModuleList(CrossBlock(inner) for _ in range(_LAYERS))
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, shape.hidden_size)
        self.out = nn.Linear(shape.hidden_size, shape.hidden_size)

    def forward(self, embeddings: "Tensor", mask: "Tensor") -> "Tensor":
        """Make a token, (batch, hidden), of token embeddings (batch, n, hidden) where the mask (batch, n) is true."""
        states = self.project(embeddings)
        states = states + _positions(mask, states.shape[-1]).to(states.dtype)
        for block in self.blocks:
            states = block(states, states, mask)
        token: Tensor = self.out(nn.functional.gelu(self.widen(self.norm(masked_mean(states, mask)))))
        return token


def _positions(mask: "Tensor", width: int) -> "Tensor":
    """Sinusoidal positions (Vaswani et al. 2017, section 3.5), (batch, n, width), counted from the first real token of each row."""
    places = (mask.cumsum(dim=1) - 1).unsqueeze(-1).float()
    rates = torch.exp(torch.arange(0, width, 2, device=mask.device).float() * (-math.log(10_000.0) / width))
    angles = places * rates
    return torch.cat([angles.sin(), angles.cos()], dim=-1)[..., :width]


def prepend(
    token: "Tensor", embeddings: "Tensor", mask: "Tensor", segments: "Tensor", kind: int
) -> "tuple[Tensor, Tensor, Tensor]":
    """Put a token of its own straight before the first real one of each row, wherever the row's padding lies.

    Parameters
    ----------
    token : Tensor, shape (batch, hidden)
    embeddings : Tensor, shape (batch, n, hidden)
    mask, segments : Tensor, shape (batch, n)
    kind : int
        What `segments` says of it.

    Returns
    -------
    embeddings, mask, segments : Tensor
        Of n + 1 tokens.
    """
    first = mask.to(torch.int8).argmax(dim=1, keepdim=True)
    place = torch.arange(mask.shape[1] + 1, device=mask.device).unsqueeze(0)
    here, before = place == first, place < first
    kept, moved = nn.functional.pad(embeddings, (0, 0, 0, 1)), nn.functional.pad(embeddings, (0, 0, 1, 0))
    wider = torch.where(before.unsqueeze(-1), kept, moved)
    wider = torch.where(here.unsqueeze(-1), token.to(embeddings.dtype).unsqueeze(1), wider)
    # What lies before the first real token is padding, and so is what is put there.
    seen = nn.functional.pad(mask, (1, 0)).masked_fill(here, 1)
    kinds = nn.functional.pad(segments, (1, 0)).masked_fill(here, kind)
    return wider, seen, kinds
