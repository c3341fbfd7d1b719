"""Near-duplicates by shingles: what share of a text's word 5-grams stands in one other text (Broder 1997)."""

import re
import zlib

import numpy as np
from scipy import sparse

WORDS = 5
_WORD = re.compile(r"[a-z0-9_]+")


def shingles(text: str, words: int = WORDS) -> list[int]:
    """Hash the distinct word n-grams of a text; a shorter text is one shingle.

    Examples
    --------
    >>> len(shingles("one two three four five six"))
    2
    """
    tokens = _WORD.findall(text.lower())
    if not tokens:
        return []
    grams = {" ".join(tokens[i : i + words]) for i in range(max(1, len(tokens) - words + 1))}
    return sorted({zlib.crc32(gram.encode()) for gram in grams})


def _incidence(texts: list[str], columns: dict[int, int], *, grow: bool) -> sparse.csr_array:
    indices: list[int] = []
    starts = [0]
    for text in texts:
        for gram in shingles(text):
            column = columns.setdefault(gram, len(columns)) if grow else columns.get(gram)
            if column is not None:
                indices.append(column)
        starts.append(len(indices))
    data = np.ones(len(indices), np.float32)
    return sparse.csr_array(
        (data, np.array(indices, np.int64), np.array(starts, np.int64)), shape=(len(texts), max(1, len(columns)))
    )


def contained(queries: list[str], known: list[str], *, block: int = 512) -> np.ndarray:
    """Give, per query text, the largest share of its shingles that stands in one single known text.

    Returns
    -------
    ndarray, shape (len(queries),)
        Containment, 0 to 1; 0 for a text without words.

    Examples
    --------
    >>> contained(["a b c d e f"], ["x a b c d e"]).tolist()
    [0.5]
    """
    columns: dict[int, int] = {}
    rows = _incidence(queries, columns, grow=True)
    others = _incidence(known, columns, grow=False)
    others = sparse.csr_array((others.data, others.indices, others.indptr), shape=(len(known), rows.shape[1]))
    sizes = np.maximum(np.diff(rows.indptr), 1)
    best = np.zeros(len(queries))
    transposed = others.T.tocsr()
    for start in range(0, len(queries), block):
        shared = rows[start : start + block] @ transposed
        if shared.shape[1]:
            best[start : start + block] = shared.max(axis=1).toarray().ravel()
    return best / sizes
