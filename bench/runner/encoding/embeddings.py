"""Embeddings kept within a size bound, so that tasks that encode the same texts encode them once."""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stats.common.writing import replacing

Vectors = npt.NDArray[np.float32]


class EmbeddingCache:
    """Vectors of whole lists of texts, least recently used out first.

    The unit is the list that a task hands over to be encoded, and not the single text: a text's vector depends in its
    last bits on the batch that it was encoded in, so vectors taken from another list would make a score depend on
    which tasks ran before.

    Parameters
    ----------
    max_bytes : int
        Most that is kept, in memory and on disk alike; 0 keeps nothing.
    folder : Path, optional
        Keep the vectors here too, for later runs.
    """

    def __init__(self, max_bytes: int, folder: Path | None = None) -> None:
        self.max_bytes = max_bytes
        self.folder = folder
        self.hits = 0
        self._kept: OrderedDict[str, Vectors] = OrderedDict()
        self._size = 0

    @staticmethod
    def key(context: Sequence[Any], texts: Sequence[str]) -> str:
        """Identity of a list of texts encoded in a context (model revision, prompt, role, precision)."""
        digest = hashlib.sha256(repr(tuple(context)).encode())
        for text in texts:
            encoded = text.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "little"))
            digest.update(encoded)
        return digest.hexdigest()

    def get(self, key: str) -> Vectors | None:
        """Return the vectors of a key, shape (n_texts, dimension), or None."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        elif self.folder is not None:
            found = self._read(self.folder / f"{key}.npy")
            if found is not None:
                self._keep(key, found)
        self.hits += found is not None
        return found

    def put(self, key: str, vectors: Vectors) -> None:
        """Keep vectors; what does not fit within the bound is not kept."""
        if vectors.nbytes > self.max_bytes:
            return
        self._keep(key, vectors)
        if self.folder is not None:
            self._write(self.folder, key, vectors)

    def _keep(self, key: str, vectors: Vectors) -> None:
        vectors.setflags(write=False)
        self._kept[key] = vectors
        self._size += vectors.nbytes
        while self._size > self.max_bytes:
            self._size -= self._kept.popitem(last=False)[1].nbytes

    @staticmethod
    def _read(path: Path) -> Vectors | None:
        try:
            vectors: Vectors = np.load(path, allow_pickle=False)
            os.utime(path)
        except (OSError, ValueError, EOFError):
            return None
        return vectors

    def _write(self, folder: Path, key: str, vectors: Vectors) -> None:
        """Write beside, rename, then drop the files used longest ago; a full disk only means nothing is kept."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(folder / f"{key}.npy") as part, part.open("wb") as file:
                np.save(file, vectors, allow_pickle=False)
            files = sorted((p.stat().st_mtime_ns, p.stat().st_size, p) for p in folder.glob("*.npy"))
            total = sum(size for _, size, _ in files)
            for _, size, path in files:
                if total <= self.max_bytes:
                    break
                path.unlink(missing_ok=True)
                total -= size
        except OSError:
            return
