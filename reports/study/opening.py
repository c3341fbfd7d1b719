"""What the study's page opens with: its question, its claims and their answers, and one picture of designs and families."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from reports.figures.canvas.save import close
from reports.page.drawings import Drawing
from reports.page.svg import inline_svg
from reports.tables.rows import records
from stats.common import text
from stats.common.text import TYPESET

from .picture import designs_by_family

QUESTION = "Which poolings and attentions make good embeddings, and for which tasks?"


@dataclass(frozen=True)
class Opening:
    """The first part of the study's page.

    Attributes
    ----------
    question : str
    sentences : list of str
        The answer first.
    claims : list of dict
        ``name, claim, verdict, estimate, interval, pvalue, tasks``, as written.
    picture : Drawing
        Designs by families.
    notes : list of str
        What the answers rest on.
    table : DataFrame
        What the picture shows.
    answers : DataFrame
        The claims as numbers.
    """

    question: str
    sentences: list[str]
    claims: list[dict[str, str]]
    picture: Drawing
    notes: list[str]
    table: pd.DataFrame
    answers: pd.DataFrame


def study_opening(
    answers: pd.DataFrame,
    table: pd.DataFrame,
    *,
    sentences: Sequence[str],
    notes: Sequence[str],
    baseline: str,
    names: Mapping[str, str],
) -> Opening:
    """Prepare the first part of the study's page.

    Parameters
    ----------
    answers : DataFrame
        A row a claim: ``name, claim, verdict, estimate, low, high, pvalue, pvalue_adjusted, n_tasks``.
    table : DataFrame
        Designs by families; see `reports.study.picture.designs_by_family`.
    sentences, notes : sequence of str
        The answer in words; what it rests on.
    baseline : str
        The design that the others are compared with.
    names : mapping
        How designs are written.

    Returns
    -------
    Opening
    """
    ax = designs_by_family(table, baseline=baseline, names=dict(names))
    decided = table[(table["low"] > 0) | (table["high"] < 0)]
    said = (
        f"{text.count(table['model'].nunique(), 'design')} less {names.get(baseline, baseline)} in {text.count(table['family'].nunique(), 'family')} "
        f"of tasks; {len(decided)} of {text.count(len(table), 'difference')} exclude 0 with all together."
    )
    try:
        svg = inline_svg(ax, name="designs-by-family", title="Designs by families", description=said)
    finally:
        close(ax)
    claims = [
        {
            "name": str(row.name),
            "claim": str(row.claim),
            "verdict": str(row.verdict),
            "estimate": TYPESET.none if row.estimate != row.estimate else TYPESET.fixed(row.estimate, signed=True),
            "interval": TYPESET.interval(row.low, row.high, signed=True),
            "pvalue": TYPESET.pvalue(row.pvalue_adjusted).removeprefix("p ").removeprefix("= "),
            "tasks": f"{row.n_tasks:,}",
        }
        for row in records(answers)
    ]
    picture = Drawing("designs-by-family", "Designs by families", said, Markup(svg))  # noqa: S704  # escaped by the XML writer
    return Opening(QUESTION, list(sentences), claims, picture, list(notes), table, answers)
