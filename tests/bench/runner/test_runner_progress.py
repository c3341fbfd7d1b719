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
    lines = [line for line in stream.getvalue().splitlines() if line.startswith("[") or line == "2 jobs"]
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


def test_a_job_that_takes_long_is_spoken_of(tiny_model: Path, mock_tasks: list[Any], tmp_path: Path) -> None:
    import time

    events: list[Event] = []
    evaluate(
        tiny_model, [t for t in mock_tasks if t.metadata.name == "MockSTSTask"], output=tmp_path, progress=events.append
    )
    (start, load), (texts, *_) = ([e for e in events if e.kind in kinds] for kinds in (("start", "load"), ("texts",)))
    stream = io.StringIO()
    with show(stream, bars=False) as progress:
        drawn = progress._draw  # type: ignore[attr-defined]  # its clock is ours here
        progress(start)
        progress(load)
        now = time.monotonic()
        for later in (2, 7, 12, 40):
            drawn.tell(now + later)
            if later == 7:
                drawn._said_at = now + 7
                progress(texts)
    label = load.job.label if load.job else ""
    assert stream.getvalue().splitlines() == [
        f"{label}: loading the model and the data, 7 s",
        f"{label}: {texts.texts} texts, 40 s",
    ]
