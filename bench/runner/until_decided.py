"""Two models task by task, until it is decided whether one is worse than the other by a margin."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.sources.definitions import load
from bench.task_costs import task_costs
from stats.common import text
from stats.common.errors import InputError, did_you_mean, unknown
from stats.common.jsonable import plain
from stats.gates.checks import LARGEST_OF_FRACTIONS, margin_given
from stats.pairs import check_level
from stats.sequential import Anytime, anytime_tasks

from .events import Event, Progress, ignore
from .grid.jobs import Job, Outcome, Settings
from .run_folder.records import Store

ORDERS = ("cost", "given")


@dataclass(frozen=True)
class UntilDecided:
    """When a run of two models may stop.

    Attributes
    ----------
    against : str
        The baseline; the other model of the run is the candidate.
    margin : float
        The loss of mean score that does not matter, in the scores' units.
    alpha : float
        The verdict is wrong with probability at most alpha, although it is looked at after every task.
    order : {"cost", "given"}
        Which tasks come first: those that have the fewest characters to encode, or in the order given. Never by what came out.
    largest : float, optional
        The largest difference that a task can have, see `embsig.anytime_tasks`.

    Examples
    --------
    >>> UntilDecided(against="base", margin=.005).alpha
    0.05
    """

    against: str
    margin: float
    alpha: float = 0.05
    order: str = "cost"
    largest: float | None = None


class Looks:
    """The looks of one run: in which order its tasks are evaluated, and what was seen.

    Tasks cut from one source, and an aggregate's parts, are one unit, as for `embsig.gate`: they would be no new evidence each.

    Parameters
    ----------
    asked : UntilDecided
    parts : sequence of Job
    sums : mapping of Job to jobs
        Aggregates, and what each is the mean of.
    settings : Settings
    workers, cluster
        As in `evaluate`; neither can be had.

    Raises
    ------
    InputError
        If there are other than two models, none of them is the baseline, or another setting cannot be used.
    """

    def __init__(
        self, asked: UntilDecided, parts: Sequence[Job], sums: Mapping[Job, Any], settings: Settings, workers: int,
        cluster: str | None,
    ) -> None:  # fmt: skip
        check_level(asked.alpha, "alpha")
        if (margin := margin_given(asked.margin)) >= LARGEST_OF_FRACTIONS:
            raise InputError(
                f"margin={margin:g} on scores of 0 to 1, as MTEB's are: on another scale; half a point is 0.005"
            )
        if asked.order not in ORDERS:
            raise unknown("order", asked.order, ORDERS)
        if workers > 1 or cluster is not None:
            raise InputError("a run until decided goes task by task in one process: leave out workers and cluster")
        names = list(dict.fromkeys(job.model.name for job in parts))
        if asked.against not in names:
            raise InputError(
                f"no model of this run is called {asked.against!r}, the baseline: there are {text.listing(names, 6)}"
                f"{did_you_mean(asked.against, names)}"
            )
        if len(names) != 2:
            raise InputError(
                f"{text.count(len(names), 'model')} ({text.listing(names, 6)}): a run until decided takes two, the baseline and one candidate"
            )
        self.asked, self._settings = asked, settings
        self._candidate = next(n for n in names if n != asked.against)
        self._units = _units(parts, sums, asked.order)
        self._known: Mapping[Job, Outcome | None] = {}
        self._seen: list[float] = []
        self._found: Anytime | None = None
        self._without: list[str] = []

    def run(self, known: Mapping[Job, Outcome | None], store: Store, report: Progress = ignore) -> dict[Job, Outcome]:
        """Evaluate unit after unit until it is decided; what an earlier run has done is taken from there."""
        from .backends.in_process import EachLoaded, run_here

        self._known = known
        total = sum(len(unit) for unit in self._units)
        ran: dict[Job, Outcome] = {}
        done = 0
        loaded = EachLoaded(self._settings)
        try:
            while self._units and not self._decided:
                unit = self._units.pop(0)
                left = [job for job in unit if known[job] is None]
                done += len(unit)
                ran |= run_here(left, self._settings, store, _of(report, total), done, loaded)
                self._look(unit, {job: known[job] or ran[job] for job in unit})
        finally:
            loaded.close()
        return ran

    @property
    def _decided(self) -> bool:
        return self._found is not None and self._found.verdict != "UNDECIDED"

    def _look(self, unit: Sequence[Job], outcomes: Mapping[Job, Outcome]) -> None:
        scores: dict[str, dict[str, float]] = {}
        for job, outcome in outcomes.items():
            if outcome.score is not None and math.isfinite(outcome.score):
                scores.setdefault(job.task.name, {})[job.model.name] = outcome.score
        differences = [s[self._candidate] - s[self.asked.against] for s in scores.values() if len(s) == 2]
        self._without += [t for t in dict.fromkeys(j.task.name for j in unit) if len(scores.get(t, ())) < 2]
        if differences:
            self._seen.append(fmean(differences))
            asked = self.asked
            self._found = anytime_tasks(self._seen, margin=asked.margin, alpha=asked.alpha, largest=asked.largest)

    def said(self) -> dict[str, Any]:
        """What the manifest says of it: the verdict, its text, what was asked, the looks, and the tasks that are left."""
        left = list(
            dict.fromkeys(job.task.name for unit in self._units for job in unit if self._known.get(job) is None)
        )
        verdict = "UNDECIDED" if self._found is None else self._found.verdict
        said = {
            "verdict": verdict, "candidate": self._candidate, "level": "tasks", **asdict(self.asked), "left": left,
            "without": self._without, "looks": [] if self._found is None else self._found.to_dict()["looks"],
        }  # fmt: skip
        return plain({**said, "text": self._text(len(left))})  # type: ignore[no-any-return]  # a dict stays one

    def _text(self, n_left: int) -> str:
        if self._found is None:
            return "UNDECIDED: no task has a score of both models"
        shown = f"{self._found}".replace(": ", f": {self._candidate} against {self.asked.against}: ", 1)
        lacking = f"; {text.listing(self._without, 3)} left out, without a score of both" if self._without else ""
        if n_left:
            return f"{shown}; stopped with {text.count(n_left, 'task')} left{lacking}; the same command without --until-decided evaluates them"
        if self._decided:
            return f"{shown}; no task is left{lacking}"
        return f"{shown}; all tasks are evaluated{lacking}: `embsig gate` compares them as a whole"


def _of(report: Progress, total: int) -> Progress:
    """Events count of all jobs that there may be."""

    def told(event: Event) -> None:
        report(replace(event, total=total))

    return told


def _units(parts: Sequence[Job], sums: Mapping[Job, Any], order: str) -> list[list[Job]]:
    """The jobs of what is looked at as a whole, in the order in which it is evaluated."""
    names = list(dict.fromkeys(job.task.name for job in parts))
    known = {name: load().task(name) for name in names}
    group = {name: (task.group if task else None) or name for name, task in known.items()}
    for job in sums:
        group |= dict.fromkeys(job.task.parts, f"parts of {job.task.name}")
    units: dict[str, list[Job]] = {}
    for job in parts:
        units.setdefault(group[job.task.name], []).append(job)
    if order == "given":
        return list(units.values())
    costs = task_costs(names, {job.task.name: job.task.subsets for job in parts})
    # What has no cost known comes last, as given: a task of unknown size should not hold up the others.
    return sorted(units.values(), key=lambda unit: sum(costs.get(job.task.name, math.inf) for job in unit))


def still_left(folder: Path, records: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """What an earlier run in this folder said of its stopping, while tasks that it left are still not evaluated; else None.

    Parameters
    ----------
    folder : Path
        Of the run.
    records : sequence of mapping
        Of all its jobs.
    """
    try:
        said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["until_decided"]
        wanted = {(model, task) for model in (said["candidate"], said["against"]) for task in said["left"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    done = {(r["identity"]["model"], r["identity"]["task"]) for r in records if r["status"] == "done"}
    return said if wanted - done else None
