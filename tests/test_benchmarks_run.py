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
    done = run(
        "tables",
        "pairs",
        "limits",
        "whole",
        "samples",
        "stream",
        "large",
        "gpu",
        "--tiny",
        "--data",
        str(tmp_path),
        "-o",
        str(page),
    )
    assert done.returncode == 0, done.stderr
    text = page.read_text()
    for title in ("Reading a plain table", "All pairs of models", "Samples", "Larger than memory", "On a GPU"):
        assert f"## {title}\n" in text
    stored = json.loads(page.with_suffix(".json").read_text())
    assert set(stored) == {"tables", "pairs", "limits", "whole", "samples", "stream", "large", "gpu"}
    assert all(row.get("ours", 0) > 0 for part in stored.values() for row in part["rows"])
    assert stored["stream"]["rows"][0]["reached"] is True
    assert str(tmp_path) not in text
    again = run("stream", "--missing", "--tiny", "-o", str(page))
    assert again.returncode == 0
    assert page.read_text() == text


def test_every_part_says_when_and_where_it_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.__main__ import page

    kept = json.loads((ROOT / "docs/benchmarks.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    assert page(kept) == text
    for name, part in kept.items():
        (told,) = [line for line in text.splitlines() if line.startswith(f"`python -m benchmarks {name}`, ")]
        assert told.endswith(f"Measured on {part['date']}; machine: {part['machine']}.")


def test_an_unknown_part_is_named() -> None:
    done = run("nothing")
    assert done.returncode == 2
    assert "part 'nothing': expected one of startup, tables" in done.stderr


def test_every_simulation_of_the_validity_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """One replication of every part of decisions and levels: a method that the page rests on is not taken away unseen."""
    import numpy as np

    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import validity
    import validity_levels

    for name in validity.DECISIONS:
        part = validity.PARTS[name]
        seen = part.simulate(np.random.default_rng(0), part.worlds[0], min(part.tasks), 1, 19)
        assert seen
        assert all(hits.size for hits in seen.values())
    for name, part in validity_levels.PARTS.items():
        draws = min(19, max(part.more))
        for n_tasks in sorted(part.tasks):  # of the fewest tasks a part may have nothing to say
            if seen := part.simulate(np.random.default_rng(0), part.worlds[0], n_tasks, 1, draws):
                assert all(hits.shape == (1,) for hits in seen.values())
                break
        else:
            pytest.fail(f"{name} simulates nothing")
