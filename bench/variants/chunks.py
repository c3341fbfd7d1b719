"""Late chunking: a document is read once, and every chunk of it has a vector of its own."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stats.common.errors import InputError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

#: Poolings of token states that mean nothing for a part of a text: they read its ends, where a chunk has no EOS.
_OF_THE_ENDS = ("eos", "first", "context-eos")


def encode_chunks(
    model: "SentenceTransformer",
    documents: Sequence[Sequence[str]],
    *,
    separator: str = " ",
    prompt: str = "",
    batch_size: int = 8,
) -> list[NDArray[np.float32]]:
    """Give every chunk of a document a vector that knows the document (late chunking).

    The decoder reads a document whole, as the chunks one after another; then the model's pooling is applied to the states of each chunk alone. Under
    bidirectional attention a chunk's vector knows what comes before and behind it, under causal attention what comes before. It is for search
    among passages that lean on their document; the vector of a whole text is ``model.encode``'s. Nothing is trained for it.

    Parameters
    ----------
    model : SentenceTransformer
        A variant whose pooling reads the states of all tokens of the last layer.
    documents : sequence of sequences of str
        The chunks of each document, in order; none of them blank.
    separator : str
        What stands between two chunks.
    prompt : str
        An instruction before each document, which belongs to no chunk.
    batch_size : int
        Documents per pass.

    Returns
    -------
    list of array, each (chunks of the document, width) of float32
        Vectors of length 1.

    Raises
    ------
    InputError
        If the model's pooling reads something else, a chunk is blank, or a document has more tokens than the model reads.

    Notes
    -----
    Günther et al. 2024 (arXiv 2409.04701), algorithm 1. The EOS behind a document belongs to its last chunk, a token before it to its first, so that a
    document of one chunk has the vector of ``model.encode`` where the pooling is the mean. A document that is longer than the model reads is refused
    rather than cut, since its last chunks would have no states: split it in two (the paper's algorithm 2 lets such parts overlap).

    Examples
    --------
    >>> import embsig
    >>> model = embsig.build_variant("embedded", "mean+bidirectional")
    >>> [found] = embsig.encode_chunks(model, [["sorted() returns a new list.", "It takes a key."]])
    >>> found.shape
    (2, 192)
    """
    import torch

    decoder, head = _parts(model)
    found: list[NDArray[np.float32]] = []
    with torch.no_grad():
        for start in range(0, len(documents), batch_size):
            batch = [_chunks(chunks, start + i) for i, chunks in enumerate(documents[start : start + batch_size])]
            texts = [separator.join(chunks) for chunks in batch]
            features = decoder.preprocess(texts, prompt=prompt)
            owners = [
                _owners(decoder.tokenizer, prompt, text, chunks, separator)
                for text, chunks in zip(texts, batch, strict=True)
            ]
            for i, (owner, mask) in enumerate(zip(owners, features["attention_mask"], strict=True)):
                read = int(mask.sum()) - _closes(decoder, features["input_ids"][i][mask.bool()])
                if len(owner) > read:
                    raise InputError(
                        f"document {start + i + 1} has {len(owner)} tokens and the model reads {read} (max_length={decoder.max_seq_length}): split it, "
                        "or load the model with a greater max_length"
                    )
            given = {name: tensor.to(model.device) for name, tensor in features.items()}
            states = decoder(given)["token_embeddings"]
            for i, (owner, chunks) in enumerate(zip(owners, batch, strict=True)):
                found.append(_pooled(head, states[i], features["attention_mask"][i], owner, len(chunks)))
    return found


def _parts(model: Any) -> tuple[Any, Any]:
    """Decoder and pooling of a variant that can pool a part of a text."""
    kinds = [type(module).__name__ for module in model]
    if kinds[:2] not in (["Decoder", "VariantPooling"], ["ExportedDecoder", "ExportedPooling"]):
        raise InputError("this model is no variant of embsig: expected one of build_variant or load_model")
    decoder, head = model[0], model[1]
    pooling = getattr(head, "pooling", "")
    ends = pooling in _OF_THE_ENDS or type(head.head).__name__ in ("LastToken", "FirstToken", "FirstAndLast")
    if head.reads != "tokens" or head.source != "tokens" or ends:
        raise InputError(
            f"the pooling of this model ({pooling or type(head.head).__name__}) does not read the states of all tokens: expected the mean or another "
            "that does"
        )
    if decoder.reader.echo or decoder.reader.landmarks or decoder.compression < 1 or decoder.context is not None:
        raise InputError(
            "this model reads other tokens than those of the text (echo, landmarks, compression, a contextual token): choose one that does not"
        )
    return decoder, head


def _chunks(chunks: Sequence[str], place: int) -> list[str]:
    if isinstance(chunks, str) or not len(chunks):
        raise InputError(f"document {place + 1} is {chunks!r}: expected a list of its chunks")
    for i, chunk in enumerate(chunks):
        if not isinstance(chunk, str) or not chunk.strip():
            raise InputError(f"chunk {i + 1} of document {place + 1} is {chunk!r}: expected a text; leave it out")
    return list(chunks)


def _owners(tokenizer: Any, prompt: str, text: str, chunks: list[str], separator: str) -> list[int]:
    """Which chunk every token of a document belongs to; -1 for those of the instruction. An EOS at its end is left out."""
    encoded = tokenizer(prompt + text, return_offsets_mapping=True, verbose=False)
    ends, length = [], len(prompt)
    for chunk in chunks:
        ends.append(length + len(chunk))
        length += len(chunk) + len(separator)
    owners = []
    for start, stop in encoded["offset_mapping"]:
        if stop == start:  # BOS
            owners.append(0)
        elif stop <= len(prompt):
            owners.append(-1)
        else:  # by its last character: a token often begins with the space before its word
            owners.append(min(int(np.searchsorted(ends, stop - 1, side="right")), len(chunks) - 1))
    if encoded["input_ids"] and encoded["input_ids"][-1] == tokenizer.eos_token_id:
        owners.pop()
    return owners


def _closes(decoder: Any, ids: Any) -> int:
    """Whether a row ends in an EOS that the reader put there."""
    return int(decoder.reader.append_eos and int(ids[-1]) == decoder.tokenizer.eos_token_id)


def _pooled(head: Any, states: Any, mask: Any, owner: list[int], n_chunks: int) -> NDArray[np.float32]:
    """Pool each chunk's states."""
    import torch

    from .pooling.reductions import LateChunks, Mean, pool_features

    rows = list(_members(mask, owner, n_chunks))
    features = {
        "pooled_tokens": torch.stack(rows).to(states.device),
        "token_embeddings": states.unsqueeze(0).expand(n_chunks, -1, -1),
    }
    # The mean of a document's own chunks of 32 tokens is for whole texts; a chunk that is given is one.
    module = Mean() if isinstance(head.head, LateChunks) else head.head
    pooled = pool_features(module, "tokens", "tokens", features)
    vectors: NDArray[np.float32] = torch.nn.functional.normalize(pooled.float(), dim=-1).cpu().numpy()
    return vectors


def _members(mask: Any, owner: list[int], n_chunks: int) -> Iterator[Any]:
    """The mask of each chunk's tokens; what stands behind the text, its EOS, is the last chunk's."""
    import torch

    first, n = int(mask.to(torch.int8).argmax()), int(mask.sum())
    whose = torch.full((len(mask),), -1)
    whose[first : first + n] = torch.tensor([*owner, *[n_chunks - 1] * (n - len(owner))])
    for chunk in range(n_chunks):
        yield whose == chunk
