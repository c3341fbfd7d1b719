"""Fewer tokens before the decoder: neighbouring token embeddings averaged where a text is long."""

from typing import TYPE_CHECKING

import torch

from stats.common.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

#: Tokens that a text keeps in any case, as in Jasper-Token-Compression (arXiv 2511.14405).
KEPT = 80


def check_share(share: float) -> None:
    """Raise `InputError` unless `share` can be a share of tokens."""
    if not 0 < share <= 1:
        raise InputError(
            f"compression={share}; give the share of tokens that is left beyond the first {KEPT}, above 0 and at most 1"
        )


def compressed_length(n: int, share: float) -> int:
    """Number of states that a text of `n` tokens is averaged to.

    Examples
    --------
    >>> compressed_length(80, 0.5), compressed_length(200, 0.5)
    (80, 140)
    """
    return n if n <= KEPT else KEPT + max(1, round((n - KEPT) * share))


def compress(embeddings: "Tensor", mask: "Tensor", segments: "Tensor", share: float) -> "tuple[Tensor, Tensor, Tensor]":
    """Average neighbouring token embeddings of long texts (adaptive average pooling).

    State i of the m that a text of n tokens keeps is the mean of its tokens from floor(i n / m) to ceil((i + 1) n / m), so that a
    text's states depend on it alone, wherever its padding lies.

    Parameters
    ----------
    embeddings : Tensor, shape (batch, n, hidden)
        What the decoder's first layer would read.
    mask, segments : Tensor, shape (batch, n)
        Which tokens are real, and what they are. A state is what the last of its tokens is.
    share : float
        Share of the tokens beyond the first 80 that is left.

    Returns
    -------
    embeddings, mask, segments : Tensor
        Of the states, of as many as the longest text has, padded on the left.
    """
    lengths = mask.sum(dim=1).tolist()
    left = [compressed_length(int(n), share) for n in lengths]
    if left == lengths:
        return embeddings, mask, segments
    width = max(left)
    weights = embeddings.new_zeros(len(left), width, mask.shape[1])
    short, kinds = mask.new_zeros(len(left), width), segments.new_zeros(len(left), width)
    for row, (n, m) in enumerate(zip(lengths, left, strict=True)):
        first = int(mask[row].to(torch.int8).argmax())
        for i in range(m):
            start, stop = i * n // m, -(-(i + 1) * n // m)
            weights[row, width - m + i, first + start : first + stop] = 1 / (stop - start)
            kinds[row, width - m + i] = segments[row, first + stop - 1]
        short[row, width - m :] = 1
    return torch.bmm(weights, embeddings), short, kinds
