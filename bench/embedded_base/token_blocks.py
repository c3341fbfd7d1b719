"""Tokens for pretraining: documents in a new seeded order every epoch, packed into blocks without padding."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def encode_documents(tokenizer: Any, texts: Sequence[str]) -> list[NDArray[np.int32]]:
    """Tokenise texts, each closed by the end-of-text token."""
    encoded = tokenizer._tokenizer.encode_batch(list(texts))
    return [np.array([*one.ids, tokenizer.eos_token_id], np.int32) for one in encoded]


def pack(documents: Sequence[NDArray[np.int32]], length: int) -> NDArray[np.int32]:
    """Join documents end to end and cut them into blocks of `length`; the rest at the end is left out.

    Returns
    -------
    ndarray, shape (blocks, length)
    """
    stream = np.concatenate(documents)
    blocks = len(stream) // length
    return stream[: blocks * length].reshape(blocks, length)


def epochs(
    documents: Sequence[NDArray[np.int32]], length: int, batch: int, *, seed: int, start: int = 0
) -> Iterator[NDArray[np.int32]]:
    """Give batches without end, from batch number `start` on; epoch e is shuffled by (seed, e).

    Yields
    ------
    ndarray, shape (batch, length)
    """
    per_epoch = sum(map(len, documents)) // length // batch
    epoch, skip = divmod(start, per_epoch)
    while True:
        order = np.random.default_rng([seed, epoch]).permutation(len(documents))
        blocks = pack([documents[i] for i in order], length)
        for number in range(skip, per_epoch):
            yield blocks[number * batch : (number + 1) * batch]
        epoch, skip = epoch + 1, 0
