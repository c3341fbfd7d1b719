"""Draw a run's progress on stderr: bars on a terminal, lines elsewhere."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any, TextIO

from stats.common.text import harmless

from .events import Event
from .grid.jobs import Job


def show(stream: TextIO | None = None, *, bars: bool | None = None) -> "Shown":
    """Draw a run's progress: bars on a terminal, elsewhere a line per job.

    Parameters
    ----------
    stream : file, optional
        Where to draw; default stderr.
    bars : bool, optional
        Bars, or lines; default: bars where the stream is a terminal.

    Returns
    -------
    Shown
        A context manager that gives what ``bench.evaluate(progress=...)`` wants.

    Examples
    --------
    >>> with show() as progress:  # doctest: +SKIP
    ...     evaluate(models, tasks, output="runs/first", progress=progress)
    """
    stream = stream or sys.stderr
    drawn = stream.isatty() if bars is None else bars
    return Shown(_Bars(stream) if drawn else _Lines(stream))


#: Seconds after which a job that says nothing is spoken of, and after which it is again.
FIRST, AGAIN = 5.0, 30.0


class Shown:
    """A context manager that is called with `Event`s, as ``bench.evaluate(progress=...)`` calls it; see `show`."""

    def __init__(self, draw: "_Bars | _Lines") -> None:
        self._draw = draw

    def __enter__(self) -> Callable[[Event], None]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._draw.close()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        self._draw(event)


class _Rate:
    """Texts per second since it was made."""

    def __init__(self) -> None:
        self.texts, self.start = 0, time.monotonic()

    def __str__(self) -> str:
        return per_second(self.texts, time.monotonic() - self.start)


def per_second(texts: int, seconds: float) -> str:
    """Texts per second, in words; empty where there is nothing to say."""
    return f"{texts / seconds:,.0f} texts/s" if texts and seconds > 0 else ""


def result_line(event: Event) -> str:
    """What came of a job, in a line."""
    outcome = event.outcome
    if outcome is None:
        return ""
    if outcome.status == "done" and outcome.score is None:
        return f"{outcome.job.label}: {outcome.reason}"
    if outcome.status == "done":
        return f"{outcome.job.label}: {outcome.score:.4f} in {outcome.seconds:.1f} s"
    return f"{outcome.job.label}: failed: {outcome.reason}"


class _Lines:
    """A line per job, and one now and then of a job that takes long: for logs."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._texts: Counter[Job | None] = Counter()
        self._began: dict[Job, float] = {}
        self._loading: set[Job] = set()
        self._said_at = time.monotonic()
        self._ended = threading.Event()
        self._watch: threading.Thread | None = None

    def __call__(self, event: Event) -> None:
        if event.kind == "plan":
            done_before = f", {event.done} of them done or failed before" if event.done else ""
            self._write(f"{event.total} jobs{done_before}")
            if self._watch is None:
                self._watch = threading.Thread(target=self._look, daemon=True)
                self._watch.start()
        elif event.kind in ("start", "load") and event.job:
            self._began.setdefault(event.job, time.monotonic())
            if event.kind == "load":
                self._loading.add(event.job)
        elif event.kind == "wait":
            self._write(event.said)
        elif event.kind == "texts":
            self._texts[event.job] += event.texts
        elif event.kind == "end":
            if event.job:
                self._began.pop(event.job, None)
            rate = per_second(self._texts.pop(event.job, 0), event.outcome.seconds if event.outcome else 0)
            self._write(f"[{event.done}/{event.total}] {result_line(event)}{f', {rate}' if rate else ''}")

    def _look(self) -> None:
        while not self._ended.wait(0.5):
            self.tell(time.monotonic())

    def tell(self, now: float) -> None:
        """Say at what a job is that was begun some time ago and of which nothing was said since."""
        begun = list(self._began.items())
        if not begun or now - self._said_at < FIRST:
            return
        job, since = min(begun, key=lambda item: item[1])
        quiet_for = now - max(self._said_at, since)
        if quiet_for < (FIRST if self._said_at <= since else AGAIN):
            return
        n = self._texts[job]
        what = f"{n:,} texts" if n else "loading the model and the data" if job in self._loading else "running"
        more = f" (and {len(begun) - 1} more)" if len(begun) > 1 else ""
        self._write(f"{job.label}: {what}, {now - since:.0f} s{more}")

    def _write(self, line: str) -> None:
        self._said_at = time.monotonic()
        self._stream.write(harmless(line) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """End the watch."""
        self._ended.set()
        if self._watch is not None:
            self._watch.join()


class _Bars:
    """One bar of jobs with the time left, the job that was started last, and the texts per second of the run."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._rate = _Rate()
        self._bar: Any = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(file=stream),
            transient=True,
        )
        self._task: Any = None

    def __call__(self, event: Event) -> None:
        if event.kind == "plan":
            self._rate = _Rate()
            self._bar.start()
            self._task = self._bar.add_task("jobs", total=event.total, completed=event.done, rate="")
        if self._task is None:
            return
        if event.kind in ("start", "load") and event.job:
            loading = "loading " if event.kind == "load" else ""
            self._bar.update(self._task, description=loading + _escape(event.job.label))
        elif event.kind == "wait":
            self._bar.console.print(_escape(event.said), highlight=False)
        elif event.kind == "texts":
            self._rate.texts += event.texts
            at = {"description": _escape(event.job.label)} if event.job else {}
            self._bar.update(self._task, rate=str(self._rate), **at)
        elif event.kind == "end":
            self._bar.console.print(_escape(result_line(event)), highlight=False)
            self._bar.update(self._task, completed=event.done)

    def close(self) -> None:
        """Take the bar away."""
        self._bar.stop()


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(harmless(text))
