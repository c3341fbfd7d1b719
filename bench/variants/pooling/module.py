"""The second module of a variant: one of the poolings, as a sentence-transformers module."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from sentence_transformers.base.modules import Module

from bench.variants.weights import HEAD_FILE, read_tensors, write_tensors

from .reductions import pool_features
from .shape import HeadShape
from .table import find_pooling


class VariantPooling(Module):  # type: ignore[misc]  # sentence-transformers ships no types
    """A pooling of `POOLINGS` between the decoder and the normalisation.

    Parameters
    ----------
    pooling : str
        A name in `POOLINGS`.
    source : str, optional
        What it is fed; see `Pooling.sources`.
    shape : HeadShape
        Its size.
    """

    config_file_name = "pooling.json"

    def __init__(self, pooling: str, source: str | None, shape: HeadShape) -> None:
        super().__init__()
        spec = find_pooling(pooling)
        self.pooling, self.reads, self.source, self.shape = pooling, spec.reads, spec.source(source), shape
        self.save_dtype: str | None = None
        #: The module's whole state while a model spread over devices is saved.
        self.gathered: dict[str, torch.Tensor] | None = None
        self.head = spec.build(shape)

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Add ``sentence_embedding``, (batch, hidden)."""
        features["sentence_embedding"] = pool_features(self.head, self.reads, self.source, features)
        return features

    def get_embedding_dimension(self) -> int:
        """Return the width of the vectors."""
        return self.shape.hidden_size * int(getattr(self.head, "parts", 1))

    def get_config_dict(self) -> dict[str, Any]:
        """Return what is written to the module's file."""
        return {"pooling": self.pooling, "source": self.source, "shape": asdict(self.shape)}

    def save(self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any) -> None:
        """Write the settings and, if there are any, the weights."""
        folder = Path(output_path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / self.config_file_name).write_text(
            json.dumps(self.get_config_dict(), indent=2) + "\n", encoding="utf-8"
        )
        state = self.head.state_dict()
        if self.gathered is not None:
            state = {name.removeprefix("head."): tensor for name, tensor in self.gathered.items()}
        if state:
            write_tensors(state, folder / HEAD_FILE, self.save_dtype)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> "VariantPooling":
        """Read a folder written by `save`."""
        folder = Path(model_name_or_path, subfolder)
        config = json.loads((folder / cls.config_file_name).read_text(encoding="utf-8"))
        module = cls(**{**config, "shape": HeadShape(**config["shape"])})
        read_tensors(module.head, folder / HEAD_FILE)
        return module
