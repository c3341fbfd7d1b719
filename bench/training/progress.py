"""Progress of a training run: what is reported, and the bar on stderr."""

import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from transformers import TrainerCallback

from stats.common.errors import InputError
from stats.common.text import harmless

from .launch import check_spread


@dataclass(frozen=True)
class TrainingProgress:
    """One report.

    Parameters
    ----------
    step, steps : int
        Updates made, and to make.
    loss : float
        Mean training loss since the last report; NaN in a report of the held-out loss alone.
    held_out_loss : float or None
        The held-out loss, where it was just computed.
    tokens, seconds, tokens_per_second : float
        Real tokens (padding not counted) since this process started, over all devices, and the time they took.
    learning_rate : float
        The adapter's rate now.
    message : str
        A note for people; empty in ordinary reports.
    """

    step: int
    steps: int
    loss: float
    held_out_loss: float | None
    tokens: int
    seconds: float
    tokens_per_second: float
    learning_rate: float
    message: str = ""

    def __str__(self) -> str:
        if self.message:
            return self.message
        held = "" if self.held_out_loss is None else f", held-out loss {self.held_out_loss:.4f}"
        loss = "" if self.loss != self.loss else f", loss {self.loss:.4f}"
        return f"step {self.step}/{self.steps}{loss}{held}, {self.tokens_per_second:,.0f} tokens/s"


Reporter = Callable[[TrainingProgress], None]


class ProgressCallback(TrainerCallback):  # type: ignore[misc]  # transformers is not followed by the type checker
    """Turns the trainer's logs into `TrainingProgress`."""

    def __init__(self, reporter: Reporter | None, world_size: int) -> None:
        self.reporter = reporter
        self.world_size = world_size
        #: Real tokens seen by this process; the trainer adds to it.
        self.tokens = 0
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since training began in this process."""
        return time.perf_counter() - self._start

    def say(self, message: str, steps: int) -> None:
        """Report a note, by the first process alone."""
        if self.reporter is not None and int(os.environ.get("RANK", "0")) == 0:
            self.reporter(TrainingProgress(0, steps, float("nan"), None, 0, 0.0, 0.0, 0.0, message))

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Start the clock."""
        self._start = time.perf_counter()

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **kwargs: Any) -> None:
        """Report a logged loss."""
        logs = logs or {}
        if "loss" not in logs and "eval_loss" not in logs:
            return
        if not math.isfinite(logs.get("loss", 0.0)):
            raise InputError(
                f"the loss is {logs['loss']} at step {state.global_step}; lower learning_rate or head_learning_rate, or use precision fp32"
            )
        if self.reporter is None or not state.is_world_process_zero:
            return
        tokens, seconds = self.tokens * self.world_size, max(self.seconds, 1e-9)
        self.reporter(
            TrainingProgress(
                state.global_step,
                state.max_steps,
                float(logs.get("loss", float("nan"))),
                logs.get("eval_loss"),
                tokens,
                seconds,
                tokens / seconds,
                float(logs.get("learning_rate", 0.0)),
            )
        )


class SpreadCallback(TrainerCallback):  # type: ignore[misc]  # as above
    """Refuses to train whole copies where the parameters were to be spread."""

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        """Look at the model as it is trained."""
        check_spread(model)


class OpeningMask(TrainerCallback):  # type: ignore[misc]  # as above
    """Opens the attention of a decoder from causal to bidirectional, update by update.

    Parameters
    ----------
    decoder : Decoder
    updates : int
        After so many it is open.
    """

    def __init__(self, decoder: Any, updates: int) -> None:
        self.decoder, self.updates = decoder, max(1, updates)

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Set how open it is by the update that begins, also where a run goes on from a checkpoint."""
        share = state.global_step / self.updates
        self.decoder.openness = share if share < 1 else None


class StderrProgress:
    """A bar on stderr where it is a terminal, and a line per report where it is not."""

    def __init__(self, title: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.title = title
        console = Console(stderr=True)
        self._bar = (
            Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.completed}/{task.total}"),
                TimeRemainingColumn(),
                TextColumn("{task.fields[status]}"),
                console=console,
                transient=False,
            )
            if console.is_terminal
            else None
        )
        self._task: Any = None

    def __call__(self, report: TrainingProgress) -> None:
        """Show a report."""
        if self._bar is None or report.message:
            sys.stderr.write(harmless(f"{self.title}: {report}") + "\n")
            sys.stderr.flush()
            return
        if self._task is None:
            self._bar.start()
            self._task = self._bar.add_task(harmless(self.title), total=report.steps, status="")
        self._bar.update(self._task, completed=report.step, status=str(report).split(", ", 1)[-1])

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.stop()
