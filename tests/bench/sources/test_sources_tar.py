"""The reader of tar archives gives what `tarfile` gives, member by member and byte by byte."""

import io
import tarfile
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.sources import tar

FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
KINDS = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.CONTTYPE)


def packed(members: Sequence[tuple[str, bytes, bytes]], form: int, **about: Any) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form, pax_headers=about.pop("common", None)) as archive:
        for name, kind, data in members:
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(data) if kind in (tarfile.REGTYPE, tarfile.AREGTYPE) else 0
            for key, value in about.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def ours(data: bytes, chunk: int = 1 << 18) -> list[tar.Member]:
    return list(tar.members(Pieces(data, chunk), accept))


def theirs(data: bytes) -> list[tar.Member]:
    found = []
    with tarfile.open(fileobj=io.BytesIO(data), mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() and accept(member.name, member.size) else None
            found.append(tar.Member(member.name, None if content is None else content.read()))
    return found


def accept(name: str, size: int) -> str | None:
    return name if not name.startswith("no") and size < 5000 else None


class Pieces(io.BytesIO):
    """A stream that gives less than it is asked for, as decompressors do."""

    def __init__(self, data: bytes, chunk: int) -> None:
        super().__init__(data)
        self.chunk = chunk

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.chunk if size is None or size < 0 else min(size, self.chunk))


@pytest.fixture
def no_tarfile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar, "_by_tarfile", None)


NAMES = st.one_of(
    st.sampled_from(["a.json", "results/org__m/r1/STS12.json", "no.json", "./a", "a//b", "d/", "ü/é.json", "x" * 99 + "/y"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=300),
    st.integers(90, 300).map(lambda n: "/".join(["d" * 9] * (n // 10)) + ".json"),
)  # fmt: skip
SIZES = st.one_of(st.sampled_from([0, 1, 511, 512, 513, 6000]), st.integers(0, 2000))


@given(
    members=st.lists(st.tuples(NAMES, st.sampled_from(KINDS), SIZES.map(lambda n: (b"0123456789abcdef" * 400)[:n])), max_size=6),
    form=st.sampled_from(FORMATS),
    mtime=st.sampled_from([0, 1_700_000_000, 1_700_000_000.25]),
    chunk=st.sampled_from([1, 100, 512, 1000, 1 << 18]),
)  # fmt: skip
def test_any_archive(members: list[tuple[str, bytes, bytes]], form: int, mtime: float, chunk: int) -> None:
    try:
        data = packed(members, form, mtime=mtime if form == tarfile.PAX_FORMAT else int(mtime))
    except ValueError:  # a name that this format cannot hold
        return
    assert ours(data, chunk) == theirs(data)


@pytest.mark.usefixtures("no_tarfile")
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["results/org__m/r1/STS12.json", "/".join(["folder"] * 30) + "/STS12.json"])
def test_what_archives_of_results_hold_needs_no_tarfile(form: int, name: str) -> None:
    members = [
        ("results", tarfile.DIRTYPE, b""),
        (name, tarfile.REGTYPE, b"{}"),
        ("no/b.json", tarfile.REGTYPE, b"1" * 700),
    ]
    common = {"comment": "0123456789abcdef"} if form == tarfile.PAX_FORMAT else None  # as `git archive` begins
    try:
        data = packed(members, form, common=common)
    except ValueError:
        pytest.skip("too long for this format")
    assert ours(data) == theirs(data) == [("results", None), (name, b"{}"), ("no/b.json", None)]


@pytest.mark.parametrize(
    "about",
    [
        {"common": {"path": "all.json"}},
        {"common": {"hdrcharset": "BINARY"}},
        {"pax_headers": {"size": "2"}},
        {"pax_headers": {"path": "other.json"}},
        {"pax_headers": {"GNU.sparse.name": "other.json"}},
    ],
)
def test_what_changes_the_meaning_of_members_is_left_to_tarfile(about: dict[str, Any]) -> None:
    data = packed([("a.json", tarfile.REGTYPE, b"{}"), ("b.json", tarfile.REGTYPE, b"[]")], tarfile.PAX_FORMAT, **about)
    assert ours(data) == theirs(data)


def test_numbers_in_base_256_are_left_to_tarfile() -> None:
    data = bytearray(
        packed([("a.json", tarfile.REGTYPE, b"{}"), ("b.json", tarfile.REGTYPE, b"[]")], tarfile.GNU_FORMAT)
    )
    header = data[1024:1536]
    header[124:136] = b"\x80" + (2).to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    data[1024:1536] = header
    assert ours(bytes(data)) == theirs(bytes(data)) == [("a.json", b"{}"), ("b.json", b"[]")]


def test_damage_is_an_error_and_never_a_shorter_result() -> None:
    """`tarfile` takes a damaged header in the middle for the end of the archive."""
    members = [(f"{i}.json", tarfile.REGTYPE, b"{}") for i in range(4)]
    whole = packed(members, tarfile.GNU_FORMAT)
    for at in (1024 * i + offset for i in range(1, 4) for offset in (0, 100, 124, 150, 156, 257, 511)):
        data = bytearray(whole)
        data[at] ^= 0x15
        with pytest.raises(tarfile.TarError):
            ours(bytes(data))


@pytest.mark.parametrize("kept", [1, 511, 600, 1030, 1500])
def test_a_stream_that_ends_within_a_member_is_an_error_or_is_left_to_the_end_mark(kept: int) -> None:
    data = packed([("a.json", tarfile.REGTYPE, b"x" * 10), ("b.json", tarfile.REGTYPE, b"y" * 400)], tarfile.GNU_FORMAT)
    complete = [("a.json", b"x" * 10)] if kept > 1024 else []
    try:
        assert ours(data[:kept]) == complete
    except tarfile.TarError:
        return


def test_an_empty_stream_is_no_archive() -> None:
    with pytest.raises(tarfile.ReadError):
        ours(b"")
    assert ours(bytes(1024)) == []
