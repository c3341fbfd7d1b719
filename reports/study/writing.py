"""The study's findings as files: the report, the diagrams and the tables."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import pandas as pd

from reports import html_report, save_plot
from stats import Comparison, Samples, Scores
from stats.common import text
from stats.common.jsonable import json_text
from stats.common.writing import csv_text, write_whole

from .opening import Opening
from .published import paper_sentence


@dataclass(frozen=True)
class Study:
    """What `write_study` found and wrote.

    Attributes
    ----------
    published : DataFrame
        See `beside_the_paper`; empty without the baseline.
    verdict : list of str
        What is to be said of it, the most important first.
    files : list of Path
        The report first.
    """

    published: pd.DataFrame
    verdict: list[str]
    files: list[Path]


def best_sentence(comparison: Comparison) -> str:
    """Say who ranks first, and from how many others it is told apart: over other tasks, and over other training runs."""
    said = comparison.conclusions[1]
    runs = comparison.further["variance"].get("training_runs")
    if runs is None:
        return said
    first = str(comparison.ranks["model"].iloc[0])
    over_runs = runs.frame.assign(significant=runs.frame["pvalue_adjusted"] <= comparison.method.alpha)
    tasks, training = (
        int(pairs.loc[(pairs["model_a"] == first) | (pairs["model_b"] == first), "significant"].sum())
        for pairs in (comparison.pairs, over_runs)
    )
    return (
        f"{said.removesuffix('.')}; of the {comparison.n_models - 1} others it is told apart from {tasks} over other tasks like "
        f"these, and from {training} over other training runs ({text.count(int(over_runs['seeds_a'].max()), 'seed')} a model)."
    )


def write_study(
    scores: Scores,
    comparison: Comparison,
    folder: str | PathLike[str],
    *,
    published: pd.DataFrame | None = None,
    samples: Samples | None = None,
    command: str | None = None,
    opening: Opening | None = None,
) -> Study:
    """Write the report, the diagrams, the tables and the scores of the study.

    Parameters
    ----------
    scores : Scores
        Variants as models.
    comparison : Comparison
        All variants against one another, overall and per family.
    folder : path-like
        Where to write; made if it is not there.
    published : DataFrame, optional
        The paper's numbers beside these: see `beside_the_paper`.
    samples : Samples, optional
        What every variant did on every sample, for the report's section on the examples that decide.
    command : str, optional
        The command that makes it again.
    opening : Opening, optional
        The study's claims and answers, which the page then opens with.

    Returns
    -------
    Study
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    published = pd.DataFrame() if published is None else published
    verdict = [
        *(opening.sentences if opening else comparison.conclusions[:1]),
        best_sentence(comparison),
        paper_sentence(published),
    ]
    report = folder / "report.html"
    html_report(comparison, report, samples=samples, command=command, beside=published, opening=opening)
    files = [report]
    for kind, ending in (("critical-difference", "svg"), ("critical-difference", "png"), ("family-profile", "svg")):
        files.append(save_plot(kind, comparison, folder / f"{kind}.{ending}"))
    texts = {
        "scores.csv": csv_text(scores.to_frame(long=True)),
        "ranks.csv": csv_text(comparison.ranks),
        "pairs.csv": csv_text(comparison.pairs),
        "beside-the-paper.csv": csv_text(published),
        "comparison.json": json_text(comparison.to_dict()),
    }
    if opening:
        texts |= {"answers.csv": csv_text(opening.answers), "designs-by-family.csv": csv_text(opening.table)}
    for name, content in texts.items():
        write_whole(folder / name, content)
        files.append(folder / name)
    return Study(published, verdict, files)
