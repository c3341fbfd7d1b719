"""Public results as mteb reads them: unpacked."""

import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import zstandard

from bench.sources import team
from bench.sources.definitions import load


def _unpack(archive_path: Path, benchmarks: Sequence[str], target: Path) -> None:
    """Unpack only these benchmarks' tasks and the model cards."""
    wanted = {f"{t.name}.json" for name in benchmarks for t in load().benchmark(name)} | {"model_meta.json"}

    def chosen(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
        for member in archive:
            if Path(member.name).name in wanted:
                yield member

    with (
        archive_path.open("rb") as file,
        zstandard.ZstdDecompressor().stream_reader(file) as stream,
        tarfile.open(fileobj=stream, mode="r|") as archive,
    ):
        archive.extractall(target, members=chosen(archive), filter="data")


@pytest.fixture(scope="session")
def unpack() -> Callable[[Path, Sequence[str], Path], None]:
    """A function: (archive, benchmarks, target folder)."""
    return _unpack


@pytest.fixture
def others_die(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process but this one dies with the first thing that it took to do."""
    taken, this = team._taken, os.getpid()

    def take_and_die(pipe: int) -> tuple[int, int] | None:
        token = taken(pipe)
        if os.getpid() != this:
            os._exit(1)
        return token

    monkeypatch.setattr(team, "_taken", take_and_die)
