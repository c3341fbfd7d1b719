"""The first module of a variant: a decoder, its tokenizer, its attention, and the adapter trained on it."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from sentence_transformers.base.modules import Transformer
from torch import Tensor
from transformers.utils import logging

from stats.common.errors import InputError

from .attentions import TEXT, check_attention, configure, find_attention, prefix_mask, soft_mask
from .base import BaseReference, read_config
from .compression import KEPT, check_share, compress
from .context import ContextEncoder, prepend
from .depth import Depths, cut, final_norm
from .folder_checks import refuse_too_deep
from .inputs import TextReader
from .pooling.shape import HeadShape
from .pooling.taps import decoder_layers, reducer, tapped
from .weights import CONTEXT_FILE, four_bits, read_adapter, read_tensors, write_adapter, write_tensors

#: The file of the decoder's own settings in a saved variant.
CONFIG_FILE = "decoder.json"

#: Version of that file and of what it stands for; older ones load.
SCHEMA = 1


class Decoder(Transformer):  # type: ignore[misc]  # sentence-transformers ships no types
    """A decoder as the input module of a sentence-transformers model.

    It adds to `sentence_transformers.base.modules.Transformer`: the attention as part of the saved configuration,
    verified whenever a model is made; an EOS that survives truncation; padding recognised by mask; one vector per layer
    for the poolings that want it; and saving as adapter plus reference, so that the base is never copied.

    Parameters
    ----------
    folder : str or path
        The folder of the base model.
    base : BaseReference
        What is kept of it when the module is saved.
    attention : str
        A name in `ATTENTIONS`.
    layer_source : {"eos", "mean"}, optional
        How each layer is reduced to a vector; None keeps no layers.
    reader : TextReader
        How texts become token ids.
    max_length : int
        Tokens per text at most, the EOS included.
    compression : float
        Share of a text's tokens beyond the first 80 that is left when neighbours are averaged before the first layer; 1 for all.
    context : HeadShape, optional
        Size of the encoder that makes a contextual token before the text (`ContextEncoder`); None for no such token.
    dtype, attn_implementation : str, optional
        As in transformers. The default dtype is float32 without an accelerator, and the checkpoint's with one.
    quantize : {"nf4"}, optional
        Keep the base's projections in four bits (Dettmers et al. 2023); needs bitsandbytes, and is not saved.
    check : bool
        Whether to probe the attention; see `check_attention`.

    Raises
    ------
    InputError
        If the base is not a decoder, has no tokenizer, or does not attend as asked.
    """

    save_in_root = True

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        base: BaseReference,
        attention: str = "causal",
        layer_source: str | None = None,
        reader: TextReader | None = None,
        max_length: int = 512,
        compression: float = 1.0,
        context: HeadShape | None = None,
        dtype: str | None = None,
        attn_implementation: str | None = None,
        quantize: str | None = None,
        check: bool = True,
    ) -> None:
        if max_length < 2:
            raise InputError(f"max_length={max_length} leaves no room for a text; give at least 2 tokens")
        check_share(compression)
        find_attention(attention)
        read_config(Path(folder))
        refuse_too_deep(Path(folder))
        self.base = base
        self.attention = attention
        self.layer_source: str | tuple[str, ...] | None = layer_source
        self.reader = reader or TextReader()
        self.compression = compression
        #: How much tokens ahead count while a bidirectional model is trained; see `soft_mask`. None for as much as the others.
        self.openness: float | None = None
        #: Of how many layers it has been left; 0 for all of the base's.
        self.layers_kept = 0
        #: The dtype in which the adapter is written, or None for the one it has.
        self.save_dtype: str | None = None
        #: The module's whole state while a model spread over devices is saved.
        self.gathered: dict[str, Tensor] | None = None
        model_kwargs: dict[str, Any] = {
            "dtype": dtype or ("auto" if torch.accelerator.is_available() else "float32"),
            "use_safetensors": True,
        }
        if attn_implementation is not None:
            model_kwargs["attn_implementation"] = attn_implementation
        if quantize:
            model_kwargs["quantization_config"] = four_bits(quantize)
        try:
            with no_bars():
                super().__init__(
                    os.fspath(folder),
                    model_kwargs=model_kwargs,
                    modality_config={"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
                    module_output_name="token_embeddings",
                    unpad_inputs=False,
                )
        except InputError:
            raise
        except (OSError, ValueError, KeyError) as error:
            what = "tokenizer" if "tokenizer" in str(error).lower() or "processor" in str(error).lower() else "model"
            raise InputError(
                f"the {what} of base {Path(folder).name!r} cannot be loaded: {' '.join(str(error).split())[:200]}"
            ) from error
        if self.tokenizer is None or not self.tokenizer.is_fast:
            raise InputError(
                f"base {Path(folder).name!r} has no fast tokenizer; save one with its tokenizer.json beside the weights"
            )
        self.max_seq_length = min(
            max_length, getattr(self.config.get_text_config(), "max_position_embeddings", max_length)
        )
        self.tokenizer.padding_side = self.reader.padding_side
        #: Set after the probe: by the contextual token every token knows the whole text, whatever the decoder attends to.
        self.context: ContextEncoder | None = None
        self.context_shape = context
        if check:
            check_attention(self)
        if context is not None:
            self.context = ContextEncoder(context)

    def _load_config(self, *args: Any, **kwargs: Any) -> tuple[Any, bool]:
        config, is_peft = super()._load_config(*args, **kwargs)
        configure(config, self.attention)
        return config, is_peft

    @property
    def layer_count(self) -> int:
        """Number of layers, the embedding layer not counted."""
        return int(self.config.get_text_config().num_hidden_layers)

    @property
    def has_adapter(self) -> bool:
        """Whether a LoRA adapter is in place."""
        return bool(getattr(self.model, "_hf_peft_config_loaded", False))

    def preprocess(self, inputs: Any, prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Return ``input_ids``, ``attention_mask`` and ``segments``, each (batch, n), for a list of texts."""
        if not len(inputs):
            return {}
        limit = min(self.max_seq_length, kwargs.get("max_length") or self.max_seq_length) - (self.context is not None)
        features = self.reader(self.tokenizer, inputs, prompt or "", limit)
        highest, known = int(features["input_ids"].max()), self.model.get_input_embeddings().num_embeddings
        if highest >= known:
            raise InputError(
                f"the tokenizer gave the id {highest}, but base {Path(self.base.name).name!r} has {known} embeddings; "
                "they do not belong together"
            )
        return dict(features)

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Run the decoder on a batch.

        It adds ``token_embeddings`` (batch, n, hidden), ``pooled_tokens`` (batch, n) and, if layers are wanted,
        ``layer_embeddings`` (batch, layers, hidden).
        """
        given = self._given(features)
        mask = features["attention_mask"]
        features["pooled_tokens"] = pooled = self.reader.pooled(mask, features.get("segments"))
        seen = self._seen(given, features)
        if self.layer_source is None:
            output = self._output(given, seen)
            states = output.last_hidden_state
            if self.training and output.get("hidden_states") is not None:  # the loss over several depths asks for them
                norm = final_norm(self.model, self.layer_count)
                features["all_layer_embeddings"] = Depths(output.hidden_states[1:-1], norm, states)
        else:
            layers = decoder_layers(self.model, self.layer_count)
            with tapped(layers, reducer(self.layer_source, pooled)) as stack:
                states = self._output(given, seen).last_hidden_state
                features["layer_embeddings"] = stack(states)
        features["token_embeddings"] = states
        return features

    def _given(self, features: dict[str, Any]) -> dict[str, Tensor]:
        """What the first layer reads: the ids, or embeddings of which fewer or one more have been made."""
        mask, segments = features["attention_mask"], features.get("segments")
        compressed = self.compression < 1 and segments is not None and mask.shape[1] > KEPT
        if not compressed and self.context is None:
            return {"input_ids": features["input_ids"]}
        embeddings = self.model.get_input_embeddings()(features["input_ids"])
        segments = mask * TEXT if segments is None else segments
        if compressed:
            embeddings, mask, segments = compress(embeddings, mask, segments, self.compression)
        if self.context is not None:
            token = self.context(embeddings.to(self.context.out.weight.dtype), mask.bool())
            embeddings, mask, segments = prepend(token, embeddings, mask, segments, TEXT)
        features |= {"attention_mask": mask, "segments": segments}
        return {"inputs_embeds": embeddings}

    def _seen(self, given: dict[str, Tensor], features: dict[str, Any]) -> Any:
        """The mask: of padding alone, or embsig's own of what a token may see."""
        mask, own = features["attention_mask"], find_attention(self.attention).own_mask
        if not own and not (self.training and self.openness is not None):
            return mask
        embeddings = given.get("inputs_embeds")
        if embeddings is None:
            embeddings = self.model.get_input_embeddings()(features["input_ids"])
        config = self.config.get_text_config()
        if own:
            return prefix_mask(config, embeddings, mask, features["segments"])
        return soft_mask(config, embeddings, mask, float(self.openness or 0))

    def _output(self, given: dict[str, Tensor], mask: Any) -> Any:
        return self.model(**given, attention_mask=mask, use_cache=False, return_dict=True)

    def keep_layers(self, layers: int) -> None:
        """Take away all layers behind the first so many, as a model trained with ``matryoshka_layers`` allows.

        Raises
        ------
        InputError
            If there are not that many, or the pooling reads every layer.
        """
        if self.layer_source is not None:
            raise InputError("the pooling of this model reads every layer: it cannot do with fewer; leave layers out")
        cut(self.model, self.config.get_text_config(), layers)
        self.layers_kept = layers

    def get_config_dict(self) -> dict[str, Any]:
        """Return what is written to the module's file."""
        design = {name: value for name, value, none in self._of_some() if value != none}
        return {
            "schema": SCHEMA,
            "attention": self.attention,
            "layer_source": self.layer_source,
            "padding_side": self.reader.padding_side,
            "append_eos": self.reader.append_eos,
            "echo": self.reader.echo,
            "text_only": self.reader.text_only,
            "max_length": self.max_seq_length,
            **design,
            **({} if self.context_shape is None else {"context": asdict(self.context_shape)}),
            "base": self.base.to_dict(),
        }

    def _of_some(self) -> list[tuple[str, float, float]]:
        """Settings that most variants lack, and so their files: name, value, and the value of those that lack it."""
        return [
            ("landmarks", self.reader.landmarks, 0),
            ("compression", self.compression, 1.0),
            ("layers", self.layers_kept, 0),
        ]

    def save(self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any) -> None:
        """Write the settings and the adapter to a folder; of the base, only the reference."""
        folder = Path(output_path)
        folder.mkdir(parents=True, exist_ok=True)
        base = self.base.seen_from(folder)
        config = {**self.get_config_dict(), "base": base.to_dict()}
        (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        if self.has_adapter:
            state = None if self.gathered is None else _part(self.gathered, "model.")
            write_adapter(self.model, folder, base.name, self.save_dtype, state)
        if self.context is not None:
            state = self.context.state_dict() if self.gathered is None else _part(self.gathered, "context.")
            write_tensors(state, folder / CONTEXT_FILE, self.save_dtype)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> "Decoder":
        """Read a folder written by `save`; the base is found by its reference and checked by its hash.

        ``model_kwargs`` may hold ``dtype`` and ``attn_implementation``, as in sentence-transformers, and ``base``, where the base lies.
        """
        folder = Path(model_name_or_path, subfolder)
        path = folder / CONFIG_FILE
        if not path.is_file():
            raise InputError(f"{str(folder)!r} holds no {CONFIG_FILE}; it was not written by embsig")
        config = json.loads(path.read_text(encoding="utf-8"))
        schema = config.pop("schema", 1)  # models of the first version do not say so
        if schema > SCHEMA:
            raise InputError(f"model {str(folder)!r} has schema {schema}; this version reads {SCHEMA}: update embsig")
        base = BaseReference(**config.pop("base")).from_folder(folder)
        reader = TextReader(
            config.pop("padding_side"),
            config.pop("append_eos"),
            config.pop("echo"),
            config.pop("text_only"),
            config.pop("landmarks", 0),
        )
        options = kwargs.get("model_kwargs") or {}
        chosen = {name: options[name] for name in ("dtype", "attn_implementation") if options.get(name) is not None}
        if options.get("base") is not None:
            base = base.moved(options["base"])
        context = HeadShape(**config.pop("context")) if "context" in config else None
        layers = config.pop("layers", 0)
        module = cls(base.locate(), base=base, reader=reader, context=context, **config, **chosen)
        if layers:  # before its adapter, which has none for the others
            module.keep_layers(layers)
        read_adapter(module.model, folder)
        if module.context is not None:
            read_tensors(module.context, folder / CONTEXT_FILE)
        return module


def _part(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors of a part of a module, by their names within it."""
    return {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}


@contextmanager
def no_bars() -> Iterator[None]:
    """Keep transformers from drawing a bar for every model that is loaded."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
