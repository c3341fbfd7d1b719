"""What a result is the result of: the content of its model and of its data, and the libraries that computed it.

Whoever runs a job on another machine computes these again there and compares (`model_revision`, `data_hash`,
`environment`): a path says nothing about what lies behind it.
"""

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from stats.common.errors import InputError

from .task_data.hashing import content_hash, data_files, file_hash, git_blob_hash, model_files

#: What a score depends on, beside model, data and settings.
LIBRARIES = (
    "embsig", "mteb", "sentence-transformers", "transformers", "tokenizers", "torch", "peft", "safetensors", "numpy", "scipy",
    "scikit-learn", "datasets", "pyarrow", "pytrec-eval-terrier", "ray",
)  # fmt: skip

#: Adapters may stand on adapters; more than so many is a circle.
_DEEPEST = 4


def environment() -> dict[str, str]:
    """Versions of what a score depends on, as installed here."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def data_hash(folder: Path) -> str:
    """SHA-256 of a task's data folder, over the names and bytes of its files."""
    return content_hash(folder, data_files(folder))


def model_revision(folder: Path) -> str:
    """The content of a model folder and of every base that its adapters stand on, as 16 hexadecimal digits.

    Weights, adapters, tokenizer, configuration, pooling and prompts are files of the folder. A folder without an adapter
    has the hash of these files alone; with one, the hash of that and of its bases' contents.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    str

    Raises
    ------
    InputError
        If adapters are based on each other in a circle, or a base in the hub's cache is not what its commit says.
    """
    return _content(folder.resolve(), ())[:16]


def _content(folder: Path, above: tuple[Path, ...]) -> str:
    if folder in above or len(above) > _DEEPEST:
        raise InputError(
            f"{above[0]}: its adapters are based on each other in a circle ({folder}); give their base in full"
        )
    own = content_hash(folder, model_files(folder))
    bases = [_base_content(base, (*above, folder)) for base in bases_of(folder)]
    outside = [_content(place, (*above, folder)) for _, place in modules_outside(folder)]
    if not bases and not outside:
        return own
    return hashlib.sha256(json.dumps([own, bases, outside]).encode()).hexdigest()


def _base_content(base: "Base", above: tuple[Path, ...]) -> str:
    """A base's content: of a folder, its hash; of the hub, its verified commit; what is not here, its name."""
    if base.place is not None:
        return _content(base.place, above)
    commit = hub_commit(base.name, base.revision)
    return f"hub:{base.name}@{commit}" if commit else f"absent:{base.name}@{base.revision or ''}"


class Base(NamedTuple):
    """What an adapter, or a variant, stands on.

    Attributes
    ----------
    name : str
        As it is named: a folder, from the file that names it where it is relative; "embedded"; or a name on the hub.
    revision : str, optional
        Of the hub; None for its main branch.
    place : Path, optional
        The folder, if it is one that is here.
    """

    name: str
    revision: str | None
    place: Path | None


def _base(name: str, revision: str | None, named_in: Path) -> Base:
    if name == "embedded":
        return Base(name, revision, _embedded().resolve())
    for place in (named_in / name, Path(name).expanduser()):
        if place.is_dir():
            return Base(name, revision, place.resolve())
    return Base(name, revision, None)


def bases_of(folder: Path) -> list[Base]:
    """The bases that the adapters in a model folder stand on.

    PEFT names a base in ``adapter_config.json``, a variant of embsig in ``decoder.json``; of a variant with an adapter,
    which has both, the second counts, as it does on loading.
    """
    found: dict[Path, Base] = {}
    for path in model_files(folder):
        if path.name == "adapter_config.json":
            said = _json(path)
            if isinstance(name := said.get("base_model_name_or_path"), str) and name:
                # Its `revision` is for peft's own loaders; transformers takes the base as the hub has it.
                found.setdefault(path.parent, _base(name, None, path.parent))
        elif path.name == "decoder.json":
            base = _json(path).get("base")
            if isinstance(base, Mapping) and isinstance(name := base.get("name"), str) and name:
                found[path.parent] = _base(name, str(base.get("revision") or "") or None, path.parent)
    return list(dict.fromkeys(found.values()))


def modules_outside(folder: Path) -> Iterator[tuple[str, Path]]:
    """Folders of modules that ``modules.json`` names and that lie elsewhere, each with that name."""
    listed: Any = _read(folder / "modules.json")
    for entry in listed if isinstance(listed, list) else ():
        place = entry.get("path") if isinstance(entry, dict) else None
        if isinstance(place, str) and place:
            target = (folder / place).resolve()
            if target.is_dir() and folder not in (target, *target.parents) and not (folder / place).is_symlink():
                yield place, target


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _json(path: Path) -> Mapping[str, Any]:
    said = _read(path)
    return said if isinstance(said, Mapping) else {}


def hub_commit(name: str, revision: str | None = None) -> str:
    """The commit under which a model lies in the hub's local cache, its files checked; "" if it is not there."""
    snapshot = hub_snapshot(name, revision)
    if snapshot is None:
        return ""
    return f"{snapshot.name}{verified(snapshot)}"


def hub_snapshot(name: str, revision: str | None = None) -> Path | None:
    """The folder of a model in the hub's local cache."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    for file in ("config.json", "modules.json", "adapter_config.json"):
        try:
            cached = try_to_load_from_cache(name, file, revision=revision)
        except HFValidationError:  # no name of the hub
            return None
        if isinstance(cached, str):
            return Path(cached).parent
    return None


def verified(snapshot: Path) -> str:
    """Check a snapshot of the hub's cache against the names of its files, which are their hashes.

    Returns
    -------
    str
        "" where every file is what the hub sent; ``+`` and a content hash where the cache keeps plain files, which do not
        say what they ought to be.

    Raises
    ------
    InputError
        If a file was changed since it was fetched.
    """
    unnamed = []
    for path in sorted(p for p in snapshot.rglob("*") if p.is_file()):
        blob = path.resolve()
        found = {64: file_hash, 40: git_blob_hash}.get(len(blob.name)) if path.is_symlink() else None
        if found is None:
            unnamed.append(path)
        elif found(blob) != blob.name:
            raise InputError(
                f"{path} is not what the hub sent under commit {snapshot.name[:12]}: it has been changed or cut off since; remove "
                "that file from the cache and fetch the model again, or copy the model to a folder of your own"
            )
    return f"+{content_hash(snapshot, unnamed)[:16]}" if unnamed else ""


def state_hash(model: Any) -> str:
    """The content of a model in memory: names, types and bytes of its parameters and buffers, and its prompts.

    Returns
    -------
    str
        16 hexadecimal digits; "" where the object keeps no parameters that torch can list.
    """
    state = getattr(model, "state_dict", None)
    if not callable(state):
        return ""
    digest = hashlib.sha256(json.dumps(getattr(model, "prompts", None), sort_keys=True, default=repr).encode())
    for name, tensor in state().items():
        if hasattr(tensor, "detach"):
            import torch

            plain = tensor.detach().cpu().contiguous()
            digest.update(f"{name}|{plain.dtype}|{tuple(plain.shape)}".encode())
            digest.update(plain.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()[:16]


def attention_of(folder: Path) -> str:
    """The attention that transformers chooses for a model folder: what it asks for, else sdpa where the class can, else eager.

    Nothing is loaded; "" where the configuration does not tell. What a loaded model computes with stands in its record.
    """
    try:
        return _attention(folder, 0)
    except Exception:  # of every kind: loading says what is wrong with it
        return ""


def _attention(folder: Path, depth: int) -> str:
    from transformers import AutoConfig
    from transformers.models.auto.modeling_auto import MODEL_MAPPING

    asked = ""
    modules: Any = _read(folder / "modules.json")
    if isinstance(modules, list) and modules:
        folder = folder / str(modules[0].get("path", ""))
    for name in ("sentence_bert_config.json", "config.json"):
        said = _json(folder / name)
        for options in (said.get("model_kwargs"), said.get("model_args"), said):
            if isinstance(options, Mapping):
                asked = asked or str(options.get("attn_implementation") or "")
    if asked:
        return asked
    bases = bases_of(folder)
    if bases and depth < _DEEPEST:
        name, revision, place = bases[0]
        here = place or hub_snapshot(name, revision)
        return _attention(here, depth + 1) if here is not None else ""
    if not (folder / "config.json").is_file() or (folder / "config.json").stat().st_size > 1 << 22:
        return ""
    kind = MODEL_MAPPING[type(AutoConfig.from_pretrained(folder))]
    classes = kind if isinstance(kind, tuple) else (kind,)
    return "sdpa" if getattr(classes[0], "_supports_sdpa", False) else "eager"


def _embedded() -> Path:
    from bench.embedded_base import base_folder

    return base_folder()
