"""Checksums of a run's files: equal for equal runs, so without the times that mteb writes into its results."""

import hashlib
import json
from pathlib import Path
from typing import Any

from stats.common.hashing import file_hash

#: Keys of a result that say when and how long.
TIMES = ("date", "evaluation_time", "evaluation_phases", "kg_co2_emissions")


def checksum(path: Path) -> str:
    """SHA-256 of a file's bytes; of a result of mteb, of what it says beside its times."""
    if path.suffix != ".json":
        return file_hash(path)
    said: Any = json.loads(path.read_text(encoding="utf-8"))
    kept = {k: v for k, v in said.items() if k not in TIMES} if isinstance(said, dict) else said
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
