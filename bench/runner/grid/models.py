"""Which models to run: each resolved to a name, a revision and a recipe for loading it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stats.common.errors import InputError, did_you_mean

from ..identity import attention_of, hub_snapshot, model_revision, state_hash, verified

if TYPE_CHECKING:
    from .cells import Cell
    from .prompt_grid import NamedPrompt

#: Files of which a model folder has one.
_MARKS = ("modules.json", "config.json", "config_sentence_transformers.json", "adapter_config.json")

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
    content : str
        Hash of what the revision does not vouch for: an object's weights, a hub cache of plain files; else ``""``.
    attention : str
        The attention that transformers will choose, where that can be told before loading; else ``""``.
    cell : Cell or None
        Of a grid of dimensions and precisions (`bench.runner.grid.cells`): what becomes of the vectors.
    prompt : NamedPrompt or None
        Of a grid of prompts (`bench.runner.grid.prompt_grid`): what stands before the texts.
    """

    name: str
    revision: str
    kind: str
    source: Any = field(compare=False)
    content: str = ""
    attention: str = field(default="", compare=False)
    cell: "Cell | None" = field(default=None, compare=False)
    prompt: "NamedPrompt | None" = field(default=None, compare=False)

    @property
    def folder_name(self) -> str:
        """The name as a folder name, as mteb writes it."""
        return self.name.replace("/", "__").replace(" ", "_")

    @property
    def asked(self) -> str:
        """The name without the prompt of a grid: all prompts' models share it."""
        return self.name.removesuffix(self.prompt.suffix) if self.prompt else self.name

    @property
    def whole(self) -> "ModelSpec":
        """The model itself, of which this is one cell of a grid, or one prompt."""
        name = self.asked.removesuffix(self.cell.suffix if self.cell else "")
        return replace(self, name=name, cell=None, prompt=None)

    @property
    def of_grid(self) -> bool:
        """Whether it is one of several that share a model's encoding."""
        return self.cell is not None or self.prompt is not None


def distinct(specs: list[ModelSpec], what: str) -> list[ModelSpec]:
    """The models of a grid; InputError if one has the name of another model."""
    names = [spec.name for spec in specs]
    if twice := next((n for n in names if names.count(n) > 1), None):
        raise InputError(
            f"{what} and another model would both be called {twice!r}: rename the model, as in NAME=FOLDER"
        )
    return specs


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
        known = specs.setdefault((spec.name, spec.revision), spec)
        if known.content != spec.content:
            raise InputError(
                f"two models are called {spec.name} in revision {spec.revision}, and their weights differ: give one another name "
                "or revision in its mteb_model_meta"
            )
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
    _refuse_one_folder(out)
    return out


def _refuse_one_folder(specs: list[ModelSpec]) -> None:
    """Names that differ in a slash or a space alone would write over each other's results."""
    places: dict[tuple[str, str], ModelSpec] = {}
    for spec in specs:
        other = places.setdefault((spec.folder_name, spec.revision), spec)
        if other.name != spec.name:
            raise InputError(
                f"the results of {other.name!r} and {spec.name!r} would share one folder ({spec.folder_name}): rename one, "
                "as in NAME=FOLDER"
            )


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
    if not any((folder / f).is_file() for f in _MARKS):
        raise InputError(
            f"{path} is not a model folder: expected modules.json or config.json, as sentence-transformers or embsig train write"
        )
    try:
        revision = model_revision(folder)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error} ({error.filename})") from error
    if name is None:
        own = folder.name
        if own.lower() in _VAGUE or own.startswith("checkpoint-"):
            own = f"{folder.parent.name}-{own}"
        name = f"local/{own}"
    name = name if "/" in name else f"local/{name}"
    return ModelSpec(name, revision, "folder", str(folder), attention=attention_of(folder))


def _variant(text: str) -> ModelSpec | None:
    from bench import VARIANTS

    variant, _, base = text.partition("@")
    if variant not in VARIANTS:
        return None
    from bench.variants.base import EMBEDDED, resolve_base

    _, folder = resolve_base(base or EMBEDDED)
    spec = VARIANTS[variant]
    identity = json.dumps([repr(spec), model_revision(folder)])
    return ModelSpec(
        f"embsig/{variant}" if not base else f"embsig/{variant}@{Path(base).name}",
        hashlib.sha256(identity.encode()).hexdigest()[:16],
        "variant",
        f"{variant}@{base or EMBEDDED}",
        attention=attention_of(folder),
    )


def _registered(name: str) -> ModelSpec:
    from mteb.models.model_implementations import MODEL_REGISTRY

    from bench import VARIANTS

    if name in MODEL_REGISTRY:
        meta = MODEL_REGISTRY[name]
        here = hub_snapshot(name, meta.revision)
        content, attention = ("", "") if here is None else (verified(here), attention_of(here))
        return ModelSpec(name, str(meta.revision or "no_revision_available"), "registry", name, content, attention)
    if name.startswith((".", "/", "~")) or name.count("/") > 1 or name.endswith("/"):
        raise InputError(f"no folder {name}: expected a model folder, a variant or the name of a model")
    if name.count("/") == 1:
        return _hub(name, list(MODEL_REGISTRY))
    raise InputError(f"unknown model {name!r}{_nearest(name, [*VARIANTS, *MODEL_REGISTRY])}")


def _hub(name: str, known: list[str]) -> ModelSpec:
    from huggingface_hub import HfApi, constants

    name, _, wanted = name.partition("@")
    here = hub_snapshot(name, wanted or None)
    if here is not None:
        return ModelSpec(name, here.name, "hub", name, verified(here), attention_of(here))
    if not constants.HF_HUB_OFFLINE:
        try:
            found = HfApi().model_info(name, revision=wanted or None, timeout=20)
            return ModelSpec(name, str(found.sha), "hub", name)
        except Exception as error:
            raise InputError(
                f"model {name!r} is not a folder, and the hub gives {' '.join(str(error).split())[:120]}{_nearest(name, known)}"
            ) from error
    raise InputError(
        f"model {name!r} is not a folder, not in mteb's registry and not in the local hub cache (offline){_nearest(name, known)}"
    )


def _object(model: Any) -> ModelSpec:
    from mteb.models.model_meta import ModelMeta

    meta = model if isinstance(model, ModelMeta) else getattr(model, "mteb_model_meta", None)
    if not isinstance(meta, ModelMeta) or meta.name is None or meta.name == "no_model_name/available":
        raise InputError(
            f"got a model of type {type(model).__name__}: expected a folder, a name, an mteb.ModelMeta, or an encoder whose "
            "mteb_model_meta has a name and a revision"
        )
    content = "" if model is meta else state_hash(getattr(model, "model", None))
    return ModelSpec(meta.name, str(meta.revision or "no_revision_available"), "object", model, content)


def _nearest(name: str, known: Iterable[str]) -> str:
    return did_you_mean(name, known) or "; expected a folder, a variant or a model name"
