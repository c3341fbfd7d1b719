"""Encoding with sentence-transformers for mteb: sorted by length, in batches of so many tokens."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from mteb.models.abs_encoder import AbsEncoder, get_prompt_name

from ..grid.prompts import Prompts
from .embeddings import EmbeddingCache, Vectors

#: Tokens per batch, padding included, on a processor (more spills its caches: slower by 10-60 %) and on an accelerator.
CPU_TOKENS = 1024
GPU_TOKENS = 32768


class Encoder(AbsEncoder):  # type: ignore[misc]  # mteb ships no type information
    """An mteb encoder around a `SentenceTransformer`.

    Every distinct text of a call is encoded once, in batches of texts of like length, so that the vectors are those of
    ``SentenceTransformer.encode`` to within 1e-6 for less padding.

    Parameters
    ----------
    model : SentenceTransformer
    meta : mteb.ModelMeta
        Name and revision under which the results are filed.
    prompts : Prompts
    batch_tokens : int, optional
        Tokens per batch, padding included; default by device.
    cache : EmbeddingCache, optional
    devices : list of str
        More than one: sentence-transformers' own pool of processes, one per device.
    on_texts : callable, optional
        Called with the number of texts that were encoded or found, from time to time.
    content : str
        As in `ModelSpec`: what the revision does not vouch for.
    """

    def __init__(
        self,
        model: Any,
        meta: Any,
        *,
        prompts: Prompts | None = None,
        batch_tokens: int | None = None,
        cache: EmbeddingCache | None = None,
        devices: Sequence[str] = (),
        on_texts: Callable[[int], None] | None = None,
        content: str = "",
    ) -> None:
        self.model = model
        self.content = content
        #: What its checkpoint lacked, see `checkpoint.check_weights`.
        self.weights: dict[str, list[str]] = {}
        self.mteb_model_meta = meta
        self.prompts = prompts or Prompts()
        self.batch_tokens = batch_tokens or (CPU_TOKENS if model.device.type == "cpu" else GPU_TOKENS)
        self.cache = cache or EmbeddingCache(0)
        self.on_texts = on_texts
        self._devices = list(devices)
        self._pool: dict[str, Any] | None = None
        self._counter: Any = None
        self._computed: tuple[Any, ...] | None = None

    def similarity(self, embeddings1: Any, embeddings2: Any) -> Any:
        """Return the model's own similarity of all pairs."""
        return self.model.similarity(embeddings1, embeddings2)

    def encode(
        self,
        inputs: Any,
        *,
        task_metadata: Any,
        hf_split: str,
        hf_subset: str,
        prompt_type: Any = None,
        **_: Any,
    ) -> Vectors:
        """Encode the texts of an mteb data loader.

        Returns
        -------
        ndarray of float32, shape (n_texts, dimension)
        """
        return self.encode_with(self.prompts, inputs, task_metadata, prompt_type)

    def encode_with(self, prompts: Prompts, inputs: Any, task_metadata: Any, prompt_type: Any = None) -> Vectors:
        """Encode as `encode` does, with these prompts."""
        texts = texts_of(inputs)
        role = None if prompt_type is None else str(prompt_type.value)
        prompt = prompts.text(task_metadata, role)
        if prompt is None and (own := getattr(self.model, "prompts", None)):
            name = get_prompt_name({k: v for k, v in own.items() if v is not None}, task_metadata, prompt_type)
            prompt = own.get(name) if name else None
        key = self.key(texts, prompt, role)
        vectors = self.cache.get(key)
        if vectors is None:
            vectors = self.encode_distinct(texts, prompt, role)
            self.cache.put(key, vectors)
        elif self.on_texts:
            self.on_texts(len(texts))
        return vectors

    def key(self, texts: list[str], prompt: str | None, role: str | None) -> str:
        """Under which the vectors of a list of texts are kept."""
        meta = self.mteb_model_meta
        return self.cache.key((meta.name, meta.revision, self.content, self._numbers(), prompt, role), texts)

    def _numbers(self) -> tuple[Any, ...]:
        """What the vectors depend on beside model and text; a cache on the disk may be that of another machine or version."""
        from ..identity import environment
        from .load_encoder import computed_with

        if self._computed is None:
            versions = environment()
            libraries = tuple(
                versions.get(name) for name in ("torch", "transformers", "sentence-transformers", "tokenizers")
            )
            self._computed = (*sorted(computed_with(self.model).items()), *libraries)
        return (*self._computed, self.batch_tokens, self.model.max_seq_length)

    def encode_distinct(self, texts: list[str], prompt: str | None, role: str | None) -> Vectors:
        """Encode every distinct text once; shape (n_texts, dimension)."""
        position: dict[str, int] = {}
        rows = np.fromiter((position.setdefault(t, len(position)) for t in texts), dtype=np.intp, count=len(texts))
        distinct = list(position)
        run = {"query": self.model.encode_query, "document": self.model.encode_document}.get(
            str(role), self.model.encode
        )
        options: dict[str, Any] = {"prompt": prompt, "show_progress_bar": False, "convert_to_numpy": True}
        if len(self._devices) > 1:
            return np.asarray(run(distinct, pool=self._processes(), batch_size=32, **options), dtype=np.float32)[rows]
        vectors: Vectors | None = None
        for batch in self._batches(distinct, prompt):
            part = run([distinct[i] for i in batch], batch_size=len(batch), **options)
            if vectors is None:
                vectors = np.empty((len(distinct), part.shape[1]), dtype=np.float32)
            vectors[batch] = part
            if self.on_texts:
                self.on_texts(len(batch))
        if vectors is None:
            return np.empty((0, 0), dtype=np.float32)
        return vectors if len(distinct) == len(texts) else vectors[rows]

    def _batches(self, texts: list[str], prompt: str | None) -> Iterator[list[int]]:
        """Indices of texts, longest first, as many per batch as fit the budget at the batch's longest."""
        lengths = self._lengths(texts) + (len(prompt) // 4 if prompt else 0)
        order = np.argsort(-lengths, kind="stable").tolist()
        start = 0
        while start < len(order):
            size = max(1, self.batch_tokens // max(1, int(lengths[order[start]])))
            yield order[start : start + size]
            start += size

    def _lengths(self, texts: list[str]) -> Any:
        """Lengths in tokens, cut at the model's longest; by characters where the tokenizer cannot say quickly."""
        longest = self.model.max_seq_length or 512
        tokenizer = getattr(self.model, "tokenizer", None)
        if tokenizer is None or not getattr(tokenizer, "is_fast", False):
            return np.minimum([len(t) // 3 + 2 for t in texts], longest)
        if self._counter is None:
            # A copy, since many tokenizers come with padding to a fixed length, or cut, as their own state.
            self._counter = deepcopy(tokenizer.backend_tokenizer)
            self._counter.no_padding()
            self._counter.no_truncation()
        lengths = np.empty(len(texts), dtype=np.int64)
        for start in range(0, len(texts), 4096):
            # The longest text that fits is cut by characters first: a token is rarely longer than 16.
            chunk = [t[: 16 * longest] for t in texts[start : start + 4096]]
            encoded = self._counter.encode_batch_fast(chunk, add_special_tokens=True)
            lengths[start : start + len(chunk)] = [len(e) for e in encoded]
        return np.minimum(lengths, longest)

    def _processes(self) -> dict[str, Any]:
        if self._pool is None:
            self._pool = self.model.start_multi_process_pool(self._devices)
        return self._pool

    def close(self) -> None:
        """Stop the pool of processes, if there is one."""
        if self._pool is not None:
            self.model.stop_multi_process_pool(self._pool)
            self._pool = None


def texts_of(inputs: Any) -> list[str]:
    """Texts of an mteb data loader, read as one column where it has one (the loader goes row by row)."""
    from datasets import Dataset

    data = getattr(inputs, "dataset", None)
    if isinstance(data, Dataset) and "text" in data.column_names:
        return [str(t) for t in data["text"]]
    return [text for batch in inputs for text in batch["text"]]
