"""On a node: the models and data that have come, each file once, under its hash; nothing is used unchecked.

Below the cache folder of the node (`bench.cache_folder`)::

    cluster/files/<sha256>     a file's bytes, checked as they come and again whenever they are used
    cluster/trees/<key>/...    a model or data folder of links to them
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.cache_folder import cache_folder
from stats.common.errors import InputError
from stats.common.writing import replacing

from ..task_data.hashing import file_hash
from .cargo import EMBEDDED, Cargo, Tree, place_of, tree_of_data, tree_of_model

#: Fetches one piece of a file.
Fetch = Callable[[Any], Any]


def root() -> Path:
    """Where a node keeps what has come to it."""
    return cache_folder() / "cluster"


def settle(cargo: Cargo, fetch: Fetch) -> tuple[Path, str, list[str]]:
    """Make sure that this node has a model or a task's data.

    What lies under the driver's own path with the same content is used as it is.

    Parameters
    ----------
    cargo : Cargo
    fetch : callable
        Gives the bytes of a piece.

    Returns
    -------
    tuple
        The folder, the key that its content gives here, and the hashes of the files that had to come.

    Raises
    ------
    InputError
        If the content is another and is not to be brought, or comes as another.
    """
    tree = cargo.tree
    here = _measured(cargo)
    if here == tree.key:
        return place_of(tree), here, []
    if not cargo.ship or tree.place == EMBEDDED:
        raise InputError(
            f"{cargo.what} is {f'{here[:16]} there' if here else 'not there'} and {tree.key[:16]} on the driver ({tree.place}): "
            "bring it up to date, or leave --ship never out"
        )
    came = [name for part in tree.walk() if part.place != EMBEDDED for name in _bring(part, cargo, fetch)]
    return _build(tree, cargo), _checked(tree, cargo).key, came


def _measured(cargo: Cargo) -> str:
    """The content under the driver's path on this machine; empty if there is nothing."""
    try:
        return (tree_of_model if cargo.model else tree_of_data)(cargo.tree.place).key
    except (InputError, OSError):
        return ""


def _bring(tree: Tree, cargo: Cargo, fetch: Fetch) -> Iterator[str]:
    """Fetch the files of a tree that are not here, or no longer what they were."""
    for name in dict.fromkeys(tree.files.values()):
        path = _file(name, cargo)
        if cargo.shared or (path.is_file() and file_hash(path) == name):
            continue
        # One of the node's workers fetches, the others wait and find the file.
        with _alone(name):
            if path.is_file() and file_hash(path) == name:
                continue
            _write(path, name, cargo, fetch)
            yield name


def _write(path: Path, name: str, cargo: Cargo, fetch: Fetch) -> None:
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part, part.open("wb") as file:
        for piece in cargo.chunks[name]:
            content = memoryview(fetch(piece))
            digest.update(content)
            file.write(content)
        if digest.hexdigest() != name:
            raise InputError(
                f"a file of {cargo.what} came as {digest.hexdigest()[:16]}, and was {name[:16]} when the run began: start again "
                "once the model and the data no longer change"
            )


def _checked(tree: Tree, cargo: Cargo) -> Tree:
    """The tree as this node's files make it, each hashed again."""
    if tree.place == EMBEDDED:
        return tree_of_model(EMBEDDED)
    files = {name: _hash_of(_file(known, cargo)) for name, known in tree.files.items()}
    found = Tree(tree.place, files, {name: _checked(base, cargo) for name, base in tree.bases.items()})
    if found.key != tree.key:
        where = f"in {cargo.shared}" if cargo.shared else "there"
        raise InputError(f"{cargo.what} is {found.key[:16]} {where} and {tree.key[:16]} on the driver")
    return found


def _hash_of(path: Path) -> str:
    return file_hash(path) if path.is_file() else hashlib.sha256().hexdigest()


def _file(name: str, cargo: Cargo) -> Path:
    return (Path(cargo.shared) if cargo.shared else root()) / "files" / name


def _build(tree: Tree, cargo: Cargo) -> Path:
    """A folder of links to the files of a tree; what names its bases names them where they are here."""
    if tree.place == EMBEDDED:
        return place_of(tree)
    target = root() / "trees" / tree.key
    moved = {name: str(_build(base, cargo)) for name, base in tree.bases.items() if base.place != EMBEDDED}
    with _alone(tree.key):
        if not all(_is_right(target / name, _file(known, cargo), moved) for name, known in tree.files.items()):
            shutil.rmtree(target, ignore_errors=True)
            for name, known in tree.files.items():
                path = target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                _put(path, _file(known, cargo), moved)
    return target


def _put(path: Path, source: Path, moved: Mapping[str, str]) -> None:
    if (text := _renamed(path.name, source, moved)) is not None:
        path.write_text(text, encoding="utf-8")
        return
    try:
        path.symlink_to(source)
    except OSError:  # a system without links for everybody
        shutil.copyfile(source, path)


def _is_right(path: Path, source: Path, moved: Mapping[str, str]) -> bool:
    """Whether a file of a tree is the one that was checked, or follows from it."""
    if not path.is_file():
        return False
    text = _renamed(path.name, source, moved)
    return path.read_text(encoding="utf-8") == text if text is not None else path.samefile(source)


def _renamed(name: str, source: Path, moved: Mapping[str, str]) -> str | None:
    """A file that names what a model stands on, with the places of this machine; None where it names nothing that has moved."""
    if not moved or name not in ("adapter_config.json", "decoder.json", "modules.json"):
        return None
    said: Any = json.loads(source.read_text(encoding="utf-8"))
    if name == "adapter_config.json":
        said["base_model_name_or_path"] = moved.get(said["base_model_name_or_path"], said["base_model_name_or_path"])
    elif name == "modules.json":
        said = [entry | {"path": moved.get(entry.get("path"), entry.get("path"))} for entry in said]
    elif (base := said.get("base", {})).get("name") in moved:
        said["base"] = base | {"kind": "path", "name": moved[base["name"]], "revision": ""}
    return json.dumps(said)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Wait until no other process of this node works on the same thing."""
    place = root() / "locks"
    place.mkdir(parents=True, exist_ok=True)
    with (place / name).open("a") as file:
        try:
            import fcntl
        except ImportError:  # a system without such locks: what is fetched twice is the same
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
