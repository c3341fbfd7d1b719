"""The modules of an exported model whose attention or pooling no standard module has.

The exporter writes this file, and those that it imports from here, as one file beside the weights (`code`): what loads there is
what is tested here. It needs torch, transformers and sentence-transformers alone.
"""

import json
from pathlib import Path
from typing import Any

from sentence_transformers.base.modules import Module, Transformer
from torch import nn

from ..attentions import TEXT, check_attention, configure, find_attention, prefix_mask
from ..compression import KEPT, compress
from ..context import ContextEncoder, prepend
from ..inputs import TextReader
from ..pooling.heads import LatentQueryHead, LayerQueryHead, TokenQueryHead
from ..pooling.reductions import (
    AttentionPooling,
    FirstAndLast,
    FirstToken,
    LastFourLayers,
    LastToken,
    LateChunks,
    LayerMix,
    Max,
    Mean,
    ProjectedMean,
    WeightedMean,
    pool_features,
)
from ..pooling.shape import HeadShape
from ..pooling.taps import decoder_layers, reducer, tapped

#: Every pooling that an exported model can have, by the name of its class.
HEADS: dict[str, Any] = {
    head.__name__: head
    for head in (
        *(LastToken, FirstToken, Mean, WeightedMean, Max, AttentionPooling, ProjectedMean, LayerMix, LastFourLayers),
        *(LatentQueryHead, LayerQueryHead, TokenQueryHead, LateChunks, FirstAndLast),
    )
}


class ExportedDecoder(Transformer):  # type: ignore[misc]  # sentence-transformers ships no types
    """A decoder with merged weights that attends, reads its texts and hands on its layers as it did where it was trained."""

    settings_file = "embsig_decoder.json"
    context_file = "context.safetensors"
    save_in_root = True

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> "ExportedDecoder":
        """Read a folder or a repository of the hub."""
        where = {k: kwargs[k] for k in ("token", "cache_folder", "revision", "local_files_only") if k in kwargs}
        settings = cls.load_config(model_name_or_path, subfolder=subfolder, config_filename=cls.settings_file, **where)
        module: ExportedDecoder = super().load(model_name_or_path, subfolder=subfolder, **kwargs)
        module.configured(settings)
        if module.context is not None:
            from safetensors.torch import load_file

            path = cls.load_file_path(model_name_or_path, cls.context_file, subfolder=subfolder, **where)
            module.context.load_state_dict(load_file(str(path)))
        return module

    def _load_config(self, model_name_or_path: str, backend: str, config_kwargs: dict[str, Any]) -> tuple[Any, bool]:
        """Give the configuration of an adapter's base the attention that the adapter was trained with; merged weights have it."""
        config, is_peft = super()._load_config(model_name_or_path, backend, config_kwargs)
        if is_peft:
            where = {
                k: v for k, v in config_kwargs.items() if k in ("token", "cache_dir", "revision", "local_files_only")
            }
            if "cache_dir" in where:
                where["cache_folder"] = where.pop("cache_dir")
            settings = self.load_config(model_name_or_path, config_filename=self.settings_file, **where)
            configure(config, settings["attention"])
        return config, is_peft

    def configured(self, settings: dict[str, Any]) -> "ExportedDecoder":
        """Take the settings, and refuse a version of transformers in which the attention is not what it was."""
        self.settings = dict(settings)
        self.attention: str = settings["attention"]
        self.layer_source: str | None = settings["layer_source"]
        named = ("padding_side", "append_eos", "echo", "text_only", "landmarks")
        self.reader = TextReader(**{name: settings[name] for name in named if name in settings})
        self.compression: float = settings.get("compression", 1.0)
        self.tokenizer.padding_side = self.reader.padding_side
        self.max_seq_length = settings["max_length"]
        self.context: ContextEncoder | None = None
        check_attention(self)  # before there is a contextual token, by which every token knows the whole text
        if "context" in settings:
            self.context = ContextEncoder(HeadShape(**settings["context"]))
        return self

    def preprocess(self, inputs: Any, prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Return ``input_ids``, ``attention_mask`` and ``segments``, each (batch, n), for a list of texts."""
        if not len(inputs):
            return {}
        limit = min(self.max_seq_length, kwargs.get("max_length") or self.max_seq_length) - (self.context is not None)
        return dict(self.reader(self.tokenizer, inputs, prompt or "", limit))

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Add ``token_embeddings``, ``pooled_tokens`` and, if the pooling reads them, ``layer_embeddings``."""
        mask, segments = features["attention_mask"], features["segments"]
        given = {"input_ids": features["input_ids"]}
        own_mask = find_attention(self.attention).own_mask
        embeddings: Any = None
        if own_mask or self.compression < 1 or self.context is not None:
            embeddings = self.model.get_input_embeddings()(features["input_ids"])
        if self.compression < 1 and mask.shape[1] > KEPT:
            embeddings, mask, segments = compress(embeddings, mask, segments, self.compression)
            features |= {"attention_mask": mask, "segments": segments}
            given = {"inputs_embeds": embeddings}
        if self.context is not None:
            token = self.context(embeddings.to(self.context.out.weight.dtype), mask.bool())
            embeddings, mask, segments = prepend(token, embeddings, mask, segments, TEXT)
            features |= {"attention_mask": mask, "segments": segments}
            given = {"inputs_embeds": embeddings}
        features["pooled_tokens"] = pooled = self.reader.pooled(mask, segments)
        seen: Any = prefix_mask(self.config.get_text_config(), embeddings, mask, segments) if own_mask else mask
        if self.layer_source is None:
            features["token_embeddings"] = self._states(given, seen)
            return features
        layers = decoder_layers(self.model, int(self.config.get_text_config().num_hidden_layers))
        with tapped(layers, reducer(self.layer_source, pooled)) as stack:
            features["token_embeddings"] = states = self._states(given, seen)
            features["layer_embeddings"] = stack(states)
        return features

    def _states(self, given: dict[str, Any], mask: Any) -> Any:
        return self.model(**given, attention_mask=mask, use_cache=False, return_dict=True).last_hidden_state

    def save(self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any) -> None:
        """Write weights, tokenizer and settings."""
        super().save(output_path, *args, safe_serialization=safe_serialization, **kwargs)
        path = Path(output_path, self.settings_file)
        path.write_text(json.dumps(self.settings, indent=2) + "\n", encoding="utf-8")
        if self.context is not None:
            from safetensors.torch import save_file

            save_file(self.context.state_dict(), Path(output_path, self.context_file))


class ExportedPooling(Module):  # type: ignore[misc]  # sentence-transformers ships no types
    """The pooling of an exported model."""

    config_file_name = "embsig_pooling.json"

    def __init__(self, head: str, reads: str, source: str, shape: dict[str, Any]) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {"head": head, "reads": reads, "source": source, "shape": dict(shape)}
        self.reads, self.source = reads, source
        self.head: nn.Module = HEADS[head](HeadShape(**shape))

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Add ``sentence_embedding``, (batch, hidden)."""
        features["sentence_embedding"] = pool_features(self.head, self.reads, self.source, features)
        return features

    def get_embedding_dimension(self) -> int:
        """Return the width of the vectors."""
        return int(self.settings["shape"]["hidden_size"]) * int(getattr(self.head, "parts", 1))

    def get_config_dict(self) -> dict[str, Any]:
        """Return what is written to the module's file."""
        return dict(self.settings)

    def save(self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any) -> None:
        """Write settings and weights."""
        self.save_config(output_path)
        if self.head.state_dict():
            self.save_torch_weights(output_path, safe_serialization=safe_serialization)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> "ExportedPooling":
        """Read a folder or a repository of the hub."""
        where = {k: kwargs[k] for k in ("token", "cache_folder", "revision", "local_files_only") if k in kwargs}
        module = cls(**cls.load_config(model_name_or_path, subfolder=subfolder, **where))
        if module.head.state_dict():
            cls.load_torch_weights(model_name_or_path, subfolder=subfolder, model=module, **where)
        return module
