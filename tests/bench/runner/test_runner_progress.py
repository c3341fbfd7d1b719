"""What a run shows while it goes on."""

import io
from pathlib import Path
from typing import Any

import pytest

from bench import evaluate
from bench.runner.events import Event
from bench.runner.progress import show


def test_a_line_per_job_where_there_is_no_terminal(tiny_model: Path, mock_tasks: list[Any], tmp_path: Path) -> None:
    stream = io.StringIO()
    chosen = [t for t in mock_tasks if t.metadata.name in ("MockSTSTask", "MockPairClassificationTask")]
    with show(stream) as progress:
        run = evaluate(tiny_model, chosen, output=tmp_path, progress=progress)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "2 jobs"
    assert [line.split("]")[0] for line in lines[1:]] == ["[1/2", "[2/2"]
    assert f"local/tiny: {run.outcomes[0].job.task.name}: {run.outcomes[0].score:.4f} in " in lines[1]
    assert "texts/s" in lines[1]
    assert "\x1b" not in stream.getvalue()


def test_events_come_in_order_and_count_the_texts(tiny_model: Path, mock_tasks: list[Any], tmp_path: Path) -> None:
    events: list[Event] = []
    sts = [t for t in mock_tasks if t.metadata.name == "MockSTSTask"]
    evaluate(tiny_model, sts, output=tmp_path, progress=events.append)
    kinds = [e.kind for e in events if e.kind != "texts"]
    assert kinds == ["plan", "start", "load", "end", "finish"]
    assert sum(e.texts for e in events) == 4
    assert (events[-1].done, events[-1].total) == (1, 1)


@pytest.mark.parametrize("bars", [True, False])
def test_failures_are_told(bars: bool, tmp_path: Path) -> None:
    stream = io.StringIO()
    (tmp_path / "data").mkdir()
    with show(stream, bars=bars) as progress:
        evaluate(
            "mteb/baseline-random-encoder",
            "STS12",
            output=tmp_path / "o",
            data_root=tmp_path / "data",
            progress=progress,
        )
    assert "mteb/baseline-random-encoder: STS12: failed: no data for STS12" in " ".join(stream.getvalue().split())


def test_a_reason_steers_no_terminal() -> None:
    stream = io.StringIO()
    with show(stream, bars=False) as progress:
        progress(Event("wait", said="org/a\u202eb\x1b[2J waits"))
    assert stream.getvalue() == "org/a\\u202eb\\x1b[2J waits\n"
