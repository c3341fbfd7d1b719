"""What is sent to a node: each file once, under its hash; what differs, is cut off or was changed there is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.runner.backends.cargo import Cargo, tree_of_data, tree_of_model
from bench.runner.backends.node_store import settle
from bench.runner.identity import data_hash, model_revision
from stats.common.errors import InputError


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A driver's folder; the node's store is empty."""
    monkeypatch.setenv("EMBSIG_CACHE", str(tmp_path / "node"))
    return tmp_path / "driver"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_json", ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def sent(what: str, folder: Path, *, model: bool = True, **options: Any) -> Cargo:
    """A cargo whose pieces are bytes, three at a time."""
    tree = (tree_of_model if model else tree_of_data)(str(folder))
    content = {known: Path(t.place, name).read_bytes() for t in tree.walk() for name, known in t.files.items()}
    chunks = {known: tuple(b[i : i + 3] for i in range(0, len(b), 3)) for known, b in content.items()}
    return Cargo(what, tree, model, chunks=chunks, **options)


def gone(folder: Path) -> Path:
    """Hide a folder of the driver: the node has none of it."""
    return folder.rename(folder.with_name(f"{folder.name}-elsewhere"))


def refuse(_: Any) -> bytes:
    raise AssertionError("nothing was to be fetched")


def test_what_a_node_has_is_used_where_it_is(driver: Path) -> None:
    cargo = sent("model a", write(driver / "a", config_json="{}", weights="w" * 10))
    assert settle(cargo, refuse) == (driver / "a", cargo.tree.key, [])
    assert cargo.tree.key[:16] == model_revision(driver / "a")


def test_a_file_comes_once(driver: Path) -> None:
    folder = write(driver / "a", config_json="{}", weights="w" * 10, part__vocabulary="w" * 10, empty="")
    twin = write(driver / "b", config_json="{}", weights="v" * 10)
    first, second = sent("model a", folder), sent("model b", twin)
    gone(driver)
    place, key, came = settle(first, bytes)
    assert (place / "part/vocabulary").read_text() == "w" * 10
    assert (place / "empty").read_bytes() == b""
    assert key == first.tree.key
    assert len(came) == 3  # two of its four files are one
    assert settle(first, refuse) == (place, key, [])
    assert len(settle(second, bytes)[2]) == 1  # its configuration was there


def test_a_stale_mirror_is_named_or_replaced(driver: Path) -> None:
    folder = write(driver / "STS13", test_jsonl='{"score": 5}')
    cargo = sent("data of STS13", folder, model=False)
    assert cargo.tree.key == data_hash(folder)
    write(folder, test_jsonl='{"score": 0}')
    there = data_hash(folder)
    with pytest.raises(
        InputError, match=f"data of STS13 is {there[:16]} there and {cargo.tree.key[:16]} on the driver"
    ):
        settle(Cargo(cargo.what, cargo.tree, False, ship=False), refuse)
    place, key, _ = settle(cargo, bytes)
    assert key == cargo.tree.key
    assert (place / "test.jsonl").read_text() == '{"score": 5}'
    gone(driver)
    with pytest.raises(InputError, match="data of STS13 is not there and"):
        settle(Cargo(cargo.what, cargo.tree, False, ship=False), refuse)


def test_what_comes_as_something_else_is_refused(driver: Path) -> None:
    cargo = sent("model a", write(driver / "a", config_json="{}", weights="w" * 10))
    gone(driver)
    with pytest.raises(InputError, match="a file of model a came as"):
        settle(cargo, lambda piece: bytes(len(piece)))
    assert settle(cargo, bytes)[1] == cargo.tree.key  # nothing wrong was kept


@pytest.mark.parametrize("spoil", ["the file", "the link"])
def test_what_is_changed_on_the_node_is_fetched_again(driver: Path, spoil: str) -> None:
    cargo = sent("model a", write(driver / "a", config_json="{}", weights="w" * 10))
    gone(driver)
    place, _, _ = settle(cargo, bytes)
    path = place / "weights"
    if spoil == "the link":
        path.unlink()
    path.write_text("v" * 10)
    again, key, came = settle(cargo, bytes)
    assert (again / "weights").read_text() == "w" * 10
    assert key == cargo.tree.key
    assert len(came) == (spoil == "the file")


@pytest.mark.parametrize("how", ["adapter", "variant", "module"])
def test_what_a_model_stands_on_comes_with_it(driver: Path, how: str) -> None:
    base = write(driver / "base", config_json="{}", weights="base")
    naming: dict[str, Callable[[str], str]] = {
        "adapter": lambda place: json.dumps({"base_model_name_or_path": place, "r": 4}),
        "variant": lambda place: json.dumps({"base": {"kind": "path", "name": place, "sha256": "0"}}),
        "module": lambda place: json.dumps([{"path": ""}, {"path": place}]),
    }
    file = {"adapter": "adapter_config.json", "variant": "decoder.json", "module": "modules.json"}[how]
    folder = write(driver / "tuned", weights="tuned")
    (folder / file).write_text(naming[how](str(base)))
    before = sent("model tuned", folder)
    write(base, weights="other base")
    cargo = sent("model tuned", folder)
    assert before.tree.key != cargo.tree.key
    gone(driver)
    place, key, came = settle(cargo, bytes)
    assert key == cargo.tree.key
    assert len(came) == 4
    said = json.loads((place / file).read_text())
    there = {
        "adapter": lambda: said["base_model_name_or_path"],
        "variant": lambda: said["base"]["name"],
        "module": lambda: said[1]["path"],
    }[how]()
    assert (Path(there) / "weights").read_text() == "other base"
    (Path(there) / "weights").unlink()
    (Path(there) / "weights").write_text("base")
    again, _, came = settle(cargo, bytes)
    assert (again, came) == (place, [])
    assert (Path(there) / "weights").read_text() == "other base"


def test_a_shared_folder_serves_all_nodes_and_is_checked(driver: Path, tmp_path: Path) -> None:
    from bench.runner.backends.ray_cluster import _share

    shared = tmp_path / "shared"
    cargo = sent("model a", write(driver / "a", config_json="{}", weights="w" * 10), shared=str(shared))
    for name, known in cargo.tree.files.items():
        _share(driver / "a" / name, shared / "files" / known)
    gone(driver)
    place, key, came = settle(cargo, refuse)
    assert (key, came) == (cargo.tree.key, [])
    assert (place / "weights").read_text() == "w" * 10
    (shared / "files" / cargo.tree.files["weights"]).write_text("v" * 10)
    with pytest.raises(InputError, match=f"model a is [0-9a-f]{{16}} in {shared} and {key[:16]} on the driver"):
        settle(cargo, refuse)
