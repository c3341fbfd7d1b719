"""Hashes of files and of tables."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def table_hash(table: pd.DataFrame, *, higher_is_better: bool) -> str:
    """SHA-256 of a table of scores: names, values and direction, independent of the order of rows and columns."""
    ordered = table.sort_index().sort_index(axis=1)
    digest = hashlib.sha256(json.dumps([list(ordered.index), list(ordered.columns), higher_is_better]).encode())
    digest.update(np.ascontiguousarray(ordered.to_numpy(dtype="<f8") + 0.0).tobytes())
    return digest.hexdigest()
