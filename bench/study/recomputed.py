"""What was evaluated here beside what the archive holds of the same runs."""

from dataclasses import dataclass
from os import PathLike

import numpy as np
import pandas as pd

from bench._read_scores import read_scores
from bench.training_runs import by_name
from stats import Samples
from stats.common.errors import InputError

from .archive import Archive

#: Scores that lie no further apart are the same: processors differ in the last bits of a sum.
SAME = 1e-6


@dataclass(frozen=True)
class Recomputed:
    """How scores that were computed here agree with the archive's.

    Attributes
    ----------
    n_scores, n_same : int
        Scores computed here, and those within `SAME` of the stored ones.
    n_stored : int
        Scores of the archive.
    seeds : list of int
        Training seeds of the runs that were evaluated here.
    largest : float
        The largest absolute difference.
    where : str
        The run and the task that it is of.
    """

    n_scores: int
    n_same: int
    n_stored: int
    seeds: list[int]
    largest: float
    where: str

    @property
    def agrees(self) -> bool:
        """Whether all scores are the same."""
        return self.n_same == self.n_scores

    def sentence(self) -> str:
        """Say what was computed here, and whether it is what the archive holds."""
        what = f"{'seed' if len(self.seeds) == 1 else 'seeds'} {', '.join(map(str, self.seeds))}"
        said = f"{self.n_scores:,} of {self.n_stored:,} scores were computed here ({what})"
        if self.agrees:
            return f"{said} and equal the stored ones to {SAME:g} (largest difference {self.largest:.1g}); the others are stored."
        return (
            f"{said}, and {self.n_scores - self.n_same:,} of them differ from the stored ones by more than {SAME:g}, by up to "
            f"{self.largest:.2g} ({self.where}): the texts or the processor are others. The answers are of the stored scores."
        )


def _live(run: str | PathLike[str]) -> pd.DataFrame:
    """Scores of a run, ``model, task, live``: those of its samples, as the archive has them, where mteb's own are rounded to five places."""
    try:
        samples = Samples.open(run)
    except InputError:  # a run of another tool, without samples
        table = read_scores(run, seeds="separate").table.rename_axis(index="task").reset_index()
        return table.melt("task", var_name="model", value_name="live").dropna()
    rows = [
        (model, task, float(samples.meta(task, model)["main_score"]))
        for task in samples.tasks
        for model in samples.files[task]
    ]
    return pd.DataFrame(rows, columns=["model", "task", "live"])


def recomputed(archive: Archive, run: str | PathLike[str]) -> Recomputed:
    """Compare the scores of a run of the study's models with the archive's.

    Parameters
    ----------
    archive : Archive
    run : path-like
        Folder of an evaluation whose models are named ``VARIANT/seed-SEED``.

    Returns
    -------
    Recomputed

    Raises
    ------
    InputError
        If the run and the archive have no score in common.
    """
    live = _live(run)
    runs = by_name(list(live["model"]))
    live = live[live["model"].isin(list(runs))]
    live = live.assign(variant=[runs[m][0] for m in live["model"]], seed=[runs[m][1] for m in live["model"]])
    both = live.merge(archive.table, on=["task", "variant", "seed"])
    if both.empty:
        raise InputError(
            f"{run} and {archive.folder} have no run and task in common; expected models named VARIANT/seed-SEED on tasks of the suite study"
        )
    apart = np.abs(both["live"].to_numpy(float) - both["score"].to_numpy(float))
    worst = both.iloc[int(apart.argmax())]
    return Recomputed(
        len(both), int((apart <= SAME).sum()), len(archive.table), sorted({int(s) for s in both["seed"]}), float(apart.max()),
        f"{worst['model']} on {worst['task']}",
    )  # fmt: skip
