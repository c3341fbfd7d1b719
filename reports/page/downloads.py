"""What a reader can take away from the page."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reports.tables import csv_table

from .drawings import Drawing
from .embedded_data import compressed_uri, data_uri, json_document
from .provenance import without_paths

if TYPE_CHECKING:
    from stats import Comparison

#: The pairs are plain text up to this many characters; more the script writes from its data.
_PLAIN = 60_000
#: The scores are, up to so many: without scripts they are all that the map of scores could show.
_PLAIN_SCORES = 200_000
#: Everything found is packed up to so many pairs: more would be most of the page, and `embsig compare --format json` gives it.
_PAIRS = 300


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
    ]
    scores = csv_table(comparison.scores.to_frame())
    large = len(scores) > _PLAIN_SCORES
    href = "" if large else data_uri(scores, "text/csv")
    files.append(Download("scores.csv", "the scores compared", href, "scores" if large else ""))
    pairs = csv_table(comparison.pairs) if len(comparison.pairs) <= _PAIRS else ""
    if 0 < len(pairs) <= _PLAIN:
        files.append(Download("pairs.csv", "all pairs, full precision", data_uri(pairs, "text/csv")))
    else:
        files.append(Download("pairs.csv", "all pairs, to 7 digits", "", "pairs"))
    if len(comparison.pairs) <= _PAIRS:
        packed = compressed_uri(json_document(without_paths(replace(comparison, families={}).to_dict())))
        what = "everything found, as embsig compare --format json prints it, without families"
        files.append(Download("comparison.json.gz", what, packed))
    diagram = figures["critical-difference"]
    drawing = str(diagram.svg).replace("<svg ", '<svg font-family="DejaVu Sans, Verdana, sans-serif" ', 1)
    if len(drawing) < 60_000:
        files.append(Download("critical-difference.svg", "the diagram", data_uri(drawing, "image/svg+xml")))
    return files
