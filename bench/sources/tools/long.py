"""What a reader of another tool's results hands over: a long table, and what must be said of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from stats.common.errors import InputError
from stats.common.matching import matching
from stats.common.text import listing, plural
from stats.samples import Samples
from stats.scores import Scores


@dataclass(frozen=True, eq=False)
class Long:
    """Scores as a long table.

    Attributes
    ----------
    frame : DataFrame
        Columns ``model, task, score``, and ``sample`` where there is a row for every sample; optionally ``metric``,
        ``n_samples``, ``stderr`` (of the score), ``higher_is_better``, ``seed``.
    format : str
        What was read: "TREC runs", "lm-evaluation-harness results", ...
    unit : str
        What a sample is called.
    notes : tuple of str
        What was left out, filled in or chosen, in sentences.
    about : mapping
        More provenance.
    set_aside : mapping
        What was no score -> why.
    """

    frame: pd.DataFrame
    format: str
    unit: str = "sample"
    notes: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    set_aside: Mapping[str, str] = field(default_factory=dict)

    def scores(self, source: str) -> Scores | Samples:
        """Samples where the table has them, else Scores.

        Parameters
        ----------
        source : str
            What was read, for provenance and errors.
        """
        frame = self.frame
        if frame.empty:
            raise InputError(f"{source}: {self.format} without a single score")
        per_sample = "sample" in frame
        down = [] if per_sample else _lower(frame)
        up = _direction(frame, source) if not down else True
        about = {
            "source": source,
            "format": self.format,
            "read": self._read(down),
        }
        about |= dict(self.about)
        if per_sample:
            named = list(frame["metric"].dropna().unique()) if "metric" in frame else []
            metric = str(named[0]) if len(named) == 1 else None
            return Samples.from_frame(frame, unit=self.unit, metric=metric, higher_is_better=up, provenance=about)
        plain = frame.drop(columns=["higher_is_better", "stderr"], errors="ignore")
        read = Scores.from_frame(plain, source=source, higher_is_better=up, provenance=about)
        if "stderr" in frame and read.cells is not None:
            errors = frame.set_index(["task", "model"])["stderr"].astype(float)
            read = replace(read, cells=read.cells.join(errors, on=["task", "model"]))
        return read.turn(down) if down else read

    def only(self, tasks: Sequence[str]) -> "Long":
        """The same with these tasks alone, by name or shell pattern."""
        kept = matching(tasks, [str(t) for t in self.frame["task"].unique()], "task")
        return replace(self, frame=self.frame[self.frame["task"].isin(kept)].reset_index(drop=True))

    def _read(self, turned: Sequence[str]) -> dict[str, Any]:
        named = [f"{what} ({why})" for what, why in self.set_aside.items()]
        said = [self.sentence, *([f"set aside: {listing(named, 8)}"] if named else [])]
        said += [f"lower is better: {listing(list(turned), 8)}"] if turned else []
        return {
            "sentence": "; ".join([*said, *self.notes]),
            "set_aside": dict(self.set_aside),
            "turned": list(turned),
            "notes": list(self.notes),
        }

    @property
    def sentence(self) -> str:
        """What was understood, in one sentence."""
        frame = self.frame
        tasks, models = frame["task"].nunique(), frame["model"].nunique()
        if "sample" in frame:
            n = frame.groupby("task")["sample"].nunique()
            what = f"{int(n.sum()):,} {plural(self.unit)}" + (f" of {tasks} tasks" if tasks > 1 else "")
        else:
            what = f"{tasks} tasks" if tasks != 1 else "1 task"
        return (
            f"read as {self.format}: {what} x {models} models"
            if models != 1
            else f"read as {self.format}: {what} x 1 model"
        )


def _lower(frame: pd.DataFrame) -> list[str]:
    """The tasks of which lower is better, where higher is better on others."""
    if "higher_is_better" not in frame:
        return []
    known = frame.dropna(subset=["higher_is_better"])
    up = known["higher_is_better"].astype(bool)
    high, low = set(known.loc[up, "task"]), set(known.loc[~up, "task"])
    return [str(t) for t in known["task"].unique() if t in low] if high and not high & low else []


def _direction(frame: pd.DataFrame, source: str) -> bool:
    """Whether more is better; one table has one direction."""
    if "higher_is_better" not in frame:
        return True
    known = frame.dropna(subset=["higher_is_better"])
    up = known["higher_is_better"].astype(bool)
    if up.nunique() > 1:
        rising, falling = (known.loc[up == d].iloc[0] for d in (True, False))
        raise InputError(
            f"{source}: higher is better for {rising.get('metric', 'score')} on {rising['task']!r}, lower for {falling.get('metric', 'score')} "
            f"on {falling['task']!r}: choose tasks (--task) or a metric (--metric) of one direction"
        )
    return bool(up.iloc[0]) if len(up) else True


def one_metric(
    frame: pd.DataFrame, asked: Sequence[str] | None, main: Sequence[str], source: str
) -> tuple[pd.DataFrame, list[str]]:
    """Choose the rows of one metric for every task, and say which where it was a choice.

    Parameters
    ----------
    frame : DataFrame
        Has ``task`` and ``metric``; a metric may have a variant behind a comma ("exact_match,strict-match").
    asked : sequence of str, optional
        Metrics by name, with or without their variant: of every task the first that it has, or else its only one.
    main : sequence of str
        What to take, in this order, where none was asked for.
    source : str

    Raises
    ------
    InputError
        If a task has several and nothing says which.
    """
    kept, notes = [], []
    names_of = {str(task): list(dict.fromkeys(part["metric"])) for task, part in frame.groupby("task", sort=False)}
    if asked and not any(_named(wanted, names) for wanted in asked for names in names_of.values()):
        known = dict.fromkeys(n for names in names_of.values() for n in names)
        raise InputError(f"{source}: no task has a metric {asked[0]!r}: there are {', '.join(list(known)[:8])}")
    for task, names in names_of.items():
        found = next((hits for wanted in asked or main if (hits := _named(wanted, names))), names)
        if len(found) > 1:
            raise InputError(
                f"{source}: task {task!r} has {len(found)} metrics ({'; '.join(found[:8])}): name one, --metric {found[0]}"
            )
        if asked and not any(_named(wanted, names) for wanted in asked):
            notes.append(f"{task} has only {found[0]}")
        elif len(names) > 1:
            notes.append(f"{task} by {found[0]}, one of {len(names)} metrics")
        kept.append(frame[(frame["task"] == task) & (frame["metric"] == found[0])])
    return pd.concat(kept, ignore_index=True), notes


def _named(wanted: str, names: Sequence[str]) -> list[str]:
    return [n for n in names if wanted in (n, n.partition(",")[0])]


def read_text(path: Path, most: int = 1 << 30) -> str:
    """A file's text; too large a one, or one that is not UTF-8, is an InputError."""
    if path.stat().st_size > most:
        raise InputError(f"{path} has {path.stat().st_size >> 20:,} MiB: expected at most {most >> 20:,}")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start})") from None
