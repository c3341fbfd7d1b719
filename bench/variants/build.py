"""Put a variant on a base: decoder, pooling and normalisation as one sentence-transformers model."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .base import read_config, resolve_base
from .pooling.table import head_shape
from .registry import Variant, find_variant

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from .decoder import Decoder


def build_variant(
    base: str | os.PathLike[str],
    variant: str | Variant,
    *,
    fidelity: str = "default",
    latents: int | None = None,
    heads: int | None = None,
    head_dim: int | None = None,
    ff_mult: float | None = None,
    max_length: int = 512,
    padding_side: str = "left",
    append_eos: bool = True,
    text_only: bool = False,
    prompts: Mapping[str, str] | None = None,
    dtype: str | None = None,
    attn_implementation: str | None = None,
    device: str | None = None,
    quantize: str | None = None,
    seed: int = 0,
) -> "SentenceTransformer":
    """Put a variant on a base.

    Parameters
    ----------
    base : str or path
        "embedded", a folder with a decoder and its tokenizer, or a hub repository ``owner/name[@revision]``.
    variant : str or Variant
        A name in `VARIANTS`.
    fidelity : {"default", "paper", "embedded"}
        Size of a trainable head; see `FIDELITIES`. The paper's has over a billion parameters at width 4096.
    latents, heads, head_dim, ff_mult : optional
        Single sizes in place of the fidelity's.
    max_length : int
        Tokens per text at most; a longer text is cut before its EOS.
    padding_side : {"left", "right"}
        Where padding goes; it changes no vector.
    append_eos : bool
        Whether an EOS ends each text.
    text_only : bool
        Whether the tokens of an instruction are left out of the pooling (the paper pools them).
    prompts : mapping, optional
        Instruction by name ("query", "document", or a task), put straight before a text by ``encode(prompt_name=...)``.
    dtype, attn_implementation, device : str, optional
        As in transformers and sentence-transformers. Default dtype: float32 without an accelerator, else the checkpoint's.
    quantize : {"nf4"}, optional
        Keep the base's projections in four bits, to train an adapter on them (QLoRA); needs bitsandbytes. A saved model names the base as it is.
    seed : int
        Seed of the head's weights.

    Returns
    -------
    sentence_transformers.SentenceTransformer
        In evaluation mode; its vectors have length 1.

    Raises
    ------
    InputError
        If the base or the variant is unknown, or the base is not a decoder.

    Examples
    --------
    The base that comes with embsig has 256 dimensions:

    >>> from pathlib import Path
    >>> import bench
    >>> import embsig
    >>> base = Path(bench.__file__).parent / "data" / "base"
    >>> model = embsig.build_variant(base, "model-1")
    >>> tuple(model.encode(["is this difference real?"]).shape)
    (1, 192)
    """
    from .decoder import Decoder
    from .inputs import TextReader
    from .weights import seeded

    spec = find_variant(variant)
    sizes: dict[str, Any] = {"latents": latents, "heads": heads, "head_dim": head_dim, "ff_mult": ff_mult}
    head_shape(1, 1, fidelity, **sizes)
    reference, folder = resolve_base(base)
    context = None
    if spec.context:
        text = read_config(folder).get_text_config()
        context = head_shape(text.hidden_size, text.num_hidden_layers, fidelity, **sizes)
    with seeded(seed):  # of the encoder of a contextual token; nothing else is drawn
        decoder = Decoder(
            folder,
            base=reference,
            attention=spec.attention,
            layer_source=spec.layer_source,
            reader=TextReader(padding_side, append_eos, spec.echo, text_only, spec.landmarks),
            max_length=max_length,
            compression=spec.compression,
            context=context,
            dtype=dtype,
            attn_implementation=attn_implementation,
            quantize=quantize,
        )
    return assemble(decoder, spec, fidelity, sizes, prompts=prompts, device=device, seed=seed)


def assemble(
    decoder: "Decoder",
    variant: Variant,
    fidelity: str = "default",
    sizes: Mapping[str, Any] | None = None,
    *,
    prompts: Mapping[str, str] | None = None,
    device: str | None = None,
    seed: int = 0,
) -> "SentenceTransformer":
    """Put a variant's head and the normalisation on a decoder; parameters as in `build_variant`."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize

    from .pooling.module import VariantPooling
    from .weights import seeded

    shape = head_shape(decoder.get_embedding_dimension(), decoder.layer_count, fidelity, **(sizes or {}))
    with seeded(seed):
        head = VariantPooling(variant.pooling, variant.source, shape)
    model = SentenceTransformer(modules=[decoder, head, Normalize()], device=device, prompts=dict(prompts or {}))
    return model.eval()


def count_parameters(model: "SentenceTransformer") -> dict[str, int]:
    """Return the number of parameters of a variant's base, adapter and head.

    Examples
    --------
    ``count_parameters(build_variant("embedded", "mean+causal"))["head"]`` is 0.
    """
    from .weights import heads

    adapter = {name: p.numel() for name, p in model[0].model.named_parameters() if "lora_" in name}
    everything = sum(p.numel() for p in model[0].model.parameters())
    head = sum(p.numel() for part in heads(model) for p in part.parameters())
    return {"base": everything - sum(adapter.values()), "adapter": sum(adapter.values()), "head": head}
