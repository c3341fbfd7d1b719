"""A full or read-only disk and a kill while writing: one clear line, and the old file or the new one, never half of one."""

import errno
import gc
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.folder_lock import LOCK_FILE, locked
from embsig.cli import app as command_line
from stats.common.errors import InputError
from stats.common.writing import disk_fault, replacing, write_whole

TABLE = "task,a,b,c\n" + "".join(f"t{i},0.{60 + i},0.{50 + (3 * i) % 7},0.{40 + i}\n" for i in range(10))

#: Commands that write one file: arguments before SOURCE, and the file's ending.
WRITERS: dict[str, tuple[list[str], str]] = {
    "compare text": (["compare"], "txt"),
    "compare json": (["compare", "--format", "json"], "json"),
    "report": (["report"], "html"),
    "plot svg": (["plot", "forest"], "svg"),
    "plot pdf": (["plot", "forest"], "pdf"),
    "plot png": (["plot", "forest"], "png"),
    "plot tex": (["plot", "critical-difference"], "tex"),
    "scores csv": (["scores"], "csv"),
    "scores gzip": (["scores"], "csv.gz"),
    "scores parquet": (["scores"], "parquet"),
    "audit": (["audit", "--format", "json"], "json"),
}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "scores.csv"
    path.write_text(TABLE)
    return path


def end(*arguments: object) -> int:
    """Run the command line in this process; its exit code."""
    with pytest.raises(SystemExit) as stop:
        command_line.main([str(a) for a in arguments])
    return int(stop.value.code or 0)


def in_child(work: Callable[[], object]) -> int:
    """Do something in a process of its own that may die; its wait status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def half_then_die(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content[: len(content) // 2])
    die()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 kB; skips where none may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system may be mounted here: a full disk is played by a limit on the size of files")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@contextmanager
def small_files() -> Iterator[None]:
    """No file of this process may grow beyond 100 bytes; the test runner's own output, too, so only for the call itself."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# -- one file ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["write_bytes", "fsync", "replace"])
def test_a_kill_at_any_step_leaves_the_old_file(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    write_whole(path, "old")
    with monkeypatch.context() as patched:
        if step == "write_bytes":
            patched.setattr(Path, "write_bytes", half_then_die)
        else:
            patched.setattr(os, step, die)
        assert os.WIFSIGNALED(in_child(lambda: write_whole(path, "new" * 1000)))
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2, "the kill must have struck while a file was being written"
    write_whole(path, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"], (
        "what the killed process left goes at the next writing"
    )
    assert path.read_text() == "new"


def test_what_another_process_is_writing_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    with replacing(path) as part:
        part.write_text("ours")
        assert in_child(lambda: write_whole(path, "theirs")) == 0
        assert path.read_text() == "theirs"
    assert path.read_text() == "ours"


def test_links_devices_pipes_and_modes_stay_what_they_are(tmp_path: Path) -> None:
    file, link, pipe = tmp_path / "file", tmp_path / "link", tmp_path / "pipe"
    file.write_text("old")
    file.chmod(0o600)
    link.symlink_to(file)
    write_whole(link, "new")
    assert link.is_symlink()
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o600)
    write_whole("/dev/null", "nothing")
    assert not Path("/dev/null").is_file()
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert pipe.is_fifo()


def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    path = tmp_path / ("ü" * 125 + ".html")
    write_whole(path, "x")
    assert path.read_text() == "x"


def test_an_error_on_the_way_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("old")
    with small_files(), pytest.raises(OSError, match="File too large"), replacing(path) as part:
        part.write_bytes(b"x" * 200)
    assert [p.name for p in tmp_path.iterdir()] == ["scores.csv"]
    assert path.read_text() == "old"
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path, "x")


def test_faults_of_the_disk_are_told_from_others() -> None:
    assert disk_fault(OSError(errno.ENOSPC, "")) == os.strerror(errno.ENOSPC)
    assert disk_fault(RuntimeError("I/O error: No space left on device (os error 28)")) == os.strerror(errno.ENOSPC)
    assert disk_fault(RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed"))
    assert disk_fault(OSError(errno.ENOENT, "")) is None
    assert disk_fault(ValueError("no")) is None


# -- the commands that write a file ------------------------------------------------------------------------------


def _told(capsys: pytest.CaptureFixture[str], output: Path) -> None:
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("embsig: error:")]
    assert len(said) == 1
    assert f"cannot write {output}" in said[0]


@pytest.mark.parametrize("writer", WRITERS)
def test_a_file_that_does_not_fit_is_an_input_error(
    writer: str, table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, ending = WRITERS[writer]
    output = tmp_path / "out" / f"file.{ending}"
    output.parent.mkdir()
    output.write_text("old and good")
    with small_files():
        assert end(*command, table, "-o", output) == 2
    _told(capsys, output)
    assert output.read_text() == "old and good"
    assert list(output.parent.iterdir()) == [output]


@pytest.mark.parametrize("writer", ["report", "scores parquet", "plot pdf"])
def test_a_full_or_read_only_disk_is_an_input_error(
    writer: str, table: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, ending = WRITERS[writer]
    output = small_disk / f"file.{ending}"
    output.write_text("old and good")
    with pytest.raises(OSError, match="No space"):
        (small_disk / "filling").write_bytes(b"x" * 20_000)
    for _ in range(2):
        assert end(*command, table, "-o", output) == 2
        _told(capsys, output)
        assert output.read_text() == "old and good"
        assert {p.name for p in small_disk.iterdir()} == {output.name, "filling"}
        gc.collect()  # the error's traceback holds the file open that could not be written
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)


@pytest.mark.parametrize("writer", ["compare json", "report", "plot svg", "scores parquet"])
def test_killed_while_writing_a_command_makes_the_same_file_the_next_time(
    writer: str, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    command, ending = WRITERS[writer]
    output = tmp_path / "out" / f"file.{ending}"
    output.parent.mkdir()
    monkeypatch.setattr("embsig.cli.analysis.command_line", lambda: "embsig")
    assert end(*command, table, "-o", output) == 0
    whole = output.read_bytes()
    output.write_text("old")
    for name in ("fsync", "replace"):
        with monkeypatch.context() as patched:
            patched.setattr(os, name, die)
            assert os.WIFSIGNALED(in_child(lambda: command_line.main([*command, str(table), "-o", str(output)])))
        assert output.read_text() == "old"
    assert end(*command, table, "-o", output) == 0
    assert output.read_bytes() == whole
    assert list(output.parent.iterdir()) == [output]


# -- one process at a time in a folder ---------------------------------------------------------------------------

_HOLD = (
    "import sys, time; from pathlib import Path; from bench.folder_lock import locked\n"
    "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
)


def test_a_folder_is_held_by_one_process_that_is_named_and_a_killed_one_holds_nobody_up(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", _HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder, holder.stdout:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(InputError, match=rf"is in use by process {holder.pid} on .*`-c .*since 20.*: wait") as error,
            locked(tmp_path),
        ):
            raise AssertionError
        assert "\n" not in str(error.value)
        holder.kill()
    assert (tmp_path / LOCK_FILE).exists(), "the kill must have left the lock's file"
    with locked(tmp_path):
        assert json.loads((tmp_path / LOCK_FILE).read_text())["process"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_of_nonsense_holds_nobody_up_and_is_no_riddle(tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).write_text("{")
    with locked(tmp_path):
        (tmp_path / LOCK_FILE).write_text("{")
        with pytest.raises(InputError, match="is in use by another process"), locked(tmp_path):
            raise AssertionError


def test_a_disk_that_fills_while_a_folder_is_held_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No space left .*; make room .* what is finished is kept"), locked(tmp_path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(InputError, match="Permission denied"), locked(tmp_path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / "x"))
    with pytest.raises(FileNotFoundError), locked(tmp_path):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "/elsewhere")


@pytest.mark.parametrize(
    "command", [["demo", "--quick"], ["pretrain"], ["run", "-m", "mteb/baseline-random-encoder", "-t", "STS12"]]
)
def test_commands_refuse_a_folder_in_use(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with locked(tmp_path):
        assert end(*command, "-o", tmp_path) == 2
    said = capsys.readouterr().err.splitlines()
    assert f"is in use by process {os.getpid()}" in said[-1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command", [["demo", "--quick"], ["pretrain"], ["run", "-m", "mteb/baseline-random-encoder", "-t", "STS12"]]
)
def test_commands_refuse_a_file_where_a_folder_is_expected(
    command: list[str], table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert end(*command, "-o", table) == 2
    assert f"output folder {table} cannot be written" in capsys.readouterr().err.splitlines()[-1]
    assert table.read_text() == TABLE
