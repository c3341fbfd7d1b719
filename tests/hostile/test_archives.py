"""Archives that unfold without end, contradict themselves or are cut off, at any point; and compressed tables cut off."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import zstandard

from bench import read_scores
from bench.sources import files
from stats.common.errors import InputError
from stats.common.textfile import read_cells

from .conftest import GOOD, TWO, Maker, result

FORMS = ("r.tar.zst", "r.tar.gz", "r.tar", "r.zip")
PLACE = "results/org__a/r1/STS12.json"


def compressed(m: Maker, name: str, data: bytes) -> Path:
    return m.file(
        zstandard.compress(data) if name.endswith("zst") else gzip.compress(data) if name.endswith("gz") else data, name
    )


def archive(m: Maker, name: str, members: Sequence[tuple[str, bytes]]) -> Path:
    """An archive of these members, in this order, also of one twice."""
    if name.endswith("zip"):
        with warnings.catch_warnings(), zipfile.ZipFile(m.path(name), "w", zipfile.ZIP_DEFLATED) as packed:
            warnings.simplefilter("ignore")  # that a name is there twice
            for member, content in members:
                packed.writestr(member, content)
        return m.path(name)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tarred:
        for member, content in members:
            info = tarfile.TarInfo(member)
            info.size = len(content)
            tarred.addfile(info, io.BytesIO(content))
    return compressed(m, name, buffer.getvalue())


def good(m: Maker) -> list[tuple[str, bytes]]:
    return list(m.members(TWO).items())


def with_blocks(m: Maker, *blocks: bytes, name: str = "r.tar.zst") -> Path:
    """A good archive with these blocks behind its members."""
    whole = archive(m, "good.tar", good(m)).read_bytes()
    end = -(-len(whole.rstrip(b"\0")) // 512) * 512
    return compressed(m, name, whole[:end] + b"".join(blocks) + bytes(1024))


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A tar header alone, of a size that nothing need have."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def sparse(version: str) -> bytes:
    """A file of 50 GB in two blocks, as GNU tar writes sparse files."""
    info = tarfile.TarInfo("results/org__a/r1/S.json")
    info.size = 512
    if version == "old":
        info.type = tarfile.GNUTYPE_SPARSE
        block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
        block[386:410] = b"%011o\0%011o\0" % (0, 512)
        block[483:495] = struct.pack(">BxxxQ", 0x80, 50 << 30)
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        return bytes(block) + bytes(512)
    info.pax_headers = {
        "GNU.sparse.size": str(50 << 30),
        "GNU.sparse.realsize": str(50 << 30),
        "GNU.sparse.name": "S.json",
    }
    info.pax_headers |= {
        "0.0": {"GNU.sparse.numblocks": "1", "GNU.sparse.offset": "0", "GNU.sparse.numbytes": "512"},
        "0.1": {"GNU.sparse.map": "0,512"},
        "1.0": {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
    }[version]
    return info.tobuf(tarfile.PAX_FORMAT) + b"1\n0\n512\n".ljust(512, b"\0")


def lying_zip(m: Maker) -> Path:
    """A zip archive whose directory claims to have no end."""
    data = bytearray(archive(m, "r.zip", good(m)).read_bytes())
    at = data.rindex(b"PK\5\6")
    data[at + 12 : at + 16] = (0xFFFFFFF0).to_bytes(4, "little")
    return m.file(bytes(data), "r.zip")


# fmt: off
REFUSED: dict[str, tuple[Callable[[Maker], Path], str]] = {
    **{
        f"{form}: {what}": (lambda m, f=f, form=form: archive(m, form, f(m)), expected)
        for form in FORMS
        for what, (f, expected) in {
            "a result twice": (lambda m: [*good(m), (PLACE, result("STS12", .9))], "holds 'results/org__a/r1/STS12.json' twice, with different content"),
            "a model card twice": (lambda m: [*good(m), ("results/org__a/r1/model_meta.json", b"{}")], "model_meta.json' twice, with different content"),
            "a folder in two Unicode forms": (lambda m: [("results/é/r1/STS12.json", result("STS12", .1)), ("results/e\u0301/r1/STS12.json", result("STS12", .2))], "STS12.json' twice, with different content"),
            "an archive in an archive": (lambda m: [("results/org__a/r1/r.zip", archive(m, "inner.zip", good(m)).read_bytes())], "holds no MTEB results"),
            "an archive called a result": (lambda m: [(PLACE, archive(m, "inner.zip", good(m)).read_bytes())], "holds no MTEB results"),
            "a result of 70 MB": (lambda m: [(PLACE, b" " * (70 << 20))], "1 unreadable, the first is results/org__a/r1/STS12.json"),
        }.items()
    },
    **{f"tar: a sparse file ({v})": (lambda m, v=v: with_blocks(m, sparse(v)), "is a sparse file, whose size nothing bounds") for v in ("old", "0.0", "0.1", "1.0")},
    **{
        f"tar: {what} of 8 GB": (lambda m, kind=kind: with_blocks(m, header("././@LongLink", 8 << 30, kind), bytes(64 << 20)), "a name or attributes of 8,589,934,592 bytes")
        for what, kind in (("a name", b"L"), ("a link's name", b"K"), ("attributes", b"x"), ("common attributes", b"g"), ("Solaris attributes", b"X"))
    },
    "tar: a file larger than the archive": (lambda m: with_blocks(m, header("results/org__c/r1/STS12.json", 1 << 20)), "is not a readable archive"),
    "tar: a file of 8 EB": (lambda m: with_blocks(m, header("results/org__c/r1/STS12.json", 1 << 63)), "is not a readable archive"),
    "tar: results that are links": (lambda m: m.tar({}, "r.tar", a=(tarfile.SYMTYPE, "/etc/passwd"), b=(tarfile.LNKTYPE, "/etc/passwd")), "2 unreadable, the first is results/org__evil/r1/a.json: a link"),
    "zip: a directory without end": (lying_zip, "has more than 2,000,000 members"),
}
# fmt: on


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, refused: Callable[..., str]) -> None:
    source, expected = REFUSED[case]
    refused(source, "scores {}", expected)


@pytest.mark.parametrize("form", FORMS)
def test_a_result_twice_and_alike_counts_once(form: str, make: Maker) -> None:
    once = read_scores(archive(make, form, good(make)))
    twice = read_scores(archive(make, form, [*good(make), *good(make)[1:3]]))
    assert twice.table.equals(once.table)
    assert twice.provenance["n_files"] == once.provenance["n_files"] == 4


@pytest.mark.parametrize("form", FORMS)
def test_more_members_than_there_can_be(form: str, make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    source = archive(make, form, [(f"x/{i}", b"") for i in range(101)])
    monkeypatch.setattr(files, "MAX_MEMBERS", 100)
    with pytest.raises(InputError, match="has more than 100 members: refused"):
        list(files.read(source))


def test_a_zip_directory_larger_than_it_says(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether few members are claimed, or the size is in the wide form: no object is made of any."""
    source = archive(make, "r.zip", [("x/" + "y" * 180 + str(i), b"") for i in range(200)])
    data = bytearray(source.read_bytes())
    at = data.rindex(b"PK\5\6")
    data[at + 10 : at + 12] = b"\1\0"
    source.write_bytes(bytes(data))
    monkeypatch.setattr(files, "MAX_MEMBERS", 100)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(InputError, match="has more than 100 members"):
        list(files.read(source))


def test_a_link_among_results_is_told(make: Maker, read: Callable[..., str]) -> None:
    """A hard link is how tar writes a file that it has under another name already: its scores are missing, and it is said."""
    said = read(lambda m: m.tar(name="r.tar", a=(tarfile.LNKTYPE, PLACE)), "audit {}")
    assert "1 file could not be read, such as results/org__evil/r1/a.json (a link" in said


@pytest.mark.parametrize("form", FORMS)
def test_cut_off_anywhere_an_archive_is_refused_or_whole(form: str, make: Maker) -> None:
    source = archive(make, form, good(make))
    whole, data = list(files.read(source)), source.read_bytes()
    ends = range(0, len(data), max(1, len(data) // 150))
    for end in [*ends, *range(max(0, len(data) - 40), len(data))]:
        source.write_bytes(data[:end])
        # A tar archive ends in blocks of zeros, of which one is enough; nothing else may lack a byte.
        if form == "r.tar" and end >= len(data.rstrip(b"\0")) + 512 and not any(data[end - 512 : end]):
            assert list(files.read(source)) == whole
        else:
            with pytest.raises(InputError, match=r"not a readable archive|cut off"):
                list(files.read(source))


@pytest.mark.parametrize(
    ("ending", "pack"),
    [(".gz", gzip.compress), (".zst", zstandard.compress), (".bz2", bz2.compress), (".xz", lzma.compress)],
)
def test_cut_off_anywhere_a_compressed_table_is_refused(ending: str, pack: Callable[[bytes], Any], make: Maker) -> None:
    data = pack(GOOD.encode())
    path = make.path(f"scores.csv{ending}")
    for end in range(len(data)):
        path.write_bytes(data[:end])
        with pytest.raises(InputError, match=r"scores\.csv"):
            read_cells(path, what="scores")
