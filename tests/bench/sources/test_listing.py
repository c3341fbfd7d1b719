"""The files of a folder, whoever looks at them: those of a walk alone, each real folder once."""

import os
from pathlib import Path

import pytest

from bench.sources import files, listing
from stats.common.errors import InputError


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ninety models with links between them and beyond, hidden folders, names that sort oddly, a link to nothing."""
    root = tmp_path_factory.mktemp("tree")
    for model in range(90):
        for revision in ("a", "a-b", "a b", "ä"):
            folder = root / "results" / f"m{model}" / revision
            folder.mkdir(parents=True)
            for name in ("STS12.json", "STS13.json", ".hidden.json", "x_predictions.json", "note.txt"):
                (folder / name).write_text(f"{model}")
        (root / "results" / f"m{model}" / "link").symlink_to(root / "results" / f"m{(model + 7) % 90}")
    outside = tmp_path_factory.mktemp("outside")
    (outside / "rev").mkdir()
    (outside / "rev" / "STS14.json").write_text("1")
    (root / "results" / "elsewhere").symlink_to(outside)
    (root / "results" / "again").symlink_to(outside / "rev")
    (root / "results" / "m3" / "a" / "gone.json").symlink_to(root / "nowhere")
    (root / ".git").mkdir()
    (root / ".git" / "x.json").write_text("1")
    (root / "top.json").write_text("1")
    return root


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others help, whatever the size, with a few files at once."""
    monkeypatch.setattr(listing, "_LEAST", 0)
    monkeypatch.setattr(listing, "_AT_ONCE", 30)
    monkeypatch.setattr(listing, "n_cores", lambda: 3)


def test_others_find_what_one_finds(tree: Path, shared: None) -> None:
    alone = files.listing(tree)
    assert listing.listing(tree) == alone
    assert len(alone) == 90 * 4 * 2 + 3
    # Of two ways to one folder the first by name, not by the order in which the system or others find them.
    assert [path for path, *_ in alone if "STS14" in path] == ["results/again/STS14.json"]


def test_what_others_do_not_find_this_one_does(tree: Path, shared: None, others_die: None) -> None:
    assert listing.listing(tree) == files.listing(tree)


def test_a_folder_that_cannot_be_read_is_named(tree: Path, shared: None, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refused(path: str) -> object:
        if str(path).endswith("m55/a/"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(InputError, match=r"results/m55/a/? cannot be read: Permission denied"):
        listing.listing(tree)


def test_a_folder_in_two_places_is_read_once(tree: Path, shared: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a mount of one in another place: which of them counts is that of a walk alone."""
    stat, same = os.stat, os.stat(tree / "results" / "m7" / "a")

    def mounted(path: str, *args: object, **options: object) -> os.stat_result:
        return same if str(path).endswith("m80/a/") else stat(path, *args, **options)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(os, "stat", mounted)
    alone = files.listing(tree)
    assert len(alone) == 90 * 4 * 2 + 3 - 2
    assert listing.listing(tree) == alone


def test_a_small_folder_is_looked_at_alone(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "Team", None)
    assert listing.listing(tree) == files.listing(tree)
    assert listing.listing(tree / ".git") == [("x.json", 1, (tree / ".git" / "x.json").stat().st_mtime_ns)]
