"""What a terminal shows beside numbers: the ranks that each model may have, drawn, and the decided pairs in one paragraph."""

from typing import TYPE_CHECKING

from stats.common import text

from .rows import records

if TYPE_CHECKING:
    from stats import Comparison

_WIDTH = 24
_NAMED = 10


def rank_line(rank: float, low: float, high: float, n_models: int, width: int = _WIDTH) -> str:
    """Draw a rank within the ranks that it may be, 1 at the left and the last at the right.

    Examples
    --------
    >>> rank_line(2, 1, 4, 4, width=4)
    '├●─┤'
    >>> rank_line(4, 4, 4, 4, width=4)
    '   ●'
    """
    if not low <= rank <= high:  # also where one of them is not known
        return ""
    start, place, end = (round((r - 1) / max(n_models - 1, 1) * (width - 1)) for r in (low, rank, high))
    cells = [" "] * start + ["─"] * (end - start + 1)
    cells[start], cells[end] = "├", "┤"
    cells[place] = "●"
    return "".join(cells)


def rank_lines(comparison: "Comparison") -> list[str]:
    """Draw the rank of every model, in the order of the ranking; as many characters wide as there are models, at most 24."""
    pool = max(comparison.n_pool, 2)
    return [rank_line(r.rank, r.rank_low, r.rank_high, pool, min(pool, _WIDTH)) for r in records(comparison.ranks)]


def decided_pairs(comparison: "Comparison") -> str:
    """Name the pairs of which one model is better, the largest differences first; where there is none, say so.

    Examples
    --------
    >>> import embsig
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"a": [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], "b": [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]})
    >>> decided_pairs(embsig.compare(frame, rng=0))
    'Decided, 1 of 1 pair: a over b.'
    """
    pairs = comparison.pairs
    found = pairs[pairs["verdict"].isin(("a", "b"))]
    if found.empty:
        return f"Decided, none of {text.count(len(pairs), 'pair')}."
    order = found["difference"].abs().sort_values(ascending=False, kind="stable").index
    named = []
    for row in records(found.loc[order].head(_NAMED)):
        better, worse = (row.model_a, row.model_b) if row.verdict == "a" else (row.model_b, row.model_a)
        named.append(f"{text.name(better)} over {text.name(worse)}")
    more = f"; and {len(found) - len(named):,} more" if len(found) > len(named) else ""
    return f"Decided, {len(found):,} of {text.count(len(pairs), 'pair')}: {'; '.join(named)}{more}."
