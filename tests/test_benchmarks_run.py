"""The benchmarks run: every part that needs nothing but the package, at its smallest size."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_parts_write_one_table_and_leave_the_rows_of_others(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    page = tmp_path / "page.md"
    done = run("pairs", "samples", "stream", "gpu", "--tiny", "--data", str(tmp_path), "-o", str(page))
    assert done.returncode == 0, done.stderr
    text = page.read_text()
    for title in ("All pairs of models", "Samples", "Larger than memory", "On a GPU"):
        assert f"## {title}\n" in text
    stored = json.loads(page.with_suffix(".json").read_text())
    assert set(stored) == {"pairs", "samples", "stream", "gpu"}
    assert all(row.get("ours", 0) > 0 for part in stored.values() for row in part["rows"])
    assert stored["stream"]["rows"][0]["reached"] is True
    assert str(tmp_path) not in text
    again = run("stream", "--missing", "--tiny", "-o", str(page))
    assert again.returncode == 0
    assert page.read_text() == text


def test_an_unknown_part_is_named() -> None:
    done = run("nothing")
    assert done.returncode == 2
    assert "part 'nothing': expected one of startup, pairs" in done.stderr
