"""How much the parts of the corpus share: the numbers behind the report in the documentation."""

import re
from itertools import combinations

import numpy as np
import pandas as pd

from bench.corpus import SHARES, Corpus, Entry
from bench.corpus.masking import description, summary
from bench.corpus.shingles import contained

#: Shares of a text's 5-word shingles found in one entry of another part that the report counts.
LEVELS = (0.25, 0.4, 0.5)


def leakage(corpus: Corpus) -> pd.DataFrame:
    """Compare the parts of a corpus pairwise.

    Returns
    -------
    DataFrame
        One row per pair of parts: the number of ``entries`` in the first, ``modules`` and ``names`` they share, equal texts
        (``equal``, without case and marks), the largest share of an entry's shingles found in one entry of the second
        (``largest``), and how many entries reach .25, .4 and .5 of it (``at_0.25``, ...).
    """
    rows = []
    for known, held in combinations(SHARES, 2):
        first, second = corpus.part(held), corpus.part(known)
        shares = contained(
            [f"{entry.summary} {entry.description}" for entry in first], [entry.text for entry in second]
        )
        rows.append(
            {
                "part": held,
                "against": known,
                "entries": len(first),
                "modules": len({e.module for e in first} & {e.module for e in second}),
                "names": len({e.name.lower() for e in first} & {e.name.lower() for e in second}),
                "equal": len({_bare(e.text) for e in first} & {_bare(e.text) for e in second}),
                "largest": float(shares.max(initial=0.0)),
                **{f"at_{level}": int(np.count_nonzero(shares >= level)) for level in LEVELS},
            }
        )
    return pd.DataFrame(rows)


def name_leaks(entries: list[Entry]) -> dict[str, int]:
    """Count pairs of summary and description in which the object's own name stands in both, before and after masking."""
    pairs = [entry for entry in entries if entry.is_pair]
    before = sum(_names(entry, entry.summary) and _names(entry, entry.description) for entry in pairs)
    after = sum(_names(entry, summary(entry)) or _names(entry, description(entry)) for entry in pairs)
    return {"pairs": len(pairs), "before": before, "after": after}


def _names(entry: Entry, text: str) -> bool:
    name = entry.name.strip("_")
    return len(name) > 1 and re.search(rf"(?<!\w)_*{re.escape(name)}_*(?!\w)", text, re.IGNORECASE) is not None


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
