"""Archives: every form reads as the folder does, and none can do harm; the index knows what it is of."""

import gzip
import io
import json
import os
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from bench import read_scores
from bench.cache_folder import cache_folder
from bench.sources import files
from bench.sources import fingerprint as identity
from bench.sources import index as index_module
from bench.sources.definitions import load
from bench.sources.index import open_index
from bench.sources.scan import Summary
from stats.common.errors import InputError

Write = Callable[..., Path]


def members(root: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(root.rglob("*.json"), reverse=True):  # cards after results: the order must not matter
        yield path.relative_to(root).as_posix(), path.read_bytes()


def tarred(content: list[tuple[str, bytes]], *, extra: tuple[tarfile.TarInfo, ...] = ()) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for info in extra:
            archive.addfile(info, io.BytesIO(b"x" * info.size))
        for name, data in content:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def pack(path: Path, content: list[tuple[str, bytes]]) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in content:
                archive.writestr(name, data)
        return path
    data = tarred(content)
    if path.name.endswith((".zst", ".tzst")):
        half = len(data) // 2  # two frames, as parallel compressors write them
        data = zstandard.compress(data[:half]) + zstandard.compress(data[half:])
    elif path.name.endswith("gz"):
        data = gzip.compress(data)
    path.write_bytes(data)
    return path


@pytest.fixture
def tree(tmp_path: Path, write_result: Write) -> Path:
    for model, score in (("org/a", 0.5), ("org/b", 0.25)):
        for task in ("STS12", "STS13"):
            write_result(model, task, {"test": {"default": score}})
    return tmp_path / "results"


@pytest.mark.parametrize("suffix", ["tar.zst", "tzst", "tar.gz", "tgz", "tar", "zip"])
@pytest.mark.parametrize("prefix", ["", "results/", "repository-main/results/"])
def test_every_archive_reads_as_the_folder(suffix: str, prefix: str, tree: Path, tmp_path: Path) -> None:
    archive = pack(tmp_path / f"r.{suffix}", [(prefix + name, data) for name, data in members(tree)])
    folder, packed = read_scores(tree), read_scores(archive)
    assert packed.table.equals(folder.table)
    assert packed.provenance["content_sha256"] == folder.provenance["content_sha256"]
    assert packed.provenance["sha256"] != folder.provenance["sha256"]


@pytest.mark.parametrize(
    "name", ["../evil/r1/STS12.json", "/evil/r1/STS12.json", "a/../../r1/STS12.json", "C:/a/r1/STS12.json"]
)
@pytest.mark.parametrize("suffix", ["tar", "zip"])
def test_a_path_that_leaves_the_archive_is_refused(name: str, suffix: str, tree: Path, tmp_path: Path) -> None:
    archive = pack(tmp_path / f"r.{suffix}", [*members(tree), (name, b"{}")])
    with pytest.raises(InputError, match="leaves the archive"):
        read_scores(archive)


def test_links_and_devices_in_an_archive_are_never_followed(tree: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_bytes(next(data for name, data in members(tree) if name.endswith("STS12.json")))
    bad = []
    for number, kind in enumerate((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE)):
        info = tarfile.TarInfo(f"results/evil/r1/Task{number}.json")
        info.type, info.linkname = kind, str(secret)
        bad.append(info)
    archive = tmp_path / "r.tar"
    archive.write_bytes(tarred([(f"results/{n}", d) for n, d in members(tree)], extra=tuple(bad)))
    assert read_scores(archive).models == ["org/a", "org/b"]
    zipped = tmp_path / "r.zip"
    pack(zipped, [(f"results/{n}", d) for n, d in members(tree)])
    with zipfile.ZipFile(zipped, "a") as archive_file:
        link = zipfile.ZipInfo("results/evil/r1/Task.json")
        link.external_attr = 0o120777 << 16
        archive_file.writestr(link, secret.read_bytes())
    assert read_scores(zipped).models == ["org/a", "org/b"]


def test_a_folder_of_links_is_read_and_a_circle_of_links_ends(tree: Path, tmp_path: Path) -> None:
    """A download from the hub is a tree of links to files."""
    hub = tmp_path / "hub" / "results"
    for name, _ in members(tree):
        (hub / name).parent.mkdir(parents=True, exist_ok=True)
        (hub / name).symlink_to(tree / name)
    (hub / "broken.json").symlink_to(tmp_path / "nowhere")
    (hub / "org__a" / "circle").symlink_to(hub)
    assert read_scores(hub).table.equals(read_scores(tree).table)


def test_a_bomb_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    zeros = [(f"results/a/r1/T{i}.json", b" " * 1_000_000) for i in range(20)]
    for suffix in ("tar.zst", "tar.gz", "zip"):
        archive = pack(tmp_path / f"bomb.{suffix}", zeros)
        assert archive.stat().st_size < 200_000
        with pytest.raises(InputError, match="unpacks to more than"):
            list(files.read(archive, max_total=5_000_000))


def test_a_file_too_large_is_not_read(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE", 1000)
    big = ("results/c/r1/STS12.json", b" " * 1001)
    for suffix in ("tar", "zip"):
        archive = pack(tmp_path / f"r.{suffix}", [*((f"results/{n}", d) for n, d in members(tree)), big])
        assert [f.path for f in files.read(archive) if f.fault] == ["results/c/r1/STS12.json"]
        assert {f.data for f in files.read(archive) if f.fault} == {b""}


@pytest.mark.parametrize("suffix", ["tar.zst", "tar.gz", "tar", "zip"])
@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9])
def test_a_damaged_archive_is_one_clear_error(suffix: str, kept: float, tree: Path, tmp_path: Path) -> None:
    archive = pack(tmp_path / f"r.{suffix}", [(f"results/{n}", d) for n, d in members(tree)])
    if suffix == "tar":  # cut where a member ends: only the missing end mark tells
        whole = archive.read_bytes().rstrip(b"\0")
        archive.write_bytes(whole[: int(len(whole) * kept) // 512 * 512])
    else:
        data = archive.read_bytes()
        archive.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(InputError, match=r"not a readable archive|is cut off|holds no MTEB results"):
        read_scores(archive)


@pytest.mark.parametrize("suffix", ["tar.zst", "tar.gz", "tar", "zip"])
def test_no_archive_at_all_is_one_clear_error(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"r.{suffix}"
    path.write_text("To be, or not to be, that is the question." * 100)
    with pytest.raises(InputError, match=r"not a readable archive|is cut off"):
        read_scores(path)


# -- the index -------------------------------------------------------------------------------------------------


def test_a_second_read_parses_nothing(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_scores(tree)
    monkeypatch.setattr("bench.sources.part.parse", None)
    assert read_scores(tree).table.equals(first.table)
    assert read_scores(tree, benchmark="MTEB(eng, v2)").n_tasks == 41  # another question, the same index


def test_a_changed_folder_is_read_again(tree: Path, write_result: Write) -> None:
    assert read_scores(tree).table.loc["STS12", "org/a"] == 0.5
    write_result("org/a", "STS12", {"test": {"default": 0.75}})
    assert read_scores(tree).table.loc["STS12", "org/a"] == 0.75
    (tree / "org__b" / "r1" / "STS13.json").unlink()
    assert read_scores(tree).table.isna().loc["STS13", "org/b"]


def test_an_archive_is_known_by_its_content(tree: Path, tmp_path: Path) -> None:
    content = [(f"results/{n}", d) for n, d in members(tree)]
    first, second = pack(tmp_path / "one.tar", content), pack(tmp_path / "two.tar", content)
    assert open_index(first, load()).path == open_index(second, load()).path
    info = first.stat()
    first.write_bytes(first.read_bytes().replace(b'"main_score": 0.5', b'"main_score": 0.7'))
    os.utime(first, ns=(info.st_atime_ns, info.st_mtime_ns))  # same size, same time, other content
    assert read_scores(first).table.loc["STS12", "org/a"] == 0.7


def test_a_broken_index_is_made_anew(tree: Path) -> None:
    index = open_index(tree, load())
    for name, damage in (("summary.json", b"{"), ("scores.parquet", b"PAR1")):
        (index.path.parent / name).write_bytes(damage)
        assert read_scores(tree).table.loc["STS12", "org/a"] == 0.5


def test_a_broken_index_is_noticed_when_another_question_is_asked(tree: Path) -> None:
    index = open_index(tree, load())
    first = read_scores(tree)
    index.path.write_bytes(b"PAR1")
    assert read_scores(tree).table.equals(first.table)  # this answer is there
    assert read_scores(tree, require_model_meta=True).table.equals(first.table)


def test_a_file_that_changes_right_after_it_was_read_is_read_again(tree: Path) -> None:
    """Same size, and no time between the two changes but that which the first reading took."""
    path = tree / "org__a" / "r1" / "STS12.json"
    for score in ("0.5", "0.7") * 3:
        path.write_bytes(re.sub(rb'"main_score": 0\.\d', b'"main_score": ' + score.encode(), path.read_bytes()))
        assert read_scores(tree).table.loc["STS12", "org/a"] == float(score)


def test_files_that_changed_just_now_are_left_time_to_change_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(identity.time, "sleep", waited.append)
    monkeypatch.setattr(identity.time, "time_ns", lambda: 1_000_000_007_000_000_000)
    identity.settle((5, 999_999_000_000_000_001, 1_000_009_000_000_000_000))
    assert waited == []
    identity.settle((1_000_000_006_990_000_000, 5))
    assert waited == [0.01]
    identity.settle((1_000_000_006_990_000_000, 1_000_000_006_000_000_000))  # whole seconds only
    assert waited == [0.01, 1.0]


def test_an_archive_that_changes_while_it_is_read_is_refused(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = pack(tmp_path / "r.tar", [(f"results/{n}", d) for n, d in members(tree)])

    def changed(*args: object, **more: object) -> Summary:
        summary = built(*args, **more)  # type: ignore[arg-type]
        os.utime(archive, ns=(1, 1))
        return summary

    built = index_module.scan
    monkeypatch.setattr(index_module, "scan", changed)
    with pytest.raises(InputError, match="was changed while it was read"):
        read_scores(archive, cache=False)
    monkeypatch.setattr(index_module, "scan", built)
    assert read_scores(archive, cache=False).models == ["org/a", "org/b"]


def test_without_a_cache_nothing_stays(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBSIG_CACHE", str(tmp_path / "cache"))
    assert read_scores(tree, cache=False).n_models == 2
    assert not (tmp_path / "cache").exists()


def test_a_cache_that_cannot_be_written_is_done_without(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EMBSIG_CACHE", str(tmp_path / "file"))
    assert read_scores(tree).n_models == 2


def test_the_cache_has_the_places_that_users_expect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMBSIG_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/embsig")


def test_progress_is_told(tree: Path, tmp_path: Path, write_result: Write) -> None:
    told: list[tuple[int, int, str]] = []
    read_scores(tree, cache=False, progress=lambda *args: told.append(args))
    assert told[-1] == (6, 6, "files")
    archive = pack(tmp_path / "r.tar.gz", [(f"results/{n}", d) for n, d in members(tree)])
    read_scores(archive, cache=False, progress=lambda *args: told.append(args))
    assert told[-1] == (archive.stat().st_size, archive.stat().st_size, "bytes")


def test_results_that_stand_twice_count_once(tree: Path, tmp_path: Path) -> None:
    """A ResultCache holds local results and a checkout of the public ones; the local ones come first."""
    home = tmp_path / "cache"
    (home / "remote").mkdir(parents=True)
    (tree).rename(home / "results")
    for name, data in members(home / "results"):
        path = home / "remote" / "results" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.replace(b'"main_score": 0.5', b'"main_score": 0.1'))
    scores = read_scores(home)
    assert scores.table.loc["STS12"].to_dict() == {"org/a": 0.5, "org/b": 0.25}
    assert json.loads(json.dumps(dict(scores.provenance)))["n_files"] == 8


def test_no_flipped_bit_in_the_directory_of_a_zip_loses_a_file_in_silence(tmp_path: Path) -> None:
    """Every bit in turn: the archive is refused, or all its files are there, or what is passed over is told."""
    kept = {
        "results/org__a/r1/STS12.json": b'{"a": 1}' * 9,
        "results/org__a/r1/STS13_predictions.json": b"[]" * 9,
        "results/org__\u00e9/r1/STS12.json": b'{"b": 2}' * 9,
    }
    source = tmp_path / "results.zip"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    data = bytearray(source.read_bytes())
    whole = {f.path: f.data for f in files.read(source)}
    assert len(whole) == 2
    ends = dict.fromkeys(("refused", "whole", "told"), 0)
    for bit in range(8 * data.index(b"PK\1\2"), 8 * len(data)):
        data[bit // 8] ^= 1 << bit % 8
        source.write_bytes(data)
        data[bit // 8] ^= 1 << bit % 8
        try:
            found = {f.path: f for f in files.read(source)}
        except InputError:
            ends["refused"] += 1
            continue
        assert found.keys() == whole.keys(), bit
        assert all(f.fault or f.data == whole[path] for path, f in found.items()), bit
        ends["told" if any(f.fault for f in found.values()) else "whole"] += 1
    assert min(ends.values()) > 0
    assert ends["refused"] > ends["whole"]
