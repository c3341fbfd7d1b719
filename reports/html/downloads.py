"""What a reader can take away from the page."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reports.tables import csv_table

from .data import data_uri, json_document
from .drawings import Drawing

if TYPE_CHECKING:
    from stats import Comparison

#: A download is in the page itself up to this size, in characters; larger ones the script makes from the page's data.
_MOST = 4_000_000
_MOST_JSON = 600_000


@dataclass(frozen=True)
class Download:
    """A file to take away: its name, what it is, and the link that holds it (empty: the script makes it)."""

    file: str
    what: str
    href: str
    maker: str = ""


def downloads(comparison: "Comparison", figures: dict[str, Drawing]) -> list[Download]:
    """List the files that the page holds."""
    files = [
        Download("ranking.csv", "the ranking, full precision", data_uri(csv_table(comparison.ranks), "text/csv")),
        Download("scores.csv", "the scores compared", data_uri(csv_table(comparison.scores.to_frame()), "text/csv")),
    ]
    pairs = data_uri(csv_table(comparison.pairs.round(10)), "text/csv") if len(comparison.pairs) < 30_000 else ""
    if pairs and len(pairs) <= _MOST:
        files.append(Download("pairs.csv", "all pairs", pairs))
    else:
        files.append(Download("pairs.csv", "all pairs, to 6 digits", "", "pairs"))
    if len(comparison.pairs) < 1_000:
        document = data_uri(json_document(replace(comparison, families={}).to_dict()), "application/json")
        if len(document) <= _MOST_JSON:
            files.append(
                Download(
                    "comparison.json",
                    "everything found, as embsig compare --format json prints it, without families",
                    document,
                )
            )
    diagram = figures["critical-difference"]
    drawing = str(diagram.svg).replace("<svg ", '<svg font-family="DejaVu Sans, Verdana, sans-serif" ', 1)
    if len(drawing) < 300_000:
        files.append(Download("critical-difference.svg", "the diagram", data_uri(drawing, "image/svg+xml")))
    return files
