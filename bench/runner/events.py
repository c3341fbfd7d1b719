"""What a run reports while it goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .grid.jobs import Job, Outcome


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes
    ----------
    kind : {"plan", "load", "start", "texts", "end", "wait", "finish"}
        ``plan``: the grid is known. ``load``: a model is being loaded. ``start`` and ``end`` of a job. ``texts``: so
        many texts were encoded. ``wait``: what jobs of a cluster wait for. ``finish``: the run is over.
    job : Job or None
        Several may be running at once.
    outcome : Outcome or None
        Of an ``end``.
    texts : int
        Of a ``texts`` event.
    done, total : int
        Jobs that are over, and jobs of the run.
    said : str
        Of a ``wait`` event: the sentence.
    """

    kind: Literal["plan", "load", "start", "texts", "end", "wait", "finish"]
    job: Job | None = None
    outcome: Outcome | None = None
    texts: int = 0
    done: int = 0
    total: int = 0
    said: str = ""


Progress = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Report nothing."""
