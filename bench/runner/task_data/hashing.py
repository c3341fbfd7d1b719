"""Content hashes of model folders and task data: the revision of what has no revision."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.cache_folder import cache_folder
from stats.common.writing import write_whole

#: Files beside a model that do not change what it computes.
_NOT_THE_MODEL = {
    "README.md",
    ".gitattributes",
    ".gitignore",
    "data_config.json",
    "train_script.py",
    "training_args.bin",
}
_NOT_THE_MODEL |= {"trainer_state.json", "optimizer.pt", "scheduler.pt", "rng_state.pth", "scaler.pt"}
_BLOCK = 1 << 22


def model_files(folder: Path) -> list[Path]:
    """Files that make up a model folder: everything but read-me, hidden files, checkpoints and optimizer states."""
    return [
        path
        for path in _files(folder)
        if path.name not in _NOT_THE_MODEL
        and not any(part.startswith((".", "checkpoint-", "eval")) for part in path.relative_to(folder).parts)
    ]


def data_files(folder: Path) -> list[Path]:
    """Files that make up a task's data: everything but read-me and hidden files."""
    return [
        path
        for path in _files(folder)
        if path.name != "README.md" and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def content_hash(folder: Path, files: Iterable[Path]) -> str:
    """SHA-256 over the names (relative to `folder`) and bytes of `files`.

    A file that has not changed since it was last read (same path, size, times and inode) is not read again: its
    hash is kept in the user's cache folder. A cache that cannot be read or written costs time only.
    """
    return content_of(file_hashes(folder, files))


def file_hashes(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of every file by its name relative to `folder`, in the order given; files are read as in `content_hash`."""
    remembered = _remembered()
    known = len(remembered)
    found = {path.relative_to(folder).as_posix(): _file_hash(path, remembered) for path in files}
    if len(remembered) > known:
        _remember(remembered)
    return found


def content_of(hashes: Mapping[str, str]) -> str:
    """The hash of a folder from those of its files by name, in the order of `model_files` or `data_files`."""
    digest = hashlib.sha256()
    for name, file in hashes.items():
        digest.update(json.dumps(name).encode())
        digest.update(bytes.fromhex(file))
    return digest.hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file; like `content_hash`, it does not read a file again that has not changed."""
    return _alone(path, "", hashlib.sha256)


def git_blob_hash(path: Path) -> str:
    """SHA-1 of a file as git names it."""
    return _alone(path, "git:", lambda: hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False))


def _alone(path: Path, kind: str, begin: Callable[[], Any]) -> str:
    remembered = _remembered()
    known = len(remembered)
    found = _file_hash(path, remembered, kind, begin)
    if len(remembered) > known:
        _remember(remembered)
    return found


def _files(folder: Path) -> list[Path]:
    """All files below a folder, links to folders followed: a model may well be made of them."""
    found = []
    seen: set[str] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:  # a link to a folder above
            folders.clear()
            continue
        seen.add(real)
        found += [path for name in files if (path := Path(place, name)).is_file()]
    return sorted(found)


def _file_hash(
    path: Path, remembered: dict[str, str], kind: str = "", begin: Callable[[], Any] = hashlib.sha256
) -> str:
    stat = path.stat()
    # The time of change cannot be set by hand, as the time of modification can: it tells of a file that was exchanged
    # for one of the same size and date.
    key = f"{kind}{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}|{stat.st_ctime_ns}|{stat.st_ino}"
    if key not in remembered:
        digest = begin()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        remembered[key] = digest.hexdigest()
    return remembered[key]


def _remembered() -> dict[str, str]:
    try:
        kept = json.loads((cache_folder() / "hashes.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _remember(hashes: dict[str, str]) -> None:
    path = cache_folder() / "hashes.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(dict(list(hashes.items())[-10_000:])))
    except OSError:
        return
