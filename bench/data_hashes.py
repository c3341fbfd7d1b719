"""The hash of the data of several splits, subsets or tasks, from those of each: what a score's data are called."""

import hashlib
import json
from collections.abc import Iterable


def joined(hashes: Iterable[tuple[str, str, str]]) -> str:
    """One digest of (split, subset, digest); of one alone, its own.

    Examples
    --------
    >>> joined([("test", "default", "ab")])
    'ab'
    """
    flat = sorted(hashes)
    return flat[0][2] if len(flat) == 1 else hashlib.sha256(json.dumps(flat).encode()).hexdigest()


def of_aggregate(parts: Iterable[tuple[str, str]]) -> str:
    """One digest of the (task, digest) of an aggregate's parts."""
    return hashlib.sha256(json.dumps(sorted(parts)).encode()).hexdigest()
