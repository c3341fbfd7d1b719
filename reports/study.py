"""The study's findings as files: the report, the diagrams, the tables, and what the paper published beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from stats import Comparison, Samples, Scores
from stats.common import text
from stats.common.jsonable import json_text
from stats.common.writing import csv_text, write_whole

from . import html_report, save_plot

#: The paper's baseline, against which it tests its other designs.
BASELINE = "model-1"


@dataclass(frozen=True)
class Study:
    """What `write_study` found and wrote.

    Attributes
    ----------
    published : DataFrame
        See `beside_the_paper`; empty without the baseline.
    verdict : list of str
        Three sentences.
    files : list of Path
        The report first.
    """

    published: pd.DataFrame
    verdict: list[str]
    files: list[Path]


def beside_the_paper(
    against: Comparison,
    means: Mapping[str, Sequence[float]],
    significant: Mapping[str, Sequence[str]],
    models: Sequence[str],
) -> pd.DataFrame:
    """Put the paper's family means beside one's own.

    Parameters
    ----------
    against : Comparison
        With the paper's first model as control, and with families.
    means : mapping of str to sequence of float
        Family -> published means of `models`, as fractions.
    significant : mapping of str to sequence of str
        Family -> the models that the paper marks as different from its first one.
    models : sequence of str
        The paper's models; the first is the baseline.

    Returns
    -------
    DataFrame
        One row per family and model: ``family, model, published_mean, published_difference, published_significant, mean,
        difference, low, high, n, pvalue_adjusted, same_direction``; differences are from the baseline, and
        ``same_direction`` is missing where either is zero.
    """
    rows = []
    for family, published in means.items():
        own = against.families.get(family)
        if own is None:
            continue
        ranks = own.ranks.set_index("model")["mean"]
        pairs = {row["model_a"]: row for row in own.pairs.to_dict("records") if row["model_b"] == models[0]}
        for model, mean in zip(models[1:], published[1:], strict=True):
            if model not in pairs:
                continue
            pair = pairs[model]
            theirs, ours = mean - published[0], float(pair["difference"])
            rows.append(
                {
                    "family": family,
                    "model": model,
                    "published_mean": mean,
                    "published_difference": round(theirs, 4),
                    "published_significant": model in significant[family],
                    "mean": ranks[model],
                    "difference": ours,
                    **{key: pair[key] for key in ("low", "high", "n", "pvalue_adjusted")},
                    "same_direction": None if theirs == 0 or ours == 0 else bool(np.sign(theirs) == np.sign(ours)),
                }
            )
    return pd.DataFrame(rows)


def paper_sentence(published: pd.DataFrame) -> str:
    """Say in one sentence how far the directions agree with the paper's, and what that is worth."""
    if published.empty:
        return "None of the paper's comparisons can be set beside these."
    same = published["same_direction"].eq(True)
    marked = published["published_significant"]
    return (
        f"Of the paper's {len(published)} family differences from model 1 (Mistral-7B), {int(same.sum())} point the same way here, "
        f"of the {int(marked.sum())} it marks as significant {int((same & marked).sum())}: a base of a few million parameters shows "
        "the method and cannot speak for a 7B model."
    )


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

    Returns
    -------
    Study
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    published = pd.DataFrame() if published is None else published
    verdict = [comparison.conclusions[0], best_sentence(comparison), paper_sentence(published)]
    report = folder / "report.html"
    html_report(comparison, report, samples=samples, command=command, beside=published)
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
    for name, content in texts.items():
        write_whole(folder / name, content)
        files.append(folder / name)
    return Study(published, verdict, files)
