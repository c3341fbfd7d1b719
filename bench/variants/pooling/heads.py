"""The trainable heads: cross-attention between learned latents and the decoder's states.

All are one block - pre-norm cross-attention, residual, pre-norm GEGLU feed-forward, residual, mean - with the roles
of query and context given to the latents or to the states.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .reductions import masked_mean
from .shape import PAPER_INITIAL_SD, HeadShape


class CrossBlock(nn.Module):
    """Pre-norm cross-attention and GEGLU feed-forward, each with a residual (Jaegle et al. 2021).

    ``x = x + Attention(norm(x), norm(context))``, then ``x = x + W2 (a * gelu(g))`` with ``a, g = W1 norm(x)``.
    The attention's projections have no bias.
    """

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        width, inner = shape.hidden_size, shape.heads * shape.head_dim
        hidden = max(1, round(shape.ff_mult * width))
        self.heads = shape.heads
        self.norm_query = nn.LayerNorm(width)
        self.norm_context = nn.LayerNorm(width)
        self.to_query = nn.Linear(width, inner, bias=False)
        self.to_key_value = nn.Linear(width, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, width, bias=False)
        self.norm_feed = nn.LayerNorm(width)
        self.feed_in = nn.Linear(width, 2 * hidden)
        self.feed_out = nn.Linear(hidden, width)

    def _split(self, x: Tensor) -> Tensor:
        batch, n, _ = x.shape
        return x.view(batch, n, self.heads, -1).transpose(1, 2)

    def forward(self, x: Tensor, context: Tensor, mask: Tensor | None = None) -> Tensor:
        """Let x (batch, m, hidden) attend to context (batch, n, hidden) where mask (batch, n) is true."""
        query = self._split(self.to_query(self.norm_query(x)))
        key, value = (self._split(part) for part in self.to_key_value(self.norm_context(context)).chunk(2, dim=-1))
        allowed = None if mask is None else mask[:, None, None, :]
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=allowed)
        x = x + self.to_out(mixed.transpose(1, 2).flatten(2))
        content, gate = self.feed_in(self.norm_feed(x)).chunk(2, dim=-1)
        fed: Tensor = self.feed_out(content * F.gelu(gate))
        return x + fed


class LatentQueryHead(nn.Module):
    """Learned latents attend to the states; the mean over the latents is the vector (last-layer trainable).

    The paper's own code gives model-4 the padding as keys too; here padding is masked, so that a text's
    vector does not depend on the batch it stands in.
    """

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        self.latents = nn.Parameter(shape.initial_sd * torch.randn(shape.latents, shape.hidden_size))
        self.block = CrossBlock(shape)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, n, hidden) to (batch, hidden)."""
        latents = self.latents.expand(states.shape[0], -1, -1)
        mixed: Tensor = self.block(latents, states, mask)
        return mixed.mean(dim=1)


class LayerQueryHead(nn.Module):
    """Learned latents attend to one vector per layer plus a learned embedding of the layer (Multi-Layers Trainable).

    The layer embedding is added before the context's norm. It starts at zero, in the paper's code at N(0, 1).
    """

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        draw = torch.randn if shape.initial_sd == PAPER_INITIAL_SD else torch.zeros
        self.positions = nn.Parameter(draw(shape.layers, shape.hidden_size))
        self.head = LatentQueryHead(shape)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, layers, hidden) to (batch, hidden)."""
        pooled: Tensor = self.head(states + self.positions, mask)
        return pooled


class TokenQueryHead(nn.Module):
    """NV-Embed's latent attention: tokens are queries, latents keys and values, then the masked mean.

    Lee et al. 2024, eq. 1 and figure 2, with the residuals of the published model's code.
    """

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        self.latents = nn.Parameter(shape.initial_sd * torch.randn(shape.latents, shape.hidden_size))
        self.block = CrossBlock(shape)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, n, hidden) to (batch, hidden)."""
        latents = self.latents.expand(states.shape[0], -1, -1)
        return masked_mean(self.block(states, latents), mask)
