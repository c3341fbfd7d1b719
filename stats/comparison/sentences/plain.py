"""A comparison as Python prints it, and as a notebook shows it."""

import pandas as pd

from ...common import text
from ...notebook import show, table
from ..comparison import Comparison

_ROWS = 20


def as_text(comparison: Comparison) -> str:
    """Conclusions, warnings and the best of the ranking."""
    # A name must not steer a terminal: what does not print is shown as a blank.
    lines = [
        *map(text.visible, comparison.conclusions),
        *(f"Warning: {text.visible(w)}" for w in comparison.warnings),
        "",
    ]
    shown = comparison.ranks.head(_ROWS)
    ranking = pd.DataFrame(
        {
            "rank": shown["rank"],
            "rank set": [text.integers(a, b) for a, b in zip(shown["rank_low"], shown["rank_high"], strict=True)],
            "model": shown["model"].map(text.visible),
            "mean rank": comparison.mean_ranks[:_ROWS],
            "mean": [text.fixed(m, comparison.places) for m in shown["mean"]],
            "interval": [
                text.interval(a, b, comparison.places)
                for a, b in zip(shown["mean_low"], shown["mean_high"], strict=True)
            ],
        }
    )
    lines.append(ranking.to_string(index=False))
    if len(comparison.ranks) > len(shown):
        lines.append(f"... {len(comparison.ranks) - len(shown):,} more models")
    return "\n".join(lines)


def as_html(comparison: Comparison) -> str:
    """Conclusions, warnings, the ranking and, folded, the pairs."""
    said = show(comparison.conclusions, comparison.ranks, warnings=comparison.warnings)
    pairs = table(comparison.pairs)
    return f"{said}\n<details><summary>{text.count(len(comparison.pairs), 'pair')}</summary>\n{pairs}\n</details>"
