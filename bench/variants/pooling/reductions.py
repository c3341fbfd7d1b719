"""Poolings with no or few parameters, and the per-layer reductions that the layer poolings read.

Every module takes states (batch, n, hidden) and a boolean mask (batch, n), and returns (batch, hidden).
Padding may lie on either side of a text, or on both: positions are always counted from the mask.
"""

from typing import Any

import torch
from torch import Tensor, nn

from .shape import HeadShape


def last_real(mask: Tensor) -> Tensor:
    """Return the index of the last true entry of each row: (batch, n) -> (batch,)."""
    n = mask.shape[1]
    return n - 1 - mask.flip(1).to(torch.int8).argmax(dim=1)


def take(states: Tensor, index: Tensor) -> Tensor:
    """Return one state per row: (batch, n, hidden), (batch,) -> (batch, hidden)."""
    return states[torch.arange(states.shape[0], device=states.device), index]


def masked_mean(states: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted mean over n, without a copy of the states: (batch, n, hidden), (batch, n) -> (batch, hidden).

    Examples
    --------
    >>> masked_mean(torch.tensor([[[1.0], [3.0], [9.0]]]), torch.tensor([[1, 1, 0]]))
    tensor([[2.]])
    """
    weights = weights.to(states.dtype)
    weights = weights / weights.sum(dim=1, keepdim=True).clamp(min=1e-9)
    return torch.bmm(weights.unsqueeze(1), states).squeeze(1)


def pool_features(head: nn.Module, reads: str, source: str, features: dict[str, Any]) -> Tensor:
    """Pool what a decoder gives by a head: the states of its tokens or layers, in the head's dtype.

    Parameters
    ----------
    head : torch.nn.Module
        A pooling's module, ``forward(states, mask)``.
    reads, source : str
        As in `bench.variants.pooling.table.Pooling`.
    features : dict
        With ``pooled_tokens`` (batch, n) and ``token_embeddings`` (batch, n, hidden) or ``layer_embeddings`` (batch, layers, hidden).

    Returns
    -------
    Tensor, shape (batch, hidden)
    """
    mask = features["pooled_tokens"]
    if reads == "layers":
        states = features["layer_embeddings"]
        mask = states.new_ones(states.shape[:2], dtype=torch.bool)
    else:
        states = features["token_embeddings"]
        if source == "eos":
            states = take(states, last_real(mask)).unsqueeze(1)
            mask = mask.new_ones(states.shape[:2])
    own = next((parameter.dtype for parameter in head.parameters()), states.dtype)
    pooled: Tensor = head(states.to(own), mask)
    return pooled


class Plain(nn.Module):
    """A pooling without parameters."""

    def __init__(self, shape: HeadShape | None = None) -> None:
        super().__init__()


class LastToken(Plain):
    """The state of the last real token, which is the EOS."""

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, n, hidden) to (batch, hidden)."""
        return take(states, last_real(mask))


class FirstToken(Plain):
    """The state of the first real token; under causal attention it has seen nothing but itself."""

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, n, hidden) to (batch, hidden)."""
        return take(states, mask.to(torch.int8).argmax(dim=1))


class Mean(Plain):
    """The mean of the real tokens."""

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, n, hidden) to (batch, hidden)."""
        return masked_mean(states, mask)


class WeightedMean(Plain):
    """The mean with weights 1, 2, ..., n over the real tokens (SGPT; Muennighoff 2022, eq. 2).

    A causal state has seen the more the later it stands, so later states count more.
    """

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, n, hidden) to (batch, hidden)."""
        return masked_mean(states, mask.cumsum(dim=1) * mask)


class Max(Plain):
    """The largest value of each dimension over the real tokens."""

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, n, hidden) to (batch, hidden)."""
        lowest = torch.finfo(states.dtype).min
        return states.masked_fill(~mask.unsqueeze(-1), lowest).amax(dim=1)


class LateChunks(Plain):
    """A mean of length 1 for every 32 tokens, and their mean: each chunk of a long text counts once, having seen all of it (late chunking).

    Günther et al. 2024 (arXiv 2409.04701) keep the chunks' vectors, for search among passages (`encode_chunks`); where a text has to be one
    vector, this is their mean. A text of one chunk has the vector of the plain mean.
    """

    chunk = 32

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, n, hidden) to (batch, hidden)."""
        chunks = -(-mask.shape[1] // self.chunk)
        place = (mask.cumsum(dim=1) - 1).clamp(min=0) // self.chunk
        member = mask.unsqueeze(1) & (place.unsqueeze(1) == torch.arange(chunks, device=mask.device)[None, :, None])
        means = torch.bmm(member.to(states.dtype), states)  # sums, whose direction is the mean's
        return masked_mean(nn.functional.normalize(means, dim=-1), member.any(dim=2))


class FirstAndLast(Plain):
    """The states of the first and the last real token side by side: of Causal2Vec's contextual token and of the EOS (Lin et al. 2025)."""

    #: Widths of a state that its vector has.
    parts = 2

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, n, hidden) to (batch, 2 x hidden)."""
        return torch.cat([take(states, mask.to(torch.int8).argmax(dim=1)), take(states, last_real(mask))], dim=1)


class AttentionPooling(nn.Module):
    """A softmax-weighted mean with the score ``v . tanh(W h + b)`` (Yang et al. 2016, eq. 5-7).

    ``v`` starts at zero, so that the pooling starts as the mean.
    """

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        inner = min(shape.hidden_size, shape.heads * shape.head_dim)
        self.project = nn.Linear(shape.hidden_size, inner)
        self.score = nn.Linear(inner, 1, bias=False)
        nn.init.zeros_(self.score.weight)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, n, hidden) to (batch, hidden)."""
        scores = self.score(torch.tanh(self.project(states))).squeeze(-1)
        weights = scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim=1)
        return masked_mean(states, weights)


class ProjectedMean(nn.Module):
    """The mean, then two linear maps without bias or activation, to four times the width and back (EmbeddingGemma).

    The first starts with orthonormal columns and the second as its transpose, so that the pooling starts as the mean.
    """

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        self.up = nn.Linear(shape.hidden_size, 4 * shape.hidden_size, bias=False)
        self.down = nn.Linear(4 * shape.hidden_size, shape.hidden_size, bias=False)
        if self.up.weight.device.type != "meta":  # sizes are counted without memory
            nn.init.orthogonal_(self.up.weight)
            self.down.weight.data.copy_(self.up.weight.T)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, n, hidden) to (batch, hidden)."""
        projected: Tensor = self.down(self.up(masked_mean(states, mask)))
        return projected


class LayerMix(nn.Module):
    """A learned softmax-weighted sum over the layers (ELMo; Peters et al. 2018, eq. 1).

    The scale gamma of the paper is left out: the vector is L2-normalised afterwards.
    """

    def __init__(self, shape: HeadShape) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(shape.layers))

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, layers, hidden) to (batch, hidden)."""
        return torch.einsum("l,bld->bd", self.weights.softmax(dim=0).to(states.dtype), states)


class LastFourLayers(Plain):
    """The mean of the vectors of the last four layers, or of all where there are fewer."""

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Pool (batch, layers, hidden) to (batch, hidden)."""
        return states[:, -4:].mean(dim=1)
