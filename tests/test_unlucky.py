"""The unlucky user: standard streams that are closed, full or of another alphabet, a cache that is broken or barred."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from embsig.cli import app as command_line

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("org/modèle", "中文", "c")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "a folder, é" / "scores.csv"
    path.parent.mkdir()
    rows = "".join(f"t{i},0.{60 + i},0.{50 + (3 * i) % 7},0.{40 + i}\n" for i in range(10))
    path.write_text(f"task,{','.join(NAMES)}\n{rows}", encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["text", "json", "csv", "markdown"])
def test_names_are_whole_where_standard_output_is_ascii(
    form: str, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    with pytest.raises(SystemExit) as end:
        command_line.main(["compare", str(table), "--format", form])
    assert end.value.code == 0
    said = raw.getvalue().decode("utf-8")
    assert all(name in said for name in NAMES)
    if form == "json":
        assert {row["model"] for row in json.loads(said)["ranks"]} == set(NAMES)


def _shell(command: str, table: Path) -> tuple[int, str, str]:
    line = f'set -o pipefail; "$0" -m embsig scores "$1" {command}'
    done = subprocess.run(
        ["bash", "-c", line, sys.executable, str(table)],
        env={**{k: v for k, v in os.environ.items() if k not in ("HOME", "TERM")}, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    # What was read is said first.
    said = "".join(s for s in done.stderr.splitlines(keepends=True) if not s.startswith("embsig: read as "))
    return done.returncode, done.stdout, said


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("| head -0", 0, ""),
        (">&-", 2, "embsig: error: standard output is closed: open it, or give a file with -o\n"),
        (">/dev/full", 2, "embsig: error: cannot write to standard output: No space left on device; give a file elsewhere with -o\n"),
    ],
)  # fmt: skip
def test_output_that_nobody_takes_ends_without_a_traceback(command: str, code: int, said: str, table: Path) -> None:
    if "full" in command and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    assert _shell(command, table) == (code, "", said)


def test_a_closed_standard_error_leaves_the_data_alone(table: Path) -> None:
    code, out, _ = _shell("2>&-", table)
    assert code == 0
    assert out.splitlines()[0] == "task," + ",".join(NAMES)


def test_an_interruption_ends_in_one_line(
    table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("embsig.cli.analysis.run_comparison", interrupted)
    with pytest.raises(SystemExit) as end:
        command_line.main(["compare", str(table)])
    assert end.value.code == 130
    assert capsys.readouterr() == ("", "embsig: interrupted; what was finished is kept\n")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_in_one_line_and_is_left_as_it_was(
    number: signal.Signals, code: int, table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def signalled(*_: object) -> None:
        os.kill(os.getpid(), number)
        time.sleep(10)

    # As in a process of its own: a package that another test used may have handlers that stay.
    own = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    before = signal.signal(number, own)
    try:
        monkeypatch.setattr("embsig.cli.analysis.run_comparison", signalled)
        with pytest.raises(SystemExit) as end:
            command_line.main(["compare", str(table)])
        assert end.value.code == code
        assert capsys.readouterr() == ("", "embsig: interrupted; what was finished is kept\n")
        assert signal.getsignal(number) is own
    finally:
        signal.signal(number, before)


def test_a_damaged_index_is_removed_and_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EMBSIG_CACHE", str(tmp_path / "cache"))
    for model in ("a", "b"):
        folder = tmp_path / "results" / f"org__{model}" / "r1"
        folder.mkdir(parents=True)
        scores = {"test": [{"main_score": 0.5, "hf_subset": "default", "languages": ["eng-Latn"]}]}
        about = {"dataset_revision": "d1", "task_name": "STS12", "mteb_version": "2.1.0", "scores": scores}
        (folder / "STS12.json").write_text(json.dumps(about))

    def scores_of() -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            command_line.main(["scores", str(tmp_path / "results")])
        return end.value.code, *capsys.readouterr()

    whole = scores_of()
    (index,) = (tmp_path / "cache").rglob("scores.parquet")
    for answer in index.parent.glob("answer-*"):  # which speaks for itself
        answer.unlink()
    content = index.read_bytes()
    footer = 8 + int.from_bytes(content[-8:-4], "little")
    index.write_bytes(b"PAR1" + b"\xff" * (len(content) - footer - 4) + content[-footer:])
    code, out, said = scores_of()
    assert (code, out) == (2, "")
    assert "was damaged and has been removed: start again" in said
    assert scores_of() == whole
