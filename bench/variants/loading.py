"""Load a model from a folder: embsig's own, or any of sentence-transformers', without trusting foreign code."""

import json
import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stats.common.errors import InputError

from .authors import HEAD, is_authors, load_authors
from .folder_checks import modules_of, refuse_long_prompt, refuse_too_deep

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

#: The module classes that a folder may name besides those of sentence-transformers.
_DECODER, _POOLING = "bench.variants.decoder.Decoder", "bench.variants.pooling.module.VariantPooling"
#: Those of a folder that `export_model` wrote with code; embsig's own classes of these names are taken, never the folder's code.
_EXPORTED = ("modeling_embsig.ExportedDecoder", "modeling_embsig.ExportedPooling")


def load_model(
    path: str | os.PathLike[str],
    *,
    device: str | None = None,
    dtype: str | None = None,
    attn_implementation: str | None = None,
    revision: str | None = None,
    base: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    layers: int | None = None,
) -> "SentenceTransformer":
    """Load a model that `train`, `build_variant(...).save` or `export_model` wrote, or any plain sentence-transformers model.

    Only two module classes are allowed besides those of sentence-transformers: embsig's decoder and its pooling. Code
    that a folder brings along is never run.

    Parameters
    ----------
    path : str or path
        A folder; or the name of a sentence-transformers model, which is then loaded as it is.
    device, dtype, attn_implementation : str, optional
        As in sentence-transformers and transformers.
    revision : str, optional
        Of a name: the commit to load.
    base : str or path, optional
        Where the base of a trained model lies, if it is not where it was; its content must be the same.
    variant : str, optional
        Of a folder with the paper's authors' head (``attn_pool.pt``, read as tensors alone) beside their adapter: which of their models it is.
    layers : int, optional
        Of a model that `train` wrote: keep the first so many of its layers, which is good where it was trained with ``matryoshka_layers``.

    Returns
    -------
    sentence_transformers.SentenceTransformer
        In evaluation mode.

    Raises
    ------
    InputError
        If the folder names foreign module classes, its base is missing or has changed, or its pooling is not registered; if it
        claims what no model is (more layers than its weights can be of, a prompt of 100,000 characters).

    Examples
    --------
    >>> import embsig
    >>> model = embsig.load_model(embsig.trained_variants()[0].folder)
    >>> tuple(model.encode(["is this difference real?"]).shape)
    (1, 192)
    """
    options: dict[str, Any] = {"dtype": dtype, "attn_implementation": attn_implementation}
    options = {name: value for name, value in options.items() if value is not None}
    folder = _at_hand(path, revision)
    if is_authors(folder):
        return load_authors(folder, variant, base, options, device)
    if variant is not None:
        raise InputError(f"{str(path)!r} says itself what it is; variant= is for folders with an {HEAD}: leave it out")
    types = module_types(folder)
    if layers is not None and _DECODER not in types:
        raise InputError(
            f"{str(path)!r} was not written by embsig train, and layers= is for models that were: leave it out"
        )
    refuse_too_deep(folder)
    if types[:2] == list(_EXPORTED):
        return _load_exported(folder, options, device)
    if _DECODER not in types:
        foreign = [name for name in types if not name.startswith("sentence_transformers.")]
        if foreign:
            raise InputError(
                f"{str(path)!r} needs the module class {foreign[0]!r}, which is not part of sentence-transformers or embsig; "
                "embsig runs no code that comes with a model"
            )
        if pickled := _pickled(folder):
            raise InputError(
                f"{str(path)!r} keeps weights as pickle ({pickled}), which can run code when it is read; expected safetensors: "
                "save the model again with save_pretrained, or take a revision of it that has them"
            )
        model = _load_plain(path, folder, options, device, revision)
        for name, prompt in (model.prompts or {}).items():
            refuse_long_prompt(name, str(prompt or ""))
        return model.eval()
    if types != [_DECODER, _POOLING, types[-1]] or not types[-1].endswith(".Normalize"):
        raise InputError(
            f"{str(path)!r} is not a variant: its modules are {', '.join(types)}; expected decoder, pooling, Normalize"
        )
    model = _load_own(folder, {**options, **({} if base is None else {"base": base})}, device)
    if layers is not None:
        model[0].keep_layers(layers)
    return model


def _at_hand(path: str | os.PathLike[str], revision: str | None) -> Path:
    """The folder of a model: its own, or that of a repository of the hub which holds a model of embsig."""
    name = os.fspath(path)
    folder = Path(name).expanduser()
    if folder.exists() or name.count("/") != 1 or name.startswith((".", "~")):
        return folder
    from huggingface_hub import hf_hub_download, snapshot_download

    from .hub import asked_once

    try:
        with asked_once():
            listed = Path(hf_hub_download(name, "modules.json", revision=revision)).read_text(encoding="utf-8")
            if any(kind in listed for kind in (_DECODER, *_EXPORTED)):
                return Path(snapshot_download(name, revision=revision))
    except Exception:  # no such repository, no network: sentence-transformers says so
        return folder
    return folder


def _load_plain(
    path: str | os.PathLike[str], folder: Path, options: dict[str, Any], device: str | None, revision: str | None
) -> "SentenceTransformer":
    """Load what is not embsig's: a folder, or a name that the hub or its cache has."""
    from sentence_transformers import SentenceTransformer

    from .hub import absent, asked_once

    try:
        with nullcontext(True) if folder.exists() else asked_once() as reached:
            return SentenceTransformer(
                os.fspath(path),
                device=device,
                revision=revision,
                model_kwargs={**options, "use_safetensors": True},
                trust_remote_code=False,
            )
    except (OSError, ValueError) as error:
        if not reached:
            raise absent(os.fspath(path), reached) from error
        raise InputError(
            f"no model could be loaded from {str(path)!r}: {' '.join(str(error).split())[:200]}"
        ) from error


def _load_exported(folder: Path, options: dict[str, Any], device: str | None) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize

    from .export.modules import ExportedDecoder, ExportedPooling

    places = [entry["path"] for entry in modules_of(folder)]
    settings = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8"))
    decoder = ExportedDecoder.load(
        str(folder), subfolder=places[0], model_kwargs={**options, "use_safetensors": True}, trust_remote_code=False
    )
    head = ExportedPooling.load(str(folder), subfolder=places[1])
    model = SentenceTransformer(
        modules=[decoder, head, Normalize()],
        device=device,
        prompts=settings.get("prompts"),
        default_prompt_name=settings.get("default_prompt_name"),
    )
    return model.eval()


def _load_own(folder: Path, options: dict[str, Any], device: str | None) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize

    from .decoder import Decoder
    from .pooling.module import VariantPooling

    places = [entry["path"] for entry in modules_of(folder)]
    settings = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8"))
    decoder = Decoder.load(str(folder), subfolder=places[0], model_kwargs=options)
    head = VariantPooling.load(str(folder), subfolder=places[1])
    model = SentenceTransformer(
        modules=[decoder, head, Normalize()],
        device=device,
        prompts=settings.get("prompts"),
        default_prompt_name=settings.get("default_prompt_name"),
    )
    return model.eval()


def _pickled(folder: Path) -> str | None:
    """Name a file of weights that is a pickle and has no safetensors beside it."""
    for path in sorted(p for ending in ("*.bin", "*.pt", "*.pth", "*.ckpt") for p in folder.rglob(ending)):
        kept = not any(part.startswith((".", "checkpoint-")) for part in path.relative_to(folder).parts)
        weights = path.name.startswith(("pytorch_model", "model", "adapter_model"))
        if kept and weights and not any(path.parent.glob("*.safetensors")):
            return path.relative_to(folder).as_posix()
    return None


def module_types(folder: Path) -> list[str]:
    """Return the module classes that a folder names, in order; none if it has no ``modules.json``."""
    return [str(entry["type"]) for entry in modules_of(folder)]
