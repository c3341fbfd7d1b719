"""Several answers from one encoding of the texts: vectors cut or stored in fewer bits, and several prompts, which leave documents alone."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from mteb.models.abs_encoder import AbsEncoder

from stats.common.errors import InputError

from ..grid.cells import Cell, too_wide
from ..grid.jobs import Settings
from ..grid.models import ModelSpec
from ..grid.prompts import Prompts
from .embeddings import Vectors
from .encode import Encoder


class CellEncoder(AbsEncoder):  # type: ignore[misc]  # mteb ships no type information
    """A model's encoder with a prompt of its own, its vectors cut and stored in fewer bits.

    What is scored are the numbers that the stored codes stand for, in the model's own similarity: of int8 the middle of each of 256 steps between
    the least and the greatest of a dimension among the texts of a call (sentence-transformers' ranges), of binary -1 and 1, whose cosine is 1 less
    twice the share of bits that differ.

    Parameters
    ----------
    whole : Encoder
        Whose cache serves all cells and prompts of the model.
    cell : Cell
    meta : mteb.ModelMeta
    prompts : Prompts, optional
        Default: those of `whole`.

    Raises
    ------
    InputError
        If the model has fewer dimensions than the cell.
    """

    def __init__(self, whole: Encoder, cell: Cell, meta: Any, prompts: Prompts | None = None) -> None:
        width = whole.model.get_embedding_dimension()
        if cell.dims is not None and width is not None and cell.dims > width:
            raise too_wide(cell.dims, whole.mteb_model_meta.name, width)
        self.whole, self.cell, self.model = whole, cell, whole.model
        self.prompts = prompts or whole.prompts
        self.content, self.weights = whole.content, whole.weights
        self.mteb_model_meta = meta

    def similarity(self, embeddings1: Any, embeddings2: Any) -> Any:
        """Return the model's own similarity of all pairs."""
        return self.whole.similarity(embeddings1, embeddings2)

    def encode(self, inputs: Any, *, task_metadata: Any, prompt_type: Any = None, **_: Any) -> Vectors:
        """Encode the texts of an mteb data loader, or take them from the cell or prompt that did before.

        Returns
        -------
        ndarray of float32, shape (n_texts, dims)
        """
        return stored(self.whole.encode_with(self.prompts, inputs, task_metadata, prompt_type), self.cell)

    def close(self) -> None:
        """Nothing of its own to close."""


def stored(vectors: Vectors, cell: Cell) -> Vectors:
    """The numbers that stored vectors stand for.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n_texts, dimension)
    cell : Cell

    Returns
    -------
    ndarray of float32, shape (n_texts, dims)

    Examples
    --------
    >>> stored(np.array([[.3, -.2, .1]], dtype=np.float32), Cell(2, "binary")).tolist()
    [[1.0, -1.0]]
    """
    cut = vectors if cell.dims is None else vectors[:, : cell.dims]
    if cell.precision == "float32" or not len(cut):
        return cut
    if cell.precision == "float16":
        return np.asarray(cut.astype(np.float16), dtype=np.float32)
    from sentence_transformers.util.quantization import quantize_embeddings

    if cell.precision == "binary":
        bits = np.unpackbits(np.asarray(quantize_embeddings(cut, "ubinary")), axis=-1)[:, : cut.shape[1]]
        return np.asarray(2 * bits.astype(np.float32) - 1)
    low, high = cut.min(axis=0), cut.max(axis=0)
    alike = high <= low  # one text, or a dimension that does not vary: a range that holds it in any case
    reach = np.abs(cut).max() or np.float32(1)
    ranges = np.stack([np.where(alike, -reach, low), np.where(alike, reach, high)]).astype(np.float32)
    codes = np.asarray(quantize_embeddings(cut, "int8", ranges=ranges)).astype(np.float32) + 128
    return np.asarray(
        ranges[0] + (codes + np.float32(0.5)) * (ranges[1] - ranges[0]) / np.float32(255), dtype=np.float32
    )


class Cells:
    """The encoders of all cells and prompts of one model, around one model and one cache.

    Parameters
    ----------
    specs : sequence of ModelSpec
        Cells or prompts of one model.
    settings : Settings
    on_texts : callable, optional
        Called with numbers of texts as they are encoded or found.
    """

    def __init__(
        self, specs: Sequence[ModelSpec], settings: Settings, on_texts: Callable[[int], None] | None = None
    ) -> None:
        from .load_encoder import load_encoder

        self._whole = load_encoder(specs[0].whole, settings, on_texts=on_texts)
        self.members = {spec: in_cell(self._whole, spec) for spec in specs}
        self.ahead: Any = ()  # as of models that share passes; here the cache alone serves the others

    def close(self) -> None:
        """Let the model go."""
        self._whole.close()


def in_cell(whole: Any, spec: ModelSpec) -> Any:
    """A model's encoder as that of one of its cells, or with one of its prompts.

    Raises
    ------
    InputError
        If the model encodes with code of its own.
    """
    if spec.name == spec.whole.name:
        return whole
    if not isinstance(whole, Encoder):
        raise InputError(
            f"{spec.name}: a model that encodes with its own code makes its vectors in its own way: leave out dims, precision and "
            "prompts for it"
        )
    cell = spec.cell or Cell()
    update = {"name": spec.name, **({"embed_dim": cell.dims} if cell.dims else {})}
    meta = whole.mteb_model_meta.model_copy(update=update)
    return CellEncoder(whole, cell, meta, spec.prompt.prompts if spec.prompt else None)
