"""Which models to run: each resolved to a name, a revision and a recipe for loading it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stats.common.errors import InputError, did_you_mean

from ..task_data.hashing import content_hash, model_files

#: Folder names that say nothing: the parent's name is put before them.
_VAGUE = {"model", "final", "output", "best", "0_transformer", "snapshot", "weights"}


@dataclass(frozen=True)
class ModelSpec:
    """A model by name and revision, and how to load it.

    Attributes
    ----------
    name : str
        ``organisation/name``; ``local/...`` for a folder, ``embsig/...`` for an untrained variant.
    revision : str
        A commit of the hub, or a hash of the content: no two models share name and revision.
    kind : {"folder", "variant", "registry", "hub", "object"}
        How it is loaded.
    source : Any
        The folder, ``VARIANT@BASE``, the registered name, or the object.
    """

    name: str
    revision: str
    kind: str
    source: Any = field(compare=False)

    @property
    def folder_name(self) -> str:
        """The name as a folder name, as mteb writes it."""
        return self.name.replace("/", "__").replace(" ", "_")


def resolve_models(models: Iterable[Any]) -> list[ModelSpec]:
    """Return the models asked for, each once.

    Parameters
    ----------
    models : iterable of str, path or object
        A folder (``NAME=FOLDER`` to give it a name), ``VARIANT`` or ``VARIANT@BASE``, a name in mteb's registry, a
        name on the hub, an `mteb.ModelMeta`, or an object with mteb's ``encode`` and ``mteb_model_meta``.

    Raises
    ------
    InputError
        If a folder is missing or no model, or a name is unknown (the nearest ones are suggested).
    """
    specs: dict[tuple[str, str], ModelSpec] = {}
    for model in models:
        spec = _resolve(model)
        specs[spec.name, spec.revision] = spec
    if not specs:
        raise InputError("no model to run: give a folder, a variant or the name of a model")
    return _distinct(list(specs.values()))


def _distinct(specs: list[ModelSpec]) -> list[ModelSpec]:
    """Tell folders of one name apart by the folder above, else by the revision."""
    names = [s.name for s in specs]
    out: list[ModelSpec] = []
    for spec in specs:
        if names.count(spec.name) > 1:
            if spec.kind == "folder":
                spec = replace(
                    spec, name=f"{spec.name.split('/')[0]}/{Path(spec.source).parent.name}-{Path(spec.source).name}"
                )
            if spec.name in {s.name for s in out} or spec.name in names:
                spec = replace(spec, name=f"{spec.name}-{spec.revision[:8]}")
        out.append(spec)
    return out


def _resolve(model: Any) -> ModelSpec:
    if isinstance(model, ModelSpec):
        return model
    if isinstance(model, Path):
        return _folder(model, None)
    if not isinstance(model, str):
        return _object(model)
    name, equals, place = model.partition("=")
    if equals and not Path(model).exists():
        return _folder(Path(place), name)
    if Path(model).expanduser().is_dir():
        return _folder(Path(model), None)
    if variant := _variant(model):
        return variant
    return _registered(model)


def _folder(path: Path, name: str | None) -> ModelSpec:
    folder = path.expanduser().resolve()
    if not folder.is_dir():
        raise InputError(f"no folder {path}: expected a model folder, a variant or the name of a model")
    if not any((folder / f).is_file() for f in ("modules.json", "config.json", "config_sentence_transformers.json")):
        raise InputError(
            f"{path} is no model folder: expected modules.json or config.json, as sentence-transformers or embsig train write"
        )
    revision = content_hash(folder, model_files(folder))[:16]
    if name is None:
        own = folder.name
        if own.lower() in _VAGUE or own.startswith("checkpoint-"):
            own = f"{folder.parent.name}-{own}"
        name = f"local/{own}"
    return ModelSpec(name if "/" in name else f"local/{name}", revision, "folder", str(folder))


def _variant(text: str) -> ModelSpec | None:
    from bench import VARIANTS

    variant, _, base = text.partition("@")
    if variant not in VARIANTS:
        return None
    from bench.variants.base import EMBEDDED, resolve_base

    reference, _ = resolve_base(base or EMBEDDED)
    spec = VARIANTS[variant]
    identity = json.dumps([repr(spec), reference.sha256])
    return ModelSpec(
        f"embsig/{variant}" if not base else f"embsig/{variant}@{Path(base).name}",
        hashlib.sha256(identity.encode()).hexdigest()[:16],
        "variant",
        f"{variant}@{base or EMBEDDED}",
    )


def _registered(name: str) -> ModelSpec:
    from mteb.models.model_implementations import MODEL_REGISTRY

    from bench import VARIANTS

    if name in MODEL_REGISTRY:
        meta = MODEL_REGISTRY[name]
        return ModelSpec(name, str(meta.revision or "no_revision_available"), "registry", name)
    if name.startswith((".", "/", "~")) or name.count("/") > 1 or name.endswith("/"):
        raise InputError(f"no folder {name}: expected a model folder, a variant or the name of a model")
    if name.count("/") == 1:
        return _hub(name, list(MODEL_REGISTRY))
    raise InputError(f"unknown model {name!r}{_nearest(name, [*VARIANTS, *MODEL_REGISTRY])}")


def _hub(name: str, known: list[str]) -> ModelSpec:
    from huggingface_hub import HfApi, constants, try_to_load_from_cache

    name, _, wanted = name.partition("@")
    cached = try_to_load_from_cache(name, "config.json", revision=wanted or None)
    if isinstance(cached, str):
        return ModelSpec(name, Path(cached).parent.name, "hub", name)
    if not constants.HF_HUB_OFFLINE:
        try:
            found = HfApi().model_info(name, revision=wanted or None, timeout=20)
            return ModelSpec(name, str(found.sha), "hub", name)
        except Exception as error:
            raise InputError(
                f"model {name!r} is no folder, and the hub gives {' '.join(str(error).split())[:120]}{_nearest(name, known)}"
            ) from error
    raise InputError(
        f"model {name!r} is no folder, not in mteb's registry and not in the local hub cache (offline){_nearest(name, known)}"
    )


def _object(model: Any) -> ModelSpec:
    from mteb.models.model_meta import ModelMeta

    meta = model if isinstance(model, ModelMeta) else getattr(model, "mteb_model_meta", None)
    if not isinstance(meta, ModelMeta) or meta.name is None or meta.name == "no_model_name/available":
        raise InputError(
            f"got a model of type {type(model).__name__}: expected a folder, a name, an mteb.ModelMeta, or an encoder whose "
            "mteb_model_meta has a name and a revision"
        )
    return ModelSpec(meta.name, str(meta.revision or "no_revision_available"), "object", model)


def _nearest(name: str, known: Iterable[str]) -> str:
    return did_you_mean(name, known) or "; expected a folder, a variant or a model name"
