"""The manifest of a trained folder: what it was made of, how, with what, and what came out."""

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.folder_lock import LOCK_FILE
from stats.common.errors import InputError
from stats.common.writing import write_whole

MANIFEST_FILE = "manifest.json"
#: What a run keeps while it lasts: the mark of whose it is, and its checkpoints.
RUN_FILE, CHECKPOINTS = "run.json", "checkpoints"
#: What a tracker draws the run from; it has times in it, and is no part of the model.
LOGS = "logs"
_PACKAGES = ("embsig", "torch", "transformers", "sentence-transformers", "peft", "accelerate", "tokenizers")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that training depends on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def hash_settings(settings: Mapping[str, Any]) -> str:
    """Return the hash of what determines a run: variant, base, data, order, recipe, seed, prompts."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def hash_files(folder: Path) -> dict[str, str]:
    """Return the hash of every file of a trained folder but the manifest, by its path in the folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in lasting_files(folder)
        if path.name != MANIFEST_FILE
    }


def lasting_files(folder: Path) -> list[Path]:
    """List the files of a trained folder, without what a run keeps while it lasts or leaves when it is killed."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name not in (RUN_FILE, LOCK_FILE)
        and path.suffix != ".part"
        and not {CHECKPOINTS, LOGS} & set(path.relative_to(folder).parts)
    ]


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON whole or not at all."""
    write_whole(path, json.dumps(content, indent=2) + "\n")


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the content of a JSON file, or None if there is no such file."""
    if not path.is_file():
        return None
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise InputError(f"{str(path)!r} is not valid JSON; fix or remove it") from error
    return content
