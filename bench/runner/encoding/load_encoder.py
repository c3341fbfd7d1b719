"""Load a resolved model as an mteb encoder."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from stats.common.errors import InputError

from ..grid.jobs import Settings, known_dtype
from ..grid.models import ModelSpec
from .checkpoint import Loaded, check_weights, shapes_named, watching
from .embeddings import EmbeddingCache
from .trust import foreign_code


def load_encoder(spec: ModelSpec, settings: Settings, *, on_texts: Callable[[int], None] | None = None) -> Any:
    """Load a model and wrap it as mteb wants it.

    Parameters
    ----------
    spec : ModelSpec
    settings : Settings
    on_texts : callable, optional
        Called with numbers of texts as they are encoded, where the model allows it.

    Returns
    -------
    object
        With mteb's ``encode``, ``similarity``, ``similarity_pairwise`` and ``mteb_model_meta``.
    """
    if spec.of_grid:
        from .cells import in_cell

        return in_cell(load_encoder(spec.whole, settings, on_texts=on_texts), spec)
    set_threads(settings.threads)
    by_mteb = spec.kind in ("registry", "object")
    with (
        foreign_code(settings.trust_remote_code and by_mteb, spec.name),
        watching(settings.seed) as loaded,
        shapes_named(loaded, spec.name),
    ):
        if by_mteb:
            encoder = _from_mteb(spec, settings, on_texts)
            model = getattr(encoder, "model", None)
        else:
            devices = settings.devices
            model = _sentence_transformer(spec, devices[0] if devices else None, settings.dtype)
            encoder = _wrap(model, meta_of(spec, model), settings, on_texts, spec.content)
    _check(encoder, model, loaded, spec, settings)
    return encoder


def _check(encoder: Any, model: Any, loaded: Loaded, spec: ModelSpec, settings: Settings) -> None:
    from sentence_transformers import SentenceTransformer

    from bench.variants.weights import merge_adapters

    if isinstance(model, SentenceTransformer):
        encoder.weights = check_weights(model, loaded, spec.name, allow=settings.allow_missing_weights)
        if spec.kind not in ("registry", "object"):
            merge_adapters(model)
    elif names := sorted({n for _, missing, other, _ in loaded.reports for n in (*missing, *other)}):
        # A model with code of its own: whether a vector passes through them is its secret.
        encoder.weights = {"undetermined": names}


def set_threads(threads: int | None) -> None:
    """Let torch use so many threads; None leaves it as it is."""
    if threads is not None:
        import torch

        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)


def _sentence_transformer(spec: ModelSpec, device: str | None, dtype: str) -> Any:
    from bench import build_variant, load_model

    precision = precision_of(device, dtype)
    if spec.kind == "variant":
        variant, _, base = str(spec.source).partition("@")
        return build_variant(base, variant, device=device, dtype=precision)
    revision = spec.revision if spec.kind == "hub" else None
    return load_model(str(spec.source), device=device, dtype=precision, revision=revision)


def precision_of(device: str | None, dtype: str) -> str:
    """The numbers to compute in; ``auto`` is bfloat16 on an accelerator that has it, else float32."""
    if known_dtype(dtype) != "auto":
        return dtype
    import torch

    on_gpu = device.startswith("cuda") if device else torch.cuda.is_available()
    return "bfloat16" if on_gpu and torch.cuda.is_available() and torch.cuda.is_bf16_supported() else "float32"


def resolved(settings: Settings, gpus_per_job: float | None = None) -> Settings:
    """The settings with ``auto`` resolved: no two machines may mean different numbers by one word.

    Parameters
    ----------
    settings : Settings
    gpus_per_job : float, optional
        On a cluster, whose devices are not known here: a job with an accelerator computes in bfloat16, one without in
        float32, and a worker that cannot refuses.

    Returns
    -------
    Settings
    """
    import torch

    if gpus_per_job is not None:
        device = "cuda" if gpus_per_job else "cpu"
        dtype = settings.dtype if settings.dtype != "auto" else "bfloat16" if gpus_per_job else "float32"
    else:
        first = settings.devices[0] if settings.devices else None
        device = torch.device(first).type if first else "cuda" if torch.cuda.is_available() else "cpu"
        dtype = precision_of(first, settings.dtype)
    return replace(settings, dtype=dtype, kind_of_device=device)


def computed_with(encoder: Any) -> dict[str, str]:
    """What a loaded model computes with: ``dtype``, ``attention``, ``device``; only what it tells."""
    from torch import nn
    from transformers import PreTrainedModel

    found: dict[str, str] = {}
    model = encoder if isinstance(encoder, nn.Module) else getattr(encoder, "model", None)
    if not isinstance(model, nn.Module):
        return found
    if (parameter := next(model.parameters(), None)) is not None:
        found |= {"dtype": str(parameter.dtype).removeprefix("torch."), "device": parameter.device.type}
    inner = next((m for m in model.modules() if isinstance(m, PreTrainedModel)), None)
    if inner is not None:
        found["attention"] = str(getattr(inner.config, "_attn_implementation", "") or "")
    return found


def _from_mteb(spec: ModelSpec, settings: Settings, on_texts: Callable[[int], None] | None) -> Any:
    """Load by mteb; a plain sentence-transformers wrapper is exchanged for our own encoder, others stay."""
    import mteb
    from mteb.models.model_meta import ModelMeta
    from mteb.models.sentence_transformer_wrapper import SentenceTransformerEncoderWrapper

    device = settings.devices[0] if settings.devices else None
    model = spec.source
    if spec.kind == "registry":
        model = mteb.get_model_meta(spec.source).load_model(device=device)
    elif isinstance(model, ModelMeta):
        model = model.load_model(device=device)
    if type(model) is SentenceTransformerEncoderWrapper:
        if model.model_prompts:
            model.model.prompts = model.model_prompts
        return _wrap(model.model, model.mteb_model_meta, settings, on_texts, spec.content)
    if settings.prompts.mode != "model" and not hasattr(model, "prompts"):
        raise InputError(f"{spec.name} encodes with its own code and sets its own prompts: leave prompt out for it")
    return model


def _wrap(model: Any, meta: Any, settings: Settings, on_texts: Callable[[int], None] | None, content: str = "") -> Any:
    from .encode import Encoder

    return Encoder(
        model,
        meta,
        prompts=settings.prompts,
        batch_tokens=settings.batch_tokens,
        cache=EmbeddingCache(settings.cache_bytes, settings.cache_folder),
        devices=settings.devices,
        on_texts=on_texts,
        content=content,
    )


def meta_of(spec: ModelSpec, model: Any) -> Any:
    """What mteb is told of a model that it does not know."""
    from mteb.models.model_meta import ModelMeta

    similarity = str(getattr(model, "similarity_fn_name", None) or "cosine")
    return ModelMeta.create_empty(
        overwrites={
            "name": spec.name,
            "revision": spec.revision,
            "loader": load_encoder,
            "n_parameters": sum(p.numel() for p in model.parameters()),
            "max_tokens": model.max_seq_length,
            "embed_dim": model.get_embedding_dimension(),
            "similarity_fn_name": ModelMeta._validate_similarity_fn_name(similarity),
            "framework": ["Sentence Transformers", "PyTorch"],
            "modalities": ["text"],
        }
    )
