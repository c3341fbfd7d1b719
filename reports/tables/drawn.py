"""What a terminal shows beside numbers: the ranks that each model may have, drawn, and the decided pairs in one paragraph."""

from typing import TYPE_CHECKING

import pandas as pd

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
    """Name the pairs of which one model is better, and count those that are equivalent within the margin; where there is none, say so.

    Of many pairs those are named that say most: of every model, the best first, the nearest below it that it is better than; then
    the next below. What lies further apart follows from them more often than not.

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
    same = int((pairs["verdict"] == "equivalent").sum())
    if found.empty and not same:
        return f"Decided, none of {text.count(len(pairs), 'pair')}."
    named = [f"{text.name(better)} over {text.name(worse)}" for better, worse in _nearest(comparison, found)[:_NAMED]]
    more = f"; and {len(found) - len(named):,} more" if len(found) > len(named) else ""
    within = [f"{same:,} equivalent within the margin of {comparison.method.margin:g}"] if same else []
    said = "; ".join([*([f"{'; '.join(named)}{more}"] if named else []), *within])
    return f"Decided, {len(found) + same:,} of {text.count(len(pairs), 'pair')}: {said}."


def _nearest(comparison: "Comparison", found: pd.DataFrame) -> list[tuple[str, str]]:
    """The better and the worse model of each pair: the nearest worse one of every model, best models first, then the second nearest."""
    place = {name: i for i, name in enumerate(comparison.ranks["model"])}
    first = found["verdict"] == "a"
    better, worse = (found["model_a"].where(keep, found["model_b"]) for keep in (first, ~first))
    order = pd.DataFrame({"better": better.map(place), "worse": worse.map(place)}).sort_values(["better", "worse"])
    order["turn"] = order.groupby("better").cumcount()
    order = order.sort_values(["turn", "better"])
    return list(zip(better.loc[order.index], worse.loc[order.index], strict=True))
