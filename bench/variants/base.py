"""The base of a variant: where it lies, what it is, and the hash that says it has not changed."""

import hashlib
import os
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from bench.embedded_base import base_folder
from bench.embedded_base.checkpoint import CHECKPOINT
from stats.common.errors import InputError

#: The name under which the base that ships with embsig is asked for.
EMBEDDED = "embedded"

_WHOLE, _BLOCK, _BLOCKS = 64 * 2**20, 2**20, 64
#: What makes a model what it is: configuration, tokenizer, weights.
_HASHED = (
    "config.json",
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    "*.safetensors",
    "*.bin",
    "*.model",
)


@dataclass(frozen=True)
class BaseReference:
    """What a saved variant keeps of its base.

    Parameters
    ----------
    kind : {"embedded", "path", "hub"}
        How `name` is to be resolved: in the installed package, as a folder, or as a repository of the hub.
    name : str
        "embedded", the folder (in a saved model relative to that model's folder), or ``owner/name``.
    sha256 : str
        Content hash of its configuration, tokenizer and weights; see `hash_folder`.
    revision : str
        The commit of a hub repository; empty otherwise.
    """

    kind: str
    name: str
    sha256: str
    revision: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return it as a plain dict."""
        return asdict(self)

    def seen_from(self, folder: Path) -> "BaseReference":
        """The same as a model in `folder` keeps it: where the base lies from there, so that both can be moved together."""
        if self.kind != "path":
            return self
        return replace(self, name=Path(os.path.relpath(self.name, folder.resolve())).as_posix())

    def from_folder(self, folder: Path) -> "BaseReference":
        """What `seen_from` made, resolved; models of earlier versions keep the whole path."""
        if self.kind != "path" or Path(self.name).is_absolute():
            return self
        return replace(self, name=os.path.normpath(folder.resolve() / self.name))

    def moved(self, base: "str | os.PathLike[str]") -> "BaseReference":
        """The same base at another place.

        Raises
        ------
        InputError
            If what is there is another base.
        """
        found, folder = resolve_base(base)
        if found.sha256 != self.sha256:
            raise InputError(
                f"{str(folder)!r} is not the base that this model was trained on (hash {found.sha256[:12]}, expected {self.sha256[:12]})"
            )
        return found

    def locate(self, check: bool = True) -> Path:
        """Return the folder of the base.

        Raises
        ------
        InputError
            If it is not where it was, or its content is not what it was.
        """
        if self.kind == "path" and not Path(self.name).is_dir():
            raise InputError(
                f"the base of this model is not at {self.name!r}: put it there, or say where it is with load_model(..., base=FOLDER)"
            )
        reference, folder = resolve_base(
            self.name if self.kind != "hub" or not self.revision else f"{self.name}@{self.revision}"
        )
        if check and reference.sha256 != self.sha256:
            raise InputError(
                f"the base {self.name!r} has changed since this model was trained on it (hash {reference.sha256[:12]}, "
                f"expected {self.sha256[:12]}); restore that base or train again"
            )
        return folder


def resolve_base(base: str | os.PathLike[str]) -> tuple[BaseReference, Path]:
    """Return the reference to a base and its folder on this machine.

    Parameters
    ----------
    base : str or path
        "embedded", a folder with ``config.json``, weights and tokenizer, or a hub repository ``owner/name[@revision]``.

    Raises
    ------
    InputError
        If there is no such base.
    """
    name = os.fspath(base)
    if name == EMBEDDED:
        folder = base_folder()
        return BaseReference("embedded", EMBEDDED, hash_folder(folder)), folder
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise InputError(
                f"base folder {name!r} holds no config.json; give a folder saved by transformers' save_pretrained"
            )
        folder = folder.resolve()
        return BaseReference("path", str(folder), hash_folder(folder)), folder
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise InputError(
            f"base {name!r} is neither 'embedded', nor a folder, nor a hub repository 'owner/name'; check the path"
        )
    return _from_hub(name)


def _from_hub(name: str) -> tuple[BaseReference, Path]:
    from huggingface_hub import snapshot_download

    from .hub import absent, asked_once

    repository, _, revision = name.partition("@")
    patterns = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]
    try:
        with asked_once() as reached:
            folder = Path(snapshot_download(repository, revision=revision or None, allow_patterns=patterns))
    except Exception as error:
        if not reached:
            raise absent(repository, reached, "base") from error
        raise InputError(
            f"base {repository!r} is not a folder and could not be fetched from the hub "
            f"({type(error).__name__}); give a folder, or a name that is in the local cache"
        ) from error
    return BaseReference("hub", repository, hash_folder(folder), folder.name), folder


def hash_folder(folder: str | os.PathLike[str]) -> str:
    """Return the content hash of a model folder: its configuration, tokenizer and weights, by name.

    The checkpoint that pretraining leaves there is none of them: a base is the same with it and without.

    Files of at most 64 MB are hashed whole; of larger ones the size, and 64 blocks of 1 MB at even distances, the first
    and last included, so that a base of many gigabytes is checked in a second.
    """
    files = sorted({path for pattern in _HASHED for path in Path(folder).glob(pattern) if path.is_file()})
    files = [path for path in files if path.name != CHECKPOINT]
    return _hash_files(tuple((str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in files))


@lru_cache(maxsize=64)
def _hash_files(files: tuple[tuple[str, int, int], ...]) -> str:
    total = hashlib.sha256()
    for path, size, _ in files:
        total.update(f"{Path(path).name}\0{size}\0".encode())
        total.update(_hash_file(path, size))
    return total.hexdigest()


def _hash_file(path: str, size: int) -> bytes:
    digest = hashlib.sha256()
    with Path(path).open("rb") as stream:
        if size <= _WHOLE:
            while chunk := stream.read(_BLOCK):
                digest.update(chunk)
        else:
            for i in range(_BLOCKS):
                stream.seek(i * (size - _BLOCK) // (_BLOCKS - 1))
                digest.update(stream.read(_BLOCK))
    return digest.digest()


def read_config(folder: Path) -> Any:
    """Return the transformers configuration of a base; raise unless it is a decoder.

    Raises
    ------
    InputError
        If the configuration cannot be read, or belongs to an encoder or an encoder-decoder.
    """
    from transformers import AutoConfig
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    )

    try:
        config = AutoConfig.from_pretrained(folder)
    except (ValueError, OSError, KeyError) as error:
        raise InputError(
            f"the configuration of base {folder.name!r} cannot be read: {' '.join(str(error).split())[:200]}"
        ) from error
    kind = config.model_type
    if getattr(config, "is_encoder_decoder", False) or kind in MODEL_FOR_MASKED_LM_MAPPING_NAMES:
        raise InputError(
            f"base {folder.name!r} is a {kind!r} model, which is or has an encoder; the variants need a decoder (Mistral, Llama, Qwen, Gemma, ...)"
        )
    if kind not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise InputError(
            f"base {folder.name!r} is a {kind!r} model, not a decoder that transformers knows; give a Mistral, Llama, Qwen, Gemma, ... folder"
        )
    return config
